"""The folder of an export: its layout (audit.md §7), and reading it without being led astray.

    events.jsonl                    the log: each line the bytes of an event, in order, and a newline
    checkpoints/<size>.note         every checkpoint with its signatures, the size in 12 digits
    log-<key id>.vkey               the public keys that the log announces: its own …
    witness-<key id>.vkey           … and those of its witnesses
    allowed_signers                 who may sign approvals, as `ssh-keygen -Y verify` reads it (terms.py)
    blobs/<sha256>                  every document that an event names, under the hash of its bytes
    proofs/<case>-<n>.tlog-proof    the proof of each binding approval, against the newest checkpoint
    cosigned/<size>.note            what a witness adds: the checkpoint with its cosignature

A folder may have come by mail. So no link in it is followed, nothing but regular files is opened, every read is
bounded, and whatever name a file or an event brings along is compared with the layout and never joined to a path.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from engine.errors import NotFoundError, PolitiradError
from engine.key import Kind, Verifier

EVENTS, SIGNERS = "events.jsonl", "allowed_signers"
CHECKPOINTS, BLOBS, PROOFS, COSIGNED = "checkpoints", "blobs", "proofs", "cosigned"
VKEY = ".vkey"

LONGEST_LINE = 8 * 1024 * 1024
"""Bytes of one event. The largest, a whole set of rules, has some 30,000."""
LARGEST_TEXT = 1_000_000
"""Bytes of a note, a key or a proof."""
PIECE = 1024 * 1024
"""Bytes of a document that are read at once."""

_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""A link is not followed, and a pipe does not keep us waiting."""


class UnreadableError(PolitiradError):
    """A file of an export is missing, or is none. The message follows the name of the file."""

    exit_code = 10


@dataclass(frozen=True, slots=True)
class Folder:
    """An export as a folder that is read. Raises `NotFoundError` where there is no such folder."""

    path: Path

    def __post_init__(self) -> None:
        if not self.path.is_dir():
            raise NotFoundError(f"There is no folder {self.path}. Name one that `politirad export` wrote.")

    def names(self, within: str = "") -> tuple[str, ...]:
        """The names in the folder, or in one of its folders, sorted; none where that is missing.

        Raises `UnreadableError` where it is something else than a folder.
        """
        place = self.path / within
        if within and (place.is_symlink() or (place.exists() and not place.is_dir())):
            raise UnreadableError("is no folder, but a file or a link")
        try:
            return tuple(sorted(entry.name for entry in place.iterdir()))
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise UnreadableError(f"cannot be read: {error.strerror}") from error

    def text(self, *name: str) -> bytes:
        """A small file, whole. Raises `UnreadableError`."""
        with self._open(*name) as file:
            content = file.read(LARGEST_TEXT + 1)
        if len(content) > LARGEST_TEXT:
            raise UnreadableError(f"is larger than {LARGEST_TEXT:,} bytes: it is some other file")
        return content

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a file, each with its newline; holds one at a time. Raises `UnreadableError`."""
        with self._open(name) as file:
            while line := file.readline(LONGEST_LINE + 1):
                if len(line) > LONGEST_LINE:
                    raise UnreadableError(f"has a line of more than {LONGEST_LINE:,} bytes, which no event has")
                yield line

    def pieces(self, *name: str) -> Iterator[bytes]:
        """The bytes of a file, piece by piece. Raises `UnreadableError`."""
        with self._open(*name) as file:
            while piece := file.read(PIECE):
                yield piece

    def size(self, *name: str) -> int:
        """How many bytes a file has; 0 where it is missing."""
        try:
            return self.path.joinpath(*name).lstat().st_size
        except OSError:
            return 0

    def _open(self, *name: str) -> BinaryIO:
        try:
            file = os.open(self.path.joinpath(*name), _FLAGS)
        except FileNotFoundError as error:
            raise UnreadableError("is missing") from error
        except OSError as error:
            raise UnreadableError(f"cannot be read, or is a link: {error.strerror}") from error
        if not stat.S_ISREG(os.fstat(file).st_mode):
            os.close(file)
            raise UnreadableError("is no regular file")
        return os.fdopen(file, "rb")


def note_name(size: int) -> str:
    """The file of the checkpoint over so many events."""
    return f"{size:012d}.note"


def key_name(key: Verifier) -> str:
    """The file of a public key."""
    return f"{'log' if key.kind is Kind.LOG else 'witness'}-{key.key_id.hex()}{VKEY}"


def proof_name(case: str, n: int) -> str:
    """The file of the proof of a case's event."""
    return f"{case}-{n}.tlog-proof"
