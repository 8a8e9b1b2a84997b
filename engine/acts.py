"""Versions of a text, the acts on them, and the recorded decisions that acts rest on: what a judgement reads. Frozen.

An act binds to a version by the leaf of its event; what it is worth is worked out in `engine.approval`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from engine.ballot import Ballot
from engine.register import Id, Seat, VoteRule
from engine.rule import Assurance, Rule, leaves

if TYPE_CHECKING:
    from engine.field import Document


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a text with its seats. `leaf` is its event's (hex): what an approval binds to.

    `base` is the number it was made from; `source` the leaf of the amendment's version it was taken from, whose
    approvals then count for it. `rules` says, for each kind of act, whose acts it needs: fixed when it was proposed.
    `at` is its position in the log.
    """

    number: int
    leaf: str
    on: date | None
    documents: tuple[Document, ...]
    seats: tuple[Seat, ...]
    base: int | None = None
    source: str | None = None
    proposer: Id | None = None
    author: str | None = None
    rules: Mapping[str, Rule] = field(default_factory=dict)
    at: int = 0

    def through(self, kind: str) -> dict[Id, Id]:
        """Whose acts of a kind it needs, each with the office or body that decides for them."""
        return {leaf.who: leaf.by for leaf in leaves(self.rules[kind])} if kind in self.rules else {}


@dataclass(frozen=True, slots=True)
class Approval:
    """One act on a named version, kept for ever; the newest of a (kind, party) on a version is the one that stands.

    `kind`: approval, signature or ratification. `outcome`: approved, rejected, withdrawn, lifted, signed, acceded,
    reserved. `person` is who decided (the office-holder on the date; None for a body) in `capacity` (holder, acting,
    deputy, delegate), by the holding or delegation recorded in `mandate` (a leaf). `ballot` is the body's vote that
    it cites (`decision`, `point`). `at` is its position in the log.
    """

    kind: str
    party: Id
    version: int
    version_leaf: str
    outcome: str
    office: Id | None
    person: str | None
    on: date | None
    leaf: str
    capacity: str | None = None
    mandate: str | None = None
    assurance: Assurance = "declared"
    decision: str | None = None
    point: int | None = None
    ballot: Ballot | None = None
    at: int = 0


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a recorded decision: its text, its outcome (carried, fell) and how it was voted on, where known.

    Votes are for, against and blank; `reserved` are members who opted out, `vetoed_by` those who stopped it,
    `leader_for` the leader's casting vote.
    """

    text: str
    outcome: str
    votes: tuple[int, int, int] | None
    reserved: tuple[Id, ...] = ()
    vetoed_by: tuple[Id, ...] = ()
    leader_for: bool | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """An act, of any case, that rests on a point of a decision: a vote is spent on the text it was taken on.

    `annulled` ones count too: the vote was on that text.
    """

    case: str
    version: int
    version_leaf: str
    party: Id
    annulled: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """A body's recorded decision: roster, present and recused are offices of that day, `persons` held them.

    `present` is None where the minutes do not say, `persons` where the date is unknown. `deputies` sat for recused
    or absent members. `rule` is how the body decided that day. `at` is its position in the log.
    """

    id: str
    leaf: str
    body: Id
    on: date | None
    ref: str | None
    roster: tuple[Id, ...]
    present: tuple[Id, ...] | None
    recused: tuple[Id, ...]
    points: tuple[Point, ...]
    deputies: Mapping[Id, str] = field(default_factory=dict)
    persons: Mapping[Id, str] | None = None
    rule: VoteRule | None = None
    at: int = 0

    def ballot(self, number: int) -> Ballot | None:
        """The vote on a point, 1-based; None where there is no such point."""
        if not 1 <= number <= len(self.points):
            return None
        point = self.points[number - 1]
        return Ballot(
            self.roster, self.present, self.recused, self.deputies, self.persons, point.votes, point.reserved,
            point.vetoed_by, point.leader_for, point.outcome, self.rule,
        )  # fmt: skip
