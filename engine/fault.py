"""What a check found that is not as it should be, gathered until the check is done. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from engine.errors import PolitiradError

MOST_FAULTS = 10
"""Faults named of each kind; where there are more, the first ones say enough."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it should be: the exit code of its kind, where it is, and what it is."""

    exit_code: int
    where: str
    what: str


@dataclass(slots=True)
class Faults:
    """The faults found so far."""

    faults: list[Fault] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0, or the code of the gravest fault, which is the lowest (design.md, "Errors and manners")."""
        return min((fault.exit_code for fault in self.faults), default=0)

    def blame(self, code: int, where: str, what: str) -> None:
        """Note a fault, unless there are enough of its kind."""
        if sum(fault.exit_code == code for fault in self.faults) < MOST_FAULTS:
            self.faults.append(Fault(code, where, what))

    @contextmanager
    def blaming(self, where: str, code: int | None = None) -> Iterator[None]:
        """Note an error that is raised here as a fault of a place, under its own code or another."""
        try:
            yield
        except PolitiradError as error:
            self.blame(code or error.exit_code, where, str(error))
