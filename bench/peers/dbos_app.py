"""DBOS launched over a database of its own, and what its record of workflows and steps says was done."""

from __future__ import annotations

from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, Any

from dbos import DBOS, DBOSConfig
from sqlalchemy import Engine, event

from bench.driver import sqlite
from bench.peers.lap import Done, asker, sync_of
from bench.peers.life import LIFE
from bench.peers.mode import SYNCHRONOUS, Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.peers.lap import Job

QUICK = 0.1
"""Seconds between looks for messages, where DBOS must poll and may be tuned; it ships with one second."""


@contextmanager
def launched(job: Job) -> Iterator[str]:
    """Launch DBOS on the database that the mode names; how it syncs its commits, which it says once it is used."""
    with ExitStack() as stack:
        url, sync = _postgresql(stack, job) if job.mode is Mode.POSTGRESQL else _sqlite(job)
        DBOS(config=_config(job, url))
        DBOS.launch()
        stack.callback(DBOS.destroy)
        yield sync()


def counted(step: str, sync: str) -> Done:
    """What DBOS recorded: workflows that came to their end, and checkpoints of a step."""
    ended = [workflow.workflow_id for workflow in DBOS.list_workflows(status="SUCCESS")]
    taken = [made for each in ended for made in DBOS.list_workflow_steps(each) if made["function_name"] == step]
    return Done(len(ended) * len(LIFE), len(taken), sync)


def _config(job: Job, url: str) -> DBOSConfig:
    config = DBOSConfig(name="race", system_database_url=url, log_level="ERROR")
    if job.mode is not Mode.SHIPPED:
        config["notification_listener_polling_interval_sec"] = QUICK
    return config


def _postgresql(stack: ExitStack, job: Job) -> tuple[str, Callable[[], str]]:
    from bench.peers.postgres import server, sync_of_server

    url = stack.enter_context(server(job.folder))
    return url, lambda: sync_of_server(url)


def _sqlite(job: Job) -> tuple[str, Callable[[], str]]:
    """The file keeps its journal mode, each connection is told how to sync; as it ships, neither is set."""
    opened: list[Any] = []
    event.listen(Engine, "connect", lambda connection, _: opened.append(connection))
    if job.journal:
        with closing(sqlite.connect(job.database)) as connection:
            connection.execute(f"PRAGMA journal_mode = {job.journal}")
        event.listen(Engine, "connect", lambda connection, _: connection.execute(f"PRAGMA synchronous = {SYNCHRONOUS}"))
    return f"sqlite:///{job.database}", lambda: sync_of(asker(opened[-1]))
