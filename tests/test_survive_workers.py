"""Workers, or the server, killed and stopped while letters go out. `python -m tests.survive_workers 2000` does more.

Nothing may be lost; what comes twice is what a sender that was killed had in hand, and it is the same twice.
"""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest

from tests.postgres_process import OwnServer
from tests.workplace import CONCURRENCY, Workplace, build

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LETTERS = 120


@pytest.fixture(scope="module")
def server() -> Iterator[OwnServer]:
    """A server of our own, to be killed."""
    with OwnServer() as server:
        yield server


@pytest.fixture(scope="module")
def full(server: OwnServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a database with letters to send; each test has a copy."""
    url = server.new_database()
    build(tmp_path_factory.mktemp("full"), url, LETTERS).world.store.close()
    return url


@pytest.fixture
def work(tmp_path: Path, server: OwnServer, full: str) -> Iterator[Workplace]:
    """Two workers in the middle of sending."""
    with Workplace(tmp_path, server.new_database(full)) as workplace:
        workplace.worker()
        workplace.worker()
        workplace.wait_for_letters(LETTERS // 3)
        yield workplace


def test_a_worker_that_is_killed_is_replaced_by_the_other(work: Workplace) -> None:
    work.workers[0].kill()
    work.wait_until_all_are_sent()
    assert work.twice() <= CONCURRENCY
    work.end()


def test_when_all_workers_are_killed_a_new_one_finishes_their_work(work: Workplace) -> None:
    for worker in work.workers:
        worker.kill()
    left = work.stages()
    if not left["pending"]:
        pytest.skip("they had finished before they were killed: there is nothing to see this time")
    work.worker()
    work.wait_until_all_are_sent()
    assert work.twice() <= left["sending"] <= 2 * CONCURRENCY
    work.end()


def test_workers_go_on_when_the_server_was_killed_and_comes_back(work: Workplace, server: OwnServer) -> None:
    server.kill()
    time.sleep(3.0)
    server.start()
    work.wait_until_all_are_sent()
    assert work.twice() <= 2 * CONCURRENCY
    work.wait(lambda: "Trying again" in work.log or "cannot be reached" in work.log)
    work.end()


def test_a_worker_that_stood_still_finds_its_letters_in_its_hand(work: Workplace) -> None:
    frozen = work.workers[0]
    work.freeze(frozen)
    work.wait(lambda: not work.stages()["pending"])
    work.wait(lambda: work.stages()["sending"] <= CONCURRENCY)  # the other has sent what it had in hand
    time.sleep(1.0)
    if not work.stages()["sending"]:
        pytest.skip("it had nothing in its hand when it was stopped: there is nothing to see this time")
    time.sleep(3.0)
    assert work.stages()["sending"] > 0, "what it holds is not taken from it"
    frozen.send_signal(signal.SIGCONT)
    work.wait_until_all_are_sent()
    assert work.twice() == 0
    work.end()


def test_a_server_that_stood_still_costs_no_letter(work: Workplace, server: OwnServer) -> None:
    server.stop()
    time.sleep(4.0)
    server.go_on()
    work.wait_until_all_are_sent()
    assert work.twice() <= 2 * CONCURRENCY
    work.end()
