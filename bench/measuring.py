"""What is measured of a nation at one size."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

import psycopg

from bench.driver import sqlite
from bench.nation import DUE_EACH, TODAY, implementer_of, name_of
from engine.calendar import instant_of
from engine.clockwork import Clockwork
from engine.database_url import is_server
from engine.round import Round

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.nation import Nation

TURNS, CHECKS = 3, 3
"""How many turns, and checks of a whole council, are measured."""
MEGABYTE = 1e6
OFFICE = implementer_of(1)
_TABLES = ("event", "deadline", "plan", "letter")
_WEIGHTS = f"""\
SELECT pg_database_size(current_database()), {", ".join(f"pg_total_relation_size('{table}')" for table in _TABLES)}"""


class Figure(NamedTuple):
    """One figure: what was measured, how much, and in which unit (s, bytes, or none)."""

    what: str
    value: float
    unit: str = ""

    def __str__(self) -> str:
        """The figure as people write it."""
        match self.unit:
            case "s" if self.value < 1:
                return f"{_short(self.value * 1e3)} ms"
            case "bytes" if self.value >= MEGABYTE:
                return f"{_short(self.value / MEGABYTE)} MB"
        return f"{_short(self.value)} {self.unit}".rstrip()


@dataclass
class Measuring:
    """A nation, and what is measured of it at its present size; of steps and desks so many samples."""

    nation: Nation
    samples: int
    random: Random = field(default_factory=lambda: Random(1))  # noqa: S311  # repeatable on purpose

    def __post_init__(self) -> None:
        """Set the clock to the morning on which reminders are due; delivery is measured by itself."""
        world = self.nation.box.world
        world.clock.instant = instant_of(TODAY, time(8))
        self._store, self._service = world.store, world.service
        self._clockwork = Clockwork(world.store, world.clock, Round(world.service, self.nation.box.stationery), None)

    def figures(self) -> Iterator[Figure]:
        """Every figure, in the order of the table."""
        self._clockwork.turn()  # what the steps before called for
        councils = self._store.councils()
        events, deadlines = sum(map(self._size, councils)), sum(map(self._owed, councils))
        yield from (Figure("councils", len(councils)), Figure("open deadlines", deadlines), Figure("events", events))
        turns = [self._turns() for _ in range(TURNS)]
        yield Figure(f"tick, {DUE_EACH} letters due in each council", median(busy for busy, _ in turns), "s")
        yield Figure("tick, nothing due", median(idle for _, idle in turns), "s")
        yield Figure("memory of the process that ticks", _memory(), "bytes")
        yield Figure("advance, one step", self._median(self.samples, self._step), "s")
        yield Figure("todo of one office", self._median(self.samples, self._todo), "s")
        yield Figure("verify one council", self._median(CHECKS, self._verify), "s")
        yield from self._weights(events, deadlines)

    def _weights(self, events: int, deadlines: int) -> Iterator[Figure]:
        """What lies on the disk, indexes and all. A file does not tell what of it is whose."""
        if not is_server(self.nation.where):
            with closing(sqlite.connect(self.nation.where)) as connection:
                ((pages,), (page,)) = (connection.execute(f"PRAGMA page_{of}").fetchone() for of in ("count", "size"))
            size = pages * page
            yield Figure("database", size, "bytes")
            yield Figure("database, for each event", size / events, "bytes")
            return
        with psycopg.connect(self.nation.where, autocommit=True) as connection:
            connection.execute("VACUUM FULL plan, letter")  # which were written again and again to be measured
            ((size, log, owed, planned, letters),) = connection.execute(_WEIGHTS).fetchall()
        yield Figure("database", size, "bytes")
        yield Figure("database, for each event", size / events, "bytes")
        yield Figure("log, an event", log / events, "bytes")
        yield Figure("open deadline with its plan", (owed + planned) / deadlines, "bytes")
        yield Figure("letter", letters / (DUE_EACH * self.nation.councils), "bytes")

    def _turns(self) -> tuple[float, float]:
        """Seconds of a turn that writes every council's letters, and of the one after it."""
        self.nation.again()
        busy, letters = self._turn()
        assert letters == DUE_EACH * self.nation.councils, f"{letters} letters"
        idle, letters = self._turn()
        assert not letters
        return busy, idle

    def _turn(self) -> tuple[float, int]:
        begun = perf_counter()
        done = self._clockwork.turn().done
        assert not done.failed, done.failed
        return perf_counter() - begun, len(done.letters)

    def _median(self, times: int, run: Callable[[str], None]) -> float:
        """The median of seconds it takes in councils taken at random."""
        return median(self._timed(run) for _ in range(times))

    def _timed(self, run: Callable[[str], None]) -> float:
        council = name_of(self.random.randrange(self.nation.councils))
        begun = perf_counter()
        run(council)
        return perf_counter() - begun

    def _step(self, council: str) -> None:
        """A progress report on a measure under way."""
        number = self.random.randrange(self.nation.deadlines) + 1
        decider = implementer_of(number)
        said = self.nation.box.world.command("measure", "report", f"M-{number}", decider=decider, progress="I gang")
        self._service.advance(council, said)

    def _todo(self, council: str) -> None:
        with self._store.read(council) as reader:
            assert list(reader.todo(office=OFFICE))

    def _verify(self, council: str) -> None:
        report = self._store.verify(council)
        assert not report.faults, report.faults[0]

    def _size(self, council: str) -> int:
        with self._store.read(council) as reader:
            return reader.size()

    def _owed(self, council: str) -> int:
        with self._store.read(council) as reader:
            return sum(1 for _ in reader.todo())


def _short(value: float) -> str:
    """A number with one digit after the point where it is small."""
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def _memory() -> int:
    """Bytes of memory this process now has."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) * 1024
