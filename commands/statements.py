"""`politirad statement`: what is signed of an act on a version, as a file for `ssh-keygen`, and how to go on from it.

It takes the options of the step itself, so that what is signed is what the step then says.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import structs

from commands.asked import Asked, note_asked
from commands.explaining import step_asked, workflow_of
from commands.output import dump, say, say_hanging
from commands.signed import ENDING
from commands.steps import is_taken_by_persons, unknown_step, written
from commands.wiring import setup_of
from engine.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from commands.wiring import Setup
    from engine.service import Explanation
    from engine.statement import Statement

UNSIGNED = "identity_assured"
"""The one requirement that an act may lack while its statement is still to be signed."""

NOT_PASSED_ON = frozenset({"--json", "--dry-run"})
"""Options that say how this command answers, not what the step says."""


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("case")
@click.argument("step")
@click.argument("rest", metavar="[OPTIONS OF THE STEP]…", nargs=-1, type=click.UNPROCESSED)
@click.option("--output", metavar="FILE", help="The file to write; named after case and step if left out.")
@click.pass_context
def statement(ctx: click.Context, *, case: str, step: str, rest: tuple[str, ...], output: str | None) -> None:
    """Write what is to be signed of STEP in CASE, an act on a version: such as approve or sign.

    Give the options of the step as for the step itself. The file is signed with `ssh-keygen`; the step then takes the
    signature with --signature. Nothing is written to the log. `--json` answers in JSON.
    """
    setup = setup_of(ctx)
    workflow, _ = workflow_of(setup, case)
    name = step.replace("-", "_")
    if name not in workflow.by_step or not is_taken_by_persons(workflow, name):
        raise unknown_step(workflow, step)
    request, given = step_asked(ctx, workflow, name, case, rest)
    note_asked(Asked(workflow.name, case, as_json=bool(given["as_json"])))
    if request.ballot is not None or request.command.signature is not None:
        raise UsageError("Record the vote first (`politirad decide`) and cite it with --decision; sign after that.")
    explained = setup.service.explain(setup.council, request.command)
    workflow.form(name).parse(request.command.form)
    made = _statement(explained)
    file = output or f"{case}-{written(name)}.statement"
    _write(file, str(made))
    taken = ("politirad", workflow.name, written(name), case, *(one for one in rest if one not in NOT_PASSED_ON))
    _tell(setup, made, file, (*taken, "--signature", f"{file}{ENDING}"), as_json=bool(given["as_json"]))


def _statement(explained: Explanation) -> Statement:
    """The statement of an act that nothing but the missing signature stands against. Raises `Refused`, `UsageError`."""
    from engine.evidence import ActForm
    from engine.statement import statement_of

    verdict, s = explained.verdict, explained.situation
    if not isinstance(s.form, ActForm):
        raise UsageError(f"{written(verdict.step)} is no act on a version, so there is nothing of it to sign.")
    against = tuple(check for check in verdict.checks if check.name != UNSIGNED)
    if not all(check.passed for check in against):
        raise Refused(structs.replace(verdict, checks=against))
    return statement_of(structs.replace(s, authority=verdict.authority))


def _write(file: str, text: str) -> None:
    """The exact bytes that are signed: no line break at the end. Raises `UsageError`."""
    try:
        Path(file).write_bytes(text.encode())
    except OSError as error:
        raise UsageError(f"{file} cannot be written ({error.strerror}). Name another file with --output.") from error


def _tell(setup: Setup, made: Statement, file: str, taken: Sequence[str], *, as_json: bool) -> None:
    """What was written, and the two commands to type."""
    from engine.signers import namespace_of

    namespace = namespace_of(made.origin)
    sign = ("ssh-keygen", "-Y", "sign", "-f", "KEY", "-n", namespace, file)
    if as_json:
        dump({"file": file, "namespace": namespace, "statement": made.to_json(), "sign": sign, "take": taken})
        return
    phrase = setup.words.phrase
    say_hanging(phrase("statement_written", file=file, what=setup.words.label("outcome", made.decision)))
    say(phrase("sign_with", command=shlex.join(sign)))
    say(phrase("then_take", command=shlex.join(taken)))
