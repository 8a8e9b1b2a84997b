"""Deciding and registering are two things: who may decide a step, who acts, and whether that fits. Pure.

The decider (`--for`) is an office, a body or a party of the row's role. The actor (`--as`) is the decider itself
or a registrar for it; a registrar must show a reference or a document, and every report says "registered by".
Authority is judged by who held the office on the date of the decision; a registrar must hold the own office on
the day of registration. Where the date is unknown, so is who held the office: then the office alone is recorded, unless
its holder registers the act in person. Left out, either is taken if exactly one fits; else the refusal lists them.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.errors import Reason, because
from engine.holdings import CouncilState
from engine.register import Holding, Id, Register
from engine.role import PERSONS, Role
from engine.situation import Authority, Command, Situation

EVERYONE = "*"
"""In `registers_for`: for every office, body and party."""


def authorize(role: Role, s: Situation) -> Authority | Reason:
    """Who decides and who acts, or the reason why this command has no authority for a role."""
    if s.command.via not in role.drivers:
        return because("not_by_hand" if s.command.via == PERSONS else "only_by_hand", role=role.name)
    if s.command.via != PERSONS:
        return Authority("", None, None, None, registered=False)
    chosen = _decider(role, s)
    return chosen if isinstance(chosen, Reason) else _acting(chosen, s)


def presumed(role: Role, s: Situation) -> Authority | None:
    """Whom a command without authority is for, as far as it says, so that the other requirements can be told too."""
    decider = None if s.command.via != PERSONS else _decider(role, s)
    return Authority(decider, None, None, None, registered=False) if isinstance(decider, str) else None


def deciding_office(register: Register, decider: Id) -> Id | None:
    """The single office that decides for a decider; None where a body does."""
    if decider in register.parties:
        return deciding_office(register, register.parties[decider].decides)
    return decider if decider in register.offices else None


def deciding_body(register: Register, decider: Id) -> Id | None:
    """The body that decides for a decider; None where an office does."""
    if decider in register.parties:
        return deciding_body(register, register.parties[decider].decides)
    return decider if decider in register.bodies else None


def may_rest_on(register: Register, decider: Id, body: Id) -> bool:
    """Whether a body's decision can be what a decider decided: the body itself, or one of the office's own house.

    A municipality's officer may act on the decision of that municipality's committee; the recommendation of another
    body decides nothing for them.
    """
    own = deciding_body(register, decider)
    if own is not None:
        return own == body
    office = register.offices.get(deciding_office(register, decider) or "")
    house = office.organisation if office else decider
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
    body = register.bodies.get(deciding_body(register, decider) or "")
    own = {body.leader, body.secretary} if body else set[Id]()
    party = {register.parties[decider].secretary} if decider in register.parties else set[Id]()
    return frozenset(named | own | party | set(_offices_of(register, decider)))


def _offices_of(register: Register, organisation: Id) -> tuple[Id, ...]:
    return tuple(o for o, office in register.offices.items() if office.organisation == organisation)


def _decider(role: Role, s: Situation) -> Id | Reason:
    possible = tuple(dict.fromkeys(role.deciders(s)))
    if not possible:
        return because("nobody_can_decide", role=role.name)
    if s.command.decider is not None:
        return _named(s.command.decider, possible, s.council.register) or because(
            "not_the_decider", given=s.command.decider, possible=", ".join(possible)
        )
    fitting = tuple(d for d in possible if not isinstance(_acting(d, s), Reason))
    if len(fitting) > 1:
        own = tuple(d for d in fitting if _own(d, s))
        fitting = own if len(own) == 1 else fitting
    if len(fitting) == 1:
        return fitting[0]
    if not fitting and len(possible) == 1:
        return possible[0]
    return because("say_for_whom", possible=", ".join(fitting or possible))


def _named(given: Id, possible: tuple[Id, ...], register: Register) -> Id | None:
    """The decider a person means: itself, or the party whose body or office was named."""
    if given in possible:
        return given
    return next((d for d in possible if d in register.parties and register.parties[d].decides == given), None)


def _own(decider: Id, s: Situation) -> bool:
    acting = _acting(decider, s)
    return isinstance(acting, Authority) and not acting.registered


def _acting(decider: Id, s: Situation) -> Authority | Reason:
    register, command = s.council.register, s.command
    office = deciding_office(register, decider)
    held = s.council.holdings.of(office, s.on) if office else None
    if office and held is None and not command.on_unknown:
        return because("office_vacant", office=office, on=s.on.isoformat())
    if command.office in (None, office) and held and held.person == command.person:
        return Authority(decider, office, held.person, held, registered=False)
    return _registering(decider, None if command.on_unknown else held, s)


def _registering(decider: Id, decided_by: Holding | None, s: Situation) -> Authority | Reason:
    command = s.command
    held = _offices(s.council.holdings.held(command.person or "", s.today))
    if command.office is not None and command.office not in held:
        return because("office_not_held", office=command.office, on=s.today.isoformat())
    allowed = registrars(s.council, decider)
    fitting = [o for o in held if o in allowed and command.office in (None, o)]
    if not fitting:
        return because("may_not_act_for", decider=decider, held=", ".join(held) or None)
    if not _evidence(command, s):
        return because("registrar_needs_reference", decider=decider)
    return Authority(decider, fitting[0], decided_by.person if decided_by else None, decided_by, registered=True)


def _evidence(command: Command, s: Situation) -> bool:
    return bool(command.ref or command.decision or s.form.documents)


def _offices(holdings: Iterable[Holding]) -> tuple[Id, ...]:
    return tuple(dict.fromkeys(holding.office for holding in holdings))
