"""Copying a whole database while others use it.

The copy is of one moment: SQLite's backup reads within one transaction, and of a server every row is read within one
and written into a file. In WAL mode nobody waits for it; with a
rollback journal writers wait until it is done, since only so is the copy certain to end. It is written beside its place
under a name of its own, checked, brought onto the disk and then renamed: whatever happens, under the name of a backup
there is a whole one. What a killed copy leaves is called `.NAME.….partial` and can be deleted.

The copy is one file in rollback mode, for its owner's eyes only, since it holds names. It holds no private key, which
lies outside the database.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkstemp
from typing import TYPE_CHECKING

from engine.anchoring import Anchor, Anchoring
from engine.disk import sync, sync_folder
from engine.errors import BytesChangedError, StoreUnavailableError, UsageError
from engine.event import leaf_of
from engine.sealing import Sealed
from store.link import Link, Memory
from store.log import LOGS
from store.reader import SqlReader
from store.rebuild import Progress
from store.sqlite import Sqlite

if TYPE_CHECKING:
    from store.postgres import Postgres

PAGES = 256
"""Pages that are copied at once, mostly a MiB."""

SIDE_FILES = ("-journal", "-wal", "-shm")
"""What SQLite may keep beside a database, as the ends of their names."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a council's log has come to: its name, how many events, and its newest checkpoint, which was checked."""

    council: str
    origin: str
    events: int
    newest: Sealed | None


def back_up(source: Sqlite | Postgres, target: Path, progress: Progress, *, replace: bool) -> tuple[Head, ...]:
    """Copy a database into a file and check the copy; what it holds.

    Raises `UsageError`, `BytesChangedError`, `StoreUnavailableError`; then the file at the place is what it was before.
    """
    _check_place(source, target, replace=replace)
    with _explaining(target), _beside(target) as partial:
        copy(source, partial, progress)
        found = heads(partial)
        sync(partial)
        partial.replace(target)
        sync_folder(target.parent)
    return found


def copy(source: Sqlite | Postgres, target: Path, progress: Progress) -> None:
    """Copy a database as it stands at this moment into a file, which is then in rollback mode."""
    if not isinstance(source, Sqlite):
        source.copy_to(target, progress)
        return
    with source.reading() as link, Sqlite(target, kept=False).idle(create=True) as made:
        link.connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on it sees this moment
        link.connection.backup(
            made.connection, pages=PAGES, progress=lambda _, left, total: progress(total - left, total)
        )  # fmt: skip
        made.connection.execute("PRAGMA journal_mode = DELETE")


def heads(path: Path) -> tuple[Head, ...]:
    """What every log in a file has come to. Raises `BytesChangedError` where one does not fit its newest checkpoint."""
    with closing(Sqlite(path)) as file, file.reading() as link:
        return tuple(_head(link, council) for (council,) in link.run(LOGS).fetchall())


def _head(link: Link, council: str) -> Head:
    reader = SqlReader(link, council, Memory())
    newest = reader.newest_checkpoint()
    anchors = (Anchor(f"checkpoint {newest.size}", newest.note),) if newest else ()
    anchoring = Anchoring(council, anchors, reader.announced())
    for recorded in reader.events():
        anchoring.grow(leaf_of(recorded.body))
        anchoring.meet(recorded.event)
    for _, where, what in anchoring.faults():
        raise BytesChangedError(
            f"{council}: {where} of the database does not fit its log: {what}. No backup was made; "
            "`politirad verify` shows what is wrong, and an earlier backup may still be right."
        )
    return Head(council, anchoring.origin, reader.size(), newest)


def _check_place(source: Sqlite | Postgres, target: Path, *, replace: bool) -> None:
    if target.is_dir():
        raise UsageError(f"{target} is a folder. Name the file in it that the backup is to be.")
    if not target.absolute().parent.is_dir():
        raise UsageError(f"The folder {target.absolute().parent} does not exist. Make it first.")
    if isinstance(source, Sqlite) and target.exists() and target.samefile(source.path):
        raise UsageError(f"{target} is the database itself. Name another file, best on another disk.")
    if target.exists() and not replace:
        raise UsageError(f"{target} exists already. Name another file, or give --replace to have this one replaced.")


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """An empty file beside a place, which its owner alone may read; gone afterwards where it still has its name."""
    opened, name = mkstemp(prefix=f".{target.name}.", suffix=".partial", dir=target.absolute().parent)
    os.close(opened)
    try:
        yield Path(name)
    finally:
        for end in ("", *SIDE_FILES):
            Path(f"{name}{end}").unlink(missing_ok=True)


@contextmanager
def _explaining(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnavailableError(f"{target} cannot be written: {error.strerror or error}.") from error
