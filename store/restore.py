"""Putting a copy of a database in the place of another, so that at every instant one of the two is there, whole.

The one that is replaced is held still meanwhile: nobody else can write into it, and what it knows is read first. It is
then kept under another name. A copy is put in place by one renaming, after everything is on the disk.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from engine.continuation import lost_in
from engine.disk import sync, sync_folder
from engine.errors import NotFoundError, PolitiradError, StoreUnavailableError, UsageError
from engine.origin import names_in
from engine.restoring import Recalled
from store.backup import SIDE_FILES, copy
from store.creation import revision
from store.link import Memory
from store.log import LOGS, as_it_stands
from store.reader import SqlReader
from store.rebuild import Progress
from store.schema import REVISION
from store.sqlite import Sqlite, driver
from store.sqlite_faults import is_damage

PATIENCE = 10.0
"""Seconds to wait for others to let go of the database that is replaced."""

_MAGIC = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class Replaced:
    """The database that is to be replaced: what it knows of each council's log, or why it cannot be read."""

    recalled: Mapping[str, Recalled] = field(default_factory=dict)
    unreadable: str | None = None


class _DamagedReader(SqlReader):
    """A reader of the database that is replaced: it may be damaged, and what it still says is wanted all the more."""

    _taken = staticmethod(as_it_stands)


@contextmanager
def held_still(path: Path) -> Iterator[Replaced]:
    """The database at a path, which nobody else can use as long as the context lasts; nothing where there is none.

    Raises `StoreUnavailableError` where others use it, or it is another program's.
    """
    with ExitStack() as stack:
        yield _held(stack, Sqlite(path, timeout=PATIENCE)) if path.exists() else Replaced()


@contextmanager
def draft(backup: Path, target: Path, progress: Progress) -> Iterator[Path]:
    """A copy of a backup, beside the place it is meant for; gone afterwards unless it was put there.

    Only whoever holds the lock of the place makes one, so that what a killed restore left can be thrown away. Raises
    `NotFoundError`, `UsageError`, `StoreUnavailableError`.
    """
    _check_backup(backup, target)
    made = Path(f"{target}.restoring")
    try:
        _forget(made)
        os.close(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with closing(Sqlite(backup)) as source:
            copy(source, made, progress)
        yield made
    except OSError as error:
        raise StoreUnavailableError(f"{made} cannot be written: {error.strerror or error}.") from error
    finally:
        _forget(made)


def put_in_place(made: Path, target: Path, aside: Path) -> None:
    """Put a copy in the place of a database, which is kept under another name. Raises `OSError`."""
    if target.exists():
        made.chmod(target.stat().st_mode & 0o777)
    sync(made)
    if target.exists():
        for end in SIDE_FILES:  # left by a database that could not be opened; a new one must not take them for its own
            if (left := Path(f"{target}{end}")).exists():
                left.rename(f"{aside}{end}")
        _keep(target, aside)
    made.replace(target)
    sync_folder(target.absolute().parent)


def _held(stack: ExitStack, file: Sqlite) -> Replaced:
    """What a database knows, once it is in rollback mode (so that it is one file) and locked."""
    if not _is_database(file.path):  # SQLite would throw away a journal that lies beside it
        return Replaced(unreadable="it is not a database")
    try:
        link = stack.enter_context(file.idle())
        link.connection.execute("PRAGMA journal_mode = DELETE").fetchall()
        link.connection.execute("BEGIN EXCLUSIVE")
        found = revision(link, file)
    except (driver.Error, StoreUnavailableError) as error:
        if not is_damage(error):
            raise
        return Replaced(unreadable=str(error))
    if found != REVISION:
        raise StoreUnavailableError(
            f"{file.path} has schema {found}: run `politirad doctor` once, which brings it to {REVISION}, or move it "
            "away. Nothing was changed."
        )
    try:
        readers = {str(council): _DamagedReader(link, council, Memory()) for (council,) in link.run(LOGS).fetchall()}
        return Replaced({council: _recalled(council, reader) for council, reader in readers.items()})
    except (driver.Error, PolitiradError) as error:
        return Replaced(unreadable=str(error))


def _is_database(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def _recalled(council: str, reader: SqlReader) -> Recalled:
    told = tuple(reader.events("C"))
    names = names_in((recorded.event for recorded in told), council)
    return Recalled(names, reader.size(), tuple(reader.checkpoints()), reader.announced(), lost_in(told))


def _check_backup(backup: Path, target: Path) -> None:
    """Refuse what is no backup of ours before anything is written; it is read and never changed."""
    if backup.is_dir():
        raise UsageError(f"{backup} is a folder. Name the file that `politirad backup` made.")
    if not backup.exists():
        raise NotFoundError(f"There is no file {backup}. Name one that `politirad backup` made.")
    if not backup.is_file():
        raise UsageError(f"{backup} is no file. Name one that `politirad backup` made.")
    if target.exists() and backup.samefile(target):
        raise UsageError(f"{backup} is the database itself. Name a backup of it.")
    source = Sqlite(backup)
    with source.idle() as link:
        revision(link, source)


def _keep(target: Path, aside: Path) -> None:
    """Give a file a second name, so that it never lacks its first one; a copy where a disk knows no second names."""
    try:
        os.link(target, aside)
    except OSError:
        shutil.copy2(target, aside)
        sync(aside)


def _forget(made: Path) -> None:
    for end in ("", *SIDE_FILES):
        Path(f"{made}{end}").unlink(missing_ok=True)
