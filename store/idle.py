"""The connections of one process that nobody uses at the moment, whatever the driver."""

from __future__ import annotations

import os
import weakref
from typing import Generic, Protocol, TypeVar


class Closable(Protocol):
    """What can be closed."""

    def close(self) -> None:
        """Close it."""


T = TypeVar("T", bound=Closable)

_ABANDONED: list[object] = []
"""Connections that a forked child has inherited: neither used nor closed, only kept."""


class Idle(list[T], Generic[T]):
    """Idle connections; closed with their owner, but never by a fork of the process that opened them."""

    def __init__(self, owner: object) -> None:
        super().__init__()
        self._process = os.getpid()
        weakref.finalize(owner, self.close)

    def are_inherited(self) -> bool:
        """Whether this is a fork of the process that opened them; then they are kept from now on, and nothing else."""
        if self._process == os.getpid():
            return False
        _ABANDONED.append(self)
        return True

    def close(self) -> None:
        """Close them all."""
        while self and self._process == os.getpid():
            self.pop().close()
