"""What others owe and have not done, for whom it is escalated to, and what is expected of them.

A reminder of an office that nobody reaches comes here too, as its owner's: it may be told before it is overdue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.letters.content import Asked, Content, Item, Section
from workflows.letters.duties import case_of, deadline, due, earliest, owed

if TYPE_CHECKING:
    from engine.ladder import Audience
    from engine.letter import Collected, Line
    from workflows.letters.sentences import Sentences


def content(letter: Collected, say: Sentences) -> Content:
    """What it says: under a heading for each capacity in which the reader is told."""
    lines, told_as = letter.lines, audiences(letter.lines)
    expected = " ".join(say(f"expected.{one}") for one in told_as)
    return Content(
        subject=subject(lines, say),
        paragraphs=(say.counted("opening", len(lines)),),
        asked=Asked(expected, by_when(lines, say), say("answer"), say("why")),
        sections=tuple(Section(say(f"audience.{one}"), _items(lines, one, say)) for one in told_as),
    )


def subject(lines: tuple[Line, ...], say: Sentences) -> str:
    """The one task, how late it is or when it is due; of several how many there are."""
    first, name = lines[0], "subject_late" if all_late(lines) else "subject"
    if len(lines) > 1:
        return say(f"{name}_many", count=len(lines))
    return say(f"{name}_one", case=case_of(first, say), days=say.days(abs(first.late)), day=say.day(first.owed.on))


def by_when(lines: tuple[Line, ...], say: Sentences) -> str:
    """At once, where all of it is overdue; else by the first date, as with what nobody else can be reached for."""
    return say("overdue") if all_late(lines) else due(earliest(lines), say)


def all_late(lines: tuple[Line, ...]) -> bool:
    """Whether every date has passed."""
    return all(line.late > 0 for line in lines)


def audiences(lines: tuple[Line, ...]) -> tuple[Audience, ...]:
    """As what the reader is told, in the order of the lines."""
    return tuple(dict.fromkeys(line.audience for line in lines))


def _items(lines: tuple[Line, ...], audience: Audience, say: Sentences) -> tuple[Item, ...]:
    return tuple(Item(case_of(line, say), _details(line, say)) for line in lines if line.audience == audience)


def _details(line: Line, say: Sentences) -> tuple[str, ...]:
    """Who owes it, what is missing, and since when."""
    return say("holder", holder=line.holder), say("missing", owed=owed(line, say)), deadline(line, say)
