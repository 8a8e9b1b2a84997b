"""The log is append-only and chained: the database itself refuses whatever is not the next event."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from engine.errors import ChangedMeanwhileError, UsageError
from engine.event import encode, leaf_of
from tests.contract.raw import product_of, raw
from tests.contract.scribe import COUNCIL, Scribe

if TYPE_CHECKING:
    from engine.event import Event
    from store import SqlStore

INSERT = "INSERT INTO event (council, pos, body, leaf) VALUES (?, ?, ?, ?)"


def insert(store: SqlStore, event: Event, position: int) -> None:
    """Insert an event past the store."""
    body = encode(event)
    with raw(store) as hand:
        hand.execute(INSERT, (COUNCIL, position, body, leaf_of(body)))


def bodies(store: SqlStore) -> list[str]:
    """The whole log."""
    with store.read(COUNCIL) as reader:
        return [recorded.body for recorded in reader.events()]


@pytest.mark.parametrize(
    "change", ["UPDATE event SET body = '{}'", "UPDATE event SET pos = pos + 9", "DELETE FROM event"]
)
def test_no_event_can_be_changed_or_deleted(scribe: Scribe, change: str) -> None:
    before = bodies(scribe.store)
    with raw(scribe.store) as hand, pytest.raises(product_of(scribe.store).rejects, match="append-only"):
        hand.execute(change)
    assert bodies(scribe.store) == before


def test_no_event_can_be_put_at_a_position_that_is_taken(scribe: Scribe) -> None:
    forged = replace(scribe.event("C", "forged", {}), n=2)
    with pytest.raises(product_of(scribe.store).rejects, match=r"position|pk_event"):
        insert(scribe.store, forged, 1)


def test_no_event_can_have_a_number_that_is_taken(scribe: Scribe) -> None:
    forged = replace(scribe.event("C", "forged", {}), n=2)
    with pytest.raises(product_of(scribe.store).rejects, match=r"number|uq_event_council_case_id_n"):
        insert(scribe.store, forged, 2)


def test_no_event_can_have_a_key_that_was_answered(scribe: Scribe) -> None:
    scribe.write("C", "decided", {}, key={"id": "k-1", "command": "x"})
    forged = scribe.event("C", "forged", {}, key={"id": "k-1", "command": "y"})
    with pytest.raises(product_of(scribe.store).rejects, match=r"already answered|ix_event_council_key"):
        insert(scribe.store, forged, 3)


def test_no_event_can_be_changed_by_an_upsert(scribe: Scribe) -> None:
    before = bodies(scribe.store)
    body = encode(scribe.event("C", "forged", {}))
    upsert = f"{INSERT} ON CONFLICT (council, pos) DO UPDATE SET body = excluded.body, leaf = excluded.leaf"
    with raw(scribe.store) as hand, pytest.raises(product_of(scribe.store).rejects, match=r"position|append-only"):
        hand.execute(upsert, (COUNCIL, 1, body, leaf_of(body)))
    assert bodies(scribe.store) == before


def test_a_gap_in_the_positions_is_refused(scribe: Scribe) -> None:
    with pytest.raises(product_of(scribe.store).rejects, match="position"):
        insert(scribe.store, scribe.event("C", "decided", {}), 3)


def test_a_gap_in_the_numbers_of_a_case_is_refused(scribe: Scribe) -> None:
    with pytest.raises(product_of(scribe.store).rejects, match="number"):
        insert(scribe.store, replace(scribe.event("C", "decided", {}), n=4), 2)


def test_an_event_that_names_another_predecessor_is_refused(scribe: Scribe) -> None:
    with pytest.raises(product_of(scribe.store).rejects, match="prev"):
        insert(scribe.store, replace(scribe.event("C", "decided", {}), prev="f" * 64), 2)


def test_the_first_event_of_a_case_names_none(scribe: Scribe) -> None:
    with pytest.raises(product_of(scribe.store).rejects, match="prev"):
        insert(scribe.store, replace(scribe.event("M-1", "proposed", {}), prev="f" * 64), 2)


def test_the_event_that_follows_is_taken(scribe: Scribe) -> None:
    following = scribe.event("C", "decided", {})
    insert(scribe.store, following, 2)
    assert bodies(scribe.store)[-1] == encode(following)


def test_bytes_and_leaf_are_kept_as_they_were_hashed(scribe: Scribe) -> None:
    made = scribe.write("C", "decided", {"decision_text": "Blåbærsyltetøy på Røros «nå» 🫐"})
    with raw(scribe.store) as hand:
        body, leaf = hand.execute("SELECT body, leaf FROM event WHERE pos = 2").fetchone()
    assert (body, leaf.hex()) == (made.body, made.leaf)
    assert leaf == hashlib.sha256(b"\x00" + body.encode()).digest()


def test_what_is_looked_up_is_computed_from_the_bytes(scribe: Scribe) -> None:
    scribe.write("C", "decided", {}, key={"id": "k-1", "command": "x"})
    with raw(scribe.store) as hand:
        row = hand.execute("SELECT case_id, n, type, at, key FROM event WHERE pos = 2").fetchone()
        assert row == ("C", 3, "council.decided", "2019-01-10T12:00:00Z", "k-1")
        with pytest.raises(product_of(scribe.store).error, match=r"generated column|non-DEFAULT value"):
            hand.execute("INSERT INTO event (council, pos, body, leaf, n) VALUES ('x', 0, '{}', ?, 1)", [b"\0"])


def test_each_event_links_to_the_one_before_it_in_its_case(scribe: Scribe) -> None:
    scribe.open_measure("M-1")
    scribe.write("C", "decided", {})
    scribe.move("M-1", "started")
    with scribe.store.read(COUNCIL) as reader:
        first, second = reader.events("M-1")
    assert (first.event.prev, second.event.prev) == ("0" * 64, first.leaf)
    assert (first.position, second.position) == (2, 4)


def test_an_answered_key_leads_to_its_event(scribe: Scribe) -> None:
    made = scribe.write("C", "decided", {}, key={"id": "k-1", "command": "x"})
    with scribe.store.read(COUNCIL) as reader:
        assert reader.answered("k-1") == made
        assert reader.answered("k-2") is None


def test_a_key_is_answered_once(scribe: Scribe) -> None:
    scribe.write("C", "decided", {}, key={"id": "k-1", "command": "x"})
    with pytest.raises(UsageError, match="k-1 was already answered"):
        scribe.write("C", "decided", {}, key={"id": "k-1", "command": "x"})


def test_an_event_is_found_by_its_leaf(scribe: Scribe) -> None:
    made = scribe.open_measure("M-1")
    with scribe.store.read(COUNCIL) as reader:
        assert reader.event(made.leaf) == made
        assert reader.event("0" * 64) is None
        assert reader.event("not a leaf") is None


def test_refused_steps_are_read_from_the_log(scribe: Scribe) -> None:
    refused = scribe.write("C", "step_refused", {"attempt": {"step": "sign"}})
    scribe.write("C", "decided", {})
    with scribe.store.read(COUNCIL) as reader:
        assert list(reader.refusals()) == [refused]


def test_whoever_writes_on_an_old_head_is_told_that_the_case_changed(scribe: Scribe) -> None:
    scribe.open_measure("M-1")
    stale = scribe.event("M-1", "started", {"to": "started"})
    scribe.move("M-1", "anchored")
    with (
        pytest.raises(ChangedMeanwhileError, match="M-1 was changed by somebody else"),
        scribe.store.write(COUNCIL) as tx,
    ):
        tx.append(stale)
    with scribe.store.read(COUNCIL) as reader:
        assert reader.case("M-1").state == "anchored"
