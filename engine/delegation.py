"""Named authority: which office may decide for another by a delegation or a mandate, when, and for what. Pure.

A delegation has a scope (workflows and steps) and a period, and is passed on only where it says so. What it does not
reach is refused with the reason, not with a bare "may not".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from engine.errors import Reason, because
from engine.register import Delegation, Holding, Id
from engine.situation import Situation


def given_to(office: Id, by: Id, s: Situation) -> Iterator[Delegation]:
    """The delegations by which an office may take this step for an office or body on the date of the act.

    None where that office's own holder is disqualified: whoever may not decide does not choose who does.
    """
    if _disqualified(by, s):
        return iter(())
    return (d for d in _between(office, by, s) if stands(d, s.council.delegations, s.on) and d.reaches(s.act))


def misses(office: Id, by: Id, s: Situation) -> Iterator[Reason]:
    """Why delegations that do exist between the two do not help here: outside their period, else their scope."""
    between = tuple(_between(office, by, s))
    if between and _disqualified(by, s):
        yield because("recused", office=by)
    for delegation in between:
        if delegation.reaches(s.act) and not stands(delegation, s.council.delegations, s.on):
            yield outside_period(office, s.on, delegation)
    if between:
        yield because("outside_scope", office=office, act=s.act)


def outside_period(office: Id, on: date, held: Delegation | Holding) -> Reason:
    """What is held or delegated, and not on this date."""
    last = held.until.isoformat() if held.until else None
    return because("outside_period", office=office, on=on.isoformat(), since=held.since.isoformat(), until=last)


def stands(delegation: Delegation, known: tuple[Delegation, ...], day: date) -> bool:
    """Whether a delegation is in force on a local date; one that was passed on, only while the first one is too."""
    if not delegation.covers(day):
        return False
    if delegation.under is None:
        return True
    return any(above.leaf == delegation.under and stands(above, known, day) for above in known)


def passed_on(new: Delegation, by: Id, known: tuple[Delegation, ...]) -> Delegation | None:
    """The delegation that lets `by` pass authority on to another office: wide and long enough, and allowing it."""
    return next((above for above in known if above.to == by and above.of == new.of and _holds(above, new)), None)


def _holds(above: Delegation, new: Delegation) -> bool:
    ends = above.until is None or (new.until is not None and new.until <= above.until)
    return above.further and above.covers(new.since) and ends and all(above.reaches(part) for part in new.scope)


def _disqualified(by: Id, s: Situation) -> bool:
    """Whether the holder of an office may not decide here."""
    own = s.council.holdings.of(by, s.on)
    return own is not None and own.person in s.recused


def _between(office: Id, by: Id, s: Situation) -> Iterator[Delegation]:
    return (d for d in (*s.council.delegations, *s.mandates) if d.of == by and d.to == office)
