"""The proof of one event: that these bytes stand in the log, without showing any other event. Pure.

It is a text of c2sp.org/tlog-proof, self-contained; with the event's bytes and the public keys it can be checked
offline, years later:

    c2sp.org/tlog-proof@v1
    index 41                                    the position of the event, 0-based
    base64(hash)                                its inclusion proof, from the leaf's sibling upwards
                                                a blank line
    the checkpoint, a signed note               (checkpoint.py)

The format allows a line of `extra` data, which nothing signs. We write none, and refuse it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.blocks import Blocks, Leaves
from engine.checkpoint import Attested, attested, checkpoint_of, hash_of, number_of
from engine.key import Verifier, base64_of
from engine.merkle import ProofError, inclusion_spans, leaf_hash, roots_by
from engine.merkle_check import check_inclusion
from engine.note import Note, note_of

HEADER = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class Proof:
    """Where an event stands (0-based), the hashes from there to the root, and the signed checkpoint with that root.

    `str()` is the text of the proof.
    """

    index: int
    hashes: tuple[bytes, ...]
    note: Note

    def __str__(self) -> str:
        head = (HEADER, f"index {self.index}", *map(base64_of, self.hashes))
        return "".join(f"{line}\n" for line in head) + f"\n{self.note}"


@dataclass(frozen=True, slots=True)
class Proven:
    """What a proof shows: an event stood at this position (0-based) when the log had the attested size and root."""

    index: int
    by: Attested


def prove(index: int, note: Note, kept: Sequence[bytes], leaves: Leaves) -> Proof:
    """The proof of the event at a position, from the leaf hashes, and the roots of the first blocks as far as kept.

    Raises `NoteError` where the note is no checkpoint, and `ProofError` where it does not cover the position, or where
    what is kept does not lead to its root.
    """
    signed = checkpoint_of(note.text)
    blocks = Blocks(signed.size, kept, leaves)
    hashes = roots_by(inclusion_spans(index, signed.size), blocks.root)
    check_inclusion(blocks.root(0, index), index, signed.size, signed.root, hashes)
    return Proof(index, hashes, note)


def proof_of(raw: bytes | str) -> Proof:
    """The proof in a file. Raises `ProofError` or `NoteError`, saying what is wrong with it."""
    head, blank, note = _decoded(raw).partition("\n\n")
    header, *lines = head.split("\n")
    if header != HEADER:
        raise ProofError(f"This is no proof: its first line is not {HEADER}.")
    if not blank:
        raise ProofError("The proof has no checkpoint after a blank line: it was cut short.")
    if lines and lines[0].startswith("extra "):
        raise ProofError("The proof carries extra data, which nothing signs: ask for one without.")
    try:
        return Proof(_index("".join(lines[:1])), tuple(map(hash_of, lines[1:])), note_of(note))
    except ValueError as error:
        raise ProofError(f"The proof is malformed: {error}.") from error


def check(body: bytes, proof: Proof, keys: Iterable[Verifier]) -> Proven:
    """What the proof shows of an event's bytes (RFC 8785 JSON, no newline at the end) to somebody with these keys.

    Raises `NoteError` where the checkpoint may not be believed, and `ProofError` where these bytes are not in it.
    """
    by = attested(proof.note, keys)
    tree = by.checkpoint
    check_inclusion(leaf_hash(body), proof.index, tree.size, tree.root, proof.hashes)
    return Proven(proof.index, by)


def _decoded(raw: bytes | str) -> str:
    try:
        return raw if isinstance(raw, str) else raw.decode()
    except UnicodeDecodeError as error:
        raise ProofError(f"The proof is not UTF-8 at byte {error.start}: it was changed.") from error


def _index(line: str) -> int:
    if not line.startswith("index "):
        raise ValueError(f"its second line is {line[:40]!r}, not 'index' and a number")
    return number_of(line.removeprefix("index "))
