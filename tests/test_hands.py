"""A letter in a sender's hand: seen by others, let go by whoever dies; and what one that was given up may still say."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from engine.database_url import DatabaseUrl
from engine.errors import StoreUnavailableError
from engine.letter import Delivery
from engine.settling import settle_claimed, settle_orphans
from store import SqlStore
from store.hands import ServerHand
from store.postgres import Postgres
from store.postgres_locks import keeper
from tests.letterbox import TAKEN, Letterbox
from tests.outgoing import DAY, posts, stages
from tests.postgres_server import new_database
from tests.world import COUNCIL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.outbox import Posted

BROKEN = Delivery("uncertain", "the line broke")


@pytest.fixture
def url() -> Iterator[str]:
    """An empty database."""
    with new_database() as url:
        yield url


@pytest.fixture
def box(tmp_path: Path, url: str) -> Iterator[Letterbox]:
    """A council on a server, with a letter to send."""
    box = Letterbox(tmp_path, database=url)
    box.set(DAY)
    posts(box, 1)
    yield box
    box.world.store.close()


def claimed(box: Letterbox) -> Posted:
    """The letter, as a sender has just claimed it."""
    with box.world.store.write(COUNCIL) as tx:
        tx.move_letter(1, "sending", box.world.clock.now())
    return box.letters()[0]


def swept(box: Letterbox) -> Posted:
    """The letter, after a sweep for what was left behind."""
    with box.world.store.write(COUNCIL) as tx:
        settle_orphans(tx, box.world.clock.now())
    return box.letters()[0]


def settled(box: Letterbox, letter: Posted, fate: Delivery) -> Posted:
    """The letter, after whoever claimed it has told what came of it."""
    with box.world.store.write(COUNCIL) as tx:
        settle_claimed(tx, letter, fate, box.world.clock.now())
    return box.letters()[0]


def test_a_letter_in_a_hand_is_nobody_elses_until_it_is_let_go(url: str) -> None:
    mine, yours = ServerHand(url), ServerHand(url)
    assert mine.take(COUNCIL, 1)
    assert not yours.take(COUNCIL, 1)
    assert yours.take(COUNCIL, 2)
    mine.let_go()
    assert yours.take(COUNCIL, 1)
    mine.close()
    yours.close()


def test_a_hand_opens_when_nothing_was_heard_of_it_for_too_long(url: str) -> None:
    silent, other = ServerHand(url, lease=0.3), ServerHand(url)
    assert silent.take(COUNCIL, 1)
    time.sleep(1.0)
    assert other.take(COUNCIL, 1)
    assert silent.take(COUNCIL, 2), "it connects anew"
    silent.close()
    other.close()


def test_nothing_is_prepared_where_a_pool_may_hand_the_next_transaction_to_another_server_process(url: str) -> None:
    with keeper(url) as connection:
        for _ in range(10):
            (prepared,) = connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchall()
    assert prepared == (0,)


def test_only_a_letter_that_lies_in_no_hand_is_taken_for_left_behind(box: Letterbox, url: str) -> None:
    claimed(box)
    hand = ServerHand(url)
    hand.take(COUNCIL, 1)
    assert swept(box).stage == "sending"
    hand.close()
    left = swept(box)
    assert (left.stage, left.attempts, left.uncertain) == ("pending", 1, True)


def test_a_sender_that_was_given_up_still_tells_that_the_letter_was_taken(box: Letterbox) -> None:
    letter = claimed(box)
    swept(box)
    assert settled(box, letter, TAKEN).stage == "sent", "nobody sends it again"


def test_a_sender_that_was_given_up_does_not_undo_what_another_did(box: Letterbox) -> None:
    first = claimed(box)
    swept(box)
    second = claimed(box)
    assert settled(box, first, BROKEN).stage == "sending", "it is the other's now"
    assert settled(box, second, TAKEN).stage == "sent"
    assert settled(box, first, BROKEN).stage == "sent"


def test_a_letter_in_an_unknown_hand_is_put_off_and_others_go(box: Letterbox, url: str) -> None:
    posts(box, 2)
    hand, deliverer = ServerHand(url), box.clockwork.deliverer
    assert deliverer is not None
    hand.take(COUNCIL, 1)
    assert replace(deliverer, hands=box.world.store.hand).errand(COUNCIL).sent == 2
    assert stages(box) == {"pending": 1, "sent": 2}
    hand.close()


def fall_silent(box: Letterbox, url: str, seen: list[str]) -> None:
    """Write, say nothing for a while, in which another reads what stands, and go on."""
    with SqlStore(Postgres(DatabaseUrl(url), silence=0.3)).write(COUNCIL) as tx:
        tx.move_letter(1, "withdrawn", box.world.clock.now())
        time.sleep(1.0)
        with box.world.store.write(COUNCIL) as other:
            seen.append(other.letter(1).stage)


def test_whoever_falls_silent_while_writing_loses_the_lock_and_what_was_written(box: Letterbox, url: str) -> None:
    seen: list[str] = []
    with pytest.raises(StoreUnavailableError):
        fall_silent(box, url, seen)
    assert (seen, box.letters()[0].stage) == (["pending"], "pending")
