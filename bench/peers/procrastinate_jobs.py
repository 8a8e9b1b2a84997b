"""procrastinate: each step is a job, which changes its record, writes the audit and defers the next step's job.

All three are one transaction, as its guide says (`connection=`); one worker runs the jobs one at a time, as it ships.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg
from procrastinate import App, PsycopgConnector
from psycopg_pool import AsyncConnectionPool

from bench.peers.lap import Done
from bench.peers.life import ACTOR, INITIAL, LAST, LIFE
from bench.peers.postgres import server, sync_of_server

if TYPE_CHECKING:
    from bench.peers.lap import Job

SCHEMA = (
    "CREATE TABLE measure (id integer PRIMARY KEY, state text NOT NULL, taken integer NOT NULL DEFAULT 0)",
    """\
CREATE TABLE audit (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, measure_id integer NOT NULL REFERENCES measure,
                    event text NOT NULL, source text NOT NULL, target text NOT NULL, actor text NOT NULL,
                    at timestamptz NOT NULL)""",
    "CREATE INDEX ix_audit ON audit (measure_id)",
)
STORE = "UPDATE measure SET state = %s, taken = taken + 1 WHERE id = %s AND state = %s"
NOTE = "INSERT INTO audit (measure_id, event, source, target, actor, at) VALUES (%s, %s, %s, %s, %s, %s)"


def race(job: Job) -> Done:
    """Run a server, and a worker until no job is left."""
    with server(job.folder) as url:
        asyncio.run(_race(job, url))
        return _counted(url)


async def _race(job: Job, url: str) -> None:
    app = App(connector=PsycopgConnector(conninfo=url))
    pool = AsyncConnectionPool(url, open=False)

    @app.task
    async def take(number: int, at: int) -> None:
        step, later = LIFE[at], at + 1
        async with pool.connection() as connection:
            await connection.execute(STORE, (step.target, number, step.source))
            await connection.execute(NOTE, (number, *step, ACTOR, datetime.now(UTC)))
            if later < len(LIFE):
                await take.configure(connection=connection).defer_async(number=number, at=later)

    async with app.open_async(), pool:
        await app.schema_manager.apply_schema_async()
        _make(url, job.records)
        await take.batch_defer_async(*_first(job.records))
        with job.watch:
            await app.run_worker_async(wait=False, install_signal_handlers=False)


def _first(records: int) -> list[dict[str, Any]]:
    """What the first job of each record is told."""
    return [{"number": number, "at": 0} for number in range(records)]


def _make(url: str, records: int) -> None:
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        for statement in SCHEMA:
            cursor.execute(statement)
        cursor.executemany("INSERT INTO measure (id, state) VALUES (%s, %s)", [(n, INITIAL) for n in range(records)])


def _counted(url: str) -> Done:
    with psycopg.connect(url) as connection:
        ((taken,),) = connection.execute("SELECT coalesce(sum(taken), 0)::int FROM measure WHERE state = %s", (LAST,))
        ((audits,),) = connection.execute("SELECT count(*) FROM audit")
    return Done(taken, audits, sync_of_server(url))
