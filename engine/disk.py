"""Files as the disk has them: written for good before anything else relies on it, and read without waiting."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO


def write(file: BinaryIO, pieces: Iterable[bytes]) -> None:
    """Write pieces into an open file; they outlast a loss of power once this returns. Raises `OSError`."""
    file.writelines(pieces)
    file.flush()
    os.fsync(file.fileno())


def private_text(path: Path, text: str) -> None:
    """Write a text into a new file that only its owner can read. Raises `OSError`."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def sync(path: Path) -> None:
    """Have a file that something else has written on the disk. Raises `OSError`."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk. Windows has no way to say so, and needs none. Raises `OSError`."""
    if os.name == "posix":
        sync(folder)


def at_once(path: str, flags: int) -> int:
    """Opens a file to be read, as `open(…, opener=at_once)`: a pipe that nobody writes into is empty, not waited for.

    A pipe that somebody writes into is read to its end, such as one made by a shell. Raises `OSError`.
    """
    file = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if os.name == "posix":
        os.set_blocking(file, True)
    return file
