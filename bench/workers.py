"""Many workers: planning, writing and enqueueing reminders in one transaction, and two workers that send.

    python -m bench.workers

On a PostgreSQL server of its own (from the registry, with its ordinary settings). Letters go over SMTP to a server in a
process of its own that takes 5 ms for each.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING

import psycopg

from bench.table import Row, machine, show
from engine.desk import Desk
from store.jobs import JobDispatcher
from tests.many_due import owe
from tests.postgres_process import OwnServer
from tests.worker_at import MORNING
from tests.workplace import Workplace, build
from tests.world import COUNCIL

if TYPE_CHECKING:
    from tests.letterbox import Letterbox

REMINDERS, READERS = 2_000, 200
LETTERS, DELAY, CONCURRENCY = 2_000, 0.005, 8
ROUNDS = 5
AGAIN = (
    "DELETE FROM procrastinate_jobs",
    "DELETE FROM letter",
    "DELETE FROM told",
    """\
UPDATE plan SET owner_rung = -3, above_rung = NULL, warned = NULL, rung = 0, audience = 'owner', to_office = office,
                day = due WHERE office LIKE 'due\\_%'""",
)
"""A day that has been told is untold again, so that the same can be measured again."""


def workers() -> list[Row]:
    """The rows of the table."""
    with tempfile.TemporaryDirectory() as name, OwnServer() as server:
        return [_planned(Path(name), server.new_database()), _sent(Path(name), server.new_database())]


def _planned(folder: Path, url: str) -> Row:
    box = build(folder / "planned", url, 0)
    owe(box, url, REMINDERS, READERS)
    spent = [_plan(box, url) for _ in range(ROUNDS)]
    box.world.store.close()
    wall, own = (median(figures) for figures in zip(*spent, strict=True))
    note = f"{READERS} letters and their jobs, one transaction; {own:.2f} s of it this process's own (at most 1 s)"
    return Row(f"{REMINDERS:,} reminders planned, written, enqueued", f"{wall:.2f} s", note)


def _plan(box: Letterbox, url: str) -> tuple[float, float]:
    """Seconds for everything from what is due to letters that workers have been called for; and of the processor."""
    _again(url)
    begun, busy = perf_counter(), process_time()
    with box.world.store.write(COUNCIL) as tx:
        desk = Desk(box.world.service.rules, tx, box.stationery, MORNING)
        while desk.work():
            pass
        JobDispatcher().enqueue(tx, len(desk.made))
    spent = perf_counter() - begun, process_time() - busy
    assert len(desk.made) == READERS
    return spent


def _again(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in AGAIN:
            connection.execute(statement.encode())
        connection.execute("VACUUM ANALYZE")


def _sent(folder: Path, url: str) -> Row:
    build(folder / "sent", url, LETTERS).world.store.close()
    with Workplace(folder, url, DELAY) as place:
        for _ in range(2):
            place.worker(concurrency=CONCURRENCY)
        place.wait_for_letters(1)
        begun, before = perf_counter(), place.post.count
        place.wait_for_letters(LETTERS, seconds=120.0)
        spent = perf_counter() - begun
        place.wait_until_all_are_sent()
        assert place.twice() == 0
    note = f"{CONCURRENCY} at a time each, a server that takes {DELAY * 1e3:.0f} ms (at least 150)"
    return Row("letters sent by two workers", f"{(LETTERS - before) / spent:,.0f}/s", note)


if __name__ == "__main__":
    print(machine(), end="\n\n")
    show(workers())
