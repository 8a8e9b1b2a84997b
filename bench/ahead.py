"""How long it takes to look five years ahead: one council with 200 measures that nobody does anything about, and many.

The measures' deadlines are spread over the five years; everybody has an address. So reminders grow more from year to
year, which is the worst there can be.
"""

from __future__ import annotations

import tempfile
import time
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from statistics import median_low as median
from typing import TYPE_CHECKING

from bench.driver import sqlite
from bench.table import Row
from engine.ahead import OneCouncil, foresee
from engine.postage import Stationery
from store.schema import metadata
from tests.letterbox import Letterbox
from tests.world import COUNCIL, SECRETARY
from workflows.letters.subjects import SubjectWriter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.situation import Command
    from tests.world import World

MEASURES, YEARS, MANY = 200, 5, 20
PLACES = ("melhus", "midtre_gauldal", "holtalen", "roros", "rennebu", "oppdal")
STATIONERY = Stationery(SubjectWriter(), "politirad@example.no")


def ahead() -> list[Row]:
    """The rows of the table: one council, then many of them, each simulated on a copy."""
    with tempfile.TemporaryDirectory() as name:
        world = council_with_measures(Path(name))
        spent, letters = median(simulated(world) for _ in range(3))
        multiply(Path(name) / "politirad.db", MANY - 1)
        all_spent, _ = simulated(world)
        world.store.close()
    return [
        Row(f"simulate {YEARS} years, {MEASURES} measures", f"{spent:.1f} s", f"{letters:,} letters; at most 5 s"),
        Row(
            f"simulate {MANY} such councils in one database",
            f"{all_spent:.0f} s",
            f"{all_spent / spent:.1f} times as long",
        ),
    ]


def council_with_measures(folder: Path) -> World:
    """A council with an agreement in force and its measures under way."""
    world = Letterbox(folder).world
    world.in_force()
    opened = world.service.advance_all(COUNCIL, _measures(world))
    cases = [recorded.event.case for recorded in opened]
    body = {"decider": "politiradet"}
    world.service.advance_all(COUNCIL, (world.command("measure", "recommend", case, **body) for case in cases))
    for step in ("anchor", "start"):
        deciders = ((case, f"kommunedirektor_{PLACES[at % len(PLACES)]}") for at, case in enumerate(cases))
        world.service.advance_all(COUNCIL, (world.command("measure", step, case, decider=d) for case, d in deciders))
    return world


def multiply(file: Path, more: int) -> None:
    """Put so many further councils into a database, row by row like the one that is in it."""
    with closing(sqlite.connect(file)) as connection, connection:
        for table in metadata.sorted_tables:
            columns = [f'"{column.name}"' for column in table.columns if column.computed is None][1:]
            for number in range(more if table.name != "beat" else 0):
                connection.execute(
                    f'INSERT INTO "{table.name}" (council, {", ".join(columns)}) '  # noqa: S608  # names of our tables
                    f'SELECT \'{COUNCIL}_{number}\', {", ".join(columns)} FROM "{table.name}" WHERE council = ?',
                    (COUNCIL,),
                )  # fmt: skip


def simulated(world: World) -> tuple[float, int]:
    """Seconds to look ahead for every council of a database, in one copy of it; and the letters of them all."""
    begun, until, letters = time.perf_counter(), date(2018 + YEARS, 10, 4), 0
    with tempfile.TemporaryDirectory() as name, world.store.copy_to(Path(name) / "copy.db") as copy:
        for council in copy.councils():
            service = replace(world.service, store=OneCouncil(copy, council))
            letters += len(foresee(service, STATIONERY, until, lambda *_: None).letters)
    return time.perf_counter() - begun, letters


def _measures(world: World) -> Iterator[Command]:
    for number in range(MEASURES):
        due = date(2018, 11, 1) + timedelta(days=number * YEARS * 365 // MEASURES)
        place = PLACES[number % len(PLACES)]
        yield world.command(
            "measure", "propose", decider="politiradssekretar", title=f"Tiltak {number}", theme="preparedness",
            challenge="Flom", goal="Plan", implementer=f"kommunedirektor_{place}", follow_up=f"slt_{place}",
            deadline=due.isoformat(), plan="Øve", person=SECRETARY,
        )  # fmt: skip
