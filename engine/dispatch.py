"""Who is told that letters wait to be sent. The outbox is the truth; to be told is only to be woken up."""

from __future__ import annotations

from typing import Protocol

from engine.ports import Transaction


class Dispatcher(Protocol):
    """Calls senders, within the transaction that makes letters: they come if it commits, and only then."""

    def enqueue(self, tx: Transaction, letters: int) -> None:
        """Call senders for so many letters just made in a council."""

    def top_up(self, tx: Transaction, letters: int) -> None:
        """Call senders for so many letters of a council that wait, less those that were called and live."""


class Embedded:
    """Nobody is called: the process that makes letters sends them too, and looks into the outbox itself."""

    def enqueue(self, tx: Transaction, letters: int) -> None:
        """Nothing."""

    def top_up(self, tx: Transaction, letters: int) -> None:
        """Nothing."""
