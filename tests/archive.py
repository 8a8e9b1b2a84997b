"""A council whose log is sealed, and the backups of it, in tests: files in one folder, and the hands of an operator."""

from __future__ import annotations

import gc
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.announcing import announce_key
from engine.checkpoint import checkpoint_of
from engine.key import Kind, Signer
from engine.keyfile import create
from engine.sealer import Sealer
from store import SqlStore
from store.sqlite import driver, has_safe_wal
from tests.contract.raw import unguarded
from tests.desk import Answer, Desk
from tests.letterbox import Letterbox
from tests.world import COUNCIL

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from engine.checkpoint import Checkpoint
    from engine.ports import Recorded

SEED = bytes([7]) * 32
ORIGIN = "politirad.example/trondelag-sor"
SECOND = f"{ORIGIN}/2"
"""The name of the log after a restore from behind."""
KEEPING = "politirad.db.20181004T100000Z"
"""The name under which the database that is replaced is kept."""
JOURNALS = ("WAL", "DELETE") if has_safe_wal(driver.sqlite_version_info) else ("DELETE",)


class Archive:
    """A council in `politirad.db`, whose log announces a key that lies beside it."""

    def __init__(self, folder: Path, journal: str | None = None) -> None:
        self.box = Letterbox(folder, journal=journal)
        self.world, self.folder = self.box.world, folder
        self.database = folder / "politirad.db"
        create(folder / "log.key", SEED)
        self.desk = Desk(self.world)
        self.desk.settings = replace(self.desk.settings, log_key=folder / "log.key")
        vkey = str(Signer(ORIGIN, Kind.LOG, SEED).verifier())
        self.world.register(lambda run: announce_key(run, vkey, self.world.entry()))

    def types(self, *words: str, **settings: Any) -> Answer:  # noqa: ANN401  # settings of any type
        """Type a command while nobody else has the database open; afterwards it is open again, whatever it is now."""
        self.world.store.close()
        answer = self.desk.types(*words, **settings)
        gc.collect()  # closes what the command left open, as the end of its process would
        if self.database.exists() and answer.code == 0:
            self.world.reopen(self.database)
        return answer

    def does(self, *words: str) -> str:
        """Type a command that is meant to succeed; what it answers."""
        answer = self.types(*words)
        assert answer.code == 0, answer.err
        return answer.out

    def seal(self, seed: bytes = SEED) -> Checkpoint:
        """Make a checkpoint over everything there is."""
        with self.world.store.write(COUNCIL) as tx:
            return checkpoint_of(Sealer(self.world.service.rules, (seed,)).seal(tx, self.world.clock.now()).note.text)

    def note(self, name: str = "anchor.note") -> str:
        """The newest checkpoint in a file of its own; its path."""
        with self.world.store.read(COUNCIL) as reader:
            newest = reader.newest_checkpoint()
            assert newest is not None
        return self.desk.file(name, str(newest.note))

    def backed_up(self, name: str = "backup.db") -> Path:
        """A backup of what there is."""
        self.does("backup", str(self.folder / name))
        return self.folder / name

    def events(self, path: Path | None = None) -> list[Recorded]:
        """The log of the database, or of another file."""
        with SqlStore.open(path or self.database) as store, store.read(COUNCIL) as reader:
            return list(reader.events())

    def origin(self) -> str:
        """The name under which the log goes on."""
        with self.world.store.read(COUNCIL) as reader:
            return reader.council().origin

    def harm(self, path: Path, *statements: str) -> None:
        """Change a file behind everybody's back."""
        self.world.store.close()
        with unguarded(path) as connection:
            for statement in statements:
                connection.execute(statement)


def kept(folder: Path, names: Iterable[str] = ()) -> set[str]:
    """The files of a folder that are databases put aside, or left half made; `names` are expected."""
    odd = {path.name for path in folder.iterdir() if ".db." in path.name or "partial" in path.name}
    return odd - {"politirad.db.lock", *names}


def restore(archive: Archive, *words: str) -> Answer:
    """Restore `backup.db` over the database."""
    return archive.types("restore", str(archive.folder / "backup.db"), "--replace", *words)


def gone_on(archive: Archive) -> Checkpoint:
    """More happens after the backup, and is sealed; the checkpoint that is then known."""
    archive.world.measure()
    return archive.seal()


def continued(archive: Archive, *words: str) -> str:
    """The log went on after the backup and is lost; it is restored under a new name. What was said."""
    answer = restore(archive, "--reason", "Disken er ødelagt", *words)
    assert answer.code == 0, answer.err
    return answer.out
