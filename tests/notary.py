"""A council whose log is sealed, a witness at the other party, and exports that go from one to the other, in tests."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from functools import cached_property
from itertools import count
from pathlib import Path

from engine.announcing import announce_key, trust_witness
from engine.checkpoint import Checkpoint
from engine.exported import Report, verify_export
from engine.exporting import export
from engine.key import Kind, Signer, Verifier
from engine.merkle import Frontier, leaf_hash, root_of
from engine.note import Note, cosign, sign
from engine.register import Language
from engine.sealer import Sealer
from engine.sealing import Sealed
from tests.contract.raw import unguarded
from tests.desk import Desk
from tests.world import COUNCIL, World

ORIGIN = "politirad.example/trondelag-sor"
LOG = Signer(ORIGIN, Kind.LOG, bytes([1]) * 32)
NEXT = Signer(ORIGIN, Kind.LOG, bytes([2]) * 32)
"""The key after a rotation."""
WITNESS = Signer("vitne.politiet.example/sor", Kind.WITNESS, bytes([3]) * 32)
STRANGER = Signer(ORIGIN, Kind.LOG, bytes([4]) * 32)
"""Somebody who took the log's name, but has not its key."""
AT = 1_538_733_600
"""When the witness cosigns: 2018-10-05 at 10:00 UTC."""


class Notary:
    """A council with a sealed log, one that there is already or a new one in a folder. `key` signs."""

    def __init__(self, where: Path | World, key: Signer = LOG) -> None:
        self.world = where if isinstance(where, World) else World(where)
        self.key = key
        self._numbers = count(1)
        self.announce(key.verifier())
        self.world.register(lambda run: trust_witness(run, str(WITNESS.verifier()), self.world.entry()))

    @cached_property
    def case(self) -> str:
        """An agreement in force, A-1."""
        return self.world.in_force()

    def announce(self, key: Verifier) -> None:
        """Announce a key of the log in it."""
        self.world.register(lambda run: announce_key(run, str(key), self.world.entry()))

    def seal(self, *keys: Signer) -> int:
        """Make a checkpoint over all events; its size."""
        seeds = tuple(key.seed for key in keys or (self.key,))
        with self.world.store.write(COUNCIL) as tx:
            return Sealer(self.world.service.rules, seeds).seal(tx, self.world.clock.now()).size

    def cosigned(self, at: int = AT) -> None:
        """The witness cosigns the newest checkpoint at a time (seconds since 1970)."""
        with self.world.store.write(COUNCIL) as tx:
            newest = tx.newest_checkpoint()
            assert newest is not None
            tx.add_signature(newest.size, cosign(newest.note.text, WITNESS, at))

    def export(self, name: str | None = None) -> Path:
        """A new export; its folder."""
        folder = self.world.folder / (name or f"export-{next(self._numbers)}")
        with self.world.store.read(COUNCIL) as reader:
            export(reader, folder)
        return folder

    def certificate(self, case: str, language: Language = "en") -> str:
        """The page that certifies a case."""
        return Desk(self.world).types("certificate", case, language=language).out

    def break_in(self, statement: str, *values: object) -> None:
        """Change the database's file behind everybody's back, its triggers gone."""
        self.world.store.close()
        with unguarded(self.world.folder / "politirad.db") as connection:
            connection.execute(statement, values)


def whole(folder: Path) -> Notary:
    """A council with an agreement in force, every event sealed and cosigned."""
    notary = Notary(folder)
    assert notary.case == "A-1"
    notary.seal()
    notary.cosigned()
    return notary


def rewritten(folder: Path, key: Signer = LOG) -> Notary:
    """What somebody with the log's key makes of its past: the same council, another text, sealed anew."""
    notary = Notary(folder, key)
    case = notary.world.propose("Avtale, slik jeg ville ha den")
    notary.world.agree(case, "1")
    notary.world.sign(case, "1")
    notary.seal()
    return notary


def forged(world: World, *keys: Signer) -> int:
    """Whoever has these keys and the database makes a checkpoint over all events by hand; its size."""
    with world.store.write(COUNCIL) as tx:
        leaves = list(tx.leaves())
        text = str(Checkpoint(keys[0].name, len(leaves), root_of(leaves)))
        note = Note(text, tuple(sign(text, key) for key in keys))
        tx.keep_frontier(Frontier().extend(leaves))
        tx.keep_checkpoint(Sealed(len(leaves), world.clock.now(), note))
    return len(leaves)


def folder_in(folder: Path, name: str) -> Path:
    """A new folder."""
    (folder / name).mkdir()
    return folder / name


def codes(folder: Path, keys: Iterable[Verifier] = ()) -> list[int]:
    """The exit codes of everything that is wrong with an export, each once."""
    return sorted({fault.exit_code for fault in verify_export(folder, keys).faults})


def told(report: Report) -> str:
    """Everything that a report finds wrong."""
    return "\n".join(f"{fault.exit_code} {fault.where}: {fault.what}" for fault in report.faults)


def copied(folder: Path, name: str, change: Callable[[Path], object]) -> Path:
    """A copy of an export beside it, changed."""
    copy = folder.with_name(name)
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    change(copy)
    return copy


def edit(path: Path, old: bytes, new: bytes) -> None:
    """Replace the first occurrence of some bytes in a file, which must be there."""
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))


def blob_in(folder: Path) -> Path:
    """The one document of an export."""
    (path,) = (folder / "blobs").iterdir()
    return path


def lines_of(folder: Path) -> list[bytes]:
    """The events of an export, each with its newline."""
    return (folder / "events.jsonl").read_bytes().splitlines(keepends=True)


def put_lines(folder: Path, lines: Iterable[bytes]) -> None:
    """Write the events of an export anew."""
    (folder / "events.jsonl").write_bytes(b"".join(lines))


def leaves_of(folder: Path) -> list[bytes]:
    """The leaf hashes of an export."""
    return [leaf_hash(line.removesuffix(b"\n")) for line in lines_of(folder)]
