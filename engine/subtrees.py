"""Every complete subtree of a log at once, for making many proofs: 64 bytes an event, in one pass. Pure (merkle.py)."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from engine.merkle import SIZE

_PAIR = 2 * SIZE


class Trees:
    """The roots of the complete subtrees over some leaf hashes; `root` is a `engine.merkle.Subtrees`."""

    def __init__(self, leaves: Iterable[bytes]) -> None:
        self._levels = [b"".join(leaves)]
        while len(below := self._levels[-1]) >= _PAIR:
            pairs = range(0, len(below) - SIZE, _PAIR)
            self._levels.append(b"".join([sha256(b"\x01" + below[at : at + _PAIR]).digest() for at in pairs]))

    def root(self, level: int, index: int) -> bytes:
        """The root over the leaves [index * 2^level, (index + 1) * 2^level)."""
        return self._levels[level][index * SIZE : (index + 1) * SIZE]
