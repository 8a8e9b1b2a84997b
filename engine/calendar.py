"""Days and instants in Norway: local dates, working days, months. Pure: the present comes from outside.

Instants are aware and UTC, in whole seconds where they are written down. The dates a council reckons with are
those of Europe/Oslo, where a day begins at local midnight. Working days are Monday to Friday without Norway's
public holidays and without the council's own closed days (24 December is no public holiday). The holidays
come from the package `holidays`, checked in the tests against an Easter computation of our own. Importing it
takes 100 ms, so the first question that needs it does, and each year's answer is kept.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")

OPENS, CLOSES = time(7), time(16)
"""The hours of a working day, by the clocks in Oslo, within which letters are sent. [choice]"""

_DAY = timedelta(days=1)
_MONTHS = 12
_SATURDAY = 5


@lru_cache(1024)  # as often as its instant is written
def local_date(instant: datetime) -> date:
    """The date in Oslo at an aware instant. Raises ValueError where the instant has no time zone."""
    return _aware(instant).astimezone(OSLO).date()


def instant_of(day: date, at: time = time()) -> datetime:
    """The UTC instant when clocks in Oslo show a naive time on a local date; by default when the day begins.

    A time that spring skips (02:30) is taken as if clocks had not yet been turned, so they show 03:30. Of the
    two that autumn repeats it is the first, in summer time.
    """
    return datetime.combine(day, at.replace(fold=0), tzinfo=OSLO).astimezone(UTC)


@lru_cache(1024)  # a round writes its own instant many thousand times
def format_instant(instant: datetime) -> str:
    """An aware instant as `YYYY-MM-DDTHH:MM:SSZ`; a fraction of a second is dropped, never rounded up.

    Raises ValueError where the instant has no time zone.
    """
    return _aware(instant).astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def parse_instant(text: str) -> datetime:
    """The UTC instant in the one form `format_instant` writes. Raises ValueError for any other."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    # fromisoformat also takes other forms, which would not come back the same.
    if instant is None or instant.tzinfo is None or format_instant(instant) != text:
        raise ValueError(f"{text!r} is not an instant; write UTC such as 2018-12-10T08:00:00Z")
    return instant


@cache
def public_holidays(year: int) -> frozenset[date]:
    """Norway's public holidays in a year, those that fall on a Sunday included."""
    from holidays.countries.norway import Norway

    return frozenset(Norway(years=year))


def is_working_day(day: date, closed: Collection[date] = ()) -> bool:
    """Whether offices are open on a local date. `closed` are the council's own closed days."""
    return day.weekday() < _SATURDAY and day not in closed and day not in public_holidays(day.year)


def next_working_day(day: date, closed: Collection[date] = ()) -> date:
    """A day rolled forward: itself where it is a working day, else the first one after it."""
    return _rolled(day, _DAY, closed)


def previous_working_day(day: date, closed: Collection[date] = ()) -> date:
    """A day rolled back: itself where it is a working day, else the last one before it."""
    return _rolled(day, -_DAY, closed)


def in_office_hours(instant: datetime, closed: Collection[date] = ()) -> bool:
    """Whether offices are open at an aware instant: on a working day from 07:00 until 16:00, by the clocks in Oslo."""
    local = _aware(instant).astimezone(OSLO)
    return OPENS <= local.time() < CLOSES and is_working_day(local.date(), closed)


def next_office_hours(instant: datetime, closed: Collection[date] = ()) -> datetime:
    """The first UTC instant from an aware one on at which offices are open: itself, or 07:00 in Oslo on a later day."""
    if in_office_hours(instant, closed):
        return instant
    local = _aware(instant).astimezone(OSLO)
    day = local.date() if local.time() < OPENS else local.date() + timedelta(days=1)
    return instant_of(next_working_day(day, closed), OPENS)


def office_time_after(instant: datetime, span: timedelta, closed: Collection[date] = ()) -> datetime:
    """The UTC instant at which offices have been open for so long since an aware one."""
    opens = next_office_hours(instant, closed)
    left = instant_of(local_date(opens), CLOSES) - opens
    return opens + span if span <= left else office_time_after(opens + left, span - left, closed)


def add_working_days(day: date, count: int, closed: Collection[date] = ()) -> date:
    """The day that is `count` working days after a day, before it where negative; 0 gives the day itself."""
    one = timedelta(days=1 if count > 0 else -1)
    for _ in range(abs(count)):
        day = _rolled(day + one, one, closed)
    return day


def month_day(year: int, text: str) -> date:
    """The day `MM-DD` of a year; 02-29 is the 28th in a common year. Raises ValueError if no year has it."""
    in_leap_year = date.fromisoformat(f"2000-{text}")
    return _clamped(year, in_leap_year.month, in_leap_year.day)


def add_months(day: date, count: int) -> date:
    """The same day of the month `count` months later or earlier; the last day of a month that is shorter."""
    years, month = divmod(day.month - 1 + count, _MONTHS)
    return _clamped(day.year + years, month + 1, day.day)


def years_after(day: date, count: int) -> date:
    """The same date `count` years later; 29 February becomes the 28th in a common year."""
    return add_months(day, _MONTHS * count)


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no time zone; instants are UTC")
    return instant


def _rolled(day: date, step: timedelta, closed: Collection[date]) -> date:
    while not is_working_day(day, closed):
        day += step
    return day


def _clamped(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))
