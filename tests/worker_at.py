"""A command line in a process of its own whose clock runs faster, for tests alone: `worker_at.py ORIGIN SPEED WORDS…`.

At the real instant ORIGIN (seconds since 1970) it is `MORNING` there; all processes that are given the same origin and
speed agree on the time, as hosts do.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import time

import cli
from commands.configuration import load_settings
from commands.wiring import Setup

MORNING = datetime(2019, 8, 2, 5, 5, tzinfo=UTC)
"""Five past seven in Oslo, on a Friday: nearly nine office hours to go."""


@dataclass(frozen=True, slots=True)
class QuickClock:
    """A clock that runs so many times as fast as this machine's."""

    origin: float
    speed: float

    def now(self) -> datetime:
        """The present instant there, UTC."""
        return MORNING + timedelta(seconds=(time() - self.origin) * self.speed)


def main() -> None:
    """Run a command line with that clock."""
    origin, speed, *words = sys.argv[1:]
    setup = Setup(load_settings(os.environ, Path.cwd(), {}), QuickClock(float(origin), float(speed)))
    sys.exit(cli.run(words, setup))


if __name__ == "__main__":
    main()
