"""`politirad letters` and `bounced`: what was written to whom, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from commands.letter_page import at_clock, goes_at, letter_json, number_of, reader_name, save, show
from commands.output import dump, say, table
from commands.reading import json_flag, limit_option
from commands.register_names import by_id, name_of, titled
from commands.wiring import setup_of
from engine.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from commands.wiring import Setup
    from engine.holdings import CouncilState
    from engine.outbox import Posted, Stage
    from engine.ports import Person

STAGES: tuple[Stage, ...] = ("pending", "sending", "sent", "bounced", "withdrawn", "stranded", "dead")
TROUBLE: tuple[Stage, ...] = ("bounced", "stranded", "dead")
MOST = 50


@click.group(invoke_without_command=True)
@click.option("--stage", type=click.Choice(STAGES), multiple=True, help="Only letters that are there; may be repeated.")
@click.option("--trouble", is_flag=True, help="Only those that came back, reach nobody, or were given up.")
@click.option("--all", "all_", is_flag=True, help="Those never written, too: another one to the same reader says it.")
@limit_option(MOST)
@json_flag
@click.pass_context
def letters(
    ctx: click.Context, *, stage: tuple[Stage, ...], trouble: bool, all_: bool, limit: int, as_json: bool
) -> None:  # fmt: skip
    """List the letters that were made, newest first: to whom, about what, and what came of them."""
    if ctx.invoked_subcommand is not None:
        return
    setup = setup_of(ctx)
    with setup.reading() as reader:
        every = reader.letters(*(TROUBLE if trouble else stage))
        found = [letter for letter in every if all_ or not is_companion(letter)][::-1]
        council, persons = reader.council(), by_id(reader.persons(), setup)
    if as_json:
        dump([letter_json(letter, persons) for letter in found[:limit]])
        return
    if not found:
        say(setup.words.phrase("no_trouble" if trouble else "no_letters"))
        return
    headings = tuple(map(setup.words.phrase, ("letter", "made", "stage", "to", "subject")))
    table(headings, [_row(setup, letter, council, persons) for letter in found[:limit]])
    if len(found) > limit:
        say(setup.words.counted("more_newest", limit))


for added in (show, save):
    letters.add_command(added)


@letters.command()
@click.argument("letter")
@click.pass_context
def retry(ctx: click.Context, *, letter: str) -> None:
    """Send a letter that was given up, or that the server put off, once more, with the same bytes.

    One that came back is made anew: for whoever is in charge today, at their address of today.
    """
    from engine.desk import make_anew

    setup, number_ = setup_of(ctx), number_of(letter)
    with setup.store.write(setup.council) as tx:
        found = tx.letter(number_)
        if found.stage == "pending" and not found.attempts:
            goes = at_clock(goes_at(setup, found, tx.council().register.closed_days))
            raise UsageError(f"L-{number_} was not tried yet: it waits, and goes by itself, not before {goes}.")
        if anew := found.stage == "bounced":
            make_anew(tx, found, setup.now)
        else:
            _check_retried(setup, found)
            tx.move_letter(number_, "pending", setup.now, after=setup.now, said=found.said)
    say(setup.words.phrase("letter_remade" if anew else "letter_retried", letter=f"L-{number_}"))


def _check_retried(setup: Setup, letter: Posted) -> None:
    """Raise `UsageError` for a letter that cannot be sent again."""
    if letter.address is None:
        raise UsageError(
            f"L-{letter.number} has no address any more. `politirad letters show L-{letter.number}` tells why."
        )
    if letter.stage not in {"dead", "pending"}:
        stage = setup.words.label("stage", letter.stage)
        raise UsageError(
            f"L-{letter.number} was not given up (“{stage}”). Only a letter that was given up, or that the mail "
            "server put off, can be sent again."
        )


@click.command()
@click.argument("letter")
@click.option("--undo", is_flag=True, help="It did arrive after all; mail to that address is tried again.")
@click.pass_context
def bounced(ctx: click.Context, *, letter: str, undo: bool) -> None:
    """Record that LETTER came back. What it said goes to the secretariat, and so does mail for its reader from now on.

    Until that person has another address (`politirad person edit`), or --undo.
    """
    setup, number_ = setup_of(ctx), number_of(letter)
    needed: tuple[Stage, ...] = ("bounced",) if undo else ("sent", "dead")
    with setup.store.write(setup.council) as tx:
        found = tx.letter(number_)
        if found.stage not in needed:
            stage = setup.words.label("stage", found.stage)
            only = "came back can have arrived after all" if undo else "was sent or given up can have come back"
            raise UsageError(f"L-{number_} stands as “{stage}”. Only a letter that {only}. See `politirad letters`.")
        tx.move_letter(number_, "sent" if undo else "bounced", setup.now, said=found.said)
    say(setup.words.phrase("letter_not_bounced" if undo else "letter_bounced", letter=f"L-{number_}"))


def is_companion(letter: Posted) -> bool:
    """Whether a letter was never written, since another one to the same reader stands for it."""
    return letter.stage == "withdrawn" and not letter.message_id


def _row(
    setup: Setup, letter: Posted, council: CouncilState, persons: Mapping[str, Person]
) -> tuple[str, str, str, str, str]:  # fmt: skip
    stage = setup.words.label("stage", letter.stage)
    return f"L-{letter.number}", at_clock(letter.made), stage, _to(setup, letter, council, persons), letter.subject


def _to(setup: Setup, letter: Posted, council: CouncilState, persons: Mapping[str, Person]) -> str:
    """Whom a letter goes to, and the office it is for where that is not the reader's own today."""
    name = reader_name(letter.person, persons)
    if not name:
        return titled(council.register, letter.office, setup.today, setup.language)
    own = (holding.office for holding in council.holdings.held(letter.person or "", setup.today))
    if letter.office in own:
        return name
    office = name_of(council.register, letter.office, setup.today, setup.language)
    return setup.words.phrase("to_for", name=name, office=office)
