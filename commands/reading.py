"""What the reading commands share: their options, a day to read as of, and how deadlines are put."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, TypeVar

import click

from commands.given import day
from commands.wiring import Setup, setup_of
from engine.errors import UsageError

if TYPE_CHECKING:
    from workflows.words import Words

Decorated = TypeVar("Decorated", bound=Callable[..., object])

json_flag = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
as_of_option = click.option(
    "--as-of", metavar="DATE", help="As the record stood at the end of that day, by when it was registered."
)  # fmt: skip


def limit_option(most: int) -> Callable[[Decorated], Decorated]:
    """`--limit`, with the number of rows that are shown unasked."""
    return click.option("--limit", type=click.IntRange(min=1), default=most, show_default=True, help="At most so many.")


def asked_day(ctx: click.Context, as_of: str | None) -> tuple[Setup, date | None, date]:
    """The setup, the day the record is read as of (None: now), and the local date that counts as today.

    Raises `UsageError` for a day to come.
    """
    setup = setup_of(ctx)
    past = day(as_of, "--as-of")
    if past is not None and past > setup.today:
        raise UsageError(f"--as-of: {past} is still to come; today is {setup.today}.")
    return setup, past, past or setup.today


def days_over(due: date, today: date) -> int:
    """How many days something is overdue, negative while there is time; overdue begins the day after."""
    return (today - due).days


def when(words: Words, due: date, today: date) -> str:
    """How a due date lies to today: overdue by so many days, today, in so many days."""
    over = days_over(due, today)
    if over == 0:
        return words.phrase("due_today")
    name = ("overdue" if over > 0 else "due_in") + ("_one" if abs(over) == 1 else "_many")
    return words.phrase(name, days=abs(over))
