"""Whose signatures count: which keys of a log may be trusted, and how far a witness covers it. Pure.

A log changes its key by letting the old and the new one sign one checkpoint together (audit.md §7). So whoever trusts
the old one may follow, and nobody else can bring in a key of his own. It leads forward only: the new one vouches for
nothing that the old one signs, and one that was replaced vouches for no further key (succession.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.anchoring import Covered
from engine.checkpoint import Attested, attested
from engine.key import Verifier
from engine.note import Note, NoteError
from engine.succession import Succession


def check_no_stranger(note: Note, keys: Iterable[Verifier]) -> None:
    """In an export no signature is left unchecked: a line could be changed until it is nobody's. Raises `NoteError`."""
    known = {(key.name, key.key_id) for key in keys}
    for line in note.signatures:
        if (line.name, line.key_id) not in known:
            raise NoteError(f"it is signed by {line.name} with a key that is not in the export")


def signed_by_log(notes: Iterable[Note], keys: Iterable[Verifier], succession: Succession) -> Iterator[Attested]:
    """The checkpoints among some notes that their own log signed with its key of then; the others prove nothing."""
    known = tuple(keys)
    for note in notes:
        try:
            by = attested(note, known)
        except NoteError:
            continue
        if succession.fault(by) is None:
            yield by


def followed_keys(
    checkpoints: Iterable[Attested], trusted: Iterable[Verifier], succession: Succession
) -> frozenset[Verifier]:  # fmt: skip
    """The keys of a log that may be trusted by whoever trusts some, through its checkpoints, oldest first.

    A new key is vouched for by the one that it replaced, and by no older one.
    """
    found = set(trusted)
    for one in checkpoints:
        key, replaced = succession.at(one.checkpoint), succession.before(one.checkpoint)
        if key is not None and replaced in found and any(signer.key == replaced for signer in one.log):
            found.add(key)
    return frozenset(found)


def covered_by(checkpoints: Iterable[Attested], witnesses: Iterable[Verifier]) -> Covered | None:
    """The largest checkpoint that one of the witnesses cosigned, and when it last did; None where none did."""
    known = frozenset(witnesses)
    found = [
        Covered(seal.checkpoint.size, one.at)
        for seal in checkpoints
        for one in seal.witnesses
        if one.key in known and one.at is not None
    ]
    return max(found, key=lambda covered: (covered.size, covered.at), default=None)
