"""A second look, from a checkpoint on: what was signed over is hashed only, and no changed byte escapes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.event import decode, leaf_of
from tests.desk import Desk
from tests.notary import Notary, whole
from tests.world import COUNCIL

if TYPE_CHECKING:
    from pathlib import Path

    from engine.event import Event
    from tests.desk import Answer

SEALED = 45


@pytest.fixture
def notary(tmp_path: Path) -> Notary:
    """A council whose first 45 events are sealed; then a measure is proposed and recommended."""
    notary = whole(tmp_path)
    case = notary.world.measure()
    notary.world.take("measure", "recommend", case, decider="politiradet")
    return notary


def since(notary: Notary, size: int = SEALED, *words: str) -> Answer:
    """What `politirad verify --since` answers."""
    return Desk(notary.world).types("verify", "--since", str(size), *words)


def test_what_is_in_order_is_so_and_it_says_what_was_not_looked_at(notary: Notary) -> None:
    answer = since(notary)
    assert (answer.code, answer.err) == (0, "")
    told = " ".join(answer.out.split())
    assert "47 events and 1 documents are in order: bytes, chains, documents." in told
    assert "Views were not compared" in told
    assert since(notary, SEALED, "--json").json["views_compared"] is False


def test_what_was_signed_over_is_not_parsed_again(notary: Notary, monkeypatch: pytest.MonkeyPatch) -> None:
    read = list[bytes]()

    def noted(body: bytes) -> Event:
        read.append(body)
        return decode(body)

    monkeypatch.setattr("store.chain.decode", noted)
    assert since(notary).code == 0
    parsed = len(read)
    assert Desk(notary.world).types("verify").code == 0
    assert 2 < parsed < len(read) - parsed == 47


@pytest.mark.parametrize(
    ("harm", "code", "said"),
    [
        ("UPDATE event SET body = replace(body, '2018-10-04', '2018-10-03') WHERE pos = 38", 10, "event 38"),
        ("UPDATE event SET leaf = zeroblob(32) WHERE pos = 40", 10, "event 40"),
        ("UPDATE event SET body = replace(body, 'Natteravner', 'Nattevakter') WHERE pos = 45", 10, "event 45"),
        ("DELETE FROM event WHERE pos = 46", 13, ""),
        ("DELETE FROM event WHERE pos = 45", 10, "position 45 is missing"),
        ("UPDATE chunk SET bytes = x'00'", 14, "its bytes are not those that were recorded"),
        ("DELETE FROM checkpoint_sig", 12, "checkpoint 45"),
    ],
)
def test_what_was_changed_is_found(notary: Notary, harm: str, code: int, said: str) -> None:
    notary.break_in(harm)
    answer = since(notary)
    full = Desk(notary.world).types("verify")
    assert full.code == code
    if code == 13:
        assert answer.code == 0, "only the views tell that the end is gone; the full look compares them"
    else:
        assert (answer.code, said in answer.err) == (code, True), answer.err


def test_an_event_changed_together_with_its_hash_does_not_lead_to_the_signed_root(notary: Notary) -> None:
    with notary.world.store.read(COUNCIL) as reader:
        body = list(reader.events())[38].body.replace("2018-10-04", "2018-10-03")
    notary.break_in("UPDATE event SET body = ?, leaf = ? WHERE pos = 38", body, leaf_of(body))
    answer = since(notary)
    assert answer.code == 10
    assert "checkpoint 45: the first 45 events are not those it was signed over" in answer.err


def test_a_size_that_no_checkpoint_has_is_refused_with_one_that_it_has(notary: Notary) -> None:
    answer = since(notary, 44)
    assert answer.code == 2
    assert "There is no checkpoint over 44 events to begin at. The newest is --since 45." in answer.err


def test_an_export_is_looked_through_from_its_beginning(notary: Notary) -> None:
    answer = since(notary, SEALED, str(notary.export()))
    assert answer.code == 2
    assert "--since is for the database" in answer.err
