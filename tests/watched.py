"""The store on a connection whose every write, truncation, sync and deletion is noted.

The driver that the store ships with cannot be watched from Python, so another one stands in for it: `apsw`, a recent
SQLite too. Nothing else changes: it is the store that opens the file, chooses the settings, begins and commits. The
calls of both drivers are the same, as `strace` shows them, but that `apsw` says fdatasync for fsync.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import apsw
import pytest

from store import sqlite
from store.sqlite import driver
from tests.power import Committed, Created, Deleted, Synced, Truncated, Written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.power import Deed

VFS = "watched"


class Connected(Protocol):
    """A connection of any driver."""

    def execute(self, sql: str, /) -> Iterable[Any]:
        """The rows of a statement."""


class Rows(apsw.Cursor):
    """A cursor that also tells what the standard driver's does."""

    @property
    def rowcount(self) -> int:
        """How many rows the statement before has changed."""
        return self.connection.changes()


class Connection(apsw.Connection):
    """A connection that notes which commits of something have returned, and what the database held then."""

    def __init__(self, uri: str, deeds: list[Deed]) -> None:
        super().__init__(uri, flags=apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_URI, vfs=VFS)
        self.cursor_factory = Rows
        self.deeds = deeds

    def execute(self, *args: Any, **rest: Any) -> apsw.Cursor:  # noqa: ANN401  # whatever the driver takes
        """Execute; where nothing was done to any file since the last commit, there was nothing to commit."""
        rows = super().execute(*args, **rest)
        if args[0] == "COMMIT" and self.deeds and not isinstance(self.deeds[-1], Committed):
            self.deeds.append(Committed(content(self)))
        return rows


class WatchedFile(apsw.VFSFile):
    """A file of the database. Its true sync is left out: nobody cuts the power here."""

    def __init__(self, name: str | apsw.URIFilename, flags: list[int], deeds: list[Deed]) -> None:
        path = Path(plain(name))
        is_new = not path.exists()
        super().__init__("", name, flags)
        self.name, self.deeds = path.name, deeds
        if is_new:
            deeds.append(Created(self.name))

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802  # SQLite's name
        """Note a write."""
        self.deeds.append(Written(self.name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802  # SQLite's name
        """Note a truncation."""
        self.deeds.append(Truncated(self.name, newsize))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: ARG002, N802  # SQLite's name and argument
        """Note a sync."""
        self.deeds.append(Synced(self.name))


class Watch(apsw.VFS):
    """The file system of this machine, with what is done in it noted."""

    def __init__(self, deeds: list[Deed]) -> None:
        super().__init__(VFS, "")
        self.deeds = deeds

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802  # SQLite's name
        """Open a file; what has no name is temporary and gone without power."""
        return apsw.VFSFile("", name, flags) if name is None else WatchedFile(name, flags, self.deeds)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: FBT001, N802  # SQLite's name and argument
        """Note a deletion, and whether the folder is synced after it."""
        super().xDelete(filename, False)  # noqa: FBT003  # SQLite's argument
        self.deeds.append(Deleted(os.path.basename(filename), bool(syncdir)))  # noqa: PTH119  # a name alone


@contextmanager
def watched(*settings: str) -> Iterator[list[Deed]]:
    """While the context lasts, each new connection of the store is watched, and has these settings besides its own."""
    deeds: list[Deed] = []
    watch = Watch(deeds)
    with pytest.MonkeyPatch.context() as patch, configured(*settings):
        patch.setattr(driver, "connect", lambda uri, /, **_: Connection(uri, deeds))
        yield deeds
    watch.unregister()


@contextmanager
def configured(*settings: str) -> Iterator[None]:
    """While the context lasts, each new connection of the store has these settings besides its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite, "_SETTINGS", (*sqlite._SETTINGS, *settings))  # noqa: SLF001  # the one place they stand
        yield


def content(connection: Connected) -> bytes:
    """A hash over every row of every table, and over what is defined."""
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    names = ["sqlite_master", *(name for (name,) in tables)]
    rows = (sorted(map(repr, connection.execute(f'SELECT * FROM "{name}"'))) for name in names)  # noqa: S608  # ours
    return hashlib.sha256(repr(list(zip(names, rows, strict=True))).encode()).digest()


def plain(name: str | apsw.URIFilename) -> str:
    """The path of a file."""
    return name if isinstance(name, str) else name.filename()
