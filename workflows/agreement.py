"""The agreement: from a wish, through proposal and amendment, to adoption, signature and force.

Before adoption an amendment only yields the next proposal (`take_version`), which the parties approve once, on the
agreement. In force, the amendment carries the full next version and its approvals, and the agreement stays in
force until it takes that version. `amend_before_adoption` in the profile tells the two apart.

`review` is ours: machines.md lets a yearly review be owed in force but gives no step that ends that duty.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from engine.approval import AtLeast, Finding, Requires
from engine.calendar import add_months
from engine.definition import Deadline, Link, Row, Workflow
from engine.errors import because
from engine.evidence import based_on_current, own_approval_counts, version_is_current
from engine.field import Kind
from engine.form import Form, ask
from engine.register import Seat
from engine.role import AUTO, CLOCK, EFFECT
from engine.situation import NEW, Command, Version
from workflows import roles as by
from workflows.amendment import AMENDMENT_OPEN
from workflows.due import after_the_version, on_fact, review, within
from workflows.forms import (
    Approval,
    Change,
    Decision,
    Letter,
    Note,
    Postponed,
    Ratification,
    Refusal,
    Rejection,
    SeatedVersion,
    Signature,
    Withdrawal,
    decision_carried,
    four_eyes_hold,
    put_off_forward,
    seats_are_known,
)

if TYPE_CHECKING:
    from engine.errors import Reason
    from engine.event import Facts
    from engine.situation import Situation


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


def in_force_from(s: Situation) -> Facts:
    """The day it came into force, and the last day of its term where the profile sets one."""
    years = by.rules(s).term_years
    end = (add_months(s.on, 12 * years) - timedelta(days=1)).isoformat() if years else None
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
    """Every required party approves the current version."""
    return by.standing(s, by.approval_rule(s))


def all_signed(s: Situation) -> Finding:
    """Every required party has signed the current version."""
    return by.standing(s, by.signature_rule(s))


def nobody_pending(s: Situation) -> bool | Reason:
    """Every municipality that must answer has acceded or reserved itself."""
    pending = by.unratified(s)
    return because("ratification_pending", who=", ".join(pending)) if pending else True


def enough_acceded(s: Situation) -> bool | Finding:
    """As many municipalities have acceded as the profile demands."""
    needed = by.rules(s).enough_acceded
    if not needed:
        return True
    return by.standing(s, AtLeast(needed, tuple(Requires(who, "ratification") for who in by.ratifying(s))))


def start_date_reached(s: Situation) -> bool | Reason:
    """It does not take effect before the date its text names."""
    starts = s.case.day("starts")
    return starts is None or starts <= s.today or because("starts_later", on=starts.isoformat())


def a_party_said_no(s: Situation) -> bool | Reason:
    """Giving up needs a rejection that stands."""
    said_no = any(part.what.code == "approval_rejected" for part in adoption_rule_met(s).parts)
    return said_no or because("nobody_said_no")


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


def seats_of(s: Situation) -> tuple[Seat, ...] | None:
    """The council's seats: of the version in force, before there is one of the proposed version."""
    decides = s.case.state == S.IN_FORCE or not s.linked("in_force")
    return s.version.seats if decides and s.version else None


ENDS = (lapses_amendments,)
BEGINS = (supersedes_the_old, opens_the_year)
EARLY = (S.WISHED, S.CONVEYED, S.PROPOSED, S.AMENDING, S.POSTPONED)

AGREEMENT = Workflow(
    name="agreement", version=1, prefix="A", states=S, versioned=True,
    final=frozenset({S.REJECTED, S.WITHDRAWN, S.TERMINATED, S.EXPIRED, S.SUPERSEDED}),
    irregular={"withdraw_approval": "approval_withdrawn", "take_version": "version_taken", "give_up": "given_up",
               "take_up": "taken_up", "enter_into_force": "entered_into_force", "withdraw": "withdrawn"},
    reads=(Link("amendments", "amendment", "children", AMENDMENT_OPEN),
           Link("in_force", "agreement", "council", (S.IN_FORCE,)),
           Link("years", "year", "council", needed_in=(S.ADOPTED,))),
    seats=seats_of,
    rows=(
        #   step                from                                 to           by                   form           only if
        Row("wish",             NEW,                                 S.WISHED,    by.PARTY,            Wish,          (), sets=wished_by),
        Row("convey",           S.WISHED,                            S.CONVEYED,  by.INITIATORS_SECRETARIAT, Letter),
        Row("propose",          (NEW, S.WISHED, S.CONVEYED),         S.PROPOSED,  by.PARTY,            SeatedVersion, (is_titled, seats_are_known), sets=proposed_by),
        Row("decline",          (S.WISHED, S.CONVEYED),              S.REJECTED,  by.OTHER_THAN_INITIATOR, Refusal,  effects=ENDS, binding=True),
        Row("approve",          S.PROPOSED,                          None,        by.REQUIRED_PARTY,   Approval,      (version_is_current, four_eyes_hold, decision_carried), binding=True),
        Row("reject",           S.PROPOSED,                          None,        by.REQUIRED_PARTY,   Rejection,     (version_is_current,), binding=True),
        Row("withdraw_approval", S.PROPOSED,                         None,        by.REQUIRED_PARTY,   Withdrawal,    (version_is_current, own_approval_counts), binding=True),
        Row("request_amendment", S.PROPOSED,                         S.AMENDING,  by.PARTY,            Change,        (change_is_mandatory, seats_are_known), effects=(opens_the_amendment,)),
        Row("request_amendment", (S.PROPOSED, S.ADOPTED, S.IN_FORCE), None,       by.PARTY,            Change,        (change_is_optional, seats_are_known), effects=(opens_the_amendment,)),
        Row("revise",           (S.PROPOSED, S.ADOPTED),             S.PROPOSED,  by.PROPOSER,         SeatedVersion, (based_on_current, seats_are_known)),
        Row("take_version",     (S.AMENDING, S.PROPOSED, S.IN_FORCE), None,       EFFECT,              TakenVersion,  (based_on_current,)),
        Row("resume",           S.AMENDING,                          S.PROPOSED,  AUTO,                Form,          (no_mandatory_amendment_open,)),
        Row("adopt",            S.PROPOSED,                          S.ADOPTED,   AUTO,                Form,          (adoption_rule_met,)),
        Row("give_up",          (S.PROPOSED, S.AMENDING),            S.REJECTED,  by.REQUIRED_PARTY,   Decision,      (a_party_said_no,), effects=ENDS, binding=True),
        Row("postpone",         S.PROPOSED,                          S.POSTPONED, by.REQUIRED_PARTY,   Postponed,     (put_off_forward,)),
        Row("take_up",          S.POSTPONED,                         S.PROPOSED,  by.SECRETARIAT | CLOCK, Note),
        Row("ratify",           (S.ADOPTED, S.IN_FORCE),             None,        by.MUNICIPALITY,     Ratification,  (version_is_current,), binding=True),
        Row("sign",             S.ADOPTED,                           None,        by.SIGNATORY,        Signature,     (version_is_current,), binding=True),
        Row("enter_into_force", S.ADOPTED,                           S.IN_FORCE,  AUTO,                Form,          (all_signed, nobody_pending, enough_acceded, start_date_reached), sets=in_force_from, effects=BEGINS),
        Row("withdraw",         EARLY,                               S.WITHDRAWN, by.INITIATOR,        Decision,      effects=ENDS, binding=True),
        Row("review",           S.IN_FORCE,                          None,        by.SECRETARIAT,      Note,          sets=reviewed),
        Row("terminate",        S.IN_FORCE,                          None,        by.PARTY,            Decision,      (no_notice_given,), sets=notice_given, binding=True),
        Row("end",              S.IN_FORCE,                          S.TERMINATED, CLOCK,              Form,          (notice_period_over,), effects=ENDS),
        Row("expire",           S.IN_FORCE,                          S.EXPIRED,   CLOCK,               Form,          (term_over,), effects=ENDS),
        Row("supersede",        S.IN_FORCE,                          S.SUPERSEDED, EFFECT,             Form,          effects=ENDS),
    ),
    deadlines=(
        #        name            while in      due                   owed by                      fires
        Deadline("convey",       S.WISHED,     within("convey"),     by.INITIATORS_SECRETARIAT),
        Deadline("answer",       S.CONVEYED,   within("answer"),     by.OTHER_THAN_INITIATOR),
        Deadline("approve",      S.PROPOSED,   after_the_version,    by.MISSING_APPROVALS),
        Deadline("amend",        S.AMENDING,   within("amend"),      by.SECRETARIAT),
        Deadline("take_up",      S.POSTPONED,  on_fact("until"),     by.SECRETARIAT,              fires="take_up"),
        Deadline("sign",         S.ADOPTED,    within("sign"),       by.MISSING_TO_ENTER),
        Deadline("start",        S.ADOPTED,    on_fact("starts"),    by.SECRETARIAT,              fires="enter_into_force"),
        Deadline("review",       S.IN_FORCE,   review,               by.SECRETARIAT),
        Deadline("notice",       S.IN_FORCE,   on_fact("ends_on"),   by.SECRETARIAT,              fires="end"),
        Deadline("term",         S.IN_FORCE,   on_fact("term_ends"), by.SECRETARIAT,              fires="expire"),
    ),
)  # fmt: skip
