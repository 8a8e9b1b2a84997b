"""Approval rules as data, and their outcome with three values. Pure; meant to be read in one sitting.

A rule is met, still open, or can no longer be met; only *met* advances (an engine that asked "are all votes in?"
moved on with none of three approvals). `evaluate` answers with a tree of findings that `explain` and every
refusal print: each requirement, met or not, by whom and when, and who is missing.

An approval binds to the leaf of the version's event, not to the text: text A → B → A revives nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from engine.errors import DefinitionError, Parameter, Reason, because
from engine.register import Body, Id
from engine.situation import Approval, Version


class Status(StrEnum):
    """Where a requirement stands."""

    MET = "met"
    OPEN = "open"
    LOST = "lost"
    """Can no longer be met."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One requirement and where it stands: what it is, who did or owes it, when (local), and its parts."""

    status: Status
    what: Reason
    who: Id | None = None
    on: date | None = None
    parts: tuple[Finding, ...] = ()

    def missing(self) -> tuple[Id, ...]:
        """Who still has to act for this to be met."""
        if self.parts:
            return tuple(dict.fromkeys(who for part in self.parts for who in part.missing()))
        return (self.who,) if self.who and self.status is Status.OPEN else ()


@dataclass(frozen=True, slots=True)
class Requires:
    """One act of one party, office or organisation on the current version (`kind`: approval, signature …)."""

    party: Id
    kind: str = "approval"


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part."""

    parts: tuple[Rule, ...]

    def __post_init__(self) -> None:
        """Refuse a rule that asks nobody. Raises `DefinitionError`."""
        if not self.parts:
            raise DefinitionError("a rule “all of” nothing would always be met; name at least one part")


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least `needed` of the parts."""

    needed: int
    parts: tuple[Rule, ...]

    def __post_init__(self) -> None:
        """Refuse a rule that can never be met, or always is. Raises `DefinitionError`."""
        if not 1 <= self.needed <= len(self.parts):
            raise DefinitionError(f"a rule “{self.needed} of {len(self.parts)}” can never be decided")


Rule: TypeAlias = Requires | AllOf | AtLeast

_YES = frozenset({"approved", "signed", "acceded"})
_NO = frozenset({"rejected", "reserved"})


def evaluate(rule: Rule, standing: Sequence[Approval]) -> Finding:
    """Where a rule stands, given the acts that stand on the current version (see `standing_on`)."""
    if isinstance(rule, Requires):
        return _required(rule, standing)
    parts = tuple(evaluate(part, standing) for part in rule.parts)
    needed = len(parts) if isinstance(rule, AllOf) else rule.needed
    return Finding(_threshold(parts, needed), because("n_of_m", needed=needed, of=len(parts)), parts=parts)


def standing_on(version: Version, approvals: Iterable[Approval]) -> tuple[Approval, ...]:
    """The newest act of each (kind, party) on exactly this version; withdrawn ones drop out."""
    leaves = {version.leaf, version.source}
    newest = {(a.kind, a.party): a for a in approvals if a.version_leaf in leaves}
    return tuple(act for act in newest.values() if act.outcome != "withdrawn")


@dataclass(frozen=True, slots=True)
class Ballot:
    """A body's vote: members of that day, those present and recused, and votes for, against and blank."""

    roster: tuple[Id, ...]
    present: tuple[Id, ...]
    recused: tuple[Id, ...]
    votes: tuple[int, int, int]

    @property
    def entitled(self) -> tuple[Id, ...]:
        """Members not recused: they make up quorum and vote alike."""
        return tuple(member for member in self.roster if member not in self.recused)

    @property
    def voting(self) -> tuple[Id, ...]:
        """Entitled members who were present."""
        return tuple(member for member in self.entitled if member in self.present)


def quorum_of(body: Body, entitled: int) -> int:
    """How many must be present: the body's own number, else at least half of the members entitled to vote."""
    return body.quorum if body.quorum is not None else (entitled + 1) // 2


def count(body: Body, ballot: Ballot, leader_for: bool | None) -> Finding:  # noqa: FBT001  # three-valued
    """Whether a vote carried under the body's rule.

    `leader_for` tells how the leader voted where a tie must be broken; None leaves a tie fallen. The faults of a
    ballot (strangers, too few present, votes that do not add up) are `LOST` findings, each with its reason.
    """
    if fault := _fault(body, ballot):
        return Finding(Status.LOST, fault)
    for_, against, blank = ballot.votes
    carried = against + blank == 0 if body.rule == "consensus" else _majority(body, for_, against, leader_for)
    tally: dict[str, Parameter] = {"votes_for": for_, "against": against, "blank": blank}
    code = "vote_carried" if carried else "vote_fell"
    return Finding(Status.MET if carried else Status.LOST, Reason(code, tally))


def _majority(body: Body, for_: int, against: int, leader_for: bool | None) -> bool:  # noqa: FBT001  # three-valued
    if for_ == against and body.tie == "leader":
        return bool(leader_for)
    return for_ > against


def _fault(body: Body, ballot: Ballot) -> Reason | None:
    strangers = sorted(set(ballot.present) - set(ballot.roster)) or sorted(set(ballot.recused) - set(ballot.roster))
    if strangers:
        return because("not_a_member", who=strangers[0])
    needed = quorum_of(body, len(ballot.entitled))
    if len(ballot.voting) < needed:
        return because("no_quorum", present=len(ballot.voting), needed=needed)
    if sum(ballot.votes) != len(ballot.voting):
        return because("votes_do_not_add_up", votes=sum(ballot.votes), voting=len(ballot.voting))
    return None


def _required(rule: Requires, standing: Sequence[Approval]) -> Finding:
    act = next((a for a in standing if (a.kind, a.party) == (rule.kind, rule.party)), None)
    if act is None:
        return Finding(Status.OPEN, because(f"{rule.kind}_missing", who=rule.party), rule.party)
    status = Status.MET if act.outcome in _YES else Status.LOST if act.outcome in _NO else Status.OPEN
    return Finding(status, because(f"{rule.kind}_{act.outcome}", who=rule.party), rule.party, act.on)


def _threshold(parts: tuple[Finding, ...], needed: int) -> Status:
    met = sum(part.status is Status.MET for part in parts)
    lost = sum(part.status is Status.LOST for part in parts)
    if met >= needed:
        return Status.MET
    return Status.LOST if len(parts) - lost < needed else Status.OPEN
