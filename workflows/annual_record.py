"""What the annual report is made from: a council's record, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from workflows.year import number

if TYPE_CHECKING:
    from engine.acts import Decision, Version
    from engine.ports import Owed
    from engine.register import Id, Register
    from engine.situation import Case
    from workflows.follow_up_rows import Directory, Override, Row
    from workflows.profile import Profile


@dataclass(frozen=True, slots=True)
class Record:
    """What is on record of a council, as far as its annual report tells it. `today` is the local date it is read on.

    `rules` are those pinned to the `year`; `dates` are of its newest step of each kind, as corrected. `rows` are those
    of every measure, agreement and amendment; `versions` are the agreements', by case.
    """

    council: Id
    register: Register
    directory: Directory
    year: Case
    rules: Profile
    dates: Mapping[str, date | None]
    cases: Mapping[str, tuple[Case, ...]]
    versions: Mapping[str, tuple[Version, ...]]
    rows: tuple[Row, ...]
    decisions: tuple[Decision, ...]
    overrides: tuple[Override, ...]
    owed: tuple[Owed, ...]
    events: int
    today: date

    @property
    def number(self) -> int:
        """The calendar year."""
        return number(self.year)

    @property
    def last(self) -> date:
        """The last day of the year."""
        return date(self.number, 12, 31)

    def within(self, day: date | None) -> bool:
        """Whether a known date lies in the year."""
        return day is not None and day.year == self.number
