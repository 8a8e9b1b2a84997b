"""`politirad person block`: a person's name stays where it is kept, and is shown to nobody (sperring)."""

from __future__ import annotations

import click

from commands.entries import entry_of, entry_options, register
from commands.wiring import setup_of


@entry_options()
@click.command()
@click.argument("handle")
@click.option("--undo", is_flag=True, help="Show the person again.")
@click.pass_context
def block(ctx: click.Context, /, *, handle: str, undo: bool, **given: object) -> None:
    """Show the person with HANDLE to nobody; name and address stay where they are kept.

    Every list, log, report and letter then says "blocked", and mail for an office of theirs goes the way it goes
    where there is no address. HANDLE or the random id still names them on the command line. What is already printed,
    exported or sent is out of reach.
    """
    from engine.erasure import block as show_to_nobody
    from engine.erasure import unblock

    setup = setup_of(ctx)
    with setup.reading() as reader:
        found = reader.person(handle)
    entry, act = entry_of(setup, given), unblock if undo else show_to_nobody
    sentence = setup.words.phrase("person_unblocked" if undo else "person_blocked", id=found.id)
    register(setup, lambda run: act(run, found, entry), given, sentence)
