"""Workers at work, in tests: a council on a PostgreSQL server, a mail server, and worker processes to be killed.

Their clock runs sixty times as fast as ours, so that a letter's pause of a minute takes a second.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self

import psycopg

from store import SqlStore
from tests.far_post_office import FarPostOffice
from tests.letterbox import SENDER, Letterbox
from tests.outgoing import posts
from tests.worker_at import MORNING, QuickClock
from tests.world import COUNCIL

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import LiteralString

SPEED = 60.0
EVERY, PATIENCE = 1, 2
"""Seconds between two turns, and for which a worker without a heartbeat is waited for."""
DELAY = 0.2
"""Seconds that the mail server takes for a letter: most of a sender's time."""
CONCURRENCY = 4
_LONG = 45.0
_WRITING = """\
SELECT count(*) FROM pg_stat_activity
WHERE state = 'idle in transaction' AND state_change < now() - interval '0.3 s' AND datname = current_database()
    AND query !~ '^(COMMIT; )?BEGIN; SET LOCAL idle|^SELECT 1'
"""
"""Transactions in which nothing has been said for a while, other than those that only hold a lock."""
ROOT = Path(__file__).parents[1]


class Workplace:
    """A council with letters to send, on a database of a server."""

    def __init__(self, folder: Path, url: str, delay: float = DELAY, host: str = "127.0.0.1") -> None:
        self.folder, self.url, self.clock = folder, url, QuickClock(time.time(), SPEED)
        self.post = FarPostOffice(delay, host)
        self._open = ExitStack()
        self.workers: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        """Open the post office and write the settings."""
        self._open.enter_context(self.post)
        self.configure("procrastinate")
        return self

    def __exit__(self, *_: object) -> None:
        """Kill whoever still works."""
        for worker in self.workers:
            worker.kill()
            worker.communicate()
        self._open.close()

    def configure(self, runner: str, url: str | None = None) -> None:
        """Write the settings."""
        (self.folder / "politirad.toml").write_text(
            f'database = "{url or self.url}"\ncouncil = "{COUNCIL}"\nmail = "{self.post.url}"\n'
            f'mail_from = "{SENDER}"\nrunner = "{runner}"\nlanguage = "en"\n'
        )

    def worker(self, *prefix: str, concurrency: int = CONCURRENCY) -> subprocess.Popen[str]:
        """Start a worker; with `prefix` before its command."""
        pace = ("--every", str(EVERY), "--patience", str(PATIENCE))
        worker = self.command(*prefix, words=("worker", "--concurrency", str(concurrency), *pace))
        self.workers.append(worker)
        return worker

    def command(self, *prefix: str, words: tuple[str, ...]) -> subprocess.Popen[str]:
        """Start a command with the quick clock."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("POLITIRAD_")}
        at = (str(self.clock.origin), str(self.clock.speed))
        log = (self.folder / "workers.log").open("a")
        self._open.callback(log.close)
        return subprocess.Popen(
            [*prefix, sys.executable, "-m", "tests.worker_at", *at, *words], cwd=self.folder,
            env=clean | {"PYTHONPATH": str(ROOT)}, stdout=log, stderr=log, text=True,
        )  # fmt: skip

    @property
    def log(self) -> str:
        """What workers have said."""
        return (self.folder / "workers.log").read_text()

    def stages(self) -> Counter[str]:
        """How many letters are where."""
        with SqlStore.open(self.url) as store:
            return Counter({stage: number for stage, (number, _) in store.letters_by_stage().items()})

    def wait(self, until: Callable[[], bool], seconds: float = _LONG) -> None:
        """Wait until something is so."""
        late = time.monotonic() + seconds
        while not until():
            assert time.monotonic() < late, f"still not so: {self.stages()}\n{self.log}"
            time.sleep(0.05)

    def end(self) -> None:
        """Tell every worker that still runs to stop, and see that it does so in good order."""
        left = [worker for worker in self.workers if worker.poll() is None]
        for worker in left:
            worker.terminate()
        assert [worker.wait(20) for worker in left] == [0] * len(left), self.log

    def wait_for_letters(self, count: int, seconds: float = _LONG) -> None:
        """Wait until the mail server has taken so many."""
        self.wait(lambda: self.post.count >= count, seconds)

    def wait_until_all_are_sent(self) -> None:
        """Wait until no letter is anything but sent."""
        self.wait(lambda: not (self.stages() - Counter(sent=10**9)))

    def twice(self) -> int:
        """How often a letter came that had come before; every one came, as it is kept."""
        kept = Counter(self.bodies())
        arrived = Counter(letter.body for letter in self.post.letters)
        assert set(kept) == set(arrived), f"{len(set(kept) - set(arrived))} lost, {len(set(arrived) - set(kept))} other"
        return arrived.total() - kept.total()

    def bodies(self) -> list[bytes]:
        """The letters as they are kept."""
        with SqlStore.open(self.url) as store, store.read(COUNCIL) as reader:
            return [reader.letter_body(letter.number) for letter in reader.letters()]

    def freeze(self, worker: subprocess.Popen[str]) -> None:
        """Stop a worker as a frozen machine would, not just while it writes: then nobody waits for its lock."""
        self.wait(lambda: self._frozen(worker))

    def is_writing(self) -> bool:
        """Whether a transaction that writes has come to a standstill."""
        return self.count(_WRITING, pause=0.5) > 0

    def _frozen(self, worker: subprocess.Popen[str]) -> bool:
        worker.send_signal(signal.SIGSTOP)
        if not self.is_writing():
            return True
        worker.send_signal(signal.SIGCONT)
        return False

    def count(self, query: LiteralString, pause: float = 0.0) -> int:
        """A number that a query tells, after a pause in seconds."""
        time.sleep(pause)
        with psycopg.connect(self.url) as connection:
            row = connection.execute(query).fetchone()
        return int(row[0]) if row else 0


def build(folder: Path, url: str, letters: int) -> Letterbox:
    """A council on an empty database, with tables for workers and letters that may be sent in the morning."""
    box = Letterbox(folder, database=url)
    with_queue(url)
    box.world.clock.instant = MORNING
    posts(box, letters, size=1_000)
    return box


def with_queue(url: str) -> None:
    """Make the tables of the queue in a database, and ours where there are none."""
    with SqlStore.open(url, create=True) as store:
        store.upgrade_queue()
