"""Events of a log, reduced to what an audit needs of them, so that a long log fits in memory. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from engine.calendar import local_date, parse_instant
from engine.event import Facts
from engine.ports import Recorded
from engine.register import Id


@dataclass(frozen=True, slots=True)
class Seen:
    """An event as far as a sign needs it; `act`, `attempt` and `override` are as in its data.

    `on` is as corrected since, once `as_corrected` went over it. `opposed` is the leaf of the event that this one
    corrects or takes back, `redates` the date it gives it. `signed` is the fingerprint of the key that signed it and
    the local date that counts, `revokes` that of a key that is not trusted any more, and from which date on.
    """

    case: Id
    n: int
    type: str
    leaf: str
    at: str
    on: date | None
    person: str | None
    office: Id | None
    via: str
    flags: tuple[str, ...]
    decision: str | None
    act: Facts | None
    attempt: Facts | None
    override: Facts | None
    opposed: str | None
    redates: date | None
    signed: tuple[str, date] | None
    revokes: tuple[str, date] | None

    @property
    def registered(self) -> date:
        """The local date of its registration."""
        return local_date(parse_instant(self.at))


def seen_of(recorded: Recorded) -> Seen:
    """An event, reduced."""
    event, data = recorded.event, recorded.event.data
    corrects, flags = _part(data, "corrects"), data.get("flags")
    opposed = (corrects or {}).get("leaf") or data.get("annuls")
    return Seen(
        event.case, event.n, event.type, recorded.leaf, event.at, date.fromisoformat(event.on) if event.on else None,
        event.actor.person, event.actor.office, event.actor.via,
        tuple(map(str, flags)) if isinstance(flags, list | tuple) else (),
        str(event.decision["leaf"]) if event.decision else None, _part(data, "approval"), _part(data, "attempt"),
        _part(data, "override"), str(opposed) if opposed else None,
        date.fromisoformat(str(corrects["on"])) if corrects and corrects.get("on") else None,
        _dated(_part(data, "signature"), "key"), _dated(_part(data, "revokes_key"), "fingerprint"),
    )  # fmt: skip


def as_corrected(seen: tuple[Seen, ...]) -> tuple[Seen, ...]:
    """The same events, each of the date that a later one put right."""
    redated = {one.opposed: one.redates for one in seen if one.redates}
    return tuple(replace(one, on=redated.get(one.leaf, one.on)) for one in seen)


def _part(data: Facts, name: str) -> Facts | None:
    part = data.get(name)
    return part if isinstance(part, Mapping) else None


def _dated(said: Facts | None, name: str) -> tuple[str, date] | None:
    """Something that is named with a day."""
    return (str(said[name]), date.fromisoformat(str(said["on"]))) if said else None
