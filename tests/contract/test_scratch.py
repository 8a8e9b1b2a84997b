"""Where a log is replayed: in a file that is gone afterwards, so that memory does not grow with the log."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.errors import StoreUnavailableError
from store.creation import create_schema
from store.scratch import scratch

if TYPE_CHECKING:
    from store.link import Link
    from tests.contract.scribe import Scribe


def file_of(link: Link) -> Path:
    """The file a database lies in."""
    ((_, _, path),) = link.connection.execute("PRAGMA database_list").fetchall()
    return Path(path)


def test_it_is_a_file_for_its_owners_eyes_and_gone_afterwards() -> None:
    with scratch() as link:
        create_schema(link)
        file = file_of(link)
        assert file.exists()
        assert file.parent.stat().st_mode & 0o077 == 0
    assert not file.parent.exists()


def test_it_is_gone_when_work_in_it_fails() -> None:
    with suppress(ZeroDivisionError), scratch() as link:
        file = file_of(link)
        raise ZeroDivisionError
    assert not file.parent.exists()


def test_a_place_without_room_is_told_and_not_taken_for_the_databases(
    scribe: Scribe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(StoreUnavailableError, match=r"no room for temporary files: .*\$TMPDIR"):
        scribe.store.verify(scribe.council)


def test_a_disk_that_is_full_is_told_too() -> None:
    with pytest.raises(StoreUnavailableError, match="no room for temporary files: the disk of"):
        _filled()


def _filled() -> None:
    with scratch() as link:
        link.connection.execute("PRAGMA max_page_count = 3")
        create_schema(link)
