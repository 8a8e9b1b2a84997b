"""`politirad person key`: the public keys that a person's signatures are checked with. Keys are made by `ssh-keygen`.

The log keeps the key without its comment, because that may name a person, and nobody can erase it there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from commands.entries import entry_of, entry_options, register
from commands.given import day
from commands.output import Printable, dump, say, table
from commands.register_names import shown
from commands.signed import content_of
from commands.wiring import setup_of
from engine.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from commands.given import Given
    from commands.wiring import Setup
    from engine.ports import Person
    from engine.signers import SigningKey


@entry_options()
@click.command()
@click.argument("handle")
@click.option("--file", "file", metavar="FILE", help="The public key to register: the file that ends in .pub.")
@click.option("--from", "since", metavar="DATE", help="The first day it is good for; today if left out.")
@click.option("--until", metavar="DATE", help="The last day it is good for; until further notice if left out.")
@click.option("--revoke", metavar="FINGERPRINT", help="The key not to be trusted any more, as the list shows it.")
@click.option("--on", metavar="DATE", help="The first day it is not trusted; today if left out. With --revoke.")
@click.pass_context
def key(ctx: click.Context, /, **given: object) -> None:
    """List the keys of the person with HANDLE, register one, or revoke one.

    Whoever shall sign makes a key (ssh-keygen -t ed25519) and hands over the file that ends in .pub.
    """
    setup = setup_of(ctx)
    with setup.reading() as reader:
        person = shown(reader.person(str(given["handle"])), setup)
    _check_options(given)
    if given["file"] is not None:
        _register(setup, person, given)
    elif given["revoke"] is not None:
        _revoke(setup, person, given)
    else:
        _list(setup, person, as_json=bool(given["as_json"]))


def _check_options(given: Given) -> None:
    """Registering and revoking are two things. Raises `UsageError`."""
    registering, revoking = given["file"] is not None, given["revoke"] is not None
    if registering and revoking:
        raise UsageError("Give either --file, to register a key, or --revoke, to revoke one.")
    if not registering and (given["since"] or given["until"]):
        raise UsageError("--from and --until say how long a new key is good: add --file FILE.")
    if given["on"] and not revoking:
        raise UsageError("--on says from when a key is not trusted: add --revoke FINGERPRINT.")


def _register(setup: Setup, person: Person, given: Given) -> None:
    from engine.key_entries import register_key
    from engine.signers import SigningKey
    from engine.ssh_wire import public_key_of

    public = content_of("--file", str(given["file"]), public_key_of)
    since, until = (day(_written(given, name), option) for name, option in (("since", "--from"), ("until", "--until")))
    new = SigningKey(person.id, str(public), since or setup.today, until)
    entry = entry_of(setup, given)
    sentence = setup.words.phrase("key_registered", name=person.name or person.handle, key=public.fingerprint)
    register(setup, lambda run: register_key(run, new, entry), given, sentence)


def _revoke(setup: Setup, person: Person, given: Given) -> None:
    from engine.key_entries import revoke_key
    from engine.signers import Revocation

    on = day(_written(given, "on"), "--on") or setup.today
    revocation, entry = Revocation(person.id, str(given["revoke"]), on), entry_of(setup, given)
    sentence = setup.words.phrase("key_revoked", key=revocation.fingerprint, on=on)
    register(setup, lambda run: revoke_key(run, revocation, entry), given, sentence)


def _written(given: Given, name: str) -> str | None:
    value = given[name]
    return None if value is None else str(value)


def _list(setup: Setup, person: Person, *, as_json: bool) -> None:
    from engine.signers import keys_on_record

    with setup.reading() as reader:
        own = {name: one for name, one in keys_on_record(reader).items() if one.person == person.id}
    if as_json:
        dump([_json(name, one) for name, one in own.items()])
    elif own:
        _print(setup, own)
    else:
        say(setup.words.phrase("no_keys", handle=person.handle))


def _print(setup: Setup, own: Mapping[str, SigningKey]) -> None:
    words = setup.words
    endless = words.phrase("until_further_notice")
    rows = [
        (
            name,
            words.phrase("period", since=one.since, until=one.until or endless),
            words.phrase("not_trusted", since=one.revoked) if one.revoked else "",
        )
        for name, one in own.items()
    ]
    table((words.phrase("key"), words.phrase("in_period"), words.phrase("mind")), rows)


def _json(fingerprint: str, one: SigningKey) -> Printable:
    until, revoked = (day_.isoformat() if day_ else None for day_ in (one.until, one.revoked))
    return {
        "fingerprint": fingerprint, "key": one.key, "from": one.since.isoformat(), "until": until, "revoked": revoked,
    }  # fmt: skip
