"""Delivery to a real server from a real database: nothing is lost, nothing is sent twice without need, all is kept."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from engine.calendar import instant_of
from engine.settling import LONGEST_PAUSE, MOST_ATTEMPTS, pause
from tests.desk import Desk
from tests.letterbox import Letterbox
from tests.outgoing import DAY, OFFICES, bodies, posts, sending_to, stages, turn
from tests.post_office import PostOffice
from tests.world import COUNCIL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.outbox import Posted


@pytest.fixture
def post() -> Iterator[PostOffice]:
    """A server that takes everything."""
    with PostOffice() as office:
        yield office


@pytest.fixture
def box(tmp_path: Path, post: PostOffice) -> Letterbox:
    """A council whose offices have addresses, that sends to the server with four senders."""
    box = Letterbox(tmp_path)
    box.at(DAY, "07:00")
    sending_to(box, post)
    return box


def test_while_the_server_is_down_letters_wait_and_none_is_blamed(box: Letterbox, post: PostOffice) -> None:
    letters = posts(box, 20)
    post.close()
    turned = turn(box)
    assert turned.delivered.trouble is not None
    assert 0 < turned.delivered.fates["unreachable"] <= 4
    assert {(letter.stage, letter.attempts) for letter in box.letters()} == {("pending", 0)}
    post.open()
    assert turn(box, timedelta(minutes=1)).delivered.sent == len(letters)
    assert sorted(one.body for one in post.letters) == sorted(bodies(box, letters))


def test_a_slow_server_gets_every_letter_once(box: Letterbox, post: PostOffice) -> None:
    post.delay = 0.1
    letters = posts(box, 12)
    assert turn(box).delivered.sent == 12
    assert Counter(one.body for one in post.letters) == Counter(bodies(box, letters))


def test_a_refused_recipient_stops_nobody_elses_letter_and_goes_to_the_secretariat(
    box: Letterbox, post: PostOffice
) -> None:
    letters = posts(box, 10)
    refused = next(letter for letter in letters if letter.address != box.to("politiradssekretar"))
    post.refuses(refused.address or "")
    assert turn(box).delivered.fates == {"sent": 9, "bounced": 1}
    turn(box, timedelta(minutes=1))
    (returned,) = box.letters("returned")
    assert (returned.stage, returned.address) == ("sent", box.to("politiradssekretar"))
    assert turn(box, timedelta(minutes=1)).delivered.fates == {}


def test_a_letter_refused_for_now_is_tried_again_after_a_growing_pause(box: Letterbox, post: PostOffice) -> None:
    (letter,) = posts(box, 1)
    post.defers(letter.address or "")
    turns = [turn(box, timedelta(minutes=1)) for _ in range(16)]
    tried = [at for at, turned in enumerate(turns) if turned.delivered.fates["deferred"]]
    assert [later - earlier for earlier, later in pairwise(tried)] == [1, 2, 4, 8]
    post.answers(f"RCPT {letter.address}", None)
    assert turn(box, timedelta(minutes=16)).delivered.sent == 1
    assert len(post.letters) == 1


def test_a_recipient_whose_server_bars_us_is_reported_at_once_and_the_letter_is_tried_on(
    box: Letterbox, post: PostOffice
) -> None:
    secretariat = box.to("politiradssekretar")
    letter = next(letter for letter in posts(box, 2) if letter.address != secretariat)
    post.answers(f"RCPT {letter.address}", "550 5.7.1 Client host blocked")
    assert turn(box).delivered.fates["turned_away"] == 1
    turn(box, timedelta(minutes=1))
    (returned,) = box.letters("returned")
    assert (returned.stage, returned.address) == ("sent", secretariat)
    turns = [turn(box, timedelta(minutes=5)) for _ in range(4)]
    assert sum(turned.delivered.fates["turned_away"] for turned in turns) > 1, "it is tried on"
    assert box.letters("returned") == [returned], "told once"
    post.answers(f"RCPT {letter.address}", None)
    turn(box, timedelta(minutes=40))
    assert [one.recipient for one in post.letters].count(letter.address or "") == 1


def as_it_is(box: Letterbox, letter: Posted) -> Posted:
    """A letter as it is now."""
    return next(one for one in box.letters() if one.number == letter.number)


def test_a_letter_turned_away_until_it_is_given_up_was_reported_once(box: Letterbox, post: PostOffice) -> None:
    letter = next(letter for letter in posts(box, 2) if letter.address != box.to("politiradssekretar"))
    post.answers(f"RCPT {letter.address}", "550 5.7.1 Client host blocked")
    for _ in range(MOST_ATTEMPTS + 1):
        turn(box, LONGEST_PAUSE)
    while as_it_is(box, letter).stage == "pending":
        turn(box, LONGEST_PAUSE)
    turn(box, LONGEST_PAUSE)
    assert as_it_is(box, letter).stage == "dead"
    assert (len(box.letters("returned")), as_it_is(box, letter).replaced) == (1, box.letters("returned")[0].number)


def test_who_bars_every_letter_of_ours_makes_no_letters_about_letters(box: Letterbox, post: PostOffice) -> None:
    posts(box, 3)
    for office in OFFICES:
        post.answers(f"RCPT {box.to(office)}", "550 5.7.1 Client host blocked")
    for _ in range(6):
        turn(box, timedelta(minutes=40))
    returned = box.letters("returned")
    assert {letter.stage for letter in returned} == {"pending"}
    assert len(returned) == 3, "one for each, and none for those that tell of them"


def test_pauses_double_up_to_eight_hours() -> None:
    assert [pause(attempts) for attempts in range(3)] == [timedelta(minutes=minutes) for minutes in (1, 2, 4)]
    assert {pause(attempts) for attempts in range(9, MOST_ATTEMPTS)} == {LONGEST_PAUSE}


def test_a_connection_lost_after_the_content_brings_the_same_bytes_again(box: Letterbox, post: PostOffice) -> None:
    (letter,) = posts(box, 1)
    post.drops("content")
    assert turn(box).delivered.fates == {"uncertain": 1}
    assert box.letters()[0].uncertain
    assert turn(box, timedelta(minutes=1)).delivered.sent == 1
    assert [one.body for one in post.letters] == bodies(box, [letter]) * 2


def test_a_connection_lost_before_the_content_costs_nothing(box: Letterbox, post: PostOffice) -> None:
    posts(box, 1)
    post.drops("recipient")
    assert turn(box).delivered.fates == {"unreachable": 1}
    assert turn(box, timedelta(minutes=1)).delivered.sent == 1
    assert (len(post.letters), box.letters()[0].attempts) == (1, 1)


def given_up(box: Letterbox, post: PostOffice) -> Posted:
    """A letter that was refused for now twelve times."""
    (letter,) = posts(box, 1)
    post.defers(letter.address or "")
    while box.letters()[0].stage == "pending":
        turn(box, box.letters()[0].after - box.world.clock.instant)
    return box.letters()[0]


def test_after_twelve_attempts_over_more_than_two_days_a_letter_is_given_up(box: Letterbox, post: PostOffice) -> None:
    began = box.world.clock.instant
    letter = given_up(box, post)
    assert (letter.stage, letter.attempts, post.letters) == ("dead", 12, ())
    assert letter.changed - began > timedelta(days=2)
    turn(box, timedelta(days=7))
    assert [one.recipient for one in post.letters] == [box.to("politiradssekretar")], "who is told of it instead"


def test_a_letter_given_up_is_sent_again_as_it_is_when_somebody_says_so(box: Letterbox, post: PostOffice) -> None:
    letter = given_up(box, post)
    post.answers(f"RCPT {letter.address}", None)
    Desk(box.world).does(f"letters retry L-{letter.number}")
    turn(box)
    assert [one.body for one in post.letters if one.recipient == letter.address] == bodies(box, [letter])


def test_a_letter_somebody_says_came_back_goes_to_the_secretariat(box: Letterbox, post: PostOffice) -> None:
    posts(box, len(OFFICES))
    turn(box)
    letter = next(letter for letter in box.letters() if letter.office == "slt_melhus")
    desk = Desk(box.world)
    desk.does(f"bounced L-{letter.number}")
    turn(box, timedelta(minutes=1))
    assert [one.recipient for one in post.letters[len(OFFICES) :]] == [box.to("politiradssekretar")]
    desk.does(f"bounced L-{letter.number} --undo")
    assert turn(box, timedelta(minutes=1)).delivered.fates == {}
    assert box.letters()[letter.number - 1].stage == "sent"


def test_what_a_killed_process_was_sending_is_sent_again_and_counts_as_an_attempt(
    box: Letterbox, post: PostOffice
) -> None:
    letters = posts(box, 3)
    with box.world.store.write(COUNCIL) as tx:
        tx.move_letter(letters[0].number, "sending", box.world.clock.now())
    assert turn(box).delivered.sent == 2
    orphan = box.letters()[0]
    assert (orphan.stage, orphan.attempts, orphan.uncertain) == ("pending", 1, True)
    assert turn(box, timedelta(minutes=1)).delivered.sent == 1
    assert sorted(one.body for one in post.letters) == sorted(bodies(box, letters))


def test_a_letter_that_kills_every_process_is_given_up_at_last(box: Letterbox) -> None:
    (letter,) = posts(box, 1)
    for _ in range(MOST_ATTEMPTS):
        with box.world.store.write(COUNCIL) as tx:
            tx.move_letter(letter.number, "sending", box.world.clock.now())
        turn(box)
    assert box.letters()[0].stage == "dead"


def test_eight_senders_side_by_side_send_each_letter_once(box: Letterbox, post: PostOffice) -> None:
    sending_to(box, post, senders=8)
    post.delay = 0.01
    letters = posts(box, 120)
    assert turn(box).delivered.fates == {"sent": 120}
    assert Counter(one.body for one in post.letters) == Counter(bodies(box, letters))
    assert {letter.attempts for letter in box.letters()} == {1}
    assert post.connections == 8


def test_every_attempt_sends_the_same_bytes(box: Letterbox, post: PostOffice) -> None:
    (letter,) = posts(box, 1)
    post.drops("content", times=5)
    for _ in range(6):
        turn(box, timedelta(minutes=40))
    assert Counter(one.body for one in post.letters) == {bodies(box, [letter])[0]: 6}


def test_nothing_leaves_after_office_hours_however_long_the_queue(box: Letterbox, post: PostOffice) -> None:
    posts(box, 40)
    closing = instant_of(date.fromisoformat(DAY), time(16)).astimezone(UTC)
    box.world.clock.instant = closing - timedelta(seconds=1)
    clock = TickingClock(box.world.clock.instant, timedelta(milliseconds=50))
    assert box.clockwork.deliverer is not None
    box.clockwork.deliverer.clock = clock
    turned = box.clockwork.turn()
    assert 0 < turned.delivered.sent < 40
    assert clock.instant >= closing
    assert all(letter.changed < closing + timedelta(seconds=1) for letter in box.letters() if letter.stage == "sent")
    assert stages(box)["pending"] == 40 - len(post.letters)


class TickingClock:
    """A clock that moves on each time it is looked at."""

    def __init__(self, instant: datetime, step: timedelta) -> None:
        self.instant, self.step = instant, step

    def now(self) -> datetime:
        """The present instant, which is then past."""
        self.instant += self.step
        return self.instant


def test_a_turn_with_a_long_queue_and_a_slow_server_ends_and_the_next_one_goes_on(
    box: Letterbox, post: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.delivery.LONGEST_ROUND", 0.3)
    post.delay = 0.1
    posts(box, 40)
    assert 0 < turn(box).delivered.sent < 40
    assert "sending" not in stages(box)
    while turn(box).delivered.sent:
        pass
    assert (stages(box), len(post.letters)) == ({"sent": 40}, 40)


def test_whoever_is_told_to_stop_before_delivery_begins_sends_nothing(box: Letterbox, post: PostOffice) -> None:
    posts(box, 4)
    assert box.clockwork.deliverer is not None
    box.clockwork.deliverer.stop()
    assert turn(box).delivered.fates == {}
    assert (stages(box), post.letters) == ({"pending": 4}, ())


def test_memory_does_not_grow_with_the_queue(box: Letterbox, post: PostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    sending_to(box, post, senders=2)
    monkeypatch.setattr(post, "keep", lambda _: None)  # what was taken must not count as ours

    def peak(count: int) -> int:
        posts(box, count, size=200_000)
        tracemalloc.start()
        assert turn(box).delivered.sent == count
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    few, many = peak(6), peak(60)
    assert many < few + 20 * 200_000
