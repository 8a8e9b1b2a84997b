"""Jobs for workers: made in the transaction that makes letters, no more than are needed, over tables of their own."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from procrastinate import App, PsycopgConnector
from procrastinate.schema import SchemaManager

from engine.delivery import ERRAND
from engine.errors import StoreUnavailableError
from engine.round import Round
from engine.sweep import sweep
from store import worker
from store.jobs import JobDispatcher
from store.queue import Jobs
from tests.letterbox import Letterbox
from tests.many_due import owe
from tests.outgoing import DAY, posts
from tests.postgres_server import new_database
from tests.workplace import with_queue
from tests.world import COUNCIL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import LiteralString

OLDER = "03.02.00_50_post_batch_defer_jobs.sql"
"""The newest migration of an older procrastinate."""
_SHAPE = """\
SELECT 'function ' || proname || pg_get_functiondef(oid) FROM pg_proc WHERE proname LIKE 'procrastinate%'
UNION ALL SELECT 'column ' || table_name || column_name || data_type || is_nullable || coalesce(column_default, '')
    FROM information_schema.columns WHERE table_name LIKE 'procrastinate%'
UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE tablename LIKE 'procrastinate%'
UNION ALL SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
"""


@pytest.fixture
def url() -> Iterator[str]:
    """An empty database."""
    with new_database() as url:
        yield url


@pytest.fixture
def box(tmp_path: Path, url: str) -> Iterator[Letterbox]:
    """A council on a server that has tables for workers, in the morning."""
    box = Letterbox(tmp_path, database=url)
    with_queue(url)
    box.set(DAY)
    yield box
    box.world.store.close()


def query(url: str, statement: LiteralString) -> list[tuple[object, ...]]:
    """The rows of a statement."""
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def jobs(box: Letterbox) -> Jobs:
    """What workers have to do."""
    found = box.world.store.jobs()
    assert found is not None
    return found


def waiting(box: Letterbox) -> int:
    """How many senders have been called and have not come."""
    return jobs(box).jobs.get(("deliver", "todo"), 0)


def swept(box: Letterbox) -> int:
    """The same after a sweep."""
    sweep(box.world.store, JobDispatcher(), box.world.clock)
    return waiting(box)


def call_in_vain(box: Letterbox) -> None:
    """Call a sender in a transaction that fails."""
    with box.world.store.write(COUNCIL) as tx:
        JobDispatcher().enqueue(tx, 1)
        raise RuntimeError


def test_what_is_rolled_back_calls_nobody_and_what_is_committed_does(box: Letterbox) -> None:
    with pytest.raises(RuntimeError):
        call_in_vain(box)
    assert waiting(box) == 0
    with box.world.store.write(COUNCIL) as tx:
        JobDispatcher().enqueue(tx, 2 * ERRAND + 1)
        assert waiting(box) == 0
    assert waiting(box) == 3


def test_a_round_calls_senders_for_the_letters_it_makes_and_for_no_others(box: Letterbox, url: str) -> None:
    owe(box, url, count=60, offices=30)
    done = Round(box.world.service, box.stationery, dispatcher=JobDispatcher()).once()
    assert (len(done.letters), done.failed, waiting(box)) == (30, [], 2)


def test_a_letter_that_tells_of_very_many_offices_is_kept_too(box: Letterbox, url: str) -> None:
    owe(box, url, count=400, offices=400)
    query(url, "DELETE FROM holding WHERE office LIKE 'due_%'")
    done = Round(box.world.service, box.stationery, dispatcher=JobDispatcher()).once()
    assert (done.failed, [letter.kind for _, letter in done.letters]) == ([], ["escalation"])


def test_where_nobody_can_be_called_no_letter_is_made_either(box: Letterbox, url: str) -> None:
    owe(box, url, count=10, offices=10)
    query(url, "DROP FUNCTION procrastinate_defer_jobs_v1")
    (failed,) = Round(box.world.service, box.stationery, dispatcher=JobDispatcher()).once().failed
    assert failed[0] == COUNCIL
    assert box.letters() == []


def test_four_rounds_at_once_make_no_letter_twice_and_call_no_more_senders_than_one(box: Letterbox, url: str) -> None:
    owe(box, url, count=60, offices=60)
    rounds = [Round(box.world.service, box.stationery, dispatcher=JobDispatcher()) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(lambda one: one.once(), rounds))
    assert [one.failed for one in done] == [[]] * 4
    assert sum(len(one.letters) for one in done) == 60
    assert len({letter.key for letter in box.letters()}) == len(box.letters()) == 60
    assert waiting(box) <= 60 // ERRAND + 1 + 3


def test_a_sweep_calls_senders_for_what_waits_and_not_again_for_what_has_one(box: Letterbox) -> None:
    posts(box, 2 * ERRAND)
    assert swept(box) == 2
    assert swept(box) == 2


def test_a_sweep_calls_nobody_before_office_hours_nor_for_what_is_put_off(box: Letterbox) -> None:
    posts(box, 1)
    box.set(DAY, "06:59")
    assert swept(box) == 0
    box.set(DAY, "08:00")
    with box.world.store.write(COUNCIL) as tx:
        tx.move_letter(1, "pending", box.world.clock.now(), after=box.world.clock.now().replace(hour=9))
    assert swept(box) == 0
    box.set(DAY, "11:00")
    assert swept(box) == 1


def test_a_sweep_calls_another_where_a_job_has_failed(box: Letterbox, url: str) -> None:
    posts(box, 1)
    assert swept(box) == 1
    query(url, "UPDATE procrastinate_jobs SET status = 'failed'")
    assert swept(box) == 1


def test_a_stalled_job_that_cannot_be_ended_bars_no_other(box: Letterbox, url: str) -> None:
    for _ in range(2):
        query(url, "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('mail', 'deliver', 'doing')")
    query(url, "ALTER TABLE procrastinate_jobs ADD CHECK (id > 1 OR status <> 'failed')")
    assert jobs(box).stalled == 2
    asyncio.run(end_stalled(url))
    assert (jobs(box).stalled, jobs(box).jobs[("deliver", "failed")]) == (1, 1)


async def end_stalled(url: str) -> None:
    """End the jobs of workers that are gone, as a sweep does first."""
    async with App(connector=PsycopgConnector(conninfo=url)).open_async() as app:
        await worker.end_stalled(app, patience=60.0)


def test_the_tables_are_made_once_and_stay(url: str) -> None:
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(with_queue, [url, url]))
    query(url, "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('mail', 'deliver')")
    with_queue(url)
    assert query(url, "SELECT count(*) FROM procrastinate_jobs") == [(1,)]


def test_tables_of_an_older_version_become_what_new_ones_are(url: str) -> None:
    files = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    with psycopg.connect(url, autocommit=True) as connection:
        for file in (file for file in files if file.name <= OLDER):
            connection.execute(file.read_bytes())
        connection.execute(
            f"COMMENT ON TABLE procrastinate_jobs IS 'migrations of procrastinate up to {OLDER}'".encode()
        )
    before = query(url, _SHAPE)
    with_queue(url)
    with new_database() as fresh:
        with_queue(fresh)
        assert sorted(query(url, _SHAPE)) == sorted(query(fresh, _SHAPE)) != sorted(before)


def test_older_tables_that_somebody_else_made_are_left_alone(box: Letterbox, url: str) -> None:
    query(url, "DROP FUNCTION procrastinate_retry_job_v2; COMMENT ON TABLE procrastinate_jobs IS NULL")
    with pytest.raises(StoreUnavailableError, match="of an older procrastinate, and nobody noted of which"):
        with_queue(url)
    with pytest.raises(StoreUnavailableError, match="of an older procrastinate, and nobody noted of which"):
        box.world.store.dispatcher()


def test_without_the_tables_whoever_needs_them_is_told_how_to_make_them(tmp_path: Path, url: str) -> None:
    box = Letterbox(tmp_path, database=url)
    assert box.world.store.jobs() is None
    with pytest.raises(StoreUnavailableError, match=r"Run `politirad db upgrade`, then start the workers"):
        box.world.store.dispatcher()
    box.world.store.close()
