"""Decision follow-up (vedtaksoppfølging): what was decided, who answers for it, what was done, and what is still owed.

The report every council must be able to hand over (domain.md §1): body, date, case number and title, decision, who
is responsible, what has been done, implemented or not, the evaluated effect, and a plan for what is not. Dates and
references come from the events with their corrections, not from the facts, so that a date nobody knows is never
shown as one.

Pure: cases, their acts and what they owe go in; rows come out (`follow_up_rows.py`), for any renderer to put in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from workflows.agreement import AGREEMENT
from workflows.amendment import AMENDMENT
from workflows.binding import bound_by, reserved_in
from workflows.follow_up_rows import (
    Act,
    Breach,
    Decided,
    Directory,
    Duty,
    Evaluation,
    Flag,
    InForce,
    Override,
    Responsible,
    Row,
)
from workflows.forms import Decision
from workflows.measure import MEASURE
from workflows.measure import S as M

if TYPE_CHECKING:
    from engine.ports import Owed
    from engine.register import Id, Register
    from engine.situation import Case

WORKFLOWS = {workflow.name: workflow for workflow in (MEASURE, AGREEMENT, AMENDMENT)}
"""What is followed up: measures, and the open duties of agreements and amendments."""

DECISIVE = {
    workflow.name: frozenset(row.step for row in workflow.rows if row.binding or issubclass(row.form, Decision))
    for workflow in WORKFLOWS.values()
}
"""The steps of each workflow that are decisions: the binding ones, and those that ask for a decision's reference."""

ROLES = ("implementer", "follow_up", "mandate_holder")
"""The order in which the offices of a case are told."""

OWING = "owing"
"""The role of an office that has the next move without being named in the case."""

IMPLEMENTED = frozenset({M.IMPLEMENTED, M.EVALUATED, M.CLOSED})
"""The states of a measure that has been carried out."""


def row_of(  # noqa: PLR0913, PLR0917  # what is on record of a case, and who reads it when
    case: Case, acts: Sequence[Act], owed: Iterable[Owed], overrides: tuple[Override, ...], directory: Directory,
    today: date,
) -> Row:  # fmt: skip
    """A case as the report tells it."""
    workflow = WORKFLOWS[case.workflow]
    newest = {act.step: act for act in acts}
    duties = tuple(_duty(item, directory, today) for item in owed)
    is_open, implemented = workflow.is_open(case.state), case.state in IMPLEMENTED
    return Row(
        case=case.id, workflow=case.workflow, title=case.text("title"), theme=case.text("theme") or None,
        state=case.state, is_open=is_open, opened=case.opened, ended=None if is_open or not acts else acts[-1].on,
        decisions=tuple(_decided(act, directory, today) for act in acts if act.step in DECISIVE[case.workflow]),
        responsible=_responsible(case, duties, directory, today),
        progress=case.text("progress"), progress_on=_date(newest, "report"), implemented=implemented,
        done=case.text("done") if implemented else "",
        implemented_on=_date(newest, "implement") if implemented else None, deadline=case.day("deadline"),
        overdue_since=min((d.overdue_since for d in duties if d.overdue_since), default=None), owed=duties,
        evaluation=_evaluation(case, newest, directory, today), result=case.text("result") or None,
        plan=case.text("plan") if is_open and not implemented else "", flags=_flags(acts), overrides=overrides,
    )  # fmt: skip


def belongs(row: Row, year: int) -> bool:
    """Whether a case belongs to a year: decided, due, implemented or evaluated in it, or open at some time in it."""
    told = (row.deadline, row.implemented_on, *(decided.on for decided in row.decisions))
    evaluated = row.evaluation.on if row.evaluation else None
    last = date.max if row.is_open else row.ended or row.opened
    return row.opened.year <= year <= last.year or any(day and day.year == year for day in (*told, evaluated))


def concerns(row: Row, office: Id) -> bool:
    """Whether an office answers for a case, or owes something in it."""
    return office in {*(one.office for one in row.responsible), *(duty.office for duty in row.owed)}


def lacks(row: Row) -> bool:
    """Whether there is something left to plan: the case is open and has not been carried out."""
    return row.is_open and not row.implemented


def breaches_of(years: Iterable[Case]) -> tuple[Breach, ...]:
    """The years with too few meetings, those that were put right included."""
    return tuple(breach for year in years if (breach := _breach(year)))


def in_force_of(
    agreements: Iterable[Case], register: Register, directory: Directory, today: date
) -> tuple[InForce, ...]:
    """The agreements in force: whom each binds, and who reserved themselves."""
    return tuple(
        InForce(
            case.id,
            case.text("title"),
            case.day("in_force_on"),
            directory.organisations(bound, today),
            directory.organisations(reserved_in(case), today),
        )
        for case in agreements
        if (bound := bound_by(case, register))
    )


def _breach(year: Case) -> Breach | None:
    number, lifted = int(year.id.removeprefix("Y-")), year.day("breach_lifted")
    told = year.facts.get("breach")
    if isinstance(told, dict):
        return Breach(number, int(str(told["held"])), int(str(told["agreed"])), None)
    return Breach(number, None, None, lifted) if lifted else None


def _decided(act: Act, directory: Directory, today: date) -> Decided:
    body = directory.name(act.decider, act.on or today) if act.decider else None
    return Decided(
        act.type, act.decider, body, act.on, act.ref, act.decision, act.point, act.text, act.outcome, act.registered
    )  # fmt: skip


def _duty(item: Owed, directory: Directory, today: date) -> Duty:
    late = item.on + timedelta(days=1) if item.on < today else None
    title = directory.name(item.office, today)
    return Duty(item.name, item.office, title, directory.holder(item.office), item.on, late)


def _responsible(case: Case, duties: Iterable[Duty], directory: Directory, today: date) -> tuple[Responsible, ...]:
    """The offices the case names by role, and any other that has the next move."""
    others = dict.fromkeys(duty.office for duty in duties if duty.office not in case.offices.values())
    named = sorted(case.offices.items(), key=lambda item: ROLES.index(item[0]) if item[0] in ROLES else len(ROLES))
    roles = (*named, *((OWING, office) for office in others))
    return tuple(Responsible(role, who, directory.name(who, today), directory.holder(who)) for role, who in roles)


def _evaluation(case: Case, newest: Mapping[str, Act], directory: Directory, today: date) -> Evaluation | None:
    if not (effect := case.text("effect")):
        return None
    on = _date(newest, "evaluate")
    title = directory.name(case.text("evaluator"), on or today)
    return Evaluation(effect, case.text("assessment"), case.text("method"), case.text("evaluator"), title, on)


def _date(newest: Mapping[str, Act], step: str) -> date | None:
    return newest[step].on if step in newest else None


def _flags(acts: Iterable[Act]) -> tuple[Flag, ...]:
    types: dict[str, dict[str, None]] = {}
    for act in acts:
        for flag in act.flags:
            types.setdefault(flag, {})[act.type] = None
    return tuple(Flag(code, tuple(on)) for code, on in types.items())
