"""Entries on the council's own case: what their commands share, from options to the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

import click

from commands.given import kept, known_office, number, text
from commands.options import json_option
from commands.output import dump, say
from commands.receipts import receipt_json

if TYPE_CHECKING:
    from commands.given import Given
    from commands.wiring import Setup
    from engine.entry import Entry
    from engine.event import Facts
    from engine.ports import Recorded
    from engine.run import Run
    from engine.service import Receipt

Decorated = TypeVar("Decorated", bound=click.Command)

ENTRY_OPTIONS: tuple[click.Parameter, ...] = (
    click.Option(["--as", "office"], metavar="OFFICE", help="The office you register it in."),
    click.Option(["--ref"], metavar="TEXT", help="The reference of the decision it rests on."),
    click.Option(["--person"], metavar="HANDLE", help="Who you are, if not the person in the settings."),
    click.Option(["--key"], metavar="KEY", help="Makes it safe to repeat: the same key and command enter it once."),
    click.Option(["--dry-run"], is_flag=True, help="Show whether it would be accepted; write nothing."),
    json_option(),
)


NOT_HASHED = {"key", "as_json", "dry_run", "name", "handle", "email", "reason"}
"""Left out of the hash under a key: how it is answered, and what is erasable, since a hash of a name can be guessed."""


def entry_options(*, without: Iterable[str] = ()) -> Callable[[Decorated], Decorated]:
    """Add the options every entry has to a command; `without` names those it has of its own."""
    left_out = set(without)

    def add(command: Decorated) -> Decorated:
        command.params += [option for option in ENTRY_OPTIONS if option.name not in left_out]
        return command

    return add


def entry_of(setup: Setup, given: Given) -> Entry:
    """Who registers, in which office and by which reference. Raises `UsageError`, `NotFoundError`."""
    from commands.asked import Asked, note_asked
    from engine.entry import Entry

    note_asked(Asked(as_json=bool(given.get("as_json"))))
    with setup.reading() as reader:
        person = setup.actor(reader, text(given, "person"))
        if office := text(given, "office"):
            known_office(reader.council().register, office)
    ref, reason = kept(given, "ref"), text(given, "reason")
    cited = {"decision": text(given, "decision"), "point": number(given, "point")}
    return Entry(person=person, office=office, ref=ref, reason=reason, key=_key_of(given), **cited)  # type: ignore[arg-type]  # a text and a number


def _key_of(given: Given) -> Facts | None:
    """The idempotency key with the hash of what was asked under it."""
    from engine.event import canonical, leaf_of

    if (key := text(given, "key")) is None:
        return None
    context = click.get_current_context()
    stated = {name: value for name, value in context.params.items() if value not in (None, (), False)}
    asked = {name: str(value) for name, value in stated.items() if name not in NOT_HASHED}
    return {"id": key, "command": leaf_of(canonical({**asked, "step": context.command_path})).hex()}


def register(setup: Setup, act: Callable[[Run], Recorded], given: Given, sentence: str) -> None:
    """Make an entry on the council's case and answer with a sentence."""
    receipt = setup.service.register(setup.council, act, dry_run=bool(given["dry_run"]))
    answer(setup, receipt, given, sentence)


def answer(setup: Setup, receipt: Receipt, given: Given, sentence: str) -> None:
    """Say what was entered, or that nothing was."""
    if given["as_json"]:
        dump(receipt_json(receipt))
        return
    say(setup.words.phrase("already_done") if receipt.repeated else sentence)
    if receipt.rehearsed:
        say(setup.words.phrase("nothing_written"))
