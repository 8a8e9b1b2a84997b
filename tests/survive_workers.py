"""Workers and their server killed and stopped at random while reminders are due: nothing may be lost.

    python -m tests.survive_workers 2000        # reminders, and as many letters that wait already

Two workers make and send letters. Again and again one of them, all of them, or the PostgreSQL server is killed
(SIGKILL) and replaced, or stopped (SIGSTOP) and continued. In the end every letter must have arrived as it is kept, and
twice at most as often as senders were killed.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from commands.output import say
from tests.many_due import owe
from tests.outgoing import posts
from tests.postgres_process import OwnServer
from tests.workplace import CONCURRENCY, Workplace, build

READERS = 10
"""One for every so many reminders."""
CALM = (0.5, 4.0)
"""Seconds between two disturbances."""


@dataclass
class Outcome:
    """What came of it: disturbances by name, letters that should have come, and letters that came once too often."""

    letters: int
    done: Counter[str] = field(default_factory=Counter)
    twice: int = 0

    @property
    def possible(self) -> int:
        """How many may come twice: what the senders of a worker that was killed had in hand.

        A server that is gone for long, or stands still, makes its workers lose sight of what they have in hand.
        """
        both = sum(self.done[act] for act in ("kill_all", "kill_server", "stop_server"))
        return CONCURRENCY * (self.done["kill"] + 2 * both)

    @property
    def line(self) -> str:
        """All of it, for people."""
        what = ", ".join(f"{name} {times}" for name, times in sorted(self.done.items()))
        return f"{what}: {self.letters} letters, {self.twice} duplicates ({self.possible} possible); nothing lost."


class Disturber:
    """Does one thing after another to two workers and their server."""

    def __init__(self, work: Workplace, server: OwnServer, random: Random) -> None:
        self.work, self.server, self.random = work, server, random
        self.acts = (self.kill, self.kill_all, self.kill_server, self.freeze, self.stop_server)

    def disturb(self, done: Counter[str]) -> None:
        """Do something, and see that two workers run afterwards."""
        act = self.random.choice(self.acts)
        act()
        done[act.__name__] += 1
        while sum(worker.poll() is None for worker in self.work.workers) < 2:
            self.work.worker()

    def kill(self) -> None:
        """Kill a worker."""
        self._one().kill()

    def kill_all(self) -> None:
        """Kill all workers."""
        for worker in self.work.workers:
            worker.kill()
            worker.wait()

    def kill_server(self) -> None:
        """Kill the server, and start it again."""
        self.server.kill()
        self.server.start()

    def freeze(self) -> None:
        """Stop a worker for a while."""
        worker = self._one()
        worker.send_signal(signal.SIGSTOP)
        time.sleep(self.random.uniform(1.0, 5.0))
        worker.send_signal(signal.SIGCONT)

    def stop_server(self) -> None:
        """Stop the server for a while."""
        self.server.stop()
        time.sleep(self.random.uniform(1.0, 5.0))
        self.server.go_on()

    def _one(self) -> subprocess.Popen[str]:
        return self.random.choice([worker for worker in self.work.workers if worker.poll() is None])


def campaign(folder: Path, reminders: int, seed: int) -> Outcome:
    """Disturb two workers until everything is sent."""
    random = Random(seed)  # noqa: S311  # repeatable, as far as processes are
    with OwnServer() as server:
        url = server.new_database()
        box = build(folder / "council", url, 0)
        owe(box, url, reminders, reminders // READERS)
        posts(box, reminders, size=1_000)
        box.world.store.close()
        outcome = Outcome(reminders + reminders // READERS)
        with Workplace(folder, url) as work:
            work.worker()
            work.worker()
            disturber = Disturber(work, server, random)
            while work.stages()["sent"] < outcome.letters:
                disturber.disturb(outcome.done)
                time.sleep(random.uniform(*CALM))
            outcome.twice = work.twice()
            assert work.post.count - outcome.twice == outcome.letters, f"{work.post.count} came, {outcome.twice} twice"
            assert outcome.twice <= outcome.possible, outcome.line
            work.end()
    return outcome


def main() -> None:
    """A whole campaign; exit code 1 where something is not as it must be."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        outcome = campaign(Path(name), int(sys.argv[1]), seed=2019)
    say(f"{outcome.line} {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
