"""Every error in words: what is wrong and what to do next, on stderr, with the exit code that belongs to it."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

import click

from commands.asked import ASKED, Asked
from commands.output import say_error
from engine.errors import PolitiradError, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from commands.awaited import Ground
    from engine.judge import Verdict

UNEXPECTED = 70
"""The exit code of a fault of ours (EX_SOFTWARE)."""


def tell(error: Exception, *, debug: bool) -> int:
    """Print an error; the exit code."""
    if debug:
        traceback.print_exception(error)
    lines, code = explained(error)
    for line in lines:
        say_error(line)
    return code


def explained(error: Exception) -> tuple[list[str], int]:
    """The lines that explain an error, and its exit code."""
    if isinstance(error, Refused):
        return list(getattr(error, "__notes__", [str(error)])), error.exit_code
    if isinstance(error, PolitiradError):
        return str(error).splitlines() or [type(error).__name__], error.exit_code
    if isinstance(error, click.ClickException):
        return [_usage(error)], error.exit_code
    next_ = "Run it again with --debug to see where; `politirad verify` tells whether the record was changed."
    return [f"A fault of politirad itself ({type(error).__name__}). {next_}"], UNEXPECTED


def put_in_words(error: Exception, ctx: click.Context) -> None:
    """Note on a refusal, in the reader's language, each requirement and the steps that are possible now.

    It happens where the language is still known, and the notes travel with the error to whoever shows it. Where JSON
    was asked for, the refusal is answered here, and there is nothing left to note.
    """
    if not isinstance(error, Refused) or hasattr(error, "__notes__"):
        return
    from commands.awaited import Ground
    from commands.wiring import setup_of

    setup, asked = setup_of(ctx), ctx.meta.get(ASKED) or Asked()
    with setup.reading() as reader:
        ground = Ground.of(setup, reader, asked.workflow, asked.case)
    if asked.as_json:
        _answer_in_json(ground, error.verdict, asked.case)
        error.__notes__ = []
        return
    for line in _refusal(ground, error.verdict):
        error.add_note(line)


def _answer_in_json(ground: Ground, verdict: Verdict, case: str | None) -> None:
    from commands.output import dump
    from commands.requirement_tree import document

    entry = _is_entry(ground, verdict)
    dump({**document(ground, verdict, case, entry=entry), "refused": True})


def _refusal(ground: Ground, verdict: Verdict) -> Iterator[str]:
    from commands.requirement_tree import lines, requirements, sequel_lines
    from commands.steps import written

    words = ground.names.setup.words
    yield words.phrase("refused", step=written(verdict.step))
    yield from lines(ground, requirements(ground, verdict.checks, entry=_is_entry(ground, verdict)))
    yield from sequel_lines(ground, verdict)
    if verdict.possible:
        yield words.phrase("possible_now", steps=", ".join(map(written, verdict.possible)))


def _is_entry(ground: Ground, verdict: Verdict) -> bool:
    """Whether what was refused is no step of a table: an entry, or the vote recorded beside a step."""
    from commands import tables

    return ground.workflow not in tables.NAMES or verdict.step not in tables.workflow(ground.workflow).by_step


def _usage(error: click.ClickException) -> str:
    message = error.format_message()
    message = message if message.endswith((".", "?", "!")) else f"{message}."
    where = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else None
    return f"{message} See `{where} --help`." if where else message
