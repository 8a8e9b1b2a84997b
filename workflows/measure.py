"""A measure (tiltak): proposed, recommended, anchored, started, implemented, evaluated and closed.

The council is advisory: it recommends, the implementer accepts. So a measure has two offices, who implements and
who follows up (domain.md §2.8). Only implemented measures are evaluated; "the effect cannot be measured" is an
answer of its own, with a reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from engine.definition import Deadline, Letter, Link, Row, Workflow
from engine.errors import because
from engine.field import Kind
from engine.form import Form, ask
from engine.role import EFFECT
from engine.situation import NEW, Command
from workflows import roles as by
from workflows.binding import outside
from workflows.due import by_year_end, evaluation, on_fact, within
from workflows.forms import (
    Decision,
    Note,
    Postponed,
    Progress,
    ReasonForm,
    Refusal,
    WithReason,
    decision_on_record,
    put_off_forward,
)

if TYPE_CHECKING:
    from engine.errors import Reason
    from engine.event import Facts, Json
    from engine.register import Id
    from engine.situation import Case, Situation


class S(StrEnum):
    """The states of a measure."""

    PROPOSED = "proposed"
    RECOMMENDED = "recommended"
    ANCHORED = "anchored"
    STARTED = "started"
    ON_HOLD = "on_hold"
    IMPLEMENTED = "implemented"
    EVALUATED = "evaluated"
    CLOSED = "closed"
    REJECTED = "rejected"
    DROPPED = "dropped"


class Theme(StrEnum):
    """What the council works with [seed]."""

    CRIME_PREVENTION = "crime_prevention"
    PREPAREDNESS = "preparedness"
    PUBLIC_SAFETY = "public_safety"


class Effect(StrEnum):
    """What an evaluation found."""

    ACHIEVED = "achieved"
    PARTLY_ACHIEVED = "partly_achieved"
    NOT_ACHIEVED = "not_achieved"
    CANNOT_BE_MEASURED = "cannot_be_measured"


class Result(StrEnum):
    """How a measure is closed."""

    CONTINUED = "continued"
    ADJUSTED = "adjusted"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class Details(Form):
    """What a measure is about. All of it is needed before it can be recommended."""

    theme: str | None = ask(Kind.CHOICE, "Which of the council's themes.", required=False, choices=Theme)
    challenge: str | None = ask(Kind.TEXT, "The identified challenge it answers.", required=False)
    goal: str | None = ask(Kind.TEXT, "The goal or indicator it will be measured by.", required=False)
    implementer: str | None = ask(Kind.ID, "The office that carries it out.", required=False)
    follow_up: str | None = ask(Kind.ID, "The office that follows it up.", required=False)
    deadline: date | None = ask(Kind.DAY, "The date by which it is carried out.", required=False)
    plan: str | None = ask(Kind.TEXT, "How it will be carried out.", required=False)

    def facts(self) -> Facts:
        """What was given, and nothing else."""
        texts: dict[str, Json] = {
            name: getattr(self, name) for name in ("title", "theme", "challenge", "goal", "plan") if hasattr(self, name)
        }
        texts["deadline"] = self.deadline.isoformat() if self.deadline else None
        offices: dict[str, Json] = {"implementer": self.implementer, "follow_up": self.follow_up}
        offices = {role: office for role, office in offices.items() if office}
        given = {name: value for name, value in texts.items() if value is not None}
        return {**given, **({"offices": offices} if offices else {})}


@dataclass(frozen=True, kw_only=True)
class Proposal(Details):
    """A new measure."""

    title: str = ask(Kind.TEXT, "What is to be done, in a few words.")


@dataclass(frozen=True, kw_only=True)
class Edit(Details):
    """A better description of a proposed measure."""

    title: str | None = ask(Kind.TEXT, "What is to be done, in a few words.", required=False)


@dataclass(frozen=True, kw_only=True)
class NewDeadline(Form):
    """Another date by which the measure is carried out."""

    deadline: date = ask(Kind.DAY, "The new date by which it is carried out.")

    def facts(self) -> Facts:
        """The date."""
        return {"deadline": self.deadline.isoformat()}


@dataclass(frozen=True, kw_only=True)
class Offices(Decision):
    """Other offices for the measure."""

    implementer: str | None = ask(Kind.ID, "The office that carries it out.", required=False)
    follow_up: str | None = ask(Kind.ID, "The office that follows it up.", required=False)

    def facts(self) -> Facts:
        """The offices that change."""
        offices: dict[str, Json] = {"implementer": self.implementer, "follow_up": self.follow_up}
        return {"offices": {role: office for role, office in offices.items() if office}}


@dataclass(frozen=True, kw_only=True)
class Hold(Form):
    """On hold until it is looked at again."""

    review: date = ask(Kind.DAY, "The date on which it is looked at again.")
    reason: str = ask(Kind.REMARK, "Why it is on hold.")

    def facts(self) -> Facts:
        """The date."""
        return {"review": self.review.isoformat()}


@dataclass(frozen=True, kw_only=True)
class Implemented(Form):
    """It has been carried out."""

    done: str = ask(Kind.TEXT, "What was done; no names of persons.")

    def facts(self) -> Facts:
        """What was done."""
        return {"done": self.done}


@dataclass(frozen=True, kw_only=True)
class Evaluation(Form):
    """The effect of an implemented measure, assessed against the challenge it answers."""

    effect: str = ask(Kind.CHOICE, "What the evaluation found.", choices=Effect)
    assessment: str = ask(Kind.TEXT, "The effect against the challenge; for cannot_be_measured: why not.")
    method: str = ask(Kind.TEXT, "How it was evaluated.")
    evaluator: str = ask(Kind.ID, "The office that evaluated it.")

    def facts(self) -> Facts:
        """All of it, for the reports."""
        return {"effect": self.effect, "assessment": self.assessment, "method": self.method,
                "evaluator": self.evaluator}  # fmt: skip

    def flags(self, situation: Situation) -> tuple[str, ...]:
        """An evaluator who is the implementer alone is warned about, not refused."""
        own = self.evaluator == situation.case.offices.get("implementer")
        return ("evaluated_by_its_implementer",) if own else ()


@dataclass(frozen=True, kw_only=True)
class LeftBehind(Form):
    """No agreement binds those who answer for it any more."""

    def flags(self, situation: Situation) -> tuple[str, ...]:
        """That an office was released is said wherever the measure is told of."""
        return ("office_released",) if not_bound(situation) else ()


@dataclass(frozen=True, kw_only=True)
class Outcome(Decision):
    """What becomes of the measure."""

    result: str = ask(Kind.CHOICE, "continued and adjusted open a successor.", choices=Result)
    next_title: str | None = ask(Kind.TEXT, "The successor's title, if it differs.", required=False)
    next_deadline: date | None = ask(Kind.DAY, "The successor's deadline.", required=False)

    def facts(self) -> Facts:
        """The result."""
        return {"result": self.result}


NEEDED = ("theme", "challenge", "goal", "deadline", "plan")
ANSWERING = ("implementer", "follow_up")
"""The roles of the offices that answer for a measure."""


def is_complete(s: Situation) -> bool | Reason:
    """Title, theme, challenge, goal, both offices, deadline and plan are known."""
    missing = [name for name in NEEDED if not s.case.facts.get(name)]
    missing += [role for role in ANSWERING if role not in s.case.offices]
    return because("incomplete", missing=", ".join(missing)) if missing else True


def offices_are_known(s: Situation) -> bool | Reason:
    """Both offices, and an evaluator, stand in the register."""
    named = (getattr(s.form, role, None) for role in (*ANSWERING, "evaluator"))
    unknown = [office for office in named if office and office not in s.council.register.offices]
    return because("unknown_office", office=unknown[0]) if unknown else True


def offices_are_bound(s: Situation) -> bool | Reason:
    """Neither office belongs to an organisation that reserved itself against the agreement in force."""
    office = next(iter(not_bound(s).values()), None)
    if office is None:
        return True
    return because("office_outside", office=office, organisation=s.council.register.offices[office].organisation)


def not_bound(s: Situation) -> dict[str, Id]:
    """The offices that answer for it, or are to, of organisations that reserved themselves; by role."""
    named = {role: office for role in ANSWERING if (office := getattr(s.form, role, None))}
    return outside({**s.case.offices, **named}, s.linked("agreements"), s.council.register)


def somebody_answers(s: Situation) -> bool | Reason:
    """Whoever had to be released has been replaced; of an evaluated measure nothing is left for its offices to do."""
    missing = [] if s.case.state == S.EVALUATED else lacking(s.case)
    return because("nobody_answers", missing=", ".join(missing)) if missing else True


def lacking(measure: Case) -> list[str]:
    """The roles of a measure whose office was released and not replaced since."""
    released = measure.facts.get("released")
    return [role for role in released if role not in measure.offices] if isinstance(released, dict) else []


def later_needs_the_council(s: Situation) -> bool | Reason:
    """After the recommendation a later deadline is the council's to give."""
    old = s.case.day("deadline")
    new = s.form.deadline if isinstance(s.form, NewDeadline) else None
    later = old is not None and new is not None and new > old
    decided = s.authority is not None and s.authority.decider == s.council.register.council
    return not later or decided or because("later_needs_the_council", deadline=old.isoformat() if old else None)


def an_office_changes(s: Situation) -> bool | Reason:
    """Reassigning names at least one office."""
    return bool(s.form.facts().get("offices")) or because("no_office_named")


def something_changes(s: Situation) -> bool | Reason:
    """An edit says what is different."""
    return bool(s.form.facts()) or because("nothing_changes")


def was_started(s: Situation) -> bool:
    """It was under way when it was put on hold."""
    return s.case.text("held_from") == S.STARTED


def was_anchored(s: Situation) -> bool:
    """It was anchored when it was put on hold."""
    return s.case.text("held_from") == S.ANCHORED


def answers_challenge(s: Situation) -> bool | Reason:
    """There is a challenge on record that the assessment answers."""
    return bool(s.case.text("challenge")) or because("no_challenge")


def proposed_by(s: Situation) -> Facts:
    """Whose proposal it is, and under which agreement."""
    own: Facts = {"proposer": s.authority.decider if s.authority else None} if s.command.via == "declared" else {}
    return {**own, **under_agreement(s)}


def under_agreement(s: Situation) -> Facts:
    """The agreement in force, if there is one."""
    in_force = s.linked("agreements")
    return {"agreement": in_force[-1].id} if in_force else {}


def left_behind(s: Situation) -> Facts:
    """No agreement binds those who answer for it any more; it waits for a decision, to be moved or dropped.

    Offices of an organisation that reserved itself are released: what they owed, the secretariat owes until the council
    has named others.
    """
    since, out = s.dated or s.today.isoformat(), not_bound(s)
    return {"left_behind": since, **({"released": {**out}, "offices": dict.fromkeys(out)} if out else {})}


def moved(s: Situation) -> Facts:
    """It goes on under the agreement in force."""
    return {**under_agreement(s), "left_behind": None, "released": None}


def was_left_behind(s: Situation) -> bool | Reason:
    """Only a measure whose agreement has ended is moved, and only to one that is in force."""
    if not s.case.text("left_behind"):
        return because("not_left_behind")
    return bool(s.linked("agreements")) or because("no_agreement_to_move_to")


def held_from(s: Situation) -> Facts:
    """Where it resumes."""
    return {"held_from": s.case.state}


def implemented_on(s: Situation) -> Facts:
    """The date it was carried out."""
    return {"implemented_on": s.dated, "until": None}


def evaluated_on(s: Situation) -> Facts:
    """The date it was evaluated."""
    return {"evaluated_on": s.dated}


def reported_on(s: Situation) -> Facts:
    """The date of the newest progress report."""
    return {"reported_on": s.dated}


def recommended_by(s: Situation) -> Facts:
    """The decision that recommended it, for the follow-up report: body, date, reference and point."""
    decision = s.decision
    recommended: dict[str, Json] = {
        "body": s.authority.decider if s.authority else None, "on": s.dated,
        "ref": s.command.ref or (decision.ref if decision else None),
        "decision": decision.id if decision else None, "point": s.command.point,
    }  # fmt: skip
    return {"recommended": recommended}


def opens_successor(s: Situation) -> tuple[Command, ...]:
    """A continued or adjusted measure goes on as a new one, proposed afresh."""
    outcome = s.form if isinstance(s.form, Outcome) else None
    if outcome is None or outcome.result == Result.ENDED:
        return ()
    kept = {name: s.case.facts[name] for name in ("title", "theme", "challenge", "goal", "plan")}
    new = {"title": outcome.next_title or kept["title"], "deadline": outcome.next_deadline}
    return (
        Command(
            workflow="measure",
            step="propose",
            parent=s.case.id,
            on=s.on,
            form={**kept, **s.case.offices, **new},
        ),
    )


def tells_the_year(s: Situation) -> tuple[Command, ...]:
    """A year in its evaluation season looks again at whose evaluations are missing."""
    return tuple(Command(workflow="year", step="note_measure", case=y.id, on=s.on) for y in s.linked("years"))


def at_the_next_meeting(s: Situation) -> date:
    """The council's next meeting as it is planned now, else the end of the year.

    If that meeting is moved or cancelled, so is the date. A meeting planned later does not move it: the measure then
    comes up earlier, by the required agenda item.
    """
    dated = [day for meeting in s.linked("meetings") if (day := meeting.day("date")) and day >= s.on]
    return min(dated, default=by_year_end(s))


def to_be_moved(s: Situation) -> date | None:
    """Left behind by its agreement, it comes before the council as soon as an accepted change would."""
    since = s.case.day("left_behind")
    return since + timedelta(days=by.rules(s).days.accepted) if since else None


TELLS = (tells_the_year,)
BOTH_OFFICES = by.IMPLEMENTER | by.FOLLOW_UP
TO_DO = (S.ANCHORED, S.STARTED)
UNFINISHED = (S.PROPOSED, S.RECOMMENDED, S.ANCHORED, S.STARTED, S.ON_HOLD)
MEASURE_OPEN = (*UNFINISHED, S.IMPLEMENTED, S.EVALUATED)
WAITING = (S.PROPOSED, S.EVALUATED)
"""The states in which a measure waits for the council's next meeting."""

MEASURE = Workflow(
    name="measure", version=1, prefix="M", states=S, final=frozenset({S.CLOSED, S.REJECTED, S.DROPPED}),
    irregular={"move_deadline": "deadline_moved", "put_on_hold": "put_on_hold", "drop": "dropped",
               "leave_behind": "left_behind", "note_meeting": "meeting_noted"},
    reads=(Link("meetings", "meeting", "council", ("planned", "summoned"),
                needed_in=(NEW, S.PROPOSED, S.IMPLEMENTED, S.EVALUATED)),
           Link("years", "year", "council", ("evaluating",), needed_in=(S.IMPLEMENTED,)),
           Link("agreements", "agreement", "council", ("in_force",), needed_in=(NEW,),
                needed_by=("edit", "recommend", "reassign", "leave_behind", "move"))),
    rows=(
        #   step                 from                                          to             by                        form         only if
        Row("propose",           NEW,                                          S.PROPOSED,    by.MEMBER | EFFECT,       Proposal,    (offices_are_known, offices_are_bound), sets=proposed_by),
        Row("edit",              S.PROPOSED,                                   None,          by.PROPOSER | by.SECRETARIAT, Edit,        (something_changes, offices_are_known, offices_are_bound)),
        Row("recommend",         S.PROPOSED,                                   S.RECOMMENDED, by.COUNCIL,               Decision,    (is_complete, offices_are_bound), sets=recommended_by, binding=True),
        Row("reject",            S.PROPOSED,                                   S.REJECTED,    by.COUNCIL,               Refusal,     binding=True),
        Row("anchor",            S.RECOMMENDED,                                S.ANCHORED,    by.IMPLEMENTER,           Decision,    binding=True),
        Row("decline",           S.RECOMMENDED,                                S.REJECTED,    by.IMPLEMENTER,           Refusal,     binding=True),
        Row("start",             S.ANCHORED,                                   S.STARTED,     by.IMPLEMENTER,           Note),
        Row("report",            TO_DO,                                        None,          by.IMPLEMENTER,           Progress,    sets=reported_on),
        Row("move_deadline",     TO_DO,                                        None,          by.FOLLOW_UP | by.COUNCIL, NewDeadline, (later_needs_the_council,)),
        Row("reassign",          (S.RECOMMENDED, *TO_DO, S.ON_HOLD, S.IMPLEMENTED), None,     by.COUNCIL,               Offices,     (an_office_changes, offices_are_known, offices_are_bound), binding=True),
        Row("put_on_hold",       (S.RECOMMENDED, *TO_DO),                      S.ON_HOLD,     by.FOLLOW_UP,             Hold,        (put_off_forward,), sets=held_from),
        Row("resume",            S.ON_HOLD,                                    S.STARTED,     by.FOLLOW_UP,             Note,        (was_started,)),
        Row("resume",            S.ON_HOLD,                                    S.ANCHORED,    by.FOLLOW_UP,             Note,        (was_anchored,)),
        Row("resume",            S.ON_HOLD,                                    S.RECOMMENDED, by.FOLLOW_UP,             Note),
        Row("implement",         TO_DO,                                        S.IMPLEMENTED, by.IMPLEMENTER,           Implemented, sets=implemented_on),
        Row("return",            S.IMPLEMENTED,                                S.STARTED,     by.FOLLOW_UP,             ReasonForm,  effects=TELLS),
        Row("postpone_evaluation", S.IMPLEMENTED,                              None,          by.FOLLOW_UP,             Postponed,   (put_off_forward,), effects=TELLS),
        Row("evaluate",          S.IMPLEMENTED,                                S.EVALUATED,   by.FOLLOW_UP,             Evaluation,  (answers_challenge, offices_are_known), sets=evaluated_on, effects=TELLS),
        Row("close",             S.EVALUATED,                                  S.CLOSED,      by.COUNCIL,               Outcome,     effects=(opens_successor,), binding=True),
        Row("note_meeting",      WAITING,                                      None,          EFFECT,                   Form),
        Row("leave_behind",      MEASURE_OPEN,                                 None,          EFFECT,                   LeftBehind,  sets=left_behind),
        Row("move",              MEASURE_OPEN,                                 None,          by.COUNCIL | EFFECT,      Decision,    (was_left_behind, somebody_answers, decision_on_record), sets=moved, binding=True),
        Row("drop",              UNFINISHED,                                   S.DROPPED,     by.COUNCIL,               WithReason,  binding=True),
    ),
    deadlines=(
        #        name          while in                  due                   owed by
        Deadline("recommend",  S.PROPOSED,               at_the_next_meeting,  by.SECRETARIAT),
        Deadline("anchor",     S.RECOMMENDED,            within("anchor"),     by.IMPLEMENTER),
        Deadline("implement",  TO_DO,                    on_fact("deadline"),  by.IMPLEMENTER),
        Deadline("review",     S.ON_HOLD,                on_fact("review"),    by.FOLLOW_UP),
        Deadline("evaluate",   S.IMPLEMENTED,            evaluation,           by.FOLLOW_UP),
        Deadline("close",      S.EVALUATED,              at_the_next_meeting,  by.SECRETARIAT),
        Deadline("move",       MEASURE_OPEN,             to_be_moved,          by.SECRETARIAT),
    ),
    letters=(
        #      after            kind        to
        Letter("recommend",     "decision", BOTH_OFFICES),
        Letter("reject",        "decision", BOTH_OFFICES),
        Letter("decline",       "decision", BOTH_OFFICES),
        Letter("reassign",      "decision", BOTH_OFFICES),
        Letter("move_deadline", "decision", BOTH_OFFICES),
        Letter("return",        "decision", BOTH_OFFICES),
        Letter("close",         "decision", BOTH_OFFICES),
        Letter("drop",          "decision", BOTH_OFFICES),
    ),
)  # fmt: skip
