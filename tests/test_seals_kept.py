"""Checkpoints, keys and the tree's edge, changed behind everybody's back: each is told, and nothing false is signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.checkpoint import checkpoint_of
from engine.errors import PolitiradError
from engine.event import leaf_of
from engine.merkle import Frontier, root_of
from engine.sealer import Sealer
from store.sqlite import driver
from tests.contract.raw import raw
from tests.desk import Desk
from tests.notary import LOG, Notary, whole
from tests.world import COUNCIL

if TYPE_CHECKING:
    from pathlib import Path

    from tests.desk import Answer


@pytest.fixture
def notary(tmp_path: Path) -> Notary:
    """A council with an agreement in force, whose 45 events are sealed, and then a measure is proposed."""
    notary = whole(tmp_path)
    notary.world.measure()
    return notary


def verified(notary: Notary) -> Answer:
    """What `politirad verify` answers."""
    return Desk(notary.world).types("verify")


def newest(notary: Notary) -> tuple[int, bytes]:
    """The size and root of the newest checkpoint."""
    with notary.world.store.read(COUNCIL) as reader:
        sealed = reader.newest_checkpoint()
    assert sealed is not None
    checkpoint = checkpoint_of(sealed.note.text)
    return checkpoint.size, checkpoint.root


def true_root(notary: Notary) -> bytes:
    """The root over all events, from their bytes."""
    with notary.world.store.read(COUNCIL) as reader:
        return root_of(leaf_of(recorded.body) for recorded in reader.events())


@pytest.mark.parametrize(
    ("harm", "code", "said"),
    [
        ("DELETE FROM checkpoint_sig", 12, "checkpoint 45: The note has 0 signatures"),
        ("UPDATE checkpoint_sig SET line = 'x' || line", 12, "checkpoint 45: The signature line"),
        ("UPDATE checkpoint SET made = 'i går'", 10, "checkpoint 45: when it was made is changed"),
        ("UPDATE checkpoint SET text = 'x'", 12, "checkpoint 45: "),
        ("UPDATE checkpoint SET size = 44; UPDATE checkpoint_sig SET size = 44", 10, "over 44 events and states 45"),
        ("DELETE FROM checkpoint", 12, "checkpoint 45: its signatures are kept, and it is gone"),
    ],
)
def test_a_checkpoint_that_was_changed_is_named_and_the_rest_is_looked_at_too(
    notary: Notary, harm: str, code: int, said: str
) -> None:
    for statement in (*harm.split(";"), "UPDATE chunk SET bytes = x'00'", "UPDATE cases SET state = 'lost'"):
        notary.break_in(statement)
    answer = verified(notary)
    assert answer.code == code
    assert said in answer.err
    assert "cases A-1: state is 'lost'" in answer.err
    assert "its bytes are not those that were recorded" in answer.err


@pytest.mark.parametrize(("was", "becomes"), [('"vkey":"politirad', '"vkey":"bolitirad'), ('"vkey"', '"wkey"')])
def test_a_changed_announcement_of_the_logs_key_is_named_and_the_rest_is_looked_at_too(
    notary: Notary, was: str, becomes: str
) -> None:
    notary.break_in(
        "UPDATE event SET body = replace(body, ?, ?) WHERE type = 'council.log_key_set'", was, becomes
    )  # fmt: skip
    notary.break_in("UPDATE chunk SET bytes = x'00'")
    answer = verified(notary)
    assert answer.code == 10
    assert "the bytes do not have the hash that was recorded" in answer.err
    assert "the key that it announces is changed" in answer.err
    assert "its bytes are not those that were recorded" in answer.err


@pytest.mark.parametrize("table", ["checkpoint", "checkpoint_sig"])
def test_no_checkpoint_is_replaced_by_an_insert(notary: Notary, table: str) -> None:
    notary.world.store.close()
    with raw(notary.world.folder / "politirad.db") as connection:
        connection.execute("PRAGMA recursive_triggers = OFF")
        before = connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608  # a name of ours
        for columns, chosen in (("", "*"), ("rowid, council, size, ", "rowid, council, size + 1, ")):
            rest = {"checkpoint": "made, text", "checkpoint_sig": "line"}[table] if columns else ""
            into = f"({columns}{rest})" if columns else ""
            with pytest.raises(driver.IntegrityError, match="checkpoints are append-only"):
                connection.execute(f"INSERT OR REPLACE INTO {table} {into} SELECT {chosen}{rest} FROM {table}")  # noqa: S608  # ours
        assert connection.execute(f"SELECT * FROM {table}").fetchall() == before  # noqa: S608  # a name of ours


def test_a_checkpoint_that_is_kept_already_is_kept_once(notary: Notary) -> None:
    with notary.world.store.write(COUNCIL) as tx:
        sealed = tx.newest_checkpoint()
        assert sealed is not None
        tx.keep_checkpoint(sealed)
        assert len(list(tx.checkpoints())) == 1


EDGES = {
    "of other events": bytes(Frontier().extend(bytes([n]) * 32 for n in range(45))),
    "of fewer events than were sealed": bytes(Frontier().extend(bytes([n]) * 32 for n in range(3))),
    "of no tree": b"\0" * 7 + b"\x2d",
}


@pytest.mark.parametrize("edge", EDGES)
def test_a_false_edge_of_the_tree_is_told_and_mended_by_a_rebuild(notary: Notary, edge: str) -> None:
    notary.break_in("UPDATE tree SET frontier = ?", EDGES[edge])
    answer = verified(notary)
    assert (answer.code, "politirad rebuild" in answer.err) == (13, True)
    assert "the kept right edge of the tree is not that of the 45 events that were sealed" in answer.err
    Desk(notary.world).does("rebuild")
    assert verified(notary).code == 0


def test_an_edge_that_is_gone_is_told_and_mended_too(notary: Notary) -> None:
    notary.break_in("DELETE FROM tree")
    assert verified(notary).code == 13
    Desk(notary.world).does("rebuild")
    assert verified(notary).code == 0


@pytest.mark.parametrize("edge", EDGES)
def test_whatever_edge_is_kept_the_root_that_is_signed_is_that_of_the_events(notary: Notary, edge: str) -> None:
    notary.break_in("UPDATE tree SET frontier = ?", EDGES[edge])
    assert notary.seal() == newest(notary)[0]
    assert newest(notary)[1] == true_root(notary)
    assert verified(notary).code == 0


def test_a_first_checkpoint_is_made_from_the_events_whatever_edge_is_kept(tmp_path: Path) -> None:
    notary = Notary(tmp_path)
    notary.break_in(
        "INSERT INTO tree (council, frontier) VALUES (?, ?)", COUNCIL, EDGES["of fewer events than were sealed"]
    )
    notary.seal()
    assert newest(notary)[1] == true_root(notary)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("UPDATE checkpoint SET size = 46; UPDATE checkpoint_sig SET size = 46", "may not be believed.*states 45"),
        ("DELETE FROM checkpoint_sig", "Checkpoint 45 is changed: The note has 0 signatures.*politirad verify"),
        ("UPDATE event SET leaf = zeroblob(32) WHERE pos = 7", "The first 45 events are not those"),
        ("DELETE FROM event WHERE pos > 40", "The first 45 events are not those"),
        ("UPDATE checkpoint_sig SET line = replace(line, 'politirad', 'solitirad')", "may not be believed"),
        ("UPDATE checkpoint SET made = ''", "is not an instant"),
    ],
)
def test_a_log_that_is_not_the_one_that_was_sealed_is_not_signed(notary: Notary, harm: str, said: str) -> None:
    for statement in (*harm.split(";"), "DELETE FROM tree"):
        notary.break_in(statement)
    sealer = Sealer(notary.world.service.rules, (LOG.seed,))
    with notary.world.store.write(COUNCIL) as tx, pytest.raises(PolitiradError, match=said) as refused:
        sealer.seal(tx, notary.world.clock.now())
    assert refused.value.exit_code == (12 if "signatures" in said else 10)
    with raw(notary.world.folder / "politirad.db") as connection:
        assert connection.execute("SELECT count(*) FROM checkpoint").fetchall() == [(1,)]
