"""`politirad simulate`: who would get what and when in the years to come, if nobody did anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from commands.given import day, known_office
from commands.output import Printable, dump, say, table, title
from commands.reading import json_flag, limit_option
from commands.receipts import event_line
from commands.register_names import by_id, name_of, person_name
from commands.saving import check_writable, hand_over
from commands.upkeep import Progress
from commands.wiring import setup_of
from engine.ahead import Foreseen, OneCouncil, foresee
from engine.calendar import format_instant, local_date, parse_instant, years_after
from engine.errors import StoreUnavailableError, UsageError

if TYPE_CHECKING:
    from commands.wiring import Setup
    from engine.outbox import Posted
    from engine.ports import Person, Recorded
    from engine.register import Id, Register
    from workflows.words import Words

MOST = 100
MOST_YEARS = 20
MOST_COLUMNS = 8
"""Years that stand side by side in the summary."""


@click.command()
@click.option("--until", required=True, metavar="DATE", help="The last day to look at; at most twenty years ahead.")
@click.option("--office", metavar="OFFICE", help="Only the letters that this office gets.")
@click.option("--picture", type=click.Path(path_type=Path), metavar="FILE.svg", help="Draw a calendar of it, too.")
@limit_option(MOST)
@json_flag
@click.pass_context
def simulate(
    ctx: click.Context, *, until: str, office: str | None, picture: Path | None, limit: int, as_json: bool
) -> None:  # fmt: skip
    """Show who would get what and when, and what the clock would do, if nobody did anything until DATE.

    The clock works through the years in a copy of the database, which is then thrown away: nothing is written and
    nothing is sent.
    """
    setup, last = setup_of(ctx), day(until, "--until")
    _check(setup, last or setup.today, picture)
    with setup.reading() as reader:
        register, persons = reader.council().register, by_id(reader.persons(), setup)
        if office is not None:
            known_office(register, office)
    foreseen = _of_office(foreseen_by(setup, last or setup.today), office)
    if picture is not None:
        from commands.almanac import almanac

        hand_over(almanac(setup, register, foreseen), picture, "--picture")
    if as_json:
        dump(_json(setup, foreseen, persons))
    else:
        _print(setup, register, foreseen, limit)


def foreseen_by(setup: Setup, until: date) -> Foreseen:
    """What would happen until the end of a local date. Raises `StoreUnavailableError` where no copy can be made."""
    from engine.postage import Stationery
    from workflows.letters.subjects import SubjectWriter

    stationery = Stationery(SubjectWriter(), "")
    try:
        folder = TemporaryDirectory(prefix="politirad-")
    except OSError as error:
        raise StoreUnavailableError(
            f"There is no place for a copy of the database ({error.strerror}). Name a folder for it in $TMPDIR."
        ) from error
    with folder as name, setup.store.copy_to(Path(name) / "copy.db") as copy:
        service = replace(setup.service, store=OneCouncil(copy, setup.council))
        return foresee(service, stationery, until, Progress("simulate"))


def _check(setup: Setup, until: date, picture: Path | None) -> None:
    """Raises `UsageError` for a day that cannot be looked at, or a picture that is of another kind or has no place."""
    if until <= setup.today:
        raise UsageError(f"--until: {until} is not to come; today is {setup.today}. Give a later day.")
    if until > (furthest := years_after(setup.today, MOST_YEARS)):
        raise UsageError(f"--until: {until} is too far ahead. Give a day no later than {furthest}.")
    if picture is not None and picture.suffix.lower() != ".svg":
        raise UsageError(f"--picture: {picture} is no SVG file. Name it FILE.svg; any browser shows and prints it.")
    if picture is not None:
        check_writable(picture, "--picture")


def _of_office(foreseen: Foreseen, office: Id | None) -> Foreseen:
    """What concerns one office, where one is named."""
    if office is None:
        return foreseen
    letters = tuple(letter for letter in foreseen.letters if letter.office == office)
    return replace(foreseen, letters=letters, owed=tuple(item for item in foreseen.owed if item.office == office))


def by_year(letters: Iterable[Posted]) -> Mapping[Id, Counter[int]]:
    """How many letters each office gets in each year; who gets most comes first."""
    counted: dict[Id, Counter[int]] = {}
    for letter in letters:
        counted.setdefault(letter.office, Counter())[local_date(letter.changed).year] += 1
    return dict(sorted(counted.items(), key=lambda entry: (-entry[1].total(), entry[0])))


def steps_of(foreseen: Foreseen) -> list[Recorded]:
    """What the clock does by itself."""
    return [recorded for receipt in foreseen.receipts for recorded in receipt.events]


def told_together(words: Words, steps: Iterable[Recorded]) -> list[tuple[date, str]]:
    """What steps did, each with its local date; what was done to a case several times, once, with the first date."""
    days: dict[str, list[date]] = {}
    for step in steps:
        days.setdefault(event_line(words, step), []).append(local_date(parse_instant(step.event.at)))
    return [(on[0], line if len(on) == 1 else words.phrase("times", what=line, times=len(on)))
            for line, on in days.items()]  # fmt: skip


def _print(setup: Setup, register: Register, foreseen: Foreseen, limit: int) -> None:
    words, letters = setup.words, foreseen.letters
    say(words.phrase("simulated", first=setup.today, last=foreseen.until))
    if letters:
        title(words.phrase("letters_to_come", number=len(letters)))
        headings = tuple(map(words.phrase, ("sent_on", "letter", "to", "subject")))
        table(headings, [_row(setup, register, letter) for letter in letters[:limit]])
    if len(letters) > limit:
        say(words.phrase("more", limit=limit))
    if steps := told_together(words, steps_of(foreseen)):
        title(words.phrase("clock_will"))
        table(("", ""), [(str(on), line) for on, line in steps])
    if letters:
        _print_summary(setup, register, foreseen)
    say(words.phrase("simulated_only"))


def _row(setup: Setup, register: Register, letter: Posted) -> tuple[str, ...]:
    """A letter; by its office alone, since nobody knows who will hold it then."""
    on = local_date(letter.changed)
    office = name_of(register, letter.office, on, setup.language)
    return str(on), setup.words.label("letter", letter.kind), office, letter.subject


def _print_summary(setup: Setup, register: Register, foreseen: Foreseen) -> None:
    """How many letters each office gets in each year; where those are too many for a table, the totals of each."""
    words, years = setup.words, range(setup.today.year, foreseen.until.year + 1)
    if len(years) <= MOST_COLUMNS:
        title(words.phrase("letters_by_office"))
        _print_by_both(setup, register, foreseen, years)
        return
    counted = by_year(foreseen.letters)
    offices = [
        (name_of(register, office, setup.today, setup.language), str(c.total())) for office, c in counted.items()
    ]
    in_all = sum(counted.values(), Counter[int]())
    title(words.phrase("by_year"))
    table((words.phrase("year"), words.phrase("in_all")), [(str(year), str(in_all[year])) for year in years])
    title(words.phrase("by_office"))
    table((words.phrase("office"), words.phrase("in_all")), offices)


def _print_by_both(setup: Setup, register: Register, foreseen: Foreseen, years: range) -> None:
    rows = [
        (name_of(register, office, setup.today, setup.language), *(str(counted[year] or "") for year in years),
         str(counted.total()))
        for office, counted in by_year(foreseen.letters).items()
    ]  # fmt: skip
    table((setup.words.phrase("office"), *map(str, years), setup.words.phrase("in_all")), rows)


def _json(setup: Setup, foreseen: Foreseen, persons: Mapping[str, Person]) -> Printable:
    letters: Printable = [_letter_json(letter, persons) for letter in foreseen.letters]
    steps: Printable = [
        {"at": step.event.at, "case": step.event.case, "type": step.event.type, "said": event_line(setup.words, step)}
        for step in steps_of(foreseen)
    ]
    summary: Printable = [
        {"office": office, "year": year, "letters": number}
        for office, counted in by_year(foreseen.letters).items()
        for year, number in sorted(counted.items())
    ]
    return {
        "from": format_instant(foreseen.began), "until": foreseen.until.isoformat(),
        "assumed": setup.words.phrase("simulated", first=setup.today, last=foreseen.until),
        "letters": letters, "steps": steps, "summary": summary,
    }  # fmt: skip


def _letter_json(letter: Posted, persons: Mapping[str, Person]) -> Printable:
    return {
        "sent": format_instant(letter.changed), "on": local_date(letter.changed).isoformat(), "kind": letter.kind,
        "office": letter.office, "person": letter.person,
        "name": person_name(letter.person, persons) if letter.person else None, "address": letter.address,
        "subject": letter.subject, "case": letter.case,
    }  # fmt: skip
