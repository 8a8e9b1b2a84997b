"""Whether a council's record is what it says: its file, the bytes of its log, its texts, checkpoints, views, documents.

Everything is recomputed from stored bytes. The views are compared with a second projection of the whole log into
an empty database, row by row. Whatever is wrong is blamed on its place, and the check goes on to the end. That the
log's tail was not cut cannot be seen from inside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from engine.anchoring import Anchor, Anchoring, Covered
from engine.checkpoint import checkpoint_of
from engine.errors import BytesChangedError, DocumentDiffersError, PolitiradError, UsageError, ViewsDifferError
from engine.fault import Faults
from engine.signed_acts import SignedActs
from store.chain import Met, followed
from store.commitments import Commitments
from store.comparison import compared
from store.creation import create_schema
from store.documents import DocumentReads
from store.heard import Heard
from store.link import Link, Memory
from store.log import SIZE
from store.projection import Views
from store.rebuild import UNFIT, Progress
from store.seals import anchors_kept
from store.tables import VIEWS
from store.tree import TreeReads, blocks_due, edge_due, edge_kept

CHANGED, DIFFERS, MISSING = BytesChangedError.exit_code, ViewsDifferError.exit_code, DocumentDiffersError.exit_code


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

    def __init__(  # noqa: PLR0913, PLR0917  # the record, where to replay it, and what to hold it against
        self, link: Link, replay: Link, council: str, progress: Progress, anchors: Sequence[Anchor] = (), since: int = 0
    ) -> None:  # fmt: skip
        self._link = link
        self._replay = replay
        self._report = Report(council=council)
        self._council = council
        self._kept = DocumentReads(link, council, Memory())
        self._heard = Heard()
        self._texts = Commitments(link, council)
        self._acts = SignedActs(self._report)
        self._progress = progress
        self._anchors = tuple(anchors)
        self._since = since
        self._documents: tuple[str, ...] = ()
        self._total = 0

    def report(self) -> Report:
        """Look at everything, and say what was found."""
        report = self._report
        create_schema(self._replay)
        self._link.mark()
        self._check_file()
        self._check_shape()
        self._list_documents()
        own = self._own_anchors()
        self._check_since(own)
        anchoring = Anchoring(self._council, (*own, *self._anchors))
        self._follow_log(anchoring)
        self._hold_against(anchoring)
        if report.views_compared:
            self._compare_views()
            self._compare_edge()
        self._look_for_texts()
        self._check_documents()
        return report

    def _check_since(self, own: Sequence[Anchor]) -> None:
        """What is passed over must have been signed over. Raises `UsageError`; where seals are amiss, nothing is."""
        sizes = [checkpoint_of(anchor.note.text).size for anchor in own]
        if self._report.faults:
            self._since = 0
        elif self._since and self._since not in sizes:
            newest = f"The newest is --since {max(sizes)}" if sizes else "There is none: leave --since out"
            raise UsageError(f"There is no checkpoint over {self._since} events to begin at. {newest}.")

    def _check_shape(self) -> None:
        what = "it is not defined as it was made, so what is looked up in the log need not be what its bytes say"
        for name in self._link.product.misshapen(self._link, self._replay):
            self._report.blame(DIFFERS, f"definition of {name}", what)

    def _check_file(self) -> None:
        """What SQLite says of the file, and whether the triggers that guard the log are there."""
        if (said := self._link.product.damage(self._link, self._council)) is not None:
            self._report.blame(CHANGED, "the database file is damaged", f"{said}. Restore a backup, and keep this file")
        if amiss := sorted(self._link.product.guards_amiss(self._link)):
            told = ", ".join(f"{name} {what}" for name, what in amiss)
            what = f"{told}: the log could be changed unnoticed by whoever uses the file. `politirad rebuild` mends it"
            self._report.blame(DIFFERS, "the triggers that guard the log", what)

    def _list_documents(self) -> None:
        """Which documents are kept; how many pieces of work there are is known from then on."""
        with self._going_on("the list of documents", MISSING):
            self._documents = tuple(self._kept.documents())
        with self._going_on("the log", CHANGED):
            self._total = int(self._link.run(SIZE, council=self._council).fetchone()[0]) + len(self._documents)

    def _own_anchors(self) -> tuple[Anchor, ...]:
        own: tuple[Anchor, ...] = ()
        with self._going_on("the checkpoints", CHANGED):
            own = anchors_kept(self._link, self._council, self._report)
        self._report.checkpoints = len(own)
        return own

    def _follow_log(self, anchoring: Anchoring) -> None:
        """Check every event and project the sound ones, as long as the bytes of all are what they were."""
        report, views = self._report, Views(self._replay, self._council)
        sound, fits, read = True, not self._since, False
        with self._going_on("the log", CHANGED):
            for met in followed(self._link, self._council, self._since):
                sound = self._is_sound(met, anchoring) and sound
                fits = sound and fits and self._projects(views, met)
                report.events += 1
                self._progress(report.events, self._total)
            read = True
        report.views_compared = fits and read

    def _is_sound(self, met: Met, anchoring: Anchoring) -> bool:
        """Whether an event is what it was; what is wrong is blamed on it, and what it says is kept in mind."""
        where = met.where
        for what in met.faults:
            self._report.blame(CHANGED, where, what)
        anchoring.grow(met.leaf)
        if met.made is None:
            return met.passed_over and not met.faults
        with self._going_on(where, CHANGED):
            anchoring.meet(met.made.event)
            self._heard.hear(where, met.made)
            if not met.faults:
                self._acts.meet(met.made, where)
            for what in self._texts.meet(met.made.event, where):
                self._report.blame(CHANGED, where, what)
        return not met.faults

    def _hold_against(self, anchoring: Anchoring) -> None:
        anchoring.keys = self._heard.announced()
        for code, where, what in anchoring.faults():
            self._report.blame(code, where, what)
        self._report.covered = anchoring.covered

    def _projects(self, views: Views, met: Met) -> bool:
        try:
            if met.made is not None:
                views.project(met.made)
        except (*UNFIT, self._replay.product.error) as error:
            if isinstance(error, self._replay.product.error) and not self._is_of_bytes(error):
                raise
            self._report.blame(DIFFERS, met.where, f"cannot be projected: {error}")
            return False
        return True

    def _compare_views(self) -> None:
        for view in VIEWS:
            with self._going_on(view.name, DIFFERS):
                for where, what in compared(view, self._council, self._link, self._replay):
                    self._report.blame(DIFFERS, where, what)

    def _compare_edge(self) -> None:
        """The right edge of the tree is what the next checkpoint is grown from."""
        with self._going_on("tree", DIFFERS):
            due = edge_due(self._link, self._council)
            if edge_kept(self._link, self._council) != (bytes(due) if due.size else b""):
                what = f"the kept right edge of the tree is not that of the {due.size} events that were sealed"
                self._report.blame(DIFFERS, "tree", f"{what}. `politirad rebuild` makes it anew")
        with self._going_on("block", DIFFERS):
            kept = TreeReads(self._link, self._council, Memory()).blocks()
            if kept != blocks_due(self._link, self._council)[: len(kept)]:
                what = "the kept roots of its blocks are not those of the events, so no proof could be made from them"
                self._report.blame(DIFFERS, "block", f"{what}. `politirad rebuild` makes them anew")

    def _look_for_texts(self) -> None:
        with self._going_on("what was erased", CHANGED):
            for where, what in self._texts.unerased(self._heard.erased()):
                self._report.blame(CHANGED, where, what)

    def _check_documents(self) -> None:
        report = self._report
        for sha256, where in self._heard.documents.items():
            with self._going_on(where, MISSING):
                if not self._kept.has_document(sha256):
                    report.blame(MISSING, where, f"document {sha256[:12]} is missing")
        for sha256 in self._documents:
            with self._going_on(f"document {sha256[:12]}", MISSING):
                if not self._is_whole(sha256):
                    report.blame(MISSING, f"document {sha256[:12]}", "its bytes are not those that were recorded")
            report.documents += 1
            self._progress(report.events + report.documents, self._total)

    def _is_whole(self, sha256: str) -> bool:
        try:
            for _ in self._kept.document(sha256):
                pass
        except PolitiradError:
            return False
        return True

    @contextmanager
    def _going_on(self, where: str, code: int) -> Iterator[None]:
        """Blame a place for what cannot be read there, under a code, and go on with the next."""
        try:
            yield
        except (self._link.product.error, self._replay.product.error, UnicodeDecodeError) as error:
            if not self._is_of_bytes(error):
                raise
            self._link.recover()
            self._report.blame(code, where, f"cannot be read: {self._link.product.in_words(error)}")
        except PolitiradError as error:
            self._report.blame(code, where, str(error))
        except UNFIT as error:
            self._report.blame(code, where, f"makes no sense: {type(error).__name__} {error}")

    def _is_of_bytes(self, error: Exception) -> bool:
        """Whether the stored bytes are to blame for an error of either database."""
        return all(link.product.is_of_bytes(error) for link in (self._link, self._replay))
