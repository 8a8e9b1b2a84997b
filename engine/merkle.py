"""The Merkle tree over the events of a council, and the making of proofs about it. Pure; RFC 6962 §2.1.

    empty tree = SHA-256()      leaf = SHA-256(0x00 || body)      node = SHA-256(0x01 || left || right)

A hash is 32 bytes, a position 0-based, and a tree is split at the largest power of two below its size; an odd node
is never doubled, or [a, b, c] and [a, b, c, c] would share a root.

Proofs are made from *spans*: which stretches of the log must be hashed is arithmetic (`inclusion_spans`,
`consistency_spans`), and how they are hashed is a choice: from the leaf hashes as they stream by (`roots_from`), or
from stored hashes of complete subtrees (`roots_by`). Proofs are checked in merkle_check.py, by another road.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import TypeAlias

from engine.errors import BytesChangedError

Subtrees: TypeAlias = Callable[[int, int], bytes]
"""Gives the root of the complete subtree (level, index) over the leaves [index * 2^level, (index + 1) * 2^level)."""

EMPTY = sha256().digest()
"""The root of a tree without leaves."""

SIZE = 32
"""Bytes in a hash."""

_COUNT = 8
"""Bytes of the number of leaves at the head of a stored frontier, big-endian."""
_BLOCK = 1024
"""Leaves that are hashed level by level, which is twice as quick as one by one; a power of two."""


class ProofError(BytesChangedError):
    """A proof does not show what it should."""


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of a tree, all that is needed to let it grow: the roots of its complete subtrees, largest first.

    `size` is the number of leaves; there is one peak for each bit that is set in it.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> Frontier:
        """The frontier with one more leaf hash."""
        return self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> Frontier:
        """The frontier with more leaf hashes, in order; holds a block of them at a time."""
        source, size, peaks = iter(leaves), self.size, list(self.peaks)
        while block := list(islice(source, _BLOCK - size % _BLOCK)):
            if len(block) == _BLOCK:
                _push(peaks, size // _BLOCK, _complete(block))
            else:
                for position, leaf in enumerate(block, size):
                    _push(peaks, position, leaf)
            size += len(block)
        return Frontier(size, tuple(peaks))

    def root(self) -> bytes:
        """The root of the whole tree."""
        return _joined(self.peaks)

    def __bytes__(self) -> bytes:
        """How it is stored: the size as 8 bytes, big-endian, then the peaks."""
        return self.size.to_bytes(_COUNT, "big") + b"".join(self.peaks)


def frontier_of(stored: bytes) -> Frontier:
    """The frontier in its stored bytes. Raises `BytesChangedError` where their number does not fit the size."""
    size, peaks = int.from_bytes(stored[:_COUNT], "big"), stored[_COUNT:]
    if len(stored) != _COUNT + SIZE * size.bit_count():
        raise BytesChangedError(
            f"The stored right edge of the tree has {len(stored)} bytes, which fits no tree of {size} events. "
            "Compute it anew from the events."
        )
    return Frontier(size, tuple(peaks[at : at + SIZE] for at in range(0, len(peaks), SIZE)))


def leaf_hash(body: bytes) -> bytes:
    """The hash of a leaf (RFC 6962 §2.1)."""
    return sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node (RFC 6962 §2.1)."""
    return sha256(b"\x01" + left + right).digest()


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes, in order."""
    return Frontier().extend(leaves).root()


def inclusion_spans(index: int, size: int) -> tuple[range, ...]:
    """What an inclusion proof hashes: the siblings on the way from a position to the root (RFC 6962 §2.1.1).

    Raises `ProofError` where the tree has no such position.
    """
    if not 0 <= index < size:
        raise ProofError(f"A log of {size} events has no position {index}; the first is 0.")
    span, siblings = range(size), deque[range]()
    while len(span) > 1:
        left, right = _halves(span)
        span, sibling = (left, right) if index in left else (right, left)
        siblings.appendleft(sibling)
    return tuple(siblings)


def consistency_spans(first: int, second: int) -> tuple[range, ...]:
    """What a consistency proof from size `first` to `second` hashes, in its order (RFC 6962 §2.1.2).

    Raises `ProofError` unless 0 < first <= second: of an empty log nothing can be proved.
    """
    if not 0 < first <= second:
        raise ProofError(f"Nothing leads from a log of {first} events to one of {second}: give 0 < first <= second.")
    span, siblings = range(second), deque[range]()
    while span.stop != first:
        left, right = _halves(span)
        span, sibling = (left, right) if first <= left.stop else (right, left)
        siblings.appendleft(sibling)
    # A first tree that stands whole in the second one is known to whoever checks: its root is not repeated.
    return (span, *siblings) if span.start else tuple(siblings)


def roots_from(spans: Sequence[range], leaves: Iterable[bytes]) -> tuple[bytes, ...]:
    """The roots of disjoint spans, from all leaf hashes in order; reads once and holds a block at a time.

    Raises `ProofError` where there are fewer leaves than the spans need.
    """
    source, at, roots = iter(leaves), 0, dict[range, bytes]()
    for span in sorted(spans, key=lambda span: span.start):
        _skip(source, span.start - at)
        roots[span], at = _root_of_next(source, span), span.stop
    return tuple(roots[span] for span in spans)


def roots_by(spans: Iterable[range], subtree: Subtrees) -> tuple[bytes, ...]:
    """The roots of spans, from a function that knows the complete subtrees: O(log² n) calls for a proof."""
    return tuple(_joined([subtree(level, index) for level, index in _subtrees_of(span)]) for span in spans)


def inclusion_proof(index: int, size: int, leaves: Iterable[bytes]) -> tuple[bytes, ...]:
    """The inclusion proof of a position in the tree over the first `size` leaf hashes. Raises `ProofError`."""
    return roots_from(inclusion_spans(index, size), leaves)


def consistency_proof(first: int, second: int, leaves: Iterable[bytes]) -> tuple[bytes, ...]:
    """The proof that the tree of `second` leaves continues that of `first`. Raises `ProofError`."""
    return roots_from(consistency_spans(first, second), leaves)


def _halves(span: range) -> tuple[range, range]:
    """Split at the largest power of two below the length, which is at least 2 (RFC 6962 §2.1)."""
    middle = span.start + (1 << (len(span) - 1).bit_length() - 1)
    return range(span.start, middle), range(middle, span.stop)


def _subtrees_of(span: range) -> Iterator[tuple[int, int]]:
    """The complete subtrees (level, index) of a span that a tree was split into, largest first."""
    at = span.start
    for level in reversed(range(len(span).bit_length())):
        if len(span) >> level & 1:
            yield level, at >> level
            at += 1 << level


def _push(peaks: list[bytes], before: int, root: bytes) -> None:
    """Add the root of a complete subtree to the peaks, after `before` subtrees of the same level."""
    while before & 1:
        root = node_hash(peaks.pop(), root)
        before >>= 1
    peaks.append(root)


def _complete(hashes: list[bytes]) -> bytes:
    """The root over a power of two hashes, level by level; written out because a million events pass here."""
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2], strict=True)
        hashes = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return hashes[0]


def _joined(peaks: Sequence[bytes]) -> bytes:
    """The root above complete subtrees, largest first."""
    if not peaks:
        return EMPTY
    *rest, root = peaks
    for peak in reversed(rest):
        root = node_hash(peak, root)
    return root


def _skip(source: Iterator[bytes], count: int) -> None:
    deque(islice(source, count), maxlen=0)


def _root_of_next(source: Iterator[bytes], span: range) -> bytes:
    tree = Frontier().extend(islice(source, len(span)))
    if tree.size != len(span):
        raise ProofError(f"The log ends before position {span.stop - 1}: its size was given too large.")
    return tree.root()
