"""Blocks of a log: a proof made from their roots is the one made from all leaves, and reads a block instead."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.blocks import BLOCK, Blocks, blocks_between
from engine.merkle import consistency_proof, consistency_spans, inclusion_proof, inclusion_spans, leaf_hash, roots_by

LEAVES = [leaf_hash(str(number).encode()) for number in range(5 * BLOCK + 77)]
SIZES = st.integers(1, 5) | st.integers(BLOCK - 2, BLOCK + 2) | st.integers(4 * BLOCK - 1, len(LEAVES))


def leaves(first: int, last: int) -> Iterable[bytes]:
    """The leaf hashes between two positions."""
    return LEAVES[first:last]


def kept(size: int) -> tuple[bytes, ...]:
    """The roots of all complete blocks of a log."""
    return tuple(blocks_between(0, size, leaves))


@given(SIZES, st.data())
def test_a_proof_from_blocks_is_the_proof_from_all_leaves_however_many_are_kept(size: int, data: st.DataObject) -> None:
    index, known = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size // BLOCK))
    blocks = Blocks(size, kept(size)[:known], leaves)
    assert roots_by(inclusion_spans(index, size), blocks.root) == inclusion_proof(index, size, LEAVES[:size])


@given(SIZES, st.data())
def test_so_is_a_proof_that_one_log_continues_another(second: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, second))
    blocks = Blocks(second, kept(second), leaves)
    assert roots_by(consistency_spans(first, second), blocks.root) == consistency_proof(first, second, LEAVES[:second])


@pytest.mark.parametrize("index", [0, BLOCK, 3 * BLOCK + 5, 5 * BLOCK + 3])
def test_a_proof_reads_the_leaves_of_its_own_block_and_of_the_last(index: int) -> None:
    read = list[range]()

    def noted(first: int, last: int) -> Iterable[bytes]:
        read.append(range(first, last))
        return leaves(first, last)

    roots_by(inclusion_spans(index, len(LEAVES)), Blocks(len(LEAVES), kept(len(LEAVES)), noted).root)
    assert sum(map(len, read)) <= 2 * BLOCK
    assert {found.start // BLOCK for found in read} <= {index // BLOCK, 5}


def test_a_log_that_has_grown_needs_its_new_blocks_alone() -> None:
    assert list(blocks_between(2, 4 * BLOCK + 9, leaves)) == list(kept(4 * BLOCK + 9)[2:])
    assert list(blocks_between(4, 4 * BLOCK + 9, leaves)) == []
