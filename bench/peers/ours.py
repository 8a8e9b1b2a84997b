"""Ours: the measure's six steps through the public service, which judges, appends, projects and plans deadlines."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from bench.peers.lap import Done, asker, sync_of
from bench.peers.life import LAST
from bench.peers.mode import Mode
from bench.steps import prepare
from tests.world import COUNCIL

if TYPE_CHECKING:
    from pathlib import Path

    from bench.peers.lap import Job
    from store import SqlStore

BASE = "base"
"""The folder of the council's files."""


def race(job: Job) -> Done:
    """Take the steps by `advance`, one call and one commit each."""
    with ExitStack() as stack:
        where = _server(stack, job.folder) if job.mode is Mode.POSTGRESQL else None
        world, commands = prepare(job.folder / BASE, job.journal, where=where, measures=job.records)
        job.watch.database = job.folder / BASE / "politirad.db"
        world.reopen(where or job.database, job.journal)
        stack.callback(world.store.close)
        with job.watch:
            for command in commands:
                world.service.advance(COUNCIL, command)
        return Done(*counted(world.store), _synced(world.store, where))


def counted(store: SqlStore) -> tuple[int, int]:
    """The steps of the measures by their own numbers, and their events in the log; openings are neither."""
    with store.read(COUNCIL) as reader:
        cases = reader.cases("measure", (LAST,))
        return sum(case.n - 1 for case in cases), sum(len(list(reader.events(case.id))) - 1 for case in cases)


def _server(stack: ExitStack, folder: Path) -> str:
    from bench.peers.postgres import server

    return stack.enter_context(server(folder))


def _synced(store: SqlStore, url: str | None) -> str:
    if url is not None:
        from bench.peers.postgres import sync_of_server

        return sync_of_server(url)
    with store._file.reading() as link:  # noqa: SLF001  # how it syncs is known to its own connection alone
        return sync_of(asker(link.connection))
