"""A log's complete blocks of 1,024 events by their roots: one proof then reads a thousand leaves, and not all. Pure.

The roots are kept as the tree grows (sealer.py). What is missing of them is computed from the leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

from engine.merkle import root_of
from engine.subtrees import Trees

LEVEL = 10
BLOCK = 1 << LEVEL
"""Leaves of a block."""

Leaves = Callable[[int, int], Iterable[bytes]]
"""The leaf hashes of a log by position, from one up to (not including) another."""


def blocks_between(first: int, last: int, leaves: Leaves) -> Iterator[bytes]:
    """The roots of the complete blocks from a number on that a log of `last` events has, in order."""
    return (root_of(leaves(number * BLOCK, (number + 1) * BLOCK)) for number in range(first, last >> LEVEL))


class Blocks:
    """The roots of the complete subtrees of a log of some size; `root` is a `engine.merkle.Subtrees`.

    `kept` are the roots of its first blocks, as many as are known.
    """

    def __init__(self, size: int, kept: Sequence[bytes], leaves: Leaves) -> None:
        self._size = size
        self._kept = tuple(kept[: size >> LEVEL])
        self._leaves = leaves
        self._opened: dict[int, Trees] = {}

    def root(self, level: int, index: int) -> bytes:
        """The root over the leaves [index * 2^level, (index + 1) * 2^level)."""
        if level >= LEVEL:
            return self._above.root(level - LEVEL, index)
        below = LEVEL - level
        return self._within(index >> below).root(level, index & ((1 << below) - 1))

    @cached_property
    def _above(self) -> Trees:
        """The tree over all blocks."""
        return Trees((*self._kept, *blocks_between(len(self._kept), self._size, self._leaves)))

    def _within(self, number: int) -> Trees:
        """The tree over the leaves of a block, the last one perhaps incomplete."""
        if number not in self._opened:
            first = number * BLOCK
            self._opened[number] = Trees(self._leaves(first, min(first + BLOCK, self._size)))
        return self._opened[number]
