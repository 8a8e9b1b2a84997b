"""The names a log has had, and how it takes another: what its events say of that. Pure.

A log that was restored behind what it had signed must not go on under its name: it would sign a second history of the
same length, and whoever saw both could not tell which is right. So it goes on under a new one. The first event under
it, `council.continued`, says which log it continues, after how many events and with which root, what was known of the
part that was lost, and why:

    data.continues = {origin, was, size, root, known: {origin, size, root}}        roots in base64, as in checkpoints
    data.form      = {reason: {remark}}

What was signed under an earlier name still counts, up to the event that left it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.checkpoint import Checkpoint, hash_of
from engine.event import Event
from engine.note import NoteError

OPENED, CONTINUED = "council.opened", "council.continued"

_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class Continued:
    """What an event says of the log: it takes the name `origin`; `left` is what it was until then."""

    origin: str
    left: Checkpoint


@dataclass(frozen=True, slots=True)
class Life:
    """A name of a log, and how many events the log had when it took it."""

    name: str
    since: int


def opened_as(event: Event) -> str | None:
    """The name an event opens a log under; None where it opens none, or says no name."""
    origin = event.data.get("origin")
    return origin if event.type == OPENED and isinstance(origin, str) else None


def continued_as(event: Event) -> Continued | None:
    """What an event says of how the log goes on; None where it says nothing of it, or nothing that makes sense."""
    said = event.data.get("continues") if event.type == CONTINUED else None
    if not isinstance(said, Mapping):
        return None
    match said.get("origin"), said.get("was"), said.get("size"), said.get("root"):
        case str(origin), str(was), int(size), str(root):
            return _continued(origin, was, size, root)
    return None


def names_in(events: Iterable[Event], unnamed: str) -> tuple[str, ...]:
    """The names a log has had, by its events in order, the present one last; `unnamed` where it begins with none."""
    return tuple(life.name for life in lives_in(enumerate(events), unnamed))


def lives_in(events: Iterable[tuple[int, Event]], unnamed: str) -> tuple[Life, ...]:
    """The same with when it took them: `events` are those that may name the log, each with its position (0-based)."""
    lives: list[Life] = []
    for position, event in events:
        if not lives:
            lives.append(Life(opened_as(event) or unnamed, 0))
        if (continued := continued_as(event)) is not None:
            lives.append(Life(continued.origin, position))
    return tuple(lives)


def left(lives: Sequence[Life], first: str, name: str) -> int | None:
    """After how many events a log left a name, or passed it over; None where it has not come so far.

    `first` is the name of its first life, which it need not have itself: then it left that one before its first event.
    """
    number = number_of(first, name)
    not_after = [life.name == name or 0 < number_of(first, life.name) < number for life in lives]
    begins = len(lives) - not_after[::-1].index(True) if True in not_after else 0
    return next((life.since for life in lives[begins:]), None)


def next_name(first: str, taken: Iterable[str]) -> str:
    """The name a log goes on under: that of its beginning with the next free number.

    `taken` are all names that anybody is known to have seen; a number below one of them is not used either.
    """
    return f"{first}/{max((2, *(number + 1 for name in taken if (number := number_of(first, name)))))}"


def number_of(first: str, name: str) -> int:
    """Which life of the log that began under a name another name is: 1 the name itself; 0 where it is another log's."""
    if name == first:
        return 1
    base, _, number = name.rpartition("/")
    return int(number) if base == first and _NUMBER.fullmatch(number) else 0


def _continued(origin: str, was: str, size: int, root: str) -> Continued | None:
    try:
        return Continued(origin, Checkpoint(was, size, hash_of(root)))
    except (ValueError, NoteError):
        return None
