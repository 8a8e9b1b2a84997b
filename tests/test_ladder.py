"""Ladders: when whom is told of a duty, on which working day, and what a late clock makes of it."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice

import pytest

from engine.calendar import is_working_day
from engine.ladder import BUILT_IN, Call, Climb, Duty, Ladder, Progress, climb, falls_on, planned, reminds_on, rungs

ABOVE = (
    ("follow_up", "slt"),
    ("secretariat", "sekretar"),
    ("leader", "leder"),
    ("agenda", "sekretar"),
)
DUE = date(2027, 6, 10)  # a Thursday without holidays near
KNOWN = date(2027, 1, 4)


def duty(**changes: object) -> Duty:
    """A duty of an implementer, known for half a year."""
    given = {
        "case": "M-1", "name": "implement", "owner": "radmann", "due": DUE, "ladder": Ladder(), "known": KNOWN,
        "above": ABOVE, **changes,
    }  # fmt: skip
    return Duty(**given)  # type: ignore[arg-type]  # the words of Duty


def lived(of: Duty, first: date, last: date, *, asleep: tuple[date, date] | None = None) -> dict[date, list[Call]]:
    """What a clock that looks every working day tells, day by day; it sleeps from one day until before another."""
    told, progress, coming = {}, Progress(), planned(of, Progress())
    day = first
    while day <= last:
        awake = asleep is None or not asleep[0] <= day < asleep[1]
        if awake and is_working_day(day) and coming.day <= day:
            climbed = climb(of, progress, day)
            told[day] = [call for call in climbed.calls if not call.overtaken]
            progress, coming = climbed.progress, climbed.coming
        day += timedelta(days=1)
    return {day: calls for day, calls in told.items() if calls}


def said(told: dict[date, list[Call]]) -> list[tuple[str, str, int]]:
    """What was told: the day, to whom, at which rung."""
    return [(day.isoformat(), call.office, call.rung) for day, calls in told.items() for call in calls]


def test_every_rung_reaches_its_office_on_its_day() -> None:
    assert said(lived(duty(), KNOWN, DUE + timedelta(days=36))) == [
        ("2027-05-11", "radmann", -30),
        ("2027-05-27", "radmann", -14),
        ("2027-06-07", "radmann", -3),
        ("2027-06-10", "radmann", 0),
        ("2027-06-17", "radmann", 7),
        ("2027-06-17", "slt", 7),
        ("2027-06-24", "radmann", 14),
        ("2027-06-24", "sekretar", 14),
        ("2027-07-01", "radmann", 21),
        ("2027-07-01", "leder", 21),
        ("2027-07-08", "radmann", 28),
        ("2027-07-12", "sekretar", 30),
        ("2027-07-15", "radmann", 35),
    ]


def test_the_owner_is_reminded_for_as_long_as_it_takes() -> None:
    years = lived(duty(), KNOWN, DUE + timedelta(days=730))
    weekly = [calls for calls in years.values() if calls[0].rung > 0 and calls[0].audience == "owner"]
    assert len(weekly) == 730 // 7


MONDAYS = Ladder(then_on="monday")


def mondays(due: date, weeks: int = 3) -> list[str]:
    """The days on which an owner is reminded after the due date, under a ladder of Mondays."""
    told = lived(duty(due=due, ladder=MONDAYS), KNOWN, due + timedelta(days=7 * weeks))
    return [day.isoformat() for day, calls in told.items() for c in calls if c.audience == "owner" and c.rung > 0]


@pytest.mark.parametrize("due", [date(2027, 6, day) for day in range(7, 14)])
def test_with_a_weekday_all_that_is_late_is_told_on_it_within_a_week_whatever_day_it_was_due(due: date) -> None:
    assert mondays(due)[:2] == ["2027-06-14", "2027-06-21"]


def test_a_weekday_that_is_closed_moves_to_the_next_open_day() -> None:
    assert mondays(date(2027, 3, 18), 4) == ["2027-03-22", "2027-03-30", "2027-04-05", "2027-04-12"]  # Easter Monday


def test_a_weekday_moves_neither_the_named_rungs_nor_those_above() -> None:
    told = said(lived(duty(ladder=MONDAYS), KNOWN, DUE + timedelta(days=36)))
    without = said(lived(duty(), KNOWN, DUE + timedelta(days=36)))
    moved = {rung for _, office, rung in told if office == "radmann" and rung > 0}
    assert {one for one in told if one[2] <= 0 or one[1] != "radmann"} == {
        one for one in without if one[2] <= 0 or one[1] != "radmann"
    }
    assert moved == {7, 14, 21, 28, 35}


def test_whoever_asked_for_quiet_until_a_thursday_hears_then_and_on_the_monday_after() -> None:
    snoozed = duty(ladder=MONDAYS, snoozed=date(2027, 6, 24))
    told = lived(snoozed, KNOWN, date(2027, 7, 6))
    own = [day.isoformat() for day, calls in told.items() for c in calls if c.audience == "owner" and c.rung > 0]
    assert own == ["2027-06-24", "2027-06-28", "2027-07-05"]


@pytest.mark.parametrize(
    ("rung", "due", "day"),
    [
        (0, date(2027, 6, 13), date(2027, 6, 11)),  # due on a Sunday: on the Friday before
        (-3, date(2027, 5, 20), date(2027, 5, 14)),  # Whit Monday and 17 May in one day, a week-end before them
        (7, date(2027, 3, 18), date(2027, 3, 30)),  # Maundy Thursday to Easter Monday
        (0, date(2028, 12, 31), date(2028, 12, 29)),  # 31 December on a Sunday
        (14, date(2028, 2, 15), date(2028, 2, 29)),  # 29 February is a day like any other
        (7, date(2027, 12, 24), date(2028, 1, 3)),  # New Year's Eve with the council's closed days
    ],
)
def test_a_rung_moves_back_to_a_working_day_before_the_due_date_and_forward_after_it(
    rung: int, due: date, day: date
) -> None:
    assert falls_on(due, rung, closed={date(2027, 12, 31)}) == day


def test_the_due_date_itself_never_moves() -> None:
    sunday = duty(due=date(2027, 6, 13))
    told = said(lived(sunday, KNOWN, date(2027, 6, 21)))
    assert ("2027-06-11", "radmann", 0) in told
    assert ("2027-06-21", "radmann", 7) in told  # seven days after the Sunday, moved forward to Monday


def test_after_a_long_sleep_each_office_is_told_once_and_the_owner_first() -> None:
    told = lived(duty(), KNOWN, date(2027, 8, 6), asleep=(date(2027, 6, 14), date(2027, 8, 2)))
    late = {day: calls for day, calls in told.items() if day >= date(2027, 8, 1)}
    assert said(late) == [
        ("2027-08-02", "radmann", 49),
        ("2027-08-02", "slt", 7),
        ("2027-08-02", "sekretar", 14),
        ("2027-08-02", "leder", 21),
        ("2027-08-02", "sekretar", 30),
        ("2027-08-05", "radmann", 56),
    ]


def test_what_a_sleep_overtook_is_kept_as_overtaken() -> None:
    before = climb(duty(), Progress(), date(2027, 6, 10))
    late = climb(duty(), before.progress, date(2027, 8, 2))
    overtaken = [(c.office, c.rung) for c in late.calls if c.overtaken]
    assert overtaken == [("radmann", rung) for rung in (7, 14, 21, 28, 35, 42)]


def test_the_agenda_is_no_higher_rung_of_the_secretariats_own() -> None:
    mine = duty(owner="sekretar", above=(("leader", "leder"), ("agenda", "sekretar")))
    warned = climb(mine, Progress(), date(2027, 6, 10))
    late = climb(mine, warned.progress, date(2027, 8, 2))
    told = {(c.audience, c.rung) for c in late.calls if not c.overtaken}
    assert told == {("owner", 49), ("leader", 21), ("agenda", 30)}


def test_nobody_above_hears_of_a_duty_before_its_owner_had_a_day_to_act_on_a_warning() -> None:
    known_late = duty(known=date(2027, 7, 20))
    assert said(lived(known_late, date(2027, 7, 20), date(2027, 7, 22))) == [
        ("2027-07-21", "radmann", 35),
        ("2027-07-22", "radmann", 42),
        ("2027-07-22", "slt", 7),
        ("2027-07-22", "sekretar", 14),
        ("2027-07-22", "leder", 21),
        ("2027-07-22", "sekretar", 30),
    ]


def test_a_rung_from_before_the_duty_was_known_is_passed_by() -> None:
    in_ten_days = duty(known=DUE - timedelta(days=10))
    assert said(lived(in_ten_days, DUE - timedelta(days=10), DUE))[0] == ("2027-06-07", "radmann", -3)
    assert planned(in_ten_days, Progress()).rung == -3


def test_a_snooze_moves_the_owners_rungs_and_no_escalation() -> None:
    quiet = duty(snoozed=date(2027, 7, 5))
    assert said(lived(quiet, KNOWN, date(2027, 7, 9))) == [
        ("2027-06-17", "slt", 7),
        ("2027-06-24", "sekretar", 14),
        ("2027-07-01", "leder", 21),
        ("2027-07-05", "radmann", 21),
        ("2027-07-08", "radmann", 28),
    ]


def test_a_snooze_before_the_due_date_only_skips_the_rungs_in_it() -> None:
    quiet = duty(snoozed=date(2027, 6, 9))
    assert said(lived(quiet, KNOWN, DUE)) == [("2027-06-10", "radmann", 0)]


def test_an_alert_is_told_on_the_day_and_then_every_other_week_to_its_own_office_alone() -> None:
    alert = duty(ladder=BUILT_IN["alert"], due=date(2027, 5, 3))
    assert said(lived(alert, KNOWN, date(2027, 6, 30))) == [
        ("2027-05-03", "radmann", 0),
        ("2027-05-18", "radmann", 14),  # 17 May is a holiday
        ("2027-05-31", "radmann", 28),
        ("2027-06-14", "radmann", 42),
        ("2027-06-28", "radmann", 56),
    ]


def test_the_rungs_of_the_owner_have_no_end_and_go_on_where_they_were_left() -> None:
    assert list(islice(rungs(Ladder()), 7)) == [-30, -14, -3, 0, 7, 14, 21]
    assert list(islice(rungs(Ladder(), 0), 2)) == [7, 14]
    assert list(islice(rungs(Ladder(), 14), 2)) == [21, 28]
    assert list(islice(rungs(Ladder(owner=(-30, 3), then_every_days=5), 3), 2)) == [8, 13]
    assert list(islice(rungs(Ladder(owner=(-30, 3), then_every_days=5), 8), 2)) == [13, 18]


def test_what_comes_next_is_always_on_a_later_day() -> None:
    progress, day = Progress(), KNOWN
    for _ in range(200):
        found: Climb = climb(duty(), progress, day)
        assert found.coming.day > day
        progress, day = found.progress, found.coming.day
    assert day > date(2030, 1, 1)


CLOSED = {date(2027, 6, day) for day in (8, 10, 17, 18, 21, 22)}
"""A council's own closed days around the due date: the Tuesday before it, itself, a week after, and a Monday."""


def test_a_rung_on_a_closed_day_of_the_council_is_told_before_it_up_to_the_due_date_and_after_it_from_then_on() -> None:
    days = [falls_on(DUE, rung, CLOSED).isoformat() for rung in (-2, 0, 7, 11)]
    assert days == ["2027-06-07", "2027-06-09", "2027-06-23", "2027-06-23"]


def test_where_the_ladders_weekday_is_a_closed_day_of_the_council_the_next_working_day_takes_its_place() -> None:
    mondays = Ladder(then_on="monday")
    days = [reminds_on(mondays, DUE, rung, CLOSED).isoformat() for rung in (7, 14, 21)]
    assert days == ["2027-06-14", "2027-06-23", "2027-06-28"]


def test_what_comes_next_is_no_closed_day_of_the_council_whoever_is_told() -> None:
    warned = climb(duty(), Progress(), date(2027, 6, 9), CLOSED)
    assert warned.coming.day == date(2027, 6, 23), "a week after the due date"
    entered_late = duty(due=date(2027, 6, 1), known=date(2027, 6, 15))
    warned_late = climb(entered_late, Progress(), date(2027, 6, 16), CLOSED)
    assert warned_late.coming.day == date(2027, 6, 23), "the working day after the warning"


def test_an_office_that_owes_and_is_above_is_told_once() -> None:
    same = duty(above=(("leader", "radmann"), ("agenda", "sekretar")))
    told = lived(same, KNOWN, DUE + timedelta(days=21))
    assert [len(calls) for calls in told.values()] == [1] * len(told)
