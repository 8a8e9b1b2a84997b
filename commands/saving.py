"""Handing over what a command has written as a whole: to the terminal, or to a file that `--output` names."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import click

from commands.output import say
from engine.errors import UsageError

OUTPUT = click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write it to a file instead.")


def hand_over(text: str, output: Path | None, option: str = "--output") -> None:
    """Print a text, or write it to a file (UTF-8) and say so. Raises `UsageError` where it cannot be written.

    The text is the caller's: cleaned and escaped already, as its format demands. `option` is what names the file.
    """
    if output is None:
        click.echo(text, nl=not text.endswith("\n"))
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise unwritable(output, option, error.strerror) from error
    say(f"Written: {output}", error=True)


def check_writable(file: Path, option: str) -> None:
    """Raise `UsageError` for a file that could not be written, before the work that fills it begins."""
    if file.is_dir():
        raise unwritable(file, option, os.strerror(errno.EISDIR))
    if not file.parent.is_dir():
        raise unwritable(file, option, os.strerror(errno.ENOENT))
    if not os.access(file if file.exists() else file.parent, os.W_OK):
        raise unwritable(file, option, os.strerror(errno.EACCES))


def unwritable(file: Path, option: str, why: str | None) -> UsageError:
    """The error that a file cannot be written."""
    return UsageError(f"{file} cannot be written ({why}). Name another file with {option}.")
