"""Taking in what a witness cosigned: only its own lines, only over a checkpoint that this log has made. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from engine.checkpoint import checkpoint_of
from engine.errors import BytesChangedError, NotFoundError
from engine.note import Note, NoteError, Signature, signers
from engine.sealing import SealReads


@dataclass(frozen=True, slots=True)
class Cosignatures:
    """The cosignatures in a note over a checkpoint of so many events: all of them, and those that are not kept yet.

    `unknown` are who else signed, with keys that the log does not know.
    """

    size: int
    lines: tuple[Signature, ...]
    new: tuple[Signature, ...]
    unknown: tuple[str, ...]


def cosignatures(reader: SealReads, origin: str, note: Note) -> Cosignatures:
    """What a note brings to the log of an origin.

    Raises `NoteError` where it is of another log, or no trusted witness signed it, `NotFoundError` where the log has
    no checkpoint of its size, and `BytesChangedError` where it has another.
    """
    checkpoint = checkpoint_of(note.text)
    sealed = next((one for one in reader.checkpoints() if one.size == checkpoint.size), None)
    # What was cosigned under an earlier name of a log is taken in too: it is the same text.
    if checkpoint.origin != origin and (sealed is None or sealed.note.text != note.text):
        raise NoteError(f"This is a checkpoint of {checkpoint.origin}, and this log is {origin}. Nothing was taken in.")
    if sealed is None:
        raise NotFoundError(
            f"This log has no checkpoint over {checkpoint.size} events. If it was restored from an older copy, do not "
            "go on with it: the witness has seen more than it holds."
        )
    if sealed.note.text != note.text:
        raise BytesChangedError(
            f"The witness cosigned another log of {checkpoint.size} events than this one: the log was forked or "
            "rewritten. Nothing was taken in; keep this file, and run `politirad verify --against` with it."
        )
    lines = _by_witnesses(reader, note)
    new = tuple(one for one in lines if one not in sealed.note.signatures)
    return Cosignatures(checkpoint.size, lines, new, _unknown(reader, note))


def _by_witnesses(reader: SealReads, note: Note) -> tuple[Signature, ...]:
    """The lines of trusted witnesses, every one checked."""
    witnesses = reader.announced().witnesses
    known = {(key.name, key.key_id) for key in witnesses}
    lines = tuple(line for line in note.signatures if (line.name, line.key_id) in known)
    if not lines:
        names = ", ".join(line.name for line in note.signatures)
        raise NoteError(
            f"No witness that this log trusts has signed it, but {names}. `politirad keys trust VKEY` announces a "
            "witness; `politirad keys show` lists them."
        )
    signers(Note(note.text, lines), witnesses)
    return lines


def _unknown(reader: SealReads, note: Note) -> tuple[str, ...]:
    """Who signed with a key that is neither the log's nor a trusted witness's."""
    known = {(key.name, key.key_id) for key in reader.announced().all}
    return tuple(dict.fromkeys(line.name for line in note.signatures if (line.name, line.key_id) not in known))
