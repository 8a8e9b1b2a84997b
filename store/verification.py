"""Whether a council's record is what it says: the bytes of its log, its views, its documents.

Everything is recomputed from stored bytes. The views are compared with a second projection of the whole log into
an empty database in memory, row by row. That the log's tail was not cut cannot be seen from inside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import TypeAlias

from sqlalchemy import Table, select

from engine.anchoring import Anchor, Anchoring, Covered
from engine.chain import documents_in
from engine.errors import BytesChangedError, DocumentDiffersError, ViewsDifferError
from engine.fault import Faults
from engine.field import shown
from engine.ports import Recorded
from store.chain import followed
from store.councils import ORIGIN
from store.creation import create_schema
from store.documents import DocumentReads
from store.link import Link, Memory, Value, by
from store.log import SIZE
from store.projection import Views
from store.rebuild import UNFIT, Progress
from store.shape import misshapen
from store.tables import VIEWS
from store.tree import TreeReads

Row: TypeAlias = "tuple[Value, ...]"


@dataclass(slots=True)
class Report(Faults):
    """What `verify` looked at and found. `views_compared` is false where the log is too broken to be replayed."""

    council: str = ""
    events: int = 0
    documents: int = 0
    views_compared: bool = False
    checkpoints: int = 0
    covered: Covered | None = None

    @property
    def uncovered(self) -> int:
        """How many events no cosigned checkpoint covers yet."""
        return self.events - (self.covered.size if self.covered else 0)


class Verification:
    """One look at a council's whole record; `replay` is an empty database to project the log into."""

    def __init__(
        self, link: Link, replay: Link, council: str, progress: Progress, anchors: Sequence[Anchor] = ()
    ) -> None:  # fmt: skip
        self._link = link
        self._replay = replay
        self._report = Report(council=council)
        self._kept = DocumentReads(link, council, Memory())
        self._documents = tuple(self._kept.documents())
        self._total = int(link.run(SIZE, council=council).fetchone()[0]) + len(self._documents)
        self._progress = progress
        self._anchoring = self._against(anchors)

    def _against(self, anchors: Sequence[Anchor]) -> Anchoring:
        """What the log is held against: its own checkpoints, and those from outside."""
        reader = TreeReads(self._link, self._report.council, Memory())
        own = tuple(Anchor(f"checkpoint {sealed.size}", sealed.note) for sealed in reader.checkpoints())
        self._report.checkpoints = len(own)
        row = self._link.run(ORIGIN, council=self._report.council).fetchone()
        return Anchoring(str(row[0]) if row else "", (*own, *anchors), reader.announced())

    def report(self) -> Report:
        """Look at everything, and say what was found."""
        create_schema(self._replay)
        self._check_shape()
        named = self._follow_log()
        self._hold_against_anchors()
        if self._report.views_compared:
            self._compare_views()
        self._check_documents(named)
        return self._report

    def _check_shape(self) -> None:
        what = "it is not defined as it was made, so what is looked up in the log need not be what its bytes say"
        for name in misshapen(self._link, self._replay):
            self._report.blame(ViewsDifferError.exit_code, f"definition of {name}", what)

    def _follow_log(self) -> dict[str, str]:
        """Check every event and project the sound ones; the documents they name, each with the first to name it."""
        report, views, sound, named = self._report, Views(self._replay, self._report.council), True, dict[str, str]()
        for position, leaf, made, faults in followed(self._link, report.council):
            self._anchoring.grow(leaf)
            if made is not None:
                self._anchoring.meet(made.event)
            where = f"event {position}" + (f" ({made.event.case} number {made.event.n})" if made else "")
            try:
                for sha256 in documents_in(made.event.data) if made and '"sha256"' in made.body else ():
                    named.setdefault(sha256, where)
            except BytesChangedError as error:
                faults.append(str(error))
            for what in faults:
                report.blame(BytesChangedError.exit_code, where, what)
            sound = sound and not faults and made is not None and self._projects(views, made, where)
            report.events += 1
            self._progress(report.events, self._total)
        report.views_compared = sound
        return named

    def _hold_against_anchors(self) -> None:
        for code, where, what in self._anchoring.faults():
            self._report.blame(code, where, what)
        self._report.covered = self._anchoring.covered

    def _projects(self, views: Views, made: Recorded, where: str) -> bool:
        try:
            views.project(made)
        except (*UNFIT, self._replay.rejects) as error:
            self._report.blame(ViewsDifferError.exit_code, where, f"cannot be projected: {error}")
            return False
        return True

    def _compare_views(self) -> None:
        for view, statement in _VIEWS:
            stored, replayed = (
                database.run(statement, council=self._report.council) for database in (self._link, self._replay)
            )
            for where, what in differences(view, stored, replayed):
                self._report.blame(ViewsDifferError.exit_code, where, what)

    def _check_documents(self, named: Mapping[str, str]) -> None:
        report, code = self._report, DocumentDiffersError.exit_code
        for sha256, where in named.items():
            if not self._kept.has_document(sha256):
                report.blame(code, where, f"document {sha256[:12]} is missing")
        for sha256 in self._documents:
            if not self._is_whole(sha256):
                report.blame(code, f"document {sha256[:12]}", "its bytes are not those that were recorded")
            report.documents += 1
            self._progress(report.events + report.documents, self._total)

    def _is_whole(self, sha256: str) -> bool:
        try:
            for _ in self._kept.document(sha256):
                pass
        except DocumentDiffersError:
            return False
        return True


def differences(view: Table, stored: Iterator[Row], replayed: Iterator[Row]) -> Iterator[tuple[str, str]]:
    """Where a view differs from what the log says, and how. Both come ordered by the view's key."""
    size = len(view.primary_key.columns)
    have = ((row[:size], "view", row) for row in stored)
    want = ((row[:size], "log", row) for row in replayed)
    for key, found in groupby(merge(have, want), key=itemgetter(0)):
        rows = {source: row for _, source, row in found}
        if rows.get("view") != rows.get("log"):
            yield " ".join((view.name, *(str(part)[:12] for part in key[1:]))), _told_apart(view, rows)


_VIEWS = tuple((view, select(view).where(*by(view)).order_by(*view.primary_key.columns)) for view in VIEWS)


def _told_apart(view: Table, rows: Mapping[str, Row]) -> str:
    if len(rows) == 1:
        return "stands in the view and not in the log" if "view" in rows else "is missing in the view"
    values = zip(view.columns.keys(), rows["view"], rows["log"], strict=True)
    differing = ((name, have, want) for name, have, want in values if have != want)
    return "; ".join(f"{name} is {shown(have)}, the log says {shown(want)}" for name, have, want in differing)
