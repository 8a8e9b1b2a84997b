"""`politirad worker` as a process on a real server: it turns the clock, sends, heals a queue, stops in order."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest

from commands.configuration import Settings
from commands.wiring import Setup
from engine.database_url import DatabaseUrl
from store import SqlStore
from tests.desk import typed
from tests.many_due import owe
from tests.pooler import pool_by_transactions
from tests.postgres_server import PASSWORD, for_user, new_database
from tests.test_server_faults import name_of, run, somebody
from tests.workplace import CONCURRENCY, ROOT, Workplace, build
from tests.world import COUNCIL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.desk import Answer

LETTERS = 40
RUNNING = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'tick' AND status = 'doing'"
FAILED_TICKS = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'tick' AND status = 'failed'"
FAILED_SWEEPS = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'sweep' AND status = 'failed'"
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
LISTENERS = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"


@pytest.fixture
def url() -> Iterator[str]:
    """A database with a council that has letters to send."""
    with new_database() as url:
        yield url


@pytest.fixture
def work(tmp_path: Path, url: str) -> Iterator[Workplace]:
    """A council on a server, and nobody who works yet."""
    with Workplace(tmp_path, url) as workplace:
        yield workplace


def full(work: Workplace, letters: int = LETTERS) -> Workplace:
    """The same with letters to send."""
    build(work.folder / "council", work.url, letters).world.store.close()
    return work


def types(work: Workplace, *words: str, **settings: object) -> Answer:
    """Type a command over that database, in this process."""
    known = Settings(
        DatabaseUrl(work.url), work.folder / "politirad.toml", COUNCIL, language="en", runner="procrastinate"
    )
    return typed(Setup(replace(known, **settings), work.clock), *words)  # type: ignore[arg-type]  # settings of any type


def test_letters_due_are_made_and_sent_by_workers_and_each_once(work: Workplace) -> None:
    box = build(work.folder / "council", work.url, 0)
    owe(box, work.url, count=60, offices=30)
    box.world.store.close()
    work.worker()
    work.worker()
    work.wait_for_letters(30)
    work.wait_until_all_are_sent()
    assert (work.post.count, work.twice()) == (30, 0)
    work.wait(lambda: types(work, "heartbeat").code == 0)
    work.end()


def test_a_worker_told_to_stop_finishes_the_letters_it_has(work: Workplace) -> None:
    full(work).worker()
    work.wait_for_letters(CONCURRENCY)
    assert work.count(CONNECTIONS) <= 2 * CONCURRENCY + 5, "more connections than it says"
    work.end()
    left = work.stages()
    assert left["sending"] == 0
    assert left["sent"] == work.post.count < LETTERS
    assert work.log.endswith("stopped\n")


def test_a_worker_killed_in_the_middle_of_a_turn_does_not_stop_the_clock(work: Workplace) -> None:
    box = build(work.folder / "council", work.url, 0)
    owe(box, work.url, count=5, offices=5)
    with box.world.store.write(COUNCIL):
        worker = work.worker()
        work.wait(lambda: work.count(RUNNING) > 0)
        worker.kill()
        worker.wait()
    box.world.store.close()
    work.worker()
    work.wait(lambda: work.count(RUNNING.replace("doing", "failed")) > 0)
    work.wait_for_letters(5)
    broken_off, turned = work.count(FAILED_SWEEPS), work.log.count("every=1s")
    work.wait(lambda: work.log.count("every=1s") > turned + 2)
    assert work.count(FAILED_SWEEPS) == broken_off <= 1, "none fails but one that was killed too"
    work.end()


@pytest.mark.parametrize("stated", ["?prepare=off", ""])
def test_workers_behind_a_pool_by_transactions_look_for_jobs_instead_of_listening(work: Workplace, stated: str) -> None:
    full(work, 3 * LETTERS)
    with pool_by_transactions(work.folder, work.url) as address:
        pooled = f"{address}{stated}"
        work.configure("procrastinate", pooled)
        work.worker()
        work.worker()
        work.wait_for_letters(3 * LETTERS)
        work.wait_until_all_are_sent()
        assert (work.twice(), work.count(LISTENERS)) == (0, 0)
        assert work.log.count("it hears of no new jobs (LISTEN), and looks for them every 2 s") == 2
        assert "failed" not in work.log
        assert types(work, "serve", runner="embedded", database=DatabaseUrl(pooled)).code == 5, "the worker is seen"
        work.end()


def test_a_worker_without_the_rights_says_what_to_do_and_tries_again(
    work: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    full(work, 0)
    with somebody(work.url) as reader:
        run(work.url, f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name_of(reader)}")
        work.configure("procrastinate", for_user(reader, name_of(reader), ""))
        with monkeypatch.context() as environment:
            environment.setenv("PGPASSWORD", PASSWORD)
            work.worker()
        work.wait(lambda: "`politirad db roles` gives rights. Trying again in" in work.log)
        work.end()


def test_a_worker_that_may_listen_does(work: Workplace) -> None:
    full(work).worker()
    work.wait(lambda: work.count(LISTENERS) == 1)
    work.end()


def test_workers_and_an_embedded_clock_exclude_each_other(work: Workplace) -> None:
    full(work, 0)
    with SqlStore.open(work.url) as store, store.clock_lock() as held:
        assert held()
        refused = types(work, "worker")
    assert (refused.code, "is the clock of" in refused.err) == (5, True)
    with SqlStore.open(work.url) as store, store.clock_lock(shared=True) as held:
        assert held()
        refused = types(work, "serve", runner="embedded")
        assert (refused.code, "Another politirad already serves" in refused.err) == (5, True)
        with SqlStore.open(work.url) as other, other.clock_lock(shared=True) as also_held:
            assert also_held(), "workers share it"


@pytest.mark.parametrize(
    ("words", "runner", "said"),
    [("serve", "procrastinate", "Start them with `politirad worker`"),
     ("worker", "embedded", 'Workers need a PostgreSQL server and runner = "procrastinate"')],
)  # fmt: skip
def test_what_the_settings_leave_to_the_other_is_refused(work: Workplace, words: str, runner: str, said: str) -> None:
    full(work, 0)
    refused = types(work, words, runner=runner)
    assert (refused.code, said in refused.err) == (2, True)


def test_a_worker_without_its_tables_says_how_to_make_them(work: Workplace) -> None:
    SqlStore.open(work.url, create=True).close()
    refused = types(work, "worker", council=None)
    assert (refused.code, "Run `politirad db upgrade`" in refused.err) == (5, True)


WITHOUT = "import sys; sys.modules[sys.argv[1]] = None; import cli; sys.exit(cli.run(sys.argv[2:]))"
"""A command line where a package is not installed."""


@pytest.mark.parametrize(
    ("words", "missing", "extra"),
    [("worker", "psycopg", "postgres"), ("worker", "procrastinate", "workers"), ("tick", "procrastinate", "workers")],
)
def test_whoever_lacks_a_package_is_told_which_extra_brings_it(
    work: Workplace, words: str, missing: str, extra: str
) -> None:
    full(work, 0)
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, missing, words], cwd=work.folder, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert f"pip install 'politirad[{extra}]'" in done.stderr


def test_a_clock_that_stood_still_for_hours_turns_at_once(work: Workplace) -> None:
    full(work, 0)
    with psycopg.connect(work.url) as connection:
        connection.execute("INSERT INTO procrastinate_periodic_defers (task_name, defer_timestamp) VALUES ('tick', 0)")
        connection.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args) "
            "VALUES ('clock', 'tick', 'tick', '{\"timestamp\": 0}')"
        )
    work.worker()
    work.wait(lambda: types(work, "heartbeat").code == 0)
    assert work.count(FAILED_TICKS) == 0
    work.end()


def test_a_turn_by_hand_leaves_the_letters_to_the_workers(work: Workplace) -> None:
    box = build(work.folder / "council", work.url, 0)
    owe(box, work.url, count=5, offices=5)
    box.world.store.close()
    assert types(work, "tick", mail=work.post.url, mail_from="x@example.no").code == 0
    assert (work.stages()["pending"], work.post.count) == (5, 0)
    assert types(work, "queue", "status", "--json").json["jobs"]["tasks"] == {"deliver": {"todo": 1}}


def test_the_status_of_the_queue_tells_of_letters_jobs_and_workers(work: Workplace) -> None:
    full(work, 3)
    said = types(work, "queue", "status").out
    assert "waiting  3" in said
    assert "The oldest letter that waits was made 2019-08-02 07:05" in said
    assert "No worker lives. Start one: `politirad worker`." in said
    work.worker()
    work.wait(lambda: types(work, "queue", "status", "--json").json["letters"] == {"sent": 3})
    work.wait(lambda: types(work, "queue", "status", "--json").json["last_tick"] is not None)
    status = types(work, "queue", "status", "--json").json
    assert (len(status["jobs"]["workers"]), status["jobs"]["stalled"], status["oldest_waiting"]) == (1, 0, None)
    assert "1 worker lives." in types(work, "queue", "status").out
    work.end()


@pytest.mark.parametrize(
    ("runner", "has_tables", "said"),
    [("procrastinate", True, "No worker lives. Start one: `politirad worker`."),
     ("procrastinate", False, "There are no tables for workers yet. `politirad db upgrade` makes them."),
     ("embedded", True, "`politirad serve` does all the work here; no workers are called."),
     ("embedded", False, "`politirad serve` does all the work here; no workers are called.")],
)  # fmt: skip
def test_where_nobody_works_it_is_said_what_starts_whoever_the_settings_leave_it_to(
    work: Workplace, runner: str, said: str, *, has_tables: bool
) -> None:
    full(work, 0)
    if not has_tables:
        with psycopg.connect(work.url) as connection:
            connection.execute("DROP TABLE procrastinate_jobs CASCADE")
    starts = (
        "`politirad worker`, on one host" if runner == "procrastinate" else "`politirad serve`, or `politirad tick`"
    )
    *_, workers, clock = types(work, "queue", "status", runner=runner).lines
    assert (workers, starts in clock) == (said, True)
    assert types(work, "heartbeat", runner=runner).lines == [clock]
    assert starts in types(work, "doctor", runner=runner).out


def test_a_job_whose_worker_is_gone_is_told_as_stalled(work: Workplace) -> None:
    full(work, 0)
    with psycopg.connect(work.url) as connection:
        connection.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('mail', 'deliver', 'doing')"
        )
    assert types(work, "queue", "status", "--json").json["jobs"]["stalled"] == 1
    assert "1 job has lost its worker" in types(work, "queue", "status").out
