"""`politirad list`: cases by workflow, state, office, theme, or because they are overdue."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import click

from commands import tables
from commands.given import known_office
from commands.naming import not_found
from commands.output import Printable, dump, say, table
from commands.reading import as_of_option, asked_day, days_over, json_flag, limit_option, when
from engine.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from commands.wiring import Setup
    from engine.ports import Owed
    from engine.situation import Case

MOST = 200

Listed = tuple["Case", "Sequence[Owed]"]
"""A case with what it owes, earliest first."""


@click.command(name="list")
@click.option("--workflow", metavar="WORKFLOW", help=f"Only cases of one workflow: {', '.join(tables.NAMES)}.")
@click.option("--state", metavar="STATE", help="Only cases in this state, as the tables write it (in_force).")
@click.option("--office", metavar="OFFICE", help="Only cases that name this office, or in which it owes something.")
@click.option("--theme", metavar="THEME", help="Only measures with this theme (crime_prevention …).")
@click.option("--overdue", is_flag=True, help="Only cases in which something is overdue.")
@click.option("--all", "closed_too", is_flag=True, help="Closed cases too.")
@as_of_option
@limit_option(MOST)
@json_flag
@click.pass_context
def list_(
    ctx: click.Context, *, workflow: str | None, state: str | None, office: str | None, theme: str | None,
    overdue: bool, closed_too: bool, as_of: str | None, limit: int, as_json: bool,
) -> None:  # fmt: skip
    """List cases; the open ones, unless --all or --state asks for others."""
    setup, past, today = asked_day(ctx, as_of)
    _check(workflow, state, theme)
    with setup.reading(past) as reader:
        if office is not None:
            known_office(reader.council().register, office)
        found = reader.listing(
            workflow=workflow, state=state, office=office, theme=theme, overdue_on=today if overdue else None,
            open_only=not (closed_too or state), limit=limit + 1,
        )  # fmt: skip
        cases = [(case, reader.owed(case.id)) for case in islice(found, limit + 1)]
    if as_json:
        dump([_json(listed, today) for listed in cases[:limit]])
        return
    _print(setup, cases[:limit], today)
    if len(cases) > limit:
        say(setup.words.phrase("more", limit=limit))


def _check(workflow: str | None, state: str | None, theme: str | None) -> None:
    """Refuse a filter nothing could meet. Raises `NotFoundError` with the nearest names."""
    if workflow is not None and workflow not in tables.NAMES:
        raise not_found("workflow", workflow, tables.NAMES, f"There are: {', '.join(tables.NAMES)}.")
    if state is not None:
        asked = [tables.workflow(workflow)] if workflow else tables.workflows()
        states = {str(known): None for table_ in asked for known in table_.states}
        if state not in states:
            see = f"There are: {', '.join(states)}." if workflow else "With --workflow it is told which there are."
            raise not_found("state", state, states, see)
    if theme is not None:
        from workflows.measure import Theme

        if theme not in (themes := [str(known) for known in Theme]):
            raise UsageError(f"--theme: {theme!r} is none of {', '.join(themes)}.")


def _print(setup: Setup, cases: Sequence[Listed], today: date) -> None:
    words = setup.words
    if not cases:
        say(words.phrase("no_cases"))
        return
    headings = tuple(map(words.phrase, ("case", "state", "due", "", "title")))
    table(headings, [_row(setup, case, owed, today) for case, owed in cases])


def _row(setup: Setup, case: Case, owed: Sequence[Owed], today: date) -> tuple[str, ...]:
    state = setup.words.state(case.workflow, case.state)
    if not owed:
        return (case.id, state, "", "", case.text("title"))
    return (case.id, state, owed[0].on.isoformat(), when(setup.words, owed[0].on, today), case.text("title"))


def _json(listed: Listed, today: date) -> Printable:
    case, owed = listed
    return {
        "id": case.id, "workflow": case.workflow, "state": case.state, "title": case.text("title"),
        "theme": case.facts.get("theme"), "opened": case.opened.isoformat(), "parent": case.parent,
        "offices": dict(case.offices), "owed": [owed_json(item, today) for item in owed],
    }  # fmt: skip


def owed_json(item: Owed, today: date) -> Printable:
    """Something owed, in JSON."""
    return {
        "name": item.name, "office": item.office, "on": item.on.isoformat(), "fires": item.fires,
        "days_overdue": max(days_over(item.on, today), 0),
    }  # fmt: skip
