"""The daily reminder: everything a person owes, office by office, the most urgent first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.letters.content import Asked, Content, Item, Section
from workflows.letters.duties import case_of, deadline, due, earliest, owed

if TYPE_CHECKING:
    from engine.letter import Collected, Line
    from workflows.letters.sentences import Sentences


def content(letter: Collected, say: Sentences) -> Content:
    """What it says."""
    lines = letter.lines
    return Content(
        subject=subject(lines, say),
        paragraphs=(say.counted("opening", len(lines)),),
        asked=asked(lines, say),
        sections=tuple(Section(holder, _items(lines, holder, say)) for holder in holders(lines)),
        offices=holders(lines),
    )


def subject(lines: tuple[Line, ...], say: Sentences) -> str:
    """What one task is and when it is due; of several how many, and how many are late."""
    first, late = lines[0], sum(line.late > 0 for line in lines)
    if len(lines) == 1:
        name = "subject_late" if late else "subject"
        return say(f"{name}_one", case=case_of(first, say), day=say.day(first.owed.on))
    if late:
        return say("subject_late_many", late=late, count=len(lines))
    return say("subject_many", count=len(lines), day=say.day(earliest(lines).owed.on))


def asked(lines: tuple[Line, ...], say: Sentences) -> Asked:
    """What is to be done: the one thing itself, or the list."""
    first, answer, why = earliest(lines), say("answer"), say.counted("why", len(lines))
    if len(lines) == 1:
        return Asked(owed(first, say), due(first, say), answer, why)
    return Asked(say("asked_many"), say("due_many", day=say.day(first.owed.on)), answer, why)


def holders(lines: tuple[Line, ...]) -> tuple[str, ...]:
    """The offices that owe something, the one with the most urgent duty first."""
    return tuple(dict.fromkeys(line.holder for line in lines))


def _items(lines: tuple[Line, ...], holder: str, say: Sentences) -> tuple[Item, ...]:
    own = (line for line in lines if line.holder == holder)
    return tuple(Item(case_of(line, say), (owed(line, say), deadline(line, say))) for line in own)
