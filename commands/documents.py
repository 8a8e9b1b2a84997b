"""`politirad document save`: a kept document as a file, streamed and checked on its way out."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

import click

from commands.output import safe, say
from commands.versions import chosen
from commands.wiring import setup_of
from engine.errors import DocumentDiffersError, NotFoundError, StoreUnavailableError, UsageError

if TYPE_CHECKING:
    from engine.field import Document
    from store.reader import SqlReader

SHORTEST = 6
"""Hex digits of a document's hash that may stand for it."""


@click.group()
def document() -> None:
    """Save a kept document to a file."""


@document.command()
@click.argument("which", metavar="SHA|CASE")
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--version", metavar="N", help="The version of the case; the current one if left out.")
@click.option("--name", metavar="NAME", help="Which of the version's documents, by its file name.")
@click.pass_context
def save(ctx: click.Context, *, which: str, target: Path, version: str | None, name: str | None) -> None:
    """Save a document to TARGET, a new file, a folder, or - for the output.

    The document is named by the start of its SHA-256, or as the text of a case's current version.
    """
    setup = setup_of(ctx)
    with setup.reading() as reader:
        sha256, called = _named(reader, which, version, name)
        pieces = reader.document(sha256)
        if str(target) == "-":
            _write(sys.stdout.buffer, pieces)
            return
        file = target / _plain(called) if target.is_dir() else target
        _save(file, pieces)
    say(f"Saved {called} ({sha256[:12]}) as {file}.")


def _named(reader: SqlReader, which: str, version: str | None, name: str | None) -> tuple[str, str]:
    """The SHA-256 (hex) and the file name of the document that is meant. Raises `NotFoundError`, `UsageError`."""
    if not re.fullmatch(rf"[0-9a-f]{{{SHORTEST},64}}", which.lower()):
        return _of_case(reader, which, version, name)
    found = [sha256 for sha256 in reader.documents() if sha256.startswith(which.lower())]
    if len(found) > 1:
        raise UsageError(f"{which} fits {len(found)} documents. Write more of the hash.")
    if not found:
        raise NotFoundError(f"No kept document begins with {which}. `politirad log CASE` shows their hashes.")
    return found[0], found[0]


def _of_case(reader: SqlReader, case: str, version: str | None, name: str | None) -> tuple[str, str]:
    reader.case(case)
    versions = reader.versions(case)
    if not versions:
        raise NotFoundError(f"{case} has no version. Evidence of a step is saved by its hash: `politirad log {case}`.")
    documents = (chosen(case, versions, version) if version else versions[-1]).documents
    one = _one(case, documents, name)
    return one.sha256, one.name


def _one(case: str, documents: Sequence[Document], name: str | None) -> Document:
    found = [d for d in documents if d.name == name] if name else [d for d in documents if d.role == "text"]
    if len(found) != 1:
        names = ", ".join(d.name for d in documents)
        raise NotFoundError(f"Say which document of {case} with --name: {names}.")
    return found[0]


def _plain(name: str) -> str:
    """A file name without any folder in it: names are what somebody once wrote. Raises `UsageError`."""
    plain = PurePosixPath(name.replace("\\", "/")).name
    if plain in ("", ".", "..") or safe(plain) != plain:
        raise UsageError(f"{name!r} is not fit to be a file name. Name the target file yourself.")
    return plain


def _save(file: Path, pieces: Iterator[bytes]) -> None:
    """Write a new file, whole or not at all. Raises `UsageError`, `DocumentDiffersError`."""
    try:
        with file.open("xb") as opened:
            _write(opened, pieces)
    except FileExistsError:
        raise UsageError(f"{file} exists already. Choose another name.") from None
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}.") from None
    except (DocumentDiffersError, StoreUnavailableError):
        file.unlink()
        raise


def _write(opened: BinaryIO, pieces: Iterator[bytes]) -> None:
    opened.writelines(pieces)
