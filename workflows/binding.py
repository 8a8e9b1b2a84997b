"""Whom an agreement in force binds: the parties' organisations and the municipalities, but for those that opted out.

A municipality reserves itself by its own answer, or its member does in a body that decides with that right. Both stand
in the case, and both end when it accedes. Seats, letters and duties follow: an office of an organisation that opted out
answers for no measure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.register import Id, Register
    from engine.situation import Case


def reserved_in(case: Case) -> tuple[Id, ...]:
    """The organisations that reserved themselves in a case and have not acceded since."""
    listed = case.facts.get("reserved")
    return tuple(map(str, listed)) if isinstance(listed, list | tuple) else ()


def bound_by(case: Case, register: Register) -> tuple[Id, ...]:
    """The organisations an agreement in force binds; none where it is not in force."""
    if case.workflow != "agreement" or case.state != "in_force":
        return ()
    parties = (party.organisation for party in register.parties.values())
    towns = (id_ for id_, organisation in register.organisations.items() if organisation.kind == "municipality")
    return tuple(one for one in dict.fromkeys((*parties, *towns)) if one not in reserved_in(case))


def outside(offices: Mapping[str, Id], agreements: Iterable[Case], register: Register) -> dict[str, Id]:
    """Those of a case's offices, by role, whose organisation reserved itself against an agreement in force."""
    out = {organisation for case in agreements for organisation in reserved_in(case)}
    known = {role: register.offices.get(office) for role, office in offices.items()}
    return {role: offices[role] for role, office in known.items() if office and office.organisation in out}
