"""Checkpoints: what a log was at one size, in a text that is signed (c2sp.org/tlog-checkpoint). Pure.

    origin                  the name of the log, and of the keys that sign for it
    size                    the number of events, decimal
    base64(root)            of the Merkle tree over them (merkle.py)

No extension lines: nobody would check them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from engine.key import Kind, Verifier, base64_of, bytes_of, is_name
from engine.merkle import SIZE
from engine.note import Note, NoteError, Signed, signers

_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The size and root (32 bytes) of a log; `str()` is the text that is signed.

    Raises `NoteError` for an origin that could not sign it.
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not is_name(self.origin):
            raise NoteError(
                f"{self.origin[:60]!r} cannot name a log: write it like example.org/council, without spaces and '+'."
            )

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64_of(self.root)}\n"


@dataclass(frozen=True, slots=True)
class Attested:
    """A checkpoint that may be believed, and who vouches for it.

    The log itself does, with two keys while it changes its key; of the witnesses perhaps none.
    """

    checkpoint: Checkpoint
    log: tuple[Signed, ...]
    witnesses: tuple[Signed, ...]


def checkpoint_of(text: str) -> Checkpoint:
    """The checkpoint in the text of a note. Raises `NoteError`, saying which line is wrong."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:  # noqa: PLR2004  # three lines, each ended
        raise NoteError("A checkpoint has exactly three lines: origin, size and root.")
    origin, size, root = lines[:3]
    try:
        return Checkpoint(origin, number_of(size), hash_of(root))
    except ValueError as error:
        raise NoteError(f"The checkpoint of {origin[:60]!r} is wrong: {error}.") from error


def attested(note: Note, keys: Iterable[Verifier]) -> Attested:
    """The checkpoint in a note that the log it names has signed, with its witnesses.

    Whether the key that signed had not been replaced by then, only the log's events tell (succession.py).
    Raises `NoteError` where it is no checkpoint, or where no known key of its own log signed it.
    """
    signed = signers(note, keys)
    checkpoint = checkpoint_of(note.text)
    log = tuple(one for one in signed if one.key.kind is Kind.LOG and one.key.name == checkpoint.origin)
    if not log:
        raise NoteError(f"No known key of {checkpoint.origin} itself signed the checkpoint.")
    return Attested(checkpoint, log, tuple(one for one in signed if one.key.kind is Kind.WITNESS))


def number_of(text: str) -> int:
    """A decimal number without sign and leading zeros, below 10^19. Raises ValueError."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text[:20]!r} is no whole number without leading zeros")
    return int(text)


def hash_of(text: str) -> bytes:
    """A hash in base64. Raises ValueError."""
    try:
        found = bytes_of(text)
    except ValueError as error:
        raise ValueError(f"the hash {text[:50]!r} is {error}") from error
    if len(found) != SIZE:
        raise ValueError(f"the hash {text[:50]!r} has {len(found)} bytes and not {SIZE}")
    return found
