"""Whether an export is whole, from its files alone: no database, no profile, no configuration (audit.md §7).

Every check is on: the bytes of each event, the chain of each case, the root against every checkpoint, every signature,
every document against its hash, every proof. The keys come from whoever checks. Without any, those in the export are
used, which shows that it is whole and not whose it is; the report says which it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from engine.anchoring import UNSIGNED, Anchor, Anchoring, Covered
from engine.checkpoint import Attested, checkpoint_of
from engine.errors import BytesChangedError, DocumentDiffersError
from engine.event import decode
from engine.exported_log import Followed, Follower
from engine.fault import Faults
from engine.folder import (
    BLOBS,
    CHECKPOINTS,
    EVENTS,
    PROOFS,
    SIGNERS,
    VKEY,
    Folder,
    UnreadableError,
    key_name,
    note_name,
    proof_name,
)
from engine.key import Kind, Verifier, verifier_of
from engine.merkle import ProofError
from engine.merkle_check import check_inclusion
from engine.note import Note, NoteError, note_of
from engine.origin import CONTINUED, Life, lives_in
from engine.proof import proof_of
from engine.sealing import Announced
from engine.signed_acts import SignedActs
from engine.succession import Succession
from engine.trust import check_no_stranger, covered_by, followed_keys, signed_by_log

Progress = Callable[[int, int], None]
"""Is told how many bytes are done, of how many."""


@dataclass(slots=True)
class Report(Faults):
    """What was looked at and found. `keys` are those it was checked with, `given` whether the reader brought them.

    `earlier` are names the log had before it was restored; `checkpoints` those that it signed, oldest first, `notes`
    their files by size; `trusted` are the log's keys that may be trusted, `signing` the one that is to sign the newest
    checkpoint; `covered` says how far a witness covers the log; `signed` is how many acts persons signed.
    """

    origin: str = ""
    earlier: tuple[str, ...] = ()
    events: int = 0
    documents: int = 0
    proofs: int = 0
    signed: int = 0
    keys: tuple[Verifier, ...] = ()
    given: bool = False
    checkpoints: tuple[Attested, ...] = ()
    notes: dict[int, Note] = field(default_factory=dict)
    trusted: frozenset[Verifier] = frozenset()
    signing: Verifier | None = None
    covered: Covered | None = None

    @property
    def uncovered(self) -> int:
        """How many events no cosigned checkpoint covers yet."""
        return max(0, self.events - (self.covered.size if self.covered else 0))


def verify_export(
    path: Path, keys: Iterable[Verifier] = (), against: Iterable[Anchor] = (), progress: Progress = lambda *_: None
) -> Report:
    """Look at everything in an export, and say what was found.

    `keys` are the public keys that whoever checks has from elsewhere; `against` are checkpoints from elsewhere.
    Raises `NotFoundError` where there is no such folder; all else is a fault in the report.
    """
    return _Look(Folder(path), tuple(keys), tuple(against), progress).report()


def lives_of(folder: Folder) -> tuple[Life, ...]:
    """The names of the log in an export as its events state them, the present one last; none where they state none."""
    try:
        lines = ((at, line) for at, line in enumerate(folder.lines(EVENTS)) if not at or CONTINUED.encode() in line)
        return lives_in(((at, decode(line.removesuffix(b"\n"))) for at, line in lines), "")
    except (BytesChangedError, UnreadableError):
        return ()


class _Look:
    """One look at an export."""

    def __init__(
        self, folder: Folder, given: tuple[Verifier, ...], against: tuple[Anchor, ...], progress: Progress
    ) -> None:  # fmt: skip
        self._folder = folder
        self._against = against
        self._report = Report(given=bool(given), keys=given)
        self._own = tuple(self._own_keys())
        self._known = tuple(dict.fromkeys((*self._own, *given)))
        self._blobs = self._names(BLOBS, DocumentDiffersError.exit_code)
        self._total = folder.size(EVENTS) + sum(folder.size(BLOBS, name) for name in self._blobs)
        self._done = 0
        self._progress = progress

    def report(self) -> Report:
        """Look at everything, and say what was found."""
        report = self._report
        report.notes = {checkpoint_of(note.text).size: note for note in self._notes()}
        anchoring = self._anchoring()
        follower = Follower(report, anchoring.grow, anchoring.meet)
        said = follower.follow(self._folder.lines(EVENTS), self._passed)
        report.origin, report.earlier, report.events = said.origin, tuple(said.earlier), said.events
        for fault in anchoring.faults():
            report.blame(*fault)
        self._check_announced(said)
        self._check_signers(follower.acts)
        self._check_documents(said)
        self._check_proofs(said)
        self._settle_trust(anchoring.succession)
        return report

    def _own_keys(self) -> Iterator[Verifier]:
        """The keys in the export, each under the name that it gives its file."""
        for name in self._names("", UNSIGNED):
            if name.endswith(VKEY):
                with self._report.blaming(name, UNSIGNED):
                    key = verifier_of(self._folder.text(name).decode(errors="replace"))
                    _check_name(name, key_name(key))
                    yield key

    def _notes(self) -> Iterator[Note]:
        """The checkpoints in the export that can be read, by size, signed by nobody but keys that are known here."""
        for name in self._names(CHECKPOINTS, UNSIGNED):
            with self._report.blaming(f"{CHECKPOINTS}/{name}", UNSIGNED):
                note = note_of(self._folder.text(CHECKPOINTS, name))
                _check_name(name, note_name(checkpoint_of(note.text).size))
                check_no_stranger(note, self._known)
                yield note

    def _anchoring(self) -> Anchoring:
        own = tuple(Anchor(f"checkpoint {size}", note) for size, note in self._report.notes.items())
        log, witnesses = (tuple(k for k in self._known if k.kind is kind) for kind in (Kind.LOG, Kind.WITNESS))
        return Anchoring(self._origin(), (*own, *self._against), Announced(log, witnesses))

    def _origin(self) -> str:
        """The name of the log, as its first event has it; what is wrong with that is said when it is followed."""
        stated = next((life.name for life in reversed(lives_of(self._folder))), "")
        return stated or next((key.name for key in self._known if key.kind is Kind.LOG), "")

    def _check_announced(self, said: Followed) -> None:
        """The keys in the export are those that the log announces."""
        own = {str(key): key_name(key) for key in self._own}
        for vkey in own.keys() - set(said.vkeys):
            self._report.blame(UNSIGNED, own[vkey], "no event of the log announces this key")
        for vkey in set(said.vkeys) - own.keys():
            self._report.blame(UNSIGNED, vkey[:60], "the log announces this key, and its file is missing")

    def _check_signers(self, acts: SignedActs) -> None:
        """The file for `ssh-keygen` is the one that the log gives."""
        self._report.signed = acts.good
        with self._report.blaming(SIGNERS, BytesChangedError.exit_code):
            if self._folder.text(SIGNERS) != acts.signers.file():
                raise BytesChangedError("it is not what the log says of offices and keys")

    def _check_documents(self, said: Followed) -> None:
        report, code = self._report, DocumentDiffersError.exit_code
        for sha256 in said.documents.keys() - set(self._blobs):
            report.blame(code, said.documents[sha256], f"document {sha256[:12]} is missing")
        for name in self._blobs:
            with report.blaming(f"{BLOBS}/{name}", code):
                if self._hash(name) != name:
                    raise DocumentDiffersError("its bytes are not those that its name is the hash of")
                report.documents += 1

    def _hash(self, name: str) -> str:
        digest = hashlib.sha256()
        for piece in self._folder.pieces(BLOBS, name):
            digest.update(piece)
            self._passed(len(piece))
        return digest.hexdigest()

    def _check_proofs(self, said: Followed) -> None:
        """Every act that the newest checkpoint covers has its proof, which leads to that checkpoint."""
        report, newest = self._report, max(self._report.notes, default=0)
        if not newest or any(fault.exit_code == UNSIGNED for fault in report.faults):
            return  # a proof is held against a checkpoint; without a sound one there is nothing to say of it
        due = {proof_name(*act): placed for act, placed in said.acts.items() if placed.position < newest}
        for name in sorted({*due, *self._names(PROOFS, BytesChangedError.exit_code)}):
            with report.blaming(f"{PROOFS}/{name}", BytesChangedError.exit_code):
                proof = proof_of(self._folder.text(PROOFS, name))
                if name not in due or proof.index != due[name].position or proof.note != report.notes[newest]:
                    raise ProofError("it is not the proof of this act against the newest checkpoint")
                root = checkpoint_of(proof.note.text).root
                check_inclusion(due[name].leaf, proof.index, newest, root, proof.hashes)
                report.proofs += 1

    def _settle_trust(self, succession: Succession) -> None:
        """Whose signatures count: the reader's keys where there are any, else those in the export."""
        report, notes = self._report, (note for _, note in sorted(self._report.notes.items()))
        report.keys = report.keys or self._own
        report.checkpoints = tuple(signed_by_log(notes, self._known, succession))
        given = (key for key in report.keys if key.kind is Kind.LOG)
        report.trusted = followed_keys(report.checkpoints, given, succession)
        report.signing = succession.at(report.checkpoints[-1].checkpoint) if report.checkpoints else None
        report.covered = covered_by(report.checkpoints, report.keys)
        if not report.checkpoints:
            report.blame(UNSIGNED, CHECKPOINTS, "no checkpoint is signed, so nothing shows that the log is unchanged")
        elif not _vouched_for(report):
            report.blame(UNSIGNED, "newest checkpoint", "it is not signed by a key that you gave, nor through one")

    def _names(self, within: str, code: int) -> tuple[str, ...]:
        try:
            return self._folder.names(within)
        except UnreadableError as error:
            self._report.blame(code, within or str(self._folder.path), str(error))
            return ()

    def _passed(self, size: int) -> None:
        self._done += size
        self._progress(self._done, self._total)


def _vouched_for(report: Report) -> bool:
    """Whether the newest checkpoint is signed by a key that is trusted; a reader may know the witness alone."""
    if not any(key.kind is Kind.LOG for key in report.keys):
        return any(one.key in report.keys for one in report.checkpoints[-1].witnesses)
    return report.signing in report.trusted


def _check_name(name: str, expected: str) -> None:
    if name != expected:
        raise NoteError(f"the file must be called {expected}: it was renamed or changed")
