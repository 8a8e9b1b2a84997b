"""Sealing: the head of a council's log as a signed checkpoint, made by the round, never by a step (audit.md §7).

The Merkle tree over all events (RFC 6962) is kept as its right edge alone and grown by each round from the leaves that
have come. A checkpoint is made after events that bind somebody, and daily. The key is a file that belongs to whoever
runs the clock: a step never signs, and whoever may take steps need not be able to read it. Public keys are announced in
the log itself, so that an export says whose they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from engine.blocks import blocks_between
from engine.checkpoint import Checkpoint, attested
from engine.errors import BytesChangedError, ConfigurationError
from engine.key import Kind, Signer, Verifier
from engine.merkle import Frontier
from engine.note import Note, NoteError, sign
from engine.ports import Recorded
from engine.rulebook import Rules
from engine.sealing import Announced, Sealed, Sealing, SealReads

DAILY = timedelta(days=1)

MOST = 1_000
"""New events that are looked through for a binding one; more are sealed unseen."""


class _Reading(SealReads, Protocol):
    """What `is_due` asks for."""

    def size(self) -> int:
        """How many events the log has."""

    def events_from(self, position: int, limit: int) -> tuple[Recorded, ...]:
        """The events of the log from a position on."""


@dataclass(frozen=True, slots=True)
class Sealer:
    """Makes checkpoints with one key, or with two while it is changed. `seeds` are of private keys, 32 bytes each."""

    rules: Rules
    seeds: tuple[bytes, ...]

    def is_due(self, reader: _Reading, now: datetime) -> bool:
        """Whether there are events to seal: binding ones, or any after a day."""
        newest, size = reader.newest_checkpoint(), reader.size()
        sealed = newest.size if newest else 0
        if size == sealed:
            return False
        if newest is None or size - sealed > MOST or abs(now - newest.made) >= DAILY:
            return True
        return any(self._binds(recorded) for recorded in reader.events_from(sealed, MOST))

    def seal(self, tx: Sealing, now: datetime) -> Sealed:
        """Grow the tree and sign its head, which continues the newest checkpoint.

        Raises `ConfigurationError` for a key that the log does not announce, or has replaced, and `BytesChangedError`
        where the log is not the one that was signed last.
        """
        origin, size = tx.council().origin, tx.size()
        signers = tuple(Signer(origin, Kind.LOG, seed) for seed in self.seeds)
        announced = tuple(key for key in tx.announced().log if key.name == origin)
        _check_announced(tuple(signer.verifier() for signer in signers), announced)
        frontier = _sealed_before(tx)
        frontier = frontier.extend(tx.leaves(frontier.size, size))
        text = str(Checkpoint(origin, size, frontier.root()))
        sealed = Sealed(size, now, Note(text, tuple(sign(text, signer) for signer in signers)))
        tx.keep_frontier(frontier)
        kept = len(tx.blocks())
        tx.keep_blocks(kept, blocks_between(kept, size, tx.leaves))
        tx.keep_checkpoint(sealed)
        return sealed

    def _binds(self, recorded: Recorded) -> bool:
        """Whether an event is of a binding step, a vote, or the first one under another name of the log."""
        event = recorded.event
        name, _, version = event.workflow.partition("/")
        workflow = self.rules.workflows.get((name, int(version or 1)))
        rows = workflow.by_step.get(str(event.data.get("step")), ()) if workflow else ()
        return any(row.binding for row in rows) or not {"decision", "continues"}.isdisjoint(event.data)


def _check_announced(keys: tuple[Verifier, ...], announced: tuple[Verifier, ...]) -> None:
    if not set(keys) <= set(announced):
        raise ConfigurationError(
            "log_key: the log does not announce this key, so no checkpoint is made. `politirad keys announce` "
            "does, where it is the right one; else name the file of the key it announces (`politirad keys show`)."
        )
    if announced[-1] not in keys:
        raise ConfigurationError(
            "log_key: this key was replaced, so no checkpoint is made: nobody would believe it. Name the file of the "
            "key that the log announced last (`politirad keys show`), and start the clock again."
        )


def _sealed_before(tx: Sealing) -> Frontier:
    """The right edge of the tree over the events that were sealed last: as it is kept, or else from the leaves.

    Raises `BytesChangedError` where neither has the root that was signed over them.
    """
    newest = tx.newest_checkpoint()
    if newest is None:
        return Frontier()
    signed = _signed(newest, tx.announced())
    kept = _kept(tx)
    if (kept.size, kept.root()) == (signed.size, signed.root):
        return kept
    edge = Frontier().extend(tx.leaves(0, signed.size))
    if (edge.size, edge.root()) != (signed.size, signed.root):
        raise BytesChangedError(
            f"The first {signed.size} events are not those that the newest checkpoint was signed over, so no other is "
            "signed. `politirad verify` shows what was changed; restore a backup."
        )
    return edge


def _signed(newest: Sealed, announced: Announced) -> Checkpoint:
    """What the newest checkpoint says. Raises `BytesChangedError` where no key that the log announces signed that."""
    try:
        signed = attested(newest.note, announced.all).checkpoint
    except NoteError as error:
        raise _disbelieved(newest, str(error)) from error
    if signed.size != newest.size:
        raise _disbelieved(newest, f"it states {signed.size}.")
    return signed


def _disbelieved(newest: Sealed, why: str) -> BytesChangedError:
    return BytesChangedError(
        f"The newest checkpoint (of {newest.size} events) may not be believed, so no other is signed: {why} See "
        "`politirad verify`."
    )


def _kept(tx: Sealing) -> Frontier:
    """The right edge as it is kept; nothing where that is none."""
    try:
        return tx.frontier()
    except BytesChangedError:
        return Frontier()
