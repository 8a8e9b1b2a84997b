"""A sender's hand on a server: an advisory lock, held by a transaction that does nothing else, across hosts.

The lock ends with its connection: at once when the process dies, and when the server does. A process that is stopped,
or cut off, holds it until the server has heard nothing for `LEASE`; then the letter counts as left behind. Such a
transaction has no snapshot, so it holds up no vacuum; and it is one, rather than a session's lock, so that a pool in
front may hand out servers by transaction.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import psycopg

from store.link import in_hand
from store.postgres_locks import keeper, lock_of

LEASE = 300
"""Seconds; longer than a mail server that answers at all can take over a letter."""
_TAKE = """\
BEGIN; SET LOCAL idle_in_transaction_session_timeout = '{lease}ms'; SELECT pg_try_advisory_xact_lock({lock})"""


class ServerHand:
    """One sender's hand; see `engine.hand.Hand`. It connects when it takes the first letter."""

    def __init__(self, conninfo: str, lease: float = LEASE) -> None:
        self._conninfo, self._lease = conninfo, lease
        self._connection: psycopg.Connection[Any] | None = None

    def take(self, council: str, letter: int) -> bool:
        """Hold a letter instead of the one before; whether no other hand holds it. Raises the driver's errors."""
        self.let_go()
        take = _TAKE.format(lease=int(self._lease * 1000), lock=lock_of(in_hand(council, letter)))
        if self._connection is not None:
            with suppress(psycopg.OperationalError):
                return _taken(self._connection, take)
            self.close()
        self._connection = keeper(self._conninfo)
        return _taken(self._connection, take)

    def let_go(self) -> None:
        """Hold none."""
        if self._connection is not None and self._connection.info.transaction_status:
            with suppress(psycopg.Error):  # lost already, with the connection
                self._connection.execute("COMMIT")

    def close(self) -> None:
        """Hold none, and give the connection back."""
        self.let_go()
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _taken(connection: psycopg.Connection[Any], take: str) -> bool:
    """The answer to the last of several statements."""
    row = connection.execute(take.encode(), prepare=False).set_result(-1).fetchone()
    return bool(row and row[0])
