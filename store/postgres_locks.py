"""Locks on a server, by name: a council's log, who is the clock, who has a letter in hand."""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256
from typing import Any

import psycopg

_HOLD = """\
BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0; SELECT pg_try_advisory_xact_lock{shared}({lock})"""


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
        connection = keeper(self._conninfo)
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


def keeper(conninfo: str) -> psycopg.Connection[Any]:
    """A connection that keeps a lock. Nothing is prepared on it, not even its COMMIT.

    Behind a pool each transaction may meet another server process, where what was prepared is unknown.
    """
    return psycopg.connect(conninfo, autocommit=True, prepare_threshold=None)


def lock_of(council: str) -> int:
    """The number of a council's lock on the server: 64 bits with a sign, of which no two councils share one."""
    return int.from_bytes(sha256(f"politirad/{council}".encode()).digest()[:8], signed=True)
