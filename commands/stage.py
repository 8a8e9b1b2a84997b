"""Where a play is performed: each line goes through the same command line a person types on, in one process.

Each command is a transaction of its own. A line that fails stops the play; the lines before it stay done, and can be
played again safely, because every line carries a key of its own to each command that takes one. A line expected to
be refused is rehearsed first, so that it is never done by mistake where the rules would let it pass.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Sequence
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass, replace
from datetime import datetime
from io import StringIO
from typing import Protocol, runtime_checkable

import click

from commands.faults import explained
from commands.output import say
from commands.pens import Pens
from commands.story import Act, Entrance, Line, Moment, Narration, Pen, PlayFileError
from commands.wiring import Setup
from engine.errors import PolitiradError, Refused, UsageError
from engine.register import Language

_FALLBACKS: dict[Language, tuple[Language, ...]] = {
    "nb": ("nb", "nn", "en"), "nn": ("nn", "nb", "en"), "en": ("en", "nb", "nn")
}  # fmt: skip


@runtime_checkable
class MovableClock(Protocol):
    """A clock that a play may set. No setting of the program leads to one; the demo and the tests bring theirs."""

    def now(self) -> datetime:
        """Where it stands, UTC."""

    def move_to(self, instant: datetime) -> None:
        """Set it to an instant, UTC."""


class Audience(Protocol):
    """Who sees a play, and tells of it."""

    def narrated(self, text: str) -> None:
        """Something was said."""

    def done(self, act: Act, output: str) -> None:
        """A command was run, and printed this."""

    def refused(self, act: Act, reasons: Sequence[str]) -> None:
        """A command was refused, as expected."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of a command: what it printed, and why it failed, if it did."""

    output: str
    error: Exception | None


@dataclass
class Stage:
    """The command line and what it works with. The setup is the stage's own: its person changes with the play.

    Without pens, as where a machine has no `ssh-keygen`, what is to be signed is done unsigned.
    """

    root: click.Group
    setup: Setup
    pens: Pens | None = None

    def check(self, lines: Iterable[Line]) -> None:
        """Read every command as far as its options, without running any. Raises `PlayFileError` with every fault."""
        faults = [fault for line in lines for fault in self._faults(line)]
        if faults:
            raise PlayFileError(*faults)

    def play(self, lines: Sequence[Line], audience: Audience) -> None:
        """Perform the lines in order. A failing line is named on stderr, and its error leaves this method."""
        heard = _language_heard(lines, self.setup.language)
        for line in lines:
            match line:
                case Narration(text, language) if language in (None, heard):
                    audience.narrated(text)
                case Moment(_, instant) if isinstance(self.setup.clock, MovableClock):
                    self.setup.clock.move_to(instant)
                case Entrance(handle):
                    self.setup.settings = replace(self.setup.settings, person=handle)
                case Pen() if self.pens is not None:
                    self._hand_out(line, self.pens, audience)
                case Act():
                    self._perform(line, audience)

    def _perform(self, act: Act, audience: Audience) -> None:
        if act.expects_refusal:
            self._be_refused(act, audience)
            return
        signature = self._signature(act, self.pens) if act.is_signed and self.pens is not None else ()
        self._do(act, audience, *signature, *_with_key(act, _options(self._leaf(act)[0])))

    def _do(self, act: Act, audience: Audience, *more: str) -> None:
        outcome = self._run(act, *more)
        if outcome.error is not None:
            raise _stopped(act, outcome)
        audience.done(act, outcome.output)

    def _hand_out(self, pen: Pen, pens: Pens, audience: Audience) -> None:
        """Make a key, and register it: without a key of its own to the command, whose hash would tell the folder."""
        words = ("person", "key", pen.handle, "--file", str(pens.new(pen.handle)))
        self._do(Act(pen.place, words, expects_refusal=False, key=""), audience)

    def _signature(self, act: Act, pens: Pens) -> tuple[str, str]:
        """The option that hands in a signature: the statement of an act is written, and signed by whoever acts."""
        _, step, case, *options = act.words
        file = pens.folder / f"{case}-{step}.statement"
        asked = replace(act, words=("statement", case, step, *options, "--output", str(file), "--json"))
        written = self._run(asked)
        if written.error is not None:
            raise _stopped(asked, written)
        namespace = str(json.loads(written.output)["namespace"])
        return "--signature", pens.sign(str(self.setup.settings.person), file, namespace)

    def _be_refused(self, act: Act, audience: Audience) -> None:
        outcome = self._run(act, "--dry-run")
        if isinstance(outcome.error, Refused):
            outcome = self._run(act)
        if outcome.error is None:
            outcome = replace(outcome, error=UsageError("It was expected to be refused (`!`), and the rules allow it."))
        if not isinstance(outcome.error, Refused):
            raise _stopped(act, outcome)
        audience.refused(act, explained(outcome.error)[0])

    def _run(self, act: Act, *more: str) -> _Outcome:
        printed = StringIO()
        with chdir(act.place.file.parent), redirect_stdout(printed):
            try:
                code = self.root.main([*act.words, *more], prog_name="politirad", standalone_mode=False, obj=self.setup)
            except Exception as error:  # noqa: BLE001  # whatever it is, the line it came from is named first
                return _Outcome(printed.getvalue(), error)
        failed = isinstance(code, int) and code != 0
        return _Outcome(printed.getvalue(), click.exceptions.Exit(code) if failed else None)

    def _faults(self, line: Line) -> list[str]:
        match line:
            case Moment(place) if not isinstance(self.setup.clock, MovableClock):
                return [f"{place}: only the demo may set the clock; give the commands --on DATE instead"]
            case Pen(place) | Act(place, is_signed=True) if not isinstance(self.setup.clock, MovableClock):
                return [f"{place}: only the demo has keys of others; sign with ssh-keygen, and give --signature FILE"]
            case Act(place):
                try:
                    context, rest = self._leaf(line)
                    context.command.parse_args(context, rest)
                    if line.expects_refusal and "--dry-run" not in _options(context):
                        return [f"{place}: `!` stands before a command that takes --dry-run"]
                except (PolitiradError, click.ClickException) as error:
                    return [f"{place}: {fault}" for fault in explained(error)[0]]
        return []

    def _leaf(self, act: Act) -> tuple[click.Context, list[str]]:
        """The command that a line's words lead to, in its context, and the words left for its options."""
        context, words = click.Context(self.root, info_name="politirad", obj=self.setup), list(act.words)
        while isinstance(context.command, click.Group):
            if context.parent and context.command.invoke_without_command and (not words or words[0].startswith("-")):
                break  # such as `letters --limit 5`, which lists, beside `letters show L-5`
            if not words:
                raise UsageError(f"`{context.command_path}` goes on with one of its commands.")
            name, command, words = context.command.resolve_command(context, words)
            context = click.Context(command or context.command, info_name=name, parent=context)
        return context, words


def _language_heard(lines: Iterable[Line], reader: Language) -> Language | None:
    """The language of the narration for a reader: their own, else the nearest one that is spoken."""
    spoken = {line.language for line in lines if isinstance(line, Narration)}
    return next((language for language in _FALLBACKS[reader] if language in spoken), None)


def _options(context: click.Context) -> set[str]:
    """The options of a command that every changing command shares by name; a `--key` that names a file is another."""
    shared = (parameter for parameter in context.command.params if parameter.name in {"key", "dry_run"})
    return {option for parameter in shared for option in parameter.opts}


def _with_key(act: Act, options: set[str]) -> tuple[str, ...]:
    return ("--key", act.key) if "--key" in options and "--key" not in act.words else ()


def _stopped(act: Act, outcome: _Outcome) -> Exception:
    """The error to leave a play with, after the line it comes from was named."""
    click.echo(outcome.output, nl=False)
    say(f"{act.place}: politirad {shlex.join(act.words)}", error=True)
    return outcome.error or RuntimeError(f"{act.place} stopped without an error")
