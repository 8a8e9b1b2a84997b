"""The views can be thrown away at any time: the log makes the same ones again."""

from __future__ import annotations

import pytest

from engine.errors import BytesChangedError
from tests.contract.raw import raw, unguarded, views_of
from tests.contract.scribe import COUNCIL, Scribe


def test_a_rebuild_makes_the_same_views_as_life_did(scribe: Scribe) -> None:
    scribe.live_a_little()
    lived = views_of(scribe.store)
    assert all(lived.values())
    with raw(scribe.store) as connection:
        connection.execute("UPDATE cases SET state = 'forged', facts = '{}'")
        connection.execute("DELETE FROM approval")
    seen: list[tuple[int, int]] = []
    events = scribe.store.rebuild(COUNCIL, lambda done, total: seen.append((done, total)))
    assert views_of(scribe.store) == lived
    assert seen[-1] == (events, events)


def test_a_rebuild_leaves_other_councils_and_the_erasable_tables_alone(scribe: Scribe) -> None:
    other = Scribe(scribe.store, council="oppdal")
    other.open_council()
    other.open_measure("M-1")
    with scribe.store.write(COUNCIL) as tx:
        tx.keep_remark("c" * 64, b"salt", "why")
    before = views_of(scribe.store)
    scribe.store.rebuild(COUNCIL)
    assert views_of(scribe.store) == before
    with scribe.store.read(COUNCIL) as reader:
        assert reader.remarks(["c" * 64]) == {"c" * 64: "why"}


def test_no_views_are_made_from_a_broken_log(scribe: Scribe) -> None:
    scribe.live_a_little()
    lived = views_of(scribe.store)
    with unguarded(scribe.store) as connection:
        connection.execute("UPDATE event SET body = replace(body, 'started', 'stopped')")
    with pytest.raises(BytesChangedError, match="broken at position 3"):
        scribe.store.rebuild(COUNCIL)
    assert views_of(scribe.store) == lived
