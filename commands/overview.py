"""`politirad` alone: where things stand, not a wall of help; without a council, two lines on how to begin."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING

import click

from commands import tables
from commands.output import pairs, say, table, title
from commands.register_names import name_of
from commands.todo import row
from commands.wiring import setup_of

if TYPE_CHECKING:
    from commands.wiring import Setup
    from store.listing import Standing

NEXT = 3
"""Things to do that are shown."""

BEGIN = """\
There is no council here yet. `politirad init --example` writes one to start from; `politirad init` tells more.
`politirad demo` plays a real case, from the wish for an agreement to the evaluation of its measures."""


@click.command()
@click.pass_context
def overview(ctx: click.Context) -> None:
    """Where things stand: cases by state, what is overdue, what to do next."""
    setup = setup_of(ctx)
    if not setup.has_database:
        say(BEGIN)
        return
    with setup.reading() as reader:
        register = reader.council().register
        standings = reader.overview(setup.today)
        first = list(islice(reader.todo(limit=NEXT), NEXT))
    words = setup.words
    title(f"{name_of(register, register.council, setup.today, setup.language)}, {setup.today}")
    pairs(_states(setup, standings), indent=2)
    say(words.phrase("overdue_cases", number=sum(s.overdue for s in standings)))
    if first:
        say(words.phrase("do_next"))
        table([""] * len(row(setup, first[0], setup.today)), [row(setup, item, setup.today) for item in first])
    say(words.phrase("see_more"))


def _states(setup: Setup, standings: tuple[Standing, ...]) -> list[tuple[str, str]]:
    """The workflows in their usual order, each with its cases by state."""
    by_workflow: dict[str, list[str]] = defaultdict(list)
    for s in standings:
        late = f" ({setup.words.phrase('overdue', number=s.overdue)})" if s.overdue else ""
        by_workflow[s.workflow].append(f"{setup.words.state(s.workflow, s.state)} {s.cases}{late}")
    known = (name for name in (*tables.NAMES, *by_workflow) if name in by_workflow)
    return [(setup.words.label("workflow", name), ", ".join(by_workflow[name])) for name in dict.fromkeys(known)]
