"""Who is invited to a meeting and to what time of day, and the meeting as calendars know it.

A meeting keeps one UID for ever, and its SEQUENCE rises with each change of its date and with its cancellation, so
that calendars tell a newer invitation from an older one. The number is that of the events before the change: it rises
too where a change was taken back meanwhile and another one made.
"""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

from engine.errors import because
from engine.letter import Invitation
from workflows.roles import invited, invited_in

if TYPE_CHECKING:
    from engine.errors import Reason
    from engine.event import Facts
    from engine.register import Id
    from engine.situation import Case, Situation


def invites(s: Situation) -> Facts:
    """Everybody who sits in the council today, and the guests. Whoever reserved themselves sits in no seat."""
    seated = (office for seat in s.council.seats if seat.permanent for office in seat.filled_by)
    return {"invited": list(dict.fromkeys((*seated, *guests(s))))}


def guests(s: Situation) -> tuple[Id, ...]:
    """The offices that a notice names beside the council's own."""
    return getattr(s.form, "also", ())


def renumbered(s: Situation) -> Facts:
    """A SEQUENCE higher than any before."""
    return {"sequence": s.case.n}


def moved(s: Situation) -> Facts:
    """A higher SEQUENCE; and once there has been a notice, the date it was moved from, unless it stays the same."""
    if not somebody_invited(s):
        return renumbered(s)
    before, day = s.case.day("date"), getattr(s.form, "date", None)
    return {**renumbered(s), "moved_from": before.isoformat() if before and before != day else None}


def guests_are_known(s: Situation) -> bool | Reason:
    """Guests are offices of the register."""
    unknown = [office for office in guests(s) if office not in s.council.register.offices]
    return because("unknown_office", office=unknown[0]) if unknown else True


def times_fit(s: Situation) -> bool | Reason:
    """An end comes with a beginning, and after it, on the same day."""
    begins, ends = (getattr(s.form, name, None) for name in ("begins", "ends"))
    if ends is None:
        return True
    if begins is None:
        return because("ends_alone", ends=ends.isoformat("minutes"))
    early = because("ends_too_early", begins=begins.isoformat("minutes"), ends=ends.isoformat("minutes"))
    return ends > begins or early


def lies_not_behind(s: Situation) -> bool | Reason:
    """A meeting is planned before it takes place; one that is registered late, on the day it was planned."""
    day = getattr(s.form, "date", None)
    if day is None or s.dated is None or day >= s.on:
        return True
    return because("planned_too_late", day=day.isoformat(), on=s.dated)


def somebody_invited(s: Situation) -> bool:
    """There has been a notice."""
    return bool(invited(s))


def is_invited(case: Case, office: Id) -> bool:
    """Whether a notice invited an office, as far as the case goes."""
    return office in invited_in(case)


def lies_ahead(s: Situation) -> bool:
    """Its date has not passed; a meeting of today still lies ahead."""
    day = s.case.day("date")
    return day is not None and day >= s.today


def invitation_to(case: Case, origin: str, description: str) -> Invitation | None:
    """A meeting as calendars know it, with a description in the reader's language; None while it has no date."""
    day, number = case.day("date"), case.facts.get("sequence")
    if day is None:
        return None
    return Invitation(
        uid=uid_of(origin, case.id), sequence=number if isinstance(number, int) else 0, title=case.text("title"),
        place=case.text("place") or None, description=description, day=day, begins=_time(case, "begins"),
        ends=_time(case, "ends"), cancelled=case.state == "cancelled",
    )  # fmt: skip


def uid_of(origin: str, *parts: str) -> str:
    """The id of something of a council in everybody's calendars, the same for ever.

    `politirad.example/trondelag-sor` and `MT-1` give `MT-1.trondelag-sor@politirad.example`: the origin is the
    council's alone in the world, its id here is not.
    """
    domain, _, path = origin.partition("/")
    return f"{'.'.join((*parts, *path.split('/')))}@{domain}"


def _time(case: Case, fact: str) -> time | None:
    text = case.text(fact)
    return time.fromisoformat(text) if text else None
