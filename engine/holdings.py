"""Who holds which office when, and the council as it is now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from engine.register import Delegation, Holding, Id, Register, Seat


class Holdings:
    """Who holds which office on a local date.

    Acting goes before the holder, of two the one that began last; a deputy only fills a gap.
    """

    def __init__(self, holdings: tuple[Holding, ...]) -> None:
        self.all = holdings

    @cached_property
    def _by_office(self) -> Mapping[Id, tuple[Holding, ...]]:
        order = ("acting", "holder", "deputy")
        newest = sorted(self.all, key=lambda holding: holding.since, reverse=True)
        ranked = sorted(newest, key=lambda holding: order.index(holding.capacity))
        return _grouped(ranked, lambda holding: holding.office)

    @cached_property
    def _by_person(self) -> Mapping[str, tuple[Holding, ...]]:
        return _grouped(self.all, lambda holding: holding.person)

    def of(
        self, office: Id, day: date, *, act: str | None = None, without: frozenset[str] = frozenset()
    ) -> Holding | None:
        """The holding through which an office acts on a date, or None where it is vacant.

        Who holds it for some things only counts for those: for `act` (`workflow.step`). `without` are persons who are
        recused.
        """
        serving = self.in_office(office, day)
        return next((h for h in serving if h.person not in without and h.reaches(act)), None)

    def in_office(self, office: Id, day: date) -> tuple[Holding, ...]:
        """Everybody in an office on a date, whatever for: who acts first, then its holder, a deputy last."""
        return tuple(h for h in self._by_office.get(office, ()) if h.covers(day))

    def deputy(self, office: Id, day: date) -> Holding | None:
        """The deputy of an office on a date, whoever else holds it."""
        return next((h for h in self.in_office(office, day) if h.capacity == "deputy" and h.reaches(None)), None)

    def held(self, person: str, day: date) -> tuple[Holding, ...]:
        """Every holding of a person on a date."""
        return tuple(h for h in self._by_person.get(person, ()) if h.covers(day))


@dataclass(frozen=True)
class CouncilState:
    """A council as it is now, read from case C's views.

    `n` and `head` are those of case C; `seats` come from the
    agreement's version in force, before that from the proposed one; `profile` is the leaf of the newest rules;
    `delegations` are those on record, ended ones with their last day.
    """

    id: str
    origin: str
    language: str
    n: int
    head: str
    register: Register
    holdings: Holdings
    seats: tuple[Seat, ...]
    profile: str
    delegations: tuple[Delegation, ...] = ()
    registrars: dict[Id, frozenset[Id]] = field(default_factory=dict, compare=False, repr=False)
    """Who may register for whom, worked out once for each decider (see `engine.authority`)."""


def _grouped(holdings: Iterable[Holding], key: Callable[[Holding], str]) -> Mapping[str, tuple[Holding, ...]]:
    groups: dict[str, list[Holding]] = defaultdict(list)
    for holding in holdings:
        groups[key(holding)].append(holding)
    return {name: tuple(group) for name, group in groups.items()}
