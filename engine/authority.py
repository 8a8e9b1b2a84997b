"""Deciding and registering are two things: who may decide a step, who acts, and whether that fits. Pure.

The decider (`--for`) is an office, a body or a party of the row's role. The actor (`--as`) is the decider itself
or a registrar for it; a registrar must show a reference or a document, and every report says "registered by".
Authority is judged by who held the office on the date of the decision; a registrar must hold the own office on
the day of registration. Where the date is unknown, so is who held the office: then the office alone is recorded, unless
its holder registers the act in person. Left out, either is taken if exactly one fits; else the refusal lists them.

An office decides through its holder, whoever acts in the meantime, or a deputy where it is vacant or its holder
recused; another office may decide by a delegation (`engine.delegation`). For an act on a version, who decides for a
party is as it was when the version was proposed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

import msgspec
from msgspec.structs import replace

from engine.delegation import given_to, misses, outside_period
from engine.errors import Reason, because
from engine.evidence import ActForm
from engine.holdings import CouncilState
from engine.register import Delegation, Holding, Id, Register
from engine.role import PERSONS, Role
from engine.situation import Authority, Command, Situation

EVERYONE = "*"
"""In `registers_for`: for every office, body and party."""


class _Claim(msgspec.Struct, frozen=True):
    """Whom a command is for, and the delegation by which another office decided, where one was named."""

    decider: Id
    mandate: Delegation | None = None


def authorize(role: Role, s: Situation) -> Authority | Reason:
    """Who decides and who acts, or the reason why this command has no authority for a role."""
    if s.command.via not in role.drivers:
        return because("not_by_hand" if s.command.via == PERSONS else "only_by_hand", role=role.name)
    if s.command.via != PERSONS:
        return Authority("", None, None, None, registered=False)
    claim = _claim(role, s)
    return claim if isinstance(claim, Reason) else _acting(claim, s)


def acts_for(office: Id, s: Situation) -> Authority | Reason:
    """Whether the person of this command acts for an office, as its holder or registering for it; why not.

    No delegation helps: it is the office itself that is asked.
    """
    return _acting(_Claim(office), replace(s, council=dataclasses.replace(s.council, delegations=()), mandates=()))


def presumed(role: Role, s: Situation) -> Authority | None:
    """Whom a command without authority is for, as far as it says, so that the other requirements can be told too."""
    claim = None if s.command.via != PERSONS else _claim(role, s)
    return Authority(claim.decider, None, None, None, registered=False) if isinstance(claim, _Claim) else None


def through(register: Register, decider: Id) -> Id:
    """The office or body that decides for a decider: a party's, else itself."""
    return register.parties[decider].decides if decider in register.parties else decider


def decides_for(decider: Id, s: Situation) -> Id:
    """The office or body that decides for a decider here: for an act on a version as fixed when it was proposed."""
    return _fixed(s).get(decider) or through(s.council.register, decider)


def may_rest_on(s: Situation, decider: Id, body: Id) -> bool:
    """Whether a body's decision can be what a decider decided: the body itself, or one of the office's own house.

    A municipality's officer may act on the decision of that municipality's committee; the recommendation of another
    body decides nothing for them.
    """
    register, own = s.council.register, decides_for(decider, s)
    if own in register.bodies:
        return own == body
    house = register.offices[own].organisation if own in register.offices else decider
    return register.bodies[body].organisation == house


def keeper(register: Register, decider: Id) -> Id:
    """The office on whose table something lies that a party, body or office owes."""
    if decider in register.parties:
        return register.parties[decider].secretary
    if decider in register.bodies:
        return register.bodies[decider].secretary
    if decider in register.organisations:
        return next(iter(_offices_of(register, decider)), register.secretariat)
    return decider if decider in register.offices else register.secretariat


def registrars(council: CouncilState, decider: Id) -> frozenset[Id]:
    """The offices that may register a decider's decisions."""
    if decider not in council.registrars:
        council.registrars[decider] = _registrars(council.register, decider)
    return council.registrars[decider]


def _registrars(register: Register, decider: Id) -> frozenset[Id]:
    named = {o for o, whom in register.registers_for.items() if EVERYONE in whom or decider in whom}
    body = register.bodies.get(through(register, decider))
    own = {body.leader, body.secretary} if body else set[Id]()
    party = {register.parties[decider].secretary} if decider in register.parties else set[Id]()
    return frozenset(named | own | party | set(_offices_of(register, decider)))


def _offices_of(register: Register, organisation: Id) -> tuple[Id, ...]:
    return tuple(o for o, office in register.offices.items() if office.organisation == organisation)


def _fixed(s: Situation) -> dict[Id, Id]:
    """For an act on a version: whose acts it needs and who decides for them, as fixed when it was proposed."""
    return s.version.through(s.form.kind) if isinstance(s.form, ActForm) and s.version else {}


def _claim(role: Role, s: Situation) -> _Claim | Reason:
    possible = tuple(dict.fromkeys(role.deciders(s)))
    if not possible:
        return because("nobody_can_decide", role=role.name)
    if s.command.decider is not None:
        return _named(s.command.decider, possible, s)
    fitting = tuple(d for d in possible if not isinstance(_acting(_Claim(d), s), Reason))
    if len(fitting) > 1:
        own = tuple(d for d in fitting if _own(d, s))
        fitting = own if len(own) == 1 else fitting
    if len(fitting) == 1:
        return _Claim(fitting[0])
    if not fitting and len(possible) == 1:
        return _Claim(possible[0])
    return because("say_for_whom", possible=", ".join(fitting or possible))


def _named(given: Id, possible: tuple[Id, ...], s: Situation) -> _Claim | Reason:
    """The decider a person means: itself, the party whose body or office it is, or whom it has a delegation of."""
    if given in possible:
        return _Claim(given)
    if by := next((d for d in possible if given in (decides_for(d, s), through(s.council.register, d))), None):
        return _Claim(by) if decides_for(by, s) == given else _outside(given, s)
    if by := next((d for d in possible if d == through(s.council.register, given)), None):
        return _Claim(by)
    for decider in possible:
        if mandate := next(given_to(given, decides_for(decider, s), s), None):
            return _Claim(decider, mandate)
    near = next((why for d in possible for why in misses(given, decides_for(d, s), s)), None)
    return near or _outside(given, s, possible)


def _outside(given: Id, s: Situation, possible: tuple[Id, ...] = ()) -> Reason:
    """Why somebody has no say: for an act on a version, because its electorate was fixed without them."""
    if (fixed := _fixed(s)) and s.version:
        who = ", ".join(d if d == by else f"{d} ({by})" for d, by in fixed.items())
        return because("outside_electorate", given=given, version=s.version.number, possible=who)
    return because("not_the_decider", given=given, possible=", ".join(possible))


def _own(decider: Id, s: Situation) -> bool:
    acting = _acting(_Claim(decider), s)
    return isinstance(acting, Authority) and not acting.registered


def _acting(claim: _Claim, s: Situation) -> Authority | Reason:
    command, by = s.command, decides_for(claim.decider, s)
    office = claim.mandate.to if claim.mandate else _office(by, s)
    held = s.council.holdings.of(office, s.on, act=s.act, without=s.recused) if office else None
    if office and held is None and not command.on_unknown:
        return _nobody_there(office, s)
    if command.office in (None, office) and held and held.person == command.person:
        return Authority(claim.decider, office, held.person, held, registered=False, mandate=claim.mandate)
    if office and command.person in s.recused and _holds(command.person, office, s):
        return because("recused", office=office)
    return _by_delegation(claim, by, s) or _registering(claim, None if command.on_unknown else held, s)


def _office(by: Id, s: Situation) -> Id | None:
    """The office that decides, where no body and no organisation does."""
    register = s.council.register
    return None if by in register.bodies or by in register.organisations else by


def _nobody_there(office: Id, s: Situation) -> Reason:
    """Why nobody acts for an office on a date: it is vacant, its holder recused, or held for other things only."""
    if s.council.holdings.of(office, s.on, act=s.act) is not None:
        return because("recused", office=office)
    if s.council.holdings.in_office(office, s.on):
        return because("outside_scope", office=office, act=s.act)
    return because("office_vacant", office=office, on=s.on.isoformat())


def _holds(person: str | None, office: Id, s: Situation) -> bool:
    return any(h.office == office for h in s.council.holdings.held(person or "", s.on))


def _by_delegation(claim: _Claim, by: Id, s: Situation) -> Authority | None:
    """The authority of a person whose own office may decide for another. A body's cited decision is its own."""
    given = s.council.delegations or s.mandates
    if not given or claim.mandate or s.decision is not None or s.command.on_unknown:
        return None
    for office in _offices(s.council.holdings.held(s.command.person or "", s.on)):
        held = s.council.holdings.of(office, s.on, act=s.act, without=s.recused)
        mine = held is not None and held.person == s.command.person and s.command.office in (None, office)
        if mine and (mandate := next(given_to(office, by, s), None)):
            person = held.person if held else None
            return Authority(claim.decider, office, person, held, registered=False, mandate=mandate)
    return None


def _registering(claim: _Claim, decided_by: Holding | None, s: Situation) -> Authority | Reason:
    command, decider = s.command, claim.decider
    held = _offices(h for h in s.council.holdings.held(command.person or "", s.today) if h.reaches(s.act))
    if command.office is not None and command.office not in held:
        return because("office_not_held", office=command.office, on=s.today.isoformat())
    allowed = registrars(s.council, decider) | (registrars(s.council, claim.mandate.to) if claim.mandate else set())
    fitting = [o for o in held if o in allowed and command.office in (None, o)]
    if not fitting:
        return next(_near(claim, held, s), None) or because(
            "may_not_act_for", decider=decider, held=", ".join(held) or None
        )
    if not _evidence(command, s):
        return because("registrar_needs_reference", decider=decider)
    person = decided_by.person if decided_by else None
    return Authority(decider, fitting[0], person, decided_by, registered=True, mandate=claim.mandate)


def _near(claim: _Claim, held: Iterable[Id], s: Situation) -> Iterator[Reason]:
    """Why what somebody has does not help: the office on other days or for other things, a delegation too short."""
    by = decides_for(claim.decider, s)
    for own in s.council.holdings.all:
        if own.person == s.command.person and own.office == by:
            if not own.covers(s.on):
                yield outside_period(by, s.on, own)
            elif not own.reaches(s.act):
                yield because("outside_scope", office=by, act=s.act)
    for office in held:
        yield from misses(office, by, s)


def _evidence(command: Command, s: Situation) -> bool:
    return bool(command.ref or command.decision or s.form.documents)


def _offices(holdings: Iterable[Holding]) -> tuple[Id, ...]:
    return tuple(dict.fromkeys(holding.office for holding in holdings))
