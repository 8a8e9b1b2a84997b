"""What only SQLite has: an insert that replaces, and the hidden number of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from engine.event import encode, leaf_of
from store.sqlite import driver
from tests.contract.products import on_a_file
from tests.contract.raw import raw
from tests.contract.scribe import COUNCIL, Scribe

if TYPE_CHECKING:
    from engine.event import Event

pytestmark = on_a_file


def insert(scribe: Scribe, event: Event, position: int, how: str = "INSERT OR REPLACE", row: int | None = None) -> None:
    """Insert an event past the store, in place of another."""
    body = encode(event)
    columns, values = "council, pos, body, leaf", [COUNCIL, position, body, leaf_of(body)]
    if row is not None:
        columns, values = f"rowid, {columns}", [row, *values]
    marks = ", ".join("?" * len(values))
    with raw(scribe.store) as hand:
        hand.execute(f"{how} INTO event ({columns}) VALUES ({marks})", values)  # our own words


@pytest.mark.parametrize("how", ["INSERT OR REPLACE", "REPLACE"])
def test_no_event_can_be_replaced_at_its_position(scribe: Scribe, how: str) -> None:
    forged = replace(scribe.event("C", "forged", {}), n=2)
    with pytest.raises(driver.IntegrityError, match="position"):
        insert(scribe, forged, 1, how=how)


def test_no_event_can_be_replaced_by_its_number(scribe: Scribe) -> None:
    forged = replace(scribe.event("C", "forged", {}), n=2)
    with pytest.raises(driver.IntegrityError, match="number"):
        insert(scribe, forged, 2)


def test_no_event_can_be_replaced_by_its_hidden_row_number(scribe: Scribe) -> None:
    with pytest.raises(driver.IntegrityError, match="append-only"):
        insert(scribe, scribe.event("C", "forged", {}), 2, row=1)


def test_no_event_can_be_replaced_by_its_key(scribe: Scribe) -> None:
    scribe.write("C", "decided", {}, key={"id": "k-1", "command": "x"})
    forged = scribe.event("C", "forged", {}, key={"id": "k-1", "command": "y"})
    with pytest.raises(driver.IntegrityError, match="key"):
        insert(scribe, forged, 3)
