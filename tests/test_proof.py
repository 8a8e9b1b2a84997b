"""The proof of one event: it shows that event and nothing else, and no bit of it can be changed."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.checkpoint import Checkpoint
from engine.errors import PolitiradError
from engine.key import Kind, Signer, base64_of
from engine.merkle import ProofError, leaf_hash, root_of
from engine.note import Note, NoteError, cosign, sign
from engine.proof import Proof, Proven, check, proof_of, prove

LOG = Signer("politirad.example/sor", Kind.LOG, bytes(range(32)))
WITNESS = Signer("politiet.example/vitne", Kind.WITNESS, bytes(range(1, 33)))
STRANGER = Signer("politirad.example/sor", Kind.LOG, bytes(range(2, 34)))
KEYS = (LOG.verifier(), WITNESS.verifier())
BODIES = [f'{{"n":{number}}}'.encode() for number in range(40)]
LEAVES = [leaf_hash(body) for body in BODIES]


def note_at(size: int) -> Note:
    text = str(Checkpoint(LOG.name, size, root_of(LEAVES[:size])))
    return Note(text, (sign(text, LOG), cosign(text, WITNESS, 1_700_000_000)))


def leaves(first: int, last: int) -> Iterable[bytes]:
    """The leaf hashes between two positions."""
    return LEAVES[first:last]


PROOF = prove(5, note_at(11), (), leaves)


def test_a_proof_is_laid_out_as_tlog_proof_says() -> None:
    hashes = "".join(f"{base64_of(part)}\n" for part in PROOF.hashes)
    assert str(PROOF) == f"c2sp.org/tlog-proof@v1\nindex 5\n{hashes}\n{note_at(11)}"


@given(st.integers(1, len(BODIES)), st.data())
def test_every_event_of_every_log_is_proved_by_its_text(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = prove(index, note_at(size), (), leaves)
    assert proof_of(str(proof)) == proof_of(str(proof).encode()) == proof
    proven = check(BODIES[index], proof, KEYS)
    assert (proven.index, proven.by.checkpoint.size) == (index, size)
    assert [one.key for one in (*proven.by.log, *proven.by.witnesses)] == list(KEYS)


def test_a_proof_shows_no_other_event() -> None:
    others = [body for body in BODIES if body != BODIES[5]]
    assert not any(body in str(PROOF).encode() for body in others)
    # What stands beside the event is its neighbour's hash, and those of whole stretches of the log.
    assert [part in LEAVES for part in PROOF.hashes] == [True, False, False, False]


def test_no_bit_of_a_proof_can_be_changed_but_to_lose_a_witness() -> None:
    raw, whole = str(PROOF).encode(), check(BODIES[5], PROOF, KEYS)
    witness_line = raw.index(f"— {WITNESS.name}".encode())
    for bit in range(8 * len(raw)):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << bit % 8
        left = what_is_left(bytes(changed))
        assert left is None or bit // 8 >= witness_line
        assert left is None or (left.by.witnesses, left.by.log, left.index) == ((), whole.by.log, whole.index)


def what_is_left(raw: bytes) -> Proven | None:
    try:
        return check(BODIES[5], proof_of(raw), KEYS)
    except PolitiradError:
        return None


def test_no_bit_of_the_event_can_be_changed() -> None:
    for bit in range(8 * len(BODIES[5])):
        changed = bytearray(BODIES[5])
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ProofError, match="does not lead from the event at position 5"):
            check(bytes(changed), PROOF, KEYS)


@pytest.mark.parametrize("body", [BODIES[6], BODIES[5] + b"\n", b""], ids=["another", "a newline more", "nothing"])
def test_other_bytes_are_not_proved(body: bytes) -> None:
    with pytest.raises(ProofError, match="does not lead from the event"):
        check(body, PROOF, KEYS)


@pytest.mark.parametrize("index", [*range(5), *range(6, 14), 2**64 - 1])
def test_another_position_is_not_proved(index: int) -> None:
    with pytest.raises(ProofError, match=f"position {index}|too long"):
        check(BODIES[5], Proof(index, PROOF.hashes, PROOF.note), KEYS)


def test_a_proof_does_not_fit_the_checkpoint_of_another_day() -> None:
    with pytest.raises(ProofError):
        check(BODIES[5], Proof(5, PROOF.hashes, note_at(12)), KEYS)


def test_a_proof_signed_by_a_stranger_proves_nothing() -> None:
    note = Note(PROOF.note.text, (sign(PROOF.note.text, STRANGER),))
    with pytest.raises(NoteError, match="None of the known keys"):
        check(BODIES[5], Proof(5, PROOF.hashes, note), KEYS)


def test_a_checkpoint_from_before_the_event_gives_no_proof() -> None:
    with pytest.raises(ProofError, match="no position 11"):
        prove(11, note_at(11), (), leaves)


HEAD = "c2sp.org/tlog-proof@v1\n"
NOTE = f"\n{note_at(11)}"
B64 = base64_of(LEAVES[0])
WRONG: dict[str, tuple[str | bytes, type[PolitiradError], str]] = {
    "nothing": ("", ProofError, "first line is not"),
    "another version": (f"c2sp.org/tlog-proof@v2\nindex 5\n{NOTE}", ProofError, "first line is not"),
    "only the first line": (HEAD, ProofError, "cut short"),
    "no checkpoint": (f"{HEAD}index 5\n{B64}\n", ProofError, "cut short"),
    "no index": (f"{HEAD}{B64}\n{NOTE}", ProofError, "not 'index' and a number"),
    "no second line": (f"{HEAD}{NOTE}", ProofError, "not 'index' and a number"),
    "a leading zero": (f"{HEAD}index 05\n{NOTE}", ProofError, "no whole number"),
    "a negative index": (f"{HEAD}index -5\n{NOTE}", ProofError, "no whole number"),
    "extra data": (f"{HEAD}extra QQ==\nindex 5\n{NOTE}", ProofError, "extra data, which nothing signs"),
    "a hash that is none": (f"{HEAD}index 5\nhello\n{NOTE}", ProofError, "is not base64"),
    "a short hash": (f"{HEAD}index 5\nQQ==\n{NOTE}", ProofError, "1 bytes and not 32"),
    "the ends of lines of Windows": (str(PROOF).replace("\n", "\r\n"), ProofError, "first line is not"),
    "a note cut short": (str(PROOF)[:-9], NoteError, "cut short"),
    "a note without signatures": (f"{HEAD}index 5\n\n{PROOF.note.text}\n", NoteError, "cut short"),
    "another encoding": (str(PROOF).encode("utf-16"), ProofError, "not UTF-8"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_malformed_proof_is_refused_in_one_line(what: str) -> None:
    raw, error, why = WRONG[what]
    with pytest.raises(error, match=why) as refusal:
        proof_of(raw)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 250


def test_a_proof_with_a_hash_too_many_or_too_few_is_refused() -> None:
    for hashes in (PROOF.hashes[:-1], (*PROOF.hashes, LEAVES[0])):
        with pytest.raises(ProofError):
            check(BODIES[5], Proof(5, hashes, PROOF.note), KEYS)
