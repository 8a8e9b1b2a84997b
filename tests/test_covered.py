"""How far a witness covers a log: by the largest checkpoint it cosigned, and when it last did; whoever asks."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, TypeAlias

import pytest

from engine.anchoring import Anchor, Anchoring, Covered
from engine.checkpoint import Checkpoint
from engine.key import Kind, Signer
from engine.merkle import leaf_hash, root_of
from engine.note import Note, cosign, sign
from engine.sealing import Announced
from engine.succession import Succession
from engine.trust import covered_by, signed_by_log

if TYPE_CHECKING:
    from collections.abc import Iterable

ORIGIN = "politirad.example/sor"
LOG, STRANGER = (Signer(ORIGIN, Kind.LOG, bytes([n]) * 32) for n in (1, 2))
WITNESS = Signer("politiet.example/vitne", Kind.WITNESS, bytes([3]) * 32)
SECOND = Signer("statsforvalteren.example/vitne", Kind.WITNESS, bytes([4]) * 32)
NOBODY = Signer("ukjent.example/vitne", Kind.WITNESS, bytes([5]) * 32)
LEAVES = [leaf_hash(str(n).encode()) for n in range(8)]

Cosigned: TypeAlias = "tuple[Signer, int]"
"""By whom, and when (seconds since 1970)."""


def note(size: int, *cosigned: Cosigned, leaves: Iterable[bytes] = LEAVES, by: Signer = LOG) -> Note:
    """A checkpoint over the first events, signed by the log and cosigned at some times."""
    text = str(Checkpoint(ORIGIN, size, root_of(list(leaves)[:size])))
    return Note(text, (sign(text, by), *(cosign(text, witness, at) for witness, at in cosigned)))


def in_the_database(notes: Iterable[Note]) -> Covered | None:
    """How far, as the check of a database sees it."""
    anchors = tuple(Anchor(f"checkpoint {n}", one) for n, one in enumerate(notes))
    announced = Announced((LOG.verifier(),), (WITNESS.verifier(), SECOND.verifier()))
    anchoring = Anchoring(ORIGIN, anchors, announced, Succession({LOG.verifier(): 0}))
    for leaf in LEAVES:
        anchoring.grow(leaf)
    return anchoring.covered


def in_an_export(notes: Iterable[Note]) -> Covered | None:
    """How far, as the check of an export sees it."""
    witnesses = (WITNESS.verifier(), SECOND.verifier())
    known = (LOG.verifier(), *witnesses, NOBODY.verifier())
    return covered_by(signed_by_log(notes, known, Succession({LOG.verifier(): 0})), witnesses)


@pytest.fixture(params=[in_the_database, in_an_export])
def covered(request: pytest.FixtureRequest) -> object:
    """Either check."""
    return request.param


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        ([], None),
        ([note(5)], None),
        ([note(3, (WITNESS, 300))], Covered(3, 300)),
        # the largest, however long ago it was cosigned
        ([note(3, (WITNESS, 300)), note(5, (WITNESS, 100)), note(8)], Covered(5, 100)),
        # of the largest the newest time, whosever it is
        ([note(3, (WITNESS, 300)), note(5, (WITNESS, 200), (SECOND, 100))], Covered(5, 200)),
        ([note(3, (WITNESS, 300)), note(5, (SECOND, 200), (WITNESS, 100))], Covered(5, 200)),
        ([note(5, (WITNESS, 100), (WITNESS, 250))], Covered(5, 250)),
        # who is no witness of this log does not count
        ([note(3, (WITNESS, 300)), note(5, (NOBODY, 400))], Covered(3, 300)),
        # nor what the log itself did not sign
        ([note(3, (WITNESS, 300)), note(5, (WITNESS, 400), by=STRANGER)], Covered(3, 300)),
    ],
)
def test_the_largest_checkpoint_counts_and_of_it_the_newest_cosignature(
    covered: object, notes: list[Note], expected: Covered | None
) -> None:
    assert callable(covered)
    for order in permutations(notes):
        assert covered(order) == expected


def test_what_a_witness_cosigned_of_another_past_covers_nothing_here() -> None:
    elsewhere = [leaf_hash(b"another"), *LEAVES[1:]]
    assert in_the_database([note(3, (WITNESS, 300)), note(8, (WITNESS, 400), leaves=elsewhere)]) == Covered(3, 300)
    assert in_the_database([note(8, (WITNESS, 400), leaves=elsewhere)]) is None
