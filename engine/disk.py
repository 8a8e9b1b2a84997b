"""Having what was written on the disk itself before anything else relies on it: a file's bytes, a folder's names."""

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
