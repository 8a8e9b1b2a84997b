"""Everything that is PostgreSQL's own: the driver, how a server is reached, how a council's log is locked.

- *Driver*: psycopg 3, with its own pool; each transaction has a connection of its own while it lasts.
- *Order of the log*: whoever writes takes the council's advisory lock first, under READ COMMITTED, so that what is read
  under the lock is what was committed last. A snapshot taken before the lock would be too old (measured: 3 of 4
  appends failed under REPEATABLE READ). Councils do not wait for one another.
- *Reading*: REPEATABLE READ, so that a reader sees one moment.
- *synchronous_commit=on*, whatever the server's default: what is acknowledged is on disk.
- Whoever holds a council's lock and says nothing for 15 seconds (stopped, or cut off) loses it with its transaction.
- BEGIN, settings and lock travel together, so beginning costs one round trip.
- Nothing outlives a transaction on a connection but prepared statements, and they are off where the URL says
  `?prepare=off`, so a pool in front that hands out servers by transaction (PgBouncer) will do.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import RawCursor, RawServerCursor
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.dialects.sqlite.dml import OnConflictDoNothing, OnConflictDoUpdate
from sqlalchemy.ext.compiler import compiles

from engine.database_url import DatabaseUrl
from engine.errors import UsageError
from store.clock_lock import Held
from store.description import Description
from store.link import Cursor, Link, Product, Value
from store.postgres_faults import busy, explained, in_words, is_of_bytes
from store.postgres_guards import GUARDS, guards_amiss, restore_guards
from store.postgres_shape import damage, misshapen

if TYPE_CHECKING:
    from sqlalchemy import ClauseElement, Dialect
    from sqlalchemy.sql.compiler import SQLCompiler

    from engine.hand import Hand

MOST_CONNECTIONS = 8
"""Connections one process opens at most; whoever needs another waits. Senders of letters hold one only briefly."""
SILENCE = 15.0
"""Seconds after which a transaction that writes is given up by the server if its process says nothing in between."""
_BATCH = 500
"""Rows fetched at once of what may be more than memory holds."""
_PREPARE_AFTER = 2
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_WRITE = """\
BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL synchronous_commit = on; SET LOCAL lock_timeout = {wait}; \
SET LOCAL idle_in_transaction_session_timeout = {silence}; SELECT pg_advisory_xact_lock({lock})"""
_HOLD = """\
BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0; SELECT pg_try_advisory_xact_lock{shared}({lock})"""

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

    __slots__ = ("_orders", "_streams")

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        super().__init__(connection, POSTGRES)
        self._orders = _ORDERS
        self._streams: list[RawServerCursor[Any]] = []

    def run(self, statement: ClauseElement, /, **values: Value) -> Cursor:
        """Run a statement that lives as long as the program; compiled the first time."""
        text, constants = self._texts.get(statement) or self._compiled(statement)
        given = {**constants, **values} if constants else values
        return self._execute(text, [given[name] for name in self._orders[text]])

    def stream(self, statement: ClauseElement, /, **values: Value) -> Cursor:
        """Run a statement whose rows may be more than memory holds; the server keeps those that are not read yet."""
        text, constants = self._texts.get(statement) or self._compiled(statement)
        given = {**constants, **values}
        cursor = RawServerCursor(self.connection, f"politirad_{next(_NUMBERS)}")
        cursor.itersize = _BATCH
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

    def _compile(self, statement: ClauseElement) -> tuple[str, dict[str, Value]]:
        compiled: Any = statement.compile(dialect=self.product.dialect)
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        self._orders[str(compiled)] = tuple(compiled.positiontup or ())
        return str(compiled), constants


_ORDERS: dict[str, tuple[str, ...]] = {}
_NUMBERS = iter(range(2**62))


class Postgres:
    """A database on a PostgreSQL server. Threads may share it. The same methods as `store.sqlite.Sqlite`."""

    def __init__(
        self, url: DatabaseUrl, *, timeout: float = 10.0, most: int = MOST_CONNECTIONS, silence: float = SILENCE
    ) -> None:
        self.url = url
        self.timeout = timeout
        self.silence = silence
        self._most = most
        self._process, self._pool = os.getpid(), self._new_pool()

    @contextmanager
    def reading(self) -> Iterator[Link]:
        """A transaction that sees the database as it stood when it first read."""
        with self._transaction(_READ) as link:
            yield link

    @contextmanager
    def writing(self, council: str = "") -> Iterator[Link]:
        """The one transaction that writes a council's log; waits for others. Commits unless an exception leaves it."""
        wait, silence = (max(1, int(seconds * 1000)) for seconds in (self.timeout, self.silence))
        with self._transaction(_WRITE.format(wait=wait, silence=silence, lock=lock_of(council))) as link:
            yield link
            link.connection.execute("COMMIT")

    @contextmanager
    def idle(self) -> Iterator[Link]:
        """A connection outside any transaction."""
        with self._connection() as connection:
            yield ServerLink(connection)

    def describe(self) -> Description:
        """What is known of the server."""
        with self.reading() as link:
            ((version,),) = link.connection.execute("SELECT current_setting('server_version')").fetchall()
        return Description(self.url, str(version).split()[0], "SERVER")

    @contextmanager
    def clock_lock(self, *, shared: bool) -> Iterator[Held]:
        """The right to be the clock, for as long as the context lasts; what it yields tells whether it is ours."""
        lock = SessionLock(self.url.conninfo, lock_of("/clock"), shared=shared)

        def held() -> bool:
            with self._explaining():
                return lock.held()

        try:
            yield held
        finally:
            lock.release()

    @contextmanager
    def hand(self) -> Iterator[Hand]:
        """A sender's hand, on a connection of its own."""
        from store.hands import ServerHand

        hand = ServerHand(self.url.conninfo)
        try:
            with self._explaining():
                yield hand
        finally:
            hand.close()

    def close(self) -> None:
        """Close every idle connection."""
        if self._process == os.getpid():
            self._pool.close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Link]:
        with self._connection(begin) as connection:
            link = ServerLink(connection)
            try:
                yield link
            finally:
                link.close_streams()
                if not connection.closed and connection.info.transaction_status:
                    connection.execute("ROLLBACK")

    @contextmanager
    def _connection(self, begin: str | None = None) -> Iterator[psycopg.Connection[Any]]:
        """A connection of the pool, on which a transaction has begun where a statement for that is given."""
        with self._explaining():
            connection = self._take(begin)
            try:
                yield connection
            finally:
                self._pool.putconn(connection)

    def _take(self, begin: str | None) -> psycopg.Connection[Any]:
        """A connection that works. Those that a server's end has cut are thrown away, each found out as it is used."""
        self._leave_parent()
        for left in range(self._most, -1, -1):
            connection = self._pool.getconn()
            try:
                if begin is not None:
                    connection.execute(begin, prepare=False)
            except psycopg.OperationalError:
                lost = connection.closed
                self._pool.putconn(connection)
                if not (lost and left):
                    raise
            except BaseException:
                self._pool.putconn(connection)
                raise
            else:
                return connection
        raise AssertionError  # the last turn of the loop returns or raises

    def _leave_parent(self) -> None:
        """After a fork the pool and its connections are the parent's."""
        if self._process != os.getpid():
            self._process, self._pool = os.getpid(), self._new_pool()

    def _new_pool(self) -> ConnectionPool[psycopg.Connection[Any]]:
        settings: dict[str, Any] = {
            "autocommit": True, "cursor_factory": RawCursor, "client_encoding": "utf8",
            "prepare_threshold": _PREPARE_AFTER if self.url.prepares else None,
        }  # fmt: skip
        return ConnectionPool(
            self.url.conninfo, kwargs=settings, min_size=0, max_size=self._most, timeout=self.timeout, open=True,
            name="politirad", reconnect_timeout=self.timeout, num_workers=1,
        )  # fmt: skip

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        """Turn the driver's errors into ours."""
        try:
            yield
        except PoolTimeout as error:
            raise self._unreached(error) from error
        except PoolClosed as error:
            raise UsageError("The store was closed.") from error
        except (psycopg.Error, UnicodeDecodeError) as error:
            raise explained(error, self.url, self.timeout) from error
        except UnicodeEncodeError as error:
            raise UsageError(f"{error.object!a} holds a broken character. Write it again.") from error

    def _unreached(self, timeout: PoolTimeout) -> Exception:
        """Why no connection came: what the server says when asked directly, or that all are in use."""
        try:
            psycopg.connect(self.url.conninfo, connect_timeout=max(2, int(self.timeout))).close()
        except psycopg.Error as error:
            return explained(error, self.url, self.timeout)
        return busy(self.url, self.timeout, f"one of {self._most} connections ({timeout})")


class SessionLock:
    """A lock of a connection of its own, for as long as a process works; taken again where the server was away.

    It is held by a transaction that does nothing else, so that a pool in front may hand out servers by transaction.
    """

    def __init__(self, conninfo: str, lock: int, *, shared: bool) -> None:
        self._conninfo = conninfo
        self._ask = _HOLD.format(shared="_shared" if shared else "", lock=lock)
        self._connection: psycopg.Connection[Any] | None = None

    def held(self) -> bool:
        """Whether the lock is ours, which is asked for again where the connection was lost."""
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.execute("SELECT 1", prepare=False)
                return True
            self.release()
        connection = psycopg.connect(self._conninfo, autocommit=True)
        row = connection.execute(self._ask, prepare=False).set_result(-1).fetchone()
        if row is None or not row[0]:
            connection.close()
            return False
        self._connection = connection
        return True

    def release(self) -> None:
        """Let it go, at once where the server is there."""
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.execute("COMMIT")
            self._connection.close()
            self._connection = None


def lock_of(council: str) -> int:
    """The number of a council's lock on the server: 64 bits with a sign, of which no two councils share one."""
    return int.from_bytes(sha256(f"politirad/{council}".encode()).digest()[:8], signed=True)
