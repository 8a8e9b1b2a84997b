"""The Merkle tree's right edge, the checkpoints over it, and the public keys that the log announces.

Checkpoints and their signatures are only ever added (triggers in sqlite.py see to it). Private keys are nowhere here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import TypeAlias

from sqlalchemy import Column, LargeBinary, bindparam, delete, func, or_, select

from engine.blocks import blocks_between
from engine.calendar import format_instant, parse_instant
from engine.errors import BytesChangedError, ConfigurationError
from engine.key import Verifier, verifier_of
from engine.merkle import Frontier, frontier_of
from engine.note import Note, NoteError, Signature, signature_of
from engine.sealing import Announced, Sealed
from engine.succession import LOG_KEY_SET
from store.expressions import Member
from store.link import Link, Memory, Reading, by, insert_into
from store.log import event
from store.schema import key, table, text

CheckpointRow: TypeAlias = "tuple[int, str, str]"

WITNESS = "council.witness_trusted"
"""The type of the events that announce a public key of a witness."""

tree = table("tree", Column("frontier", LargeBinary, nullable=False))
block = table("block", key("number", number=True), Column("root", LargeBinary, nullable=False), rowid=False)
checkpoint = table("checkpoint", key("size", number=True), text("made"), text("text"))
checkpoint_sig = table("checkpoint_sig", key("size", number=True), key("line"))

_FRONTIER = select(tree.c.frontier).where(*by(tree))
_SEALED = select(func.coalesce(func.max(checkpoint.c.size), 0)).where(*by(checkpoint))
_FORGET_FRONTIER = delete(tree).where(*by(tree))
_KEEP_FRONTIER = insert_into(tree)
_BLOCKS = select(block.c.root).where(*by(block)).order_by(block.c.number)
_FORGET_BLOCKS = delete(block).where(*by(block))
_KEEP_BLOCK = insert_into(block)
_LEAVES = (
    select(event.c.leaf)
    .where(*by(event), event.c.pos >= bindparam("first"), event.c.pos < bindparam("last"))
    .order_by(event.c.pos)
)
_CHECKPOINTS = select(checkpoint.c.size, checkpoint.c.made, checkpoint.c.text).where(*by(checkpoint))
_ALL = _CHECKPOINTS.order_by(checkpoint.c.size)
_NEWEST = _CHECKPOINTS.order_by(checkpoint.c.size.desc()).limit(1)
_LINES = select(checkpoint_sig.c.line).where(*by(checkpoint_sig, "size")).order_by(checkpoint_sig.c.line)
_KEPT = select(checkpoint.c.size).where(*by(checkpoint, "size"))
_KEEP = insert_into(checkpoint)
_SIGNED = select(checkpoint_sig.c.line).where(*by(checkpoint_sig, "size", "line"))
_SIGN = insert_into(checkpoint_sig)
_KEYS = (
    select(event.c.type, Member("data.vkey"))
    .where(*by(event, "case_id"), or_(event.c.type == LOG_KEY_SET, event.c.type == WITNESS))
    .order_by(event.c.n)
)
_WHOLE_LOG = 2**62


class TreeReads(Reading):
    """Reading the tree and its checkpoints."""

    def leaves(self, first: int = 0, last: int | None = None) -> Iterator[bytes]:
        """The leaf hashes of the log by position, from one up to (not including) another."""
        rows = self._stream(_LEAVES, first=first, last=_WHOLE_LOG if last is None else last)
        return (bytes(leaf) for (leaf,) in rows)

    def checkpoints(self) -> Iterator[Sealed]:
        """Every checkpoint with all its signatures, oldest first."""
        return map(self._sealed, self._rows(_ALL).fetchall())

    def newest_checkpoint(self) -> Sealed | None:
        """The newest checkpoint."""
        row = self._rows(_NEWEST).fetchone()
        return None if row is None else self._sealed(row)

    def announced(self) -> Announced:
        """The public keys that the log announces."""
        try:
            said = [(type_, verifier_of(str(vkey))) for type_, vkey in self._rows(_KEYS, case_id="C")]
        except ConfigurationError as error:
            raise BytesChangedError(f"A key the log announces is changed: {error} See `politirad verify`.") from error
        return announced_in(said)

    def frontier(self) -> Frontier:
        """The right edge of the tree, as far as it has been grown. Raises `BytesChangedError` where it is none."""
        row = self._rows(_FRONTIER).fetchone()
        return Frontier() if row is None else frontier_of(bytes(row[0]))

    def blocks(self) -> tuple[bytes, ...]:
        """The roots of the log's first complete blocks, as far as the tree has been grown (`engine.blocks`)."""
        return tuple(bytes(root) for (root,) in self._rows(_BLOCKS))

    def _sealed(self, row: CheckpointRow) -> Sealed:
        size, made, words = row
        lines = self._rows(_LINES, size=size).fetchall()
        try:
            note = Note(words, tuple(signature_of(line) for (line,) in lines))
            return Sealed(size, parse_instant(made).astimezone(UTC), note)
        except NoteError as error:
            raise NoteError(f"Checkpoint {size} is changed: {error} See `politirad verify`.") from error
        except ValueError as error:
            raise BytesChangedError(f"Checkpoint {size} is changed: {error}. See `politirad verify`.") from error


def announced_in(said: Iterable[tuple[str, Verifier]]) -> Announced:
    """Keys by the type of the event that announces each, in order."""
    known = tuple(said)
    return Announced(*(tuple(key for type_, key in known if type_ == kind) for kind in (LOG_KEY_SET, WITNESS)))


def keep_frontier(link: Link, council: str, frontier: Frontier) -> None:
    """Keep the right edge of the tree."""
    link.run(_FORGET_FRONTIER, council=council)
    link.run(_KEEP_FRONTIER, council=council, frontier=bytes(frontier))


def keep_blocks(link: Link, council: str, first: int, roots: Iterable[bytes]) -> None:
    """Keep the roots of further complete blocks, from a number on."""
    found = tuple(enumerate(roots, first))
    link.each(_KEEP_BLOCK, ({"council": council, "number": number, "root": root} for number, root in found))


def blocks_due(link: Link, council: str) -> tuple[bytes, ...]:
    """The roots of the complete blocks as they must be, from the leaves: of as many events as were sealed last."""
    ((size,),) = link.run(_SEALED, council=council)
    return tuple(blocks_between(0, size, TreeReads(link, council, Memory()).leaves))


def edge_due(link: Link, council: str) -> Frontier:
    """The right edge of the tree as it must be, from the leaves: over as many events as were sealed last."""
    ((size,),) = link.run(_SEALED, council=council)
    return Frontier().extend(TreeReads(link, council, Memory()).leaves(0, size))


def edge_kept(link: Link, council: str) -> bytes:
    """The stored right edge of the tree as it stands; empty where there is none."""
    row = link.run(_FRONTIER, council=council).fetchone()
    return b"" if row is None else bytes(row[0])


def regrow(link: Link, council: str) -> None:
    """Make the right edge of the tree anew, and the roots of its blocks."""
    link.run(_FORGET_BLOCKS, council=council)
    keep_blocks(link, council, 0, blocks_due(link, council))
    edge = edge_due(link, council)
    if edge.size:
        keep_frontier(link, council, edge)
    else:
        link.run(_FORGET_FRONTIER, council=council)


def keep_checkpoint(link: Link, council: str, sealed: Sealed) -> None:
    """Keep a checkpoint with its signatures; nothing where it is kept already."""
    if link.run(_KEPT, council=council, size=sealed.size).fetchone() is None:
        made = format_instant(sealed.made)
        link.run(_KEEP, council=council, size=sealed.size, made=made, text=sealed.note.text)
    for signature in sealed.note.signatures:
        add_signature(link, council, sealed.size, signature)


def add_signature(link: Link, council: str, size: int, signature: Signature) -> None:
    """Keep a further signature of the checkpoint of a size; nothing where it is kept already."""
    line = str(signature)
    if link.run(_SIGNED, council=council, size=size, line=line).fetchone() is None:
        link.run(_SIGN, council=council, size=size, line=line)
