"""The roles in the tables' `by` column: each resolves to the offices, bodies or parties that may decide.

Duties hang on offices, never on persons (domain.md §1). A party stands here for whatever decides on its behalf,
its body or its office; the engine finds out which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from engine.approval import Terms, outcome
from engine.errors import because
from engine.finding import Finding, Status
from engine.role import Role
from engine.rule import AllOf, ByOrganisation, Party, Rule, Signatory, leaves, resolve
from workflows.binding import outside, reserved_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.register import Id, Register
    from engine.situation import Case, Situation
    from workflows.profile import Profile


def rules(s: Situation) -> Profile:
    """The profile pinned to the case. The engine carries it unread; this is the one place that names its type."""
    return cast("Profile", s.profile)


def required_parties(profile: Profile, register: Register) -> tuple[Id, ...]:
    """The parties whose approval and signature an agreement needs: the profile's, else all of them."""
    return profile.required_parties or tuple(register.parties)


def adoption_rule(profile: Profile, register: Register) -> Rule:
    """Whose approval adopts a version: the profile's rule, else every required party, as they decide today."""
    rule = profile.rules.adoption or AllOf(tuple(Party(party) for party in required_parties(profile, register)))
    return resolve(rule, register)


def signature_rule(profile: Profile, register: Register) -> Rule:
    """Whose signature brings a version into force: the profile's rule, else every required party's signatory."""
    rule = profile.rules.signature or AllOf(tuple(Signatory(party) for party in required_parties(profile, register)))
    return resolve(rule, register)


def ratification_rule(profile: Profile, register: Register) -> Rule:
    """Which municipalities answer for themselves, and how many must accede."""
    return ByOrganisation(dict(profile.ratifies), max(1, profile.enough_acceded))


RULES = {"approval": adoption_rule, "signature": signature_rule, "ratification": ratification_rule}
"""By kind of act, whose acts an agreement needs under a profile, with the register as it is."""


def _fixing(rule: Callable[[Profile, Register], Rule]) -> Callable[[Situation], Rule]:
    return lambda s: rule(rules(s), s.council.register)


FIXES = {kind: _fixing(rule) for kind, rule in RULES.items()}
"""The rules of an agreement's version, fixed when it is proposed."""


def rule(s: Situation, kind: str) -> Rule:
    """The rule for a kind of act on the current version: the one it was proposed under, without a version today's."""
    return s.version.rules[kind] if s.version else FIXES[kind](s)


def found(s: Situation, kind: str) -> Finding:
    """Where the rule for a kind of act stands on the current version."""
    if s.version is None:
        return Finding(Status.OPEN, because("no_version_yet"))
    return outcome(rule(s, kind), s.version, s.approvals, kind=kind, terms=terms(s))


def terms(s: Situation) -> Terms:
    """Four eyes: who contributed to any version since the last one that was adopted, and how strict the profile is."""
    adopted = s.case.facts.get("adopted")
    since = adopted if isinstance(adopted, int) else 0
    authors = {version.author for version in s.versions if version.number > since}
    return Terms(frozenset(author for author in authors if author), rules(s).four_eyes == "strict")


def electorate(kind: str) -> Callable[[Situation], tuple[Id, ...]]:
    """Whose acts of a kind the current version needs, those still missing first."""
    return lambda s: tuple(
        dict.fromkeys((*(leaf.who or "" for leaf in found(s, kind).missing()), *(r.who for r in leaves(rule(s, kind)))))
    )


def not_heard(s: Situation) -> tuple[Id, ...]:
    """Who has said neither yes nor no to the current version."""
    heard = {leaf.who for leaf in found(s, "approval").leaves() if leaf.act is not None}
    return tuple(who for who in electorate("approval")(s) if who not in heard)


def still_missing(kind: str) -> Callable[[Situation], tuple[Id, ...]]:
    """Who still has to act; once somebody has said no, the proposer has the next move."""
    return lambda s: (
        proposer(s)
        if (finding := found(s, kind)).status is Status.LOST
        else tuple(leaf.who for leaf in finding.missing() if leaf.who)
    )


def missing_signatories(s: Situation) -> tuple[Id, ...]:
    """The offices that still have to sign."""
    finding = found(s, "signature")
    return proposer(s) if finding.status is Status.LOST else tuple(leaf.by or "" for leaf in finding.missing())


def reserved(s: Situation) -> tuple[Id, ...]:
    """The organisations that reserved themselves and have not acceded since: the agreement does not bind them."""
    return reserved_in(s.case)


def proposer(s: Situation) -> tuple[Id, ...]:
    """The party whose proposal the case is."""
    party = s.case.text("proposer")
    return (party,) if party else ()


def _parties(s: Situation) -> tuple[Id, ...]:
    return tuple(s.council.register.parties)


def _fact(name: str) -> Role:
    return Role(name, lambda s: (s.case.text(name),) if s.case.text(name) else ())


def _other_than(fact: str) -> Role:
    """The parties other than the one named by a fact."""
    return Role("other party", lambda s: tuple(p for p in _parties(s) if p != s.case.text(fact)))


def _office(name: str) -> Role:
    """The office the case names in a role."""
    return Role(name, lambda s: (s.case.offices[name],) if name in s.case.offices else ())


def invited_in(case: Case) -> tuple[Id, ...]:
    """The offices that a meeting's notice invited; none before there was one."""
    listed = case.facts.get("invited")
    return tuple(str(office) for office in listed) if isinstance(listed, list | tuple) else ()


def invited(s: Situation) -> tuple[Id, ...]:
    """The offices that the notice of the case invited."""
    return invited_in(s.case)


def still_called(s: Situation) -> tuple[Id, ...]:
    """The offices that the notice invited, but for those whose organisation has opted out since."""
    gone = outside({office: office for office in invited(s)}, s.linked("agreements"), s.council.register)
    return tuple(office for office in invited(s) if office not in gone)


def _seated(s: Situation) -> tuple[Id, ...]:
    seated = (office for seat in s.council.seats for office in seat.filled_by)
    return tuple(dict.fromkeys((*seated, s.council.register.secretariat)))


PARTY = Role("party", _parties)
REQUIRED_PARTY = Role("required party", electorate("approval"))
PARTY_NOT_HEARD = Role("required party", electorate("approval"), offered=not_heard)
INITIATOR = _fact("initiator")
PROPOSER = _fact("proposer")
REQUESTING_PARTY = _fact("requested_by")
OTHER_THAN_INITIATOR = _other_than("initiator")
OTHER_THAN_REQUESTING = _other_than("requested_by")
SECRETARIAT = Role("secretariat", lambda s: (s.council.register.secretariat,))
INITIATORS_SECRETARIAT = Role(
    "initiator's secretariat",
    lambda s: tuple(s.council.register.parties[p].secretary for p in INITIATOR.deciders(s)),
)
SIGNATORY = Role("signatory", electorate("signature"))
MUNICIPALITY = Role("municipality", lambda s: tuple(dict.fromkeys((*electorate("ratification")(s), *reserved(s)))))
OVERRIDER = Role(
    "overrider", lambda s: tuple(o for o in (rules(s).overrider(s.case.workflow, s.command.step),) if o)
)  # fmt: skip
COUNCIL = Role("council", lambda s: (s.council.register.council,))
LEADER = Role("leader", lambda s: (s.council.register.leader,))
MEMBER = Role("member", _seated)
INVITED = Role("invited", invited)
STILL_CALLED = Role("invited", still_called)
IMPLEMENTER = _office("implementer")
FOLLOW_UP = _office("follow_up")
MANDATE_HOLDER = _office("mandate_holder")

MISSING_APPROVALS = Role("missing party", still_missing("approval"))
MISSING_SIGNATORIES = Role("missing signatory", missing_signatories)
MISSING_TO_ENTER = Role(
    "missing signatory or municipality",
    lambda s: (*missing_signatories(s), *still_missing("ratification")(s)),
)
