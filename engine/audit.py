"""Signs of trouble in a log: what an auditor would look at first. Pure; it judges nobody, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date

from engine import signs
from engine.ports import Recorded
from engine.seen import Seen, as_corrected, seen_of
from engine.signs import Asked, Sign

Find = Callable[[tuple[Seen, ...], Asked], Iterator[Sign]]

ALARMING: dict[str, Find] = {
    "registered_late": signs.registered_late, "dated_before": signs.dated_before,
    "authority_later": signs.authority_later, "key_revoked": signs.key_revoked, "clock_back": signs.clock_back,
    "clock_ahead": signs.clock_ahead,
}  # fmt: skip
"""The signs that a well-kept council has none of, in the order in which they are told."""

NOTEWORTHY: dict[str, Find] = {
    "refused": signs.refused, "override": signs.override, "both_parties": signs.both_parties,
    "several_capacities": signs.several_capacities, "declared": signs.declared, "date_unknown": signs.date_unknown,
    "corrected": signs.corrected, "annulled": signs.annulled,
}  # fmt: skip
"""Those that have good reasons most of the time, and are worth knowing."""

COUNTED = frozenset({"refused", "declared", "date_unknown"})
"""Signs that are told by how many events they have. The others make sense with all of theirs only."""


def signs_in(events: Iterable[Recorded], asked: Asked, since: date | None = None) -> tuple[Sign, ...]:
    """Every sign in a log; `since` leaves out those of which nothing was registered from that local date on."""
    seen = as_corrected(tuple(map(seen_of, events)))
    found = (sign for find in {**ALARMING, **NOTEWORTHY}.values() for sign in find(seen, asked))
    return tuple(found) if since is None else tuple(part for sign in found if (part := _recent(sign, since)))


def _recent(sign: Sign, since: date) -> Sign | None:
    """A sign as far as it is news since a local date; None where it is none."""
    kept = tuple(one for one in sign.events if one.registered >= since)
    if sign.events and not kept:
        return None
    return replace(sign, events=kept) if sign.kind in COUNTED else sign
