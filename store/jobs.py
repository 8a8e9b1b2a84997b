"""Jobs for workers, kept by procrastinate in tables beside ours: made within our transaction.

A job `deliver` sends a sender to a council for a few letters. It names none, because the outbox says which: so a job
too many finds nothing to do, and for one that is lost the sweep makes another. No job has a `lock`, and none is tried
again by procrastinate; both together wedge a queue whose worker was killed (time.md §2, traps 1 and 2).

This module, `store.worker` and `store.queue` know procrastinate's tables; the first two are its only importers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import psycopg
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from procrastinate.sync_psycopg_connector import SyncPsycopgConnector
from psycopg.rows import dict_row

from engine.delivery import ERRAND

if TYPE_CHECKING:
    from typing import LiteralString

    from engine.ports import Transaction
    from store.transaction import SqlTransaction

MAIL, CLOCK = "mail", "clock"
"""The queues: letters, and what the clock does."""
DELIVER, TICK, SWEEP = "deliver", "tick", "sweep"
"""The tasks."""

_LIVE = """\
SELECT count(*) FROM procrastinate_jobs
WHERE task_name = $1 AND status IN ('todo', 'doing') AND args ->> 'council' = $2
"""


class JobDispatcher:
    """Calls workers for letters: an `engine.dispatch.Dispatcher`."""

    def __init__(self) -> None:
        self._jobs = JobManager(_Beside())

    def enqueue(self, tx: Transaction, letters: int) -> None:
        """Call senders for so many letters just made in a council."""
        self._call(cast("SqlTransaction", tx), errands(letters))

    def top_up(self, tx: Transaction, letters: int) -> None:
        """Call senders for so many letters of a council that wait, less those that were called and live."""
        ours = cast("SqlTransaction", tx)
        ((live,),) = ours.link.connection.execute(_LIVE, [DELIVER, ours.of_council]).fetchall()
        self._call(ours, errands(letters) - live)

    def _call(self, tx: SqlTransaction, senders: int) -> None:
        job = Job(
            id=None, status=None, queue=MAIL, lock=None, queueing_lock=None, task_name=DELIVER,
            task_kwargs={"council": tx.of_council},
        )  # fmt: skip
        if senders > 0:
            self._jobs.batch_defer_jobs([job] * senders, connection=tx.link.connection)


class _Beside(SyncPsycopgConnector):
    """procrastinate's statements on a connection of ours, whose own cursors take `$1` where it writes `%(name)s`."""

    def execute_query_all_with_connection(
        self, connection: psycopg.Connection[Any], query: LiteralString, **arguments: object
    ) -> list[dict[str, Any]]:
        """The rows of a statement. What goes wrong is the driver's error, which the store puts into words."""
        with psycopg.Cursor(connection, row_factory=dict_row) as cursor:
            return cursor.execute(query, self._wrap_json(arguments)).fetchall()


def errands(letters: int) -> int:
    """How many senders so many letters are for."""
    return -(-letters // ERRAND)
