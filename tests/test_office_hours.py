"""Office hours: when letters may leave, around both turns of the clock, and over the holidays of fifteen years."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from engine.calendar import OSLO, in_office_hours, next_office_hours, office_time_after
from engine.ladder import falls_on
from tests.test_calendar import easter_sunday


def at(text: str) -> datetime:
    """A UTC instant."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("instant", "open_"),
    [
        ("2027-03-26 05:59", False),  # Good Friday
        ("2027-03-30 04:59", False),  # the first working day in summer time: 06:59 …
        ("2027-03-30 05:00", True),  # … and 07:00
        ("2027-03-30 13:59", True),
        ("2027-03-30 14:00", False),
        ("2027-10-29 05:00", True),  # the last working day in summer time
        ("2027-11-01 05:00", False),  # the same instant of the day is 06:00 after the clocks were turned back
        ("2027-11-01 06:00", True),
        ("2028-02-29 06:00", True),
        ("2028-12-31 12:00", False),  # New Year's Eve is a Sunday
        ("2027-05-17 10:00", False),
    ],
)
def test_letters_leave_from_seven_to_four_by_the_clocks_in_oslo(instant: str, *, open_: bool) -> None:
    assert in_office_hours(at(instant)) is open_


@pytest.mark.parametrize(
    ("instant", "opens"),
    [
        ("2027-03-25 10:00", "2027-03-30 05:00"),  # Maundy Thursday to Easter Monday, over the turn of the clock
        ("2027-10-29 14:00", "2027-11-01 06:00"),
        ("2028-02-28 15:00", "2028-02-29 06:00"),
        ("2028-12-29 15:00", "2029-01-02 06:00"),
        ("2027-06-10 03:00", "2027-06-10 05:00"),
        ("2027-06-10 09:30", "2027-06-10 09:30"),
    ],
)
def test_the_next_office_hours_begin_at_seven_on_a_working_day(instant: str, opens: str) -> None:
    assert next_office_hours(at(instant)) == at(opens)


def test_a_councils_closed_days_are_no_office_hours() -> None:
    christmas_eve = date(2027, 12, 24)
    assert in_office_hours(at("2027-12-24 09:00"))
    assert not in_office_hours(at("2027-12-24 09:00"), {christmas_eve})
    assert next_office_hours(at("2027-12-23 16:00"), {christmas_eve}) == at("2027-12-27 06:00")


@pytest.mark.parametrize(
    ("instant", "over"),
    [
        ("2027-06-10 05:00", "2027-06-10 09:00"),
        ("2027-06-10 10:00", "2027-06-10 14:00"),  # 16:00 in Oslo, when offices close
        ("2027-06-10 10:01", "2027-06-11 05:01"),
        ("2027-06-11 13:00", "2027-06-14 08:00"),  # a Friday
        ("2027-06-12 13:00", "2027-06-14 09:00"),  # a Saturday
        ("2027-10-29 13:00", "2027-11-01 09:00"),  # the clocks are turned back meanwhile
    ],
)
def test_four_hours_of_office_time_are_counted_while_offices_are_open(instant: str, over: str) -> None:
    assert office_time_after(at(instant), timedelta(hours=4)) == at(over)


@pytest.mark.parametrize("year", range(2026, 2041))
def test_no_rung_of_a_whole_year_falls_on_a_holiday_or_a_week_end(year: int) -> None:
    easter = easter_sunday(year)
    movable = {easter + timedelta(days=days) for days in (-3, -2, 0, 1, 39, 49, 50)}
    fixed = {
        date(y, month, day) for y in (year, year + 1) for month, day in ((1, 1), (5, 1), (5, 17), (12, 25), (12, 26))
    }
    for day in range(365):
        due = date(year, 1, 1) + timedelta(days=day)
        for rung in (-30, -14, -3, 0, 7, 14, 21, 30):
            told = falls_on(due, rung)
            assert told.weekday() < 5
            assert told not in fixed | (movable if told.year == year else set())
            assert (told <= due + timedelta(days=rung)) if rung <= 0 else (told >= due + timedelta(days=rung))


def test_the_instant_is_the_same_wherever_it_is_written_down() -> None:
    local = datetime(2027, 6, 10, 7, 0, tzinfo=OSLO)
    assert in_office_hours(local)
    assert in_office_hours(local.astimezone(UTC))
    with pytest.raises(ValueError, match="no time zone"):
        in_office_hours(datetime(2027, 6, 10, 7, 0))  # noqa: DTZ001  # what must be refused
