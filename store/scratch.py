"""A database to work in and throw away, for a replay that is compared with what there is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.errors import StoreUnavailableError
from store.link import Link
from store.sqlite import SQLITE, driver

_SETTINGS = ("synchronous = OFF", "journal_mode = OFF", "cache_size = -4000")
"""Of a database that is never committed. Without a journal a statement that fails may leave its rows half written."""


@contextmanager
def scratch() -> Iterator[Link]:
    """An empty database in a file of its own, gone afterwards: in memory it would grow with the log.

    SQLite's own temporary database will not do, since wheels of `pysqlite3` are built to hold it in memory. Raises
    `StoreUnavailableError` where there is no room for temporary files.
    """
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(TemporaryDirectory(prefix="politirad-"))
        except OSError as error:
            raise _no_room(str(error)) from error
        connection = driver.connect(Path(folder, "scratch.db"), isolation_level=None, check_same_thread=False)
        stack.callback(connection.close)
        for setting in _SETTINGS:
            connection.execute(f"PRAGMA {setting}").fetchall()
        connection.execute("BEGIN")
        try:
            yield Link(connection, SQLITE)
        except driver.Error as error:
            from store.sqlite_faults import is_full

            if is_full(error):  # whoever works in here only reads what else there is
                raise _no_room(f"the disk of {folder} is full") from error
            raise


def _no_room(why: str) -> StoreUnavailableError:
    return StoreUnavailableError(f"There is no room for temporary files: {why}. Name a folder that has it in $TMPDIR.")
