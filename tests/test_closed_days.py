"""A council's own closed days, on which nobody else's offices are closed: nothing is made, told or sent on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from engine.ahead import next_instant
from engine.calendar import instant_of, local_date, parse_instant
from engine.desk import has_work
from engine.letter import Delivery
from engine.reminding import DIGEST, ESCALATION
from tests.desk import Desk
from tests.letterbox import Letterbox
from tests.outgoing import posts
from tests.world import COUNCIL

if TYPE_CHECKING:
    from pathlib import Path

OWNER, FOLLOW_UP = "kommunedirektor_melhus", "slt_melhus"
FRIDAY, MONDAY = "2019-08-30", "2019-09-09"
"""Working days elsewhere; the offices of this council are closed."""
TUESDAY, BEFORE, AFTER = "2019-09-10", "2019-08-29", "2019-09-02"
MORNING_AFTER = parse_instant("2019-09-02T05:00:00Z")


@pytest.fixture
def box(tmp_path: Path) -> Letterbox:
    """A council with a measure due on 3 September 2019, last told of on the twentieth of August."""
    box = Letterbox(tmp_path)
    box.rewrite(closed_days=[FRIDAY, MONDAY])
    box.world.in_force()
    box.measure("2019-09-03")
    box.at("2018-10-05")
    box.at("2019-08-02")
    box.at("2019-08-20")
    box.mail.sent.clear()
    return box


def told_on(box: Letterbox) -> list[tuple[str, str, int]]:
    """When whom was told of the measure since August, and at which rung."""
    told = [(t.day.isoformat(), t.office, t.rung) for t in box.evidence("M-1") if t.name == "implement"]
    return [entry for entry in told if entry[0] > "2019-08-20"]


def sent_on(box: Letterbox) -> set[str]:
    """The days on which letters were sent since August."""
    days = {local_date(letter.changed).isoformat() for letter in box.letters() if letter.stage == "sent"}
    return {day for day in days if day > "2019-08-20"}


def test_rungs_avoid_closed_days_as_they_avoid_holidays(box: Letterbox) -> None:
    box.through("2019-08-21", "2019-09-17")
    assert told_on(box) == [
        (BEFORE, OWNER, -3),  # Saturday, so on Friday, which is closed: on the day before
        ("2019-09-03", OWNER, 0),
        (TUESDAY, OWNER, 7),  # on Mondays from here on, but this one is closed
        (TUESDAY, FOLLOW_UP, 7),
        ("2019-09-16", OWNER, 14),
        ("2019-09-17", "politiradssekretar", 14),
    ]
    assert not {FRIDAY, MONDAY} & sent_on(box)


@pytest.mark.parametrize("clock", ["07:00", "15:59"])
def test_a_clock_that_wakes_on_a_closed_day_tells_what_it_has_missed_on_the_next_working_day(
    box: Letterbox, clock: str
) -> None:
    turned = box.at(FRIDAY, clock)
    assert (told_on(box), turned.done.letters, box.mail.sent) == ([], [], [])
    box.at(AFTER, "07:00")
    assert told_on(box) == [(AFTER, OWNER, -3)]
    assert box.days(box.to(OWNER)) == [AFTER]


def test_on_a_closed_day_there_is_nothing_to_remind_of_that_would_be_worth_the_lock(box: Letterbox) -> None:
    with box.world.store.read(COUNCIL) as reader:
        assert not has_work(reader, instant_of(date.fromisoformat(FRIDAY)) + timedelta(hours=10))
        assert has_work(reader, MORNING_AFTER)


def test_a_letter_after_a_step_is_made_on_a_closed_day_and_waits_and_reminds_nobody(box: Letterbox) -> None:
    box.set(FRIDAY, "10:00")
    box.measure("2020-02-02", title="Lys")
    box.at(FRIDAY, "10:01")
    made = [letter for letter in box.letters() if local_date(letter.made).isoformat() == FRIDAY]
    assert {letter.kind for letter in made} == {"decision"}
    assert {(letter.stage, letter.after) for letter in made} == {("pending", MORNING_AFTER)}
    assert told_on(box) == []
    box.at(AFTER)
    assert sent_on(box) == {AFTER}
    assert told_on(box) == [(AFTER, OWNER, -3)]


@dataclass
class Waking:
    """A clock that is looked at in one instant and from then on in another: its host was asleep in between."""

    instants: list[datetime]

    def now(self) -> datetime:
        """The next instant, and the last one for ever."""
        return self.instants.pop(0) if len(self.instants) > 1 else self.instants[0]


def noon(day: str) -> datetime:
    """The middle of a day, UTC."""
    return instant_of(date.fromisoformat(day)).astimezone(UTC) + timedelta(hours=12)


@pytest.mark.parametrize(("began", "went_on"), [(FRIDAY, AFTER), (BEFORE, FRIDAY)])
def test_a_delivery_that_begins_on_a_closed_day_or_wakes_up_on_one_sends_nothing(
    box: Letterbox, began: str, went_on: str
) -> None:
    posts(box, 3)
    assert box.clockwork.deliverer is not None
    box.clockwork.deliverer.clock = Waking([noon(began), noon(went_on)])
    assert box.clockwork.deliverer.deliver().fates == {}
    assert box.mail.sent == []


def test_a_letter_refused_for_now_late_in_the_day_is_tried_again_after_the_closed_day(box: Letterbox) -> None:
    box.set(BEFORE, "15:59")
    box.mail.answers[box.to(OWNER)] = Delivery("deferred", "451 later")
    box.clockwork.turn()
    (letter,) = [letter for letter in box.letters(DIGEST) if letter.stage == "pending"]
    assert letter.after == MORNING_AFTER


def test_the_clock_sleeps_through_a_closed_day(box: Letterbox) -> None:
    box.set(FRIDAY, "05:00")
    assert next_instant(box.world.store, box.world.clock.instant) == MORNING_AFTER


@pytest.fixture
def waiting(box: Letterbox) -> Letterbox:
    """Letters that found no server the day before; it is Friday, and offices are closed."""
    box.set(BEFORE, "15:00")
    box.mail.answer = Delivery("unreachable", "no server")
    box.measure("2020-02-02", title="Lys")
    box.clockwork.turn()
    box.set(FRIDAY, "10:00")
    return box


def test_looking_ahead_sends_nothing_on_a_closed_day(waiting: Letterbox) -> None:
    ahead: Any = Desk(waiting.world).types("simulate --until 2019-09-30 --json").json
    days = {letter["on"] for letter in ahead["letters"]}
    assert min(days) == AFTER
    assert MONDAY not in days


@pytest.mark.parametrize("command", ["letters show --to slt_melhus", "remind --dry-run", "tick --dry-run"])
def test_whoever_asks_on_a_closed_day_is_told_that_letters_wait_for_the_next_working_day(
    waiting: Letterbox, command: str
) -> None:
    assert f"{AFTER} 07:00" in Desk(waiting.world).does(command)


def test_nobody_above_is_told_on_a_closed_day(box: Letterbox) -> None:
    box.through("2019-08-21", "2019-09-06")
    box.rewrite(closed_days=["2019-09-10", "2019-09-11"])
    box.through("2019-09-07", "2019-09-12")
    raised = [letter for letter in box.letters(ESCALATION) if letter.office == FOLLOW_UP]
    assert [local_date(letter.made).isoformat() for letter in raised] == ["2019-09-12"]


@pytest.mark.parametrize(
    ("rule", "due"),
    [("keep", "2019-06-09"), ("next_working_day", "2019-06-12"), ("previous_working_day", "2019-06-06")],
)
def test_a_profile_may_move_the_due_date_itself_off_closed_days(tmp_path: Path, rule: str, due: str) -> None:
    box = Letterbox(tmp_path, due_on_closed_day=rule)
    box.rewrite(closed_days=["2019-06-07", "2019-06-11"])
    box.world.in_force()
    box.measure("2019-06-09")  # Whit Sunday; Monday is a holiday too, Friday and Tuesday are the council's own
    box.at("2018-10-05")
    assert [plan.due.isoformat() for plan in box.plans("M-1")] == [due]
