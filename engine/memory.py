"""The small file in which a witness remembers what it cosigned: for each log, its last checkpoint and its keys.

This file is the whole protection: a log can be rewritten and signed anew by whoever has its key, but not to fit what
somebody else remembers. It is replaced as a whole (written beside, brought to the disk, renamed), and *before* a
cosignature leaves the house: a witness that forgot what it signed could be led to sign a fork.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from engine.checkpoint import Checkpoint, checkpoint_of
from engine.disk import at_once, sync_folder, write
from engine.errors import ConfigurationError, StoreUnavailableError
from engine.key import Verifier, verifier_of
from engine.note import Note, NoteError, note_of

_LARGEST = 10_000_000
"""Bytes; each log has about 500."""


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    """A log as the file has it: the note that was cosigned last, and the vkeys of the log."""

    note: str
    keys: tuple[str, ...]


class _File(msgspec.Struct, forbid_unknown_fields=True):
    """The file; `logs` by origin."""

    logs: dict[str, _Line]
    version: int = 1


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a witness knows of a log: the note it cosigned last, and the public keys it takes the log's word from."""

    note: Note
    keys: tuple[Verifier, ...]

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint it cosigned last."""
        return checkpoint_of(self.note.text)


def recall(path: Path) -> dict[str, Remembered]:
    """What a witness remembers, by origin; nothing where the file is not there yet.

    Raises `ConfigurationError` where the file is there and cannot be understood: then nothing may be cosigned.
    """
    try:
        with open(path, "rb", opener=at_once) as file:
            content = file.read(_LARGEST)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}. Name the witness's memory.") from error
    try:
        found = msgspec.json.decode(content, type=_File)
        return {origin: _remembered(origin, line) for origin, line in found.logs.items()}
    except (msgspec.MsgspecError, ValueError, NoteError, ConfigurationError) as error:
        raise ConfigurationError(
            f"{path} is not the memory of a witness, or was changed: {error}. Put back a copy; do not begin a new one, "
            "which would cosign anything."
        ) from error


def remember(path: Path, logs: Mapping[str, Remembered]) -> None:
    """Replace what a witness remembers, on the disk before this returns. Raises `StoreUnavailableError`."""
    lines = {origin: _Line(str(log.note), tuple(map(str, log.keys))) for origin, log in sorted(logs.items())}
    content = msgspec.json.format(msgspec.json.encode(_File(lines)), indent=2) + b"\n"
    draft = path.with_name(f"{path.name}.new")
    try:
        with draft.open("wb") as file:
            write(file, [content])
        draft.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise StoreUnavailableError(
            f"{path} cannot be written: {error.strerror}. Nothing was cosigned; what was remembered before stands."
        ) from error


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Be the only one who uses a memory: of two at once, each might sign a fork the other does not know.

    Raises `StoreUnavailableError` where another process has it, or its folder takes no file.
    """
    from filelock import FileLock, Timeout

    try:
        with FileLock(f"{path}.lock", timeout=5):
            yield
    except Timeout as error:
        raise StoreUnavailableError(f"Another process is using {path}. Try again when it is done.") from error
    except OSError as error:
        raise StoreUnavailableError(f"{path} cannot be locked: {error.strerror}. Name another file.") from error


def _remembered(origin: str, line: _Line) -> Remembered:
    found = Remembered(note_of(line.note), tuple(map(verifier_of, line.keys)))
    if found.checkpoint.origin != origin:
        raise ValueError(f"under {origin} stands a checkpoint of {found.checkpoint.origin}")
    return found
