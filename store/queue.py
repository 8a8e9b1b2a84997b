"""What workers have to do, and who works: procrastinate's tables, read; and whether it is there at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import StoreUnavailableError, UsageError

if TYPE_CHECKING:
    from engine.dispatch import Dispatcher
    from store.link import Link

STALLED = 60.0
"""Seconds without a heartbeat after which a worker counts as gone, unless it was started with other patience."""

_THERE = "SELECT to_regclass('procrastinate_jobs') IS NOT NULL"
_JOBS = "SELECT task_name, status::text, count(*) FROM procrastinate_jobs GROUP BY 1, 2 ORDER BY 1, 2"
_STALLED = """\
SELECT count(*) FROM procrastinate_jobs LEFT JOIN procrastinate_workers AS worker ON worker.id = worker_id
WHERE status = 'doing' AND (worker.id IS NULL OR last_heartbeat < now() - make_interval(secs => $1))
"""
_WORKERS = """\
SELECT id, extract(epoch FROM now() - last_heartbeat)::float8 FROM procrastinate_workers
WHERE last_heartbeat >= now() - make_interval(secs => $1) ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Jobs:
    """Jobs by task and status, how many of them have lost their worker, and the workers that live.

    Workers by their number, each with the seconds since its heartbeat, by the server's clock.
    """

    jobs: Mapping[tuple[str, str], int]
    stalled: int
    workers: Mapping[int, float]


def jobs(link: Link, patience: float = STALLED) -> Jobs | None:
    """What there is now; None where there are no tables for it."""
    run = link.connection.execute
    if link.product.dialect.name != "postgresql" or not run(_THERE).fetchone()[0]:
        return None
    counted = {(task, status): number for task, status, number in run(_JOBS)}
    ((stalled,),) = run(_STALLED, [patience]).fetchall()
    return Jobs(counted, stalled, {worker: max(0.0, age) for worker, age in run(_WORKERS, [patience])})


def dispatcher(link: Link) -> Dispatcher:
    """Who calls workers. Raises `UsageError` without procrastinate, `StoreUnavailableError` without its tables."""
    try:
        from store.jobs import JobDispatcher
        from store.queue_schema import missing
    except ImportError as error:
        raise UsageError(f"Workers need procrastinate: pip install 'politirad[workers]' ({error}).") from error
    if missing(link):
        raise StoreUnavailableError(
            "The database has no tables for workers, or older ones. Run `politirad db upgrade`, then start the workers."
        )
    return JobDispatcher()
