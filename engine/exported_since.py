"""What an export tells whoever restores an older copy of its log: a checkpoint to hold it against, and what was erased.

With the database gone, an export that the other party or the archive keeps is all that knows (audit.md §5).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.anchoring import Anchor
from engine.continuation import Lost, lost_in
from engine.event import decode
from engine.exported import Progress, verify_export
from engine.folder import EVENTS, Folder
from engine.merkle import leaf_hash
from engine.ports import Recorded
from engine.restoring import NotRestoredError, Recalled

_ABOUT_PERSONS = b'"type":"council.person_'


@dataclass(frozen=True, slots=True)
class Since:
    """What an export knows: the names of its log, its newest checkpoint if it has one, and what was erased."""

    names: tuple[str, ...]
    anchors: tuple[Anchor, ...]
    lost: Lost


def since_of(path: Path, progress: Progress = lambda *_: None) -> Since:
    """What an export knows. Raises `NotFoundError`, and `NotRestoredError` where it is not in order."""
    report = verify_export(path, progress=progress)
    if report.faults:
        fault = min(report.faults, key=lambda fault: fault.exit_code)
        raise NotRestoredError(
            fault.exit_code, f"{path}: {fault.where}: {fault.what}. Give another export, or go on without one."
        )
    newest = sorted(report.notes.items())[-1:]
    anchors = tuple(Anchor(f"checkpoint {size} of {path}", note, report.keys) for size, note in newest)
    return Since((*report.earlier, report.origin), anchors, lost_in(_about_persons(Folder(path))))


def lost_to(names: Iterable[str], recalled: Recalled | None, since: Iterable[Since]) -> Lost | None:
    """All that was erased from a log with these names, by the database that is replaced and by exports; None: unknown.

    Who is blocked now, the database knows best.
    """
    known = set(names)
    told = [*([recalled.lost] if recalled else []), *(one.lost for one in since if known & set(one.names))]
    if not told:
        return None
    erased = [one for lost in told for one in lost.erased]
    return Lost(tuple(one for at, one in enumerate(erased) if one not in erased[:at]), told[0].blocked)


def _about_persons(folder: Folder) -> Iterator[Recorded]:
    for position, line in enumerate(folder.lines(EVENTS)):
        if _ABOUT_PERSONS in line:
            body = line.removesuffix(b"\n")
            yield Recorded(position, leaf_hash(body).hex(), body.decode(), decode(body))
