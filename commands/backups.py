"""`politirad backup`: a copy of the whole database, made while others work, and the anchors a restore is checked by."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.output import say
from commands.upkeep import Progress
from commands.wiring import setup_of
from engine.disk import sync_folder, write
from engine.errors import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from store.backup import Head
    from workflows.words import Words


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Replace an earlier backup of that name, once the new one is whole.")
@click.pass_context
def backup(ctx: click.Context, *, target: Path, replace: bool) -> None:
    """Copy the database with all its councils to the file TARGET, while others go on working.

    The copy is checked before it gets its name. Beside it lies the newest checkpoint of each council as a note: keep
    that elsewhere, so that it can be told whether a backup is the newest one (`politirad restore --against`).

    The private key, the folder of letters, the lock and the settings are other files, and not part of it.
    """
    setup = setup_of(ctx)
    heads = setup.store.back_up(target, Progress("backup"), replace=replace)
    notes = tuple(_written(target, heads))
    say(setup.words.phrase("backup_made", file=str(target), size=target.stat().st_size))
    for line in (*head_lines(setup.words, heads), *(setup.words.phrase("backup_note", file=note) for note in notes)):
        say(line)
    say(setup.words.phrase("backup_without"))


def head_lines(words: Words, heads: Iterable[Head]) -> Iterator[str]:
    """What a database holds, a line for each council."""
    for head in heads:
        newest = (
            words.phrase("newest_checkpoint", size=head.newest.size) if head.newest else words.phrase("no_checkpoint")
        )
        yield words.phrase("backup_holds", council=head.council, origin=head.origin, events=head.events, newest=newest)


def _written(target: Path, heads: Iterable[Head]) -> Iterator[str]:
    """Write the newest checkpoints beside a backup; the names of their files."""
    for head in heads:
        if head.newest is not None:
            note = target.with_name(f"{target.name}.{head.council}.note")
            _write(note, str(head.newest.note))
            yield str(note)


def _write(note: Path, text: str) -> None:
    """Write a note whole or not at all. Raises `StoreUnavailableError`."""
    partial = note.with_name(f".{note.name}.partial")
    try:
        with partial.open("wb") as file:
            write(file, [text.encode()])
        partial.replace(note)
        sync_folder(note.parent)
    except OSError as error:
        raise StoreUnavailableError(
            f"The backup is whole, but {note} cannot be written beside it ({error.strerror})."
        ) from error
