"""What a body says it says by a vote: on record, on that very text, carried by the version's rule, and used once.

A recorded vote that fell, or whose numbers do not bear it out, carries nothing, whatever it was called when it was
recorded; nobody disqualified takes part in it (audit.md §3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.authority import decides_for
from engine.errors import Reason, because
from engine.evidence import counted, how_it_fell, rule_for
from engine.finding import Finding
from workflows.roles import terms

if TYPE_CHECKING:
    from engine.acts import Decision, Spent
    from engine.situation import Situation

RESERVING = "consensus_with_reservation"
"""The rule under which members may opt out of what the body decides."""


def decision_carried(s: Situation) -> bool | Reason | Finding:
    """A body's approval is a vote on record that carried by the version's rule; an office-holder decides alone."""
    voted = body_has_voted(s)
    if voted is not True or s.decision is None or not _by_vote(s):
        return voted
    if against := _not_this_vote(s, s.decision):
        return against
    came_out = counted(s)
    if came_out is None or came_out.met:
        return came_out or because("no_such_point", point=s.command.point or 1)
    return Finding(
        came_out.status, how_it_fell(s.decision, s.command.point or 1, came_out), parts=came_out.parts or (came_out,)
    )


def body_has_voted(s: Situation) -> bool | Reason:
    """What a body says of a version, yes, no or taken back, it says by a vote on record, taken on that very text."""
    if not _by_vote(s):
        return True
    if s.decision is None:
        return because("needs_vote", body=decides_for(s.authority.decider if s.authority else "", s))
    unspent, version = vote_not_spent(s), s.version
    if unspent is not True:
        return unspent
    revised = version is not None and version.number > 1 and version.on == s.decision.on
    if version is not None and revised and s.decision.at < version.at:
        return because("decision_before_version", decision=s.decision.id, version=version.number)
    return True


def vote_not_spent(s: Situation) -> bool | Reason:
    """A point carries one act, on the text it was taken on; no other act, case or version rests on it."""
    earlier = _spent(s)
    if earlier is None or s.decision is None:
        return True
    return because(
        "decision_used", decision=s.decision.id, point=s.command.point or 1, case=earlier.case, version=earlier.version
    )


def _by_vote(s: Situation) -> bool:
    """Whether a body decides here itself, and nobody on its behalf."""
    decider = s.authority.decider if s.authority else ""
    return decides_for(decider, s) in s.council.register.bodies and not (s.authority and s.authority.mandate)


def _spent(s: Situation) -> Spent | None:
    """The act that rests on this point already. One that was annulled leaves it free for the same act again."""
    decider, leaf = s.authority.decider if s.authority else None, s.version.leaf if s.version else None
    same = (act for act in s.spent if act.annulled and (act.version_leaf, act.party) == (leaf, decider))
    again = set(map(id, same))
    return next((act for act in s.spent if id(act) not in again), None)


def _not_this_vote(s: Situation, decision: Decision) -> Reason | None:
    """Why a vote cannot carry this approval, however it came out: who took part, or what it let members do."""
    ballot, fixed, point = decision.ballot(s.command.point or 1), rule_for(s), s.command.point or 1
    bound = terms(s)
    out = s.recused | (bound.contributors if bound.strict else frozenset())
    if ballot is None:
        return because("no_such_point", point=point)
    if out and (ballot.present is None or ballot.persons is None):
        return because("attendance_needed", decision=decision.id)
    seat = next((seat for seat in ballot.voting if ballot.sitter(seat) in out), None)
    if seat is not None:
        return because("recused_voted", decision=decision.id, office=seat)
    if ballot.reserved and fixed and fixed.vote and fixed.vote.rule != RESERVING:
        return because("no_reservations", decision=decision.id, rule=fixed.vote.rule)
    return None
