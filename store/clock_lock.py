"""Who may be the clock of a database: one process, or (workers) several that share it, never both.

On a file the lock lies beside it and is freed by the system when its process dies; it does not reach across hosts that
share a file system. On a server it is a lock of a connection that is kept for it; where the server was away, it is
taken again before the next turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from engine.errors import StoreUnavailableError

Held: TypeAlias = Callable[[], bool]
"""Tells whether the lock is (still) ours; asked before each turn."""


@contextmanager
def file_lock(database: Path) -> Iterator[Held]:
    """The lock beside a database file. Raises `StoreUnavailableError` where the folder takes no file."""
    from filelock import FileLock, Timeout

    lock = FileLock(f"{database.resolve()}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        yield lambda: False
        return
    except OSError as error:
        raise StoreUnavailableError(
            f"{lock.lock_file} cannot be written ({error.strerror}). The clock needs to write into that folder: run it "
            "as the user who owns the database."
        ) from error
    try:
        yield lambda: True
    finally:
        lock.release()
