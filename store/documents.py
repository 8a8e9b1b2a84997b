"""Documents: bytes under their SHA-256, in chunks of 1 MiB, streamed in and out.

A document is never held in memory as a whole. Its name and role stand in the event that attaches it; here are only
bytes, so two versions with the same annex keep it once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from os import stat_result
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from sqlalchemy import Column, ForeignKeyConstraint, LargeBinary, bindparam, select, update

from engine.errors import DocumentDiffersError, NotFoundError, UsageError
from store.link import Link, Reading, by, insert_into
from store.schema import key, number, table

CHUNK = 1024 * 1024
"""Bytes in one row."""

LARGEST = 50 * CHUNK
"""Bytes in one document: 50 MiB."""

document = table("document", key("sha256"), number("size"))

chunk = table(
    "chunk",
    key("sha256"),
    key("number", number=True),
    Column("bytes", LargeBinary, nullable=False),
    ForeignKeyConstraint(["council", "sha256"], ["document.council", "document.sha256"]),
)

_ONE = select(document.c.size).where(*by(document, "sha256"))
_ALL = select(document.c.sha256).where(*by(document)).order_by(document.c.sha256)
_CHUNKS = select(chunk.c.bytes).where(*by(chunk, "sha256")).order_by(chunk.c.number)
_BEGIN = insert_into(document)
_SIZE = update(document).where(*by(document, "sha256")).values(size=bindparam("size"))
_ADD = insert_into(chunk)


class DocumentReads(Reading):
    """Reading documents."""

    def has_document(self, sha256: str) -> bool:
        """Whether a document's bytes are kept."""
        return self._rows(_ONE, sha256=sha256).fetchone() is not None

    def document(self, sha256: str) -> Iterator[bytes]:
        """A document's bytes, piece by piece.

        Raises `NotFoundError` before the first piece, `DocumentDiffersError` after the last where the bytes are not
        those that were kept.
        """
        if not self.has_document(sha256):
            raise NotFoundError(f"There is no document {sha256[:12]} in the record of {self._council}.")
        return self._pieces(sha256)

    def documents(self) -> Iterator[str]:
        """The SHA-256 (hex) of every document kept."""
        return (found for (found,) in self._rows(_ALL))

    def _pieces(self, sha256: str) -> Iterator[bytes]:
        digest = hashlib.sha256()
        for (piece,) in self._rows(_CHUNKS, sha256=sha256):
            digest.update(piece)
            yield piece
        if digest.hexdigest() != sha256:
            raise DocumentDiffersError(f"The bytes kept for document {sha256[:12]} are not those that were recorded.")


def keep_document(link: Link, council: str, sha256: str, path: Path) -> None:
    """Keep a file's bytes under their SHA-256; nothing where they are already kept.

    Raises `NotFoundError` where there is no such file, and `UsageError` where it is a folder, cannot be read, is
    larger than 50 MiB, or is not the file that was announced.
    """
    if link.run(_ONE, council=council, sha256=sha256).fetchone() is not None:
        return
    link.run(_BEGIN, council=council, sha256=sha256, size=0)
    digest, size = hashlib.sha256(), 0
    for at, piece in enumerate(pieces_of(path)):
        digest.update(piece)
        size += len(piece)
        link.run(_ADD, council=council, sha256=sha256, number=at, bytes=piece)
    if digest.hexdigest() != sha256:
        raise UsageError(f"{path} changed while it was read. Take the step again when nobody is writing to it.")
    link.run(_SIZE, council=council, sha256=sha256, size=size)


def pieces_of(path: Path) -> Iterator[bytes]:
    """A file's bytes in pieces of 1 MiB. Raises as `keep_document` does."""
    try:
        _check(path, path.stat())
        with path.open("rb") as file:
            while piece := file.read(CHUNK):
                yield piece
    except FileNotFoundError:
        raise NotFoundError(f"There is no file {path}.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error


def _check(path: Path, status: stat_result) -> None:
    """Refuse what is no document: a folder, a device that never ends, a file that is too large."""
    if S_ISDIR(status.st_mode):
        raise UsageError(f"{path} is a folder. Name a file inside it.")
    if not S_ISREG(status.st_mode):
        raise UsageError(f"{path} is not a file. Save what it says to a file, and name that.")
    if status.st_size > LARGEST:
        raise UsageError(f"{path} is larger than {LARGEST // CHUNK} MiB, the most a document can be.")
