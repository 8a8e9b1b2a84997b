"""Who there is: organisations, offices, bodies, parties and who holds which office when.

The engine knows *that* duties hang on offices, that bodies vote and that parties sign; which ones there are is
a council's own data. Everything here is frozen and pure, and is stored inside the log as plain JSON, so these
are msgspec Structs: one definition gives validation with the path of a mistake, and a fast round trip.

Titles and names are dated because they age (rådmann became kommunedirektør) while the identity stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal, TypeAlias

import msgspec

Id: TypeAlias = str
"""An identity inside one council: `[a-z0-9_]+`. Offices, bodies, parties and organisations share one namespace."""

Language: TypeAlias = Literal["nb", "nn", "en"]


class Named(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A name in up to three languages, valid from a local date (None: always)."""

    nb: str
    nn: str | None = None
    en: str | None = None
    since: date | None = None

    def text(self, language: Language) -> str:
        """The name in a language; bokmål where that form is not given."""
        return getattr(self, language) or self.nb


def name_on(names: tuple[Named, ...], day: date, language: Language) -> str:
    """The name in force on a local date; the earliest one before any began."""
    begun = [n for n in names if n.since is None or n.since <= day]
    newest = max(begun, key=lambda n: n.since or date.min, default=names[0])
    return newest.text(language)


class Organisation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A public body with its own language form for letters."""

    names: tuple[Named, ...]
    kind: Literal["municipality", "police", "region", "other"] = "other"
    language: Language = "nb"


class Office(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A post. Duties hang on it; persons come and go."""

    organisation: Id
    titles: tuple[Named, ...]


Decides: TypeAlias = Literal["majority", "consensus", "consensus_with_reservation"]
"""How a body decides: more for than against; nobody against or blank; the same, but for those who opt out."""

Tie: TypeAlias = Literal["leader", "falls"]

Counts: TypeAlias = Literal["persons", "seats"]


class VoteRule(msgspec.Struct, frozen=True):
    """How a body's votes are counted. Written in full in the log, so that a new default changes no old vote.

    `quorum` None means at least half of those entitled. `tie` names what a tied majority vote does: `leader` gives
    the leader the casting vote, `falls` rejects. `veto` names members any of whom can stop a decision alone. Where
    `persons` are counted, somebody on several seats has one vote.
    """

    rule: Decides = "majority"
    quorum: int | None = None
    tie: Tie = "leader"
    veto: tuple[Id, ...] = ()
    counts: Counts = "persons"


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A collegiate body: its members are offices; how it decides is told by `VoteRule`.

    Members None means the permanent seats of the agreement's current version (the police council itself).
    """

    names: tuple[Named, ...]
    leader: Id
    secretary: Id
    members: tuple[Id, ...] | None = None
    organisation: Id | None = None
    rule: Decides = "majority"
    quorum: int | None = None
    tie: Tie = "leader"
    veto: tuple[Id, ...] = ()
    counts: Counts = "persons"

    @property
    def vote_rule(self) -> VoteRule:
        """How its votes are counted."""
        return VoteRule(self.rule, self.quorum, self.tie, self.veto, self.counts)


class Party(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A side of the agreement: who decides for it (a body or an office), who signs, who keeps its papers."""

    organisation: Id
    decides: Id
    signs: Id
    secretary: Id


class Seat(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A kind of seat at the council's table; never a head count.

    `filled_by` are the offices that sit; `minimum` and `maximum` bound how many of them. `permanent` seats form
    the council, others are summoned (business, voluntary and interest organisations).
    """

    id: Id
    names: tuple[Named, ...]
    filled_by: tuple[Id, ...] = ()
    minimum: int = 1
    maximum: int = 1
    permanent: bool = True


class Holding(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who held an office when: local dates, both ends included; `until` None is open-ended.

    `capacity`: `holder` has the office, `acting` holds it in the meantime, `deputy` steps in where it is vacant or
    its holder recused. `scope` bounds what it is held for: workflows (`agreement`) and steps (`agreement.sign`);
    empty is everything. `leaf` is the event that recorded it, the evidence an approval later rests on; `recorded` the
    local date of its registration.
    """

    office: Id
    person: str
    since: date
    until: date | None = None
    capacity: Literal["holder", "acting", "deputy"] = "holder"
    basis: str = ""
    leaf: str = ""
    scope: tuple[str, ...] = ()
    recorded: date | None = None

    def covers(self, day: date) -> bool:
        """Whether the office is held through this holding on a local date."""
        return self.since <= day and (self.until is None or day <= self.until)

    def reaches(self, act: str | None) -> bool:
        """Whether it is held for a step, written `workflow.step`; None asks whether it is held for everything."""
        return not self.scope or (act is not None and reaches(self.scope, act))


class Delegation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A named authority: an office decides certain steps for another office or a body, from a local date to another.

    `scope` as in `Holding`, never empty. `further` allows `to` to pass it on; `under` is the leaf of the delegation
    that was passed on. `recorded` is the local date of its registration: a use before that day is flagged. `leaf` is
    the event that recorded it; for a mandate given in a case, `CASE N`.
    """

    of: Id
    to: Id
    scope: tuple[str, ...]
    since: date
    until: date | None = None
    further: bool = False
    under: str | None = None
    basis: str = ""
    recorded: date | None = None
    leaf: str = ""

    def covers(self, day: date) -> bool:
        """Whether it is in force on a local date."""
        return self.since <= day and (self.until is None or day <= self.until)

    def reaches(self, act: str) -> bool:
        """Whether it is given for a step, written `workflow.step`."""
        return reaches(self.scope, act)


def reaches(scope: tuple[str, ...], act: str) -> bool:
    """Whether a scope of workflows and steps holds a step, written `workflow.step`."""
    return act in scope or act.partition(".")[0] in scope


class Register(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A council's register as it is now. Always current, for open cases too (rules are pinned, see `Profile`)."""

    organisations: Mapping[Id, Organisation]
    offices: Mapping[Id, Office]
    bodies: Mapping[Id, Body]
    parties: Mapping[Id, Party]
    secretariat: Id
    leader: Id
    council: Id
    registers_for: Mapping[Id, tuple[Id, ...]] = {}
    closed_days: tuple[date, ...] = ()
