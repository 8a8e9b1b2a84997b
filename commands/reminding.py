"""`politirad remind`: a round by hand, and which letters the next one would make."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import click

from commands.letter_page import at_clock, reader_name
from commands.output import Printable, dump, say, table
from commands.reading import json_flag
from commands.register_names import by_id, titled
from commands.turning import round_of, turn
from commands.wiring import setup_of
from engine.calendar import format_instant, local_date, next_office_hours

if TYPE_CHECKING:
    from commands.wiring import Setup
    from engine.outbox import NewLetter


@dataclass(frozen=True, slots=True)
class LaterClock:
    """A clock that stands at the next moment when letters are sent."""

    instant: datetime

    def now(self) -> datetime:
        """That moment, UTC."""
        return self.instant


@click.command()
@click.option("--dry-run", is_flag=True, help="Show what the next round would send; write and send nothing.")
@json_flag
@click.pass_context
def remind(ctx: click.Context, *, dry_run: bool, as_json: bool) -> None:
    """Do a round now, as `politirad tick` does, and tell which letters it made."""
    setup = setup_of(ctx)
    made, at = _rehearsed(setup) if dry_run else _done(setup)
    if as_json:
        dump([_json(letter) for letter in made])
    elif made:
        _say_made(setup, made, at, dry_run=dry_run)
    else:
        _say_none(setup, at)


def _done(setup: Setup) -> tuple[list[NewLetter], datetime]:
    """The council's letters that a round makes now, and when that is."""
    turned = turn(setup)
    return _own(setup, turned.done.letters), turned.at


def _rehearsed(setup: Setup) -> tuple[list[NewLetter], datetime]:
    """The council's letters that the next round in office hours would make, and when that is."""
    with setup.reading() as reader:
        at = next_office_hours(setup.now, reader.council().register.closed_days)
    done = round_of(replace(setup, clock=LaterClock(at))).once(dry_run=True)
    return _own(setup, done.letters), at


def _own(setup: Setup, made: list[tuple[str, NewLetter]]) -> list[NewLetter]:
    return [letter for council, letter in made if council == setup.council]


def _say_none(setup: Setup, at: datetime) -> None:
    """That nothing is sent; and when the next reminder comes, where that is planned."""
    words = setup.words
    with setup.reading() as reader:
        planned = reader.first_planned()
    said = [words.phrase("nobody_is_written_to", at=at_clock(at))]
    if planned is not None and planned > local_date(at):
        said.append(words.phrase("next_reminder", on=planned))
    say(" ".join(said))


def _say_made(setup: Setup, made: list[NewLetter], at: datetime, *, dry_run: bool) -> None:
    words = setup.words
    if dry_run:
        say(words.phrase("would_be_sent", at=at_clock(at)))
    with setup.reading() as reader:
        register, persons = reader.council().register, by_id(reader.persons(), setup)
    to = {
        x.key: reader_name(x.person, persons) or titled(register, x.office, setup.today, setup.language) for x in made
    }
    rows = [(words.label("letter", x.kind), to[x.key], x.subject) for x in made]
    table(tuple(map(words.phrase, ("letter", "to", "subject"))), rows)
    if dry_run:
        say(words.phrase("nothing_written"))


def _json(letter: NewLetter) -> Printable:
    return {
        "kind": letter.kind, "office": letter.office, "person": letter.person, "address": letter.address,
        "subject": letter.subject, "case": letter.case, "not_before": format_instant(letter.after),
    }  # fmt: skip
