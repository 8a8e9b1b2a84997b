"""The values and ports of sealing: checkpoints as they are kept, and the public keys that the log announces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.holdings import CouncilState
from engine.key import Verifier
from engine.merkle import Frontier
from engine.note import Note, Signature


@dataclass(frozen=True, slots=True)
class Sealed:
    """A checkpoint as it is kept: over how many events, made at which UTC instant, and the note with its signatures."""

    size: int
    made: datetime
    note: Note


@dataclass(frozen=True, slots=True)
class Announced:
    """The public keys that the log announces: its own, oldest first, and those of its witnesses."""

    log: tuple[Verifier, ...] = ()
    witnesses: tuple[Verifier, ...] = ()

    @property
    def all(self) -> tuple[Verifier, ...]:
        """Every key a checkpoint may be signed by."""
        return (*self.log, *self.witnesses)


class SealReads(Protocol):
    """The part of a reader that looks at the tree and its checkpoints."""

    def leaves(self, first: int = 0, last: int | None = None) -> Iterator[bytes]:
        """The leaf hashes of the log by position, from one up to (not including) another."""

    def checkpoints(self) -> Iterator[Sealed]:
        """Every checkpoint with all its signatures, oldest first."""

    def newest_checkpoint(self) -> Sealed | None:
        """The newest checkpoint."""

    def announced(self) -> Announced:
        """The public keys that the log announces."""

    def blocks(self) -> tuple[bytes, ...]:
        """The roots of the log's first complete blocks, as far as the tree has been grown (`engine.blocks`)."""


class Sealing(SealReads, Protocol):
    """The part of a transaction that keeps the tree and its checkpoints."""

    def council(self) -> CouncilState:
        """The council."""

    def size(self) -> int:
        """How many events the log has."""

    def frontier(self) -> Frontier:
        """The right edge of the tree, as far as it has been grown."""

    def keep_frontier(self, frontier: Frontier) -> None:
        """Keep the right edge of the tree."""

    def keep_blocks(self, first: int, roots: Iterable[bytes]) -> None:
        """Keep the roots of further complete blocks, from a number on."""

    def keep_checkpoint(self, sealed: Sealed) -> None:
        """Keep a checkpoint with its signatures; nothing where it is kept already."""

    def add_signature(self, size: int, signature: Signature) -> None:
        """Keep a further signature of the checkpoint of a size; nothing where it is kept already."""
