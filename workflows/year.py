"""The council's year: at least so many meetings, the evaluation at its end, the report, the council's own review.

One case per council and calendar year while an agreement is in force, opened by the clock. A year without enough
meetings is a breach, recorded on 1 January and shown ever after; it is never rolled over silently. Meetings tell
the year about themselves (`note_meeting`), because a meeting's date must move the year's deadline at once; measures
do so while they are evaluated (`note_measure`), so that nobody owes an evaluation that is done.

The profile says when the evaluation season is. It may come in spring, long before the year is over, or cross New Year:
so a meeting's date is missed and a breach recorded in whatever state the year is, and no year is closed before its end.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from engine.calendar import month_day
from engine.definition import Deadline, Letter, Link, Recurrence, Row, Workflow
from engine.errors import because
from engine.field import Kind
from engine.form import Form, ask
from engine.role import AUTO, CLOCK, EFFECT, Role
from engine.situation import NEW
from workflows import roles as by
from workflows.due import due_by, season
from workflows.forms import Note, ReasonForm
from workflows.measure import S as M

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.errors import Reason
    from engine.event import Facts, Json
    from engine.register import Id
    from engine.situation import Case, Situation


class S(StrEnum):
    """The states of a year."""

    RUNNING = "running"
    EVALUATING = "evaluating"
    REPORTING = "reporting"
    CLOSED = "closed"


YEAR_OPEN = (S.RUNNING, S.EVALUATING, S.REPORTING)
HELD = ("held", "minuted", "approved")
NOT_IMPLEMENTED = (M.RECOMMENDED, M.ANCHORED, M.STARTED, M.ON_HOLD)
"""The states of a measure that the council has recommended and nobody has carried out yet."""


@dataclass(frozen=True, kw_only=True)
class MeetingNote(Form):
    """What a meeting tells the year: its date, if it still has one, and whether it was held."""

    meeting: str = ask(Kind.TEXT, "The meeting.")
    date: dt.date | None = ask(Kind.DAY, "Its date.", required=False)
    held: bool = ask(Kind.PLAIN, "Whether it was held.", required=False)


@dataclass(frozen=True, kw_only=True)
class Report(Form):
    """The annual report has gone to the regional council and every municipal council."""

    note: str | None = ask(Kind.TEXT, "To whom it was sent, and how.", required=False)


@dataclass(frozen=True, kw_only=True)
class SelfEvaluation(Form):
    """The council's evaluation of its own work."""

    assessment: str = ask(Kind.TEXT, "How the council has worked this year; no names of persons.")

    def facts(self) -> Facts:
        """The assessment."""
        return {"self_evaluation": self.assessment}


def number(case: Case) -> int:
    """The calendar year of a case `Y-2019`."""
    return int(case.id.removeprefix("Y-"))


def meetings(s: Situation) -> tuple[Mapping[str, Json], ...]:
    """The meetings of this year as they were told: id, date (YYYY-MM-DD) and whether held."""
    known = s.case.facts.get("meetings")
    return tuple(m for m in known if isinstance(m, dict)) if isinstance(known, list | tuple) else ()


def agreement_in_force(s: Situation) -> bool | Reason:
    """Years are kept while an agreement is in force, and for the year in which one came into force."""
    return bool(s.linked("agreements")) or because("no_agreement_in_force")


def season_open(s: Situation) -> bool:
    """The profile's day for the evaluation of measures has come."""
    return s.today >= evaluation_opens(s)


def season_closed(s: Situation) -> bool | Reason:
    """The profile's last day for evaluations has come."""
    due = evaluation_due(s)
    return s.today >= due or because("season_open_until", on=due.isoformat())


def year_over(s: Situation) -> bool | Reason:
    """It is the next year, Norwegian time."""
    return s.today.year > number(s.case) or because("year_not_over", year=number(s.case))


def too_few_meetings(s: Situation) -> bool:
    """Fewer meetings were held than the profile demands."""
    return sum(bool(m["held"]) for m in meetings(s)) < by.rules(s).meetings_per_year


def no_breach_yet(s: Situation) -> bool:
    """A breach is recorded once."""
    return not s.case.facts.get("breach") and not s.case.facts.get("breach_lifted")


def breach_on_record(s: Situation) -> bool | Reason:
    """A year with too few meetings is closed only once that is recorded, even where the clock has stood still."""
    if year_over(s) is not True or not too_few_meetings(s) or not no_breach_yet(s):
        return True
    return because("breach_not_recorded", year=number(s.case), agreed=by.rules(s).meetings_per_year)


def meeting_registered_late(s: Situation) -> bool | Reason:
    """A breach is lifted when the missing meeting turns out to have been held."""
    if not s.case.facts.get("breach"):
        return because("no_breach")
    return not too_few_meetings(s) or because("still_too_few_meetings", needed=by.rules(s).meetings_per_year)


def all_evaluated_or_postponed(s: Situation) -> bool | Reason:
    """Every measure implemented by the end of the year is evaluated, or its evaluation was put off on record."""
    pending = unevaluated(s)
    return because("not_evaluated", cases=", ".join(case.id for case in pending)) if pending else True


def report_sent(s: Situation) -> bool | Reason:
    """The annual report has gone out."""
    return bool(s.case.facts.get("reported_on")) or because("report_not_sent")


def self_evaluated(s: Situation) -> bool | Reason:
    """The council has looked at its own work."""
    return bool(s.case.facts.get("self_evaluation")) or because("not_self_evaluated")


def just_over(s: Situation) -> bool:
    """The year has ended last: after a long stop of the clock nobody is written to about each year before."""
    return number(s.case) == s.today.year - 1


def breach_stands(s: Situation) -> bool:
    """A breach is on record and was not lifted."""
    return bool(s.case.facts.get("breach"))


def unevaluated(s: Situation) -> tuple[Case, ...]:
    """The measures of this season whose evaluation is neither done nor put off to a day to come.

    What is carried out later, or put off beyond the season, belongs to the next one (see `workflows.due.evaluation`).
    """
    last = evaluation_due(s)
    return tuple(m for m in s.linked("implemented") if due_by(m, last) and (m.day("until") or date.min) <= s.today)


def season_lists(s: Situation) -> Facts:
    """What the season begins with: the measures to be evaluated, and those that nobody has carried out yet.

    An empty list is left out, so that a later correction of this step, which no longer sees what stood then, finds
    nothing to change.
    """
    measures, last = s.linked("measures"), evaluation_due(s)
    lists = {
        "to_evaluate": [m.id for m in measures if m.state == M.IMPLEMENTED and due_by(m, last)],
        "not_implemented": [m.id for m in measures if m.state in NOT_IMPLEMENTED],
    }
    return {name: [*ids] for name, ids in lists.items() if ids}


def first_meetings(s: Situation) -> Facts:
    """The meetings of this year that were planned before the year was opened."""
    told = (_note(m.id, m.day("held_on") or m.day("date"), held=m.state in HELD) for m in s.linked("meetings"))
    return {"title": str(number(s.case)), "meetings": [n for n in told if _within(n, number(s.case))]}


def with_meeting(s: Situation) -> Facts:
    """The meetings with what one of them tells; a meeting moved to another year drops out."""
    if not isinstance(told := s.form, MeetingNote):
        return {}
    others = [dict(m) for m in meetings(s) if m["id"] != told.meeting]
    note = _note(told.meeting, told.date, held=bool(told.held))
    return {"meetings": [*others, note] if _within(note, number(s.case)) else [*others]}


def breach(s: Situation) -> Facts:
    """How many meetings were held, and how many were agreed."""
    held = sum(bool(m["held"]) for m in meetings(s))
    return {"breach": {"held": held, "agreed": by.rules(s).meetings_per_year}}


def breach_lifted(s: Situation) -> Facts:
    """The breach stays in the log; the year no longer carries it."""
    return {"breach": None, "breach_lifted": s.on.isoformat()}


def reported(s: Situation) -> Facts:
    """The day the report went out."""
    return {"reported_on": s.dated}


def dates_missing(s: Situation) -> bool:
    """Fewer meetings have a date than the profile demands, and it is not too late for one yet."""
    dated = sum(bool(m["date"]) for m in meetings(s))
    return dated < by.rules(s).meetings_per_year and no_breach_yet(s)


def meeting_date_due(s: Situation) -> date | None:
    """The day by which enough meetings must have a date; nothing once they have."""
    return month_day(number(s.case), by.rules(s).meeting_date_alert) if dates_missing(s) else None


def meeting_date_escalated(s: Situation) -> date | None:
    """The day from which it is the leader's to see that enough meetings have a date; nothing once they have."""
    return month_day(number(s.case), by.rules(s).meeting_date_escalate) if dates_missing(s) else None


def evaluation_opens(s: Situation) -> date:
    """The first day of the evaluation season."""
    return season(number(s.case), by.rules(s))[0]


def evaluation_due(s: Situation) -> date:
    """The last day of the evaluation season."""
    return season(number(s.case), by.rules(s))[1]


def new_year(s: Situation) -> date | None:
    """1 January of the next year, while a breach could still be recorded."""
    return date(number(s.case) + 1, 1, 1) if no_breach_yet(s) and too_few_meetings(s) else None


def report_due(s: Situation) -> date:
    """The day in the next year by which the annual report goes out and the year is closed; not before the season ends."""
    return max(month_day(number(s.case) + 1, by.rules(s).report_due), evaluation_due(s))


def years_in_force(agreements: tuple[Case, ...], today: date) -> tuple[str, ...]:
    """Every calendar year from the agreement's first to this one, so that none is lost in a long outage."""
    years = {year for case in agreements for year in range(_first_year(case, today), _last_year(case, today) + 1)}
    return tuple(f"Y-{year}" for year in sorted(years))


def _first_year(agreement: Case, today: date) -> int:
    return (agreement.day("in_force_on") or agreement.day("since") or today).year


def _last_year(agreement: Case, today: date) -> int:
    """This year, or the one in which its term or notice ran out before the clock came by."""
    ends = (agreement.day("term_ends"), agreement.day("ends_on"), today)
    return min(end for end in ends if end).year


def _note(meeting: str, day: date | None, *, held: bool) -> dict[str, Json]:
    return {"id": meeting, "date": day.isoformat() if day else None, "held": held}


def _within(note: Mapping[str, Json], year: int) -> bool:
    return str(note["date"]).startswith(f"{year}-")


def _follow_ups(s: Situation) -> tuple[Id, ...]:
    return tuple(m.offices["follow_up"] for m in unevaluated(s) if "follow_up" in m.offices)


FOLLOW_UPS = Role("follow-up offices", _follow_ups)
AGREEMENTS = Link("agreements", "agreement", "council", ("in_force",))

YEAR = Workflow(
    name="year", version=1, prefix="Y", states=S, final=frozenset({S.CLOSED}),
    irregular={"note_meeting": "meeting_noted", "note_measure": "measure_noted", "evaluate_council": "council_evaluated"},
    recurs=Recurrence("open", AGREEMENTS, years_in_force),
    reads=(AGREEMENTS, Link("implemented", "measure", "council", ("implemented",)),
           Link("measures", "measure", "council", (M.IMPLEMENTED, *NOT_IMPLEMENTED), needed_in=(NEW,), needed_by=("start_evaluation",)),
           Link("meetings", "meeting", "council", needed_in=(NEW,))),
    rows=(
        #   step               from          to            by              form            only if
        Row("open",             NEW,          S.RUNNING,    CLOCK | EFFECT, Form,           (agreement_in_force,), sets=first_meetings),
        Row("note_meeting",     YEAR_OPEN,    None,         EFFECT,         MeetingNote,    sets=with_meeting),
        Row("note_measure",     S.EVALUATING, None,         EFFECT,         Form),
        Row("start_evaluation", S.RUNNING,    S.EVALUATING, CLOCK,          Form,           (season_open,), sets=season_lists),
        Row("record_breach",    YEAR_OPEN,    None,         CLOCK,          Form,           (year_over, too_few_meetings, no_breach_yet), sets=breach),
        Row("lift_breach",      YEAR_OPEN,    None,         by.SECRETARIAT, ReasonForm,     (meeting_registered_late,), sets=breach_lifted),
        Row("finish_evaluation", S.EVALUATING, S.REPORTING, AUTO,           Form,           (season_closed, all_evaluated_or_postponed)),
        Row("report",           S.REPORTING,  None,         by.SECRETARIAT, Report,         sets=reported),
        Row("evaluate_council", YEAR_OPEN,    None,         by.LEADER,      SelfEvaluation),
        Row("close",            S.REPORTING,  S.CLOSED,     by.SECRETARIAT, Note,           (year_over, breach_on_record, report_sent, self_evaluated)),
    ),
    deadlines=(
        # ladder "none": the clock acts on the day, and each measure reminds its own follow-up office; "alert": from the
        # day on, to whoever owes it; else "duty", which warns before a breach too
        #        name                  while in      due                     owed by         ladder           fires
        Deadline("meeting_date",       YEAR_OPEN,    meeting_date_due,       by.SECRETARIAT, ladder="alert"),
        Deadline("meeting_date_leader", YEAR_OPEN,   meeting_date_escalated, by.LEADER,      ladder="alert"),
        Deadline("start_evaluation",   S.RUNNING,    evaluation_opens,       by.SECRETARIAT, ladder="none",  fires="start_evaluation"),
        Deadline("evaluate",           S.EVALUATING, evaluation_due,         FOLLOW_UPS,     ladder="none",  fires="finish_evaluation"),
        Deadline("breach",             YEAR_OPEN,    new_year,               by.SECRETARIAT, fires="record_breach"),
        Deadline("report",             (S.EVALUATING, S.REPORTING), report_due, by.SECRETARIAT),
    ),
    letters=(
        #      after               kind          to                                       only if
        Letter("start_evaluation", "evaluation", FOLLOW_UPS),
        Letter("record_breach",    "breach",     by.SECRETARIAT | by.LEADER | by.PARTY, (breach_stands, just_over)),
    ),
)  # fmt: skip
