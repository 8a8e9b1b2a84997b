"""What a person is told when SQLite fails: one line that says what is wrong and what to do next."""

from __future__ import annotations

import os
from pathlib import Path
from sqlite3 import (
    SQLITE_BUSY,
    SQLITE_CANTOPEN,
    SQLITE_CORRUPT,
    SQLITE_FULL,
    SQLITE_INTERRUPT,
    SQLITE_IOERR,
    SQLITE_LOCKED,
    SQLITE_NOMEM,
    SQLITE_NOTADB,
    SQLITE_PERM,
    SQLITE_READONLY,
)

from engine.errors import DamagedError, StoreUnavailableError

_PRIMARY = 0xFF
"""Extended error codes carry the plain one in their lowest byte."""

_PASSING = frozenset({
    SQLITE_BUSY, SQLITE_LOCKED, SQLITE_FULL, SQLITE_IOERR, SQLITE_NOMEM, SQLITE_INTERRUPT, SQLITE_READONLY,
    SQLITE_CANTOPEN, SQLITE_PERM,
})  # fmt: skip
"""Errors that say nothing of the bytes in the file."""

_FIELDS = 8
"""Words of a line in /proc/locks; who only waits has one more."""

_WORDS = {
    SQLITE_FULL: "The disk of {path} is full. Nothing was written; make room and try again.",
    SQLITE_READONLY: "{path} cannot be written: the file or its folder is read-only. Nothing was written;"
    " give yourself the right to write there, or use a copy.",
    SQLITE_CANTOPEN: "{path} cannot be opened. See that it is there and that you may write in its folder.",
    SQLITE_PERM: "{path} may not be opened by you. Ask whoever owns it.",
    SQLITE_NOTADB: "{path} is not a database. Name the file that `politirad init` made.",
    SQLITE_CORRUPT: "{path} is damaged. Restore a backup, and keep this file for whoever looks into it.",
    SQLITE_IOERR: "The disk of {path} fails ({error}). Nothing was written; look at the disk before going on.",
}


def explained(error: Exception, path: Path, timeout: float) -> StoreUnavailableError:
    """The driver's error in words, for a database at a path and its seconds of waiting."""
    plain = _plain(error)
    if plain in (SQLITE_BUSY, SQLITE_LOCKED):
        return busy(path, timeout)
    if (said := _unreadable(error)) is not None:
        return DamagedError(f"{path} is damaged: {said}. `politirad verify` shows where; restore a backup.")
    if plain == SQLITE_CORRUPT:
        return DamagedError(_WORDS[plain].format(path=path))
    words = _WORDS.get(plain, "{path} refuses: {error}. Nothing was written.")
    return StoreUnavailableError(words.format(path=path, error=error))


def in_words(error: Exception) -> str:
    """What an error of the driver says of the stored bytes, without quoting them."""
    return _unreadable(error) or str(error)


def is_of_bytes(error: Exception) -> bool:
    """Whether an error of the driver comes from the stored bytes, and not from a lock, a full disk and the like."""
    return _plain(error) not in _PASSING


def is_full(error: Exception) -> bool:
    """Whether an error of the driver says that a disk is full."""
    return _plain(error) == SQLITE_FULL


def is_damage(error: BaseException) -> bool:
    """Whether an error of the driver, or ours because of one, says that the file is no database (any more)."""
    code = getattr(error, "sqlite_errorcode", None) or getattr(error.__cause__, "sqlite_errorcode", None)
    return code is not None and code & _PRIMARY in {SQLITE_NOTADB, SQLITE_CORRUPT}


def busy(path: Path, timeout: float) -> StoreUnavailableError:
    """Somebody else has had the file for as long as we waited (seconds)."""
    holders = ", ".join(_holders(path)) or "another transaction, perhaps `politirad` in another window or a backup"
    return StoreUnavailableError(
        f"{path} is locked: waited {timeout:g} s for {holders}. Nothing was written; try again when it is done."
    )


def _plain(error: BaseException) -> int:
    """SQLite's code for an error; -1 where the driver itself made it."""
    code = getattr(error, "sqlite_errorcode", None)
    return -1 if code is None else code & _PRIMARY


def _unreadable(error: Exception) -> str | None:
    """Why a value in a row cannot be read, in words that do not quote it; None where it is something else."""
    if isinstance(error, UnicodeDecodeError) or str(error).startswith("Could not decode to UTF-8"):
        return "a text in it is not UTF-8"
    return "an event in it is not JSON" if str(error) == "malformed JSON" else None


def _holders(path: Path) -> list[str]:
    """The other processes that hold a lock on the file, where the system tells (Linux); those that write, if any."""
    try:
        inodes = {str(file.stat().st_ino) for file in (path, Path(f"{path}-shm")) if file.exists()}
        locks = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    except OSError:
        return []
    ours = str(os.getpid())
    held = [lock for lock in locks if len(lock) == _FIELDS and lock[5].rpartition(":")[2] in inodes and lock[4] != ours]
    writing = [lock for lock in held if lock[3] == "WRITE"]
    return [f"process {pid}{_command(pid)}" for pid in sorted({lock[4] for lock in writing or held})]


def _command(pid: str) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return ""
    return f" ({b' '.join(words).decode(errors='replace').strip()[:60]})"
