"""`politirad todo`: what lies on whose table, by when; overdue first.

Read from the deadlines alone, so that its time does not grow with the number of cases.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING

import click

from commands.given import day, known_office
from commands.output import Printable, dump, say, table, title, widths_of
from commands.reading import as_of_option, asked_day, days_over, json_flag, limit_option, when
from commands.register_names import by_id, holder_of, titled

if TYPE_CHECKING:
    from datetime import date

    from commands.wiring import Setup
    from engine.holdings import CouncilState
    from engine.ports import Owed, Person
    from engine.register import Id

MOST = 100


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
        council, persons = reader.council(), by_id(reader.persons())
        if office is not None:
            known_office(council.register, office)
        owed = list(islice(reader.todo(office, day(until, "--until"), limit + 1), limit + 1))
    shown = owed[:limit]
    if as_json:
        dump([_json(setup, item, council, persons, today) for item in shown])
        return
    _print(setup, shown, council, persons, today)
    if len(owed) > limit:
        say(setup.words.phrase("more", limit=limit))


def by_office(owed: list[Owed]) -> dict[Id, list[Owed]]:
    """What is owed by office; the office with the earliest date comes first."""
    grouped: dict[Id, list[Owed]] = {}
    for item in owed:
        grouped.setdefault(item.office, []).append(item)
    return grouped


def row(setup: Setup, item: Owed, today: date) -> tuple[str, ...]:
    """A thing owed, as a row."""
    what = setup.words.deadline(item.workflow, item.name)
    return (f"  {item.on}", when(setup.words, item.on, today), item.case, what, item.title)


def _print(
    setup: Setup, owed: list[Owed], council: CouncilState, persons: Mapping[str, Person], today: date
) -> None:  # fmt: skip
    if not owed:
        say(setup.words.phrase("nothing_owed"))
        return
    widths = widths_of([row(setup, item, today) for item in owed])
    for office, items in by_office(owed).items():
        holder = holder_of(council, office, today, persons)
        post = titled(council.register, office, today, setup.language)
        held = f"{post}, {holder or setup.words.phrase('erased')}"
        title(setup.words.phrase("vacant_office", office=post) if holder is None else held)
        table([""] * len(widths), [row(setup, item, today) for item in items], widths=widths)


def _json(
    setup: Setup, item: Owed, council: CouncilState, persons: Mapping[str, Person], today: date
) -> Printable:  # fmt: skip
    return {
        "case": item.case, "workflow": item.workflow, "state": item.state, "title": item.title, "name": item.name,
        "what": setup.words.deadline(item.workflow, item.name), "office": item.office,
        "holder": holder_of(council, item.office, today, persons) or None, "on": item.on.isoformat(),
        "days_overdue": max(days_over(item.on, today), 0), "fires": item.fires,
    }  # fmt: skip
