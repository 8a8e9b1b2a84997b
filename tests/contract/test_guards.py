"""The triggers that guard the log are looked at too: whoever dropped them could have changed anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from store import SqlStore
from store.guards import GUARDS
from tests.contract.elder import lived_before
from tests.contract.products import on_a_file
from tests.contract.raw import made_of, raw
from tests.contract.scribe import COUNCIL, Scribe

if TYPE_CHECKING:
    from pathlib import Path

WEAK = "CREATE TRIGGER event_is_not_deleted BEFORE DELETE ON event BEGIN SELECT 1; END"
STRANGE = "CREATE TRIGGER \"it's new\" AFTER INSERT ON cases BEGIN UPDATE cases SET title = 'x'; END"


@on_a_file
@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (["DROP TRIGGER event_is_next"], "event_is_next is missing"),
        (
            ["DROP TRIGGER checkpoint_is_new", "DROP TRIGGER event_is_not_changed"],
            "checkpoint_is_new is missing, event_is_not_changed is missing",
        ),
        (["DROP TRIGGER event_is_not_deleted", WEAK], "event_is_not_deleted is changed"),
        ([STRANGE], "it's new is none of ours"),
    ],
)
def test_a_trigger_that_is_not_as_it_was_made_is_named_and_a_rebuild_mends_it(
    scribe: Scribe, harm: list[str], said: str
) -> None:
    before = made_of(scribe.store)
    with raw(scribe.store) as hand:
        for statement in harm:
            hand.execute(statement)
    (fault,) = scribe.store.verify(COUNCIL).faults
    assert (fault.exit_code, fault.where) == (13, "the triggers that guard the log")
    assert fault.what.startswith(f"{said}: ")
    assert "`politirad rebuild` mends it" in fault.what
    scribe.store.rebuild(COUNCIL)
    assert scribe.store.verify(COUNCIL).faults == []
    assert made_of(scribe.store) == before


def test_an_upgraded_database_guards_its_checkpoints_as_a_new_one_does(tmp_path: Path) -> None:
    path = tmp_path / "politirad.db"
    lived_before(path)
    SqlStore.open(path).close()
    with raw(path) as hand:
        there = {name for (name,) in hand.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    assert {"checkpoint_is_new", "checkpoint_sig_is_new"} < there
    assert len(there) == len(GUARDS)
