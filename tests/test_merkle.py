"""The Merkle tree and proofs about it, with the definition of RFC 6962 as the oracle."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BytesChangedError
from engine.merkle import (
    EMPTY,
    Frontier,
    ProofError,
    consistency_proof,
    consistency_spans,
    frontier_of,
    inclusion_proof,
    inclusion_spans,
    leaf_hash,
    node_hash,
    root_of,
    roots_by,
)
from engine.merkle_check import check_consistency, check_inclusion

LEAVES = [leaf_hash(str(number).encode()) for number in range(2600)]
"""More than two blocks of 1,024."""
SIZES = st.integers(1, 70) | st.integers(1020, 1030) | st.integers(1, len(LEAVES))
PAIRS = st.tuples(SIZES, SIZES).map(sorted)


def root_by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 §2.1, word for word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256().digest()
    middle = max(1 << power for power in range(20) if 1 << power < len(leaves))
    return node_hash(root_by_definition(leaves[:middle]), root_by_definition(leaves[middle:]))


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert root_of([]) == EMPTY == sha256(b"").digest()


@given(st.integers(0, 70) | SIZES)
def test_the_root_is_that_of_the_definition(size: int) -> None:
    assert root_of(iter(LEAVES[:size])) == root_by_definition(LEAVES[:size])


def test_an_odd_node_is_not_doubled() -> None:
    a, b, c = LEAVES[:3]
    assert root_of([a, b, c]) != root_of([a, b, c, c])


def test_a_leaf_cannot_pass_for_a_node() -> None:
    left, right = LEAVES[:2]
    assert leaf_hash(left + right) == sha256(b"\x00" + left + right).digest()
    assert node_hash(left, right) == sha256(b"\x01" + left + right).digest()


@given(PAIRS)
def test_a_frontier_grows_to_the_same_tree(sizes: list[int]) -> None:
    first, second = sizes
    edge = Frontier().extend(LEAVES[:first])
    assert edge.root() == root_by_definition(LEAVES[:first])
    assert edge.extend(LEAVES[first:second]) == Frontier().extend(LEAVES[:second])


def test_a_frontier_grows_leaf_by_leaf() -> None:
    edge = Frontier()
    for size, leaf in enumerate(LEAVES[:100]):
        assert (edge.size, edge.root()) == (size, root_by_definition(LEAVES[:size]))
        edge = edge.append(leaf)


@given(st.integers(0, len(LEAVES)))
def test_a_frontier_comes_back_from_its_bytes(size: int) -> None:
    edge = Frontier().extend(LEAVES[:size])
    assert frontier_of(bytes(edge)) == edge
    assert len(bytes(edge)) == 8 + 32 * size.bit_count()


@pytest.mark.parametrize("stored", [b"", bytes(7), bytes(9), bytes(Frontier().extend(LEAVES[:5]))[:-1]])
def test_a_stored_frontier_of_the_wrong_length_is_refused(stored: bytes) -> None:
    with pytest.raises(BytesChangedError, match="anew from the events"):
        frontier_of(stored)


@given(SIZES, st.data())
def test_every_position_of_every_log_can_be_proved(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, iter(LEAVES))
    check_inclusion(LEAVES[index], index, size, root_by_definition(LEAVES[:size]), proof)
    assert len(proof) <= (size - 1).bit_length()


@given(PAIRS)
def test_every_log_can_be_shown_to_continue_every_earlier_one(sizes: list[int]) -> None:
    first, second = sizes
    proof = consistency_proof(first, second, iter(LEAVES))
    check_consistency(first, root_of(LEAVES[:first]), second, root_of(LEAVES[:second]), proof)


@given(PAIRS)
def test_proofs_from_stored_subtrees_are_those_from_the_leaves(sizes: list[int]) -> None:
    first, second = sizes

    def subtree(level: int, index: int) -> bytes:
        return root_by_definition(LEAVES[index << level : (index + 1) << level])

    assert roots_by(consistency_spans(first, second), subtree) == consistency_proof(first, second, LEAVES)
    assert roots_by(inclusion_spans(first - 1, second), subtree) == inclusion_proof(first - 1, second, LEAVES)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_no_proof_is_made_of_a_position_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ProofError, match="no position"):
        inclusion_proof(index, size, LEAVES)


@pytest.mark.parametrize(("first", "second"), [(0, 0), (0, 3), (4, 3)])
def test_no_proof_leads_from_an_empty_log_or_backwards(first: int, second: int) -> None:
    with pytest.raises(ProofError, match="Nothing leads"):
        consistency_proof(first, second, LEAVES)


def test_a_log_that_ends_too_early_gives_no_proof() -> None:
    with pytest.raises(ProofError, match="ends before position 9"):
        inclusion_proof(2, 10, LEAVES[:9])


def test_the_leaves_are_read_once_and_never_beyond_the_size() -> None:
    leaves = iter(LEAVES[:11])
    inclusion_proof(2, 10, leaves)
    assert list(leaves) == LEAVES[10:11]
