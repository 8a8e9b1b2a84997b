"""The Merkle tree's right edge, the checkpoints over it, and the public keys that the log announces.

Checkpoints and their signatures are only ever added (triggers in sqlite.py see to it). Private keys are nowhere here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TypeAlias

from sqlalchemy import Column, LargeBinary, bindparam, delete, func, or_, select
from sqlalchemy.dialects.sqlite import insert

from engine.calendar import format_instant, parse_instant
from engine.key import verifier_of
from engine.merkle import Frontier, frontier_of
from engine.note import Note, Signature, signature_of
from engine.sealing import Announced, Sealed
from engine.succession import LOG_KEY_SET
from store.link import Link, Reading, by, insert_into
from store.log import event
from store.schema import key, table, text

CheckpointRow: TypeAlias = "tuple[int, str, str]"

WITNESS = "council.witness_trusted"
"""The type of the events that announce a public key of a witness."""

tree = table("tree", Column("frontier", LargeBinary, nullable=False))
checkpoint = table("checkpoint", key("size", number=True), text("made"), text("text"))
checkpoint_sig = table("checkpoint_sig", key("size", number=True), key("line"))

_FRONTIER = select(tree.c.frontier).where(*by(tree))
_FORGET_FRONTIER = delete(tree).where(*by(tree))
_KEEP_FRONTIER = insert_into(tree)
_LEAVES = (
    select(event.c.leaf)
    .where(*by(event), event.c.pos >= bindparam("first"), event.c.pos < bindparam("last"))
    .order_by(event.c.pos)
)
_CHECKPOINTS = select(checkpoint.c.size, checkpoint.c.made, checkpoint.c.text).where(*by(checkpoint))
_ALL = _CHECKPOINTS.order_by(checkpoint.c.size)
_NEWEST = _CHECKPOINTS.order_by(checkpoint.c.size.desc()).limit(1)
_LINES = select(checkpoint_sig.c.line).where(*by(checkpoint_sig, "size")).order_by(checkpoint_sig.c.line)
_KEEP = insert(checkpoint).values({c.name: bindparam(c.name) for c in checkpoint.columns}).on_conflict_do_nothing()
_SIGN = insert(checkpoint_sig).values({c.name: bindparam(c.name) for c in checkpoint_sig.columns})
_SIGN_ONCE = _SIGN.on_conflict_do_nothing()
_KEYS = (
    select(event.c.type, func.json_extract(event.c.body, "$.data.vkey"))
    .where(*by(event, "case_id"), or_(event.c.type == LOG_KEY_SET, event.c.type == WITNESS))
    .order_by(event.c.n)
)
_WHOLE_LOG = 2**62


class TreeReads(Reading):
    """Reading the tree and its checkpoints."""

    def leaves(self, first: int = 0, last: int | None = None) -> Iterator[bytes]:
        """The leaf hashes of the log by position, from one up to (not including) another."""
        rows = self._rows(_LEAVES, first=first, last=_WHOLE_LOG if last is None else last)
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
        said = [(type_, verifier_of(vkey)) for type_, vkey in self._rows(_KEYS, case_id="C")]
        log, witnesses = (tuple(k for type_, k in said if type_ == kind) for kind in (LOG_KEY_SET, WITNESS))
        return Announced(log, witnesses)

    def frontier(self) -> Frontier:
        """The right edge of the tree, as far as it has been grown."""
        row = self._rows(_FRONTIER).fetchone()
        return Frontier() if row is None else frontier_of(bytes(row[0]))

    def _sealed(self, row: CheckpointRow) -> Sealed:
        size, made, words = row
        lines = tuple(signature_of(line) for (line,) in self._rows(_LINES, size=size))
        return Sealed(size, parse_instant(made).astimezone(UTC), Note(words, lines))


def keep_frontier(link: Link, council: str, frontier: Frontier) -> None:
    """Keep the right edge of the tree."""
    link.run(_FORGET_FRONTIER, council=council)
    link.run(_KEEP_FRONTIER, council=council, frontier=bytes(frontier))


def keep_checkpoint(link: Link, council: str, sealed: Sealed) -> None:
    """Keep a checkpoint with its signatures; nothing where it is kept already."""
    made: datetime = sealed.made
    link.run(_KEEP, council=council, size=sealed.size, made=format_instant(made), text=sealed.note.text)
    for signature in sealed.note.signatures:
        add_signature(link, council, sealed.size, signature)


def add_signature(link: Link, council: str, size: int, signature: Signature) -> None:
    """Keep a further signature of the checkpoint of a size; nothing where it is kept already."""
    link.run(_SIGN_ONCE, council=council, size=size, line=str(signature))
