"""`politirad office`: the offices of the register, who holds them from when to when, and what is delegated to them.

Holdings and delegations are events.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from commands.delegations import delegate, delegations, held_for, revoke, scope_of, scope_option
from commands.entries import entry_of, entry_options, register
from commands.given import day, known_office
from commands.output import Printable, dump, say, table
from commands.register_names import by_id, name_of, person_name
from commands.wiring import Setup, setup_of
from engine.errors import UsageError
from engine.field import given as parsed
from engine.field import parse_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.holdings import CouncilState
    from engine.ports import Person
    from engine.register import Holding, Id


@click.group()
def office() -> None:
    """List the offices; assign and end who holds them; delegate what they may decide."""


for added in (delegate, revoke, delegations):
    office.add_command(added)


@office.command(name="list")
@click.option("--vacant", is_flag=True, help="Only those that nobody holds today.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.pass_context
def list_(ctx: click.Context, *, vacant: bool, as_json: bool) -> None:
    """List every office, its title and who holds it today."""
    setup = setup_of(ctx)
    with setup.reading() as reader:
        council, persons = reader.council(), by_id(reader.persons(), setup)
    shown = {o: council.holdings.of(o, setup.today) for o in council.register.offices}
    shown = {o: holding for o, holding in shown.items() if holding is None or not vacant}
    if as_json:
        dump([_office_json(setup, council, o, holding, persons) for o, holding in shown.items()])
        return
    headings = tuple(map(setup.words.phrase, ("office", "title", "holder")))
    language, register_ = setup.language, council.register
    rows = [(o, name_of(register_, o, setup.today, language), _holder(setup, h, persons)) for o, h in shown.items()]
    table(headings, rows)


@entry_options(without=("person", "office"))
@office.command()
@click.argument("office_id", metavar="OFFICE")
@click.argument("holder", metavar="PERSON")
@click.option("--from", "since", metavar="DATE", help="The first day; today if left out.")
@click.option("--until", metavar="DATE", help="The last day; until further notice if left out.")
@click.option(
    "--capacity", type=click.Choice(["holder", "acting", "deputy"]), default="holder",
    help="holder has the office, acting holds it in the meantime, deputy steps in.",
)  # fmt: skip
@scope_option
@click.option("--basis", metavar="TEXT", default="", help="What it rests on: an election, an appointment.")
@click.option("--as", "office", metavar="OFFICE", help="The office you register it in.")
@click.option("--person", metavar="HANDLE", help="Who you are, if not the person in the settings.")
@click.pass_context
def assign(
    ctx: click.Context, /, *, office_id: str, holder: str, since: str | None, until: str | None, capacity: str,
    scopes: tuple[str, ...], basis: str, **given: object,
) -> None:  # fmt: skip
    """Record that PERSON holds OFFICE; with --scope for some things only, as acting or deputy."""
    from engine.register import Holding
    from engine.registration import assign as assign_office

    setup = setup_of(ctx)
    began = day(since, "--from") or setup.today
    if scopes and capacity == "holder":
        raise UsageError("--scope: the holder has the office for everything. Say --capacity acting or deputy.")
    with setup.reading() as reader:
        known_office(reader.council().register, office_id)
        found = reader.person(holder)
    holding = Holding(
        office_id, found.id, began, day(until, "--until"), capacity,  # type: ignore[arg-type]  # one of the choices
        parsed("--basis", parse_text, basis) if basis else "", scope=scope_of(scopes),
    )  # fmt: skip
    entry = entry_of(setup, given)
    name = found.name or found.handle
    sentence = setup.words.phrase("office_assigned", office=office_id, name=name, since=began.isoformat())
    register(setup, lambda run: assign_office(run, holding, entry), given, sentence)


@entry_options()
@office.command()
@click.argument("office_id", metavar="OFFICE")
@click.option("--on", metavar="DATE", help="The last day; today if left out.")
@click.pass_context
def end(ctx: click.Context, /, *, office_id: str, on: str | None, **given: object) -> None:
    """Record that the present holder's last day in OFFICE has come."""
    from engine.registration import end_holding

    setup = setup_of(ctx)
    last = day(on, "--on") or setup.today
    with setup.reading() as reader:
        known_office(reader.council().register, office_id)
    entry = entry_of(setup, given)
    sentence = setup.words.phrase("office_ended", office=office_id, on=last.isoformat())
    register(setup, lambda run: end_holding(run, office_id, last, entry), given, sentence)


@office.command()
@click.argument("office_id", metavar="OFFICE")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.pass_context
def history(ctx: click.Context, *, office_id: str, as_json: bool) -> None:
    """Tell who has held OFFICE, from when to when."""
    setup = setup_of(ctx)
    with setup.reading() as reader:
        council, persons = reader.council(), by_id(reader.persons(), setup)
    known_office(council.register, office_id)
    held = sorted((h for h in council.holdings.all if h.office == office_id), key=lambda h: h.since)
    if as_json:
        dump([holding_json(h, persons) for h in held])
        return
    say(name_of(council.register, office_id, setup.today, setup.language))
    headings = tuple(map(setup.words.phrase, ("from", "until", "capacity", "holder", "basis")))
    table(headings, [_row(setup, h, persons) for h in held])


def holding_json(holding: Holding, persons: Mapping[str, Person]) -> Printable:
    """A holding in JSON."""
    return {
        "office": holding.office, "person": holding.person, "name": person_name(holding.person, persons),
        "from": holding.since.isoformat(), "until": _iso(holding.until), "capacity": holding.capacity,
        "scope": holding.scope, "basis": holding.basis or None, "leaf": holding.leaf,
    }  # fmt: skip


def _office_json(
    setup: Setup, council: CouncilState, id_: Id, holding: Holding | None, persons: Mapping[str, Person]
) -> Printable:  # fmt: skip
    post = council.register.offices[id_]
    return {
        "office": id_, "title": name_of(council.register, id_, setup.today, setup.language),
        "organisation": post.organisation, "holding": holding_json(holding, persons) if holding else None,
    }  # fmt: skip


def _holder(setup: Setup, holding: Holding | None, persons: Mapping[str, Person]) -> str:
    if holding is None:
        return setup.words.phrase("vacant")
    name = person_name(holding.person, persons) or setup.words.phrase("erased")
    return name if holding.capacity == "holder" else f"{name}, {held_for(setup, holding)}"


def _row(setup: Setup, h: Holding, persons: Mapping[str, Person]) -> tuple[str, ...]:
    until = _iso(h.until) or setup.words.phrase("until_further_notice")
    name = person_name(h.person, persons) or setup.words.phrase("erased")
    return (h.since.isoformat(), until, held_for(setup, h), name, h.basis)


def _iso(on: date | None) -> str | None:
    return on.isoformat() if on else None
