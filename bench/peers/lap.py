"""One lap of one contestant, in a process of its own: `python -m bench.peers.lap CONTESTANT MODE RECORDS`.

The contestant prepares its records, takes the steps while the stopwatch runs, and then counts in its own store what it
did. A lap that did not take every step, did not write every audit record, or did not sync as the mode says is refused;
otherwise one line of JSON is printed.

Each contestant brings its own driver: ours and raw the `pysqlite3` of the store, the others on SQLite the `sqlite3` of
their Python. Given the driver of the store instead, Django and SQLAlchemy ran as fast, and DBOS stalled on locks.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Protocol

from bench.driver import sqlite
from bench.peers.life import LIFE
from bench.peers.mode import SYNC, Mode

if TYPE_CHECKING:
    from collections.abc import Callable

CHANGES = slice(24, 28)
"""Where a SQLite file counts its commits, in every journal mode but WAL."""


@dataclass(slots=True)
class Stopwatch:
    """Runs while steps are taken, and counts the commits to a SQLite file meanwhile. It may be started again.

    Either `with` it, or by `start` and `stop` where these are far apart.
    """

    database: Path
    seconds: float = 0.0
    commits: int = 0
    _begun: float = field(default=0.0, init=False)
    _before: int = field(default=0, init=False)

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Run from now on."""
        self._before = changes(self.database)
        self._begun = perf_counter()

    def stop(self) -> None:
        """Stop, and add what went by."""
        self.seconds += perf_counter() - self._begun
        self.commits += changes(self.database) - self._before


@dataclass(frozen=True, slots=True)
class Job:
    """What a contestant is asked: so many records through six steps, in a database of its own."""

    folder: Path
    records: int
    mode: Mode
    watch: Stopwatch

    @property
    def database(self) -> Path:
        """The SQLite file to make."""
        return self.watch.database

    @property
    def journal(self) -> str | None:
        """The journal mode to set; None leaves it as it ships."""
        return self.mode.value if self.mode in {Mode.WAL, Mode.DELETE} else None


@dataclass(frozen=True, slots=True)
class Done:
    """What a contestant did, counted in its own store: steps taken, audit records, and how its commits were synced."""

    steps: int
    audits: int
    sync: str


@dataclass(frozen=True, slots=True)
class Lap:
    """What a lap printed. `commits` says something under a rollback journal alone, where the file counts them."""

    seconds: float
    commits: int
    steps: int
    audits: int
    sync: str

    @property
    def pace(self) -> float:
        """Steps per second."""
        return self.steps / self.seconds


class Contestant(Protocol):
    """What a module of `bench.peers` offers."""

    def race(self, job: Job) -> Done:
        """Prepare, take the steps with the stopwatch running, and count."""


def run(contestant: Contestant, mode: Mode, records: int) -> Lap:
    """A lap of a contestant, checked. Raises `ValueError` when it is not what was asked."""
    with tempfile.TemporaryDirectory(prefix="race-") as name:
        watch = Stopwatch(Path(name) / "race.db")
        done = contestant.race(Job(Path(name), records, mode, watch))
    check(done, mode, records)
    return Lap(watch.seconds, watch.commits, **asdict(done))


def check(done: Done, mode: Mode, records: int) -> None:
    """Raise `ValueError` unless every step was taken and recorded, synced as the mode says."""
    asked = records * len(LIFE)
    if (done.steps, done.audits) != (asked, asked):
        raise ValueError(f"took {done.steps} steps and wrote {done.audits} audit records, not {asked}")
    if done.sync != SYNC.get(mode, done.sync):
        raise ValueError(f"synced its commits as {done.sync}, not as {SYNC[mode]}")


def changes(database: Path) -> int:
    """How many commits a SQLite file has seen, by its own count; 0 where there is no file."""
    if not database.exists():
        return 0
    with database.open("rb") as file:
        return int.from_bytes(file.read(CHANGES.stop)[CHANGES])


def sync_of(ask: Callable[[str], object]) -> str:
    """How a connection to SQLite syncs its commits, as `WAL/FULL`; `ask` answers a query of one value.

    In WAL, EXTRA is FULL.
    """
    names = ("OFF", "NORMAL", "FULL", "EXTRA")
    journal, name = str(ask("PRAGMA journal_mode")).upper(), names[int(str(ask("PRAGMA synchronous")))]
    return f"{journal}/{'FULL' if journal == 'WAL' and name == 'EXTRA' else name}"


def asker(connection: sqlite.Connection) -> Callable[[str], object]:
    """Queries of one value, over the driver."""
    return lambda sql: connection.execute(sql).fetchone()[0]


def main(contestant: str, mode: str, records: str) -> None:
    """Run a lap and print it."""
    lap = run(import_module(f"bench.peers.{contestant}"), Mode(mode), int(records))
    print(json.dumps(asdict(lap)))


if __name__ == "__main__":
    main(*sys.argv[1:])
