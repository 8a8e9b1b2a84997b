"""`politirad person erase`: a person is forgotten in every table beside the log, and in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from commands.entries import answer, entry_of, entry_options
from commands.output import dump, say, say_wrapped
from commands.wiring import setup_of
from engine.errors import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from commands.given import Given
    from commands.wiring import Setup
    from engine.erasure import Said, Traces
    from engine.ports import Person

MOST = 20
"""Places of the record that are named of one kind."""


@entry_options()
@click.command()
@click.argument("handle")
@click.option("--remarks", is_flag=True, help="Also every remark the person wrote: the record loses those reasons.")
@click.option("--naming", is_flag=True, help="Also remarks of others that have the person's full name in them.")
@click.pass_context
def erase(ctx: click.Context, /, *, handle: str, remarks: bool, naming: bool, **given: object) -> None:
    """Erase the person with HANDLE for good: name, handle, address, logins, and what letters say of them.

    The log stays whole: it knows the person by a random id only, and everything shows the office and "erased".
    The file is then written anew, so that the bytes are gone from it; on a server, the tables that held them, while
    its own log, replicas and backups keep them until they are recycled. Out of reach are documents, earlier copies of
    the file, mail that was sent, and the name in letters to somebody else. An erased person's id does the last part
    again.
    """
    from engine.erasure import is_erased, traces_of

    setup = setup_of(ctx)
    with setup.reading() as reader:
        found = reader.person(handle)
        traces = traces_of(reader, found)
    if not is_erased(found):
        taken = (*(traces.written if remarks else ()), *(traces.naming if naming else ()))
        _erase(setup, found, taken, given)
        if not given["as_json"]:
            _tell_of_the_rest(setup, traces, taken)
    elif given["as_json"]:
        dump({"events": [], "owed": [], "repeated": True, "dry_run": given["dry_run"] is True})
    if not given["dry_run"]:
        _purge(setup, found, quiet=bool(given["as_json"]))


def _erase(setup: Setup, found: Person, taken: Iterable[Said], given: Given) -> None:
    from engine.erasure import erase as forget

    entry, remarks = entry_of(setup, given), tuple(dict.fromkeys(taken))
    receipt = setup.service.register(
        setup.council, lambda run: forget(run, found, remarks, entry), dry_run=bool(given["dry_run"])
    )
    answer(setup, receipt, given, setup.words.phrase("person_erased", id=found.id, remarks=len(remarks)))


def _purge(setup: Setup, found: Person, *, quiet: bool) -> None:
    """Write the file, or the tables on a server, anew. Raises `StoreUnavailableError` saying how to do it later."""
    try:
        setup.store.purge()
    except StoreUnavailableError as error:
        raise StoreUnavailableError(
            f"{found.id} is erased from the record, but the database still holds traces of it: {error} To try it "
            f"again, type: politirad person erase {found.id}"
        ) from error
    if not quiet:
        anew = "tables_purged" if setup.is_on_server else "file_purged"
        say(setup.words.phrase(anew, file=setup.database_name))


def _tell_of_the_rest(setup: Setup, traces: Traces, taken: Iterable[Said]) -> None:
    """What still tells of the person: remarks that were not asked for, and public texts, which nobody can erase."""
    gone = set(taken)
    left = (
        ("remarks_kept", [said for said in traces.written if said not in gone]),
        ("remarks_naming", [said for said in traces.naming if said not in gone]),
        ("named_in_the_log", list(traces.public)),
    )
    for phrase, places in left:
        if places:
            say_wrapped(setup.words.phrase(phrase, number=len(places), places=_named(places)))


def _named(places: list[Said]) -> str:
    shown = ", ".join(dict.fromkeys(f"{place.case} {place.n}" for place in places[:MOST]))
    return f"{shown} …" if len(places) > MOST else shown
