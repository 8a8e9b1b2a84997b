"""Handing over what a command has written as a whole: to the terminal, or to a file that `--output` names."""

from __future__ import annotations

from pathlib import Path

import click

from engine.errors import UsageError

OUTPUT = click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write it to a file instead.")


def hand_over(text: str, output: Path | None) -> None:
    """Print a text, or write it to a file (UTF-8) and say so. Raises `UsageError` where it cannot be written.

    The text is the caller's: cleaned and escaped already, as its format demands.
    """
    if output is None:
        click.echo(text, nl=not text.endswith("\n"))
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{output} cannot be written ({error.strerror}). Name another file with --output.") from error
    click.echo(f"Written: {click.format_filename(output)}", err=True)
