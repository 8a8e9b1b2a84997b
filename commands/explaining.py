"""`politirad explain`: a step judged without being taken: each requirement, met or not, who is missing and by when.

Steps that are taken by themselves can be explained too: why is the agreement not adopted yet?
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from commands import tables
from commands.output import Printable, dump, say, say_wrapped, title
from commands.steps import is_taken_by_persons, step_command, unknown_step, written
from commands.wiring import setup_of
from engine.form import questions

if TYPE_CHECKING:
    from commands.wiring import Setup
    from engine.approval import Finding
    from engine.definition import Workflow
    from engine.judge import Check, Verdict
    from engine.ports import Owed
    from engine.register import Register
    from engine.service import Explanation
    from engine.situation import Command

MET, NOT_MET = "✓", "✗"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the tree: how deep, whether it holds, and what it says."""

    depth: int
    met: bool
    text: str


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
    workflow, opened = _workflow(setup, case)
    name = step.replace("-", "_")
    if name not in workflow.by_step:
        raise unknown_step(workflow, step)
    command, as_json = _command(ctx, workflow, name, opened, rest)
    explanation = setup.service.explain(setup.council, command)
    with setup.reading() as reader:
        owed = reader.owed(opened) if opened else ()
        register = reader.council().register
    if as_json:
        dump(_json(setup, workflow, explanation))
    else:
        _print(setup, workflow, explanation, owed, register)


def _workflow(setup: Setup, case: str) -> tuple[Workflow, str | None]:
    """The workflow, and the case unless a workflow was named. Raises `NotFoundError`."""
    if case in tables.NAMES:
        return tables.workflow(case), None
    with setup.reading() as reader:
        found = reader.case(case)
    if found.workflow not in tables.NAMES:
        raise unknown_step(tables.workflow("agreement"), found.workflow)
    return tables.workflow(found.workflow), case


def _command(
    ctx: click.Context, workflow: Workflow, step: str, case: str | None, rest: Sequence[str]
) -> tuple[Command, bool]:  # fmt: skip
    """The command as far as it was given; driven by whoever takes such a step."""
    from commands.requests import requested

    arguments = [*([case] if case else []), *rest]
    with step_command(ctx, workflow, step).make_context(written(step), arguments, parent=ctx) as inner:
        given = inner.params
    command = requested(setup_of(ctx), workflow, step, {**given, "case": case}).command
    if is_taken_by_persons(workflow, step):
        return command, bool(given["as_json"])
    driver = min(driver for row in workflow.by_step[step] for driver in row.by.drivers)
    return replace(command, via=driver), bool(given["as_json"])


def _print(
    setup: Setup, workflow: Workflow, explanation: Explanation, owed: Sequence[Owed], register: Register
) -> None:  # fmt: skip
    words, verdict = setup.words, explanation.verdict
    subject = explanation.situation.case.id or workflow.name
    outcome = "would_be_taken" if verdict.allowed and not explanation.missing else "cannot_be_taken"
    title(words.phrase(outcome, subject=subject, step=written(verdict.step)))
    for line in tree(setup, workflow, verdict.checks, owed, register):
        say_wrapped(f"{MET if line.met else NOT_MET} {line.text}", indent=2 * line.depth + 2)
    if explanation.missing:
        options = ", ".join(_to_give(setup, workflow, verdict.step, explanation.missing))
        say(f"  {NOT_MET} {words.phrase('still_to_give', options=options)}")
    for follow in explanation.follows:
        say(words.phrase("follows_by_itself", step=words.event(workflow.event_types[follow.step])))
        for line in tree(setup, workflow, (c for c in follow.checks if c.name != "authority"), owed, register):
            say_wrapped(f"{MET if line.met else NOT_MET} {line.text}", indent=2 * line.depth + 2)
    if not verdict.allowed and verdict.possible:
        say(words.phrase("possible_now", steps=", ".join(map(written, verdict.possible))))


def _to_give(setup: Setup, workflow: Workflow, step: str, missing: Sequence[str]) -> Iterator[str]:
    """The options still to be given, each with what it is called: `--title (tittel)`."""
    for question in questions(workflow.form(step)):
        if question.name in missing:
            yield f"{question.option} ({setup.words.label('fact', question.name)})"


def tree(
    setup: Setup, workflow: Workflow, checks: Iterable[Check], owed: Sequence[Owed], register: Register
) -> Iterator[Line]:  # fmt: skip
    """Every requirement with its parts, in the reader's language."""
    for check in checks:
        said = setup.words.check(check.name)
        if not check.passed and check.reason is not None and check.finding is None:
            said = f"{said}: {setup.words.reason(check.reason, workflow.name)}"
        yield Line(0, check.passed, said)
        if check.finding is not None:
            yield from _parts(setup, check.finding, owed, register, 1)


def _parts(
    setup: Setup, finding: Finding, owed: Sequence[Owed], register: Register, depth: int
) -> Iterator[Line]:  # fmt: skip
    met = str(finding.status) == "met"
    on = f" ({finding.on})" if finding.on else ""
    yield Line(depth, met, f"{setup.words.reason(finding.what)}{on}{_by_when(setup, finding, owed, register)}")
    for part in finding.parts:
        yield from _parts(setup, part, owed, register, depth + 1)


def _by_when(setup: Setup, finding: Finding, owed: Sequence[Owed], register: Register) -> str:
    """By when the missing one owes it, and on whose table it lies."""
    from engine.authority import keeper

    if finding.parts or finding.who is None or str(finding.status) != "open":
        return ""
    signs = {register.parties[finding.who].signs} if finding.who in register.parties else set[str]()
    offices = {keeper(register, finding.who), *signs}
    due = next((item for item in owed if item.office in offices), None)
    return f" {setup.words.phrase('by_when', on=due.on.isoformat(), office=due.office)}" if due else ""


def _json(setup: Setup, workflow: Workflow, explanation: Explanation) -> Printable:
    verdict = explanation.verdict
    return {
        "case": explanation.situation.case.id or None,
        "workflow": workflow.name,
        "step": verdict.step,
        "state": verdict.state,
        "allowed": verdict.allowed and not explanation.missing,
        "to": verdict.to,
        "missing": list(explanation.missing),
        "possible": list(verdict.possible),
        "checks": _checks_json(setup, workflow, verdict),
        "follows": [
            {"step": follow.step, "allowed": follow.allowed, "checks": _checks_json(setup, workflow, follow)}
            for follow in explanation.follows
        ],
    }


def _checks_json(setup: Setup, workflow: Workflow, verdict: Verdict) -> Printable:
    return [
            {
                "name": check.name, "passed": check.passed,
                "reason": check.reason.code if check.reason else None,
                "parameters": dict(check.reason.parameters) if check.reason else {},
                "text": setup.words.reason(check.reason, workflow.name) if check.reason else None,
                "finding": _finding_json(check.finding) if check.finding else None,
            }
            for check in verdict.checks
    ]  # fmt: skip


def _finding_json(finding: Finding) -> Printable:
    return {
        "status": str(finding.status), "code": finding.what.code, "parameters": dict(finding.what.parameters),
        "who": finding.who, "on": finding.on.isoformat() if finding.on else None,
        "parts": [_finding_json(part) for part in finding.parts],
    }  # fmt: skip
