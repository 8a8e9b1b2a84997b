"""Documents go in and out in pieces, under the hash of their bytes."""

from __future__ import annotations

import hashlib
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.errors import DocumentDiffersError, NotFoundError, UsageError
from tests.contract.raw import raw
from tests.contract.scribe import COUNCIL, Scribe

if TYPE_CHECKING:
    from collections.abc import Callable

MIB = 1024 * 1024


def write_file(path: Path, size: int) -> str:
    """A file of so many bytes, no two pieces of it alike; its SHA-256 in hex."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for at in range(0, size, MIB):
            piece = (at.to_bytes(8, "big") * (MIB // 8))[: size - at]
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()


def keep(scribe: Scribe, sha256: str, path: Path) -> None:
    """Keep a document in a transaction of its own."""
    with scribe.store.write(COUNCIL) as tx:
        tx.keep_document(sha256, path)


def peak_of(act: Callable[[], None]) -> int:
    """The most memory, in bytes, that Python held at once while doing something."""
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("size", [0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB])
def test_what_comes_out_is_what_went_in(scribe: Scribe, tmp_path: Path, size: int) -> None:
    sha256 = write_file(tmp_path / "vedlegg.pdf", size)
    keep(scribe, sha256, tmp_path / "vedlegg.pdf")
    with scribe.store.read(COUNCIL) as reader:
        pieces = list(reader.document(sha256))
    assert b"".join(pieces) == (tmp_path / "vedlegg.pdf").read_bytes()
    assert all(len(piece) <= MIB for piece in pieces)


def test_twenty_megabytes_pass_through_little_memory(scribe: Scribe, tmp_path: Path) -> None:
    sha256 = write_file(tmp_path / "kart.tif", 20 * MIB)

    def read() -> None:
        with scribe.store.read(COUNCIL) as reader, (tmp_path / "ut.tif").open("wb") as out:
            for piece in reader.document(sha256):
                out.write(piece)

    assert peak_of(lambda: keep(scribe, sha256, tmp_path / "kart.tif")) < 5 * MIB
    assert peak_of(read) < 5 * MIB
    assert hashlib.sha256((tmp_path / "ut.tif").read_bytes()).hexdigest() == sha256


def test_the_same_bytes_are_kept_once(scribe: Scribe, tmp_path: Path) -> None:
    sha256 = write_file(tmp_path / "a.pdf", 10)
    keep(scribe, sha256, tmp_path / "a.pdf")
    keep(scribe, sha256, tmp_path / "nowhere.pdf")
    with scribe.store.read(COUNCIL) as reader:
        assert list(reader.documents()) == [sha256]
        assert reader.has_document(sha256)


def test_a_document_is_kept_with_its_step_or_not_at_all(scribe: Scribe, tmp_path: Path) -> None:
    sha256 = write_file(tmp_path / "a.pdf", 10)
    with suppress(KeyError), scribe.store.write(COUNCIL) as tx:
        tx.keep_document(sha256, tmp_path / "a.pdf")
        raise KeyError
    with scribe.store.read(COUNCIL) as reader:
        assert not reader.has_document(sha256)


def test_a_file_that_is_not_what_was_announced_is_refused(scribe: Scribe, tmp_path: Path) -> None:
    write_file(tmp_path / "a.pdf", 10)
    with pytest.raises(UsageError, match="changed while it was read"):
        keep(scribe, "0" * 64, tmp_path / "a.pdf")
    with scribe.store.read(COUNCIL) as reader:
        assert not reader.has_document("0" * 64)


def test_fifty_megabytes_are_the_most(scribe: Scribe, tmp_path: Path) -> None:
    with (tmp_path / "film.mp4").open("wb") as file:
        file.truncate(50 * MIB + 1)
    with pytest.raises(UsageError, match="larger than 50 MiB"):
        keep(scribe, "0" * 64, tmp_path / "film.mp4")


def test_a_missing_file_and_a_folder_are_told_apart(scribe: Scribe, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no file .*borte\.pdf"):
        keep(scribe, "0" * 64, tmp_path / "borte.pdf")
    with pytest.raises(UsageError, match="is a folder"):
        keep(scribe, "0" * 64, tmp_path)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no device that never ends")
def test_a_device_that_never_ends_is_no_document(scribe: Scribe) -> None:
    with pytest.raises(UsageError, match="is not a file"):
        keep(scribe, "0" * 64, Path("/dev/zero"))


def test_an_unknown_document_is_not_found(scribe: Scribe) -> None:
    with scribe.store.read(COUNCIL) as reader, pytest.raises(NotFoundError, match="no document 000000000000"):
        reader.document("0" * 64)


def test_a_document_belongs_to_its_council_alone(scribe: Scribe, tmp_path: Path) -> None:
    sha256 = write_file(tmp_path / "a.pdf", 10)
    keep(scribe, sha256, tmp_path / "a.pdf")
    Scribe(scribe.store, council="oppdal").open_council()
    with scribe.store.read("oppdal") as reader:
        assert not reader.has_document(sha256)


def test_changed_bytes_are_noticed_as_they_leave(scribe: Scribe, tmp_path: Path) -> None:
    sha256 = write_file(tmp_path / "a.pdf", 10)
    keep(scribe, sha256, tmp_path / "a.pdf")
    with raw(scribe.store) as hand:
        hand.execute("UPDATE chunk SET bytes = ?", [b"\0"])
    with scribe.store.read(COUNCIL) as reader, pytest.raises(DocumentDiffersError, match="not those"):
        list(reader.document(sha256))
