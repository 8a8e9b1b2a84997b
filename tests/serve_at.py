"""The command line in a process of its own at another time, for tests alone: `serve_at.py SECONDS WORDS…`.

The clock of the process runs, so many seconds from this machine's. There is deliberately no setting for that in the
program: nobody shall backdate an entry by an environment.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING

import cli
from commands.configuration import load_settings
from commands.wiring import Setup

if TYPE_CHECKING:
    from collections.abc import Iterator

TOO_LONG = 60.0
"""Seconds after which a process that does not end is killed, so that a test fails instead of waiting for ever."""


@dataclass(frozen=True, slots=True)
class ShiftedClock:
    """This machine's clock, moved."""

    shift: timedelta

    def now(self) -> datetime:
        """The present instant there, UTC."""
        return datetime.now(UTC) + self.shift


def shift_to(instant: datetime) -> timedelta:
    """By how much a clock is moved that shows an instant now."""
    return instant - datetime.now(UTC)


def command_at(shift: timedelta, *words: str) -> list[str]:
    """The words that start a command line with its clock moved."""
    return [sys.executable, str(Path(__file__)), str(shift.total_seconds()), *words]


@contextmanager
def running(folder: Path, *command: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A process in a folder, killed at the end if it has not ended by then."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("POLITIRAD_")}
    with subprocess.Popen(
        command, cwd=folder, env=clean | environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        watchdog = Timer(TOO_LONG, process.kill)
        watchdog.start()
        try:
            yield process
        finally:
            watchdog.cancel()
            process.kill()


def main() -> None:
    """Run a command line with the clock moved. `--ready` before its words: say so once all is imported."""
    shift, *words = sys.argv[1:]
    setup = Setup(load_settings(os.environ, Path.cwd(), {}), ShiftedClock(timedelta(seconds=float(shift))))
    if words[0] == "--ready":
        words = words[1:]
        _ = setup.service, setup.mailer, setup.store.councils()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
    sys.exit(cli.run(words, setup))


if __name__ == "__main__":
    main()
