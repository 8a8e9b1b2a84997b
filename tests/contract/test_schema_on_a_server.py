"""A record on a server may live in a schema of any name, beside others."""

from __future__ import annotations

import psycopg
import pytest

from store import SqlStore
from tests.contract.raw import raw
from tests.contract.scribe import COUNCIL, Scribe
from tests.postgres_server import new_database


@pytest.mark.parametrize("schema", ["council", '"Råd og lag"', "event"])
def test_a_record_in_a_schema_of_any_name_is_guarded_and_mended_too(schema: str) -> None:
    with new_database() as url:
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute(f"CREATE SCHEMA {schema}")
            owner.execute(f"ALTER DATABASE {owner.info.dbname} SET search_path = {schema}")
        with SqlStore.open(url, create=True) as store:
            scribe = Scribe(store)
            scribe.open_council()
            scribe.open_measure("M-1")
            assert store.verify(COUNCIL).faults == []
            with raw(store) as hand:
                hand.execute("DROP TRIGGER event_is_next ON event")
            (fault,) = store.verify(COUNCIL).faults
            assert fault.what.startswith("event_is_next is missing")
            store.rebuild(COUNCIL)
            assert store.verify(COUNCIL).faults == []
