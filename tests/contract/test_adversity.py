"""What can go wrong with a good database: locked, read-only, full, gone. One line each, and nothing is written."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.errors import StoreUnavailableError, UsageError
from store import SqlStore
from tests.contract.scribe import COUNCIL, Scribe

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where there may be a database."""
    return tmp_path / "politirad.db"


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """A folder that anybody may enter; pytest's own is closed to others."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@contextmanager
def without_privileges() -> Iterator[None]:
    """For a while, not the superuser, who may write whatever the mode says."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)


def test_whoever_waited_in_vain_hears_who_is_writing(path: Path) -> None:
    """The other process says when it has begun to write, and holds on until its input closes."""
    SqlStore.open(path, create=True).close()
    hold = f"""
from store.sqlite import driver
connection = driver.connect({str(path)!r}, isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("writing", flush=True)
input()
"""
    with (
        SqlStore.open(path, timeout=0.2) as store,
        subprocess.Popen(
            [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as other,
    ):
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(StoreUnavailableError, match=r"is locked: waited 0\.2 s for") as caught:
            Scribe(store).open_council()
        other.communicate("\n")
        Scribe(store).open_council()
    if sys.platform == "linux":
        assert f"process {other.pid} ({sys.executable}" in str(caught.value)


def test_a_transaction_inside_another_is_told_that_it_waits_for_itself(path: Path) -> None:
    with SqlStore.open(path, create=True, timeout=0.1) as store:
        Scribe(store).open_council()
        with store.write(COUNCIL), pytest.raises(StoreUnavailableError, match="is locked"), store.write(COUNCIL):
            pass


def test_a_read_only_file(shared_folder: Path) -> None:
    path = shared_folder / "politirad.db"
    with SqlStore.open(path, create=True, journal="DELETE") as store:
        Scribe(store).open_council()
    path.chmod(0o444)
    with without_privileges(), SqlStore.open(path, journal="DELETE") as store:
        assert store.councils() == (COUNCIL,)
        with pytest.raises(StoreUnavailableError, match="cannot be written: the file or its folder is read-only"):
            Scribe(store, council="oppdal").open_council()


def test_a_read_only_folder(shared_folder: Path) -> None:
    path = shared_folder / "politirad.db"
    with without_privileges(), pytest.raises(StoreUnavailableError, match=r"cannot be opened\. See that it is there"):
        SqlStore.open(path, create=True)
    SqlStore.open(path, create=True).close()
    path.chmod(0o666)
    with without_privileges(), pytest.raises(StoreUnavailableError, match=r"read-only|cannot be opened"):
        SqlStore.open(path)


def test_a_full_disk(path: Path) -> None:
    with SqlStore.open(path, create=True) as store:
        scribe = Scribe(store)
        scribe.open_council()
        with store.read(COUNCIL) as reader:
            pages = reader._link.connection.execute("PRAGMA page_count").fetchone()[0]  # noqa: SLF001  # as a full disk does
            reader._link.connection.execute(f"PRAGMA max_page_count = {pages}")  # noqa: SLF001  # a full disk, made small
        with pytest.raises(StoreUnavailableError, match=r"disk of .* is full\. Nothing was written; make room"):
            scribe.open_measure("M-1", goal="x" * 100_000)
        with store.read(COUNCIL) as reader:
            assert list(reader.listing()) == []
        assert store.verify(COUNCIL).faults == []


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="this system has no limit on the size of files")
def test_a_file_that_may_not_grow(path: Path) -> None:
    with SqlStore.open(path, create=True) as store:
        scribe = Scribe(store)
        scribe.open_council()
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
        try:
            with pytest.raises(StoreUnavailableError, match=r"disk of .* (fails|is full)"):
                scribe.open_measure("M-1", goal="x" * 400_000)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        assert store.verify(COUNCIL).faults == []


def test_a_file_that_vanished(path: Path) -> None:
    with SqlStore.open(path, create=True) as store:
        path.unlink()
        with pytest.raises(StoreUnavailableError, match="cannot be opened"), store.read(COUNCIL):
            pass


def test_a_broken_character_is_a_usage_error(path: Path) -> None:
    with SqlStore.open(path, create=True) as store:
        Scribe(store).open_council()
        with pytest.raises(UsageError, match=r"'M-\\udcff' holds a broken character"), store.read(COUNCIL) as reader:
            reader.case("M-\udcff")
