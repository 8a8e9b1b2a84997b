"""The other party as a witness: may this log be cosigned, by what is remembered of it? (audit.md §7, "Keys").

Everything in the export is checked, and it must continue the checkpoint that was cosigned last. So a witness says no to

* a log that was *rewritten*: an event that it vouched for is not there any more, whoever signed the new one;
* a log that was *shortened*: it ends before what was vouched for, as an old copy does;
* a log that was *forked*: it has signed two different pasts of the same length, which is a proof of it.

Of a log it never saw, a witness believes nothing: the public key must come by another road, from the annex of the
agreement. We ask for it (`--log-key`) and do not trust whatever comes first, because the first export is the one moment
at which a false key would be taken in for good. A log that was restored from an older copy goes on under another name
(origin.py), and is such a log too; the witness says what it had seen under the earlier one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.anchoring import SHORTER, Anchor
from engine.checkpoint import Checkpoint
from engine.errors import BytesChangedError, PolitiradError, UsageError
from engine.exported import Progress, Report, origin_in, verify_export
from engine.fault import Fault
from engine.folder import Folder
from engine.key import Kind, Signer, Verifier
from engine.memory import Remembered
from engine.note import Note, NoteError, cosign

ANCHOR = "the checkpoint you cosigned last"


class ShortenedError(PolitiradError):
    """A log ends before what was seen of it."""

    exit_code = 11


class NotInOrderError(PolitiradError):
    """An export has faults of its own."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(
            f"Not cosigned. The export is not in order: {fault.where}: {fault.what} "
            "`politirad verify FOLDER` shows everything; ask the council for a new export."
        )
        self.exit_code = fault.exit_code


@dataclass(frozen=True, slots=True)
class Seen:
    """A log that may be cosigned: its newest checkpoint, what to remember of it, and whether its key is a new one."""

    report: Report
    newest: Checkpoint
    remembered: Remembered
    rekeyed: bool
    earlier: tuple[Checkpoint, ...] = ()
    """What was vouched for under names that the log had before it was restored."""


def look(
    path: Path, logs: dict[str, Remembered], told: Iterable[Verifier], progress: Progress = lambda *_: None
) -> Seen:  # fmt: skip
    """The log in an export, if it may be cosigned by a witness that remembers `logs` and was told keys of the log.

    Raises `BytesChangedError` for a rewritten or forked log, `ShortenedError`, `NoteError` for a key nobody vouched
    for, `NotInOrderError` for any other fault, and `NotFoundError` where there is no such folder.
    """
    known, told = logs.get(origin_in(Folder(path))), tuple(told)
    if any(key.kind is not Kind.LOG for key in told):
        raise UsageError("--log-key names the key of a witness. Give the log's own: `politirad keys show` prints it.")
    trusted = tuple(dict.fromkeys((*(known.keys if known else ()), *told)))
    anchors = (Anchor(ANCHOR, known.note),) if known else ()
    report = verify_export(path, trusted, anchors, progress)
    if known:
        _check_continues(report, known.checkpoint)
    if report.faults:
        raise NotInOrderError(min(report.faults, key=lambda fault: fault.exit_code))
    if not trusted:
        raise NoteError(_first_time(report, logs))
    return _seen(report, known, tuple(_earlier(report, logs)))


def _check_continues(report: Report, seen: Checkpoint) -> None:
    """Refuse a log that does not continue what was seen of it. The evidence is the export and the memory together."""
    fault = next((fault for fault in report.faults if fault.where == ANCHOR), None)
    newest = max(report.notes, default=0)
    if newest < seen.size or (fault and fault.exit_code == SHORTER):
        raise ShortenedError(
            f"Not cosigned. The log of {seen.origin} was shortened: you vouched for {seen.size} events, this export "
            f"has {report.events}, and its newest checkpoint covers {newest}. It is an old copy, or its end was cut. "
            "Ask for a newer export; if there is none, keep this one and your memory: together they show it."
        )
    if fault:
        forked = seen.size in report.notes
        raise BytesChangedError(
            f"Not cosigned. The log of {seen.origin} was {'forked' if forked else 'rewritten'}: its first {seen.size} "
            f"events are not those you vouched for{', and it has signed both' if forked else ''}. "
            "Keep this export and your memory: together they show it. Tell both parties."
        )


def _earlier(report: Report, logs: Mapping[str, Remembered]) -> Iterator[Checkpoint]:
    """What was vouched for under names that a restored log no longer has."""
    return (logs[name].checkpoint for name in report.earlier if name in logs)


def _first_time(report: Report, logs: Mapping[str, Remembered]) -> str:
    vkeys = " or ".join(str(one.key) for one in report.checkpoints[-1].log)
    told = (f"continues {one.origin}, of which you vouched for {one.size} events" for one in _earlier(report, logs))
    continues = "".join(f"It was restored and {one}: ask what was lost. " for one in told)
    return (
        f"Not cosigned. You have not seen the log of {report.origin} before, so nothing says whose it is. "
        f"{continues}The export names the key {vkeys} Compare it with the annex of the agreement, or by telephone; "
        "if it is the same, give it with --log-key."
    )


def _seen(report: Report, known: Remembered | None, earlier: tuple[Checkpoint, ...]) -> Seen:
    newest = report.checkpoints[-1]
    keys = tuple(one.key for one in newest.log if one.key in report.trusted)
    rekeyed = known is not None and not set(keys) <= set(known.keys)
    note = report.notes[newest.checkpoint.size]
    return Seen(report, newest.checkpoint, Remembered(note, keys), rekeyed, earlier)


def cosigned(seen: Seen, signer: Signer, at: int) -> Note:
    """The newest checkpoint with the witness's signature at a time, in seconds since 1970 (UTC)."""
    note = seen.remembered.note
    return note.add(cosign(note.text, signer, at))
