"""A connection to a PostgreSQL server that runs Core statements, and what the product has of its own.

A statement is prepared on the server once it has been seen a few times on a connection, which costs a round trip each.
So that no step waits longer for that than it may, only a few are prepared in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import RawServerCursor
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.dialects.sqlite.dml import OnConflictDoNothing, OnConflictDoUpdate
from sqlalchemy.ext.compiler import compiles

from store.link import Cursor, Link, Product, Value
from store.postgres_faults import in_words, is_of_bytes
from store.postgres_guards import GUARDS, guards_amiss, restore_guards
from store.postgres_locks import lock_of
from store.postgres_pool import Connection
from store.postgres_shape import damage, misshapen

if TYPE_CHECKING:
    from sqlalchemy import ClauseElement, Dialect, Table
    from sqlalchemy.sql.compiler import SQLCompiler

_BATCH = 500
"""Rows fetched at once of what may be more than memory holds."""
_ORDERS: dict[str, tuple[str, ...]] = {}
_NUMBERS = iter(range(2**62))
_FAMILIAR = 2
"""How often a statement has been run on a connection before it is prepared there."""
_PREPARED_AT_ONCE = 2
"""How many are prepared in one transaction at most."""

_DIALECT: Dialect = PGDialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it so
POSTGRES = Product(
    dialect=_DIALECT, error=psycopg.Error, rejects=psycopg.IntegrityError,
    is_of_bytes=is_of_bytes, in_words=in_words, guards=GUARDS, guards_amiss=guards_amiss, restore_guards=restore_guards,
    damage=damage, misshapen=misshapen, texts={},
)  # fmt: skip


@compiles(OnConflictDoNothing, "postgresql")
@compiles(OnConflictDoUpdate, "postgresql")
def _on_conflict(clause: Any, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401  # SQLAlchemy's own
    """The same words in both databases; PostgreSQL could name a constraint too, which SQLite's clause cannot."""
    clause.constraint_target = None
    visit: str = getattr(compiler, f"visit_{clause.__visit_name__}")(clause, **options)
    return visit


class ServerLink(Link):
    """A connection to a server. Values go in the order in which a statement names them, as the protocol has it."""

    __slots__ = ("_orders", "_seen", "_spare", "_streams")

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, POSTGRES)
        self._orders = _ORDERS
        self._seen = connection.seen
        self._spare = _PREPARED_AT_ONCE
        self._streams: list[RawServerCursor[Any]] = []

    def run(self, statement: ClauseElement, /, **values: Value) -> Cursor:
        """Run a statement that lives as long as the program; compiled the first time."""
        text, constants = self._texts.get(statement) or self._compiled(statement)
        given = {**constants, **values} if constants else values
        return self._execute(text, [given[name] for name in self._orders[text]], prepare=self._is_prepared(text))

    def _is_prepared(self, text: str) -> bool:
        """Whether a statement is to be prepared, or has been: it has been seen often enough, and it is its turn."""
        times = self._seen.get(text, 0)
        if times == _FAMILIAR and self._spare:
            self._spare -= 1
            self._seen[text] = times + 1
        elif times < _FAMILIAR:
            self._seen[text] = times + 1
            return False
        return self._seen[text] > _FAMILIAR

    def stream(self, statement: ClauseElement, at_once: int | None = None, /, **values: Value) -> Cursor:
        """Run a statement whose rows may be more than memory holds; the server keeps those that are not read yet."""
        text, constants = self._texts.get(statement) or self._compiled(statement)
        given = {**constants, **values}
        cursor = RawServerCursor(self.connection, f"politirad_{next(_NUMBERS)}")
        cursor.itersize = at_once or _BATCH
        self._streams.append(cursor)
        return cursor.execute(text, [given[name] for name in self._orders[text]])

    def is_held(self, name: str) -> bool:
        """Whether somebody holds the lock of a name; within a transaction that takes it if nobody does."""
        row = self.connection.execute("SELECT pg_try_advisory_xact_lock($1)", [lock_of(name)]).fetchone()
        return not (row and row[0])

    def close_streams(self) -> None:
        """Give back what was not read to its end, while the transaction it belongs to is still there."""
        for cursor in self._streams:
            cursor.close()
        self._streams.clear()

    def each(self, statement: ClauseElement, /, rows: Iterable[Mapping[str, Value]]) -> None:
        """Run a statement once for each row, without waiting for one answer after another."""
        text, constants = self._texts.get(statement) or self._compiled(statement)
        names = self._orders[text]
        given = ({**constants, **row} for row in rows)
        with self.connection.cursor() as cursor:
            cursor.executemany(text, ([row[name] for name in names] for row in given))

    def mark(self) -> None:
        """Remember where a transaction that only reads is, so that it can recover from a statement that fails."""
        self.connection.execute("SAVEPOINT here")

    def recover(self) -> None:
        """Go on reading after a statement has failed, which ends a transaction here; as of the same moment."""
        self.close_streams()
        self.connection.execute("ROLLBACK TO here")

    def load(self, table: Table, names: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
        """Put many rows into a table by COPY, in a third of the time; its triggers see them all the same."""
        columns = ", ".join(f'"{name}"' for name in names)
        with self.connection.cursor() as cursor, cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def _compile(self, statement: ClauseElement) -> tuple[str, dict[str, Value]]:
        compiled: Any = statement.compile(dialect=self.product.dialect)
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        self._orders[str(compiled)] = tuple(compiled.positiontup or ())
        return str(compiled), constants
