"""A letter in a sender's hand: what tells other senders that whoever claimed it still lives.

A claimed letter whose sender is gone must be sent again, and one whose sender is only slow must not. Where one process
delivers, what it did not claim itself is nobody's. Where many do, on many hosts, the database is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TypeAlias


class Hand(Protocol):
    """One sender's hand, which holds one letter at a time. It opens by itself when its process dies."""

    def take(self, council: str, letter: int) -> bool:
        """Hold a letter instead of the one before; whether no other hand holds it. Asked while claiming it."""

    def let_go(self) -> None:
        """Hold none. Done while settling the letter, so that nobody finds it claimed and in no hand."""


Hands: TypeAlias = Callable[[], AbstractContextManager[Hand]]
"""Lends a sender a hand for as long as a context lasts."""


class _FreeHand:
    def take(self, council: str, letter: int) -> bool:  # noqa: ARG002  # nobody else could have it
        return True

    def let_go(self) -> None:
        pass


@contextmanager
def free_hand() -> Iterator[Hand]:
    """The hand of a sender whose process is the only one that delivers: there is nobody to be told."""
    yield _FreeHand()
