"""Entries on the council's own case: what their commands share, from options to the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

import click

from commands.given import kept, known_office, text
from commands.options import json_option
from commands.output import dump, say
from commands.receipts import receipt_json

if TYPE_CHECKING:
    from commands.given import Given
    from commands.wiring import Setup
    from engine.ports import Recorded
    from engine.registration import Entry
    from engine.run import Run
    from engine.service import Receipt

Decorated = TypeVar("Decorated", bound=click.Command)

ENTRY_OPTIONS: tuple[click.Parameter, ...] = (
    click.Option(["--as", "office"], metavar="OFFICE", help="The office you register it in."),
    click.Option(["--ref"], metavar="TEXT", help="The reference of the decision it rests on."),
    click.Option(["--person"], metavar="HANDLE", help="Who you are, if not the person in the settings."),
    click.Option(["--dry-run"], is_flag=True, help="Show whether it would be accepted; write nothing."),
    json_option(),
)


def entry_options(*, without: Iterable[str] = ()) -> Callable[[Decorated], Decorated]:
    """Add the options every entry has to a command; `without` names those it has of its own."""
    left_out = set(without)

    def add(command: Decorated) -> Decorated:
        command.params += [option for option in ENTRY_OPTIONS if option.name not in left_out]
        return command

    return add


def entry_of(setup: Setup, given: Given) -> Entry:
    """Who registers, in which office and by which reference. Raises `UsageError`, `NotFoundError`."""
    from engine.registration import Entry

    with setup.reading() as reader:
        person = setup.actor(reader, text(given, "person"))
        if office := text(given, "office"):
            known_office(reader.council().register, office)
    return Entry(person=person, office=office, ref=kept(given, "ref"), reason=text(given, "reason"))


def register(setup: Setup, act: Callable[[Run], Recorded], given: Given, sentence: str) -> None:
    """Make an entry on the council's case and answer with a sentence."""
    receipt = setup.service.register(setup.council, act, dry_run=bool(given["dry_run"]))
    answer(setup, receipt, given, sentence)


def answer(setup: Setup, receipt: Receipt, given: Given, sentence: str) -> None:
    """Say what was entered, or that nothing was."""
    if given["as_json"]:
        dump(receipt_json(receipt))
        return
    say(sentence)
    if receipt.rehearsed:
        say(setup.words.phrase("nothing_written"))
