"""The council as it was on an earlier day: its seats and its register, for decisions that are registered late.

A roster counted with today's members is what goes wrong in other systems; what was decided on a day is counted with
the members of that day.
"""

from __future__ import annotations

from datetime import date

import msgspec
from sqlalchemy import Index, and_, bindparam, select

from engine.calendar import local_date, parse_instant
from engine.event import Json
from engine.ports import Recorded
from engine.register import Register, Seat
from store.councils import CouncilReads, profile
from store.link import Link, by, dump, insert_into
from store.log import event
from store.schema import key, number, table, text
from store.values import seats

seating = table("seating", key("leaf"), number("pos"), text("day"), text("seats"), text("annulled", optional=True))
Index(None, seating.c.council, seating.c.day, seating.c.pos)

_SEAT = insert_into(seating)
_SEATED = (
    select(seating.c.seats)
    .where(*by(seating), seating.c.annulled.is_(None), seating.c.day <= bindparam("day"))
    .order_by(seating.c.day.desc(), seating.c.pos.desc())
    .limit(1)
)
_PROFILES = (
    select(event.c.body, event.c.at)
    .join_from(profile, event, and_(event.c.council == profile.c.council, event.c.pos == profile.c.pos))
    .where(*by(profile))
    .order_by(profile.c.pos)
)


class SeatingReads(CouncilReads):
    """Reading the council of an earlier day."""

    def seats_on(self, day: date) -> tuple[Seat, ...]:
        """The council's seats as they were decided by a local date; the first ones before any were."""
        row = self._rows(_SEATED, day=day.isoformat()).fetchone()
        if row is not None:
            return seats.decode(row[0])
        return msgspec.convert(self._profile_on(date.min)["seats"], tuple[Seat, ...])

    def register_on(self, day: date) -> Register:
        """The register as it was at the end of a local date; the first one before any was set."""
        return msgspec.convert(self._profile_on(day)["register"], Register)

    def _profile_on(self, day: date) -> dict[str, Json]:
        """What was newest of the register, seats and rules registered by a local date; else the first of them."""
        adopted: list[tuple[str, str]] = self._rows(_PROFILES).fetchall()
        if not adopted:
            raise self._without_profile()
        body = next((body for body, at in reversed(adopted) if local_date(parse_instant(at)) <= day), adopted[0][0])
        said: dict[str, Json] = msgspec.json.decode(body)["data"]["profile"]
        return said


def project_seating(link: Link, council: str, made: Recorded) -> None:
    """The seats from a local date on."""
    day = made.event.on or local_date(parse_instant(made.event.at)).isoformat()
    seated = dump(made.event.data["seats"])
    link.run(_SEAT, council=council, leaf=made.leaf, pos=made.position, day=day, seats=seated, annulled=None)
