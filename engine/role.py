"""Roles: who may decide a step, and who may drive it at all (a person, the clock, the engine, another case)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.register import Id
from engine.situation import Situation

PERSONS = "declared"


CLOCK_DRIVES = "clock"


AUTO_DRIVES = "auto"


EFFECT_DRIVES = "effect"


@dataclass(frozen=True, slots=True)
class Role:
    """Who may decide a step: resolved from a situation to offices, bodies or parties.

    `drivers` says who may take it at all: a person (`declared`), the clock, the engine itself (`auto`), another
    case (`effect`). `offered` are those to whom a step is offered, where that is fewer than may decide it: to others it
    is explained why not. Roles join with `|`.
    """

    name: str
    deciders: Callable[[Situation], tuple[Id, ...]]
    drivers: frozenset[str] = frozenset({PERSONS})
    offered: Callable[[Situation], tuple[Id, ...]] | None = None

    def offers(self, s: Situation) -> bool:
        """Whether there is anybody to offer the step to."""
        return bool((self.offered or self.deciders)(s))

    def __or__(self, other: Role) -> Role:
        """Either role."""
        return Role(
            f"{self.name} | {other.name}",
            lambda s: (*self.deciders(s), *other.deciders(s)),
            self.drivers | other.drivers,
        )


def nobody(_: Situation) -> tuple[Id, ...]:
    """No office, body or party: the step is not a person's."""
    return ()


AUTO = Role("auto", nobody, frozenset({AUTO_DRIVES}))
"""Taken by itself as soon as its guards hold."""


CLOCK = Role("clock", nobody, frozenset({CLOCK_DRIVES}))
"""Taken by the tick when a deadline that fires it has come."""


EFFECT = Role("effect", nobody, frozenset({EFFECT_DRIVES}))
"""Taken only as the effect of a step of another case."""
