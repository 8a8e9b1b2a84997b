"""Everything that is PostgreSQL's own: the driver, how a server is reached, how a council's log is locked.

- *Driver*: psycopg 3; each transaction has a connection of its own while it lasts.
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

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import psycopg
from psycopg.pq import TransactionStatus

from engine.database_url import DatabaseUrl
from engine.errors import UsageError
from store.clock_lock import Held
from store.description import Description
from store.link import Link
from store.postgres_faults import UncertainError, explained
from store.postgres_link import ServerLink
from store.postgres_locks import SessionLock, lock_of
from store.postgres_pool import Connection, Pool
from store.rebuild import Progress, ignored

if TYPE_CHECKING:
    from pathlib import Path

    from engine.hand import Hand

MOST_CONNECTIONS = 8
"""Connections one process opens at most; whoever needs another waits. Senders of letters hold one only briefly."""
SILENCE = 15.0
"""Seconds after which a transaction that writes is given up by the server if its process says nothing in between."""
_IDENTITY = "SELECT system_identifier, current_database() FROM pg_control_system()"
_AS_EXPECTED = """\
SET LOCAL standard_conforming_strings = on; SET LOCAL bytea_output = hex; SET LOCAL quote_all_identifiers = off"""
"""Settings under which the server reads and writes definitions as we do, whatever its defaults."""
_READ = f"BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; {_AS_EXPECTED}"
_WRITE = f"""\
BEGIN ISOLATION LEVEL READ COMMITTED; {_AS_EXPECTED}; SET LOCAL synchronous_commit = on; \
SET LOCAL lock_timeout = {{wait}}; SET LOCAL idle_in_transaction_session_timeout = {{silence}}; \
SELECT pg_advisory_xact_lock({{lock}})"""


class Postgres:
    """A database on a PostgreSQL server. Threads may share it. The same methods as `store.sqlite.Sqlite`.

    `url` is what it was called, `address` how it is reached: without prepared statements where a pool stands in front.
    """

    def __init__(
        self, url: DatabaseUrl, *, timeout: float = 10.0, most: int = MOST_CONNECTIONS, silence: float = SILENCE
    ) -> None:
        self.url = self.address = url
        self.timeout = timeout
        self.silence = silence
        self._pool = Pool(url, most=most, timeout=timeout)

    @contextmanager
    def reading(self) -> Iterator[Link]:
        """A transaction that sees the database as it stood when it first read."""
        with self._transaction(_READ) as link:
            try:
                yield link
            finally:
                _leave(link)

    @contextmanager
    def writing(self, council: str = "") -> Iterator[Link]:
        """The one transaction that writes a council's log; waits for others. Commits unless an exception leaves it."""
        with self._transaction(self.begin(council)) as link:
            yield link
            _commit(link.connection)

    def begin(self, council: str = "") -> str:
        """The statements that begin a transaction which writes a council's log, or ('') what all councils share."""
        wait, silence = (max(1, int(seconds * 1000)) for seconds in (self.timeout, self.silence))
        return _WRITE.format(wait=wait, silence=silence, lock=lock_of(council))

    @contextmanager
    def idle(self) -> Iterator[ServerLink]:
        """A connection outside any transaction."""
        with self._connection() as connection:
            yield ServerLink(connection)

    def identity(self) -> object:
        """What tells the database from any other, by whatever name it is reached."""
        with self.reading() as link:
            return link.connection.execute(_IDENTITY).fetchone()

    def copy_to(self, path: Path, progress: Progress = ignored) -> None:
        """Copy the database as it stands into a new file; what is written meanwhile is not in it."""
        from store.copying import fill
        from store.creation import prepare
        from store.sqlite import Sqlite

        with closing(Sqlite(path, journal="DELETE", kept=False)) as made, self.reading() as link:
            prepare(made, create=True, tell=None)
            fill(link, made, progress)

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

    def prepare_nothing(self) -> None:
        """Prepare no statements on connections: a pool stands in front that hands out servers by transaction."""
        self.address = self.url.unprepared()
        self._pool.prepare_nothing()

    def close(self) -> None:
        """Close every idle connection."""
        self._pool.close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[ServerLink]:
        with self._connection(begin) as connection:
            link = ServerLink(connection)
            try:
                yield link
            finally:
                link.close_streams()

    @contextmanager
    def _connection(self, begin: str | None = None) -> Iterator[Connection]:
        """A connection of the pool, on which a transaction has begun where a statement for that is given."""
        with self._explaining():
            connection = self._take(begin)
            try:
                yield connection
            finally:
                self._pool.give_back(connection)

    def _take(self, begin: str | None) -> Connection:
        """A connection that works. Those that a server's end has cut are thrown away, each found out as it is used."""
        while True:
            connection, is_new = self._pool.take()
            try:
                if begin is not None:
                    connection.execute(begin, prepare=False)
            except BaseException as error:
                lost = connection.closed and isinstance(error, psycopg.OperationalError)
                self._pool.give_back(connection)
                if is_new or not lost:
                    raise
            else:
                return connection

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        """Turn the driver's errors into ours."""
        try:
            yield
        except (psycopg.Error, UnicodeDecodeError) as error:
            raise explained(error, self.url, self.timeout) from error
        except UnicodeEncodeError as error:
            raise UsageError(f"{error.object!a} holds a broken character. Write it again.") from error


def _leave(link: ServerLink) -> None:
    """End a transaction that only read. By COMMIT: a ROLLBACK lets the driver forget what is prepared."""
    if link.connection.info.transaction_status == TransactionStatus.INTRANS:
        link.close_streams()
        link.connection.execute("COMMIT", prepare=False)


def _commit(connection: Connection) -> None:
    """Make it last. Raises `UncertainError` where the answer was lost on its way: it may stand, or not."""
    try:
        done = connection.execute("COMMIT", prepare=False)
    except psycopg.OperationalError as error:
        if connection.closed:
            raise UncertainError from error
        raise
    if done.statusmessage != "COMMIT":  # an error was passed over on the way, and all was rolled back in silence
        raise psycopg.errors.InFailedSqlTransaction("it had refused a part of the step, and took back all of it")
