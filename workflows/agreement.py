"""The agreement: from a wish, through proposal and amendment, to adoption, signature and force.

Before adoption an amendment only yields the next proposal (`take_version`), which the parties approve once, on the
agreement. In force, the amendment carries the full next version and its approvals, and the agreement stays in
force until it takes that version. `amend_before_adoption` in the profile tells the two apart.

`review` is ours: machines.md lets a yearly review be owed in force but gives no step that ends that duty.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import structs

from engine.acts import Version
from engine.calendar import add_months
from engine.definition import Deadline, Link, Row, Workflow
from engine.definition import Letter as LetterRow
from engine.errors import because
from engine.evidence import based_on_current, version_is_current
from engine.field import Kind
from engine.finding import Finding, Status
from engine.form import Form, ask
from engine.register import Id, Seat
from engine.role import AUTO, CLOCK, EFFECT, Role
from engine.situation import NEW, Command
from workflows import roles as by
from workflows.amendment import AMENDMENT_OPEN
from workflows.binding import outside
from workflows.consent import (
    TO_APPROVE,
    TO_REJECT,
    TO_SET_ASIDE,
    TO_SIGN,
    TO_WITHDRAW,
    Approval,
    Ratification,
    Recusal,
    Rejection,
    SetAside,
    Signature,
    Withdrawal,
    only_by_override,
    recused,
    reserving,
    says_something_new,
    somebody_is_recused,
)
from workflows.due import after_the_version, last_day, on_fact, review, within
from workflows.forms import (
    Change,
    Decision,
    Letter,
    Note,
    Postponed,
    Refusal,
    SeatedVersion,
    decision_on_record,
    put_off_forward,
    seats_are_known,
)
from workflows.measure import MEASURE_OPEN, lacking
from workflows.measure import S as M

if TYPE_CHECKING:
    from datetime import date

    from engine.errors import Reason
    from engine.event import Facts
    from engine.situation import Case, Situation


class S(StrEnum):
    """The states of an agreement."""

    WISHED = "wished"
    CONVEYED = "conveyed"
    PROPOSED = "proposed"
    AMENDING = "amending"
    POSTPONED = "postponed"
    ADOPTED = "adopted"
    IN_FORCE = "in_force"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    TERMINATED = "terminated"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, kw_only=True)
class Wish(Decision):
    """A body's wish for an agreement."""

    title: str = ask(Kind.TEXT, "What the agreement is to be called.")

    def facts(self) -> Facts:
        """The name."""
        return {"title": self.title}


@dataclass(frozen=True, kw_only=True)
class TakenVersion(SeatedVersion):
    """A version handed over by an amendment, with its seats and the leaf its approvals bind to."""

    seats: tuple[Seat, ...] = ask(Kind.SEAT, "The seats.", many=True)
    taken_from: str = ask(Kind.TEXT, "The leaf of the amendment's version.")
    proposer: str | None = ask(Kind.PLAIN, "The party that proposed it there.", required=False)
    author: str | None = ask(Kind.PLAIN, "The person who prepared it there.", required=False)
    reserved: tuple[str, ...] | None = ask(Kind.PLAIN, "The organisations that reserved themselves.", required=False)

    def seats_on(self, s: Situation) -> tuple[Seat, ...]:  # they were decided in the amendment
        """The amendment's seats."""
        return self.seats

    def source(self) -> str | None:
        """The amendment's version, on which the approvals stand."""
        return self.taken_from

    def version(self, s: Situation) -> Version:
        """The amendment's version, with its proposer and author."""
        return replace(super().version(s), proposer=self.proposer, author=self.author)


def wished_by(s: Situation) -> Facts:
    """Whose wish it is; the initiative may come from either side."""
    return {"initiator": s.authority.decider if s.authority else None}


def proposed_by(s: Situation) -> Facts:
    """Whose proposal it is; without a wish before it, the initiative is the proposer's too."""
    decider = s.authority.decider if s.authority else None
    return {"proposer": decider, **({} if s.case.text("initiator") else {"initiator": decider})}


def unreserved(s: Situation) -> Facts:
    """A new text is answered anew: what anybody reserved against the old one is outdated with it."""
    return {"reserved": None}


def still_reserved(s: Situation) -> Facts:
    """A version taken over binds nobody who had reserved themselves, here or in the amendment."""
    handed = s.form.reserved if isinstance(s.form, TakenVersion) else ()
    return {"reserved": list(dict.fromkeys((*by.reserved(s), *(handed or ())))) or None}


def in_force_from(s: Situation) -> Facts:
    """The day it came into force, and the last day of its term where the profile sets one."""
    years = by.rules(s).term_years
    end = last_day(s.on, years).isoformat() if years else None
    return {"in_force_on": s.dated, **({"term_ends": end} if end else {})}


def notice_given(s: Situation) -> Facts:
    """The end of the notice period."""
    return {"ends_on": add_months(s.on, by.rules(s).notice_months).isoformat()}


def reviewed(s: Situation) -> Facts:
    """When it was reviewed last."""
    return {"reviewed_on": s.dated}


def is_titled(s: Situation) -> bool | Reason:
    """An agreement has a name by which lists and reports call it."""
    named = s.form.title if isinstance(s.form, SeatedVersion) else None
    return bool(named or s.case.text("title")) or because("needs_title")


def change_is_mandatory(s: Situation) -> bool | Reason:
    """Before adoption a change comes first, if the profile says so."""
    return by.rules(s).amend_before_adoption or because("change_is_optional")


def change_is_optional(s: Situation) -> bool | Reason:
    """Once adopted, or if the profile says so, a change is pursued beside the agreement."""
    optional = s.case.state != S.PROPOSED or not by.rules(s).amend_before_adoption
    return optional or because("change_is_mandatory")


def no_mandatory_amendment_open(s: Situation) -> bool | Reason:
    """Nothing that must come first is still under way."""
    pending = [e for e in s.linked("amendments") if e.facts.get("mandatory")]
    return because("amendment_open", case=pending[0].id) if pending else True


def adoption_rule_met(s: Situation) -> Finding:
    """Everybody whose approval the current version needs has given it, and others than its author among them."""
    return by.found(s, "approval")


def all_signed(s: Situation) -> Finding:
    """Everybody whose signature the current version needs has signed it."""
    return by.found(s, "signature")


def municipalities_answered(s: Situation) -> Finding:
    """Every municipality that must answer has acceded or reserved itself, and enough have acceded."""
    return by.found(s, "ratification")


def start_date_reached(s: Situation) -> bool | Reason:
    """It does not take effect before the date its text names."""
    starts = s.case.day("starts")
    return starts is None or starts <= s.today or because("starts_later", on=starts.isoformat())


def a_party_said_no(s: Situation) -> bool | Reason:
    """Giving up needs a no that stands and that the rule cannot do without, or too many reservations."""
    kind = "ratification" if s.case.state == S.ADOPTED else "approval"
    return by.found(s, kind).status is Status.LOST or because("nobody_said_no")


def no_notice_given(s: Situation) -> bool | Reason:
    """Notice is given once."""
    end = s.case.text("ends_on")
    return because("notice_already_given", on=end) if end else True


def notice_period_over(s: Situation) -> bool:
    """The notice period has run out."""
    end = s.case.day("ends_on")
    return end is not None and end <= s.today


def term_over(s: Situation) -> bool:
    """The last day of the term is past."""
    end = s.case.day("term_ends")
    return end is not None and end < s.today


def opens_the_amendment(s: Situation) -> tuple[Command, ...]:
    """The requested change becomes a case of its own."""
    change = s.form if isinstance(s.form, Change) else None
    return (
        Command(
            workflow="amendment", step="open", parent=s.case.id, on=s.on,
            form={
                "change": change.change if change else "", "add_seat": change.add_seat if change else (),
                "requested_by": s.authority.decider if s.authority else "",
                "mandatory": s.case.state == S.AMENDING,
            },
        ),
    )  # fmt: skip


def lapses_amendments(s: Situation) -> tuple[Command, ...]:
    """No open amendment survives its agreement's end."""
    return tuple(
        Command(workflow="amendment", step="lapse", case=child.id, on=s.on) for child in s.linked("amendments")
    )


def supersedes_the_old(s: Situation) -> tuple[Command, ...]:
    """A council has one agreement in force; the new one takes the old one's place."""
    old = (case for case in s.linked("in_force") if case.id != s.case.id)
    return tuple(Command(workflow="agreement", step="supersede", case=case.id, on=s.on) for case in old)


def opens_the_year(s: Situation) -> tuple[Command, ...]:
    """The council's year begins with the agreement, unless it is already running."""
    year = f"Y-{s.on.year}"
    known = any(case.id == year for case in s.linked("years"))
    return () if known else (Command(workflow="year", step="open", id_=year, on=s.on),)


def while_missing(s: Situation) -> date | None:
    """Signatures and answers are owed while somebody's is missing; an agreement that only waits for its day owes none."""
    waits = s.case.day("starts") is not None and not by.MISSING_TO_ENTER.deciders(s)
    return None if waits else within("sign")(s)


def seats_of(s: Situation) -> tuple[Seat, ...] | None:
    """The council's seats: of the version in force, before there is one of the proposed version.

    Whoever reserved themselves do not sit; a municipality that accedes later takes its seats.
    """
    decides = s.case.state == S.IN_FORCE or not s.linked("in_force")
    if not decides or s.version is None:
        return None
    out, offices = set(by.reserved(s)), s.council.register.offices
    absent = {office for office, post in offices.items() if post.organisation in out}
    return tuple(without(seat, absent) for seat in s.version.seats)


def without(seat: Seat, absent: set[Id]) -> Seat:
    """A seat without some offices, and no longer asking for them."""
    filled = tuple(office for office in seat.filled_by if office not in absent)
    if filled == seat.filled_by:
        return seat
    return structs.replace(seat, filled_by=filled, minimum=min(seat.minimum, len(filled)))


def leaves_measures_behind(s: Situation) -> tuple[Command, ...]:
    """Open measures of an agreement that ends wait for a decision: moved to the next one, or dropped."""
    own = (measure for measure in s.linked("measures") if measure.text("agreement") == s.case.id)
    return tuple(Command(workflow="measure", step="leave_behind", case=measure.id, on=s.on) for measure in own)


def leaves_the_unbound_behind(s: Situation) -> tuple[Command, ...]:
    """In force, it leaves those measures behind that an office of an organisation not bound by it answers for."""
    own = (m for m in s.linked("measures") if m.text("agreement") in {"", s.case.id} and not m.text("left_behind"))
    in_force = (s.case,) if s.case.state == S.IN_FORCE else ()
    out = (measure for measure in own if outside(measure.offices, in_force, s.council.register))
    return tuple(Command(workflow="measure", step="leave_behind", case=measure.id, on=s.on) for measure in out)


def moves_measures(s: Situation) -> tuple[Command, ...]:
    """Every measure that was left behind and that somebody answers for moves to this one, by the decision cited here.

    The others wait until the council has named an office for them.
    """
    left = (measure for measure in s.linked("measures") if can_move(measure))
    return tuple(
        Command(workflow="measure", step="move", case=measure.id, on=s.on, ref=s.command.ref,
                decision=s.command.decision, point=s.command.point)
        for measure in left
    )  # fmt: skip


def can_move(measure: Case) -> bool:
    """Whether a measure that was left behind can go on under another agreement as it is."""
    return bool(measure.text("left_behind")) and (measure.state == M.EVALUATED or not lacking(measure))


def measures_were_left_behind(s: Situation) -> bool | Reason:
    """There are measures without an agreement, and somebody answers for one of them."""
    left = [measure.id for measure in s.linked("measures") if measure.text("left_behind")]
    if not left:
        return because("no_measures_left_behind")
    return any(map(can_move, s.linked("measures"))) or because("nobody_answers_for_any", cases=", ".join(left))


def adopted_version(s: Situation) -> Facts:
    """The version that was adopted: whoever wrote it or an earlier one has been approved by others."""
    return {"adopted": s.version.number if s.version else None}


def council_with_measures_to_take_over(s: Situation) -> tuple[Id, ...]:
    """The council, if there is anything for it to take over."""
    return by.COUNCIL.deciders(s) if measures_were_left_behind(s) is True else ()


def bound(s: Situation) -> tuple[Id, ...]:
    """The municipalities it binds, or did until it ended: all that have not reserved themselves."""
    known, out = s.council.register.organisations, by.reserved(s)
    return tuple(town for town, one in known.items() if one.kind == "municipality" and town not in out)


EVERYBODY_BOUND = by.PARTY | Role("bound municipality", bound)
TAKES_OVER = Role(by.COUNCIL.name, by.COUNCIL.deciders, offered=council_with_measures_to_take_over)
ENDS = (lapses_amendments, leaves_measures_behind)
BEGINS = (supersedes_the_old, leaves_the_unbound_behind, opens_the_year)
EARLY = (S.WISHED, S.CONVEYED, S.PROPOSED, S.AMENDING, S.POSTPONED)

AGREEMENT = Workflow(
    name="agreement", version=1, prefix="A", states=S, versioned=True,
    final=frozenset({S.REJECTED, S.WITHDRAWN, S.TERMINATED, S.EXPIRED, S.SUPERSEDED}),
    irregular={"withdraw_approval": "approval_withdrawn", "take_version": "version_taken", "give_up": "given_up",
               "take_up": "taken_up", "enter_into_force": "entered_into_force", "withdraw": "withdrawn", "set_aside": "rejection_lifted",
               "take_over_measures": "measures_taken_over"},
    fixes=by.FIXES,
    reads=(Link("amendments", "amendment", "children", AMENDMENT_OPEN),
           Link("measures", "measure", "council", MEASURE_OPEN, needed_in=(S.ADOPTED, S.IN_FORCE)),
           Link("in_force", "agreement", "council", (S.IN_FORCE,)),
           Link("years", "year", "council", needed_in=(S.ADOPTED,))),
    seats=seats_of,
    rows=(
        #   step                from                                 to           by                   form           only if
        Row("wish",             NEW,                                 S.WISHED,    by.PARTY,            Wish,          (), sets=wished_by),
        Row("convey",           S.WISHED,                            S.CONVEYED,  by.INITIATORS_SECRETARIAT, Letter),
        Row("propose",          (NEW, S.WISHED, S.CONVEYED),         S.PROPOSED,  by.PARTY,            SeatedVersion, (is_titled, seats_are_known), sets=proposed_by),
        Row("decline",          (S.WISHED, S.CONVEYED),              S.REJECTED,  by.OTHER_THAN_INITIATOR, Refusal,  effects=ENDS, binding=True),
        Row("approve",          S.PROPOSED,                          None,        by.REQUIRED_PARTY,   Approval,      TO_APPROVE, sets=reserving, binding=True),
        Row("approve",          (S.ADOPTED, S.IN_FORCE),             None,        by.PARTY_NOT_HEARD,  Approval,      TO_APPROVE, sets=reserving, binding=True),
        Row("reject",           S.PROPOSED,                          None,        by.REQUIRED_PARTY,   Rejection,     TO_REJECT, sets=reserving, binding=True),
        Row("reject",           (S.ADOPTED, S.IN_FORCE),             None,        by.PARTY_NOT_HEARD,  Rejection,     TO_REJECT, sets=reserving, binding=True),
        Row("withdraw_approval", S.PROPOSED,                         None,        by.REQUIRED_PARTY,   Withdrawal,    TO_WITHDRAW, sets=reserving, binding=True),
        Row("set_aside",        S.PROPOSED,                          None,        by.OVERRIDER,        SetAside,      TO_SET_ASIDE, binding=True, overridable=(only_by_override,)),
        Row("recuse",           (S.PROPOSED, S.AMENDING, S.ADOPTED), None,        by.PARTY,            Recusal,       (somebody_is_recused,), sets=recused),
        Row("request_amendment", S.PROPOSED,                         S.AMENDING,  by.PARTY,            Change,        (change_is_mandatory, seats_are_known), effects=(opens_the_amendment,)),
        Row("request_amendment", (S.PROPOSED, S.ADOPTED, S.IN_FORCE), None,       by.PARTY,            Change,        (change_is_optional, seats_are_known), effects=(opens_the_amendment,)),
        Row("revise",           (S.PROPOSED, S.ADOPTED),             S.PROPOSED,  by.PROPOSER,         SeatedVersion, (based_on_current, seats_are_known), sets=unreserved),
        Row("take_version",     (S.AMENDING, S.PROPOSED, S.IN_FORCE), None,       EFFECT,              TakenVersion,  (based_on_current,), sets=still_reserved, effects=(leaves_the_unbound_behind,)),
        Row("resume",           S.AMENDING,                          S.PROPOSED,  AUTO,                Form,          (no_mandatory_amendment_open,)),
        Row("adopt",            S.PROPOSED,                          S.ADOPTED,   AUTO,                Form,          (adoption_rule_met,), sets=adopted_version),
        Row("give_up",          (S.PROPOSED, S.AMENDING, S.ADOPTED), S.REJECTED,  by.REQUIRED_PARTY,   Decision,      (a_party_said_no,), effects=ENDS, binding=True),
        Row("postpone",         S.PROPOSED,                          S.POSTPONED, by.REQUIRED_PARTY,   Postponed,     (put_off_forward,)),
        Row("take_up",          S.POSTPONED,                         S.PROPOSED,  by.SECRETARIAT | CLOCK, Note),
        Row("ratify",           (S.ADOPTED, S.IN_FORCE),             None,        by.MUNICIPALITY,     Ratification,  (version_is_current, says_something_new), sets=reserving, binding=True),
        Row("sign",             S.ADOPTED,                           None,        by.SIGNATORY,        Signature,     TO_SIGN, binding=True),
        Row("enter_into_force", S.ADOPTED,                           S.IN_FORCE,  AUTO,                Form,          (all_signed, municipalities_answered, start_date_reached), sets=in_force_from, effects=BEGINS),
        Row("withdraw",         EARLY,                               S.WITHDRAWN, by.INITIATOR,        Decision,      effects=ENDS, binding=True),
        Row("review",           S.IN_FORCE,                          None,        by.SECRETARIAT,      Note,          sets=reviewed),
        Row("take_over_measures", S.IN_FORCE,                        None,        TAKES_OVER,          Decision,      (measures_were_left_behind, decision_on_record), effects=(moves_measures,), binding=True),
        Row("terminate",        S.IN_FORCE,                          None,        by.PARTY,            Decision,      (no_notice_given,), sets=notice_given, binding=True),
        Row("end",              S.IN_FORCE,                          S.TERMINATED, CLOCK,              Form,          (notice_period_over,), effects=ENDS),
        Row("expire",           S.IN_FORCE,                          S.EXPIRED,   CLOCK,               Form,          (term_over,), effects=ENDS),
        Row("supersede",        S.IN_FORCE,                          S.SUPERSEDED, EFFECT,             Form,          effects=ENDS),
    ),
    deadlines=(
        # ladder "none": the clock acts on the day, and nobody has anything to do for it
        #        name            while in      due                   owed by                      fires
        Deadline("convey",       S.WISHED,     within("convey"),     by.INITIATORS_SECRETARIAT),
        Deadline("answer",       S.CONVEYED,   within("answer"),     by.OTHER_THAN_INITIATOR),
        Deadline("approve",      S.PROPOSED,   after_the_version,    by.MISSING_APPROVALS),
        Deadline("amend",        S.AMENDING,   within("amend"),      by.SECRETARIAT),
        Deadline("take_up",      S.POSTPONED,  on_fact("until"),     by.SECRETARIAT,              fires="take_up", ladder="none"),
        Deadline("sign",         S.ADOPTED,    while_missing,        by.MISSING_TO_ENTER),
        Deadline("start",        S.ADOPTED,    on_fact("starts"),    by.SECRETARIAT,              fires="enter_into_force", ladder="none"),
        Deadline("review",       S.IN_FORCE,   review,               by.SECRETARIAT),
        Deadline("notice",       S.IN_FORCE,   on_fact("ends_on"),   by.SECRETARIAT,              fires="end"),
        Deadline("term",         S.IN_FORCE,   on_fact("term_ends"), by.SECRETARIAT,              fires="expire"),
    ),
    letters=(
        #         after              kind        to
        LetterRow("decline",          "decision", by.PARTY),
        LetterRow("adopt",            "decision", by.PARTY),
        LetterRow("give_up",          "decision", by.PARTY),
        LetterRow("withdraw",         "decision", by.PARTY),
        LetterRow("enter_into_force", "decision", EVERYBODY_BOUND),
        LetterRow("ratify",           "decision", EVERYBODY_BOUND, taken_in=(S.IN_FORCE,)),
        LetterRow("terminate",        "decision", EVERYBODY_BOUND),
        LetterRow("end",              "decision", EVERYBODY_BOUND),
        LetterRow("expire",           "decision", EVERYBODY_BOUND),
        LetterRow("supersede",        "decision", EVERYBODY_BOUND),
    ),
)  # fmt: skip
