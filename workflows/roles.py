"""The roles in the tables' `by` column: each resolves to the offices, bodies or parties that may decide.

Duties hang on offices, never on persons (domain.md §1). A party stands here for whatever decides on its behalf,
its body or its office; the engine finds out which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from engine.approval import AllOf, Finding, Requires, Rule, Status, evaluate, standing_on
from engine.role import Role

if TYPE_CHECKING:
    from engine.register import Id
    from engine.situation import Situation
    from workflows.profile import Profile


def rules(s: Situation) -> Profile:
    """The profile pinned to the case. The engine carries it unread; this is the one place that names its type."""
    return cast("Profile", s.profile)


def required_parties(s: Situation) -> tuple[Id, ...]:
    """The parties whose approval and signature an agreement needs: the profile's, else all of them."""
    return rules(s).required_parties or tuple(s.council.register.parties)


def ratifying(s: Situation) -> tuple[Id, ...]:
    """The organisations that must accede or reserve themselves one by one."""
    return tuple(organisation for organisation, must in rules(s).ratifies.items() if must)


def approval_rule(s: Situation) -> Rule:
    """Every required party approves the current version."""
    return AllOf(tuple(Requires(party) for party in required_parties(s)))


def signature_rule(s: Situation) -> Rule:
    """Every required party signs the current version."""
    return AllOf(tuple(Requires(party, "signature") for party in required_parties(s)))


def standing(s: Situation, rule: Rule) -> Finding:
    """Where a rule stands on the case's current version."""
    return evaluate(rule, standing_on(s.version, s.approvals) if s.version else ())


def still_missing(s: Situation, rule: Rule) -> tuple[Id, ...]:
    """Who still has to act; once somebody has said no, the proposer has the next move."""
    finding = standing(s, rule)
    return proposer(s) if finding.status is Status.LOST else finding.missing()


def unratified(s: Situation) -> tuple[Id, ...]:
    """Organisations that have neither acceded to the current version nor reserved themselves."""
    acts = standing_on(s.version, s.approvals) if s.version else ()
    done = {act.party for act in acts if act.kind == "ratification"}
    return tuple(organisation for organisation in ratifying(s) if organisation not in done)


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


def _seated(s: Situation) -> tuple[Id, ...]:
    seated = (office for seat in s.council.seats for office in seat.filled_by)
    return tuple(dict.fromkeys((*seated, s.council.register.secretariat)))


PARTY = Role("party", _parties)
REQUIRED_PARTY = Role("required party", required_parties)
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
SIGNATORY = Role("signatory", lambda s: tuple(s.council.register.parties[p].signs for p in required_parties(s)))
MUNICIPALITY = Role("municipality", ratifying)
COUNCIL = Role("council", lambda s: (s.council.register.council,))
LEADER = Role("leader", lambda s: (s.council.register.leader,))
MEMBER = Role("member", _seated)
IMPLEMENTER = _office("implementer")
FOLLOW_UP = _office("follow_up")
MANDATE_HOLDER = _office("mandate_holder")

MISSING_APPROVALS = Role("missing party", lambda s: still_missing(s, approval_rule(s)))
MISSING_SIGNATORIES = Role(
    "missing signatory",
    lambda s: tuple(s.council.register.parties[p].signs for p in still_missing(s, signature_rule(s))),
)
MISSING_TO_ENTER = Role(
    "missing signatory or municipality", lambda s: (*MISSING_SIGNATORIES.deciders(s), *unratified(s))
)
