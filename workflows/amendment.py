"""An amendment: a wished change to an agreement, its mandate, the dialogue, and the version it leads to.

A *dialogue* mandate may approach, report and receive an answer; it cannot conclude (domain.md §2.3). The mandate is
an office's, so it survives a change of person.

Two steps lead to *incorporated* and leave the same event: before adoption the proposer's `incorporate` brings the
new text; in force the text has been drafted, approved and signed already, and `take_effect` follows by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from engine.authority import decides_for
from engine.definition import Deadline, Letter, Link, Row, Workflow
from engine.errors import because
from engine.field import Kind
from engine.finding import Finding
from engine.form import Form, ask, to_json
from engine.register import Delegation
from engine.role import AUTO, EFFECT, Role
from engine.situation import NEW, Command
from workflows import roles as by
from workflows.consent import (
    TO_APPROVE,
    TO_REJECT,
    TO_SET_ASIDE,
    TO_SIGN,
    TO_WITHDRAW,
    Approval,
    Recusal,
    Rejection,
    SetAside,
    Signature,
    Withdrawal,
    only_by_override,
    recused,
    reserving,
    somebody_is_recused,
)
from workflows.due import after_the_version, entered, within
from workflows.forms import (
    Change,
    Decision,
    Note,
    Progress,
    ReasonForm,
    Refusal,
    SeatedVersion,
    seats_are_known,
)

if TYPE_CHECKING:
    from engine.errors import Reason
    from engine.event import Facts
    from engine.register import Id, Seat
    from engine.situation import Case, Situation


class S(StrEnum):
    """The states of an amendment."""

    WISHED = "wished"
    MANDATED = "mandated"
    IN_DIALOGUE = "in_dialogue"
    ACCEPTED = "accepted"
    DRAFTED = "drafted"
    ADOPTED = "adopted"
    INCORPORATED = "incorporated"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


AMENDMENT_OPEN = (S.WISHED, S.MANDATED, S.IN_DIALOGUE, S.ACCEPTED, S.DRAFTED, S.ADOPTED)


@dataclass(frozen=True, kw_only=True)
class Opened(Change):
    """The change as the agreement handed it over."""

    requested_by: str = ask(Kind.ID, "The party that wants the change.")
    mandatory: bool = ask(Kind.PLAIN, "Whether it must be settled before adoption.", required=False)

    def facts(self) -> Facts:
        """The change, whose it is, and whether adoption waits for it."""
        return {**self.asked(), "requested_by": self.requested_by, "mandatory": bool(self.mandatory)}


class Scope(StrEnum):
    """How far a mandate reaches."""

    DIALOGUE = "dialogue"
    CONCLUDE = "conclude"


@dataclass(frozen=True, kw_only=True)
class Mandate(Decision):
    """A body sends an office to pursue the change."""

    holder: str = ask(Kind.ID, "The office that holds the mandate (an office, not a person).")
    scope: str = ask(Kind.CHOICE, "dialogue: approach, report, receive an answer. conclude: also agree.", choices=Scope)
    expires: date | None = ask(Kind.DAY, "The mandate's last day; open-ended if left out.", required=False)

    def facts(self) -> Facts:
        """Who holds it, its scope and its last day."""
        until = self.expires.isoformat() if self.expires else None
        return {"offices": {"mandate_holder": self.holder}, "scope": self.scope, "mandate_expires": until}


@dataclass(frozen=True, kw_only=True)
class Incorporated(SeatedVersion):
    """The full next version of the agreement; the seats the change asks for are added by themselves."""

    def base_seats(self, s: Situation) -> tuple[Seat, ...]:
        """The seats of the agreement's current version, those of whoever reserved themselves included."""
        return s.parent_version.seats if s.parent_version else s.council.seats

    def added(self, s: Situation) -> tuple[Id, ...]:
        """The seats of the change, and any others named."""
        asked = s.case.facts.get("adds")
        named = tuple(str(office) for office in asked) if isinstance(asked, list | tuple) else ()
        return (*named, *self.add_seat)


def agreement(s: Situation) -> Case | None:
    """The agreement this amendment would change."""
    return next(iter(s.linked("agreement")), None)


def agreement_not_adopted(s: Situation) -> bool | Reason:
    """Before adoption the change becomes the next proposal."""
    parent = agreement(s)
    return bool(parent and parent.state in {"proposed", "amending"}) or because("agreement_adopted")


def agreement_in_force(s: Situation) -> bool | Reason:
    """A full next version is drafted while the agreement is in force."""
    parent = agreement(s)
    return bool(parent and parent.state == "in_force") or because("agreement_not_in_force")


def base_is_current(s: Situation) -> bool | Reason:
    """The change is made from the agreement's version that stands now."""
    parent = agreement(s)
    current = parent.facts.get("version") if parent else None
    base = s.form.base if isinstance(s.form, SeatedVersion) else s.case.facts.get("base")
    if base is None or base == current:
        return True
    return because("base_outdated", given=str(base), current=str(current))


def mandate_may_conclude(s: Situation) -> bool | Reason:
    """Whoever holds a mandate concludes with it within its scope and period only.

    The party itself, by its body or office, concludes as always; only an approval given *by the mandate holder*
    for another rests on the mandate.
    """
    holder, authority = s.case.offices.get("mandate_holder"), s.authority
    if authority is None or s.decision is not None:
        return True
    delegate = authority.mandate.to if authority.mandate else None
    if holder != delegate and not (authority.registered and authority.office == holder):
        return True
    if s.case.text("scope") == Scope.DIALOGUE:
        return because("mandate_is_dialogue_only", holder=holder)
    return mandate_in_period(s)


def mandates(s: Situation) -> tuple[Delegation, ...]:
    """What the mandate lets its holder do for the requesting party: with scope conclude, approve or reject the draft."""
    holder, party = s.case.offices.get("mandate_holder"), s.case.text("requested_by")
    if holder is None or party not in s.council.register.parties:
        return ()
    steps = ("approve", "reject") if s.case.text("scope") == Scope.CONCLUDE else ("start", "report")
    given = Delegation(
        s.council.register.parties[party].decides, holder, tuple(f"amendment.{step}" for step in steps),
        s.case.day("mandated_on") or s.case.opened, s.case.day("mandate_expires"), leaf=s.case.text("mandate_event"),
    )  # fmt: skip
    return (given,)


def mandated(s: Situation) -> Facts:
    """When the mandate was given, and by which event of the case."""
    return {"mandated_on": s.dated, "mandate_event": f"{s.case.id} {s.case.n + 1}"}


def mandate_in_period(s: Situation) -> bool | Reason:
    """A mandate is used within its period."""
    last = s.case.day("mandate_expires")
    return last is None or s.on <= last or because("mandate_expired", on=last.isoformat())


def mandate_is_the_bodys(s: Situation) -> bool | Reason:
    """To conclude for a body takes its recorded vote, and nobody enters their own mandate; it ends after it begins."""
    form = s.form if isinstance(s.form, Mandate) else None
    body = decides_for(s.authority.decider if s.authority else "", s)
    if form is None or form.scope != Scope.CONCLUDE or body not in s.council.register.bodies:
        return True
    if s.decision is None:
        return because("needs_vote", body=body)
    held = s.council.holdings.held(s.command.person or "", s.today)
    return all(one.office != form.holder for one in held) or because("delegates_to_oneself", office=form.holder)


def mandate_begins_before_it_ends(s: Situation) -> bool | Reason:
    """A mandate's last day has not passed when it is given."""
    last = s.form.expires if isinstance(s.form, Mandate) else None
    return last is None or last >= s.on or because("not_later", until=last.isoformat(), on=s.on.isoformat())


def names_known_office(s: Situation) -> bool | Reason:
    """A mandate goes to an office of the register."""
    holder = s.form.holder if isinstance(s.form, Mandate) else None
    return not holder or holder in s.council.register.offices or because("unknown_office", office=holder)


def adoption_rule_met(s: Situation) -> Finding:
    """Every required party approves the drafted version."""
    return by.found(s, "approval")


def all_signed(s: Situation) -> Finding:
    """Every required party has signed the drafted version."""
    return by.found(s, "signature")


def reported(s: Situation) -> Facts:
    """When the mandate holder reported last."""
    return {"reported_on": s.dated}


def countered(s: Situation) -> Facts:
    """A counter-proposal replaces what is asked for; the first wish stays in the log."""
    return s.form.asked() if isinstance(s.form, Change) else {}


def based_on(s: Situation) -> Facts:
    """The agreement's version the draft was made from."""
    parent = agreement(s)
    return {"base": parent.facts.get("version") if parent else None}


def hands_over_the_version(s: Situation) -> tuple[Command, ...]:
    """The agreement takes the version, with its seats, as its own next one."""
    version, parent = s.version, agreement(s)
    if version is None or parent is None:
        return ()
    return (
        Command(
            workflow="agreement", step="take_version", case=parent.id, on=s.on,
            form={"documents": to_json(version.documents), "seats": to_json(version.seats),
                  "taken_from": version.leaf or s.case.head, "base": parent.facts.get("version"),
                  "proposer": version.proposer, "author": version.author, "reserved": list(by.reserved(s)) or None},
        ),
    )  # fmt: skip


def next_report(s: Situation) -> date:
    """Thirty days after the last report, or after the mandate was given."""
    return max(s.case.day("reported_on") or entered(s), entered(s)) + timedelta(days=by.rules(s).days.mandate_report)


REQUESTERS_SECRETARIAT = Role(
    "requesting party's secretariat",
    lambda s: tuple(s.council.register.parties[p].secretary for p in by.REQUESTING_PARTY.deciders(s)),
)
DRAFTER = Role("proposer", lambda s: tuple(p for c in s.linked("agreement") for p in (c.text("proposer"),) if p))

AMENDMENT = Workflow(
    name="amendment", version=1, prefix="E", states=S, versioned=True, fixes=by.FIXES, mandates=mandates,
    final=frozenset({S.DECLINED, S.INCORPORATED, S.WITHDRAWN, S.LAPSED}),
    irregular={"withdraw_approval": "approval_withdrawn", "withdraw": "withdrawn", "take_effect": "incorporated",
               "set_aside": "rejection_lifted"},
    reads=(Link("agreement", "agreement", "parent"),),
    rows=(
        #   step                from                                   to              by                        form          only if
        Row("open",             NEW,                                   S.WISHED,       EFFECT,                   Opened),
        Row("mandate",          S.WISHED,                              S.MANDATED,     by.REQUESTING_PARTY,      Mandate,      (names_known_office, mandate_is_the_bodys, mandate_begins_before_it_ends), sets=mandated, binding=True),
        Row("mandate",          (S.MANDATED, S.IN_DIALOGUE),           None,           by.REQUESTING_PARTY,      Mandate,      (names_known_office, mandate_is_the_bodys, mandate_begins_before_it_ends), sets=mandated, binding=True),
        Row("start",            S.MANDATED,                            S.IN_DIALOGUE,  by.MANDATE_HOLDER,        Note,         (mandate_in_period,)),
        Row("report",           S.IN_DIALOGUE,                         None,           by.MANDATE_HOLDER,        Progress,     sets=reported),
        Row("counter",          S.IN_DIALOGUE,                         None,           by.OTHER_THAN_REQUESTING, Change,       (seats_are_known,), sets=countered),
        Row("accept",           S.IN_DIALOGUE,                         S.ACCEPTED,     by.OTHER_THAN_REQUESTING, Decision,     binding=True),
        Row("decline",          (S.WISHED, S.MANDATED, S.IN_DIALOGUE), S.DECLINED,     by.OTHER_THAN_REQUESTING, Refusal,      binding=True),
        Row("incorporate",      S.ACCEPTED,                            S.INCORPORATED, DRAFTER,                  Incorporated, (agreement_not_adopted, base_is_current, seats_are_known), effects=(hands_over_the_version,)),
        Row("draft",            (S.ACCEPTED, S.DRAFTED, S.ADOPTED),    S.DRAFTED,      DRAFTER,                  Incorporated, (agreement_in_force, base_is_current, seats_are_known), sets=based_on),
        Row("approve",          S.DRAFTED,                             None,           by.REQUIRED_PARTY,        Approval,     (*TO_APPROVE, mandate_may_conclude), sets=reserving, binding=True),
        Row("approve",          S.ADOPTED,                             None,           by.PARTY_NOT_HEARD,       Approval,     (*TO_APPROVE, mandate_may_conclude), sets=reserving, binding=True),
        Row("reject",           S.DRAFTED,                             None,           by.REQUIRED_PARTY,        Rejection,    TO_REJECT, sets=reserving, binding=True),
        Row("reject",           S.ADOPTED,                             None,           by.PARTY_NOT_HEARD,       Rejection,    TO_REJECT, sets=reserving, binding=True),
        Row("withdraw_approval", S.DRAFTED,                            None,           by.REQUIRED_PARTY,        Withdrawal,   TO_WITHDRAW, sets=reserving, binding=True),
        Row("set_aside",        S.DRAFTED,                             None,           by.OVERRIDER,             SetAside,     TO_SET_ASIDE, binding=True, overridable=(only_by_override,)),
        Row("recuse",           (S.DRAFTED, S.ADOPTED),                None,           by.PARTY,                 Recusal,      (somebody_is_recused,), sets=recused),
        Row("adopt",            S.DRAFTED,                             S.ADOPTED,      AUTO,                     Form,         (adoption_rule_met,)),
        Row("sign",             S.ADOPTED,                             None,           by.SIGNATORY,             Signature,    TO_SIGN, binding=True),
        Row("take_effect",      S.ADOPTED,                             S.INCORPORATED, AUTO,                     Form,         (all_signed, agreement_in_force, base_is_current), effects=(hands_over_the_version,)),
        Row("reopen",           (S.ACCEPTED, S.DRAFTED),               S.IN_DIALOGUE,  by.PARTY,                 ReasonForm),
        Row("withdraw",         AMENDMENT_OPEN,                        S.WITHDRAWN,    by.REQUESTING_PARTY,      Decision,     binding=True),
        Row("lapse",            AMENDMENT_OPEN,                        S.LAPSED,       EFFECT,                   Form),
    ),
    deadlines=(
        #        name        while in                    due                       owed by
        Deadline("mandate",  S.WISHED,                   within("accepted"),       REQUESTERS_SECRETARIAT),
        Deadline("report",   (S.MANDATED, S.IN_DIALOGUE), next_report,             by.MANDATE_HOLDER),
        Deadline("agenda",   (S.MANDATED, S.IN_DIALOGUE), within("mandate_agenda"), REQUESTERS_SECRETARIAT),
        Deadline("draft",    S.ACCEPTED,                 within("accepted"),       DRAFTER),
        Deadline("approve",  S.DRAFTED,                  after_the_version,        by.MISSING_APPROVALS),
        Deadline("sign",     S.ADOPTED,                  within("sign"),           by.MISSING_SIGNATORIES),
    ),
    letters=(
        #      after          kind        to                                         (take_effect leaves incorporate's event)
        Letter("accept",      "decision", by.PARTY | by.MANDATE_HOLDER),
        Letter("decline",     "decision", by.PARTY | by.MANDATE_HOLDER),
        Letter("adopt",       "decision", by.PARTY),
        Letter("incorporate", "decision", by.PARTY),
        Letter("withdraw",    "decision", by.PARTY | by.MANDATE_HOLDER),
        Letter("lapse",       "decision", by.PARTY | by.MANDATE_HOLDER),
    ),
)  # fmt: skip
