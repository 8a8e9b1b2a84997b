"""The file of a private key: PEM that `openssl` reads, for its owner's eyes only. All of the effect, none of the keys.

The file is configuration and lies outside the database, so that neither the database nor its backups can sign.
A file is never overwritten: a lost key cannot be made again, and what it signed must remain checkable.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from engine.disk import at_once, write
from engine.errors import ConfigurationError
from engine.key import Kind, pem_of, seed_of

_MADE_BY = {Kind.LOG: "politirad keys new", Kind.WITNESS: "politirad witness new"}
_CHANGED_BY = {Kind.LOG: "politirad keys rotate", Kind.WITNESS: "politirad witness new"}
"""The commands that make a key, and another one in its place."""

_PRIVATE = 0o600
_LARGEST = 10_000
"""Bytes; a key has about 120."""


def create(path: Path, seed: bytes) -> None:
    """Write a private key (its seed, 32 bytes) to a new file that only its owner can read, and have it on the disk.

    Raises `ConfigurationError` where the file exists already or cannot be written; then nothing is left behind.
    """
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
    except FileExistsError as error:
        raise ConfigurationError(
            f"{path} exists already, and a key is never overwritten: name another file."
        ) from error
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be created: {error.strerror}.") from error
    try:
        with os.fdopen(file, "wb") as stream:
            write(stream, [pem_of(seed).encode()])
    except OSError as error:
        path.unlink()
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}. Nothing was kept.") from error


def read(path: Path, kind: Kind = Kind.LOG) -> bytes:
    """The seed of the private key in a file, 32 bytes; `kind` is whose it is meant to be.

    Raises `ConfigurationError` where the file is missing, readable by others, or holds no Ed25519 key.
    """
    try:
        with open(path, "rb", opener=at_once) as file:
            _check_private(path, os.fstat(file.fileno()), kind)  # of the file that is open: a path could be exchanged
            content = file.read(_LARGEST)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}. Name the key's file.") from error
    try:
        return seed_of(content.decode("ascii"))
    except ValueError as error:  # UnicodeDecodeError is one, and says no more than this
        why = "holds no text" if isinstance(error, UnicodeDecodeError) else error
        raise ConfigurationError(f"{path} {why}: name a file that `{_MADE_BY[kind]}` made.") from error


def _check_private(path: Path, status: os.stat_result, kind: Kind) -> None:
    """Refuse a key that others may have read. Windows has no such bits and always says 0666."""
    mode = stat.S_IMODE(status.st_mode)
    if os.name == "posix" and mode & 0o077:
        raise ConfigurationError(
            f"{path} is open to others (mode {mode:04o}): `chmod 600 {path}`, and `{_CHANGED_BY[kind]}` if somebody "
            "may have read it."
        )
