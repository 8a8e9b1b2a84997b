"""`politirad play FILE`: run a file of commands, for instance to bring in a council in the middle of its life."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.output import say, say_wrapped
from commands.stage import Stage
from commands.story import acts_of, read_play
from commands.wiring import setup_of

if TYPE_CHECKING:
    from commands.story import Act

LONG = 50
"""So many commands are not shown one by one in a terminal, where a progress bar tells more."""


@dataclass(frozen=True, slots=True)
class Reader:
    """An audience that reads what each command answers."""

    def narrated(self, text: str) -> None:
        """Print it."""
        say_wrapped(text)

    def done(self, act: Act, output: str) -> None:  # noqa: ARG002  # the answer names what was done
        """Print the answer."""
        click.echo(output, nl=False)

    def refused(self, act: Act, reasons: Sequence[str]) -> None:  # noqa: ARG002  # the first reason names the step
        """Print the reasons."""
        for reason in reasons:
            say(reason)


@dataclass(frozen=True, slots=True)
class Bystander:
    """An audience that only sees how far the play has come."""

    tell: Callable[[], None]

    def narrated(self, text: str) -> None:
        """Nothing to see."""

    def done(self, act: Act, output: str) -> None:  # noqa: ARG002  # an Audience hears everything
        """One more command."""
        self.tell()

    def refused(self, act: Act, reasons: Sequence[str]) -> None:  # noqa: ARG002  # an Audience hears everything
        """One more command."""
        self.tell()


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only check every line; run none.")
@click.pass_context
def play(ctx: click.Context, *, file: Path, dry_run: bool) -> None:
    """Run the commands in FILE, one to a line, as if they were typed after `politirad`.

    `# …` is a comment, `> …` is said aloud, `as HANDLE` names who acts from there on, `! command` must be refused,
    `include FILE` takes in another file; a backslash carries a line on. Files are named from FILE's own folder.

    Every malformed line is reported before the first command runs. A command that fails stops the play; put it right
    and play the file again: what was done before is answered, not done twice.
    """
    root = ctx.find_root().command
    if not isinstance(root, click.Group):
        raise TypeError("play runs under the group of all commands")
    stage, lines = Stage(root, replace(setup_of(ctx))), read_play(file)
    stage.check(lines)
    commands = len(acts_of(lines))
    if dry_run:
        say(f"{file.name}: every line reads well; {commands} commands. Nothing was run (--dry-run).")
        return
    if commands > LONG and sys.stdout.isatty():
        with click.progressbar(length=commands, label=file.name) as bar:
            stage.play(lines, Bystander(lambda: bar.update(1)))
    else:
        stage.play(lines, Reader())
    say(f"{file.name}: {commands} commands were run.")
