"""`politirad init`: from a council's TOML file to a database, its first person, and settings for this folder."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from commands.configuration import written
from commands.given import day
from commands.identities import new_person
from commands.output import say
from commands.wiring import setup_of
from engine.database_url import DatabaseUrl
from engine.disk import at_once
from engine.errors import NotFoundError, UsageError
from engine.field import given as parsed
from engine.field import parse_id

if TYPE_CHECKING:
    from commands.wiring import Setup
    from engine.event import Facts
    from store import SqlStore
    from workflows.council import Council

EXAMPLE = "council.toml"

ABOUT = f"""\
A council begins with a TOML file: its organisations, offices, bodies, parties, seats and rules.
`politirad init --example` writes the shipped example, Regionalt politiråd Trøndelag Sør, to {EXAMPLE}.
Change it to be your own, then: politirad init {EXAMPLE} --name "Kari Nordmann" --handle kari
(you: whoever keeps the council's papers)."""


@click.command()
@click.argument("council_file", metavar="[COUNCIL.TOML]", required=False)
@click.option("--name", metavar="TEXT", help="Your full name: whoever keeps the council's papers. Erasable.")
@click.option("--handle", metavar="WORD", help="Your short name on the command line; your first name if left out.")
@click.option("--email", metavar="ADDRESS", help="Your address. Erasable.")
@click.option("--since", metavar="DATE", help="When you took the office; today if left out.")
@click.option("--id", "id_", metavar="ID", help="What to call the council here; from its origin if left out.")
@click.option("--rule", "rules", metavar="NAME=VALUE", multiple=True, help="A rule unlike the file's [profile].")
@click.option("--dry-run", is_flag=True, help="Read the file and say whether it is in order; write nothing.")
@click.option("--example", is_flag=True, help=f"Write the shipped example to {EXAMPLE} and do nothing else.")
@click.pass_context
def init(  # the options speak for themselves
    ctx: click.Context, *, council_file: str | None, name: str | None, handle: str | None, email: str | None,
    since: str | None, id_: str | None, rules: tuple[str, ...], dry_run: bool, example: bool,
) -> None:  # fmt: skip
    """Open a council: make its database from a TOML file.

    The person named gets the secretariat's office and may register everything else. A second council can be opened
    in the same database.
    """
    if example:
        write_example(Path(EXAMPLE))
        return
    if council_file is None:
        raise UsageError(ABOUT)
    setup = setup_of(ctx)
    council = read_council(Path(council_file), read_rules(rules))
    known_as = parsed("--id", parse_id, id_) if id_ else default_id(council.origin)
    if name is None:
        raise UsageError('--name is missing: your full name, as whoever keeps the papers. --name "Kari Nordmann"')
    began = day(since, "--since") or setup.today
    if began > setup.today:
        raise UsageError(f"--since {began} is in the future; until then nobody could keep the council's record.")
    if dry_run:
        say(f"{council_file} is in order: {known_as} ({council.origin}). Nothing was written (--dry-run).")
        return
    store = setup.open_store(create=True)
    service = setup.service_over(store)
    person = new_person(service, name, handle, email, asked="--name")
    _refuse_twice(store, known_as, council.origin)
    service.open(known_as, document_of(council), person, council.register.secretariat, began)
    say(f"Opened {known_as} ({council.origin}) in {setup.settings.database}.")
    say(f"{person.name} ({person.handle}) holds {council.register.secretariat} from {began}.")
    _write_settings(setup, known_as, person.handle, council)
    say("Next: politirad person add, politirad office assign, then politirad new agreement.")


def write_example(target: Path) -> None:
    """Write the shipped council to a file. Raises `UsageError` where there is one already."""
    if target.exists():
        raise UsageError(f"{target} exists already. Move it away, or run init in another folder.")
    example = files("workflows").joinpath("examples", "trondelag_sor", "council.toml")
    target.write_bytes(example.read_bytes())
    say(f'Wrote {target}. Change it to be your own, then: politirad init {target} --name "Your Name"')


def read_rules(rules: Sequence[str]) -> dict[str, object]:
    """Rules of the profile written as in the file, `NAME=VALUE`. Raises `UsageError`."""
    try:
        return tomllib.loads("\n".join(rules))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"--rule: {error}. Write it as in the file: amend_before_adoption=false.") from None


def read_council(path: Path, rules: Mapping[str, object] | None = None) -> Council:
    """The council in a file, with some rules unlike it.

    Raises `CouncilError` with every mistake, `NotFoundError`, `UsageError`.
    """
    from workflows.council import load_council

    try:
        with open(path, encoding="utf-8", opener=at_once) as file:
            text = file.read()
    except FileNotFoundError:
        raise NotFoundError(f"There is no file {path}. `politirad init --example` writes one to start from.") from None
    except IsADirectoryError:
        raise UsageError(f"{path} is a folder. Name the council's TOML file in it.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not text in UTF-8. Save it as UTF-8.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    return load_council(text, str(path), rules)


def document_of(council: Council) -> Facts:
    """A council as its log keeps it: plain JSON, every rule written out."""
    document: Facts = msgspec.json.decode(msgspec.json.encode(council))
    return document


def default_id(origin: str) -> str:
    """What to call a council: the last part of its origin, `politirad.example/trondelag-sor` → trondelag_sor."""
    return re.sub(r"[^a-z0-9]+", "_", origin.rpartition("/")[2]).strip("_")


def _refuse_twice(store: SqlStore, id_: str, origin: str) -> None:
    for known in store.councils():
        with store.read(known) as reader:
            taken = reader.council().origin
        if known == id_:
            raise UsageError(f"The council {id_} is here already. `politirad profile set FILE` changes its rules.")
        if taken == origin:
            raise UsageError(f"The origin {origin} is that of {known} already. Give every council one of its own.")


def _write_settings(setup: Setup, council_id: str, handle: str, council: Council) -> None:
    file, database = setup.settings.file, setup.settings.database
    if file.exists():
        say(f"{file.name} is left as it is; choose this council with --council {council_id}.")
        return
    named = str(database) if isinstance(database, DatabaseUrl) else _relative(database.resolve(), file.resolve().parent)
    file.write_text(written(named, council_id, handle, setup.settings.language or council.language), encoding="utf-8")
    say(f"Wrote {file.name}: this database, this council, you.")


def _relative(database: Path, folder: Path) -> str:
    """A path as it is written into the settings of a folder: relative where it lies in it."""
    return (database.relative_to(folder) if database.is_relative_to(folder) else database).as_posix()
