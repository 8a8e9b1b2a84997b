"""How a duty reads in a reminder or an escalation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.letters.content import sentence
from workflows.letters.naming import case_name

if TYPE_CHECKING:
    from engine.letter import Line
    from workflows.letters.sentences import Sentences


def case_of(line: Line, say: Sentences) -> str:
    """The case the duty belongs to: Natteravner (M-1)."""
    return case_name(line.owed.case, line.owed.workflow, line.owed.title, say)


def owed(line: Line, say: Sentences) -> str:
    """What is owed, as a sentence: Iverksett det."""
    return sentence(say.words.deadline(line.owed.workflow, line.owed.name))


def due(line: Line, say: Sentences) -> str:
    """When it is or was due, as a sentence: 1. september 2019, for 7 dager siden."""
    return sentence(say.due(line.owed.on, line.late))


def deadline(line: Line, say: Sentences) -> str:
    """The same under its label, for a list."""
    return f"{say('by_when')}: {say.due(line.owed.on, line.late)}."


def earliest(lines: tuple[Line, ...]) -> Line:
    """The duty that is due first."""
    return min(lines, key=lambda line: line.owed.on)
