"""`politirad keys`: the key that signs the log's checkpoints, and the witnesses whose cosignatures count.

The private key is a file of whoever runs the clock, named in the settings; it is never in the database. The public one
is announced in the log, and belongs into the agreement as an annex.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.entries import answer, entry_of, entry_options, register
from commands.output import Printable, dump, say, say_wrapped
from commands.reading import json_flag
from commands.vkeys import beside, verifier
from commands.wiring import setup_of
from engine.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from commands.given import Given
    from commands.wiring import Setup
    from engine.key import Verifier
    from engine.sealing import Sealed

KEY_FILE = "log.key"

file_option = click.option(
    "--file", "file", type=click.Path(path_type=Path), default=KEY_FILE, show_default=True, metavar="FILE",
    help="Where the private key is kept: outside the database, and readable by its owner alone.",
)  # fmt: skip


@click.group(no_args_is_help=True)
def keys() -> None:
    """The key that signs checkpoints of the log, and the witnesses whose cosignatures count."""


@entry_options()
@keys.command(name="new")
@file_option
@click.pass_context
def new(ctx: click.Context, /, *, file: Path, **given: object) -> None:
    """Make the log's key, announce its public half in the log, and say what to write into politirad.toml."""
    setup = setup_of(ctx)
    with setup.reading() as reader:
        if reader.announced().log:
            raise UsageError("The log has a key already (`politirad keys show`). `politirad keys rotate` changes it.")
    _announce(setup, given, lambda: _made(setup, file, given))
    say_wrapped(setup.words.phrase("key_made", file=str(file)))


@entry_options()
@keys.command()
@click.pass_context
def announce(ctx: click.Context, /, **given: object) -> None:
    """Announce the key that the settings name in this council's log: another council of the database has its own."""
    setup = setup_of(ctx)
    _announce(setup, given, lambda: _seed(setup))


@keys.command()
@json_flag
@click.pass_context
def show(ctx: click.Context, *, as_json: bool) -> None:
    """Show the public keys that the log announces, and whether this process has the newest private one."""
    setup = setup_of(ctx)
    with setup.reading() as reader:
        announced, newest = reader.announced(), reader.newest_checkpoint()
    ours = _own(setup) if setup.settings.log_key else None
    if as_json:
        lines: Printable = [str(key) for key in announced.log]
        witnesses: Printable = [str(key) for key in announced.witnesses]
        dump({"log": lines, "witnesses": witnesses, "ours": str(ours) if ours else None,
              "newest_checkpoint": newest.size if newest else None})  # fmt: skip
        return
    words = setup.words
    for name, found in (("log_keys", announced.log), ("witness_keys", announced.witnesses)):
        say(f"{words.phrase(name)}:")
        for key in found or ():
            say(f"  {key}")
        if not found:
            say(f"  {words.phrase('none')}")
    has = ours is not None and announced.log[-1:] == (ours,)
    say_wrapped(words.phrase("key_is_here" if has else "key_is_not_here"))
    say_wrapped(words.phrase("newest_checkpoint", size=newest.size) if newest else words.phrase("no_checkpoint"))


@entry_options(without=["dry_run"])
@keys.command()
@click.option("--file", "file", type=click.Path(path_type=Path), required=True, metavar="FILE",
              help="Where the new private key is to be kept.")  # fmt: skip
@click.pass_context
def rotate(ctx: click.Context, /, *, file: Path, **given: object) -> None:
    """Change the log's key: the new one is announced, and both sign one checkpoint. The old one signs alone no more.

    Broken off, it can be repeated with the same FILE.
    """
    from engine.rotation import rotated

    setup = setup_of(ctx)
    entry, old = entry_of(setup, given), _seed(setup)
    new_ = _left_or_made(setup, file, given)
    sealed: list[Sealed] = []
    receipt = setup.service.register(setup.council, lambda run: sealed.append(rotated(run, old, new_, entry)))
    if receipt.events or given["as_json"]:
        announced = setup.words.phrase("key_announced", vkey=str(_public(setup, new_)))
        answer(setup, receipt, given, announced)
    for one in () if given["as_json"] else sealed[-1:]:  # of a transaction run anew, the last attempt's
        say_wrapped(setup.words.phrase("key_rotated", size=one.size, file=str(file)))


@entry_options()
@keys.command()
@click.argument("vkey")
@click.pass_context
def trust(ctx: click.Context, /, *, vkey: str, **given: object) -> None:
    """Announce a witness by its public key VKEY (or its .vkey file), as `politirad witness new` makes it."""
    from engine.announcing import trust_witness
    from engine.key import Kind

    setup, witness = setup_of(ctx), verifier(vkey)
    if witness.kind is not Kind.WITNESS:
        raise UsageError("This is the key of a log, not of a witness. `politirad witness new` makes one.")
    entry = entry_of(setup, given)
    sentence = setup.words.phrase("witness_trusted", name=witness.name)
    register(setup, lambda run: trust_witness(run, str(witness), entry), given, sentence)


def _announce(setup: Setup, given: Given, seed: Callable[[], bytes]) -> None:
    from engine.announcing import announce_key

    entry, vkey = entry_of(setup, given), str(_public(setup, seed()))
    sentence = setup.words.phrase("key_announced", vkey=vkey)
    register(setup, lambda run: announce_key(run, vkey, entry), given, sentence)


def _made(setup: Setup, file: Path, given: Given) -> bytes:
    """The seed of a key that is new, kept in its file unless this is a rehearsal."""
    from engine.keyfile import create

    seed = setup.entropy.token(32)
    if not given.get("dry_run"):
        create(file, seed)
        _keep_public(setup, file, seed)
    return seed


def _left_or_made(setup: Setup, file: Path, given: Given) -> bytes:
    """The seed that a rotation which was broken off has left in a file, else one that is new and kept there."""
    from engine.keyfile import read

    if not file.exists():
        return _made(setup, file, given)
    seed = read(file)
    _keep_public(setup, file, seed)
    return seed


def _keep_public(setup: Setup, file: Path, seed: bytes) -> None:
    beside(file).write_text(f"{_public(setup, seed)}\n", encoding="utf-8")


def _seed(setup: Setup) -> bytes:
    from engine.keyfile import read

    if (file := setup.settings.log_key) is None:
        raise ConfigurationError(f'log_key is missing in {setup.settings.file.name}: write log_key = "{KEY_FILE}".')
    return read(file)


def _public(setup: Setup, seed: bytes) -> Verifier:
    from engine.key import Kind, Signer

    with setup.reading() as reader:
        return Signer(reader.council().origin, Kind.LOG, seed).verifier()


def _own(setup: Setup) -> Verifier:
    return _public(setup, _seed(setup))
