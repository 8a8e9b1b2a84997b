"""The stores that must keep the contract, each fresh for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from store import SqlStore
from tests.contract.products import PRODUCTS, SERVER
from tests.contract.scribe import Scribe
from tests.postgres_server import new_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=PRODUCTS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    """A new database: a SQLite file with either journal, or one on a PostgreSQL server."""
    if request.param == SERVER:
        with new_database() as url, SqlStore.open(url, create=True) as opened:
            yield opened
        return
    with SqlStore.open(tmp_path / "politirad.db", create=True, journal=request.param) as opened:
        yield opened


@pytest.fixture
def scribe(store: SqlStore) -> Scribe:
    """Somebody who writes events, in a council just opened."""
    scribe = Scribe(store)
    scribe.open_council()
    return scribe
