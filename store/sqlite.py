"""Everything that is SQLite's own: the driver, and how a file is opened and locked. Its triggers are in guards.py.

Another database brings another file like this one, with the same methods as `Sqlite`.

- *Driver*: `pysqlite3` where it is installed, because its wheel bundles a recent SQLite; else the standard library's.
  One process must never open the file with both: each build undoes the locks of the other.
- *Journal*: WAL only where SQLite has the fix for the WAL-reset race (3.51.3, backported to 3.50.7 and 3.44.6),
  which could corrupt a file used by several processes; else the rollback journal.
- *synchronous=EXTRA*: under NORMAL a power cut takes acknowledged commits, and nobody can tell that from a log that
  was cut (audit.md §5). Under FULL it may still take the last one from a file with a rollback journal: a commit is the
  deletion of that journal, which comes back as long as its folder was not synced. In WAL, EXTRA is FULL. On macOS a
  sync reaches the drive, and the disk only with *fullfsync*, which elsewhere is nothing.
- *BEGIN IMMEDIATE*: a deferred transaction that turns into a writing one fails at once instead of waiting.
- *secure_delete*: what is erased from the tables of persons, remarks and logins is overwritten in the file.
- Writers of one process queue at a lock before they meet SQLite's, which polls instead of queueing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from engine.errors import PolitiradError, StoreUnavailableError, UsageError
from engine.hand import Hand, free_hand
from store.clock_lock import Held, file_lock
from store.description import Description
from store.guards import GUARDS, guards_amiss, restore_guards
from store.idle import Idle
from store.link import Link, Product
from store.shape import misshapen
from store.soundness import damage
from store.sqlite_faults import in_words, is_of_bytes

if TYPE_CHECKING:
    import sqlite3

    from sqlalchemy import Engine

    driver = sqlite3
else:
    try:
        from pysqlite3 import dbapi2 as driver
    except ImportError:
        import sqlite3 as driver

APPLICATION = 0x706F6C69
"""What marks a file as ours (`PRAGMA application_id`): "poli"."""

SQLITE = Product(
    dialect=SQLiteDialect(paramstyle="named"), error=driver.Error, rejects=driver.IntegrityError,
    is_of_bytes=is_of_bytes, in_words=in_words, guards=GUARDS, guards_amiss=guards_amiss, restore_guards=restore_guards,
    damage=damage, misshapen=misshapen, texts={},
)  # fmt: skip
_SETTINGS = (
    "foreign_keys = ON", "synchronous = EXTRA", "fullfsync = ON", "secure_delete = ON", "recursive_triggers = ON",
)  # fmt: skip
_THROWN_AWAY = ("synchronous = OFF", "secure_delete = OFF", "journal_mode = MEMORY", "cache_size = -32000")
"""Instead, in a copy that nobody keeps: it need not survive a power cut, and what is erased in it is gone with it."""
_FAULTS = (driver.Error, UnicodeError)
"""What the driver raises."""


def has_safe_wal(version: tuple[int, int, int]) -> bool:
    """Whether a version of SQLite has the fix for the WAL-reset race."""
    fixed = {(3, 44): (3, 44, 6), (3, 50): (3, 50, 7)}
    return version >= fixed.get(version[:2], (3, 51, 3))


class Sqlite:
    """A SQLite file. Threads may share it: each transaction has a connection of its own while it lasts."""

    def __init__(self, path: Path, *, journal: str | None = None, timeout: float = 10.0, kept: bool = True) -> None:
        self.path = path
        self.timeout = timeout
        self.settings = _SETTINGS if kept else (*_SETTINGS, *_THROWN_AWAY)
        self.journal = journal or ("WAL" if has_safe_wal(driver.sqlite_version_info) else "DELETE")
        self._begin_afresh()

    @contextmanager
    def reading(self) -> Iterator[Link]:
        """A transaction that sees the database as it stood when it first read."""
        with self._transaction("BEGIN") as link:
            yield link

    @contextmanager
    def writing(self, _council: str = "") -> Iterator[Link]:
        """The one transaction that writes, whichever council; waits for others. Commits unless an exception leaves it.

        Raises `StoreUnavailableError` where another file has been put in the place of the one that is open.
        """
        self._leave_parent()
        lock = self._writer
        if not lock.acquire(timeout=self.timeout):
            from store.sqlite_faults import busy

            raise busy(self.path, self.timeout)
        try:
            with self._transaction("BEGIN IMMEDIATE") as link:
                self._check_place(link)
                yield link
                link.connection.execute("COMMIT")
        finally:
            lock.release()

    @contextmanager
    def idle(self, *, create: bool = False) -> Iterator[Link]:
        """A connection outside any transaction; with `create`, to a file that may not exist yet."""
        try:
            link = self._connect(create=create)
            try:
                yield link
            finally:
                link.close()
        except _FAULTS as error:
            raise self._explained(error) from error

    def engine_over(self, link: Link) -> Engine:
        """SQLAlchemy's own engine over a connection; only Alembic asks for it. Its transactions write."""
        from sqlalchemy import StaticPool, create_engine, event

        engine = create_engine("sqlite://", creator=lambda: link.connection, module=driver, poolclass=StaticPool)
        event.listen(engine, "begin", lambda _: link.connection.execute("BEGIN IMMEDIATE"))
        return engine

    def identity(self) -> object:
        """What tells the file from any other, by whatever name it is reached; None where there is none."""
        return _identity(self.path)

    def copy_to(self, path: Path) -> None:
        """Copy the database as it stands into a new file; what is written meanwhile is not in it."""
        with self.reading() as link, Sqlite(path, kept=False).idle(create=True) as target:
            link.connection.backup(target.connection)

    def clock_lock(self, *, shared: bool) -> AbstractContextManager[Held]:
        """The right to be the clock of this file. Raises `UsageError` for workers, which need a server."""
        if shared:
            raise UsageError(f"{self.path} is a file, which workers cannot share. Move to a server: politirad db copy")
        return file_lock(self.path)

    def hand(self) -> AbstractContextManager[Hand]:
        """A sender's hand; nobody else delivers from a file."""
        return free_hand()

    def describe(self) -> Description:
        """What is known of the file and of the SQLite in use."""
        with self.idle() as link:
            ((journal,),) = link.connection.execute("PRAGMA journal_mode")
        return Description(self.path, driver.sqlite_version, journal.upper(), has_safe_wal(driver.sqlite_version_info))

    def close(self) -> None:
        """Close every idle connection."""
        self._idle.close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Link]:
        try:
            link = self._take()
            try:
                link.connection.execute(begin)
                yield link
            finally:
                if link.connection.in_transaction:
                    link.connection.execute("ROLLBACK")
                self._idle.append(link)
        except _FAULTS as error:
            raise self._explained(error) from error

    def _check_place(self, link: Link) -> None:
        """Whoever opened the database before a restore would write into the file that was put aside."""
        if link.file not in {None, _identity(self.path)}:
            raise StoreUnavailableError(
                f"{self.path} was replaced by another file meanwhile; nothing was written. Run the command again."
            )

    def _take(self) -> Link:
        self._leave_parent()
        try:
            return self._idle.pop()
        except IndexError:
            return self._connect()

    def _leave_parent(self) -> None:
        """After a fork: neither its connections nor its lock are ours."""
        if self._idle.are_inherited():
            self._begin_afresh()

    def _begin_afresh(self) -> None:
        self._writer = Lock()
        self._idle: Idle[Link] = Idle(self)

    def _connect(self, *, create: bool = False) -> Link:
        connection = driver.connect(
            f"{self.path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}",
            uri=True,
            timeout=self.timeout,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        for setting in self.settings:
            connection.execute(f"PRAGMA {setting}")
        return Link(connection, SQLITE, _identity(self.path))

    def _explained(self, error: Exception) -> PolitiradError:
        """One of ours for what the driver raised."""
        if isinstance(error, UnicodeEncodeError):
            return UsageError(f"{error.object!a} holds a broken character. Write it again.")
        from store.sqlite_faults import explained

        return explained(error, self.path, self.timeout)


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells a file from any other: its device and number; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
