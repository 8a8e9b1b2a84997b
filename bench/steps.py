"""Steps per second through the public service, against raw `sqlite3` doing the very same work.

The statements and values of one run are written down and then executed again by a bare loop over the driver, on a
copy of the same database, with the same settings and the same hashing. Rounds alternate, so that a machine whose
speed drifts does not favour either side; what is printed are medians.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from bench.driver import sqlite
from bench.table import Row
from tests.notary import Notary
from tests.world import COUNCIL, World

ROUNDS = 7
MEASURES = 60
SETTINGS = ("foreign_keys = ON", "synchronous = EXTRA", "secure_delete = ON", "recursive_triggers = ON")
LIFE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("recommend", {"decider": "politiradet"}),
    ("anchor", {"decider": "kommunedirektor_melhus"}),
    ("start", {"decider": "kommunedirektor_melhus"}),
    ("report", {"decider": "kommunedirektor_melhus", "progress": "To kvelder i uken"}),
    ("implement", {"decider": "kommunedirektor_melhus", "done": "Gjennomført hver helg"}),
    ("return", {"decider": "slt_melhus", "reason": "Mangler rapport"}),
)
"""Six steps of a measure's life, one commit each."""

Statement = tuple[str, Any]


class Recording(sqlite.Connection):
    """A connection that writes down what it executes."""

    statements: list[Statement] = []  # noqa: RUF012  # one list for the whole run is the purpose

    def execute(self, sql: str, values: Any = ()) -> Any:  # noqa: ANN401  # whatever the driver takes
        """Execute, and write it down."""
        self.statements.append((sql, values))
        return super().execute(sql, values)


def steps(journal: str) -> list[Row]:
    """The rows of the table for a journal mode."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        world, commands = prepare(folder / "base", journal)
        statements = written_down(folder, world, commands, journal)
        pairs = [
            (taken(copy_of(folder), world, commands, journal), _raw(copy_of(folder), statements, journal))
            for _ in range(ROUNDS)
        ]
    ours, raw = median(o for o, _ in pairs), median(r for _, r in pairs)
    ratio = median(r / o for o, r in pairs)
    name = f"steps, {journal}/EXTRA"
    count = len(statements) / len(commands)
    return [
        Row(f"{name}, ours", f"{1e6 / ours:,.0f}/s", f"{ours:.0f} µs a step"),
        Row(f"{name}, raw sqlite3", f"{1e6 / raw:,.0f}/s", f"{raw:.0f} µs; the same statements and hashing"),
        Row(f"{name}, ratio", f"{ratio:.2f}", f"{ours - raw:.0f} µs over raw; {count:.1f} statements a step"),
    ]


def prepare(
    folder: Path,
    journal: str | None = None,
    *,
    where: str | None = None,
    measures: int = MEASURES,
    sealed: bool = False,
) -> tuple[World, list[Any]]:  # fmt: skip
    """A council with measures, and the steps to take; `sealed`: a key is announced, and a checkpoint made.

    `where` is the URL of a database; without, it is a file in the folder.
    """
    folder.mkdir()
    world = World(folder, journal, where)
    world.in_force()
    if sealed:
        Notary(world).seal()
    cases = [world.measure() for _ in range(measures)]
    commands = [world.command("measure", step, case, **options) for case in cases for step, options in LIFE]
    world.store.close()
    return world, commands


def copy_of(folder: Path) -> Path:
    """A copy of the database in the folder's `base`, in a new folder beside it."""
    target = Path(tempfile.mkdtemp(dir=folder)) / "politirad.db"
    shutil.copy(folder / "base" / "politirad.db", target)
    return target


def written_down(folder: Path, world: World, commands: list[Any], journal: str) -> list[Statement]:
    """What ours executes for the commands, on a copy of the database."""
    plain, Recording.statements = sqlite.connect, []
    sqlite.connect = lambda *args, **rest: plain(*args, **{**rest, "factory": Recording})
    try:
        taken(copy_of(folder), world, commands, journal)
    finally:
        sqlite.connect = plain
    return [item for item in Recording.statements if not item[0].startswith("PRAGMA")]


def taken(where: Path | str, world: World, commands: list[Any], journal: str | None = None) -> float:
    """Microseconds a step."""
    world.reopen(where, journal)
    begun = time.perf_counter()
    for command in commands:
        world.service.advance(COUNCIL, command)
    spent = time.perf_counter() - begun
    world.store.close()
    return spent / len(commands) * 1e6


def _raw(path: Path, statements: list[Statement], journal: str) -> float:
    """Microseconds for the statements of a step."""
    connection = connected(path, journal)
    begun = time.perf_counter()
    replay(connection, statements)
    spent = time.perf_counter() - begun
    connection.close()
    return spent / (MEASURES * len(LIFE)) * 1e6


def connected(path: Path, journal: str) -> sqlite.Connection:
    """A bare connection with the settings of the store."""
    connection = sqlite.connect(path, isolation_level=None)
    for setting in (f"journal_mode = {journal}", *SETTINGS):
        connection.execute(f"PRAGMA {setting}")
    return connection


def replay(connection: sqlite.Connection, statements: list[Statement]) -> None:
    """Execute what was written down, and hash what was hashed."""
    for sql, values in statements:
        if "body" in values:
            hashlib.sha256(b"\x00" + values["body"].encode()).digest()
        connection.execute(sql, values).fetchall()
