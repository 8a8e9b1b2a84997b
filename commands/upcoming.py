"""`politirad upcoming`: the weeks to come: meetings, deadlines, whom they are reminded to, what the clock will do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

import click

from commands.given import known_office
from commands.output import Printable, dump, say, say_wrapped, table, title, widths_of
from commands.reading import json_flag, when
from commands.register_names import name_of
from commands.wiring import setup_of
from engine.outlook import SORTS, Expected, Period, outlook

if TYPE_CHECKING:
    from commands.wiring import Setup
    from engine.ports import Reader
    from engine.register import Id, Register

WEEKS = 8
LONGEST = 104
"""Weeks: two years, beyond which `politirad simulate` tells more."""

WEEK, LATER = 7, 0
"""Days of a week; and the mark of a reminder that only repeats an earlier one."""

EXPECTED = ("planned", "summoned")
"""The states of a meeting that is still to take place."""


@click.command()
@click.option("--weeks", type=click.IntRange(1, LONGEST), default=WEEKS, show_default=True, help="How far to look.")
@click.option("--office", metavar="OFFICE", help="Only what this office owes, is reminded of, and is called to.")
@json_flag
@click.pass_context
def upcoming(ctx: click.Context, *, weeks: int, office: str | None, as_json: bool) -> None:
    """What comes in the next weeks, as long as nobody does anything: meetings, deadlines, reminders, the clock.

    Of the reminders that go on until something overdue is done, the first is shown. What is overdue is in
    `politirad todo`.
    """
    setup = setup_of(ctx)
    period = Period(setup.today, setup.today + timedelta(weeks=weeks))
    with setup.reading() as reader:
        register = reader.council().register
        if office is not None:
            known_office(register, office)
        behind = _behind(reader)
        found = sorted(
            (item for item in (*_meetings(reader, period, office), *outlook(setup.service.rules, reader, period))
             if office is None or item.sort == "meeting" or item.office == office),
            key=lambda item: (item.day, SORTS.index(item.sort), item.case, item.what),
        )  # fmt: skip
    if as_json:
        dump({"from": period.first.isoformat(), "until": period.last.isoformat(), "events_not_followed": behind,
              "coming": [_json(setup, item) for item in found]})  # fmt: skip
        return
    _print(setup, register, found)
    if behind:
        say()
        say_wrapped(setup.words.counted("not_followed", behind))


def _behind(reader: Reader) -> int:
    """How many events the clock has not followed yet: what they call for is not planned."""
    position, planned = reader.followed()
    return reader.size() - (position if planned else 0)


def _meetings(reader: Reader, period: Period, office: Id | None) -> Iterator[Expected]:
    """The meetings that an office is called to, or may still be."""
    from workflows.invitations import is_invited

    for case in reader.cases("meeting", EXPECTED):
        concerns = office is None or "invited" not in case.facts or is_invited(case, office)
        if (day := case.day("date")) is not None and period.has(day) and concerns:
            yield Expected(day, "meeting", case.id, case.workflow, case.text("title"), case.state, None)


def _print(setup: Setup, register: Register, found: list[Expected]) -> None:
    words = setup.words
    if not found:
        say(words.phrase("nothing_comes"))
        return
    every = repeated(found)
    firsts = [item for item in found if every.get(item) != LATER]
    by_day = groupby(firsts, key=lambda item: item.day)
    rows = {day: list(_rows(setup, register, items, every)) for day, items in by_day}
    widths = widths_of([row for day in rows.values() for row in day])
    for (year, week), days in groupby(rows, key=lambda day: day.isocalendar()[:2]):
        monday = date.fromisocalendar(year, week, 1)
        title(words.phrase("week", week=week, first=monday, last=monday + timedelta(days=6)))
        table([""] * len(widths), [row for day in days for row in rows[day]], widths=widths)


def repeated(found: Iterable[Expected]) -> dict[Expected, int]:
    """Reminders to an owner that go on until it is done: every how many days, at the first; `LATER` at the others."""
    series: dict[tuple[object, ...], list[Expected]] = {}
    for item in found:
        if item.audience == "owner" and item.due is not None and item.due < item.day:
            series.setdefault((item.case, item.what, item.office, item.due), []).append(item)
    every: dict[Expected, int] = {}
    for first, *more in series.values():
        if more:
            every |= dict.fromkeys(more, LATER)
            every[first] = min(later.rung - sooner.rung for sooner, later in pairwise((first, *more)))
    return every


def _rows(
    setup: Setup, register: Register, items: Iterable[Expected], every: Mapping[Expected, int]
) -> Iterator[tuple[str, ...]]:  # fmt: skip
    """The rows of a day: one for each thing, with everybody it concerns."""
    things: dict[tuple[str, ...], dict[Id, str]] = {}
    for item in items:
        late = f" ({when(setup.words, item.due, item.day)})" if item.due and item.sort == "reminder" else ""
        told = ": ".join(filter(None, (item.title, what(setup, item)))) + late
        concerned = things.setdefault((f"  {item.day}", item.sort, item.case, told), {})
        if item.office and item.sort != "clock":
            name = name_of(register, item.office, setup.today, setup.language)
            concerned.setdefault(item.office, name + _again(setup, every.get(item)))
    for (day, sort, case, told), offices in things.items():
        names = ", ".join(offices.values())
        yield day, setup.words.label("upcoming", sort), case, f"{told} → {names}" if names else told


def _again(setup: Setup, days: int | None) -> str:
    """That somebody is reminded again every so many days; nothing where that is not so."""
    if days is None:
        return ""
    again = setup.words.phrase("every_week") if days == WEEK else setup.words.phrase("every_days", days=days)
    return f" ({again})"


def what(setup: Setup, item: Expected) -> str:
    """What is owed, or done by the clock, or the state of a meeting, in words."""
    match item.sort:
        case "meeting":
            return setup.words.state(item.workflow, item.what)
        case "clock":
            return setup.words.step(item.workflow, item.what)
        case _:
            return setup.words.deadline(item.workflow, item.what)


def _json(setup: Setup, item: Expected) -> Printable:
    return {
        "on": item.day.isoformat(), "sort": item.sort, "case": item.case, "workflow": item.workflow,
        "title": item.title, "name": item.what, "what": what(setup, item), "office": item.office,
        "due": item.due.isoformat() if item.due else None, "audience": item.audience,
    }  # fmt: skip
