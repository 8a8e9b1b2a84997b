"""What the annual report needs of a council's record, and which year is meant."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from commands.acts import corrections, effective
from engine.errors import NotFoundError
from workflows.annual_record import Record
from workflows.profile import Profile
from workflows.year import S, number

if TYPE_CHECKING:
    from commands.report import Read
    from engine.ports import Recorded
    from engine.situation import Case
    from workflows.follow_up_rows import Row

READ = ("agreement", "amendment", "measure", "meeting", "year")
"""The workflows whose cases are told of."""

NEAR = 3
"""How many years are named where the one asked for is not kept."""


def asked_year(years: Iterable[Case], asked: int | None, today: date) -> Case:
    """The year that is meant: the one asked for, else the newest that is over or reports, else the current one.

    Raises `NotFoundError` with the nearest years where it is not kept.
    """
    kept = {number(year): year for year in years}
    if not kept:
        raise NotFoundError("No year is kept yet: one is opened as an agreement comes into force. `politirad list`")
    if asked is None:
        told = [n for n, year in kept.items() if n < today.year or year.state in {S.REPORTING, S.CLOSED}]
        return kept[max(told or kept)]
    if asked not in kept:
        near = sorted(sorted(kept, key=lambda n: abs(n - asked))[:NEAR])
        raise NotFoundError(
            f"The council keeps no year {asked}. Near: {', '.join(map(str, near))}."
            " A year is kept while an agreement is in force: `politirad list --workflow year --all`"
        )
    return kept[asked]


def annual_record(year: Case, read: Read, rows: tuple[Row, ...]) -> Record:
    """What is on record of a council, for the report of a year."""
    reader = read.reader
    council, cases = reader.council(), {name: reader.cases(name) for name in READ}
    return Record(
        council=council.id, register=council.register, directory=read.directory, year=year,
        rules=Profile.from_json(reader.profile(year.profile or council.profile)), dates=_dates(reader.events(year.id)),
        cases=cases, versions={case.id: reader.versions(case.id) for case in cases["agreement"]}, rows=rows,
        decisions=tuple(read.decisions.values()), overrides=read.overrides, owed=tuple(reader.todo()),
        events=reader.size(), today=read.today,
    )  # fmt: skip


def _dates(events: Iterable[Recorded]) -> dict[str, date | None]:
    """The date of the newest step of each kind as it counts now: corrected, those taken back left out."""
    events = tuple(events)
    corrected, taken_back = corrections(events), {recorded.event.data.get("annuls") for recorded in events}
    standing = {str(r.event.data["step"]): effective(r, corrected)[0] for r in events if r.leaf not in taken_back}
    return {step: date.fromisoformat(on) if on else None for step, on in standing.items()}
