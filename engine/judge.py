"""Judging a step: table row, authority, guards. Pure: no clock, no database, no surprise.

`judge` answers with a `Verdict` that holds every requirement, passed or not. `explain` prints it, `advance` acts
on it, and a refusal is that same value. Unknown means no: a guard that answers anything but True, or fails, refuses.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from msgspec.structs import replace

from engine.approval import Finding, Status
from engine.authority import authorize, keeper, may_rest_on, presumed
from engine.definition import Guard, Row, Workflow
from engine.errors import Reason, because
from engine.event import Facts, Json
from engine.machine import fire
from engine.role import PERSONS
from engine.situation import Authority, Decision, Situation


@dataclass(frozen=True, slots=True)
class Check:
    """One requirement of a row: its name, whether it holds, why not, and its parts where it is a rule."""

    name: str
    passed: bool
    reason: Reason | None = None
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """A row that was tried, with every requirement of it."""

    row: Row
    checks: tuple[Check, ...]
    authority: Authority | None

    @property
    def passed(self) -> bool:
        """Whether the row may be taken."""
        return all(check.passed for check in self.checks)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of a step: allowed or not, the row it was judged by, and each requirement.

    `to` is the state it leads to; `possible` the steps a person can take from here.
    """

    allowed: bool
    step: str
    state: str
    to: str | None
    row: Row | None
    checks: tuple[Check, ...]
    possible: tuple[str, ...]
    authority: Authority | None = None

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why not; empty where it is allowed."""
        return tuple(check.reason for check in self.checks if check.reason is not None)

    @property
    def binding(self) -> bool:
        """Whether a refusal is itself put on record."""
        return self.row is not None and self.row.binding


def judge(workflow: Workflow, s: Situation) -> Verdict:
    """Judge the situation's command by the workflow's table."""
    step, state = s.command.step, s.case.state
    possible = workflow.steps_from(state)
    if not workflow.rows_from(step, state):
        return Verdict(
            allowed=False, step=step, state=state, to=None, row=binding_row(workflow, step),
            checks=(_not_now(step, state),), possible=possible,
        )  # fmt: skip
    to, trials = fire(workflow, step, state, lambda row: _try(row, s))
    best = trials[-1] if to is not None else min(trials, key=_failures)
    return Verdict(to is not None, step, state, to, best.row, best.checks, possible, best.authority)


def due_of(workflow: Workflow, after: Situation) -> list[Json]:
    """What the case owes in its new situation, one entry per deadline and office, dates as local YYYY-MM-DD."""
    register = after.council.register
    entries: list[Json] = []
    for deadline in workflow.deadlines_in[after.case.state]:
        if (on := deadline.due(after)) is None:
            continue
        owing = (keeper(register, who) for who in deadline.owed_by.deciders(after))
        offices = tuple(dict.fromkeys(owing)) or (register.secretariat,)
        entries += (
            {"name": deadline.name, "office": office, "on": on.isoformat(), "ladder": deadline.ladder,
             "fires": deadline.fires}
            for office in offices
        )  # fmt: skip
    return entries


def changes_of(row: Row, s: Situation) -> Facts:
    """The facts a row changes: its form's, and over them its own."""
    return {**s.form.facts(), **(row.sets(s) if row.sets else {})}


def _try(row: Row, s: Situation) -> Trial:
    authority = authorize(row.by, s)
    if isinstance(authority, Reason):
        refused = Check("authority", passed=False, reason=authority)
        return Trial(row, (refused, *_guards(row, replace(s, authority=presumed(row.by, s)))), None)
    informed = replace(s, authority=authority)
    passed = Check("authority", passed=True)
    return Trial(row, (passed, *_common(row, informed), *_guards(row, informed)), authority)


def _guards(row: Row, s: Situation) -> Iterable[Check]:
    return (_check(guard, s) for guard in row.only_if)


def _check(guard: Guard, s: Situation) -> Check:
    name = getattr(guard, "__name__", str(guard))
    try:
        answer = guard(s)
    except Exception:
        logging.getLogger(__name__).exception("the guard %s failed; it counts as not met", name)
        return Check(name, passed=False, reason=because("guard_failed", guard=name))
    if isinstance(answer, Finding):
        met = answer.status is Status.MET
        return Check(name, met, None if met else answer.what, answer)
    if isinstance(answer, Reason):
        return Check(name, passed=False, reason=answer)
    return Check(name, passed=True) if answer is True else Check(name, passed=False, reason=because(name))


def _common(row: Row, s: Situation) -> Iterable[Check]:
    """What every step by a person must show: the evidence its form needs, and a decision that fits."""
    command = s.command
    if s.on > s.today and command.via == PERSONS:
        yield Check(
            "date",
            passed=False,
            reason=because("date_in_future", on=s.on.isoformat(), today=s.today.isoformat()),
        )
    if command.on_unknown and command.via == PERSONS and not s.form.reason:
        yield Check("date", passed=False, reason=because("unknown_date_needs_reason"))
    shown = command.ref or s.decision or ("document" in row.form.needs and s.form.documents)
    if "ref" in row.form.needs and command.via == PERSONS and not shown:
        yield Check("reference", passed=False, reason=because("needs_reference"))
    if s.decision is not None:
        yield _decision_fits(s)


def _decision_fits(s: Situation) -> Check:
    reason = _unfit(s, s.decision, s.command.point or 1) if s.decision else None
    return Check("decision", passed=reason is None, reason=reason)


def _unfit(s: Situation, decision: Decision, point: int) -> Reason | None:
    """Why a decision cannot carry the step: another's, of another date, without the point, or a point that fell."""
    decider = s.authority.decider if s.authority else ""
    if not may_rest_on(s.council.register, decider, decision.body):
        return because("decision_of_another", body=decision.body, needed=decider)
    if not 1 <= point <= len(decision.points):
        return because("no_such_point", point=point)
    if decision.points[point - 1].outcome != "carried" and not s.form.says_no:
        return because("point_fell", decision=decision.id, point=point)
    if decision.on is not None and s.command.on not in (None, decision.on):
        return because("decision_dated", decision=decision.id, on=decision.on.isoformat())
    return None


def _failures(trial: Trial) -> int:
    return sum(not check.passed for check in trial.checks)


def _not_now(step: str, state: str) -> Check:
    return Check("step", passed=False, reason=because("step_not_allowed_now", step=step, state=state))


def binding_row(workflow: Workflow, step: str) -> Row | None:
    """The row that makes attempts at a step binding, whatever state the case is in."""
    return next((row for row in workflow.by_step.get(step, ()) if row.binding), None)
