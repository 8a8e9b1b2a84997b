"""May a backup be put in place? What is known of its log from elsewhere says so. Pure.

A backup is older than what it is a backup of, and nothing in it says by how much. What does are checkpoints from
elsewhere: those that the database being replaced still holds, and those that somebody kept (the other party above all).
A backup that has what they were signed over is put in place as it is. One that is behind may only go on under another
name (origin.py). One that has other events in the same places is of another history, and is not put in place at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.anchoring import CHANGED, SHORTER, Anchor
from engine.checkpoint import Checkpoint, attested, checkpoint_of
from engine.continuation import Lost
from engine.errors import PolitiradError, UsageError, ViewsDifferError
from engine.fault import Fault
from engine.key import Verifier
from engine.note import NoteError
from engine.origin import next_name, number_of
from engine.sealing import Announced, Sealed

OwnKeys = Callable[[str], tuple[Verifier, ...]]
"""The public halves of the private keys at hand, under the name of a log."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """What the database that is replaced knows of a log: its names and size, what was signed, what was erased."""

    names: tuple[str, ...]
    size: int
    checkpoints: tuple[Sealed, ...]
    keys: Announced
    lost: Lost


@dataclass(frozen=True, slots=True)
class Log:
    """A log in a backup: its council and names, the present one last, and the anchors it is held against."""

    council: str
    names: tuple[str, ...]
    anchors: tuple[Anchor, ...] = ()

    @property
    def renamings(self) -> frozenset[str]:
        """The names under which it does not go on."""
        return frozenset(self.names[:-1])


class NotRestoredError(PolitiradError):
    """A backup must not be put in place. Says which of `verify`'s exit codes it comes to."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(f"Not restored, and nothing was changed: {why}")
        self.exit_code = code


def anchored(
    logs: Sequence[Log], given: Iterable[Anchor], recalled: Mapping[str, Recalled], own: OwnKeys
) -> tuple[Log, ...]:  # fmt: skip
    """The logs of a backup with what each is held against: the checkpoints given, and those recalled.

    Raises `NoteError` for a checkpoint of another log, and `UsageError` where another council is to be replaced.
    """
    by_log: dict[str, list[Anchor]] = {log.council: [] for log in logs}
    for anchor in given:
        by_log[_log_of(anchor, logs).council].append(anchor)
    return tuple(_with_anchors(log, by_log[log.council], recalled.get(log.council), own) for log in logs)


def behind(log: Log, faults: Iterable[Fault]) -> Checkpoint | None:
    """The newest checkpoint that a log has fewer events than, by what `verify` found; None where it has them all.

    Raises `NotRestoredError` where anything else is wrong.
    """
    anchors, found = {anchor.name: anchor for anchor in log.anchors}, tuple(faults)
    if grave := [fault for fault in found if fault.where not in anchors or fault.exit_code != SHORTER]:
        raise _not_restored(log, min(grave, key=lambda fault: fault.exit_code), anchors)
    if all(_origin(anchors[fault.where]) in log.renamings for fault in found):
        return None  # what was lost under an earlier name, an event of the log tells already
    newest = (checkpoint_of(anchor.note.text) for anchor in log.anchors)
    return max((c for c in newest if c.origin not in log.renamings), key=lambda checkpoint: checkpoint.size)


def too_short(log: Log, events: int, known: Checkpoint) -> NotRestoredError:
    """Why a backup that is behind is not put in place without a reason."""
    return NotRestoredError(
        SHORTER,
        f"the backup has {events} events of {log.names[-1]}, and a checkpoint over {known.size} of {known.origin} is "
        "known. Restore a newer backup. Where there is none, say why with --reason: the log then goes on under a new "
        f"name, and the {known.size - events} events after the backup are gone from it.",
    )  # fmt: skip


def new_name(log: Log, logs: Iterable[Log], recalled: Mapping[str, Recalled]) -> str:
    """The name a log goes on under: one that nobody is known to have seen."""
    seen = {name for other in logs for name in (*other.names, *map(_origin, other.anchors))}
    seen |= {name for other in recalled.values() for name in other.names}
    return next_name(log.names[0], seen)


def _log_of(anchor: Anchor, logs: Sequence[Log]) -> Log:
    """The log a checkpoint is of: one that has its name, else one that may have gone on under it."""
    origin = _origin(anchor)
    named = (log for log in logs if origin in log.names)
    found = next(named, None) or next((log for log in logs if number_of(log.names[0], origin)), None)
    if found is None:
        names = ", ".join(log.names[-1] for log in logs)
        raise NoteError(f"{anchor.name}: it is of {origin}, another log. The backup has {names}.")
    return found


def _with_anchors(log: Log, given: Iterable[Anchor], recalled: Recalled | None, own: OwnKeys) -> Log:
    if recalled and recalled.names[0] != log.names[0]:
        raise UsageError(
            f"{log.council} is {log.names[0]} in the backup and {recalled.names[0]} in the database: another "
            "council's. Name the right one with --database."
        )
    known = recalled.keys.all if recalled else ()
    signable = (replace(anchor, keys=(*known, *own(_origin(anchor)))) for anchor in given)
    told = _recalled_anchors(recalled, own) if recalled else ()
    renamed = (replace(anchor, renamed=_origin(anchor) not in log.names) for anchor in (*signable, *told))
    return replace(log, anchors=tuple(renamed))


def _recalled_anchors(recalled: Recalled, own: OwnKeys) -> Iterator[Anchor]:
    """The checkpoints of the database that is replaced, as far as they are signed: somebody may have been at it."""
    for sealed in recalled.checkpoints:
        keys = (*recalled.keys.all, *own(recalled.names[-1]))
        try:
            attested(sealed.note, keys)
        except NoteError:
            continue
        yield Anchor(f"checkpoint {sealed.size} of the database that is replaced", sealed.note, keys)


def _not_restored(log: Log, fault: Fault, anchors: Mapping[str, Anchor]) -> NotRestoredError:
    if fault.where in anchors and fault.exit_code == CHANGED:
        why = (
            f"the backup and {fault.where} are of two histories of {log.names[-1]}: {fault.what}. One of them was "
            "rewritten. Keep both, ask the other party for the checkpoint it cosigned last, and restore a backup that "
            "agrees with that one (--against)."
        )
    else:
        why = f"{log.council}: {fault.where}: {fault.what}. {_what_next(fault, anchors)}"
    return NotRestoredError(fault.exit_code, why)


def _what_next(fault: Fault, anchors: Mapping[str, Anchor]) -> str:
    if fault.where in anchors:
        return "Give a checkpoint that the log has signed, and name its key's file as log_key where it is a newer key."
    if fault.exit_code == ViewsDifferError.exit_code:
        return "The backup's log is whole: `politirad --database BACKUP rebuild` mends its views, then restore it."
    return "The backup is not in order: restore another one, and keep it for whoever looks into it."


def _origin(anchor: Anchor) -> str:
    return checkpoint_of(anchor.note.text).origin
