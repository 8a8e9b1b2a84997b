"""The laps of all contestants, one at a time and taking turns, so that a machine whose speed drifts favours nobody."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bench.peers.lap import Lap
from bench.peers.mode import Mode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bench.peers.field import Contestant

ROOT = Path(__file__).parents[2]
LONGEST = 900.0
"""Seconds a lap may take."""


class LapFailedError(Exception):
    """A lap came to no end, or to a wrong one."""


@dataclass(slots=True)
class Entry:
    """A contestant in a mode: its laps, one a round, or why there are none that count."""

    contestant: Contestant
    mode: Mode
    laps: list[Lap] = field(default_factory=list)
    out: str | None = None

    def __post_init__(self) -> None:
        if missing := self.contestant.missing:
            self.out = f"not installed ({missing})"

    def __str__(self) -> str:
        return f"{self.contestant.name}, {self.mode}"

    def race(self, records: int) -> None:
        """Race another lap. Whoever fails once is out, and its figures do not count."""
        try:
            self.laps.append(lap_of(self.contestant, self.mode, records))
        except LapFailedError as error:
            self.out = f"failed: {error}"


def entries(contestants: Iterable[Contestant]) -> list[Entry]:
    """Every contestant in every mode it races in; those of a mode one after another, close in time."""
    field = tuple(contestants)
    return [Entry(contestant, mode) for mode in Mode for contestant in field if mode in contestant.modes]


def turns(field: list[Entry], rounds: int) -> Iterator[Entry]:
    """Whose turn it is: every round all of them, back and forth; nobody who is out."""
    for number in range(rounds):
        for entry in field if number % 2 == 0 else reversed(field):
            if entry.out is None:
                yield entry


def lap_of(contestant: Contestant, mode: Mode, records: int) -> Lap:
    """A lap in a process of its own. Raises `LapFailedError`."""
    command = [sys.executable, "-m", "bench.peers.lap", contestant.module, mode, str(records)]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST, check=True)
    except subprocess.TimeoutExpired:
        raise LapFailedError(f"no end after {LONGEST:.0f} s") from None
    except subprocess.CalledProcessError as error:
        raise LapFailedError(error.stderr.strip().splitlines()[-1]) from None
    return Lap(**json.loads(done.stdout.splitlines()[-1]))
