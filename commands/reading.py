"""What the reading commands share: their options, a day to read as of, and how deadlines are put."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING, TypeVar

import click

from commands.given import day
from commands.wiring import Setup, setup_of
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.ports import Owed, Reader
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


def quiet_until(reader: Reader, owed: Iterable[Owed], today: date) -> dict[Owed, date]:
    """Of what is owed, that whose owner is not reminded now, each with the day on which reminders begin again."""
    found = ((item, reader.snoozed(item.case, item.name, item.office, item.on)) for item in owed)
    return {item: until for item, until in found if until is not None and until > today}


def days_over(due: date, today: date) -> int:
    """How many days something is overdue, negative while there is time; overdue begins the day after."""
    return (today - due).days


def span(words: Words, seconds: int) -> str:
    """How long so many seconds are, in the two greatest units: 4 d 20 h."""
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if not minutes:
        return words.counted("seconds", seconds)
    if not hours:
        return words.phrase("span_minutes", minutes=minutes)
    if not days:
        return words.phrase("span_hours", hours=hours, minutes=minutes % 60)
    return words.phrase("span_days", days=days, hours=hours % 24)


def when(words: Words, due: date, today: date) -> str:
    """How a due date lies to today: overdue by so many days, today, in so many days."""
    over = days_over(due, today)
    if over == 0:
        return words.phrase("due_today")
    name = ("overdue" if over > 0 else "due_in") + ("_one" if abs(over) == 1 else "_many")
    return words.phrase(name, days=abs(over))
