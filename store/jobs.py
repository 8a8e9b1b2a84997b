"""Jobs for workers, kept by procrastinate in tables beside ours: made within our transaction, and its schema.

A job `deliver` sends a sender to a council for a few letters. It names none, because the outbox says which: so a job
too many finds nothing to do, and for one that is lost the sweep makes another. No job has a `lock`, and none is tried
again by procrastinate; both together wedge a queue whose worker was killed (time.md §2, traps 1 and 2).

This module, `store.worker` and `store.queue` know procrastinate's tables; the first two are its only importers.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import psycopg
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from procrastinate.schema import SchemaManager
from procrastinate.sync_psycopg_connector import SyncPsycopgConnector
from psycopg.rows import dict_row

from engine.delivery import ERRAND
from engine.errors import StoreUnavailableError
from store.postgres import lock_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import LiteralString

    from engine.ports import Transaction
    from store.link import Link
    from store.transaction import SqlTransaction

MAIL, CLOCK = "mail", "clock"
"""The queues: letters, and what the clock does."""
DELIVER, TICK, SWEEP = "deliver", "tick", "sweep"
"""The tasks."""

_LIVE = """\
SELECT count(*) FROM procrastinate_jobs
WHERE task_name = $1 AND status IN ('todo', 'doing') AND args ->> 'council' = $2
"""
_FOUND = """\
SELECT to_regclass('procrastinate_jobs') IS NOT NULL, to_regproc('procrastinate_retry_job_v2') IS NOT NULL,
    obj_description(to_regclass('procrastinate_jobs'), 'pg_class')
"""
_STAMP = "migrations of procrastinate up to "
"""How its table says what it is, since procrastinate keeps no account of that; the name of a file follows."""


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


def apply_schema(conninfo: str) -> None:
    """Make procrastinate's tables, or bring older ones up to the installed version; nothing where they are.

    Broken off, it goes on where it was; whoever else does the same at the same time waits. Raises
    `StoreUnavailableError` where there are older tables that this did not make, and the driver's errors.
    """
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [lock_of("/jobs")])
        for name, statements in list(_missing(connection)):
            with connection.transaction():
                connection.execute(statements.encode(), prepare=False)
                connection.execute(f"COMMENT ON TABLE procrastinate_jobs IS '{_STAMP}{name}'")


def has_schema(link: Link) -> bool:
    """Whether procrastinate's tables are there, as the installed version needs them."""
    return not any(_missing(link.connection))


def _missing(connection: psycopg.Connection[Any]) -> Iterator[tuple[str, str]]:
    """What is still to be run, by the name of the newest migration in it."""
    files = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    ((found, complete, stamp),) = connection.execute(_FOUND).fetchall()
    if not found:
        yield files[-1].name, SchemaManager.get_schema()
    elif stamp and stamp.startswith(_STAMP):
        yield from ((file.name, file.read_text()) for file in files if file.name > stamp.removeprefix(_STAMP))
    elif not complete:
        raise StoreUnavailableError(
            "The database has tables of procrastinate that politirad did not make, of an older version. Upgrade them "
            "as its documentation says (procrastinate schema --migrations-path), and try again."
        )
