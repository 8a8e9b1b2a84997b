"""Writing an export: the whole record of a council as a folder, in the layout of folder.py.

The same record gives the same bytes: everything comes from the log and what is kept beside it, in its order, and
nothing of the moment. It is written under another name beside its place, brought to the disk, and only then takes its
name, so that what bears the name is whole. What was interrupted is left as `.<name>.<digits>.partial`, if at all.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Protocol

from engine.chain import is_act
from engine.checkpoint import checkpoint_of
from engine.disk import sync_folder, write
from engine.errors import UsageError
from engine.folder import BLOBS, CHECKPOINTS, EVENTS, PROOFS, SIGNERS, key_name, note_name, proof_name
from engine.merkle import inclusion_spans, roots_by
from engine.note import Note
from engine.ports import Recorded
from engine.proof import Proof
from engine.sealing import SealReads
from engine.subtrees import Trees
from engine.terms import Signers, tells_of_signers

Progress = Callable[[int, int], None]


class Source(SealReads, Protocol):
    """What is exported: the part of a reader that hands out a whole record."""

    def size(self) -> int:
        """How many events the log has."""

    def events(self) -> Iterator[Recorded]:
        """The log of the council in order."""

    def documents(self) -> Iterator[str]:
        """The SHA-256 (hex) of every document kept."""

    def document(self, sha256: str) -> Iterator[bytes]:
        """A document's bytes, piece by piece. Raises `DocumentDiffersError`."""


@dataclass(slots=True)
class Written:
    """What an export holds; `sealed` is how many of its events the newest checkpoint covers."""

    events: int = 0
    documents: int = 0
    checkpoints: int = 0
    proofs: int = 0
    sealed: int = 0
    acts: list[tuple[int, str, int]] = field(default_factory=list)
    """Acts on versions: position, case and number."""


def export(source: Source, folder: Path, progress: Progress = lambda *_: None) -> Written:
    """Write the record into a new or empty folder; what was written.

    Raises `UsageError` where the folder is in use or cannot be written, and `DocumentDiffersError` where a kept
    document is not what it was; then nothing bears the folder's name.
    """
    folder = folder.resolve()
    _check_free(folder)
    draft = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.partial")
    try:
        draft.mkdir()
        written = _Draft(source, draft, progress).write()
        if folder.exists():
            folder.rmdir()
        draft.rename(folder)
        sync_folder(folder.parent)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}. Name another folder.") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return written


class _Draft:
    """An export in the making."""

    def __init__(self, source: Source, folder: Path, progress: Progress) -> None:
        self._source = source
        self._folder = folder
        self._hashes = tuple(source.documents())
        self._done, self._total = 0, source.size() + len(self._hashes)
        self._progress = progress
        self._written = Written(documents=len(self._hashes))
        self._signers = Signers()

    def write(self) -> Written:
        """Write all of it; what was written."""
        self._put((EVENTS,), self._events())
        for key in self._source.announced().all:
            self._put((key_name(key),), (f"{key}\n".encode(),))
        self._put((SIGNERS,), (self._signers.file(),))
        newest = self._checkpoints()
        for sha256 in self._hashes:
            self._put((BLOBS, sha256), self._source.document(sha256))
            self._pass()
        for name, proof in self._proofs(newest) if newest else ():
            self._put((PROOFS, name), (str(proof).encode(),))
            self._written.proofs += 1
        for place in (self._folder, *filter(Path.is_dir, self._folder.iterdir())):
            sync_folder(place)
        return self._written

    def _events(self) -> Iterator[bytes]:
        for recorded in self._source.events():
            if is_act(recorded.event):
                self._written.acts.append((recorded.position, recorded.event.case, recorded.event.n))
            if tells_of_signers(recorded.event):
                self._signers.meet(recorded)
            self._written.events += 1
            yield f"{recorded.body}\n".encode()
            self._pass()

    def _checkpoints(self) -> Note | None:
        """Write every checkpoint; the newest."""
        newest = None
        for sealed in self._source.checkpoints():
            self._put((CHECKPOINTS, note_name(sealed.size)), (str(sealed.note).encode(),))
            self._written.checkpoints += 1
            self._written.sealed, newest = sealed.size, sealed.note
        return newest

    def _proofs(self, newest: Note) -> Iterator[tuple[str, Proof]]:
        """The proof of each act that the newest checkpoint covers, with the name of its file."""
        size = checkpoint_of(newest.text).size
        acts = [act for act in self._written.acts if act[0] < size]
        trees = Trees(islice(self._source.leaves(), size if acts else 0))
        for position, case, n in acts:
            hashes = roots_by(inclusion_spans(position, size), trees.root)
            yield proof_name(case, n), Proof(position, hashes, newest)

    def _put(self, name: tuple[str, ...], pieces: Iterable[bytes]) -> None:
        """Write a file, and have it on the disk."""
        path = self._folder.joinpath(*name)
        path.parent.mkdir(exist_ok=True)
        with path.open("xb") as file:
            write(file, pieces)

    def _pass(self) -> None:
        self._done += 1
        self._progress(self._done, self._total)


def _check_free(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file. Name a new folder.")
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty, and an export is never mixed with anything: name a new folder.")
    if not folder.parent.is_dir():
        raise UsageError(f"There is no folder {folder.parent} to write {folder.name} into. Make it first.")
