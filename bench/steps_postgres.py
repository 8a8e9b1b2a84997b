"""Steps per second on a PostgreSQL server, against raw `psycopg` doing the very same work.

As in `bench.steps`: the statements and values of one run are written down and executed again over one bare connection,
on a copy of the same database of the same server, with the same settings and the same hashing; rounds alternate. How
often a step waits for the server is counted in what the driver's library saw on the wire.
"""

from __future__ import annotations

import hashlib
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeAlias

import psycopg
from psycopg import RawCursor

from bench.nation import copy_council, name_of
from bench.server import described, new_database
from bench.steps import LIFE, MEASURES, ROUNDS, prepare, taken
from bench.table import Row
from engine.service import Service, rules_of
from store import SqlStore
from tests.world import COUNCIL, WORKFLOWS, FakeClock, SeededEntropy
from workflows.profile import Profile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

    from psycopg.pq.abc import PGconn

    from tests.world import World

PROCESSES = 4
Statement: TypeAlias = "tuple[str, Any, bool | None]"
"""Its text, its values, and whether it is prepared; where None, as often as the driver sees fit."""

WARM = 60
"""Steps after which every statement is prepared."""
_PREPARE_AFTER = 2
"""As the store has it."""


@dataclass
class Wire:
    """What cursors of this process executed one by one while somebody listened, and over which connections."""

    statements: list[Statement] = field(default_factory=list)
    connections: set[PGconn] = field(default_factory=set)


@contextmanager
def listening() -> Iterator[Wire]:
    """Listen to every cursor as the store has them. Steps execute nothing in bulk."""
    wire, plain = Wire(), RawCursor.execute

    def execute(cursor: Any, query: Any, params: Any = None, *, prepare: bool | None = None, **rest: Any) -> Any:  # noqa: ANN401  # whatever the driver takes
        wire.statements.append((query, params, prepare))
        wire.connections.add(cursor.connection.pgconn)
        return plain(cursor, query, params, prepare=prepare, **rest)

    RawCursor.execute = execute  # type: ignore[method-assign,assignment]  # seen wherever the store makes its cursors
    try:
        yield wire
    finally:
        RawCursor.execute = plain  # type: ignore[method-assign]  # as it was


def steps_postgres() -> list[Row]:
    """The rows of the table: the server, ours against raw, round trips, and four processes."""
    with tempfile.TemporaryDirectory() as name, new_database() as base:
        world, commands = prepare(Path(name) / "base", where=base)
        copy_council(base, [name_of(number) for number in range(1, PROCESSES)])
        statements, waits = _written_down(base, world, commands)
        pairs = [(_ours(base, world, commands), _raw(base, statements)) for _ in range(ROUNDS)]
        rates = [(_together(base, commands, 1), _together(base, commands, PROCESSES)) for _ in range(3)]
        server = described(base)
    ours, raw = median(o for o, _ in pairs), median(r for _, r in pairs)
    ratio, several = median(r / o for o, r in pairs), median(many / one for one, many in rates)
    return [
        Row("steps, PostgreSQL, ours", f"{1e6 / ours:,.0f}/s", f"{ours:.0f} µs a step; {server}"),
        Row("steps, PostgreSQL, raw psycopg", f"{1e6 / raw:,.0f}/s", f"{raw:.0f} µs; the same statements and hashing"),
        Row("steps, PostgreSQL, ratio", f"{ratio:.2f}", f"{ours - raw:.0f} µs over raw (at least 0.6)"),
        Row("round trips of a step", f"{waits:.1f}", "with its beginning and its commit (at most 12)"),
        Row(f"{PROCESSES} processes, each with a council", f"{several:.2f}", "times the steps of one (at least 1.4)"),
    ]  # fmt: skip


def _ours(base: str, world: World, commands: list[Any]) -> float:
    with new_database(base) as url:
        return taken(url, world, commands)


def _written_down(base: str, world: World, commands: list[Any]) -> tuple[list[Statement], float]:
    """The statements of all steps, and the round trips of each once the connection has prepared what it needs."""
    with new_database(base) as url, listening() as wire, tempfile.TemporaryFile() as trace:
        world.reopen(url)
        wire.statements.clear()
        for command in commands[:WARM]:
            world.service.advance(COUNCIL, command)
        for connection in wire.connections:
            connection.trace(trace.fileno())
        for command in commands[WARM:]:
            world.service.advance(COUNCIL, command)
        world.store.close()
        trace.seek(0)
        trips = sum(b"ReadyForQuery" in line for line in trace)
    return wire.statements, trips / (len(commands) - WARM)


def _raw(base: str, statements: list[Statement]) -> float:
    """Microseconds for the statements of a step."""
    settings: dict[str, Any] = {"autocommit": True, "cursor_factory": RawCursor, "prepare_threshold": _PREPARE_AFTER}
    with new_database(base) as url, psycopg.connect(url, **settings) as connection:
        begun = perf_counter()
        for sql, values, prepare in statements:
            if values and sql.startswith("INSERT INTO event"):
                hashlib.sha256(b"\x00" + values[2].encode()).digest()
            done = connection.execute(sql, values, prepare=prepare)
            if done.description:
                done.fetchall()
        spent = perf_counter() - begun
    return spent / (MEASURES * len(LIFE)) * 1e6


def _together(base: str, commands: list[Any], processes: int) -> float:
    """Steps per second of so many processes, each on a council of its own, begun together."""
    context = get_context("spawn")
    with new_database(base) as url:
        pairs = [context.Pipe() for _ in range(processes)]
        started = [_begun(context.Process(target=_take, args=(url, name_of(at), commands, theirs)))
                   for at, (_, theirs) in enumerate(pairs)]  # fmt: skip
        for ours, _ in pairs:
            ours.recv()
        begun = perf_counter()
        for ours, _ in pairs:
            ours.send("go")
        for ours, _ in pairs:
            ours.recv()
        spent = perf_counter() - begun
        for process in started:
            process.join()
    return processes * len(commands) / spent


def _begun(process: SpawnProcess) -> SpawnProcess:
    process.start()
    return process


def _take(url: str, council: str, commands: list[Any], told: Connection) -> None:
    """Take the steps in a council once told to."""
    with SqlStore.open(url) as store:
        service = Service(store, rules_of(WORKFLOWS, Profile.from_json), FakeClock(), SeededEntropy())
        store.councils()
        told.send("ready")
        told.recv()
        for command in commands:
            service.advance(council, command)
    told.send("done")
