"""`politirad todo`: what lies on whose table, by when; overdue first.

Read from the deadlines alone, so that its time does not grow with the number of cases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import click

from commands.given import day, known_office
from commands.output import Printable, dump, say, table, title, widths_of
from commands.reading import as_of_option, asked_day, days_over, json_flag, limit_option, quiet_until, when
from commands.register_names import by_id, holder_of, titled

if TYPE_CHECKING:
    from datetime import date

    from commands.wiring import Setup
    from engine.holdings import CouncilState
    from engine.ports import Owed, Person
    from engine.register import Id

MOST = 100


@dataclass(frozen=True, slots=True)
class Around:
    """What is needed to tell what is owed: the council, its persons, the local date, whose reminders are put off."""

    council: CouncilState
    persons: Mapping[str, Person]
    today: date
    quiet: Mapping[Owed, date]


@click.command()
@click.option("--office", metavar="OFFICE", help="Only what this office owes.")
@click.option("--until", metavar="DATE", help="Only what is due on or before that day.")
@as_of_option
@limit_option(MOST)
@json_flag
@click.pass_context
def todo(
    ctx: click.Context, *, office: str | None, until: str | None, as_of: str | None, limit: int, as_json: bool
) -> None:  # fmt: skip
    """What lies on whose table, and by when; overdue first."""
    setup, past, today = asked_day(ctx, as_of)
    with setup.reading(past) as reader:
        council, persons = reader.council(), by_id(reader.persons(), setup)
        if office is not None:
            known_office(council.register, office)
        owed = list(islice(reader.todo(office, day(until, "--until"), limit + 1), limit + 1))
        shown = owed[:limit]
        around = Around(council, persons, today, quiet_until(reader, shown, today))
    if as_json:
        dump([_json(setup, item, around) for item in shown])
        return
    _print(setup, shown, around)
    if len(owed) > limit:
        say(setup.words.phrase("more", limit=limit))


def by_office(owed: list[Owed]) -> dict[Id, list[Owed]]:
    """What is owed by office; the office with the earliest date comes first."""
    grouped: dict[Id, list[Owed]] = {}
    for item in owed:
        grouped.setdefault(item.office, []).append(item)
    return grouped


def row(setup: Setup, item: Owed, today: date, quiet: date | None = None) -> tuple[str, ...]:
    """A thing owed, as a row; and until when its reminders are put off."""
    what = setup.words.deadline(item.workflow, item.name)
    title = item.title if quiet is None else f"{item.title} ({setup.words.phrase('put_off_until', until=quiet)})"
    return (f"  {item.on}", when(setup.words, item.on, today), item.case, what, title)


def _print(setup: Setup, owed: list[Owed], around: Around) -> None:
    if not owed:
        say(setup.words.phrase("nothing_owed"))
        return
    council, today = around.council, around.today
    rows = {item: row(setup, item, today, around.quiet.get(item)) for item in owed}
    widths = widths_of(rows.values())
    for office, items in by_office(owed).items():
        holder = holder_of(council, office, today, around.persons)
        post = titled(council.register, office, today, setup.language)
        held = f"{post}, {holder or setup.words.phrase('erased')}"
        title(setup.words.phrase("vacant_office", office=post) if holder is None else held)
        table([""] * len(widths), [rows[item] for item in items], widths=widths)


def _json(setup: Setup, item: Owed, around: Around) -> Printable:
    quiet, holder = around.quiet.get(item), holder_of(around.council, item.office, around.today, around.persons)
    return {
        "case": item.case, "workflow": item.workflow, "state": item.state, "title": item.title, "name": item.name,
        "what": setup.words.deadline(item.workflow, item.name), "office": item.office,
        "holder": holder or None, "on": item.on.isoformat(),
        "days_overdue": max(days_over(item.on, around.today), 0), "fires": item.fires,
        "put_off_until": quiet.isoformat() if quiet else None,
    }  # fmt: skip
