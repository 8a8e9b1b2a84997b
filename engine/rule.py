"""Approval rules as data: whose acts an agreement needs, and how they combine. Frozen, pure, stored in the log.

A profile writes a rule in its own words (`office`, `party`, `signatory`, `body`, joined by `all_of`, `at_least`,
`by_organisation`). `resolve` turns it into the rule a version is proposed under: each part names the office or body
that decides, as the register has it that day, and how a body's votes are counted. That rule is written into the
version's event, so neither a later profile nor a later register changes who must approve what is already proposed.

A rule that could never be met, or always is, does not construct.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias, TypeVar

import msgspec

from engine.errors import DefinitionError
from engine.register import Body, Counts, Decides, Id, Register, Tie, VoteRule

Assurance: TypeAlias = Literal["declared", "sshsig"]
"""How the identity of whoever acted was established: as configured, or by a signature over the statement."""

ASSURANCES: tuple[Assurance, ...] = ("declared", "sshsig")
"""From the weakest to the strongest."""


class _Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """Base of every kind; in data, `kind` tells which."""


class Office(_Rule, frozen=True, tag="office"):
    """Whoever holds an office."""

    office: Id
    assurance: Assurance = "declared"


class Party(_Rule, frozen=True, tag="party"):
    """A party of the agreement, by the office or body that decides for it."""

    party: Id
    assurance: Assurance = "declared"


class Signatory(_Rule, frozen=True, tag="signatory"):
    """A party of the agreement, by the office that signs for it."""

    party: Id
    assurance: Assurance = "declared"


class BodyVote(_Rule, frozen=True, tag="body"):
    """A body's vote. What is left out is as the body itself decides."""

    body: Id
    rule: Decides | None = None
    quorum: int | None = None
    tie: Tie | None = None
    veto: tuple[Id, ...] | None = None
    counts: Counts | None = None
    assurance: Assurance = "declared"


class Requires(_Rule, frozen=True, tag="requires"):
    """One act, resolved: for whom, by which office or body, and how that body's votes are counted (None: an office)."""

    who: Id
    by: Id
    vote: VoteRule | None = None
    assurance: Assurance = "declared"


class AllOf(_Rule, frozen=True, tag="all_of"):
    """Every part."""

    parts: tuple[Rule, ...]

    def __post_init__(self) -> None:
        """Refuse a rule that asks nobody. Raises `DefinitionError`."""
        if not self.parts:
            raise DefinitionError("a rule “all of” nothing would always be met; name at least one part")
        _refuse_twice(self.parts)
        _refuse_shared(self.parts)


class AtLeast(_Rule, frozen=True, tag="at_least"):
    """At least `needed` of the parts: of the acts, or of the persons behind them."""

    needed: int
    parts: tuple[Rule, ...]
    counts: Literal["acts", "persons"] = "acts"

    def __post_init__(self) -> None:
        """Refuse a rule that can never be met, or always is. Raises `DefinitionError`."""
        if not 1 <= self.needed <= len(self.parts):
            raise DefinitionError(f"a rule “{self.needed} of {len(self.parts)}” can never be decided")
        if self.counts == "persons" and not all(isinstance(part, LEAVES) for part in self.parts):
            raise DefinitionError("a rule that counts persons joins single acts only, no joined parts")
        _refuse_twice(self.parts)
        if self.needed > 1:
            _refuse_shared(self.parts)


class ByOrganisation(_Rule, frozen=True, tag="by_organisation"):
    """Each organisation for itself: true must accede or reserve itself, false is not asked.

    At least `at_least` must accede, one in any case, and nobody may still owe an answer.
    """

    organisations: Mapping[Id, bool]
    at_least: int = 1

    def __post_init__(self) -> None:
        """Refuse a number that can never be reached. Raises `DefinitionError`."""
        asked = sum(self.organisations.values())
        if asked and not 1 <= self.at_least <= asked:
            raise DefinitionError(f"a rule “{self.at_least} of {asked} organisations” can never be decided")

    @property
    def asked(self) -> tuple[Id, ...]:
        """The organisations that must answer."""
        return tuple(organisation for organisation, must in self.organisations.items() if must)


Rule: TypeAlias = Office | Party | Signatory | BodyVote | Requires | AllOf | AtLeast | ByOrganisation

LEAVES = (Office, Party, Signatory, BodyVote, Requires)
"""The kinds that ask for one act."""


def resolve(rule: Rule, register: Register) -> Rule:
    """A rule with every part resolved, as a version is proposed under it.

    Raises `DefinitionError` where a part names nobody of the register, a quorum larger than its body, or where two
    parts come down to the same office or body: one person, or one vote, would then be both.
    """
    resolved = _resolve(rule, register)
    asked: dict[Id, Id] = {}
    through: dict[Id, Id] = {}
    for leaf in leaves(resolved):
        if asked.setdefault(leaf.who, leaf.by) != leaf.by:
            raise DefinitionError(
                f"a rule asks {leaf.who} through {asked[leaf.who]} and through {leaf.by}, and one act would be both; "
                f'name one of them as {{ kind = "office", office = "{leaf.by}" }}'
            )
        if through.setdefault(leaf.by, leaf.who) != leaf.who:
            raise DefinitionError(
                f"a rule asks {leaf.by} twice, for {through[leaf.by]} and for {leaf.who}; name it once"
            )
    return resolved


def _resolve(rule: Rule, register: Register) -> Rule:
    if isinstance(rule, Requires | ByOrganisation):
        return rule
    if isinstance(rule, AllOf | AtLeast):
        return msgspec.structs.replace(rule, parts=tuple(_resolve(part, register) for part in rule.parts))
    return _leaf(rule, register)


def leaves(rule: Rule) -> Iterator[Requires]:
    """Every single act of a resolved rule, in its order; an organisation acts by itself."""
    if isinstance(rule, AllOf | AtLeast):
        for part in rule.parts:
            yield from leaves(part)
    elif isinstance(rule, ByOrganisation):
        yield from (Requires(organisation, organisation) for organisation in rule.asked)
    elif isinstance(rule, Requires):
        yield rule


def _leaf(rule: Office | Party | Signatory | BodyVote, register: Register) -> Requires:
    match rule:
        case Office():
            return Requires(rule.office, _office(rule.office, register), assurance=rule.assurance)
        case BodyVote():
            vote = _vote(rule, _known(register.bodies, rule.body, "body"), register)
            return Requires(rule.body, rule.body, vote, rule.assurance)
        case Signatory():
            signs = _known(register.parties, rule.party, "party").signs
            return Requires(rule.party, _office(signs, register), assurance=rule.assurance)
        case Party():
            decides = _known(register.parties, rule.party, "party").decides
            body = register.bodies.get(decides)
            return Requires(rule.party, decides, body.vote_rule if body else None, rule.assurance)


def _vote(rule: BodyVote, body: Body, register: Register) -> VoteRule:
    """How the body's votes are counted for this rule: as the body decides, but for what the rule says."""
    stated = {name: getattr(rule, name) for name in VoteRule.__struct_fields__ if getattr(rule, name) is not None}
    vote = msgspec.structs.replace(body.vote_rule, **stated)
    members = len(body.members) if body.members is not None else None
    if members is not None and (vote.quorum or 0) > members:
        raise DefinitionError(f"the quorum of {vote.quorum} can never be met by the {members} members of {rule.body}")
    for office in vote.veto:
        _office(office, register)
    return vote


def _office(office: Id, register: Register) -> Id:
    _known(register.offices, office, "office")
    return office


_T = TypeVar("_T")


def _known(table: Mapping[Id, _T], name: Id, kind: str) -> _T:
    if name not in table:
        raise DefinitionError(f"a rule names the {kind} {name!r}, which the register does not have")
    return table[name]


def _refuse_twice(parts: tuple[Rule, ...]) -> None:
    """One act must not stand for two parts."""
    twice = next((part for at, part in enumerate(parts) if part in parts[:at]), None)
    if twice is not None:
        raise DefinitionError(f"a rule names the same part twice: {msgspec.to_builtins(twice)}")


def _refuse_shared(parts: tuple[Rule, ...]) -> None:
    """Where several parts are needed, one act must not count in two of them."""
    asked = [set(_asked(part)) for part in parts]
    shared = [who for at, some in enumerate(asked) for who in some & set().union(*asked[:at])]
    if shared:
        raise DefinitionError(f"a rule counts the act of {shared[0]} in two of its parts; name it in one of them")


def _asked(rule: Rule) -> Iterator[Id]:
    """Whom a rule asks, resolved or not."""
    match rule:
        case AllOf() | AtLeast():
            for part in rule.parts:
                yield from _asked(part)
        case ByOrganisation():
            yield from rule.asked
        case Office():
            yield rule.office
        case Party() | Signatory():
            yield rule.party
        case BodyVote():
            yield rule.body
        case Requires():
            yield rule.who
