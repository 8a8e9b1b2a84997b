"""`politirad witness` at the other party, which needs no database, and `politirad import-cosignature` at the council.

By file or by mail: the council sends an export, the witness sends back one small file, and nobody runs a service.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.exporting import note_in
from commands.output import say, say_wrapped
from commands.upkeep import Progress
from commands.vkeys import beside, verifier
from commands.wiring import setup_of
from engine.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from commands.wiring import Setup
    from engine.key import Signer
    from engine.witness import Seen
    from workflows.words import Words

FILE = click.Path(path_type=Path)

dry_run_option = click.option("--dry-run", is_flag=True, help="Check it and show what would be done; write nothing.")


@click.group(no_args_is_help=True)
def witness() -> None:
    """Be the other party's witness: check an export against your own memory, and cosign it. Needs no database."""


@witness.command(name="new")
@click.option("--name", required=True, metavar="NAME", help="Your name as a witness, like vitne.politiet.example/sor.")
@click.option("--key", "file", type=FILE, required=True, metavar="FILE", help="Where your private key is to be kept.")
@click.pass_context
def new(ctx: click.Context, *, name: str, file: Path) -> None:
    """Make your key, readable by you alone; its public half is printed, and kept beside it in FILE.vkey."""
    from engine import keyfile
    from engine.key import Kind, Signer

    setup = setup_of(ctx)
    signer = Signer(name, Kind.WITNESS, setup.entropy.token(32))
    vkey = str(signer.verifier())  # before anything is written: a name may be refused
    keyfile.create(file, signer.seed)
    _write(beside(file), f"{vkey}\n")
    say_wrapped(setup.words.phrase("witness_made", file=str(file)))
    say(vkey)


@witness.command()
@click.argument("export", type=FILE)
@click.option("--key", "file", type=FILE, required=True, metavar="FILE", help="Your private key.")
@click.option("--memory", type=FILE, required=True, metavar="FILE", help="Where you remember what you cosigned.")
@click.option("--log-key", "log_keys", multiple=True, metavar="VKEY",
              help="The log's public key, from the agreement's annex: needed the first time.")  # fmt: skip
@click.option("--lost-events", "lost", type=click.IntRange(min=0), default=0, metavar="NUMBER",
              help="Cosign a restored log although so many events that you vouched for are gone from it.")  # fmt: skip
@click.option("--output", type=FILE, metavar="FILE", help="Where the cosigned checkpoint goes, if not into EXPORT.")
@dry_run_option
@click.pass_context
def cosign(
    ctx: click.Context, *, export: Path, file: Path, memory: Path, log_keys: tuple[str, ...], lost: int,
    output: Path | None, dry_run: bool,
) -> None:  # fmt: skip
    """Check EXPORT, that it continues what you remember of the log, and cosign its newest checkpoint.

    Refused with exit code 10 where the log was rewritten or forked, and 11 where it was shortened. A log that was
    restored from an older copy is shortened too: it is cosigned once you say with --lost-events what is gone.
    """
    from engine.memory import alone, recall, remember
    from engine.witness import cosigned, look

    setup, signer, told = setup_of(ctx), _signer(file), tuple(map(verifier, log_keys))
    with alone(memory):
        logs = recall(memory)
        seen = look(export, logs, told, Progress("cosign"), own=signer.verifier(), lost=lost)
        note = cosigned(seen, signer, int(setup.now.timestamp()))
        if not dry_run:
            remember(memory, {**logs, seen.newest.origin: seen.remembered})
            output = output or _place(export, seen.newest.size)
            _write(output, str(note))
    _say_cosigned(setup, seen, output if not dry_run else None)


@click.command(name="import-cosignature")
@click.argument("file", type=FILE)
@dry_run_option
@click.pass_context
def import_cosignature(ctx: click.Context, *, file: Path, dry_run: bool) -> None:
    """Take in the cosigned checkpoint FILE that a witness sent; taking it in twice changes nothing."""
    from engine.cosignature import cosignatures

    setup, note = setup_of(ctx), note_in(file)
    with setup.reading() as reader:
        found = cosignatures(reader, reader.council().origin, note)
    if found.new and not dry_run:
        with setup.store.write(setup.council) as tx:
            for signature in found.new:
                tx.add_signature(found.size, signature)
    names = ", ".join(dict.fromkeys(one.name for one in found.lines))
    phrase = "cosignature_taken_in" if found.new else "cosignature_known"
    say_wrapped(setup.words.phrase(phrase, name=names, size=found.size))
    if found.unknown:
        say_wrapped(setup.words.phrase("cosignature_unknown", name=", ".join(found.unknown)))
    if dry_run:
        say_wrapped(setup.words.phrase("nothing_written"))


def _say_cosigned(setup: Setup, seen: Seen, written: Path | None) -> None:
    words, newest = setup.words, seen.newest
    for line in _vouched_lines(words, seen):
        say_wrapped(line)
    if seen.report.events > newest.size:
        say_wrapped(words.phrase("log_goes_on", events=seen.report.events - newest.size))
    if seen.rekeyed:
        say_wrapped(words.phrase("log_rekeyed"))
    say_wrapped(words.phrase("cosigned", file=str(written)) if written else words.phrase("nothing_written"))


def _vouched_lines(words: Words, seen: Seen) -> Iterator[str]:
    """What is vouched for now, and what was found of its past by what is remembered: no more than was checked."""
    origin, size, root, earlier = seen.newest.origin, seen.newest.size, seen.newest.root.hex(), seen.earlier
    if earlier is not None:
        yield words.phrase("log_restored", origin=origin, was=earlier.checkpoint.origin)
        how = "log_kept" if not earlier.lost else "log_lost" if earlier.left else "log_lost_all"
        yield words.phrase(how, size=earlier.checkpoint.size, lost=earlier.lost, left=earlier.left)
        if earlier.lost and seen.shown:
            yield words.phrase("log_shown", shown=seen.shown)
    elif not seen.is_known:
        yield words.phrase("log_first_seen", origin=origin)
        if seen.others:
            yield words.phrase("log_others", names=", ".join(seen.others))
    yield words.phrase("log_continues" if seen.is_known else "log_vouched_for", origin=origin, size=size, root=root)


def _signer(file: Path) -> Signer:
    """The witness whose private key is in a file. Raises `ConfigurationError`."""
    from engine import keyfile
    from engine.key import Kind, Signer

    seed, half = keyfile.read(file, Kind.WITNESS), beside(file)
    try:
        public = verifier(str(half))
    except (UsageError, ConfigurationError) as error:
        raise ConfigurationError(
            f"{half} cannot be read: it holds your name and public key, as `politirad witness new` printed it."
        ) from error
    signer = Signer(public.name, Kind.WITNESS, seed)
    if signer.verifier() != public:
        raise ConfigurationError(f"{half} is not the public half of {file}. Put the two that belong together there.")
    return signer


def _place(export: Path, size: int) -> Path:
    """Where a cosigned checkpoint goes in an export."""
    from engine.folder import COSIGNED, note_name

    return export / COSIGNED / note_name(size)


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be written ({error.strerror}). Name another file with --output.") from error
