"""What a judgement looks at: the case, the command, the council and the linked cases, all read beforehand.

A `Situation` is complete and frozen, so guards, roles and deadlines are pure functions of it. After a row has
fired, `after` gives the situation that follows, in which deadlines and effects are computed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

import msgspec
from msgspec.structs import replace

from engine.acts import Approval, Decision, Spent, Version
from engine.event import Facts, Json
from engine.holdings import CouncilState
from engine.register import Delegation, Holding, Id

if TYPE_CHECKING:
    from engine.form import Form
    from engine.ladder import Ladder
    from engine.signing import Signing
    from engine.statement import Signature

NEW = "new"
"""The state of a case that has not been opened; in events it is null."""

_NOBODY: frozenset[str] = frozenset()


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
    def recused(self) -> frozenset[str]:
        """The persons who may not decide in this case, in whatever office."""
        if not (listed := self.facts.get("recused")):
            return _NOBODY
        return frozenset(str(one["person"]) for one in listed if isinstance(one, Mapping))  # type: ignore[union-attr]  # a list, as `recuse` wrote it

    @property
    def offices(self) -> Mapping[str, str]:
        """The offices named by role in this case (`implementer`, `follow_up`, `mandate_holder` …)."""
        named = self.facts.get("offices")
        return named if isinstance(named, dict) else {}

    def day(self, fact: str) -> date | None:
        """A fact that is a local date."""
        value = self.facts.get(fact)
        return date.fromisoformat(value) if isinstance(value, str) else None

    def text(self, fact: str) -> str:
        """A fact that is text; empty where unknown."""
        value = self.facts.get(fact)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A request to take a step. `case` None opens one (`id_` may ask for its name, as years do).

    `on`: local date of the act, None with `on_unknown`. `decider` is `--for`, `office` is `--as`. `version` is a
    number or a prefix of the leaf as the person wrote it. `seen` is the number of the case's newest event when the
    person looked; had it moved on, the step is not taken. `override` is the reason for setting a requirement aside.
    `signature` is over the statement of the act (`engine.statement`), by whoever decided.
    `asked` is the hash of the command as it came, under a key; a vote recorded with it then fills in the decision.
    `via` is who drives: declared, clock, auto, effect.
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
    override: str | None = None
    signature: Signature | None = None
    seen: int | None = None
    key: str | None = None
    asked: str | None = None
    via: str = "declared"
    cause: str | None = None


class Authority(msgspec.Struct, frozen=True):
    """Who decides and who acts, once resolved: the holdings of the decider's office and of the acting office.

    `decider` is the office, body or party; `office` the acting person's own; `registered` is true where the actor
    is not the decider but a registrar for it. `mandate` is the delegation by which another office decided.
    """

    decider: Id
    office: Id | None
    person: str | None
    decided_by: Holding | None
    registered: bool
    mandate: Delegation | None = None

    @property
    def capacity(self) -> str | None:
        """In which capacity it was decided: holder, acting, deputy, delegate; None where nobody is known."""
        if self.mandate is not None:
            return "delegate"
        return self.decided_by.capacity if self.decided_by else None


class PinnedRules(Protocol):
    """What the engine itself asks of the rules pinned to a case; all else is the workflows'."""

    def overrider(self, workflow: str, step: str) -> Id | None:
        """The office that may set requirements of a step aside; None where nobody may."""

    def falls_due(self, day: date, closed: Collection[date]) -> date:
        """The local date on which something due on a day is due, where that day may be a closed one."""

    def ladder(self, name: str) -> Ladder | None:
        """The ladder of a name; None where nobody is reminded."""


class Situation(msgspec.Struct, frozen=True):
    """Everything a judgement may look at. `on` is the local date of the act, `today` the local date of `now`.

    `profile` is the rules pinned to the case (opaque to the engine, but for who may override); `links` the cases the
    workflow `reads`; `mandates` those given in this case, beside the council's delegations; `parent` the case it
    serves, with its current version, where this one is versioned too; `spent` the acts that rest on the cited point;
    `signing` what was found out about the command's signature.
    """

    case: Case
    command: Command
    form: Form
    council: CouncilState
    profile: PinnedRules
    now: datetime
    today: date
    on: date
    links: Mapping[str, tuple[Case, ...]] = {}
    versions: tuple[Version, ...] = ()
    approvals: tuple[Approval, ...] = ()
    decision: Decision | None = None
    mandates: tuple[Delegation, ...] = ()
    parent: Case | None = None
    parent_version: Version | None = None
    spent: tuple[Spent, ...] = ()
    authority: Authority | None = None
    signing: Signing | None = None

    @property
    def recused(self) -> frozenset[str]:
        """The persons who may not decide here: disqualified in this case, or in the one it serves."""
        return self.case.recused | self.parent.recused if self.parent else self.case.recused

    @property
    def act(self) -> str:
        """The step as scopes name it: `workflow.step`."""
        return f"{self.case.workflow}.{self.command.step}"

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
    result = _laid_over(facts, changes)
    if isinstance(old := facts.get("offices"), dict) and isinstance(new := changes.get("offices"), dict):
        result["offices"] = _laid_over(old, new)
    return result


def _laid_over(values: Facts, changes: Facts) -> dict[str, Json]:
    return {name: value for name, value in {**values, **changes}.items() if value is not None}
