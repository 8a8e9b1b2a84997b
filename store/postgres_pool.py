"""The connections a process has to one server: at most so many, each made when it is first needed.

Not psycopg's own pool: that one connects in threads of its own, so that a wrong password is told only after the whole
wait, and a line of its log before it; and threads do not come along into a forked child.
"""

from __future__ import annotations

import time
from contextlib import suppress
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import RawCursor
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row
from psycopg.types.numeric import Int8Dumper

from engine.database_url import EXAMPLE, DatabaseUrl
from engine.errors import UsageError
from store.idle import Idle
from store.postgres_faults import busy, may_connect_later

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn

_NEVER = 10**9
"""Times after which the driver prepares a statement by itself."""
_MOST_PREPARED = 500
"""Statements that stay prepared on a connection; we have fewer."""
_PAUSE = 0.1


class Connection(psycopg.Connection[Any]):
    """A connection that remembers how often each statement was `seen` on it. Whole numbers go as 64 bits, all of them.

    By their size, as the driver sends them by itself, one statement would be prepared anew for every size.
    """

    def __init__(self, pgconn: PGconn, row_factory: Any = tuple_row) -> None:  # noqa: ANN401  # the driver's own
        super().__init__(pgconn, row_factory)
        self.seen: dict[str, int] = {}
        self.prepared_max = _MOST_PREPARED
        self.adapters.register_dumper(int, Int8Dumper)


class Pool:
    """Connections to a server, `most` at once; whoever needs another waits, for at most `timeout` seconds.

    Raises `UsageError` where the driver cannot read the URL.
    """

    def __init__(self, url: DatabaseUrl, *, most: int, timeout: float) -> None:
        self._url, self._most, self._timeout = url, most, timeout
        self._settings = _settings(url, timeout)
        self._begin_afresh()

    def take(self) -> tuple[Connection, bool]:
        """A connection, and whether it was made just now: an older one may have been cut at the server's end.

        Raises `StoreUnavailableError` where all are in use, and the driver's error where the server lets nobody in.
        """
        self._leave_parent()
        if not self._free.acquire(timeout=self._timeout):
            raise busy(self._url, self._timeout, f"one of {self._most} connections of this process")
        try:
            return self._idle.pop(), False
        except IndexError:
            pass
        try:
            return self._connect(), True
        except BaseException:
            self._free.release()
            raise

    def give_back(self, connection: Connection) -> None:
        """Keep a connection for the next one who needs it, where it is good for that."""
        with suppress(psycopg.Error):
            if connection.info.transaction_status in {TransactionStatus.INTRANS, TransactionStatus.INERROR}:
                connection.seen.clear()  # the driver forgets what is prepared
                connection.execute("ROLLBACK", prepare=False)
        if connection.info.transaction_status == TransactionStatus.IDLE:
            connection.prepare_threshold = self._settings["prepare_threshold"]
            self._idle.append(connection)
        else:
            connection.close()
        self._free.release()

    def prepare_nothing(self) -> None:
        """Prepare no statements from now on, for a pool in front that hands out servers by transaction."""
        self._settings["prepare_threshold"] = None  # those in use follow as they are given back
        for connection in self._idle:
            connection.prepare_threshold = None

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._idle.close()

    def _connect(self) -> Connection:
        """A new connection; a server that is just starting, or has no room for another, is waited for."""
        until = time.monotonic() + self._timeout
        while True:
            try:
                return Connection.connect(**self._settings)
            except psycopg.OperationalError as error:
                if not may_connect_later(error) or time.monotonic() > until:
                    raise
                time.sleep(_PAUSE)

    def _leave_parent(self) -> None:
        """After a fork the connections are the parent's: neither used nor closed, only kept."""
        if self._idle.are_inherited():
            self._begin_afresh()

    def _begin_afresh(self) -> None:
        self._idle: Idle[Connection] = Idle(self)
        self._free = BoundedSemaphore(self._most)


def _settings(url: DatabaseUrl, timeout: float) -> dict[str, Any]:
    try:
        stated = conninfo_to_dict(url.conninfo)
    except psycopg.ProgrammingError as error:
        said = str(error).strip()
        # What the driver says of a broken % quotes the word, which may be the password.
        why = "a % in it is written %25" if "percent" in said else said
        raise UsageError(f"{url} cannot be read as an address: {why}. Write {EXAMPLE}.") from None
    return {
        "connect_timeout": max(2, round(timeout)), "application_name": "politirad", **stated, "autocommit": True,
        "cursor_factory": RawCursor, "client_encoding": "utf8",
        "prepare_threshold": _NEVER if url.prepares else None,  # but for what `ServerLink` says
    }  # fmt: skip
