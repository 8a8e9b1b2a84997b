"""`politirad audit`: signs of trouble in the record, each with the events that show it, and why it may matter."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import click

from commands.acts import Names
from commands.findings import BAD, NOTE, some
from commands.given import day
from commands.output import Printable, dump, say, say_hanging, say_wrapped
from commands.reading import json_flag
from commands.wiring import setup_of
from engine.audit import ALARMING, signs_in
from engine.signs import LATE_DAYS, Asked

if TYPE_CHECKING:
    from engine.errors import Parameter
    from engine.seen import Seen
    from engine.signs import Sign

DECIDED = "council.decided"
"""A body's decision binds like the steps that a table calls binding."""

OFFICES = frozenset({"office"})
"""What a sign is about that is an office, and called by its title."""


@click.command()
@click.option("--since", metavar="DATE", help="Only what was registered from that day on.")
@click.option("--late-days", type=click.IntRange(min=0), default=LATE_DAYS, show_default=True,
              help="How many days after its date an act may be registered.")  # fmt: skip
@json_flag
@click.pass_context
def audit(ctx: click.Context, *, since: str | None, late_days: int, as_json: bool) -> None:
    """Signs of trouble in the record: each with its events, why it may matter, and what to look at.

    It informs and judges nobody, so the exit code is 0 whatever it finds; `politirad verify` is the one that proves.
    """
    setup, first = setup_of(ctx), day(since, "--since")
    beat = setup.store.heartbeat()
    asked = Asked(setup.now, beat[0] if beat else None, late_days, binding_types())
    with setup.reading() as reader:
        signs, names = signs_in(reader.events(), asked, first), Names.of(setup, reader)
    if as_json:
        dump([_json(sign) for sign in signs])
        return
    if not signs:
        say(setup.words.phrase("no_signs"))
    for kind, found in groupby(signs, key=lambda sign: sign.kind):
        _say(names, kind, list(found))


def binding_types() -> frozenset[str]:
    """The types of the events that bind a party or an office."""
    from commands import tables

    steps = ((w.event_types, row.step) for w in tables.workflows() for row in w.rows if row.binding)
    return frozenset({types[step] for types, step in steps} | {DECIDED})


def _say(names: Names, kind: str, signs: list[Sign]) -> None:
    words = names.setup.words
    say(f"{BAD if kind in ALARMING else NOTE} {words.label('sign', kind)} ({len(signs)})")
    say_wrapped(words.label("sign_why", kind), indent=2)
    for sign in signs:
        say_hanging(f"    {_line(names, sign)}")


def _line(names: Names, sign: Sign) -> str:
    """One sign: what it is about, and its events as `politirad log` numbers them."""
    told = {name: _told(names, name, value) for name, value in sign.about.items()}
    said = names.setup.words.label("sign_line", sign.kind).format_map({**told, "number": len(sign.events)})
    places = some(dict.fromkeys(f"{one.case} {one.n}" for one in sign.events))
    return f"{places}: {said}" if places else said


def _told(names: Names, name: str, value: Parameter) -> str:
    """What a sign is about as people read it: persons by name, offices by title."""
    if value is None:
        return names.setup.words.phrase("none")
    if name == "person":
        return names.person(str(value)) or names.setup.words.phrase("erased")
    if name == "step":
        return str(value).replace("_", "-")
    return names.somebody(str(value)) if name in OFFICES else str(value)


def _json(sign: Sign) -> Printable:
    return {
        "kind": sign.kind, "alarming": sign.kind in ALARMING, "about": sign.about,
        "events": [_event_json(one) for one in sign.events],
    }  # fmt: skip


def _event_json(one: Seen) -> Printable:
    return {
        "case": one.case, "n": one.n, "type": one.type, "at": one.at, "on": one.on.isoformat() if one.on else None,
        "leaf": one.leaf,
    }  # fmt: skip
