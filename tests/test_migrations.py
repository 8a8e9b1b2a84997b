"""The two ways to a schema end in the same one: made at once, or migrated step by step."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from alembic import command

from engine.errors import StoreUnavailableError
from store import SqlStore
from store.schema import REVISION, metadata
from store.sqlite import APPLICATION, Sqlite
from store.tables import RECORDS, VIEWS
from store.upgrade import configuration
from tests.contract.raw import raw
from tests.contract.scribe import COUNCIL, Scribe

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def oldest(tmp_path: Path) -> Path:
    """A database of ours from before the first migration."""
    path = tmp_path / "oldest.db"
    with raw(path) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
    return path


def schema_of(path: Path) -> list[tuple[str, str, str]]:
    """Every table, index and trigger with the words that made it, whatever the white space."""
    with raw(path) as connection:
        rows = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()
    return [(kind, name, re.sub(r"\s+", "", sql or "")) for kind, name, sql in rows]


def test_a_migrated_schema_is_the_one_that_is_made_at_once(oldest: Path, tmp_path: Path) -> None:
    SqlStore.open(oldest).close()
    SqlStore.open(tmp_path / "fresh.db", create=True).close()
    migrated, fresh = schema_of(oldest), schema_of(tmp_path / "fresh.db")
    assert migrated == fresh
    assert {kind for kind, _, _ in fresh} == {"table", "index", "trigger"}


def test_every_table_is_a_record_or_a_view() -> None:
    assert {*RECORDS, *VIEWS} == set(metadata.tables.values())
    assert not {*RECORDS} & {*VIEWS}


def test_no_table_has_changed_without_a_migration(tmp_path: Path) -> None:
    SqlStore.open(tmp_path / "fresh.db", create=True).close()
    file = Sqlite(tmp_path / "fresh.db")
    with file.idle() as link, file.engine_over(link).connect() as connection:
        command.check(configuration(connection))


def test_an_older_database_is_upgraded_after_saying_so(oldest: Path) -> None:
    told: list[tuple[str, str]] = []
    with SqlStore.open(oldest, upgrading=lambda found, newest: told.append((found, newest))) as store:
        scribe = Scribe(store)
        scribe.open_council()
        scribe.open_measure("M-1")
        assert store.verify(COUNCIL).faults == []
    assert told == [("0000", REVISION)]
    SqlStore.open(oldest, upgrading=lambda found, newest: told.append((found, newest))).close()
    assert len(told) == 1


def test_an_upgrade_that_fails_leaves_the_database_as_it_was(oldest: Path) -> None:
    with raw(oldest) as connection:
        connection.execute("CREATE TABLE approval (in_the_way TEXT)")
    before = schema_of(oldest)
    with pytest.raises(StoreUnavailableError, match=r"table approval already exists\. Nothing was written"):
        SqlStore.open(oldest)
    assert schema_of(oldest) == before
