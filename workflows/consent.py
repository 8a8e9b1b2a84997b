"""What a party says of a version: approval, rejection, signature, accession; and the guards that make it hold.

An act names the version that stands; a body's rests on a vote taken on that very text; nobody disqualified takes part,
nobody approves alone what they wrote, and what was said stays said once the version is adopted (audit.md §3).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from engine.approval import lacks_other_eyes, outcome, standing_on
from engine.authority import decides_for
from engine.errors import Reason, because
from engine.evidence import ActForm, assurance_of, counted, named_version, rule_for
from engine.field import Kind
from engine.finding import Finding
from engine.form import Form, ask
from engine.rule import ASSURANCES
from workflows.roles import found, reserved, rule, terms

if TYPE_CHECKING:
    from engine.acts import Approval as Act
    from engine.event import Facts, Json
    from engine.register import Id
    from engine.situation import Situation


@dataclass(frozen=True, kw_only=True)
class Approval(ActForm):
    """A party says yes to the version it names."""

    def settled(self, s: Situation) -> bool:
        """Whether the version was adopted before this act."""
        return found(s, self.kind).met


@dataclass(frozen=True, kw_only=True)
class Rejection(Approval):
    """A party says no to the version it names."""

    fixed_outcome: ClassVar[str] = "rejected"
    says_no: ClassVar[bool] = True
    needs: ClassVar[tuple[str, ...]] = ("version", "ref")


@dataclass(frozen=True, kw_only=True)
class Withdrawal(ActForm):
    """A party takes its approval back."""

    fixed_outcome: ClassVar[str] = "withdrawn"
    reason: str = ask(Kind.REMARK, "Why the approval is taken back.")


@dataclass(frozen=True, kw_only=True)
class SetAside(ActForm):
    """An override lifts a rejection; it never stands in for an approval."""

    fixed_outcome: ClassVar[str] = "lifted"
    rejected_by: str = ask(Kind.PARTY, "Whose rejection is lifted.")

    def party(self, s: Situation) -> str:
        """Whose rejection it is."""
        return self.rejected_by


@dataclass(frozen=True, kw_only=True)
class Signature(ActForm):
    """A party's signatory has signed the version it names."""

    kind: ClassVar[str] = "signature"
    fixed_outcome: ClassVar[str] = "signed"


class Accession(StrEnum):
    """A municipality's own answer to the agreement."""

    ACCEDED = "acceded"
    RESERVED = "reserved"


@dataclass(frozen=True, kw_only=True)
class Ratification(ActForm):
    """A municipality accedes, or reserves itself."""

    needs: ClassVar[tuple[str, ...]] = ("version", "ref")
    kind: ClassVar[str] = "ratification"
    answer: str = ask(Kind.CHOICE, "What the municipality decided.", choices=Accession)

    def outcome(self) -> str:
        """Acceded or reserved."""
        return self.answer


@dataclass(frozen=True, kw_only=True)
class Recusal(Form):
    """Somebody is disqualified in this case, as a person; a deputy steps in for the office."""

    disqualified: str = ask(Kind.ID, "The office whose holder is disqualified.")
    reason: str = ask(Kind.REMARK, "Why. Erasable, so it may name people.")


def recused(s: Situation) -> Facts:
    """Those disqualified in the case, with the new one: as a person, whatever office they hold."""
    held = s.council.holdings.of(s.form.disqualified, s.on) if isinstance(s.form, Recusal) else None
    before = s.case.facts.get("recused")
    new: dict[str, Json] = {"office": held.office, "person": held.person, "on": s.dated} if held else {}
    return {"recused": [*(before if isinstance(before, list | tuple) else ()), new]}


def somebody_is_recused(s: Situation) -> bool | Reason:
    """A recusal is of whoever holds an office that day, and is recorded once."""
    office = getattr(s.form, "disqualified", None)
    if not office:
        return True
    if office not in s.council.register.offices:
        return because("unknown_office", office=office)
    if (held := s.council.holdings.of(office, s.on)) is None:
        return because("office_vacant", office=office, on=s.on.isoformat())
    return held.person not in s.case.recused or because("recused_already", office=office)


def reserving(s: Situation) -> Facts:
    """The organisations not bound, once this act is taken: those reserved before or by it, less those that accede."""
    decider = s.authority.decider if s.authority else None
    offices = s.council.register.offices
    opted_out = [offices[seat].organisation for seat in _opted_out(s) if seat in offices]
    answer = s.form.answer if isinstance(s.form, Ratification) else None
    opted_out += [decider] if answer == Accession.RESERVED and decider else []
    acceded = {decider} if answer == Accession.ACCEDED else set()
    bound = [who for who in dict.fromkeys((*reserved(s), *opted_out)) if who not in acceded]
    return {"reserved": list(bound)} if bound or reserved(s) else {}


def _opted_out(s: Situation) -> tuple[Id, ...]:
    """The members who opted out of the vote an approval rests on, where the version's rule lets them."""
    fixed = rule_for(s)
    if s.decision is None or s.form.says_no or not fixed or not fixed.vote:
        return ()
    ballot = s.decision.ballot(s.command.point or 1)
    return ballot.reserved if ballot and fixed.vote.rule == "consensus_with_reservation" else ()


def decision_carried(s: Situation) -> bool | Reason | Finding:
    """A body's approval is a vote on record that carried by the version's rule; an office-holder decides alone."""
    decider, authority = s.authority.decider if s.authority else "", s.authority
    body = decides_for(decider, s)
    if body not in s.council.register.bodies or (authority and authority.mandate):
        return True
    if s.decision is None:
        return because("needs_vote", body=body)
    point = s.command.point or 1
    if earlier := _used(s, point):
        return because("decision_used", decision=s.decision.id, point=point, version=earlier.version)
    ballot, came_out = s.decision.ballot(point), counted(s)
    if ballot and (seat := next((o for o in ballot.voting if ballot.sitter(o) in s.case.recused), None)):
        return because("recused_voted", decision=s.decision.id, office=seat)
    if came_out is None or came_out.met:
        return came_out or because("no_such_point", point=point)
    fell = because("point_fell", decision=s.decision.id, point=point)
    return Finding(came_out.status, fell, parts=came_out.parts or (came_out,))


def _used(s: Situation, point: int) -> Act | None:
    """The act on an earlier version that rests on the same point: a vote is on the text it was taken on."""
    leaf, id_ = s.version.leaf if s.version else None, s.decision.id if s.decision else None
    acts = (act for act in s.approvals if (act.decision, act.point) == (id_, point))
    return next((act for act in acts if act.version_leaf != leaf), None)


def says_something_new(s: Situation) -> bool | Reason:
    """An act that stands already is not recorded twice; once the version is adopted, nobody changes what they said."""
    decider = s.authority.decider if s.authority else None
    form = s.form if isinstance(s.form, ActForm) else None
    if form is None or s.version is None:
        return True
    acts = (act for act in standing_on(s.version, s.approvals, terms(s)) if act.kind == form.kind)
    before = next((act for act in acts if act.party == decider), None)
    if before is None:
        return True
    if before.outcome == form.outcome():
        return because("already_said", who=decider, outcome=before.outcome)
    return not form.settled(s) or because("said_before_the_threshold", who=decider, outcome=before.outcome)


def identity_assured(s: Situation) -> bool | Reason:
    """Whoever acts is known as surely as the version's rule demands; a weaker identity is refused, not ignored."""
    asked, given = rule_for(s), assurance_of(s)
    if asked is None or ASSURANCES.index(given) >= ASSURANCES.index(asked.assurance):
        return True
    return because("assurance_too_low", who=asked.who, given=given, needed=asked.assurance)


def rejection_stands(s: Situation) -> bool | Reason:
    """Only a rejection of the current version that stands can be lifted."""
    party = s.form.rejected_by if isinstance(s.form, SetAside) else None
    no = (act for act in standing_on(s.version, s.approvals) if act.party == party) if s.version else ()
    return any(act.outcome == "rejected" for act in no) or because("no_rejection", who=party)


def only_by_override(s: Situation) -> Reason:
    """A step that exists only as an override."""
    return because("only_by_override", step=s.command.step)


def four_eyes_hold(s: Situation) -> bool | Reason:
    """Whoever prepared a text may not be its only approver (`strict`: may not approve it at all).

    Persons are compared, not offices; a body counts as others than the author.
    """
    own, bound = s.authority.person if s.authority else None, terms(s)
    if bound.strict:
        return own not in bound.contributors or because("author_may_not_approve")
    named = named_version(s)
    if isinstance(named, Reason) or s.version is None or not isinstance(s.form, ActForm) or s.authority is None:
        return True
    then = outcome(rule(s, "approval"), s.version, (*s.approvals, s.form.act(s)), terms=bound)
    return because("author_alone") if lacks_other_eyes(then) else True
