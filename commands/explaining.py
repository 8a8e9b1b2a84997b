"""`politirad explain`: a step judged without being taken: each requirement, met or not, who is missing and by when.

Steps that are taken by themselves can be explained too: why is the agreement not adopted yet?
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from commands import tables
from commands.awaited import Ground
from commands.output import dump, say_hanging, title
from commands.requirement_tree import document, lines, marked, requirements, sequel_lines
from commands.steps import is_taken_by_persons, step_command, unknown_step, written
from commands.wiring import setup_of
from engine.form import questions

if TYPE_CHECKING:
    from commands.given import Given
    from commands.requests import Request
    from commands.wiring import Setup
    from engine.definition import Workflow
    from engine.service import Explanation
    from engine.situation import Command


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("case")
@click.argument("step")
@click.argument("rest", metavar="[OPTIONS OF THE STEP]…", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def explain(ctx: click.Context, *, case: str, step: str, rest: tuple[str, ...]) -> None:
    """Tell for CASE whether STEP can be taken, and if not, why: without taking it.

    CASE may be the name of a workflow, for a step that opens a case. What is known of the step's own options can
    be given; `--json` answers in JSON.
    """
    setup = setup_of(ctx)
    workflow, opened = workflow_of(setup, case)
    name = step.replace("-", "_")
    if name not in workflow.by_step:
        raise unknown_step(workflow, step)
    command, as_json = _command(ctx, workflow, name, opened, rest)
    explanation = setup.service.explain(setup.council, command)
    with setup.reading() as reader:
        ground = Ground.of(setup, reader, workflow.name, opened)
    if as_json:
        dump(document(ground, explanation.verdict, opened, missing=explanation.missing))
    else:
        _print(ground, workflow, explanation)


def workflow_of(setup: Setup, case: str) -> tuple[Workflow, str | None]:
    """The workflow, and the case unless a workflow was named. Raises `NotFoundError`."""
    if case in tables.NAMES:
        return tables.workflow(case), None
    with setup.reading() as reader:
        found = reader.case(case)
    if found.workflow not in tables.NAMES:
        raise unknown_step(tables.workflow("agreement"), found.workflow)
    return tables.workflow(found.workflow), case


def step_asked(
    ctx: click.Context, workflow: Workflow, step: str, case: str | None, rest: Sequence[str]
) -> tuple[Request, Given]:  # fmt: skip
    """A step with its own options, as far as they were given."""
    from commands.requests import requested

    arguments = [*([case] if case else []), *rest]
    with step_command(ctx, workflow, step).make_context(written(step), arguments, parent=ctx) as inner:
        given = inner.params
    return requested(setup_of(ctx), workflow, step, {**given, "case": case}), given


def _command(
    ctx: click.Context, workflow: Workflow, step: str, case: str | None, rest: Sequence[str]
) -> tuple[Command, bool]:  # fmt: skip
    """The command as far as it was given; driven by whoever takes such a step."""
    request, given = step_asked(ctx, workflow, step, case, rest)
    command = request.command
    if is_taken_by_persons(workflow, step):
        return command, bool(given["as_json"])
    driver = min(driver for row in workflow.by_step[step] for driver in row.by.drivers)
    return replace(command, via=driver), bool(given["as_json"])


def _print(ground: Ground, workflow: Workflow, explanation: Explanation) -> None:
    setup, verdict = ground.names.setup, explanation.verdict
    words, subject = setup.words, explanation.situation.case.id or workflow.name
    outcome = "would_be_taken" if verdict.allowed and not explanation.missing else "cannot_be_taken"
    title(words.phrase(outcome, subject=subject, step=written(verdict.step)))
    told = [*lines(ground, requirements(ground, verdict.checks))]
    if explanation.missing:
        options = ", ".join(_to_give(setup, workflow, verdict.step, explanation.missing))
        told.append(f"  {marked(setup, 'open', words.phrase('to_be_given', options=options))}")
    told += sequel_lines(ground, verdict)
    if not verdict.allowed and verdict.possible:
        told.append(words.phrase("possible_now", steps=", ".join(map(written, verdict.possible))))
    for line in told:
        say_hanging(line)


def _to_give(setup: Setup, workflow: Workflow, step: str, missing: Sequence[str]) -> Iterator[str]:
    """The options still to be given, each with what it is called: `--title (tittel)`."""
    for question in questions(workflow.form(step)):
        if question.name in missing:
            yield f"{question.option} ({setup.words.label('fact', question.name)})"
