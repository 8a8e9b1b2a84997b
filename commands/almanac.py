"""The almanac: a calendar picture of what `politirad simulate` foresees, one block to a year, for a wall or a mail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING

from commands.almanac_year import DAY, DUE, GAP, PITCH, SHADES, WIDTH, Mark, Year, draw_year, in_numbers
from commands.drawing import INK, LEADING, box, corner, diamond, page, text, width_of
from commands.receipts import event_line
from commands.register_names import name_of
from commands.simulating import steps_of, told_together
from engine.calendar import local_date, parse_instant

if TYPE_CHECKING:
    from commands.wiring import Setup
    from engine.ahead import Foreseen
    from engine.ports import Recorded
    from engine.register import Id, Register
    from engine.situation import Case
    from workflows.words import Words

MARGIN, TITLE, TOTAL = 28.0, 20.0, 40.0
NARROWEST = 60.0


def almanac(setup: Setup, register: Register, foreseen: Foreseen) -> str:
    """The picture as SVG, in the reader's language."""
    words, years = setup.words, list(_years(setup, register, foreseen))
    names = [name for year in years for name, _ in year.offices]
    left = max((width_of(name, 11.5) + 10 for name in names), default=NARROWEST)
    title = name_of(register, register.council, setup.today, setup.language)
    assumed = words.phrase("simulated", first=setup.today, last=foreseen.until)
    parts = [text(0, TITLE, title, size=TITLE, bold=True), text(0, TITLE + 1.4 * LEADING, assumed)]
    bottom = TITLE + 1.4 * LEADING + 2 * GAP
    for year in years:
        drawn, bottom = draw_year(year, words, left, bottom)
        parts += drawn
    parts += _legend(words, left, bottom)
    size = (left + WIDTH + TOTAL + 2 * MARGIN, bottom + 2 * LEADING + 2 * MARGIN)
    moved = (f'<g transform="translate({MARGIN:g} {MARGIN:g})">', *parts, "</g>")
    return page(title, " ".join([assumed, *_told(words, years)]), setup.language, size, moved)


def _years(setup: Setup, register: Register, foreseen: Foreseen) -> Iterator[Year]:
    """What is drawn of each year."""
    letters = Counter(local_date(letter.changed) for letter in foreseen.letters)
    due = Counter(item.on for item in foreseen.owed if setup.today <= item.on <= foreseen.until)
    meetings, steps = list(_meetings(setup, foreseen)), steps_of(foreseen)
    for number in range(setup.today.year, foreseen.until.year + 1):
        own = [step for step in steps if _day_of(step).year == number]
        yield Year(
            number, setup.today, foreseen.until, _within(letters, number), _within(due, number),
            [(name_of(register, office, setup.today, setup.language), months)
             for office, months in _by_month(foreseen, number)],
            [*(mark for mark in meetings if mark.day.year == number), *_steps(setup.words, own)],
            [*(f"◇ {mark.day} {mark.told}" for mark in meetings if mark.day.year == number),
             *(f"◥ {on} {told}" for on, told in told_together(setup.words, own))],
            register.closed_days,
        )  # fmt: skip


def _by_month(foreseen: Foreseen, year: int) -> list[tuple[Id, Counter[int]]]:
    """Each office's letters by month of a year; who gets most comes first."""
    counted: dict[Id, Counter[int]] = {}
    for letter in foreseen.letters:
        if (day := local_date(letter.changed)).year == year:
            counted.setdefault(letter.office, Counter())[day.month] += 1
    return sorted(counted.items(), key=lambda entry: (-entry[1].total(), entry[0]))


def _meetings(setup: Setup, foreseen: Foreseen) -> Iterator[Mark]:
    """The meetings that have a date."""
    with setup.reading() as reader:
        meetings = reader.cases("meeting", ("planned", "summoned"))
    for case in meetings:
        if (day := case.day("date")) is not None and setup.today <= day <= foreseen.until:
            yield Mark(day, _named(case), is_meeting=True)


def _steps(words: Words, steps: Iterable[Recorded]) -> Iterator[Mark]:
    """What the clock does by itself."""
    for step in steps:
        yield Mark(_day_of(step), event_line(words, step))


def _day_of(step: Recorded) -> date:
    return local_date(parse_instant(step.event.at))


def _named(case: Case) -> str:
    return " ".join(filter(None, (case.id, case.text("title"))))


def _within(counted: Counter[date], year: int) -> Counter[date]:
    return Counter({day: number for day, number in counted.items() if day.year == year})


def _told(words: Words, years: Iterable[Year]) -> Iterator[str]:
    """The picture in words: what each year brings, and to whom."""
    for year in years:
        heading = in_numbers(words, sum(year.letters.values()), sum(year.due.values()))
        offices = (f"{name} {months.total()}" for name, months in year.offices)
        yield ("; ".join([f"{year.number}: {heading}", *offices, *year.notes]) + ".")


def _legend(words: Words, left: float, top: float) -> Iterator[str]:
    """What the squares and marks mean, in one line."""
    x, middle = left, top + GAP + 12
    for at, (least, fill, ink) in enumerate(SHADES):
        above = SHADES[at + 1][0] - 1 if at + 1 < len(SHADES) else None
        said = f"{least}+" if above is None else f"{least}-{above}" if above > least else str(least)
        yield box(x, top + GAP, 34, DAY, fill)
        yield text(x + 17, middle, said, size=9.5, anchor="middle", fill=ink)
        x += 34 + 3
    for mark, said in (
        ("", "picture_letters"), (box(0, DAY - 3.5, DAY, 3.5, DUE), "picture_due"),
        (diamond(DAY / 2, DAY / 2, DAY * 0.6), "picture_meeting"), (corner(DAY, 2, 8), "picture_clock"),
        (box(DAY / 2 - 2, DAY / 2 - 2, 4, 4, "#c9d1d9"), "picture_closed"),
    ):  # fmt: skip
        yield f'<g transform="translate({x:.1f} {top + GAP:.1f})">{mark}</g>'
        x += PITCH + 4 if mark else 4
        yield text(x, middle, words.phrase(said), fill=INK)
        x += width_of(words.phrase(said), 11.5) + 14
