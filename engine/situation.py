"""What a judgement looks at: the case, the command, the council and the linked cases, all read beforehand.

A `Situation` is complete and frozen, so guards, roles and deadlines are pure functions of it. After a row has
fired, `after` gives the situation that follows, in which deadlines and effects are computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from engine.event import Facts, Json
from engine.holdings import CouncilState
from engine.register import Holding, Id, Seat

if TYPE_CHECKING:
    from engine.field import Document
    from engine.form import Form

NEW = "new"
"""The state of a case that has not been opened; in events it is null."""


class Case(msgspec.Struct, frozen=True):
    """An instance of a workflow. `n` counts its events, `head` is the newest one's leaf (hex), `opened` is local.

    `profile` is the leaf of the rules the case was opened under; `parent` the case it serves.
    """

    id: str
    workflow: str
    version: int
    state: str
    n: int
    head: str
    profile: str | None
    parent: str | None
    opened: date
    facts: Facts

    @property
    def offices(self) -> Mapping[str, str]:
        """The offices named by role in this case (`implementer`, `follow_up`, `mandate_holder` …)."""
        named = self.facts.get("offices") or {}
        return named if isinstance(named, Mapping) else {}  # type: ignore[return-value]  # written by us as id → id

    def day(self, fact: str) -> date | None:
        """A fact that is a local date."""
        value = self.facts.get(fact)
        return date.fromisoformat(value) if isinstance(value, str) else None

    def text(self, fact: str) -> str:
        """A fact that is text; empty where unknown."""
        value = self.facts.get(fact)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a text with its seats. `leaf` is its event's (hex): what an approval binds to.

    `base` is the number it was made from; `source` the leaf of the amendment's version it was taken from, whose
    approvals then count for it.
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


@dataclass(frozen=True, slots=True)
class Approval:
    """One act on a named version, kept for ever; the newest of a (kind, party) on a version is the one that stands.

    `kind`: approval, signature or ratification. `outcome`: approved, rejected, withdrawn, signed, acceded,
    reserved. `person` is who decided (the office-holder on the date; None for a body).
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


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a recorded decision: its text, its outcome (carried, fell) and votes for, against, blank."""

    text: str
    outcome: str
    votes: tuple[int, int, int] | None


@dataclass(frozen=True, slots=True)
class Decision:
    """A body's recorded decision: roster, present and recused are offices of that day.

    `present` is None where the minutes do not say.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A request to take a step. `case` None opens one (`id_` may ask for its name, as years do).

    `on`: local date of the act, None with `on_unknown`. `decider` is `--for`, `office` is `--as`. `version` is a
    number or a prefix of the leaf as the person wrote it. `seen` is the number of the case's newest event when the
    person looked; had it moved on, the step is not taken. `asked` is the hash of the command as it came, under a key;
    a vote recorded with it then fills in the decision. `via` is who drives: declared, clock, auto, effect.
    """

    workflow: str
    step: str
    case: str | None = None
    id_: str | None = None
    parent: str | None = None
    person: str | None = None
    office: Id | None = None
    decider: Id | None = None
    on: date | None = None
    on_unknown: bool = False
    ref: str | None = None
    decision: str | None = None
    point: int | None = None
    version: str | None = None
    form: Mapping[str, object] = field(default_factory=dict)
    seen: int | None = None
    key: str | None = None
    asked: str | None = None
    via: str = "declared"
    cause: str | None = None


class Authority(msgspec.Struct, frozen=True):
    """Who decides and who acts, once resolved: the holdings of the decider's office and of the acting office.

    `decider` is the office, body or party; `office` the acting person's own; `registered` is true where the actor
    is not the decider but a registrar for it.
    """

    decider: Id
    office: Id | None
    person: str | None
    decided_by: Holding | None
    registered: bool


class Situation(msgspec.Struct, frozen=True):
    """Everything a judgement may look at. `on` is the local date of the act, `today` the local date of `now`.

    `profile` is the rules pinned to the case (opaque to the engine); `links` the cases the workflow `reads`.
    """

    case: Case
    command: Command
    form: Form
    council: CouncilState
    profile: object
    now: datetime
    today: date
    on: date
    links: Mapping[str, tuple[Case, ...]] = {}
    versions: tuple[Version, ...] = ()
    approvals: tuple[Approval, ...] = ()
    decision: Decision | None = None
    authority: Authority | None = None

    @property
    def version(self) -> Version | None:
        """The case's current version."""
        return self.versions[-1] if self.versions else None

    @property
    def dated(self) -> str | None:
        """The date of the act as a fact; None where it is unknown, so that no registration date poses as one."""
        return None if self.command.on_unknown else self.on.isoformat()

    @property
    def latest(self) -> date:
        """The newest date the case rests on: of the act, of coming into its state, of the acts on its version.

        What follows by itself cannot be older than what it follows from, however late that was registered.
        """
        leaf = self.version.leaf if self.version else None
        acts = (act.on for act in self.approvals if act.version_leaf == leaf and act.on)
        return min(self.today, max((self.on, self.case.day("since") or self.on, *acts)))

    def linked(self, name: str) -> tuple[Case, ...]:
        """The cases under one of the workflow's declared links."""
        return self.links[name]

    def after(self, state: str, changes: Facts) -> Situation:
        """The situation once the case is in a state and its facts have changed (null removes a fact)."""
        return replace(self, case=replace(self.case, state=state, facts=merged(self.case.facts, changes)))


def merged(facts: Facts, changes: Facts) -> dict[str, Json]:
    """Facts with changes laid over them: null removes, `offices` merges by role."""
    result = {**facts, **changes}
    if isinstance(old := facts.get("offices"), Mapping) and isinstance(new := changes.get("offices"), Mapping):
        result["offices"] = {**old, **new}
    return {name: value for name, value in result.items() if value is not None}
