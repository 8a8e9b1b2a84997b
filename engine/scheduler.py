"""The alarm clock: calls something every so often until told to stop. The only importer of `apscheduler`.

What is due stands in our own tables, so all that is asked of a scheduler is to wake us up. It therefore keeps its one
job in memory and makes it anew at each start: a job kept in a database is lost or run twice when two processes share
it, is deleted when it comes due while nobody runs, and is a pickle, which runs whatever somebody wrote into the row
(time.md §1, audit.md row 12).
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue
from threading import Lock

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

GRACE = 8.0
"""Seconds that a call gets to come to its end once told to stop. A container is killed after ten."""

# Its warnings concern nobody: a call that takes longer than its pause is late, not in trouble.
logging.getLogger("apscheduler").addHandler(logging.NullHandler())


class Alarm:
    """Calls at once and then every so often, never twice at a time, however late; not any more once stopped."""

    def __init__(self, act: Callable[[], None], every: timedelta) -> None:
        self._act, self._every = act, every
        self._busy, self._stopped = Lock(), False
        self.scheduler = BackgroundScheduler(
            timezone=UTC, jobstores={"default": MemoryJobStore()}, executors={"default": ThreadPoolExecutor(1)}
        )
        self._job = self.scheduler.add_job(
            self._ring, "interval", seconds=every.total_seconds(), coalesce=True, max_instances=1,
            misfire_grace_time=None, next_run_time=datetime.now(UTC),
        )  # fmt: skip

    def start(self) -> None:
        """Begin to call."""
        self.scheduler.start()

    def set_back(self) -> None:
        """Where this machine's clock was set back, do not wait until it shows again what it showed before."""
        now = datetime.now(UTC)
        if self._job.next_run_time > now + self._every:
            self._job.modify(next_run_time=now)

    def stop(self, grace: float) -> bool:
        """Call no more; whether what runs came to its end within so many seconds."""
        self._stopped = True
        if not self._busy.acquire(timeout=grace):
            return False
        self._busy.release()
        self.scheduler.shutdown()
        return True

    def _ring(self) -> None:
        with self._busy:
            if not self._stopped:
                self._act()


def run_until_told(
    act: Callable[[], None], every: timedelta, stopping: Callable[[], None], grace: float = GRACE
) -> bool:
    """Keep calling until SIGTERM or SIGINT; then tell what runs with `stopping`, and wait for its end.

    Whether it came within `grace` seconds. Where not, a thread still runs, and only `os._exit` ends the process.
    """
    told: SimpleQueue[int] = SimpleQueue()  # a signal may come at any moment, and its `put` waits for no lock
    for wanted in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wanted, lambda number, _: told.put(number))
    alarm = Alarm(act, every)
    alarm.start()
    while not _has_come(told, every):
        alarm.set_back()
    stopping()
    return alarm.stop(grace)


def _has_come(told: SimpleQueue[int], within: timedelta) -> bool:
    try:
        told.get(timeout=within.total_seconds())
    except Empty:
        return False
    return True
