"""The checkpoints of a log as they are kept, each read by itself: one that cannot be read hides none of the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select

from engine.anchoring import CHANGED, UNSIGNED, Anchor
from engine.calendar import parse_instant
from engine.checkpoint import checkpoint_of
from engine.errors import BytesChangedError
from engine.fault import Faults
from engine.note import Note, Signature, signature_of
from store.expressions import BytesOf
from store.link import Link, by
from store.tree import checkpoint, checkpoint_sig

_CHECKPOINTS = (
    select(checkpoint.c.size, BytesOf(checkpoint.c.made), BytesOf(checkpoint.c.text))
    .where(*by(checkpoint))
    .order_by(checkpoint.c.size)
)
_LINES = (
    select(checkpoint_sig.c.size, BytesOf(checkpoint_sig.c.line))
    .where(*by(checkpoint_sig))
    .order_by(checkpoint_sig.c.size, checkpoint_sig.c.line)
)


def anchors_kept(link: Link, council: str, faults: Faults) -> tuple[Anchor, ...]:
    """The checkpoints that can be read, oldest first; what is wrong with the others is noted."""
    lines: dict[int, list[str]] = defaultdict(list)
    for size, line in link.run(_LINES, council=council):
        lines[size].append(_text(line))
    found = list[Anchor]()
    for size, made, text in link.run(_CHECKPOINTS, council=council):
        where = f"checkpoint {size}"
        with faults.blaming(where, CHANGED):
            _check_made(_text(made))
        signatures = _signatures(where, lines.pop(size, ()), faults)
        with faults.blaming(where):
            found.append(Anchor(where, _note(size, _text(text), signatures)))
    for size in lines:
        faults.blame(UNSIGNED, f"checkpoint {size}", "its signatures are kept, and it is gone")
    return tuple(found)


def _check_made(made: str) -> None:
    try:
        parse_instant(made)
    except ValueError as error:
        raise BytesChangedError(f"when it was made is changed: {error}") from error


def _signatures(where: str, lines: Sequence[str], faults: Faults) -> tuple[Signature, ...]:
    found = list[Signature]()
    for line in lines:
        with faults.blaming(where, UNSIGNED):
            found.append(signature_of(line))
    return tuple(found)


def _note(size: int, text: str, signatures: tuple[Signature, ...]) -> Note:
    """A checkpoint that is what it is kept as. Raises `NoteError`, `BytesChangedError`."""
    note = Note(text, signatures)
    if (stated := checkpoint_of(text).size) != size:
        raise BytesChangedError(f"it is kept as one over {size} events and states {stated}")
    return note


def _text(stored: bytes | None) -> str:
    """A text as it stands in the file, even where that is no text."""
    return (stored or b"").decode(errors="replace")
