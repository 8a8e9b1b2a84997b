"""The annual report of a police council: what it did in a calendar year, what came of it, and what was not done.

It goes to the regional council and every municipal council (domain.md §3), so it tells the whole year to somebody who
was not there: the agreement and whom it binds, the meetings, the measures with their evaluated effect against the
challenge, those not implemented with their progress plan, the decisions, the council's view of its own work. A year
with too few meetings is told first, in this report and in that of every later year.

Pure: what is on record goes in (`Record`), rows come out (`annual_rows.py`), for any renderer to put in words.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from workflows.agreement import S as A
from workflows.annual_rows import (
    Agreement,
    AnnualReport,
    Decision,
    LedTo,
    Measure,
    Meeting,
    Owing,
    Point,
    Season,
)
from workflows.binding import reserved_in
from workflows.due import carried_out, season
from workflows.follow_up import breaches_of
from workflows.follow_up_rows import Decided
from workflows.measure import S as M
from workflows.year import HELD

if TYPE_CHECKING:
    from engine import acts
    from engine.ports import Owed
    from engine.register import Id
    from engine.situation import Case
    from workflows.annual_record import Record
    from workflows.follow_up_rows import Row

HAS_BEEN_IN_FORCE = frozenset({A.IN_FORCE, A.TERMINATED, A.EXPIRED, A.SUPERSEDED})
"""The states of an agreement that is, or was, in force."""

RECOMMENDED = "measure.recommended"
"""The type of the event by which the council recommends a measure."""


def annual_of(record: Record) -> AnnualReport:
    """The annual report over a record."""
    rows = tuple(row for row in record.rows if row.workflow == "measure")
    agreements, meetings, evaluation = _agreements(record), _meetings(record), _season(record)
    recommended = _named(row for row in rows if record.within(_date(_recommendation(row))))
    implemented = _named(row for row in rows if row.implemented and record.within(row.implemented_on))
    evaluated = _named(row for row in rows if row.evaluation and record.within(row.evaluation.on))
    left = _named(row for row in rows if _left(row, record.last))
    told = {*recommended, *implemented, *evaluated, *left, *evaluation.to_evaluate, *evaluation.not_implemented,
            *evaluation.missing, *evaluation.put_off}  # fmt: skip
    others = (*(one.case for one in agreements), *(one.case for one in meetings))
    shown = {record.year.id, *told, *others, *(case.id for case in record.cases["amendment"])}
    return AnnualReport(
        council=record.council, name=record.directory.name(record.register.council, record.last), year=record.number,
        state=record.year.state, on=record.today, events=record.events,
        meetings_agreed=record.rules.meetings_per_year, meetings_held=sum(meeting.held for meeting in meetings),
        breaches=tuple(b for b in breaches_of(record.cases["year"]) if b.year <= record.number),
        overrides=tuple(one for one in record.overrides if one.on is None or record.within(one.on)),
        agreements=agreements, meetings=meetings, season=evaluation,
        measures=tuple(_measure(row, record) for row in rows if row.case in told),
        recommended=recommended, implemented=implemented, evaluated=evaluated, not_implemented=left,
        decisions=_decisions(record), self_evaluation=record.year.text("self_evaluation"),
        self_evaluated_on=record.dates.get("evaluate_council"), report_sent_on=record.year.day("reported_on"),
        owed=tuple(_owing(item, record) for item in record.owed if item.case in shown and item.ladder != "none"),
    )  # fmt: skip


def _named(rows: Iterable[Row]) -> tuple[str, ...]:
    return tuple(row.case for row in rows)


def _date(decided: Decided | None) -> date | None:
    return decided.on if decided else None


def _recommendation(row: Row) -> Decided | None:
    """The council's newest recommendation of a measure."""
    return next((one for one in reversed(row.decisions) if one.type == RECOMMENDED), None)


def _left(row: Row, last: date) -> bool:
    """Whether a measure was recommended by a day, and neither carried out nor given up by then."""
    recommended = _recommendation(row)
    if recommended is None or (recommended.on or row.opened) > last:
        return False
    if row.implemented:
        return row.implemented_on is not None and row.implemented_on > last
    return row.is_open or (row.ended is not None and row.ended > last)


def _agreements(record: Record) -> tuple[Agreement, ...]:
    """The agreements that were in force at some time in the year."""
    been = (case for case in record.cases["agreement"] if case.state in HAS_BEEN_IN_FORCE)
    told = (_agreement(case, record) for case in been)
    return tuple(
        one for one in told
        if (one.since or date.min).year <= record.number <= (one.until or date.max).year
    )  # fmt: skip


def _agreement(case: Case, record: Record) -> Agreement:
    texts = (text for text in record.versions[case.id] if text.on is None or text.on <= record.last)
    directory = record.directory
    parties = (party.organisation for party in record.register.parties.values())
    newest = max(texts, key=lambda text: text.number, default=None)
    return Agreement(
        case.id, case.text("title"), case.state, since=case.day("in_force_on"),
        until=None if case.state == A.IN_FORCE else case.day("since"),
        term_ends=case.day("term_ends"), ends_on=case.day("ends_on"),
        version=newest.number if newest else None, version_on=newest.on if newest else None,
        parties=directory.organisations(parties, record.last),
        reserved=directory.organisations(reserved_in(case), record.last),
    )  # fmt: skip


def _meetings(record: Record) -> tuple[Meeting, ...]:
    """The meetings of the year by date; one without a date belongs to the year in which it was planned."""
    told = (_meeting(case) for case in record.cases["meeting"] if record.within(_day(case) or case.opened))
    return tuple(sorted(told, key=lambda meeting: meeting.on or date.max))


def _day(meeting: Case) -> date | None:
    return meeting.day("held_on") or meeting.day("date")


def _meeting(case: Case) -> Meeting:
    return Meeting(
        case.id, case.text("title"), case.state, _day(case), case.state in HELD, _count(case, "present"),
        _count(case, "absent"), case.day("approved_on"),
    )  # fmt: skip


def _count(case: Case, fact: str) -> int | None:
    listed = case.facts.get(fact)
    return len(listed) if isinstance(listed, list | tuple) else None


def _season(record: Record) -> Season:
    """What the season began with, and where the evaluations stand on the day of the report."""
    opens, last = season(record.number, record.rules)
    done = (case for case in record.cases["measure"] if case.state == M.IMPLEMENTED and carried_out(case) <= last)
    until = {case.id: case.day("until") or date.min for case in done}
    waiting = tuple(case for case, day in until.items() if day > min(record.today, last))
    return Season(
        opens, last, _listed(record.year, "to_evaluate"), _listed(record.year, "not_implemented"),
        missing=tuple(case for case in until if case not in waiting), put_off=waiting,
    )  # fmt: skip


def _listed(year: Case, fact: str) -> tuple[str, ...]:
    listed = year.facts.get(fact)
    return tuple(map(str, listed)) if isinstance(listed, list | tuple) else ()


def _measure(row: Row, record: Record) -> Measure:
    case = next(case for case in record.cases["measure"] if case.id == row.case)
    recommended = _recommendation(row)
    return Measure(
        row.case, row.title, row.theme, row.state, case.text("challenge"), case.text("goal"),
        recommended_on=_date(recommended), recommended_ref=recommended.ref if recommended else None,
        responsible=row.responsible, implemented_on=row.implemented_on, done=row.done, evaluation=row.evaluation,
        put_off_until=case.day("until") if case.state == M.IMPLEMENTED else None, result=row.result,
        progress=row.progress, progress_on=row.progress_on, plan=row.plan, deadline=row.deadline,
        overdue_since=next((duty.overdue_since for duty in row.owed if duty.name == "implement"), None),
    )  # fmt: skip


def _decisions(record: Record) -> tuple[Decision, ...]:
    """The decisions of the year by date: those recorded with their points, and those a step names by reference."""
    recorded = (_recorded(one, record) for one in record.decisions if record.within(one.on))
    return tuple(sorted((*recorded, *_by_reference(record)), key=lambda one: one.on))


def _recorded(decision: acts.Decision, record: Record) -> Decision:
    on = decision.on or record.last
    led_to = (_led_to(row, one) for row in record.rows for one in row.decisions if one.decision == decision.id)
    return Decision(
        on, decision.body, record.directory.name(decision.body, on), decision.ref, decision.id,
        tuple(Point(point.text, point.outcome) for point in decision.points), tuple(led_to),
    )  # fmt: skip


def _by_reference(record: Record) -> Iterable[Decision]:
    """One decision for all steps of the same body, date and reference."""
    found: dict[tuple[date, Id | None, str | None, str | None], list[LedTo]] = {}
    for row in record.rows:
        for one in row.decisions:
            if one.decision is None and one.on and record.within(one.on):
                found.setdefault((one.on, one.decider, one.body, one.ref), []).append(_led_to(row, one))
    return (
        Decision(on, decider, body, ref, None, (), tuple(led_to)) for (on, decider, body, ref), led_to in found.items()
    )


def _led_to(row: Row, decided: Decided) -> LedTo:
    return LedTo(row.case, row.title, decided.type, decided.registered)


def _owing(item: Owed, record: Record) -> Owing:
    late = item.on + timedelta(days=1) if item.on < record.today else None
    title = record.directory.name(item.office, record.today)
    return Owing(item.case, item.workflow, item.title, item.name, item.office, title, item.on, late)
