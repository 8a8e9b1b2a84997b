"""`politirad snooze`: an office asks not to be reminded before a day. What is owed stays owed."""

from __future__ import annotations

from dataclasses import replace

import click

from commands.entries import entry_of, entry_options, register
from commands.given import day, known_office
from commands.wiring import setup_of
from engine.errors import UsageError


@entry_options()
@click.command()
@click.argument("case")
@click.option("--until", metavar="DATE", required=True, help="The day on which reminders begin again.")
@click.option("--deadline", metavar="NAME", help="Which duty, where the case owes several (see `politirad show`).")
@click.option("--owner", metavar="OFFICE", help="Whose duty, where several offices owe it.")
@click.option(
    "--for", "decider", metavar="OFFICE", help="Who asks for it: the office itself if left out, or the leader."
)
@click.pass_context
def snooze(
    ctx: click.Context, /, *, case: str, until: str, deadline: str | None, owner: str | None, decider: str | None,
    **given: object,
) -> None:  # fmt: skip
    """Leave an office in peace about a duty of CASE until a day. Escalation goes on, and the duty stays.

    Beyond the due date only the council's leader may allow it.
    """
    from engine.snoozing import Snooze
    from engine.snoozing import snooze as leave_in_peace

    setup, quiet_until = setup_of(ctx), day(until, "--until")
    if quiet_until is None:
        raise UsageError("--until: name a day, YYYY-MM-DD.")
    with setup.reading() as reader:
        known = reader.council().register
    for named in filter(None, (owner, decider)):
        known_office(known, named)
    asked = Snooze(case, quiet_until, deadline, owner)
    entry = replace(entry_of(setup, given), decider=decider)
    sentence = setup.words.phrase("snoozed", case=case, until=quiet_until.isoformat())
    register(setup, lambda run: leave_in_peace(run, asked, entry), given, sentence)
