"""The driver alone: the statements that ours executes for the same steps, replayed in a bare loop over `sqlite3`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.peers.lap import Done, asker, sync_of
from bench.peers.ours import BASE, counted
from bench.steps import connected, copy_of, prepare, replay, written_down
from store import SqlStore

if TYPE_CHECKING:
    from bench.peers.lap import Job


def race(job: Job) -> Done:
    """Write down what ours executes, and execute it again on a copy of the same database."""
    journal = str(job.journal)
    world, commands = prepare(job.folder / BASE, journal, measures=job.records)
    statements = written_down(job.folder, world, commands, journal)
    job.watch.database = copy_of(job.folder)
    connection = connected(job.database, journal)
    with job.watch:
        replay(connection, statements)
    sync = sync_of(asker(connection))
    connection.close()
    with SqlStore.open(job.database) as store:
        return Done(*counted(store), sync)
