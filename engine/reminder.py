"""Reminders as rows: the next rung that is planned for each open deadline, and the rungs that have been climbed.

Only the next rung of a duty is a row (`Plan`); the later ones come from the same pure function (`engine.ladder`). What
was told, and what was overtaken or came to nothing, is kept as evidence (`Told`). The key of a rung names the office,
never a person: who holds it is looked up when the letter is made, and again when it is sent.

Here and in `engine.ladder` values are Structs: thousands are made in a round, and a frozen dataclass of as many fields
takes 1.4 µs to make instead of 0.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Literal, Protocol, TypeAlias

import msgspec

from engine.ladder import Audience, Coming, Progress
from engine.register import Id

Fate: TypeAlias = Literal["due", "told", "superseded"]
"""A rung that was climbed: its letter is still to be made; it stands in a letter; it was overtaken, and by what."""

Telling: TypeAlias = tuple[int, Id, bool]
"""A letter's number, an office that is told in it, and whether as the owner or as somebody above."""

OVERTAKEN, DONE = "overtaken", "done"
"""Why a rung was superseded: a higher one for the same recipient came due, or the duty was done before it was told."""


class Plan(msgspec.Struct, frozen=True):
    """The next rung of a deadline. `known`: the local date since which the deadline is on record."""

    case: str
    name: str
    office: Id
    due: date
    ladder: str
    known: date
    progress: Progress
    coming: Coming

    @property
    def duty(self) -> tuple[str, str, Id, date]:
        """What it is a rung of: case, deadline, the office that owes it, and the due date."""
        return self.case, self.name, self.office, self.due


class Come(msgspec.Struct, frozen=True):
    """A plan whose day has come, with what its duty is climbed by.

    `profile` is the leaf of the case's rules, `follow_up` its follow-up office, `snoozed` the local date before which
    the owner asked not to be reminded.
    """

    plan: Plan
    profile: str
    follow_up: Id | None
    snoozed: date | None


class Told(msgspec.Struct, frozen=True):
    """A rung that was climbed: evidence, never deleted. `owner` owes the duty, `office` was to be told of it.

    `day` is the local date on which it was climbed; `letter` the number of the letter it stands in; `reason` why it was
    superseded.
    """

    case: str
    name: str
    owner: Id
    due: date
    rung: int
    office: Id
    audience: Audience
    day: date
    fate: Fate = "due"
    reason: str | None = None
    letter: int | None = None


class Pending(msgspec.Struct, frozen=True):
    """A rung whose letter is to be made, with what the letter says of its case."""

    told: Told
    workflow: str
    state: str
    title: str


class PlanningReads(Protocol):
    """The part of a reader that looks at plans and evidence."""

    def plans(self, case: str) -> tuple[Plan, ...]:
        """The plans of a case."""

    def come(self, today: date, limit: int) -> tuple[Come, ...]:
        """Plans whose day is a local date or an earlier one, at most `limit`, earliest first."""

    def first_planned(self) -> date | None:
        """The earliest local date on which a rung is planned."""

    def progress(self, case: str, name: str, office: Id, due: date) -> Progress:
        """How far the evidence says that a duty's ladder was climbed."""

    def evidence(self, case: str) -> tuple[Told, ...]:
        """Every rung that was climbed for a case."""

    def untold(self, offices: Iterable[Id]) -> Mapping[Id, Sequence[Pending]]:
        """Rungs whose letters to offices are to be made, of duties that are still owed; longest overdue first."""

    def untold_offices(self) -> tuple[Id, ...]:
        """The offices that are to be told something."""

    def told_offices(self, letter: int) -> Mapping[Id, bool]:
        """The offices whose rungs stand in a letter, and whether anything each is told of is still owed."""

    def off_agenda(self) -> Iterator[Pending]:
        """Rungs for the agenda that stand on none yet, of duties that are still owed."""


class Planning(PlanningReads, Protocol):
    """The part of a transaction that keeps plans and evidence."""

    def keep_plans(self, kept: Iterable[Plan]) -> None:
        """Keep plans of deadlines, each in place of an earlier one."""

    def drop_plan(self, case: str, name: str, office: Id) -> None:
        """The deadline is no longer owed."""

    def keep_told(self, kept: Iterable[Told]) -> None:
        """Keep rungs as evidence; nothing where a rung is already kept, but for one whose duty is owed again."""

    def told_in(self, tellings: Iterable[Telling]) -> None:
        """Every rung that an office is to be told of, as the owner or as somebody above, stands in a letter."""

    def supersede(self, told: Told, reason: str) -> None:
        """A rung is not told, and why."""

    def supersede_done(self) -> None:
        """Rungs whose letter is to be made and whose duty is no longer owed are superseded."""

    def tell_anew(self, letter: int) -> None:
        """What a letter told is to be told by another one."""

    def on_agenda(self, told: Told, meeting: str) -> None:
        """A rung's duty stands on the agenda of a meeting."""

    def put_off_agenda(self, meeting: str) -> None:
        """What stood on the agenda of a meeting stands on none."""
