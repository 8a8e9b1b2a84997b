"""Proof: verifying a million events, proving one of them, and what checkpoints cost a step.

The log is a real council's, followed by the life of one real measure again and again under other numbers, each chain
with its own links; written by SQL, since taking a million steps would take an hour. Verifying is measured on an export
of it, in a process of its own, against a loop that only reads, parses and hashes the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from contextlib import closing
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from bench.driver import sqlite
from bench.steps import ROUNDS, copy_of, prepare, taken
from bench.table import Row
from engine.event import FIRST
from engine.exported import verify_export
from engine.folder import EVENTS
from engine.proof import prove
from tests.notary import Notary
from tests.world import COUNCIL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from multiprocessing.connection import Connection

MANY, FEW = 1_000_000, 100_000
LIFE = ("recommend", "anchor", "start", "report", "implement")


class Measured(NamedTuple):
    """Seconds of the bare loop and of verifying, how many events, and the megabytes of memory it took at most."""

    bare: float
    spent: float
    events: int
    memory: int

    @property
    def each(self) -> float:
        """Microseconds an event."""
        return self.spent / self.events * 1e6


def proof() -> list[Row]:
    """The rows of the table: verifying, replaying, proving."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        notary, lives = _council(folder / "council")
        few = _exported(notary, lives, FEW, folder)
        small = _apart(few)
        shutil.rmtree(few)
        replaying = _replaying(notary)
        many = _exported(notary, lives, MANY, folder)
        large = _apart(many)
        proving = _proving(notary)
        notary.world.store.close()
    return [*_verifying(small, large), replaying, proving, _stepping()]


def _council(folder: Path) -> tuple[Notary, list[str]]:
    """A council with a key, and the bodies of one measure's life, which is taken out of its log again."""
    folder.mkdir()
    notary = Notary(folder)
    world = notary.world
    case = world.measure()
    for step in LIFE:
        given = {"progress": "I gang"} if step == "report" else {"done": "Ferdig"} if step == "implement" else {}
        decider = "politiradet" if step == "recommend" else "kommunedirektor_melhus"
        world.take("measure", step, case, decider=decider, **given)
    with world.store.read(COUNCIL) as reader:
        return notary, [recorded.body for recorded in reader.events(case)]


def _lives(life: list[str], first: int) -> Iterator[str]:
    """The life of a measure again and again, under other numbers."""
    number = first
    while True:
        prev = FIRST
        for body in life:
            told = body.replace('"case":"M-1"', f'"case":"M-{number}"', 1)
            at = told.index('"prev":"') + len('"prev":"')
            told = f"{told[:at]}{prev}{told[at + len(FIRST) :]}"
            prev = hashlib.sha256(b"\x00" + told.encode()).hexdigest()
            yield told
        number += 1


def _exported(notary: Notary, life: list[str], size: int, folder: Path) -> Path:
    """The council's log grown to a size, sealed and exported; the export's folder."""
    world = notary.world
    with world.store.read(COUNCIL) as reader:
        have = reader.size()
        started = max((int(case.id[2:]) for case in reader.cases("measure")), default=0)
    world.store.close()
    with closing(sqlite.connect(world.folder / "politirad.db", isolation_level=None)) as connection:
        _append(connection, islice(_lives(life, started + have), size - have), have)
    world.reopen(world.folder / "politirad.db")
    notary.seal()
    return notary.export(str(folder / f"export-{size}"))


def _append(connection: sqlite.Connection, bodies: Iterable[str], position: int) -> None:
    connection.execute("PRAGMA synchronous = OFF")
    rows = (
        (COUNCIL, at, body, hashlib.sha256(b"\x00" + body.encode()).digest())
        for at, body in enumerate(bodies, position)
    )
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO event (council, pos, body, leaf) VALUES (?, ?, ?, ?)", rows)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _apart(export: Path) -> Measured:
    """Verify an export in a process of its own, so that its memory is its own."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_measure, args=(export, theirs))
    process.start()
    found: Measured = ours.recv()
    process.join()
    return found


def _measure(export: Path, told: Connection) -> None:
    pairs = [(_bare(export), *_whole(export)) for _ in range(3)]
    bare, spent = (median(pair[at] for pair in pairs) for at in (0, 1))
    told.send(Measured(bare, spent, pairs[0][2], _memory()))


def _memory() -> int:
    """Megabytes this process has had at most. `getrusage` would count its parent's, from whom it was forked."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) // 1024


def _bare(export: Path) -> float:
    """Seconds to read, parse and hash the same bytes, and nothing else."""
    begun = perf_counter()
    with (export / EVENTS).open("rb") as file:
        for line in file:
            json.loads(line)
            hashlib.sha256(b"\x00" + line[:-1]).digest()
    return perf_counter() - begun


def _whole(export: Path) -> tuple[float, int]:
    """Seconds to verify an export, every check on; and how many events it has."""
    begun = perf_counter()
    report = verify_export(export)
    spent = perf_counter() - begun
    if report.faults:
        raise AssertionError(f"the export is not in order: {report.faults[0]}")
    return spent, report.events


def _verifying(small: Measured, large: Measured) -> list[Row]:
    ratio, growth = large.bare / large.spent, large.each / small.each
    return [
        Row(f"verify an export of {large.events:,} events", f"{large.spent:.1f} s", f"{large.each:.1f} µs an event"),
        Row("verify, against reading, parsing, hashing", f"{ratio:.2f}", "every check on; at least 0.28"),
        Row(f"verify, an event against one of {small.events:,}", f"{growth:.2f}", "times as long"),
        Row("memory of that", f"{large.memory} MB", "at most 200 MB"),
    ]


def _replaying(notary: Notary) -> Row:
    """What comparing the views costs beside following the log: their replay into another database."""
    world = notary.world
    world.store.rebuild(COUNCIL)
    begun = perf_counter()
    report = world.store.verify(COUNCIL)
    whole = perf_counter() - begun
    if report.faults:
        raise AssertionError(f"the record is not in order: {report.faults[0]}")
    return Row(
        f"verify the database of {report.events:,} events", f"{whole:.1f} s",
        f"{whole / report.events * 1e6:.0f} µs an event, nearly all of it the replay of the views",
    )  # fmt: skip


def _stepping() -> Row:
    """Steps of a council that makes checkpoints, against those of one that makes none; rounds alternate."""
    with tempfile.TemporaryDirectory() as name:
        sides = [Path(name) / side for side in ("with", "without")]
        for side in sides:
            side.mkdir()
        prepared = [prepare(side / "base", "WAL", sealed=side.name == "with") for side in sides]
        rounds = [
            [taken(copy_of(side), *work, "WAL") for side, work in zip(sides, prepared, strict=True)]
            for _ in range(ROUNDS)
        ]
    ratio = median(sealed / plain for sealed, plain in rounds)
    return Row("steps with checkpoints on", f"{ratio:.2f}", "times as long as without")


def _proving(notary: Notary) -> Row:
    """The proof of an event in the middle, from the database."""
    with notary.world.store.read(COUNCIL) as reader:
        sealed = reader.newest_checkpoint()
        assert sealed is not None
        begun = perf_counter()
        prove(sealed.size // 2, sealed.note, reader.blocks(), reader.leaves)
        spent = perf_counter() - begun
    return Row(f"prove one event of {sealed.size:,}", f"{spent * 1000:.0f} ms", "from the database; at most 1 s")
