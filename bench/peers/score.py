"""What the laps say: how fast each was, how much faster ours was in the same rounds, and whether that is enough."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, TypeAlias

from bench.peers.field import DBOS_STEPS, DBOS_WAITING, DJANGO, OURS, RAW, SPIFF, SPIFF_APART
from bench.peers.mode import Mode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.peers.field import Contestant
    from bench.peers.heats import Entry

Field: TypeAlias = "dict[tuple[str, Mode], Entry]"
HEAD = ("contestant", "steps/s", "min", "max", "ours to theirs", "commits a step")


@dataclass(frozen=True, slots=True)
class Target:
    """Ours is to be at least so many times as fast as a contestant in a mode."""

    contestant: Contestant
    mode: Mode
    times: float

    def verdict(self, field: Iterable[Entry]) -> str:
        """Whether it was reached in this race."""
        ratio = ratio_of(by_name(field), self.contestant, self.mode)
        if ratio is None:
            return "not raced"
        return f"{ratio:.2f}: {'reached' if ratio >= self.times else 'missed'}"


TARGETS = (
    Target(RAW, Mode.WAL, 0.5),
    Target(DJANGO, Mode.WAL, 1.4),
    Target(SPIFF, Mode.WAL, 1.5),
    Target(SPIFF_APART, Mode.WAL, 1.5),
    Target(DJANGO, Mode.DELETE, 1.1),
    Target(DBOS_STEPS, Mode.DELETE, 1.5),
    Target(DBOS_STEPS, Mode.SHIPPED, 4.0),
    Target(DBOS_WAITING, Mode.SHIPPED, 10.0),
)


def table(field: Iterable[Entry], mode: Mode) -> list[tuple[str, ...]]:
    """The rows of a mode, its head first."""
    known = by_name(field)
    return [HEAD, *(row(entry, known) for entry in known.values() if entry.mode is mode)]


def by_name(field: Iterable[Entry]) -> Field:
    """The entries, to be found by contestant and mode."""
    return {(entry.contestant.name, entry.mode): entry for entry in field}


def row(entry: Entry, field: Field) -> tuple[str, ...]:
    """A contestant's figures, or why there are none."""
    if entry.out is not None or not entry.laps:
        return name_of(entry), entry.out or "not raced", "", "", "", ""
    paces = [lap.pace for lap in entry.laps]
    ratio = ratio_of(field, entry.contestant, entry.mode)
    times = f"{ratio:.2f}" if ratio is not None else ""
    spread = (f"{pace:,.0f}" for pace in (median(paces), min(paces), max(paces)))
    return name_of(entry), *spread, times, commits_of(entry)


def name_of(entry: Entry) -> str:
    """The contestant; where each has settings of its own, with them."""
    settings = f" ({entry.laps[0].sync})" if entry.mode is Mode.SHIPPED and entry.laps else ""
    return entry.contestant.name + settings


def commits_of(entry: Entry) -> str:
    """How many commits a step took, where the file counts them, which it does not in WAL."""
    counted = [lap.commits / lap.steps for lap in entry.laps if lap.sync.startswith("DELETE")]
    return f"{median(counted):.2g}" if counted else ""


def ratio_of(field: Field, contestant: Contestant, mode: Mode) -> float | None:
    """How many times as fast ours was, in the median of the rounds both were in; None where either was out."""
    ours, theirs = field.get((OURS.name, mode)), field.get((contestant.name, mode))
    if ours is None or theirs is None or ours.out or theirs.out or not theirs.laps:
        return None
    return median(o.pace / t.pace for o, t in zip(ours.laps, theirs.laps, strict=True))
