"""What only PostgreSQL has: TRUNCATE, triggers that can be switched off, a CHECK on each event, COPY, MERGE."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from msgspec.structs import replace
from psycopg.errors import CheckViolation, IntegrityError

from engine.database_url import DatabaseUrl
from engine.event import encode, leaf_of
from store.log import event as log
from tests.contract.products import on_a_server
from tests.contract.raw import Hand, be_superuser, raw
from tests.contract.scribe import COUNCIL, Scribe

if TYPE_CHECKING:
    from engine.event import Event

pytestmark = on_a_server

INSERT = "INSERT INTO event (council, pos, body, leaf) VALUES (?, ?, ?, ?)"
CHANGES = (
    "UPDATE event SET pos = pos + 9",
    "UPDATE event SET pos = pos WHERE false",
    "DELETE FROM event",
    "TRUNCATE event",
    "TRUNCATE event, cases CASCADE",
    "MERGE INTO event USING (VALUES (1)) AS one (x) ON true WHEN MATCHED THEN DELETE",
    "WITH gone AS (DELETE FROM event RETURNING pos) SELECT count(*) FROM gone",
    "DELETE FROM checkpoint",
    "UPDATE checkpoint_sig SET line = 'x'",
    "TRUNCATE checkpoint, checkpoint_sig",
)


def everything(hand: Hand) -> list[tuple[object, ...]]:
    """The whole log as it lies there."""
    rows: list[tuple[object, ...]] = hand.execute("SELECT * FROM event ORDER BY council, pos").fetchall()
    return rows


@pytest.mark.parametrize("role", ["origin", "replica"])
def test_nothing_is_changed_emptied_or_deleted_whatever_a_session_calls_itself(scribe: Scribe, role: str) -> None:
    """A replica fires no triggers but those that always fire."""
    with raw(scribe.store) as hand:
        if role != "origin":
            be_superuser(hand)
            hand.execute(f"SET session_replication_role = {role}")
        before = everything(hand)
        for change in CHANGES:
            with pytest.raises(IntegrityError, match="append-only"):
                hand.execute(change)
            assert everything(hand) == before, change


@pytest.mark.parametrize("changes", [{"n": 4}, {"prev": "f" * 64}, {"case": "M-1"}])
def test_a_replica_takes_no_event_that_does_not_follow_either(scribe: Scribe, changes: dict[str, str]) -> None:
    forged = encode(replace(scribe.event("C", "forged", {}), **changes))
    with raw(scribe.store) as hand:
        be_superuser(hand)
        hand.execute("SET session_replication_role = replica")
        with pytest.raises(IntegrityError, match=r"number|prev"):
            hand.execute(INSERT, (COUNCIL, 2, forged, leaf_of(forged)))


def test_events_that_are_copied_in_must_follow_too(scribe: Scribe) -> None:
    event = scribe.event("C", "decided", {})
    bodies = [encode(event), encode(replace(event, n=5))]
    with raw(scribe.store) as hand:
        before = everything(hand)
    place = scribe.store.describe().place
    assert isinstance(place, DatabaseUrl)
    with pytest.raises(IntegrityError, match="number"), psycopg.connect(place.conninfo) as connection:
        copy_in(connection, bodies)
    with raw(scribe.store) as hand:
        assert everything(hand) == before


def copy_in(connection: psycopg.Connection, bodies: list[str]) -> None:
    """What a restored dump would do."""
    with connection.cursor().copy("COPY event (council, pos, body, leaf) FROM STDIN") as copy:
        for position, body in enumerate(bodies, start=2):
            copy.write_row((COUNCIL, position, body, leaf_of(body)))


def test_bytes_that_do_not_have_their_hash_are_refused_at_once(scribe: Scribe) -> None:
    following: Event = scribe.event("C", "decided", {})
    with raw(scribe.store) as hand:
        with pytest.raises(CheckViolation, match="is_of_body"):
            hand.execute(INSERT, (COUNCIL, 2, encode(following), bytes(32)))
        hand.execute("ALTER TABLE event DISABLE TRIGGER USER")
        with pytest.raises(CheckViolation, match="is_of_body"):
            hand.execute("UPDATE event SET body = replace(body, 'opened', 'closed') WHERE pos = 0")
        with pytest.raises(CheckViolation, match="is_of_body"):
            hand.execute("UPDATE event SET leaf = ? WHERE pos = 0", [bytes(32)])


def test_an_event_cannot_be_hidden_in_a_temporary_table_of_the_same_name(scribe: Scribe) -> None:
    """The trigger that asks for the event before looks into the log itself, whatever else bears its name."""
    forged = encode(replace(scribe.event("C", "forged", {}), n=5))
    own = ", ".join(f"{column.name}" for column in log.columns)
    with raw(scribe.store) as hand:
        hand.execute(f"CREATE TEMP TABLE event AS SELECT {own} FROM public.event")  # noqa: S608  # names of ours
        hand.execute("UPDATE pg_temp.event SET n = 4")
        with pytest.raises(IntegrityError, match="number"):
            hand.execute(INSERT.replace("event", "public.event"), (COUNCIL, 2, forged, leaf_of(forged)))
