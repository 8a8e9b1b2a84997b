"""Judging a step: table row, authority, guards. Pure: no clock, no database, no surprise.

`judge` answers with a `Verdict` that holds every requirement, passed or not. `explain` prints it, `advance` acts
on it, and a refusal is that same value. Unknown means no: a guard that answers anything but True, or fails, refuses.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from engine.acts import Decision
from engine.authority import acts_for, authorize, keeper, may_rest_on, presumed
from engine.definition import Guard, Row, Workflow
from engine.errors import Reason, because
from engine.event import Facts, Json
from engine.evidence import counted, how_it_fell
from engine.finding import Finding, Status
from engine.machine import fire
from engine.role import PERSONS
from engine.signing import unsigned
from engine.situation import Authority, Situation

OVERRIDE = "override"
"""The name of the check that an override may be given, by whom and for what."""


class Check(msgspec.Struct, frozen=True):
    """One requirement of a row: its name, whether it holds, why not, and its parts where it is a rule.

    `set_aside`: it does not hold, and an override lets it pass; `reason` still says why it does not.
    """

    name: str
    passed: bool
    reason: Reason | None = None
    finding: Finding | None = None
    set_aside: bool = False


class Trial(msgspec.Struct, frozen=True):
    """A row that was tried, with every requirement of it."""

    row: Row
    checks: tuple[Check, ...]
    authority: Authority | None

    @property
    def passed(self) -> bool:
        """Whether the row may be taken."""
        return all(check.passed for check in self.checks)


class Verdict(msgspec.Struct, frozen=True):
    """The judgement of a step: allowed or not, the row it was judged by, and each requirement.

    `to` is the state it leads to; `possible`, where it is refused, the steps a person can take from here; `follows` are
    the verdicts on what is taken by itself from the same state (`engine.sequel`).
    """

    allowed: bool
    step: str
    state: str
    to: str | None
    row: Row | None
    checks: tuple[Check, ...]
    possible: tuple[str, ...]
    authority: Authority | None = None
    follows: tuple[Verdict, ...] = ()

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why not, each reason once; empty where it is allowed."""
        failed = [check.reason for check in self.checks if check.reason is not None and not check.passed]
        return tuple(reason for at, reason in enumerate(failed) if reason not in failed[:at])

    @property
    def set_aside(self) -> tuple[Check, ...]:
        """The requirements that an override lets pass."""
        return tuple(check for check in self.checks if check.set_aside)

    @property
    def binding(self) -> bool:
        """Whether a refusal is itself put on record: of a binding step, and of an override that was not allowed."""
        overriding = any(check.name == OVERRIDE for check in self.checks)
        return overriding or (self.row is not None and self.row.binding)


def judge(workflow: Workflow, s: Situation) -> Verdict:
    """Judge the situation's command by the workflow's table."""
    step, state = s.command.step, s.case.state
    if not workflow.rows_from(step, state):
        return Verdict(
            allowed=False, step=step, state=state, to=None, row=binding_row(workflow, step),
            checks=(_not_now(step, state),), possible=open_steps(workflow, s),
        )  # fmt: skip
    to, trials = fire(workflow, step, state, lambda row: _try(row, s))
    if to is not None:
        return Verdict(True, step, state, to, trials[-1].row, trials[-1].checks, (), trials[-1].authority)  # noqa: FBT003
    best = min(trials, key=_failures)
    return Verdict(False, step, state, None, best.row, best.checks, open_steps(workflow, s), best.authority)  # noqa: FBT003


def open_steps(workflow: Workflow, s: Situation) -> tuple[str, ...]:
    """The steps a person can take from here, as far as their roles tell: somebody there is who could decide them."""
    return tuple(step for step in workflow.steps_from(s.case.state) if _somebody_decides(workflow, step, s))


def _somebody_decides(workflow: Workflow, step: str, s: Situation) -> bool:
    asked = replace(s, command=dataclasses.replace(s.command, step=step))
    return any(row.by.offers(asked) for row in workflow.rows_from(step, s.case.state))


def due_of(workflow: Workflow, after: Situation) -> list[Json]:
    """What the case owes in its new situation, one entry per deadline and office, dates as local YYYY-MM-DD."""
    register = after.council.register
    entries: list[Json] = []
    for deadline in workflow.deadlines_in[after.case.state]:
        if (on := deadline.due(after)) is None:
            continue
        if deadline.fires is None:
            on = after.profile.falls_due(on, register.closed_days)
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
    found = authorize(row.by, s)
    authority = None if isinstance(found, Reason) else found
    checks = tuple(_checks(row, s, found))
    return Trial(row, checks if s.command.override is None else _overridden(row, s, checks), authority)


def _checks(row: Row, s: Situation, authority: Authority | Reason) -> Iterable[Check]:
    """Every requirement; without authority the guards are told all the same, as far as they can be."""
    if isinstance(authority, Reason):
        yield Check("authority", passed=False, reason=authority)
        yield from _guards(row, replace(s, authority=presumed(row.by, s)))
        return
    informed = replace(s, authority=authority)
    yield Check("authority", passed=True)
    yield from _common(row, informed)
    yield from _guards(row, informed)


def _overridden(row: Row, s: Situation, checks: tuple[Check, ...]) -> tuple[Check, ...]:
    """The checks with those set aside that an override may; with the reason where this override may not."""
    may_be = {guard.__name__ for guard in row.overridable}
    failing = [check for check in checks if not check.passed and check.name in may_be]
    if reason := _no_override(row, s, failing):
        return (*checks, Check(OVERRIDE, passed=False, reason=reason))
    eased = (replace(c, passed=True, set_aside=True) if c in failing else c for c in checks)
    return (*eased, Check(OVERRIDE, passed=True))


def _no_override(row: Row, s: Situation, failing: list[Check]) -> Reason | None:
    """Why an override is no use here: the step knows none, nobody may, another office may, or nothing is amiss."""
    office = s.profile.overrider(s.case.workflow, row.step)
    if not row.overridable:
        return because("override_unknown", step=row.step)
    if office is None:
        return because("override_nobody", step=row.step)
    acting = acts_for(office, s)
    if isinstance(acting, Reason):
        needs_more = acting.code == "registrar_needs_reference"
        return acting if needs_more else because("override_of_another", office=office)
    return None if failing else because("nothing_to_override")


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
    """What every step by a person must show: the evidence its form needs, a decision and a signature that fit."""
    command = s.command
    if s.on > s.today and command.via == PERSONS:
        reason = because("date_in_future", on=s.on.isoformat(), today=s.today.isoformat())
        yield Check("date", passed=False, reason=reason)
    said_why = s.form.reason or (s.decision is not None and s.decision.on is None)
    if command.on_unknown and command.via == PERSONS and not said_why:
        yield Check("date", passed=False, reason=because("unknown_date_needs_reason"))
    shown = command.ref or s.decision or ("document" in row.form.needs and s.form.documents)
    if "ref" in row.form.needs and command.via == PERSONS and not shown:
        yield Check("reference", passed=False, reason=because("needs_reference"))
    if s.decision is not None and command.via == PERSONS:
        yield _fitting("decision", _unfit(s, s.decision, command.point or 1))
    if command.signature is not None:
        yield _fitting("signature", unsigned(s))


def _fitting(name: str, reason: Reason | None) -> Check:
    return Check(name, passed=reason is None, reason=reason)


def _unfit(s: Situation, decision: Decision, point: int) -> Reason | None:
    """Why a decision cannot carry the step: another's, of another date, without the point, or a point that fell."""
    decider, came_out = s.authority.decider if s.authority else "", counted(s)
    if not may_rest_on(s, decider, decision.body):
        return because("decision_of_another", body=decision.body, needed=decider)
    if came_out is None:
        return because("no_such_point", point=point)
    if not came_out.met and not s.form.says_no:
        return how_it_fell(decision, point, came_out)
    if decision.on is not None and (s.command.on_unknown or s.command.on not in (None, decision.on)):
        return because("decision_dated", decision=decision.id, on=decision.on.isoformat())
    return None


def _failures(trial: Trial) -> int:
    return sum(not check.passed for check in trial.checks)


def _not_now(step: str, state: str) -> Check:
    return Check("step", passed=False, reason=because("step_not_allowed_now", step=step, state=state))


def binding_row(workflow: Workflow, step: str) -> Row | None:
    """The row that makes attempts at a step binding, whatever state the case is in."""
    return next((row for row in workflow.by_step.get(step, ()) if row.binding), None)
