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
from engine.evidence import ActForm, assurance_of, named_version, own_approval_counts, rule_for, version_is_current
from engine.field import Kind
from engine.form import Form, ask
from engine.rule import ASSURANCES, leaves
from workflows.roles import found, reserved, rule, terms
from workflows.votes import RESERVING, body_has_voted, decision_carried

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.acts import Approval as Act
    from engine.event import Facts, Json
    from engine.register import Holding, Id
    from engine.situation import Situation


UNSETTLED = ("proposed", "drafted")
"""The states in which a version is not adopted yet."""


@dataclass(frozen=True, kw_only=True)
class Approval(ActForm):
    """A party says yes to the version it names."""

    def settled(self, s: Situation) -> bool:
        """Whether the version was adopted before this act."""
        return s.case.state not in UNSETTLED or found(s, self.kind).met


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

    def settled(self, s: Situation) -> bool:
        """Once it is in force, whoever acceded leaves it by notice only; whoever reserved themselves may accede."""
        return s.case.state == "in_force" and self.answer == Accession.RESERVED


@dataclass(frozen=True, kw_only=True)
class Recusal(Form):
    """Somebody is disqualified in this case, as a person; a deputy steps in for the office."""

    disqualified: str = ask(Kind.ID, "The office whose holder is disqualified.")
    reason: str = ask(Kind.REMARK, "Why. Erasable, so it may name people.")


def recused(s: Situation) -> Facts:
    """Those disqualified in the case, with the new one: as a person, whatever office they hold."""
    held = _disqualified(s)
    before = s.case.facts.get("recused")
    new: dict[str, Json] = {"office": held.office, "person": held.person, "on": s.dated} if held else {}
    return {"recused": [*(before if isinstance(before, list | tuple) else ()), new]}


def _disqualified(s: Situation) -> Holding | None:
    """The holding through which the named office would decide in this case."""
    office = s.form.disqualified if isinstance(s.form, Recusal) else ""
    return s.council.holdings.of(office, s.on, act=f"{s.case.workflow}.approve")


def somebody_is_recused(s: Situation) -> bool | Reason:
    """A recusal is of whoever would decide for an office that day, recorded once, by the party whose office it is."""
    office = getattr(s.form, "disqualified", None)
    if not office:
        return True
    if office not in s.council.register.offices:
        return because("unknown_office", office=office)
    if (held := _disqualified(s)) is None:
        return because("office_vacant", office=office, on=s.on.isoformat())
    if not _belongs_to_decider(office, s):
        return because("recusal_of_another", office=office)
    return held.person not in s.case.recused or because("recused_already", office=office)


def _belongs_to_decider(office: Id, s: Situation) -> bool:
    """Whether an office is of the party that decides here, or sits in the body that decides for it."""
    register = s.council.register
    party = register.parties.get(s.authority.decider if s.authority else "")
    body = register.bodies.get(party.decides) if party else None
    own = party is not None and register.offices[office].organisation == party.organisation
    return party is None or own or (body is not None and office in (*(body.members or ()), body.leader))


def reserving(s: Situation) -> Facts:
    """The organisations not bound, once this act is taken: as its and all other standing acts say.

    Whoever opted out in the vote an approval rests on, where the version's rule lets them, whoever answered so, less
    those that accede. What is said after the version was adopted binds and unbinds nobody, but for an accession.
    """
    form = s.form if isinstance(s.form, ActForm) else None
    if form is None or s.version is None or isinstance(named_version(s), Reason):
        return {}
    before = set(reserved(s))
    if isinstance(form, Approval | Withdrawal) and form.settled(s):
        return {}
    acts = standing_on(s.version, (*s.approvals, form.act(s)), terms(s))
    acceded = {act.party for act in acts if act.outcome == "acceded"}
    kept = before if s.case.state not in UNSETTLED else set()
    bound = sorted((kept | {who for act in acts for who in _opting_out(act, s)}) - acceded)
    return {"reserved": list(bound)} if bound or before else {}


def _opting_out(act: Act, s: Situation) -> Iterable[Id]:
    """The organisations that an act leaves out: its own, or those whose members opted out of the vote it rests on."""
    register = s.council.register
    if act.outcome == "reserved" or (act.outcome == "rejected" and act.party in register.organisations):
        yield act.party
    fixed = next((leaf for leaf in leaves(rule(s, "approval")) if leaf.who == act.party), None)
    if act.outcome == "approved" and act.ballot and fixed and fixed.vote and fixed.vote.rule == RESERVING:
        offices = (register.offices.get(seat) for seat in act.ballot.reserved)
        yield from (office.organisation for office in offices if office)


def date_is_known_where_it_matters(s: Situation) -> bool | Reason:
    """With an unknown date nobody knows who held the office: not where somebody who held it must not decide."""
    by, bound = decides_for(s.authority.decider if s.authority else "", s), terms(s)
    if not s.command.on_unknown or by in s.council.register.bodies or by in s.council.register.organisations:
        return True
    ever = {held.person for held in s.council.holdings.all if held.office == by}
    vacant = s.council.holdings.of(by, s.today) is None
    out = s.recused | (bound.contributors if bound.strict else frozenset())
    return not (vacant or ever & out) or because("date_needed", office=by)


def says_something_new(s: Situation) -> bool | Reason:
    """An act that stands already is not recorded twice; once the version is adopted, nobody changes what they said."""
    decider = s.authority.decider if s.authority else None
    form = s.form if isinstance(s.form, ActForm) else None
    if form is None or s.version is None:
        return True
    acts = (act for act in standing_on(s.version, s.approvals, terms(s)) if act.kind == form.kind)
    before = next((act for act in acts if act.party == decider), None)
    if before is None:
        return not (isinstance(form, Ratification) and form.settled(s)) or because("leaves_by_notice_only", who=decider)
    if before.outcome == form.outcome():
        return because("already_said", who=decider, outcome=before.outcome)
    if before.on is not None and s.on < before.on:
        return because("older_than_what_stands", who=decider, on=s.on.isoformat(), since=before.on.isoformat())
    if s.authority and s.authority.mandate and before.capacity not in {None, "delegate"}:
        return because("principal_has_spoken", who=decider)
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


ON_WHAT_STANDS = (version_is_current, date_is_known_where_it_matters)
"""Whatever is said of a version, is said of the current one, by whoever held the office then."""

TO_REJECT = (*ON_WHAT_STANDS, says_something_new, identity_assured, body_has_voted)
TO_WITHDRAW = (*ON_WHAT_STANDS, own_approval_counts, identity_assured, body_has_voted)
TO_SIGN = (*ON_WHAT_STANDS, says_something_new, identity_assured)
TO_APPROVE = (*TO_SIGN, four_eyes_hold, decision_carried)
TO_SET_ASIDE = (version_is_current, rejection_stands, only_by_override)
"""What must hold for an act on a version, wherever it is approved: in an agreement or in an amendment."""
