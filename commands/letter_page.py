"""`politirad letters show` and `save`: one letter as its reader gets it, and what letters are called."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.acts import local_time
from commands.given import known_office
from commands.output import Printable, dump, pairs, say
from commands.reading import json_flag
from commands.register_names import by_id, person_name, titled
from commands.saving import unwritable
from commands.wiring import setup_of
from engine.calendar import format_instant, next_office_hours
from engine.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from commands.wiring import Setup
    from engine.outbox import Posted
    from engine.ports import Person
    from store.reader import SqlReader


@click.command()
@click.argument("letter", required=False)
@click.option("--to", "office", metavar="OFFICE", help="The newest one to this office, where no letter is named.")
@json_flag
@click.pass_context
def show(ctx: click.Context, *, letter: str | None, office: str | None, as_json: bool) -> None:
    """Show a letter as its reader gets it, and what came of it; the newest if none is named."""
    setup = setup_of(ctx)
    with setup.reading() as reader:
        found = _named(reader, letter, office)
        body, persons = open_body(reader, found), by_id(reader.persons(), setup)
        register = reader.council().register
    if as_json:
        dump(_page_json(found, body, persons))
        return
    say(f"L-{found.number}  {standing(setup, found, register.closed_days)}")
    _say_page(setup, found, body, persons, titled(register, found.office, setup.today, setup.language))


@click.command()
@click.argument("letter")
@click.option("--output", type=click.Path(path_type=Path, allow_dash=True), metavar="FILE",
              help="Where to, a new file, or - for the output; L-N.eml if left out.")  # fmt: skip
@click.pass_context
def save(ctx: click.Context, *, letter: str, output: Path | None) -> None:
    """Save a letter as it is sent, byte by byte, to open in a mail program."""
    setup, number_ = setup_of(ctx), number_of(letter)
    with setup.reading() as reader:
        body = open_body(reader, reader.letter(number_))
    if str(output) == "-":
        sys.stdout.buffer.write(body)
    else:
        _save(body, output or Path(f"L-{number_}.eml"))


def number_of(letter: str) -> int:
    """The number of a letter written `L-3` or `3`. Raises `UsageError`."""
    digits = letter.upper().removeprefix("L-")
    if not (digits.isdecimal() and digits.isascii()):
        raise UsageError(f"{letter} is no letter. They are called L-1, L-2 …; see `politirad letters`.")
    return int(digits)


def open_body(reader: SqlReader, letter: Posted) -> bytes:
    """The bytes of a letter. Raises `UsageError` where its reader is blocked: they name whom nobody is shown."""
    try:
        hidden = letter.person is not None and reader.person(letter.person).blocked
    except NotFoundError:
        hidden = False
    if hidden:
        raise UsageError(
            f"L-{letter.number} went to {letter.person}, who is blocked, so it is shown to nobody. To take that back: "
            f"politirad person block {letter.person} --undo"
        )
    return reader.letter_body(letter.number)


def reader_name(person: str | None, persons: Mapping[str, Person]) -> str:
    """The name of whom a letter goes to; empty where nobody is known."""
    return (person_name(person, persons) if person else "") or ""


def at_clock(instant: datetime) -> str:
    """A UTC instant as the clocks in Oslo show it, to the minute."""
    return local_time(format_instant(instant))


def goes_at(setup: Setup, letter: Posted, closed: Collection[date]) -> datetime:
    """The UTC instant at which a letter that waits may go: now, or when offices next open."""
    return next_office_hours(max(letter.after, setup.now), closed)


def standing(setup: Setup, letter: Posted, closed: Collection[date]) -> str:
    """Until when a letter waits; else what came of it, and when."""
    words = setup.words
    if letter.stage == "pending" and (opens := goes_at(setup, letter, closed)) > setup.now:
        return words.phrase("waits_until", at=at_clock(opens))
    return words.phrase("last_changed", stage=words.label("stage", letter.stage), at=at_clock(letter.changed))


def letter_json(letter: Posted, persons: Mapping[str, Person]) -> dict[str, Printable]:
    """A letter in JSON, without what it says."""
    hidden = letter.person in persons and persons[letter.person or ""].blocked
    return {
        "letter": f"L-{letter.number}", "kind": letter.kind, "stage": letter.stage, "office": letter.office,
        "person": letter.person, "name": reader_name(letter.person, persons) or None,
        "address": None if hidden else letter.address,
        "subject": letter.subject, "message_id": letter.message_id, "made": format_instant(letter.made),
        "not_before": format_instant(letter.after), "changed": format_instant(letter.changed),
        "attempts": letter.attempts, "said": None if hidden else letter.said,
        "case": letter.case, "uncertain": letter.uncertain,
        "replaced_by": f"L-{letter.replaced}" if letter.replaced else None,
    }  # fmt: skip


def _named(reader: SqlReader, letter: str | None, office: str | None) -> Posted:
    """The letter that is meant: by its name, or the newest. Raises `NotFoundError`, `UsageError`."""
    if letter and office:
        raise UsageError(f"Name either {letter} or --to {office}: a letter, or the newest one to an office.")
    if letter:
        return reader.letter(number_of(letter))
    if office is not None:
        known_office(reader.council().register, office)
    fitting = [found for found in reader.letters() if office in {None, found.office}]
    if not fitting:
        raise NotFoundError("No letter was made yet. `politirad letters` lists them.")
    return fitting[-1]


def _say_page(setup: Setup, letter: Posted, body: bytes, persons: Mapping[str, Person], office: str) -> None:
    from engine.mail import attached_names, invitation_lines, plain_text

    words, name = setup.words, reader_name(letter.person, persons)
    shown = {
        "to": f"{name} <{letter.address}>" if letter.address else words.label("stage", letter.stage),
        "office": office,
        "subject": letter.subject,
        "server_said": letter.said if letter.stage != "sent" else None,
        "attached": ", ".join(attached_names(body)),
        "invitation": "\n".join(invitation_lines(body)),
    }
    pairs((words.phrase(name), value) for name, value in shown.items() if value)
    say()
    say(plain_text(body) if body or letter.person is None else words.phrase("erased"))


def _page_json(letter: Posted, body: bytes, persons: Mapping[str, Person]) -> Printable:
    from engine.mail import attached_names, invitation_lines, plain_text

    said = {"text": plain_text(body) if body else None, "attached": list(attached_names(body)),
            "invitation": list(invitation_lines(body))}  # fmt: skip
    return {**letter_json(letter, persons), **said}


def _save(body: bytes, target: Path) -> None:
    """Write a new file; one that is there is never overwritten."""
    try:
        with target.open("xb") as file:
            file.write(body)
    except FileExistsError:
        raise UsageError(f"{target} is there already. Name a new file with --output.") from None
    except OSError as error:
        raise unwritable(target, "--output", error.strerror) from error
    say(f"Written: {target}", error=True)
