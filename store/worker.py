"""A worker: takes jobs from the server, sends a heartbeat, and wakes the clock, until it is told to stop.

procrastinate is asked to wake us up and to hand each job to one worker; what is to be done stands in our own tables.

- *tick* and *sweep* come every minute, once for all workers, ahead of letters. They have a `queueing_lock`, so that
  they do not pile up, and no `lock` (see `store.jobs`).
- *sweep* first ends the jobs of workers whose heartbeat has stopped, each by itself, so that none bars the others;
  what they left undone is found by the sweep.
- Where the server goes away, procrastinate's worker ends. It is started anew, after pauses that grow.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.jobs import Status
from procrastinate.worker import Worker

from store.jobs import CLOCK, DELIVER, MAIL, SWEEP, TICK
from store.postgres_faults import explained

if TYPE_CHECKING:
    from psycopg import AsyncConnection

    from engine.database_url import DatabaseUrl

MINUTE = 60
MOST_CONNECTIONS = 3
"""Connections procrastinate's own statements share; one more listens for new jobs."""
TIMEOUT = 10.0
"""Seconds for which they wait for a connection."""
KEPT = 7 * 24
"""Hours for which a job that failed is kept, for people to look at."""
POLL = 2.0
"""Seconds between two looks for jobs, where nothing tells of them at once."""
POLLING = f"working; behind a pool it hears of no new jobs (LISTEN), and looks for them every {POLL:.0f} s"
LONGEST_PAUSE = 30.0
"""Seconds between two attempts to come back to a server, at most."""
FIRST = 10
"""The priority of what the clock does; letters have 0."""
STEADY = 60.0
"""Seconds after which a worker counts as having been in order, and the pauses begin small again."""

# What goes wrong is told in one line by whoever does the work.
for _name in ("procrastinate", "psycopg", "asyncio"):
    logging.getLogger(_name).addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the clock turns, and how long a worker without a heartbeat is waited for, both in seconds.

    `grace`: how long what is in hand may take once the worker is told to stop.
    """

    every: int = MINUTE
    patience: float = MINUTE
    grace: float = 8.0

    @property
    def cron(self) -> str:
        """When the clock turns, as procrastinate writes it: with seconds last, where it is not each minute."""
        return "* * * * *" if self.every == MINUTE else f"* * * * * */{self.every}"


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker does: each act in a thread of its own, `deliver` for a council.

    `stop` makes them end soon, `break_off` ends the process. `tell` hears what becomes of the connection to the server.
    """

    tick: Callable[[], None]
    sweep: Callable[[], None]
    deliver: Callable[[str], None]
    stop: Callable[[], None]
    break_off: Callable[[], None]
    tell: Callable[[str], None]


def run_until_told(url: DatabaseUrl, work: Work, concurrency: int, pace: Pace) -> None:
    """Work until SIGTERM or SIGINT, then finish what is in hand, and break off what takes too long."""
    asyncio.run(_Shift(url, work, concurrency, pace).last())


@dataclass
class _Shift:
    """From start to stop, over however many connections to the server."""

    url: DatabaseUrl
    work: Work
    concurrency: int
    pace: Pace
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    worker: Worker | None = None

    async def last(self) -> None:
        """All of it."""
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(self.concurrency + 1))
        for wanted in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(wanted, self.stop)
        failures = 0
        while not self.stopping.is_set():
            began = monotonic()
            trouble = await self.trouble()
            if not self.stopping.is_set():
                failures = 1 if monotonic() - began > STEADY else failures + 1
                await self.pause(min(0.5 * 2**failures, LONGEST_PAUSE), trouble)

    def stop(self) -> None:
        """Take no more jobs, and let those that run end soon."""
        self.stopping.set()
        self.work.stop()
        if self.worker is not None:
            self.worker.stop()  # type: ignore[no-untyped-call]  # procrastinate leaves it so
        asyncio.get_running_loop().call_later(self.pace.grace, self.work.break_off)

    async def trouble(self) -> str:
        """Work as long as the server is there; what went wrong, if anything."""
        app = _app(self.url, self.work, self.pace)
        try:
            async with app.open_async():
                self.worker = self._new_worker(app)
                if not self.stopping.is_set():
                    self.work.tell("working" if self.url.prepares else POLLING)
                    await self.worker.run()  # type: ignore[no-untyped-call]  # procrastinate leaves it so
        except Exception as error:  # noqa: BLE001  # whatever it is, a worker goes on
            cause = error.__cause__ if isinstance(error.__cause__, psycopg.Error) else error
            return str(explained(cause, self.url, TIMEOUT))
        return f"{self.url}: the connection was lost."

    async def pause(self, seconds: float, trouble: str) -> None:
        """Wait before the next attempt, unless told to stop."""
        self.work.tell(f"failed: {trouble} Trying again in {seconds:.0f} s.")
        with suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)

    def _new_worker(self, app: App) -> Worker:
        patience = self.pace.patience
        return Worker(
            app, queues=[MAIL, CLOCK], concurrency=self.concurrency, listen_notify=self.url.prepares,
            fetch_job_polling_interval=POLL, delete_jobs="successful", install_signal_handlers=False,
            update_heartbeat_interval=patience / 4, stalled_worker_timeout=patience,
        )  # fmt: skip


def _app(url: DatabaseUrl, work: Work, pace: Pace) -> App:
    """The tasks, over connections of their own."""
    app = App(
        connector=PsycopgConnector(
            conninfo=url.conninfo, min_size=1, max_size=MOST_CONNECTIONS, timeout=TIMEOUT, num_workers=1,
            kwargs={} if url.prepares else {"prepare_threshold": None}, configure=_autocommit,
        )
    )  # fmt: skip

    def tick(timestamp: int) -> None:  # noqa: ARG001  # late or not, what is due is due
        work.tick()

    async def sweep(timestamp: int) -> None:  # noqa: ARG001  # the same
        await end_stalled(app, pace.patience)
        await asyncio.to_thread(work.sweep)

    for name, act in ((TICK, tick), (SWEEP, sweep)):
        task = app.task(name=name, queue=CLOCK, queueing_lock=name, priority=FIRST)(act)
        app.periodic(cron=pace.cron)(task)
    app.task(name=DELIVER, queue=MAIL)(work.deliver)
    return app


async def _autocommit(connection: AsyncConnection[Any]) -> None:
    """Let no statement's locks outlive it, lest a worker that is stopped just then bar the others."""
    await connection.set_autocommit(True)


async def end_stalled(app: App, patience: float) -> None:
    """End the jobs of workers that are gone, and forget jobs that failed long ago."""
    jobs = app.job_manager
    for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=patience):
        with suppress(Exception):  # ended by itself meanwhile, or by another
            await jobs.finish_job(job, Status.FAILED, delete_job=False)
    await jobs.delete_old_jobs(nb_hours=KEPT, include_failed=True, include_aborted=True, include_cancelled=True)
