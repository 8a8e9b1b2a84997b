"""One year of the almanac: its days as weeks side by side, who gets how much in each month, and what happens.

    2027   143 letters, 12 deadlines
           Jan      Feb      Mar …
    Mon    [ ][2][ ][ ]…
    …
    Chief executive of Melhus   7 | 4 | …    91
           ◇ 2027-06-12 MT-3 Annual meeting   ◥ 2027-01-01 Y-2027 opened, by the clock

A square is a day, the number in it how many letters go out; the marks are told in words below.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from commands.drawing import FRAME, INK, LEADING, LINE, QUIET, box, corner, diamond, group, lines_of, text
from engine.calendar import is_working_day
from workflows.words import Words

PITCH, DAY = 18.0, 16.0
"""From one day to the next, and the side of its square."""
WEEKS, WEEKDAYS, MONTHS = 54, 7, 12
HEADING, ROW, GAP = 17.0, 18.0, 10.0
WIDTH = WEEKS * PITCH

SHADES = ((1, "#e1eef8", INK), (3, "#b9d6ee", INK), (6, "#7fb2df", INK), (10, "#17456e", "#ffffff"))
"""From how many letters a day has which colour, and that of the number in it."""

DUE = "#8a1c1c"


@dataclass(frozen=True, slots=True)
class Mark:
    """A meeting, or something the clock does by itself, on a local date."""

    day: date
    told: str
    is_meeting: bool = False


@dataclass(frozen=True, slots=True)
class Year:
    """What is drawn of a year: letters and deadlines by day, letters by office (its name) and month.

    `notes` say what the marks are for.
    """

    number: int
    first: date
    last: date
    letters: Mapping[date, int]
    due: Mapping[date, int]
    offices: Sequence[tuple[str, Counter[int]]]
    marks: Sequence[Mark]
    notes: Sequence[str]
    closed: Collection[date]

    def days(self) -> Iterator[date]:
        """The days of the year that are looked at."""
        day, last = max(self.first, date(self.number, 1, 1)), min(self.last, date(self.number, 12, 31))
        while day <= last:
            yield day
            day += timedelta(days=1)

    def months(self) -> Iterator[int]:
        """The months of the year that are looked at."""
        yield from dict.fromkeys(day.month for day in self.days())


def draw_year(year: Year, words: Words, left: float, top: float) -> tuple[list[str], float]:
    """A year below a line, right of `left`; and where it ends."""
    heading = in_numbers(words, sum(year.letters.values()), sum(year.due.values()))
    days_at = top + HEADING + 2 * GAP + LEADING
    offices_at = days_at + WEEKDAYS * PITCH + GAP
    marks_at = offices_at + len(year.offices) * ROW + GAP
    lines = lines_of(year.notes, WIDTH)
    parts = [
        text(0, top + HEADING, str(year.number), size=HEADING, bold=True),
        text(left, top + HEADING, heading, bold=True),
        *_scale(year, words, left, days_at),
        *(_month_line(year.number, month, left, days_at) for month in year.months()),
        *(part for day in year.days() for part in _day(year, day, words, left, days_at)),
        *(
            part
            for at, office in enumerate(year.offices)
            for part in _office(year, office, left, offices_at + at * ROW)
        ),
        *(text(left, marks_at + (at + 1) * LEADING, line) for at, line in enumerate(lines)),
    ]
    return parts, marks_at + len(lines) * LEADING + 2 * GAP


def in_numbers(words: Words, letters: int, deadlines: int) -> str:
    """So many letters and deadlines: 143 letters, 1 deadline."""
    return ", ".join((words.counted("letters_number", letters), words.counted("deadlines_number", deadlines)))


def _scale(year: Year, words: Words, left: float, top: float) -> Iterator[str]:
    """The names of the months above, those of the weekdays beside."""
    for month in year.months():
        yield text(left + _month_at(year.number, month), top - GAP * 0.6, words.label("month", str(month)), fill=QUIET)
    for weekday in range(WEEKDAYS):
        yield text(left - 6, top + weekday * PITCH + 12, words.label("weekday", str(weekday + 1)), anchor="end",
                   fill=QUIET)  # fmt: skip


def _month_line(year: int, month: int, left: float, top: float) -> str:
    """The line between a month and the one before it."""
    first, edge = date(year, month, 1), (PITCH - DAY) / 2
    x, y = left + _week(first) * PITCH - edge, top + first.weekday() * PITCH - edge
    above = f"M{x + PITCH:.1f} {top - edge:.1f}V{y:.1f}H{x:.1f}" if first.weekday() else f"M{x:.1f} {y:.1f}"
    return f'<path d="{above}V{top + WEEKDAYS * PITCH - edge:.1f}" fill="none" stroke="{LINE}" stroke-width="0.8"/>'


def _day(year: Year, day: date, words: Words, left: float, top: float) -> Iterator[str]:
    """A day's square with its number; small where offices are closed and nothing happens."""
    letters, due = year.letters.get(day, 0), year.due.get(day, 0)
    marks = [mark for mark in year.marks if mark.day == day]
    x, y = left + _week(day) * PITCH, top + day.weekday() * PITCH
    parts = [*_square(x, y, letters, is_open=is_working_day(day, year.closed))]
    parts += [box(x, y + DAY - 3.5, DAY, 3.5, DUE)] if due else []
    parts += [corner(x + DAY, y, 6) for mark in marks[:1] if not mark.is_meeting]
    parts += [diamond(x + DAY / 2, y + DAY / 2, DAY * 0.72) for mark in marks if mark.is_meeting]
    told = words.phrase("picture_day", day=day, what=in_numbers(words, letters, due))
    yield group("; ".join([told, *(mark.told for mark in marks)]), parts)


def _square(x: float, y: float, letters: int, *, is_open: bool) -> Iterator[str]:
    if letters:
        _, fill, ink = next(shade for shade in reversed(SHADES) if letters >= shade[0])
        yield box(x, y, DAY, DAY, fill)
        yield text(x + DAY / 2, y + 11.5, str(letters), size=9.5, anchor="middle", fill=ink)
    elif is_open:
        yield box(x + 0.5, y + 0.5, DAY - 1, DAY - 1, "#ffffff", stroke=FRAME)
    else:
        yield box(x + DAY / 2 - 2, y + DAY / 2 - 2, 4, 4, FRAME)


def _office(year: Year, office: tuple[str, Counter[int]], left: float, top: float) -> Iterator[str]:
    """An office's letters month by month as numbers on bars, and all of them."""
    name, months = office
    most = max((max(counted.values(), default=0) for _, counted in year.offices), default=0)
    yield text(left - 6, top + 12.5, name, anchor="end")
    for month in year.months():
        x, number = left + _month_at(year.number, month), months[month]
        room = _month_at(year.number, month + 1) - _month_at(year.number, month) - 3
        yield box(x, top + 1, room, ROW - 3, "#f3f5f7")
        if number:
            yield box(x, top + 1, room * number / most, ROW - 3, SHADES[1][1])
            yield text(x + 4, top + 12.5, str(number))
    yield text(left + WIDTH + 34, top + 12.5, str(months.total()), anchor="end", bold=True)


def _week(day: date) -> int:
    """In which column a day stands: that of its week, counted from the one the year begins in."""
    first = date(day.year, 1, 1)
    return (day.timetuple().tm_yday - 1 + first.weekday()) // WEEKDAYS


def _month_at(year: int, month: int) -> float:
    """Where a month begins, from the left of the days; the thirteenth is where the year ends."""
    return (_week(date(year, month, 1)) if month <= MONTHS else WEEKS - 1) * PITCH
