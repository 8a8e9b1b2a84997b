"""`politirad person`: the erasable table of persons. The log knows only their random ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from commands.blocking import block
from commands.entries import entry_of, entry_options, register
from commands.erasing import erase
from commands.identities import changed_person, new_person
from commands.output import Printable, dump, pairs, say, table
from commands.person_keys import key
from commands.register_names import shown, titled
from commands.wiring import setup_of

if TYPE_CHECKING:
    from engine.ports import Person
    from engine.register import Holding


@click.group()
def person() -> None:
    """Add and list the persons who hold offices; erase them, or show them to nobody."""


for added in (erase, block, key):
    person.add_command(added)


@entry_options()
@person.command()
@click.argument("name")
@click.option("--handle", metavar="WORD", help="The short name on the command line; the first name if left out.")
@click.option("--email", metavar="ADDRESS", help="Where letters go. Erasable.")
@click.pass_context
def add(ctx: click.Context, /, *, name: str, handle: str | None, email: str | None, **given: object) -> None:
    """Add a person by full name."""
    from engine.registration import add_person

    setup = setup_of(ctx)
    new = new_person(setup.service, name, handle, email, asked="NAME")
    entry = entry_of(setup, given)
    sentence = setup.words.phrase("person_added", name=new.name, handle=new.handle)
    register(setup, lambda run: add_person(run, new, entry), given, sentence)


@entry_options()
@person.command()
@click.argument("handle")
@click.option("--name", metavar="NAME", help="The full name from now on.")
@click.option("--email", metavar="ADDRESS", help='Where letters go from now on; empty ("") for nowhere.')
@click.pass_context
def edit(ctx: click.Context, /, *, handle: str, name: str | None, email: str | None, **given: object) -> None:
    """Change the name or the address of the person with HANDLE. Letters that wait go to the new address."""
    from engine.registration import change_person

    setup = setup_of(ctx)
    with setup.reading() as reader:
        known = reader.person(handle)
    changed = changed_person(known, name, email)
    entry = entry_of(setup, given)
    email = changed.email or setup.words.phrase("no_email")
    sentence = setup.words.phrase("person_changed", name=changed.name, handle=changed.handle, email=email)
    register(setup, lambda run: change_person(run, changed, entry), given, sentence)


@person.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.pass_context
def list_(ctx: click.Context, *, as_json: bool) -> None:
    """List everybody, with the offices they hold today."""
    setup = setup_of(ctx)
    with setup.reading() as reader:
        council, people = reader.council(), [shown(one, setup) for one in reader.persons()]
    held = {one.id: [h.office for h in council.holdings.held(one.id, setup.today)] for one in people}
    if as_json:
        dump([_json(one, council.holdings.held(one.id, setup.today)) for one in people])
        return
    words = setup.words
    headings = tuple(map(words.phrase, ("handle", "name", "email", "offices")))
    erased = words.phrase("erased")
    table(headings, [(p.handle, p.name or erased, p.email or "", ", ".join(held[p.id])) for p in people])


@person.command()
@click.argument("handle")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.pass_context
def show(ctx: click.Context, *, handle: str, as_json: bool) -> None:
    """Show a person, and every office held, from when to when."""
    setup = setup_of(ctx)
    with setup.reading() as reader:
        council, found = reader.council(), shown(reader.person(handle), setup)
    holdings = tuple(h for h in council.holdings.all if h.person == found.id)
    if as_json:
        dump(_json(found, holdings))
        return
    words = setup.words
    say(f"{found.name or words.phrase('erased')} ({found.handle})")
    pairs([(words.phrase("email"), found.email or words.phrase("none")), ("id", found.id)], indent=2)
    for h in holdings:
        until = h.until.isoformat() if h.until else words.phrase("until_further_notice")
        post = titled(council.register, h.office, setup.today, setup.language)
        period = words.phrase("period", since=h.since, until=until)
        say(f"  {period}  {post}, {words.label('capacity', h.capacity)}")


def _json(one: Person, holdings: tuple[Holding, ...]) -> Printable:
    held: Printable = [
        {"office": h.office, "from": h.since.isoformat(), "until": h.until.isoformat() if h.until else None,
         "capacity": h.capacity}
        for h in holdings
    ]  # fmt: skip
    return {
        "id": one.id, "handle": one.handle, "name": one.name, "email": one.email, "blocked": one.blocked,
        "offices": held,
    }  # fmt: skip
