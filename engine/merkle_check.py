"""Checking proofs about the Merkle tree: the loops of RFC 9162 §2.1.3.2 and §2.1.4.2. Pure.

They share nothing with the making of proofs (merkle.py) but the hash of a node, so that an error in one of the two
shows. Both refuse by raising, never by a False that somebody forgets to look at.

A proof alone does not authenticate the sizes: that of position 0 in a tree of 5 also fits a tree of 8 with the same
root. A size is to be believed because it stands beside the root in a signed checkpoint.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.merkle import SIZE, ProofError, node_hash


def check_inclusion(leaf: bytes, index: int, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Check that a leaf hash stands at a position of the tree with this size and root (RFC 9162 §2.1.3.2).

    Raises `ProofError`, saying what does not fit.
    """
    if not 0 <= index < size:
        raise ProofError(f"The proof is of position {index}, which a log of {size} events does not have.")
    _check_lengths(leaf, root, *proof)
    node, last, found = index, size - 1, leaf
    for sibling in proof:
        _check_room(last)
        if node & 1 or node == last:
            found = node_hash(sibling, found)
            node, last = _rise(node, last)
        else:
            found = node_hash(found, sibling)
        node, last = node >> 1, last >> 1
    if last or found != root:
        raise ProofError(f"The proof does not lead from the event at position {index} to the root of the log.")


def check_consistency(
    first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]
) -> None:  # fmt: skip
    """Check that the tree of size `second` continues that of size `first`, changing nothing (RFC 9162 §2.1.4.2).

    Raises `ProofError`, saying what does not fit.
    """
    if not 0 < first <= second:
        raise ProofError(f"A log of {second} events cannot be shown to continue one of {first}.")
    if first == second:
        _check_equal(first, first_root, second_root, proof)
    elif _consistent_roots(first, first_root, second, proof) != (first_root, second_root):
        raise ProofError(
            f"The log of {second} events does not continue the one of {first}: its past was rewritten, "
            "or the proof is of another log."
        )


def _consistent_roots(first: int, first_root: bytes, second: int, proof: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The two roots that a consistency proof leads to. Raises `ProofError` where its length is wrong."""
    if not proof:
        raise ProofError(f"The proof that {second} events continue {first} is empty.")
    _check_lengths(first_root, *proof)
    start, *path = proof if first & (first - 1) else (first_root, *proof)
    node, last = _fall(first - 1, second - 1)
    old = new = start
    for sibling in path:
        _check_room(last)
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            node, last = _rise(node, last)
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofError("The proof is too short for a log of this size.")
    return old, new


def _rise(node: int, last: int) -> tuple[int, int]:
    """Up through the levels where the node is the last one and has no sibling."""
    while node and not node & 1:
        node, last = node >> 1, last >> 1
    return node, last


def _fall(node: int, last: int) -> tuple[int, int]:
    """Up to the largest complete subtree that ends with the node."""
    while node & 1:
        node, last = node >> 1, last >> 1
    return node, last


def _check_room(last: int) -> None:
    if not last:
        raise ProofError("The proof is too long for a log of this size.")


def _check_lengths(*hashes: bytes) -> None:
    # Of other lengths, two different pairs could be joined to the same bytes.
    if any(len(each) != SIZE for each in hashes):
        raise ProofError(f"A hash in the proof is not {SIZE} bytes long.")


def _check_equal(size: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> None:
    if proof:
        raise ProofError(f"Two logs of {size} events are equal or not; a proof between them must be empty.")
    if first_root != second_root:
        raise ProofError(f"Two logs of {size} events have different roots: the log was forked.")
