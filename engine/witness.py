"""The other party as a witness: may this log be cosigned, by what is remembered of it? (audit.md §7, "Keys").

Everything in the export is checked, and it must continue the checkpoint that was cosigned last. So a witness says no to

* a log that was *rewritten*: an event that it vouched for is not there any more, whoever signed the new one;
* a log that was *shortened*: it ends before what was vouched for, as an old copy does;
* a log that was *forked*: it has signed two different pasts of the same length, which is a proof of it.

Of a log it never saw, a witness believes nothing: the public key must come by another road, from the annex of the
agreement. We ask for it (`--log-key`) and do not trust whatever comes first, because the first export is the one moment
at which a false key would be taken in for good. A log that was restored goes on under another name (origin.py) and is
such a log too; what was vouched for under the earlier one is held against it as far as that goes (earlier.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.anchoring import CHANGED, SHORTER, Anchor
from engine.checkpoint import Checkpoint
from engine.earlier import Earlier, earlier_in
from engine.errors import BytesChangedError, PolitiradError, UsageError
from engine.exported import Progress, Report, lives_of, verify_export
from engine.fault import Fault
from engine.folder import Folder
from engine.key import Kind, Signer, Verifier
from engine.memory import Remembered
from engine.note import Note, NoteError, cosign

ANCHOR = "the checkpoint you cosigned last"


class ShortenedError(PolitiradError):
    """A log ends before what was seen of it, or has lost some of it."""

    exit_code = 11


class NotInOrderError(PolitiradError):
    """An export has faults of its own."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(
            f"Not cosigned. The export is not in order: {fault.where}: {fault.what.rstrip('.')}. "
            "`politirad verify FOLDER` shows everything; ask the council for a new export."
        )
        self.exit_code = fault.exit_code


@dataclass(frozen=True, slots=True)
class Seen:
    """A log that may be cosigned: its newest checkpoint, what to remember of it, and whether its key is a new one.

    `is_known` says that it continues what was remembered under its name. Else `earlier` is what was remembered under
    the name before: still there, unless events of it are lost; None where nothing was remembered of the log. `shown` is
    over how many events the export has a cosignature of the witness itself, which nobody else can make; `others` are
    the logs that are remembered where this is none of them.
    """

    report: Report
    newest: Checkpoint
    remembered: Remembered
    is_known: bool
    rekeyed: bool
    earlier: Earlier | None = None
    shown: int = 0
    others: tuple[str, ...] = ()


def look(  # noqa: PLR0913  # what a person knows and says is one thing each
    path: Path,
    logs: dict[str, Remembered],
    told: Iterable[Verifier],
    progress: Progress = lambda *_: None,
    *,
    own: Verifier | None = None,
    lost: int = 0,
) -> Seen:
    """The log in an export, if it may be cosigned by a witness that remembers `logs` and was told keys of the log.

    `own` is the witness's own key; `lost` is how many vouched events a person says are gone from it, where it was
    restored from an older copy. Raises `BytesChangedError` for a rewritten or forked log, `ShortenedError`, `NoteError`
    for a key nobody vouched for, `NotInOrderError` for any other fault, and `NotFoundError` where there is no folder.
    """
    lives, told = lives_of(Folder(path)), tuple(told)
    known = logs.get(lives[-1].name) if lives else None
    if any(key.kind is not Kind.LOG for key in told):
        raise UsageError("--log-key names the key of a witness. Give the log's own: `politirad keys show` prints it.")
    trusted = tuple(dict.fromkeys((*(known.keys if known else ()), *told)))
    earlier = earlier_in(lives, logs)
    anchors = (*((Anchor(ANCHOR, known.note),) if known else ()), *(one.anchor for one in earlier if not one.lost))
    report = verify_export(path, trusted, anchors, progress)
    if known:
        _check_continues(report, known.checkpoint)
    _check_earlier(report, earlier)
    if report.faults:
        raise NotInOrderError(min(report.faults, key=lambda fault: fault.exit_code))
    before = earlier[-1] if earlier and not known else None
    if not trusted:
        raise NoteError(_first_time(report, before, logs))
    if report.checkpoints[-1].checkpoint.origin != report.origin:
        raise NoteError(_not_signed_yet(report))
    seen = replace(_seen(report, known, before, own), others=() if known or before else tuple(sorted(logs)))
    if before and before.lost not in {0, lost}:
        raise ShortenedError(_lost(seen, before))
    return seen


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
    if fault and fault.exit_code == CHANGED:
        raise _rewritten(seen, forked=seen.size in report.notes)


def _check_earlier(report: Report, earlier: Sequence[Earlier]) -> None:
    """Refuse a log that has not what was vouched for under another name, or is from before it took that name."""
    changed = {fault.where for fault in report.faults if fault.exit_code == CHANGED}
    for one in earlier:
        seen = one.checkpoint
        if one.left is None:
            raise ShortenedError(
                f"Not cosigned. This is the log of {seen.origin} as it was before it took that name, and under it you "
                f"have vouched for {seen.size} events: it is an old copy, or one of the two is false. Ask for an "
                f"export of {seen.origin}, and keep this one."
            )
        if one.anchor.name in changed:
            raise _rewritten(seen, forked=False)


def _rewritten(seen: Checkpoint, *, forked: bool) -> BytesChangedError:
    return BytesChangedError(
        f"Not cosigned. The log of {seen.origin} was {'forked' if forked else 'rewritten'}: its first {seen.size} "
        f"events are not those you vouched for{', and it has signed both' if forked else ''}. "
        "Keep this export and your memory: together they show it. Tell both parties."
    )


def _first_time(report: Report, before: Earlier | None, logs: Mapping[str, Remembered]) -> str:
    others = f"You remember {', '.join(sorted(logs))}, and it says of none that it continues it. " if logs else ""
    vkeys = " or ".join(str(one.key) for one in report.checkpoints[-1].log)
    return (
        f"Not cosigned. You have not seen the log of {report.origin} before, so nothing says whose it is. "
        f"{_restored(before) if before else others}The export names the key {vkeys} Compare it with the annex of the "
        "agreement, or by telephone; if it is the same, give it with --log-key."
    )


def _not_signed_yet(report: Report) -> str:
    return (
        f"Not cosigned. The log goes on as {report.origin}, and has signed nothing under that name yet. Ask the "
        "council to announce its key (`politirad keys announce`), and for a new export."
    )


def _restored(before: Earlier) -> str:
    """That a log goes on from one that was vouched for, and what is left of that."""
    seen = before.checkpoint
    what = f"at least {before.lost} of those are gone from it" if before.lost else "those are in it, unchanged"
    how = "takes the place of" if before.passed_over else "continues"
    return f"It was restored and {how} {seen.origin}, of which you vouched for {seen.size} events: {what}. "


def _lost(seen: Seen, before: Earlier) -> str:
    """What a person must know and ask before a log is cosigned that has lost some of what was vouched for."""
    shown = "nothing you have shows whether these are the same"
    if seen.shown:
        shown = f"your own cosignature shows that the first {seen.shown} are the same, and nothing shows it of others"
    kept = f"It says that it goes on from the first {before.left}: {shown}. " if before.left else ""
    return (
        f"Not cosigned. The log of {seen.newest.origin} is shortened. {_restored(before)}{kept}Ask the council which "
        "copy it restored, why, and what was in the events that are gone; compare with what you have kept of them: "
        f"exports, minutes, letters. Where that is in order, cosign it with --lost-events {before.lost}. Else keep "
        "this export and your memory, and tell both parties."
    )


def _shown(report: Report, own: Verifier | None) -> int:
    """Over how many events the log has a cosignature of one's own."""
    return max(
        (seal.checkpoint.size for seal in report.checkpoints if own in {w.key for w in seal.witnesses}), default=0
    )


def _seen(report: Report, known: Remembered | None, before: Earlier | None, own: Verifier | None) -> Seen:
    newest = report.checkpoints[-1].checkpoint
    keys = (report.signing,) if report.signing else ()
    rekeyed = known is not None and not set(keys) <= set(known.keys)
    remembered = Remembered(report.notes[newest.size], keys)
    return Seen(report, newest, remembered, known is not None, rekeyed, before, _shown(report, own))


def cosigned(seen: Seen, signer: Signer, at: int) -> Note:
    """The newest checkpoint with the witness's signature at a time, in seconds since 1970 (UTC)."""
    note = seen.remembered.note
    return note.add(cosign(note.text, signer, at))
