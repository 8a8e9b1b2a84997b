"""Reading everything a command is judged by: the case, its links, versions and acts, the council, the pinned rules."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime

from msgspec.structs import replace

from engine.acts import Version
from engine.calendar import local_date
from engine.definition import Link, Workflow
from engine.errors import NotFoundError
from engine.event import FIRST
from engine.judge import open_steps
from engine.ports import Reader
from engine.recording import fixed_rules
from engine.rulebook import Rules
from engine.situation import NEW, Case, Command, Situation


def situate(rules: Rules, reader: Reader, command: Command, now: datetime, *, lenient: bool = False) -> Situation:
    """Read everything a command is judged by. Raises `NotFoundError`, and `UsageError` for the form.

    `lenient` fills in the form only as far as it was given, for explaining a step.
    """
    council, today = reader.council(), local_date(now)
    decision = reader.decision(command.decision) if command.decision else None
    if decision is not None and decision.on is None and command.on is None:
        command = dataclasses.replace(command, on_unknown=True)
    on = command.on or (decision.on if decision else None) or today
    case = reader.case(command.case) if command.case else _unopened(rules, command, council.profile, on)
    workflow = rules.of(case)
    form = workflow.form(_known_step(workflow, command.step))
    read = form.lenient(command.form)[0] if lenient else form.parse(command.form)
    situation = Situation(
        case, command, read, council, rules.profile(reader, case.profile or council.profile), now, today, on,
        links={link.name: linked(reader, case, link, command.step) for link in workflow.reads},
        versions=reader.versions(case.id) if workflow.versioned and case.n else (),
        approvals=reader.approvals(case.id) if workflow.versioned and case.n else (),
        decision=decision,
        spent=reader.spent(decision.leaf, command.point or 1) if decision and workflow.versioned else (),
    )  # fmt: skip
    if case.parent and workflow.versioned:
        texts = reader.versions(case.parent)
        situation = replace(situation, parent=reader.case(case.parent), parent_version=texts[-1] if texts else None)
    if workflow.fixes and not all(version.rules for version in situation.versions):
        situation = replace(situation, versions=tuple(_ruled(v, workflow, situation) for v in situation.versions))
    return replace(situation, mandates=workflow.mandates(situation)) if workflow.mandates else situation


def possible_steps(rules: Rules, reader: Reader, case_id: str, now: datetime) -> tuple[str, ...]:
    """The steps a person can take in a case as it stands, as far as their roles tell."""
    case = reader.case(case_id)
    workflow = rules.of(case)
    steps = workflow.steps_from(case.state)
    asked = (Command(workflow=workflow.name, step=step, case=case_id) for step in steps[:1])
    return next((open_steps(workflow, situate(rules, reader, one, now, lenient=True)) for one in asked), ())


def _ruled(version: Version, workflow: Workflow, s: Situation) -> Version:
    """A version with its rules; one from before rules were fixed with it is judged by those of the case."""
    return version if version.rules else dataclasses.replace(version, rules=fixed_rules(workflow, s))


def _known_step(workflow: Workflow, step: str) -> str:
    if step not in workflow.by_step:
        known = ", ".join(workflow.by_step)
        raise NotFoundError(f"{workflow.name} has no step {step!r}. Its steps: {known}.")
    return step


def _unopened(rules: Rules, command: Command, profile: str, on: date) -> Case:
    workflow = rules.newest(command.workflow)
    return Case(command.id_ or "", workflow.name, workflow.version, NEW, 0, FIRST, profile, command.parent, on, {})


def linked(reader: Reader, case: Case, link: Link, step: str | None = None) -> tuple[Case, ...]:
    """The cases under a link, as far as it is needed in the case's state, or by a step."""
    sparing = link.needed_in or link.needed_by
    if sparing and case.state not in link.needed_in and step not in link.needed_by:
        return ()
    if link.scope == "parent":
        return (reader.case(case.parent),) if case.parent else ()
    if link.scope == "children":
        return reader.cases(link.workflow, link.states, parent=case.id) if case.n else ()
    return reader.cases(link.workflow, link.states)
