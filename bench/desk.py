"""What lies on one office's table, while a hundred thousand measures lie on others'."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from bench.startup import against_sqlalchemy
from bench.table import Row
from tests.world import COUNCIL, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.situation import Command

DESK = "politiets_sekretar"
MINE = 50
BATCH = 1_000
RUNS = 15


def desk(others: int) -> list[Row]:
    """The rows of the table: opening, `todo` for one office before and after, listing, and the whole process."""
    with tempfile.TemporaryDirectory() as name:
        world = World(Path(name))
        world.in_force()
        put_on_the_desk(world)
        few = timed(lambda: todo(world))
        begun = time.perf_counter()
        for _ in range(others // BATCH):
            world.service.advance_all(COUNCIL, measures(world, BATCH, "kommunedirektor_melhus"))
        opened = time.perf_counter() - begun
        many = timed(lambda: todo(world))
        listed = timed(lambda: _list(world, MINE + others // BATCH * BATCH), runs=3)
        world.store.close()
        process = against_sqlalchemy(Path(name))
    return [
        Row(f"open {others:,} measures", f"{others / opened:,.0f}/s", f"in transactions of {BATCH:,}"),
        Row("todo of one office, alone", f"{few * 1e3:.2f} ms", f"{MINE} deadlines"),
        Row(f"todo of one office, {others:,} others", f"{many * 1e3:.2f} ms", f"{many / few:.2f} times as long"),
        Row(f"list {others:,} measures", f"{listed:.2f} s", f"{others / listed:,.0f}/s"),
        *process,
    ]


def put_on_the_desk(world: World) -> None:
    """Recommended measures that the office on whose desk we look has to anchor."""
    opened = world.service.advance_all(COUNCIL, measures(world, MINE, DESK))
    cases = [recorded.event.case for recorded in opened]
    world.service.advance_all(
        COUNCIL, (world.command("measure", "recommend", case, decider="politiradet") for case in cases)
    )


def measures(world: World, count: int, implementer: str) -> Iterator[Command]:
    """The commands that propose measures."""
    for number in range(count):
        yield world.command(
            "measure", "propose", decider="politiradssekretar", title=f"Tiltak {number}", theme="preparedness",
            challenge="Flom", goal="Plan", implementer=implementer, follow_up="slt_melhus", deadline="2019-09-01",
            plan="Øve",
        )  # fmt: skip


def todo(world: World) -> None:
    """See what lies on the desk."""
    with world.store.read(COUNCIL) as reader:
        assert len(list(reader.todo(office=DESK))) == MINE


def _list(world: World, expected: int) -> None:
    with world.store.read(COUNCIL) as reader:
        assert len(list(reader.listing(workflow="measure"))) == expected


def timed(run: Callable[[], None], runs: int = RUNS) -> float:
    """The median of several runs, in seconds."""

    def once() -> float:
        begun = time.perf_counter()
        run()
        return time.perf_counter() - begun

    return median(once() for _ in range(runs))
