"""Copying a database into another one, of whichever product: every table, row by row, in bounded batches.

The source is read at one moment and must be still meanwhile. Each batch is a transaction of its own, so until the end
the destination bears the mark of an unfinished copy, which nobody opens; a copy that was broken off is thrown away by
the next one. Views are copied like the records, and then held against a projection of the copied log: projecting into
a server would take a round trip for each statement. Events go through the triggers that guard the log.

Before the mark is taken off, every row at both ends has gone through one hash, both records were verified, and both
logs have the same Merkle root.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias

import msgspec
from sqlalchemy import Table, func, select

import store.tables  # noqa: F401  # fills the metadata
from engine.errors import BytesChangedError, PolitiradError, StoreUnavailableError, UsageError
from engine.merkle import root_of
from store.copy_target import Database, begin, check, finish, place
from store.councils import COUNCILS
from store.documents import chunk
from store.link import Link, Memory, Value
from store.log import LOGS, SIZE
from store.rebuild import Progress
from store.schema import metadata
from store.scratch import scratch
from store.tree import TreeReads

Bars: TypeAlias = Callable[[str], Progress]
"""Makes the progress of a piece of work from its name."""
Row: TypeAlias = "Sequence[Value]"

MOST_ROWS = 1000
"""Rows of a batch at most,"""
MOST_BYTES = 4 * 1024 * 1024
"""and no more once it holds so many bytes."""
FEW = 4
"""Rows that hold a MiB each, fetched at once."""

TABLES: tuple[Table, ...] = tuple(metadata.sorted_tables)
"""Every table, each after those it refers to."""
_COLUMNS = {table.name: [c for c in table.columns if c.computed is None] for table in TABLES}
_ROWS = {table.name: select(*_COLUMNS[table.name]).order_by(*table.primary_key.columns) for table in TABLES}
_COUNTS = {table.name: select(func.count()).select_from(table) for table in TABLES}


@dataclass(frozen=True, slots=True)
class Copied:
    """A council's log as it is at both ends: how many events, and their Merkle root."""

    council: str
    events: int
    root: bytes


class NotCopiedError(PolitiradError):
    """A record is not in order. Says which of `verify`'s exit codes it comes to."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.exit_code = code


def copy_database(source: Database, target: Database, bars: Bars) -> tuple[Copied, ...]:
    """Copy a database into an empty one, or anew into one that an earlier copy has left unfinished.

    Raises `UsageError` where the destination holds something or is the source, `StoreUnavailableError` where a clock
    serves one of them or somebody writes to the source, `NotCopiedError` where a record is not in order, and
    `BytesChangedError` where the copy is not what was copied.
    """
    if source.identity() == target.identity():
        raise UsageError(f"{place(target)} is the database itself. Name another place.")
    check(target)
    with ExitStack() as stack:
        for database in (source, target):
            if not stack.enter_context(database.clock_lock(shared=False))():
                raise StoreUnavailableError(
                    f"A clock serves {place(database)}, or another copy is made of it. Stop `politirad serve` and the "
                    "workers first; nothing was copied."
                )
        link = stack.enter_context(source.reading())
        found = tuple(verified(link, council, source, bars) for council in _councils(link))
        begin(target)
        sums = fill(link, target, bars("copy"))
        _check_copy(target, sums, found, bars)
        _check_still(source, found)
        finish(target)
    return found


def fill(source: Link, target: Database, progress: Progress) -> Mapping[str, bytes]:
    """Copy every row into empty tables, a transaction for each batch; for each table the hash of its rows."""
    done, total = 0, sum(_count(source, table) for table in TABLES)
    sums = dict[str, bytes]()
    for table in TABLES:
        digest = sha256()
        for batch in _batches(rows_of(source, table)):
            with target.writing() as link:
                load(link, table, batch)
            for row in batch:
                digest.update(msgspec.msgpack.encode(row))
            done += len(batch)
            progress(done, total)
        sums[table.name] = digest.digest()
    return sums


def rows_of(link: Link, table: Table) -> Iterable[Row]:
    """Every row of a table in the order of its key, without what the database computes."""
    rows: Iterable[Row] = link.stream(_ROWS[table.name], FEW if table is chunk else None)
    return rows


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Rows in lists of a bounded number and size."""
    batch, size = list[Row](), 0
    for row in rows:
        batch.append(row)
        size += sum(len(value) for value in row if isinstance(value, (str, bytes)))
        if len(batch) >= MOST_ROWS or size >= MOST_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def load(link: Link, table: Table, batch: list[Row]) -> None:
    """Put a batch of rows into a table."""
    link.load(table, [column.name for column in _COLUMNS[table.name]], batch)


def _sum(link: Link, table: Table) -> bytes:
    digest = sha256()
    for row in rows_of(link, table):
        digest.update(msgspec.msgpack.encode(row))
    return digest.digest()


def _count(link: Link, table: Table) -> int:
    return int(link.run(_COUNTS[table.name]).fetchone()[0])


def _councils(link: Link) -> tuple[str, ...]:
    """The councils with a log, and those that only a view tells of."""
    return tuple(sorted({str(council) for ask in (LOGS, COUNCILS) for (council,) in link.run(ask).fetchall()}))


def verified(link: Link, council: str, database: Database, bars: Bars) -> Copied:
    """What a council's log comes to. Raises `NotCopiedError` where its record is not in order."""
    from store.verification import Verification

    with scratch() as replay:
        report = Verification(link, replay, council, bars(f"verify {council}")).report()
    if report.faults:
        first = next(fault for fault in report.faults if fault.exit_code == report.exit_code)
        raise NotCopiedError(
            report.exit_code,
            f"{council} in {place(database)} is not in order: {first.where}: {first.what}. The copy was not made; "
            "`politirad verify` shows everything that is wrong.",
        )
    return Copied(council, report.events, root_of(TreeReads(link, council, Memory()).leaves()))


def _check_copy(target: Database, sums: Mapping[str, bytes], found: tuple[Copied, ...], bars: Bars) -> None:
    """Look through the copy. Raises `BytesChangedError` where it is not what was copied."""
    with target.reading() as link:
        unlike = [table.name for table in TABLES if _sum(link, table) != sums[table.name]]
        if unlike or tuple(verified(link, council, target, bars) for council in _councils(link)) != found:
            raise BytesChangedError(
                f"The copy in {place(target)} is not what was copied ({', '.join(unlike) or 'the roots differ'}), so "
                "it stays unfinished. Run the command again; if that does not help, look at the disk and the server."
            )


def _check_still(source: Database, found: Iterable[Copied]) -> None:
    """Raises `StoreUnavailableError` where events came to the source that the copy does not have."""
    with source.reading() as link:
        sizes = {council: int(link.run(SIZE, council=council).fetchone()[0]) for council in _councils(link)}
    new = sum(sizes.values()) - sum(copied.events for copied in found)
    if new or len(sizes) != len(tuple(found)):
        raise StoreUnavailableError(
            f"{place(source)} was written to while it was copied: {new} events are not in the copy, so it stays "
            "unfinished. Stop whoever works with it, and run the command again."
        )
