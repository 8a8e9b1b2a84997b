"""`politirad office delegate`, `revoke` and `delegations`: who may decide what for another, and from when to when.

A delegation is given once, by whoever decides or a registrar for them, and holds until it is taken back. What is
given in a single case (the mandate of an amendment) is that case's own, and is not listed here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from commands import tables
from commands.acts import Names
from commands.entries import entry_of, entry_options, register
from commands.given import day, known_office, offices_of
from commands.naming import not_found
from commands.output import Printable, dump, pairs, say, say_hanging
from commands.steps import is_taken_by_persons, unknown_step, written
from commands.wiring import setup_of
from engine.field import given as parsed
from engine.field import parse_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from commands.wiring import Setup
    from engine.holdings import CouncilState
    from engine.register import Delegation, Holding, Id, Register

scope_option = click.option(
    "--scope", "scopes", metavar="STEP", multiple=True,
    help="What for: a step (agreement.sign) or all of a workflow (measure); may be repeated, or listed with commas.",
)  # fmt: skip


@entry_options()
@click.command()
@click.argument("of")
@click.option("--to", metavar="OFFICE", required=True, help="The office that may decide.")
@scope_option
@click.option("--from", "since", metavar="DATE", help="The first day; today if left out.")
@click.option("--until", metavar="DATE", help="The last day; until further notice if left out.")
@click.option("--further", is_flag=True, help="It may be passed on.")
@click.option("--basis", metavar="TEXT", default="", help="What it rests on: a rule of delegation, a resolution.")
@click.option("--decision", metavar="D-N", help="The recorded vote by which a body delegates.")
@click.option("--point", type=int, metavar="N", help="The point of that decision; the first if left out.")
@click.pass_context
def delegate(
    ctx: click.Context, /, *, of: str, to: str, scopes: tuple[str, ...], since: str | None, until: str | None,
    further: bool, basis: str, **given: object,
) -> None:  # fmt: skip
    """Record that an OFFICE may decide certain steps for OF: an office, a body, or a party through who decides for it.

    Whoever has it by a delegation with --further passes it on by the same command, in their own office.
    """
    from engine.register import Delegation
    from engine.registration import delegate as delegate_to

    setup = setup_of(ctx)
    with setup.reading() as reader:
        giver = decider(reader.council().register, of)
        known_office(reader.council().register, to)
    new = Delegation(
        giver, to, scope_of(scopes), day(since, "--from") or setup.today, day(until, "--until"), further,
        basis=parsed("--basis", parse_text, basis) if basis else "",
    )  # fmt: skip
    entry = entry_of(setup, given)
    sentence = setup.words.phrase("delegated", to=to, of=giver, scope=_scope(new.scope), period=period(setup, new))
    register(setup, lambda run: delegate_to(run, new, entry), given, sentence)


@entry_options()
@click.command()
@click.argument("of")
@click.option("--to", metavar="OFFICE", required=True, help="The office that may no longer decide.")
@click.option("--on", metavar="DATE", help="The last day; today if left out.")
@click.pass_context
def revoke(ctx: click.Context, /, *, of: str, to: str, on: str | None, **given: object) -> None:
    """Take back what OF has delegated to an OFFICE, and with it what was passed on under it."""
    from engine.registration import end_delegation

    setup = setup_of(ctx)
    last = day(on, "--on") or setup.today
    with setup.reading() as reader:
        giver = decider(reader.council().register, of)
        known_office(reader.council().register, to)
    entry = entry_of(setup, given)
    sentence = setup.words.phrase("delegation_ended", of=giver, to=to, on=last.isoformat())
    register(setup, lambda run: end_delegation(run, giver, to, last, entry), given, sentence)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.pass_context
def delegations(ctx: click.Context, *, as_json: bool) -> None:
    """List what is delegated, to which office, for what and from when to when; ended ones too."""
    setup = setup_of(ctx)
    with setup.reading() as reader:
        council, names = reader.council(), Names.of(setup, reader)
    if as_json:
        dump([delegation_json(one, council, names) for one in council.delegations])
        return
    for one in council.delegations:
        say_hanging(f"{names.delegations.get(one.leaf, '')}  {names.somebody(one.of)} → {names.somebody(one.to)}")
        pairs(_lines(names, one, council), indent=2)
    if not council.delegations:
        say(setup.words.phrase("no_delegations"))


def decider(register: Register, of: str) -> Id:
    """The office or body that decides for what was named. Raises `NotFoundError` with the nearest ones."""
    from engine.authority import through

    deciders = (*register.offices, *register.bodies, *register.parties)
    if of not in deciders:
        raise not_found("office, body or party", of, deciders, "See `politirad office list`.")
    return through(register, of)


def scope_of(written_: Iterable[str]) -> tuple[str, ...]:
    """A scope as the record keeps it: workflows and `workflow.step`, each once. Raises `NotFoundError`."""
    return tuple(dict.fromkeys(_act(item) for listed in written_ for item in offices_of(listed)))


def standing(one: Delegation, council: CouncilState, today: date) -> str:
    """How a delegation stands on a local date, by the name of its phrase: in force, or why not."""
    from engine.delegation import stands

    if one.until is not None and one.until < today:
        return "delegation_over"
    if today < one.since:
        return "delegation_not_begun"
    if not stands(one, council.delegations, today):
        return "delegation_lapsed"
    return "delegation_in_force" if council.holdings.of(one.to, today) else "delegation_vacant"


def delegation_json(one: Delegation, council: CouncilState, names: Names) -> Printable:
    """A delegation in JSON; `event` is the entry it was given by, as `log` numbers it."""
    return {
        "of": one.of, "to": one.to, "scope": one.scope, "from": one.since.isoformat(),
        "until": one.until.isoformat() if one.until else None, "further": one.further, "under": one.under,
        "basis": one.basis or None, "recorded": one.recorded.isoformat() if one.recorded else None,
        "event": names.delegations.get(one.leaf), "leaf": one.leaf,
        "standing": standing(one, council, names.setup.today).removeprefix("delegation_"),
    }  # fmt: skip


def period(setup: Setup, one: Delegation) -> str:
    """From when to when, or until further notice."""
    until = one.until.isoformat() if one.until else setup.words.phrase("until_further_notice")
    return setup.words.phrase("period", since=one.since.isoformat(), until=until)


def held_for(setup: Setup, holding: Holding) -> str:
    """In which capacity an office is held, and for what where not for everything."""
    capacity = setup.words.label("capacity", holding.capacity)
    limited = setup.words.phrase("held_for", scope=_scope(holding.scope)) if holding.scope else ""
    return f"{capacity} {limited}".rstrip()


def _act(item: str) -> str:
    """A workflow or `workflow.step`, with the underscores of the tables."""
    name, dot, step = item.replace("-", "_").partition(".")
    if name not in tables.NAMES:
        raise not_found("workflow", name, tables.NAMES, f"There are: {', '.join(tables.NAMES)}.")
    workflow = tables.workflow(name)
    if dot and not (step in workflow.by_step and is_taken_by_persons(workflow, step)):
        raise unknown_step(workflow, step)
    return f"{name}{dot}{step}"


def _scope(acts: Iterable[str]) -> str:
    return ", ".join(map(written, acts))


def _lines(names: Names, one: Delegation, council: CouncilState) -> Iterator[tuple[str, str]]:
    setup, phrase = names.setup, names.setup.words.phrase
    yield setup.words.label("fact", "scope"), _scope(one.scope)
    yield phrase("in_period"), period(setup, one)
    if one.under:
        yield phrase("passed_on_under"), names.delegations.get(one.under, one.under)
    if one.further:
        yield phrase("may_be_passed_on"), phrase("yes")
    if one.basis:
        yield phrase("basis"), one.basis
    yield phrase("state"), phrase(standing(one, council, setup.today))
