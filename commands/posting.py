"""`politirad letters`, `bounced` and `remind`: what was written to whom, what came of it, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.acts import local_time
from commands.given import known_office
from commands.output import Printable, dump, pairs, say, table
from commands.reading import json_flag, limit_option
from commands.register_names import by_id, person_name, titled
from commands.turning import round_of, turn
from commands.wiring import setup_of
from engine.calendar import format_instant, next_office_hours
from engine.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from commands.wiring import Setup
    from engine.outbox import NewLetter, Posted, Stage
    from engine.ports import Person
    from engine.register import Register
    from store.reader import SqlReader

STAGES: tuple[Stage, ...] = ("pending", "sending", "sent", "bounced", "withdrawn", "stranded", "dead")
TROUBLE: tuple[Stage, ...] = ("bounced", "stranded", "dead")
MOST = 50


@dataclass(frozen=True, slots=True)
class LaterClock:
    """A clock that stands at the next moment when letters are sent."""

    instant: datetime

    def now(self) -> datetime:
        """That moment, UTC."""
        return self.instant


@click.group(invoke_without_command=True)
@click.option("--stage", type=click.Choice(STAGES), multiple=True, help="Only letters that are there; may be repeated.")
@click.option("--trouble", is_flag=True, help="Only those that came back, reach nobody, or were given up.")
@limit_option(MOST)
@json_flag
@click.pass_context
def letters(ctx: click.Context, *, stage: tuple[Stage, ...], trouble: bool, limit: int, as_json: bool) -> None:
    """List the letters that were made, newest first: to whom, about what, and what came of them."""
    if ctx.invoked_subcommand is not None:
        return
    setup = setup_of(ctx)
    with setup.reading() as reader:
        found = list(reader.letters(*(TROUBLE if trouble else stage)))[::-1]
        register, persons = reader.council().register, by_id(reader.persons())
    if as_json:
        dump([_json(letter, persons) for letter in found[:limit]])
        return
    if not found:
        say(setup.words.phrase("no_letters"))
        return
    headings = tuple(map(setup.words.phrase, ("letter", "made", "stage", "to", "subject")))
    table(headings, [_row(setup, letter, register, persons) for letter in found[:limit]])
    if len(found) > limit:
        say(setup.words.phrase("more", limit=limit))


@letters.command()
@click.argument("letter", required=False)
@click.option("--to", "office", metavar="OFFICE", help="The newest one to this office, where no letter is named.")
@click.pass_context
def show(ctx: click.Context, *, letter: str | None, office: str | None) -> None:
    """Show a letter as its reader gets it, and what came of it; the newest if none is named."""
    from engine.mail import attached_names, plain_text

    setup = setup_of(ctx)
    with setup.reading() as reader:
        if office is not None:
            known_office(reader.council().register, office)
        found = reader.letter(number_of(letter)) if letter else _newest(reader, office)
        body = reader.letter_body(found.number)
        register, persons = reader.council().register, by_id(reader.persons())
    words = setup.words
    say(f"L-{found.number}  {words.label('stage', found.stage)}  {local_time(format_instant(found.changed))}")
    shown = {
        "to": f"{_name(found.person, persons)} <{found.address}>"
        if found.address
        else words.label("stage", found.stage),
        "office": titled(register, found.office, setup.today, setup.language),
        "subject": found.subject,
        "server_said": found.said if found.stage != "sent" else None,
        "attached": ", ".join(attached_names(body)),
    }
    pairs((words.phrase(name), value) for name, value in shown.items() if value)
    say()
    say(plain_text(body))


@letters.command()
@click.argument("letter")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Where to; L-N.eml if left out.")
@click.pass_context
def save(ctx: click.Context, *, letter: str, output: Path | None) -> None:
    """Save a letter as it is sent, byte by byte, to open in a mail program."""
    setup, number_ = setup_of(ctx), number_of(letter)
    with setup.reading() as reader:
        body = reader.letter_body(number_)
    target = output or Path(f"L-{number_}.eml")
    try:
        target.write_bytes(body)
    except OSError as error:
        raise UsageError(f"{target} cannot be written ({error.strerror}). Name another file with --output.") from error
    click.echo(f"Written: {click.format_filename(target)}", err=True)


@letters.command()
@click.argument("letter")
@click.pass_context
def retry(ctx: click.Context, *, letter: str) -> None:
    """Send a letter that was given up once more, with the same bytes."""
    setup, number_ = setup_of(ctx), number_of(letter)
    with setup.store.write(setup.council) as tx:
        found = tx.letter(number_)
        if found.stage not in {"dead", "pending"}:
            stage = setup.words.label("stage", found.stage)
            raise UsageError(f"L-{number_} was not given up: {stage}. Only a letter that waits or was given up can be.")
        tx.move_letter(number_, "pending", setup.now, after=setup.now, said=found.said)
    say(setup.words.phrase("letter_retried", letter=f"L-{number_}"))


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
            expected = "came back" if undo else "was sent"
            raise UsageError(f"L-{number_}: {stage}. Only a letter that {expected} can be. See `politirad letters`.")
        tx.move_letter(number_, "sent" if undo else "bounced", setup.now, said=found.said)
    say(setup.words.phrase("letter_not_bounced" if undo else "letter_bounced", letter=f"L-{number_}"))


@click.command()
@click.option("--dry-run", is_flag=True, help="Show what the next round would send; write and send nothing.")
@json_flag
@click.pass_context
def remind(ctx: click.Context, *, dry_run: bool, as_json: bool) -> None:
    """Do a round now, as `politirad tick` does, and tell which letters it made."""
    setup = setup_of(ctx)
    if not dry_run:
        turned = turn(setup)
        made, at = turned.done.letters, turned.at
    else:
        with setup.reading() as reader:
            at = next_office_hours(setup.now, reader.council().register.closed_days)
        later = replace(setup, clock=LaterClock(at))
        made = round_of(later).once(dry_run=True).letters
    mine = [letter for council, letter in made if council == setup.council]
    if as_json:
        dump([_new_json(letter) for letter in mine])
        return
    _say_made(setup, mine, at, dry_run=dry_run)


def _say_made(setup: Setup, made: list[NewLetter], at: datetime, *, dry_run: bool) -> None:
    words = setup.words
    if not made:
        say(words.phrase("nobody_is_written_to", at=local_time(format_instant(at))))
        return
    if dry_run:
        say(words.phrase("would_be_sent", at=local_time(format_instant(at))))
    with setup.reading() as reader:
        register, persons = reader.council().register, by_id(reader.persons())
    to = {x.key: _name(x.person, persons) or titled(register, x.office, setup.today, setup.language) for x in made}
    rows = [(words.label("letter", x.kind), to[x.key], x.subject) for x in made]
    table(tuple(map(words.phrase, ("letter", "to", "subject"))), rows)
    if dry_run:
        say(words.phrase("nothing_written"))


def _newest(reader: SqlReader, office: str | None) -> Posted:
    """The newest letter, to an office or at all. Raises `NotFoundError`."""
    fitting = [letter for letter in reader.letters() if office in {None, letter.office}]
    if not fitting:
        raise NotFoundError("No letter was made yet. `politirad letters` lists them.")
    return fitting[-1]


def number_of(letter: str) -> int:
    """The number of a letter written `L-3` or `3`. Raises `UsageError`."""
    digits = letter.upper().removeprefix("L-")
    if not (digits.isdecimal() and digits.isascii()):
        raise UsageError(f"{letter} is no letter. They are called L-1, L-2 …; see `politirad letters`.")
    return int(digits)


def _row(
    setup: Setup, letter: Posted, register: Register, persons: Mapping[str, Person]
) -> tuple[str, str, str, str, str]:  # fmt: skip
    stage = setup.words.label("stage", letter.stage)
    made = local_time(format_instant(letter.made))
    to = _name(letter.person, persons) or titled(register, letter.office, setup.today, setup.language)
    return f"L-{letter.number}", made, stage, to, letter.subject


def _name(person: str | None, persons: Mapping[str, Person]) -> str:
    return (person_name(person, persons) if person else "") or ""


def _json(letter: Posted, persons: Mapping[str, Person]) -> Printable:
    return {
        "letter": f"L-{letter.number}", "kind": letter.kind, "stage": letter.stage, "office": letter.office,
        "person": letter.person, "name": _name(letter.person, persons) or None, "address": letter.address,
        "subject": letter.subject, "message_id": letter.message_id, "made": format_instant(letter.made),
        "changed": format_instant(letter.changed), "attempts": letter.attempts, "said": letter.said,
        "case": letter.case, "uncertain": letter.uncertain,
        "replaced_by": f"L-{letter.replaced}" if letter.replaced else None,
    }  # fmt: skip


def _new_json(letter: NewLetter) -> Printable:
    return {
        "kind": letter.kind, "office": letter.office, "person": letter.person, "address": letter.address,
        "subject": letter.subject, "case": letter.case, "not_before": format_instant(letter.after),
    }  # fmt: skip
