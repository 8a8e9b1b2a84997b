"""Days and instants: holidays against an Easter of our own, both turns of the clock, short months."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest

from engine.calendar import (
    add_months,
    add_working_days,
    format_instant,
    instant_of,
    is_working_day,
    local_date,
    month_day,
    next_working_day,
    parse_instant,
    previous_working_day,
    public_holidays,
    years_after,
)


def easter_sunday(year: int) -> date:
    """The Gregorian computus in Gauss's form with its two corrections."""
    golden, century = year % 19, year // 100
    correction = (15 - (13 + 8 * century) // 25 + century - century // 4) % 30
    moon = (19 * golden + correction) % 30
    sunday = (2 * (year % 4) + 4 * (year % 7) + 6 * moon + (4 + century - century // 4)) % 7
    if (moon, sunday) == (29, 6) or ((moon, sunday) == (28, 6) and golden > 10):
        sunday -= 7
    return date(year, 3, 22) + timedelta(days=moon + sunday)


def test_easter_is_computed_right() -> None:
    known = [date(2018, 4, 1), date(2019, 4, 21), date(2024, 3, 31), date(2038, 4, 25), date(2049, 4, 18)]
    assert [easter_sunday(day.year) for day in known] == known


@pytest.mark.parametrize("year", range(2026, 2041))
def test_public_holidays_are_those_the_law_names(year: int) -> None:
    fixed = {date(year, month, day) for month, day in ((1, 1), (5, 1), (5, 17), (12, 25), (12, 26))}
    # Maundy Thursday, Good Friday, Easter, Easter Monday, Ascension, Pentecost, Pentecost Monday
    movable = {easter_sunday(year) + timedelta(days=days) for days in (-3, -2, 0, 1, 39, 49, 50)}
    assert public_holidays(year) == fixed | movable


def test_asking_for_the_date_does_not_import_the_holidays() -> None:
    code = "import sys, engine.calendar; sys.exit('holidays' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_day_ends_at_midnight_in_oslo() -> None:
    assert local_date(datetime(2018, 12, 31, 22, 59, 59, tzinfo=UTC)) == date(2018, 12, 31)
    assert local_date(datetime(2018, 12, 31, 23, 0, tzinfo=UTC)) == date(2019, 1, 1)
    assert local_date(datetime(2019, 6, 30, 22, 0, tzinfo=UTC)) == date(2019, 7, 1)


@pytest.mark.parametrize(
    ("day", "at", "instant"),
    [
        (date(2027, 1, 15), time(8), "2027-01-15T07:00:00Z"),
        (date(2027, 7, 15), time(8), "2027-07-15T06:00:00Z"),
        (date(2027, 3, 28), time(1, 59), "2027-03-28T00:59:00Z"),
        (date(2027, 3, 28), time(2, 30), "2027-03-28T01:30:00Z"),  # skipped: shown as 03:30
        (date(2027, 3, 28), time(3, 30), "2027-03-28T01:30:00Z"),
        (date(2027, 10, 31), time(2, 30), "2027-10-31T00:30:00Z"),  # twice: the first
        (date(2027, 10, 31), time(2, 30, fold=1), "2027-10-31T00:30:00Z"),
        (date(2027, 10, 31), time(3, 0), "2027-10-31T02:00:00Z"),
    ],
)
def test_a_local_time_is_one_instant_even_when_clocks_are_turned(day: date, at: time, instant: str) -> None:
    assert format_instant(instant_of(day, at)) == instant
    assert local_date(instant_of(day, at)) == day


@pytest.mark.parametrize(("day", "hours"), [(date(2027, 3, 28), 23), (date(2027, 10, 31), 25)])
def test_the_days_when_clocks_are_turned_are_shorter_and_longer(day: date, hours: int) -> None:
    assert instant_of(day + timedelta(days=1)) - instant_of(day) == timedelta(hours=hours)


def test_an_instant_is_written_in_utc_and_whole_seconds() -> None:
    at = datetime(2018, 12, 10, 9, 30, 15, 999_999, tzinfo=timezone(timedelta(hours=1)))
    assert format_instant(at) == "2018-12-10T08:30:15Z"
    assert parse_instant("2018-12-10T08:30:15Z") == at.replace(microsecond=0)
    assert parse_instant("2018-12-10T08:30:15Z").utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2018-12-10",
        "2018-12-10T08:30:15",
        "2018-12-10T08:30:15+00:00",
        "2018-12-10T08:30:15.5Z",
        "2018-12-10 08:30:15Z",
        "2018-12-10T8:30:15Z",
        "2018-02-29T08:30:15Z",
        "2018-12-10T08:30:60Z",
        "2018-12-10T08:30:15Z\n",
        "٢٠١٨-12-10T08:30:15Z",
    ],
)
def test_no_other_form_of_an_instant_is_read(text: str) -> None:
    with pytest.raises(ValueError, match="is not an instant; write UTC such as"):
        parse_instant(text)


def test_an_instant_without_a_time_zone_is_refused() -> None:
    naive = datetime(2018, 12, 10, 8)  # noqa: DTZ001  # what is to be refused
    with pytest.raises(ValueError, match="has no time zone"):
        local_date(naive)
    with pytest.raises(ValueError, match="has no time zone"):
        format_instant(naive)


def test_weekends_holidays_and_closed_days_are_no_working_days() -> None:
    christmas_eve = date(2026, 12, 24)
    assert is_working_day(christmas_eve)
    assert not is_working_day(christmas_eve, closed=[christmas_eve])
    assert not is_working_day(date(2026, 12, 25))
    assert not is_working_day(date(2026, 12, 27))


def test_a_day_rolls_to_the_nearest_working_day_and_stays_where_it_is_one() -> None:
    maundy_thursday, tuesday = date(2027, 3, 25), date(2027, 3, 30)
    assert next_working_day(maundy_thursday) == tuesday
    assert previous_working_day(maundy_thursday) == date(2027, 3, 24)
    assert next_working_day(tuesday) == previous_working_day(tuesday) == tuesday
    assert next_working_day(maundy_thursday, closed=[tuesday]) == date(2027, 3, 31)


def test_from_a_year_that_ends_on_a_sunday_one_rolls_into_the_next_or_back_to_friday() -> None:
    sunday = date(2028, 12, 31)
    assert sunday.weekday() == 6
    assert previous_working_day(sunday) == date(2028, 12, 29)
    assert next_working_day(sunday) == date(2029, 1, 2)  # past New Year's Day
    assert month_day(2028, "12-31") == sunday


def test_working_days_are_counted_over_easter_both_ways() -> None:
    before, after = date(2027, 3, 24), date(2027, 3, 31)
    assert add_working_days(before, 2) == after
    assert add_working_days(after, -2) == before
    assert add_working_days(date(2027, 3, 28), 0) == date(2027, 3, 28)
    assert add_working_days(before, 1, closed=[date(2027, 3, 30)]) == after


def test_29_february_is_the_28th_in_a_common_year() -> None:
    assert month_day(2028, "02-29") == date(2028, 2, 29)
    assert month_day(2027, "02-29") == date(2027, 2, 28)
    assert years_after(date(2028, 2, 29), 1) == date(2029, 2, 28)
    assert years_after(date(2028, 2, 29), 4) == date(2032, 2, 29)


@pytest.mark.parametrize("text", ["02-30", "13-01", "1-1", "0101", "12-31-01", ""])
def test_a_day_that_no_year_has_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"month|day|isoformat"):
        month_day(2028, text)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 6, 30), 0, date(2026, 6, 30)),
        (date(2026, 6, 30), 12, date(2027, 6, 30)),
    ],
)
def test_months_are_added_and_short_ones_end_early(day: date, months: int, later: date) -> None:
    assert add_months(day, months) == later
