"""What may be a sign of trouble, each kind found by one function over a whole log. Pure; it judges nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from engine.calendar import format_instant
from engine.errors import Parameter
from engine.event import Json
from engine.seen import Seen

LATE_DAYS = 30
"""Days between an act and its registration that need no explanation."""

DECLARED = "declared"
"""How an identity was established that is only as configured."""


@dataclass(frozen=True, slots=True)
class Sign:
    """Something to look at: its kind, the events that show it, and what it is about, by name."""

    kind: str
    events: tuple[Seen, ...]
    about: Mapping[str, Parameter]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for: from which days on something is late, which event types bind, and what the time is now.

    `beat` is when the clock last turned, UTC.
    """

    now: datetime
    beat: datetime | None = None
    late_days: int = LATE_DAYS
    binding: frozenset[str] = frozenset()


def registered_late(seen: tuple[Seen, ...], asked: Asked) -> Iterator[Sign]:
    """Acts and decisions put on record long after their date."""
    for one in seen:
        days = (one.registered - one.on).days if one.on and one.person else 0
        if days > asked.late_days:
            yield Sign("registered_late", (one,), {"days": days, "on": str(one.on), "registered": str(one.registered)})


def dated_before(seen: tuple[Seen, ...], _: Asked) -> Iterator[Sign]:
    """Acts that are older than the version, the decision or the approval they follow from."""
    by_leaf = {one.leaf: one for one in seen}
    approved: dict[Json, list[Seen]] = defaultdict(list)
    for one in seen:
        act = one.act or {}
        named = [by_leaf.get(str(act.get("leaf"))), by_leaf.get(one.decision or "")]
        named += approved[act.get("leaf")] if act.get("kind") == "signature" else []
        older = [base for base in named if base and base.on and one.on and one.on < base.on]
        if older:
            base = max(older, key=lambda base: base.on or date.min)
            about = {"on": str(one.on), "base": f"{base.case} {base.n}", "base_on": str(base.on)}
            yield Sign("dated_before", (one, base), about)
        if (act.get("kind"), act.get("outcome")) == ("approval", "approved"):
            approved[act["leaf"]].append(one)


def authority_later(seen: tuple[Seen, ...], _: Asked) -> Iterator[Sign]:
    """Acts under a delegation, or in an acting capacity, that was put on record after its use."""
    for one in seen:
        if "mandate_recorded_later" in one.flags:
            yield Sign("authority_later", (one,), {"office": _decider(one)})


def key_revoked(seen: tuple[Seen, ...], _: Asked) -> Iterator[Sign]:
    """Signed acts of a day on which their key, as was put on record only later, was not to be trusted any more."""
    acts: dict[str, list[tuple[Seen, date]]] = defaultdict(list)
    for one in seen:
        if one.signed:
            acts[one.signed[0]].append((one, one.signed[1]))
        if one.revokes:
            key, since = one.revokes
            late = ((act, on) for act, on in acts[key] if on >= since)
            yield from (
                Sign("key_revoked", (act, one), {"key": key, "on": str(on), "since": str(since)}) for act, on in late
            )


def clock_back(seen: tuple[Seen, ...], _: Asked) -> Iterator[Sign]:
    """Events that say they are older than the one before them in the log."""
    for before, one in pairwise(seen):
        if one.at < before.at:
            yield Sign("clock_back", (before, one), {"before": before.at, "at": one.at})


def clock_ahead(seen: tuple[Seen, ...], asked: Asked) -> Iterator[Sign]:
    """A newest event, or a last turn of the clock, that lies in the time to come."""
    now = format_instant(asked.now)
    if seen and seen[-1].at > now:
        yield Sign("clock_ahead", (seen[-1],), {"at": seen[-1].at, "now": now})
    if asked.beat is not None and format_instant(asked.beat) > now:
        yield Sign("clock_ahead", (), {"at": format_instant(asked.beat), "now": now})


def refused(seen: tuple[Seen, ...], _: Asked) -> Iterator[Sign]:
    """Binding steps that were tried and refused, by case, step and who tried."""
    tried = _grouped((one, _attempted(one)) for one in seen if one.attempt)
    for (case, workflow, step, person, office), events in tried.items():
        about = {"attempted": case or workflow, "step": step, "person": person, "office": office}
        yield Sign("refused", events, about)


def override(seen: tuple[Seen, ...], _: Asked) -> Iterator[Sign]:
    """Requirements set aside by an override."""
    for one in seen:
        if one.override:
            yield Sign("override", (one,), {"step": str(one.override["step"]), "office": str(one.override["office"])})


def both_parties(seen: tuple[Seen, ...], _: Asked) -> Iterator[Sign]:
    """One person who registered the same kind of act on one version for several parties."""
    acts = _grouped((one, (one.person, one.case, str(a["version"]), str(a["leaf"]), str(a["kind"])))
                    for one in seen if (a := one.act) and one.person)  # fmt: skip
    for (person, case, version, _leaf, _kind), events in acts.items():
        parties = sorted({str(one.act["party"]) for one in events if one.act})
        if len(parties) > 1:
            about: dict[str, Parameter] = {"person": person, "on_case": case, "version": version}
            yield Sign("both_parties", events, about | {"parties": ", ".join(parties)})


def several_capacities(seen: tuple[Seen, ...], _: Asked) -> Iterator[Sign]:
    """One person who decided about one version in several offices or capacities."""
    acts = _grouped((one, (str(a["person"]), one.case, str(a["version"]), str(a["leaf"])))
                    for one in seen if (a := one.act) and a["person"])  # fmt: skip
    for (person, case, version, _leaf), events in acts.items():
        offices = {(str(one.act["office"]), str(one.act["capacity"])) for one in events if one.act}
        if len(offices) > 1:
            about: dict[str, Parameter] = {"person": person, "on_case": case, "version": version}
            yield Sign("several_capacities", events, about | {"offices": ", ".join(sorted({o for o, _ in offices}))})


def declared(seen: tuple[Seen, ...], asked: Asked) -> Iterator[Sign]:
    """Binding acts whose actor is only said to be who they are, by person and office."""
    acts = (one for one in seen if one.type in asked.binding and one.via == DECLARED and _assurance(one) == DECLARED)
    for (person, office), events in _grouped((one, (one.person, one.office)) for one in acts).items():
        yield Sign("declared", events, {"person": person, "office": office})


def date_unknown(seen: tuple[Seen, ...], _: Asked) -> Iterator[Sign]:
    """Acts of no known date, by case; what followed from them by itself is left out."""
    undated = (one for one in seen if one.person and "date_unknown" in one.flags)
    for (case,), events in _grouped((one, (one.case,)) for one in undated).items():
        yield Sign("date_unknown", events, {"on_case": case})


def corrected(seen: tuple[Seen, ...], _: Asked) -> Iterator[Sign]:
    """Events that were put right by a later one."""
    yield from _opposing(seen, "corrected")


def annulled(seen: tuple[Seen, ...], _: Asked) -> Iterator[Sign]:
    """Events that were taken back by a later one."""
    yield from _opposing(seen, "annulled")


def _opposing(seen: tuple[Seen, ...], how: str) -> Iterator[Sign]:
    by_leaf = {one.leaf: one for one in seen}
    for one in seen:
        if one.opposed and one.type.endswith(f".{how}") and (first := by_leaf.get(one.opposed)):
            yield Sign(how, (first, one), {"event": f"{first.case} {first.n}", "by": f"{one.case} {one.n}"})


def _attempted(one: Seen) -> tuple[Parameter, ...]:
    attempt = one.attempt or {}
    case, workflow, step = (attempt.get(name) for name in ("case", "workflow", "step"))
    return (str(case) if case else None, str(workflow), str(step), one.person, one.office)


def _decider(one: Seen) -> str | None:
    return str(one.act["office"]) if one.act and one.act["office"] else one.office


def _assurance(one: Seen) -> Json:
    return (one.act or {}).get("assurance", DECLARED)


def _grouped(keyed: Iterable[tuple[Seen, tuple[Parameter, ...]]]) -> dict[tuple[Parameter, ...], tuple[Seen, ...]]:
    groups: dict[tuple[Parameter, ...], list[Seen]] = defaultdict(list)
    for one, key in keyed:
        groups[key].append(one)
    return {key: tuple(events) for key, events in groups.items()}
