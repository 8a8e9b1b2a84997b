"""The follow-up report in words: each row as cells, each cell as lines, for a terminal and a page alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from workflows.follow_up import OWING, lacks

if TYPE_CHECKING:
    from workflows.follow_up_rows import (
        Breach,
        Decided,
        Duty,
        InForce,
        Override,
        Registered,
        Report,
        Responsible,
        Row,
    )
    from workflows.report_words import ReportWords

Cells: TypeAlias = Mapping[str, tuple[str, ...]]
"""The lines of each cell, by the name of its column."""

MEASURE_COLUMNS = ("decisions", "responsible", "done", "implemented", "effect", "plan", "remarks")
OVERRIDDEN = "overridden"
"""The flag of a step that was taken by an override."""

DUTY_COLUMNS = ("decisions", "responsible", "standing", "remarks")


def cells_of(row: Row, words: ReportWords) -> Cells:
    """What a case's row says, in words; a cell with nothing to say holds a dash."""
    told: dict[str, list[str]] = {
        "case": [f"{row.case} {row.title}".strip(), *([words.label("value", row.theme)] if row.theme else [])],
        "decisions": [line for one in row.decisions for line in _decision(one, words)] or [words.heading("undecided")],
        "responsible": [_responsible(one, words) for one in row.responsible],
        "done": _done(row, words),
        "implemented": _implemented(row, words),
        "standing": [words.state(row.workflow, row.state), *(_duty(duty, row, words) for duty in row.owed)],
        "effect": _effect(row, words),
        "plan": [row.plan or words.heading("no_plan")] if lacks(row) else [],
        "remarks": [*_remarks(row, words), *(override_line(one, words) for one in row.overrides)],
    }
    return {name: tuple(lines or [words.heading("nothing")]) for name, lines in told.items()}


def heading_of(report: Report, words: ReportWords) -> str:
    """The report's title, with its year."""
    return words.heading("title") if report.year is None else words.heading("title_year", year=report.year)


def about(report: Report, words: ReportWords) -> tuple[tuple[str, str], ...]:
    """What stands at the head of the report: for whom, as of when, on what it rests, what was left out."""
    said = [
        ("of_council", report.name),
        ("as_of", words.day(report.on)),
        ("rests_on", words.heading("events", events=report.events)),
    ]
    if report.office_title:
        said.append(("only_office", report.office_title))
    named = [(words.heading(name), value) for name, value in said]
    if report.plan_only:
        named.append((words.heading("plan"), words.heading("only_plan")))
    named += [line for agreement in report.agreements for line in _binding(agreement, words)]
    return (*named, identities(words))


def identities(words: ReportWords) -> tuple[str, str]:
    """What a declared identity is worth, said once at the head of every report."""
    return words.heading("identities"), words.heading("identities_declared")


def _binding(agreement: InForce, words: ReportWords) -> Iterable[tuple[str, str]]:
    """For whom an agreement is in force, and who reserved themselves."""
    bound, reserved = (", ".join(one.name for one in some) for some in (agreement.bound, agreement.reserved))
    yield words.heading("in_force", case=agreement.case), bound
    if reserved:
        yield words.heading("reserved"), words.heading("not_bound", organisations=reserved)


def counted(report: Report, words: ReportWords) -> str:
    """The measures in one sentence of numbers."""
    rows = report.measures
    return words.heading(
        "counts", measures=len(rows), implemented=sum(row.implemented for row in rows),
        evaluated=sum(row.evaluation is not None for row in rows), open=sum(map(lacks, rows)),
        overdue=sum(row.overdue_since is not None for row in rows),
    )  # fmt: skip


def breach_line(breach: Breach, words: ReportWords) -> str:
    """A year with too few meetings, in a sentence."""
    if breach.lifted_on is not None:
        return words.heading("breach_lifted", year=breach.year, on=words.day(breach.lifted_on))
    return words.heading("breach", year=breach.year, held=breach.held or 0, agreed=breach.agreed or 0)


def override_line(one: Override, words: ReportWords) -> str:
    """An override in a sentence: on which day and by which office, of what, and why."""
    why = words.heading("erased_reason") if one.reason is None else one.reason
    return words.heading(
        "override", on=_day(one.on, words), office=one.office_title, case=f"{one.case} {one.title}".strip(),
        step=words.short_step(one.workflow, one.step), reason=why,
    )  # fmt: skip


def registered_line(one: Registered, words: ReportWords) -> str:
    """Who put a decision on record, in which office, and how surely that is known."""
    known = one.name or words.heading("erased"), one.title
    assurance = words.label("assurance", one.assurance)
    return words.heading("registered_by", who=", ".join(part for part in known if part), assurance=assurance)


def _day(day: date | None, words: ReportWords) -> str:
    return words.day(day) if day else words.heading("day_unknown")


def _decision(one: Decided, words: ReportWords) -> Iterator[str]:
    """`12.06.2019, Politirådet: recommended (PS 80/19, D-3 point 1): “…”`, and below it who registered it."""
    cited = words.heading("decision_point", decision=one.decision, point=one.point or 1) if one.decision else None
    grounds = ", ".join(ground for ground in (one.ref, cited) if ground)
    what = words.label("outcome", one.outcome) if one.outcome else words.event(one.type)
    body = one.body or words.heading("unknown_body")
    said = words.heading("decided", on=_day(one.on, words), body=body, what=what)
    quoted = words.heading("quoted", text=one.text) if one.text else ""
    yield f"{said}{words.heading('grounds', grounds=grounds) if grounds else ''}{quoted}"
    if one.registered is not None:
        yield registered_line(one.registered, words)


def _responsible(one: Responsible, words: ReportWords) -> str:
    role = words.heading("owing") if one.role == OWING else words.role(one.role)
    holder = words.heading("vacant") if one.holder is None else one.holder or words.heading("erased")
    return words.heading("role_of", role=role, title=one.title, holder=holder)


def _done(row: Row, words: ReportWords) -> list[str]:
    if row.implemented:
        return [words.heading("progress", on=_day(row.implemented_on, words), text=row.done)]
    if row.progress:
        return [words.heading("progress", on=_day(row.progress_on, words), text=row.progress)]
    return [words.heading("nothing_done")] if row.is_open else []


def _implemented(row: Row, words: ReportWords) -> list[str]:
    lines = [words.heading("yes" if row.implemented else "no", state=words.state(row.workflow, row.state))]
    if row.implemented:
        lines.append(words.heading("on_day", on=_day(row.implemented_on, words)))
    elif row.deadline and row.is_open:
        lines.append(words.heading("deadline", on=words.day(row.deadline)))
    return [*lines, *(_duty(duty, row, words) for duty in row.owed)]


def _duty(duty: Duty, row: Row, words: ReportWords) -> str:
    what = words.deadline(row.workflow, duty.name)
    if duty.overdue_since:
        return words.heading("overdue", on=words.day(duty.overdue_since), what=what, title=duty.title)
    return words.heading("owes", what=what, on=words.day(duty.on), title=duty.title)


def _effect(row: Row, words: ReportWords) -> list[str]:
    found = row.evaluation
    if found is None:
        return [words.heading("not_evaluated")] if row.implemented else []
    return [
        words.label("value", found.effect), found.assessment, words.heading("method", text=found.method),
        words.heading("evaluated_by", on=_day(found.on, words), evaluator=found.evaluator_title),
        *([words.heading("result", text=words.label("value", row.result))] if row.result else []),
    ]  # fmt: skip


def _remarks(row: Row, words: ReportWords) -> Iterator[str]:
    """What the flags of a case say; an override has a line of its own."""
    for flag in row.flags:
        if flag.code != OVERRIDDEN:
            types = ", ".join(map(words.event, flag.types))
            yield words.heading("flagged", flag=words.label("flag", flag.code), types=types)
