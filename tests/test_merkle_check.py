"""Checking proofs about the tree: the vectors of RFC 6962, and every bit that is changed."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.merkle import ProofError, consistency_proof, inclusion_proof, leaf_hash, node_hash, root_of
from engine.merkle_check import check_consistency, check_inclusion

VECTORS = Path(__file__).parents[2] / "shared" / "vectors"
without_vectors = pytest.mark.skipif(
    not VECTORS.exists(), reason="the conformance vectors stand beside the project, in ../shared"
)

LEAVES = [leaf_hash(str(number).encode()) for number in range(1100)]
SIZES = st.integers(1, 70) | st.integers(1, len(LEAVES))
PAIRS = st.tuples(SIZES, SIZES).map(sorted)


def vectors(kind: str) -> list[dict[str, Any]]:
    path = VECTORS / f"rfc6962_{kind}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def name_of(vector: dict[str, Any]) -> str:
    return str(vector["name"])


def raw(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def refused(check: Callable[..., None], *arguments: object) -> bool:
    try:
        check(*arguments)
    except ProofError:
        return True
    return False


def flips(data: bytes) -> Iterator[bytes]:
    """The data with each bit changed in turn."""
    for bit in range(8 * len(data)):
        yield flipped(data, bit)


def flipped(data: bytes, bit: int) -> bytes:
    return (int.from_bytes(data, "big") ^ 1 << bit).to_bytes(len(data), "big")


def changes(parts: tuple[bytes, ...]) -> Iterator[tuple[bytes, ...]]:
    """The parts with each bit of each of them changed in turn."""
    for place, part in enumerate(parts):
        yield from ((*parts[:place], other, *parts[place + 1 :]) for other in flips(part))


@without_vectors
@pytest.mark.parametrize("vector", vectors("inclusion"), ids=name_of)
def test_an_inclusion_vector_comes_out_as_it_should(vector: dict[str, Any]) -> None:
    proof = [raw(part) for part in vector["proof"] or ()]
    arguments = (raw(vector["leafHash"]), vector["leafIdx"], vector["treeSize"], raw(vector["root"]), proof)
    assert refused(check_inclusion, *arguments) == vector["wantErr"]


@without_vectors
@pytest.mark.parametrize("vector", vectors("consistency"), ids=name_of)
def test_a_consistency_vector_comes_out_as_it_should(vector: dict[str, Any]) -> None:
    proof = [raw(part) for part in vector["proof"] or ()]
    arguments = (vector["size1"], raw(vector["root1"]), vector["size2"], raw(vector["root2"]), proof)
    assert refused(check_consistency, *arguments) == vector["wantErr"]


@without_vectors
def test_the_vectors_are_all_there() -> None:
    assert len(vectors("inclusion")) == len(vectors("consistency")) == 98


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 2), (2, 3), (5, 11), (10, 11), (7, 16)])
def test_no_bit_of_an_inclusion_proof_can_be_changed(index: int, size: int) -> None:
    root, proof = root_of(LEAVES[:size]), inclusion_proof(index, size, LEAVES)
    for leaf, other_root, *other_proof in changes((LEAVES[index], root, *proof)):
        assert refused(check_inclusion, leaf, index, size, other_root, other_proof)
    for other in range(2 * size):
        assert other == index or refused(check_inclusion, LEAVES[index], other, size, root, proof)


@pytest.mark.parametrize(("first", "second"), [(1, 1), (1, 2), (3, 4), (6, 11), (8, 11), (8, 16), (11, 16)])
def test_no_bit_of_a_consistency_proof_can_be_changed(first: int, second: int) -> None:
    before, after = root_of(LEAVES[:first]), root_of(LEAVES[:second])
    for old, new, *proof in changes((before, after, *consistency_proof(first, second, LEAVES))):
        assert refused(check_consistency, first, old, second, new, proof)


@given(PAIRS, st.data())
def test_no_proof_of_any_log_survives_a_changed_bit(sizes: list[int], data: st.DataObject) -> None:
    first, size = sizes
    root, proof = root_of(LEAVES[:size]), list(inclusion_proof(first - 1, size, LEAVES))
    path = list(consistency_proof(first, size, LEAVES))
    bit = data.draw(st.integers(0, 255))
    for place in range(len(proof)):
        changed = [flipped(part, bit) if at == place else part for at, part in enumerate(proof)]
        assert refused(check_inclusion, LEAVES[first - 1], first - 1, size, root, changed)
    for place in range(len(path)):
        changed = [flipped(part, bit) if at == place else part for at, part in enumerate(path)]
        assert refused(check_consistency, first, root_of(LEAVES[:first]), size, root, changed)


@given(PAIRS, st.data())
def test_a_rewritten_past_is_not_continued(sizes: list[int], data: st.DataObject) -> None:
    first, second = sizes
    place = data.draw(st.integers(0, first - 1))
    rewritten = [*LEAVES[:place], leaf_hash(b"rewritten"), *LEAVES[place + 1 : second]]
    proof = consistency_proof(first, second, rewritten)
    assert refused(check_consistency, first, root_of(LEAVES[:first]), second, root_of(rewritten), proof)


def test_a_proof_alone_does_not_authenticate_the_size() -> None:
    """Why a size is believed only in a signed checkpoint; should this fail, the docstring must change."""
    root, proof = root_of(LEAVES[:5]), inclusion_proof(0, 5, LEAVES)
    for size in (5, 6, 7, 8):
        check_inclusion(LEAVES[0], 0, size, root, proof)


def test_a_proof_of_another_length_is_refused_even_where_the_root_was_made_to_fit() -> None:
    a, b, c, d = LEAVES[:4]
    assert refused(check_inclusion, a, 0, 2, a, [])
    assert refused(check_inclusion, a, 0, 2, node_hash(c, node_hash(a, b)), [b, c])
    old, new = node_hash(c, a), node_hash(c, node_hash(a, b))
    assert not refused(check_consistency, 3, old, 4, new, [a, b, c])
    assert refused(check_consistency, 3, old, 8, new, [a, b, c])
    assert refused(check_consistency, 3, node_hash(d, old), 4, node_hash(d, new), [a, b, c, d])
