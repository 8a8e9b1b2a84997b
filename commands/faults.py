"""Every error in words: what is wrong and what to do next, on stderr, with the exit code that belongs to it."""

from __future__ import annotations

import traceback

import click

from commands.output import say
from engine.errors import PolitiradError, Refused

UNEXPECTED = 70
"""The exit code of a fault of ours (EX_SOFTWARE)."""


def tell(error: Exception, *, debug: bool) -> int:
    """Print an error; the exit code."""
    if debug:
        traceback.print_exception(error)
    lines, code = explained(error)
    for line in lines:
        say(line, error=True)
    return code


def explained(error: Exception) -> tuple[list[str], int]:
    """The lines that explain an error, and its exit code."""
    if isinstance(error, Refused):
        return list(getattr(error, "__notes__", [str(error)])), error.exit_code
    if isinstance(error, PolitiradError):
        return str(error).splitlines() or [type(error).__name__], error.exit_code
    if isinstance(error, click.ClickException):
        return [_usage(error)], error.exit_code
    return [
        f"A fault of politirad itself ({type(error).__name__}). Run it again with --debug to see where."
    ], UNEXPECTED


def put_in_words(error: Exception, ctx: click.Context) -> None:
    """Note on a refusal, in the reader's language, each of its reasons and the steps that are possible now.

    It happens where the language is still known, and the notes travel with the error to whoever shows it.
    """
    if not isinstance(error, Refused) or getattr(error, "__notes__", None):
        return
    from commands.steps import written
    from commands.wiring import setup_of

    words, verdict = setup_of(ctx).words, error.verdict
    error.add_note(words.phrase("refused", step=written(verdict.step)))
    for reason in verdict.reasons:
        error.add_note(f"  {words.reason(reason, ctx.invoked_subcommand or '')}")
    if verdict.possible:
        error.add_note(words.phrase("possible_now", steps=", ".join(map(written, verdict.possible))))


def _usage(error: click.ClickException) -> str:
    message = error.format_message()
    message = message if message.endswith((".", "?", "!")) else f"{message}."
    where = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else None
    return f"{message} See `{where} --help`." if where else message
