"""Several write at once: threads, processes, a forked child. No position is left out, and none is given twice."""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from multiprocessing import get_context
from threading import Event
from typing import TYPE_CHECKING

import pytest

from engine.errors import ChangedMeanwhileError, StoreUnavailableError
from store import SqlStore
from tests.contract.listening import listen
from tests.contract.products import on_a_server
from tests.contract.raw import another
from tests.contract.scribe import COUNCIL, Scribe

if TYPE_CHECKING:
    from pathlib import Path

    from engine.database_url import DatabaseUrl

HANDS = 4
EACH = 25
COUNCILS = ("melhus", "rennebu", "oppdal", "holtalen")


def log_of(store: SqlStore, council: str = COUNCIL) -> list[tuple[int, str, int]]:
    """Position, case and number of each event."""
    with store.read(council) as reader:
        return [(made.position, made.event.case, made.event.n) for made in reader.events()]


def write_many(store: SqlStore, case: str) -> Counter[str]:
    """Write events on a case of one's own and, where the others let us, on the council's."""
    outcomes: Counter[str] = Counter()
    scribe = Scribe(store)
    scribe.open_measure(case)
    for _ in range(EACH):
        scribe.move(case, "started")
        with store.read(COUNCIL) as reader:
            council = reader.case("C")
        scribe.heads["C"] = (council.n, council.head)
        with suppress(ChangedMeanwhileError):
            scribe.write("C", "decided", {})
            outcomes["council"] += 1
    return outcomes


def write_many_in_a_process(place: Path | DatabaseUrl, case: str) -> Counter[str]:
    """The same from a process of its own."""
    with SqlStore.open(place) as store:
        return write_many(store, case)


def log_is_whole(store: SqlStore, outcomes: Counter[str]) -> bool:
    """Every event written is there, positions and numbers without a gap."""
    log = log_of(store)
    numbers: dict[str, list[int]] = {}
    for _, case, n in log:
        numbers.setdefault(case, []).append(n)
    expected = {"C": 2 + outcomes["council"], **{f"M-{hand}": 1 + EACH for hand in range(HANDS)}}
    return [position for position, _, _ in log] == list(range(len(log))) and numbers == {
        case: list(range(1, count + 1)) for case, count in expected.items()
    }


def test_threads_that_write_at_once_leave_no_gap(scribe: Scribe) -> None:
    with ThreadPoolExecutor(HANDS) as pool:
        runs = [pool.submit(write_many, scribe.store, f"M-{hand}") for hand in range(HANDS)]
        outcomes = sum((run.result() for run in runs), Counter[str]())
    assert log_is_whole(scribe.store, outcomes)
    assert not scribe.store.verify(COUNCIL).faults


def test_processes_that_write_at_once_leave_no_gap(scribe: Scribe) -> None:
    place = scribe.store.describe().place
    with ProcessPoolExecutor(HANDS, mp_context=get_context("spawn")) as pool:
        runs = [pool.submit(write_many_in_a_process, place, f"M-{hand}") for hand in range(HANDS)]
        outcomes = sum((run.result() for run in runs), Counter[str]())
    assert log_is_whole(scribe.store, outcomes)
    assert not scribe.store.verify(COUNCIL).faults


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_child_writes_through_connections_of_its_own(scribe: Scribe) -> None:
    scribe.open_measure("M-1")
    with scribe.store.read(COUNCIL) as reader:
        inherited = listen(reader._link)  # noqa: SLF001  # to see whether it is used
    inherited.clear()
    child = os.fork()
    if not child:
        scribe.move("M-1", "anchored")
        os._exit(len(inherited))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with scribe.store.read(COUNCIL) as reader:
        case = reader.case("M-1")
    scribe.heads["M-1"] = (case.n, case.head)
    scribe.move("M-1", "started")
    assert [n for _, case_id, n in log_of(scribe.store) if case_id == "M-1"] == [1, 2, 3]


@on_a_server
def test_four_writers_on_four_councils_do_not_wait_for_one_another(scribe: Scribe) -> None:
    with another(scribe.store, timeout=1) as impatient, ExitStack() as at_once:
        scribes = [Scribe(impatient, council=council) for council in COUNCILS]
        for one in scribes:
            one.open_council()
        for one in scribes:
            tx = at_once.enter_context(impatient.write(one.council))
            one.append(tx, "C", "decided", {})
            assert log_of(scribe.store, one.council)[-1] == (1, "C", 2), "nobody has committed yet"
    assert [log_of(scribe.store, council)[-1] for council in COUNCILS] == [(2, "C", 3)] * 4


@on_a_server
def test_whoever_waits_in_vain_for_a_council_is_told_so_and_reads_on(scribe: Scribe) -> None:
    with another(scribe.store, timeout=0.2) as impatient, scribe.store.write(COUNCIL) as tx:
        scribe.append(tx, "C", "decided", {})
        with pytest.raises(StoreUnavailableError, match=r"is busy: waited 0\.2 s"), impatient.write(COUNCIL):
            pass
        assert len(log_of(impatient)) == 2


@on_a_server
def test_the_second_of_two_writers_on_a_council_goes_on_from_where_the_first_has_left_it(scribe: Scribe) -> None:
    begun, seen = Event(), list[int]()

    def second() -> None:
        begun.set()
        with another(scribe.store) as other, other.write(COUNCIL) as tx:
            seen.append(tx.size())

    with ThreadPoolExecutor(1) as pool:
        with scribe.store.write(COUNCIL) as tx:
            waiting = pool.submit(second)
            begun.wait()
            with suppress(TimeoutError):
                waiting.result(timeout=0.5)
            assert seen == [], "it waits"
            scribe.append(tx, "C", "decided", {})
        waiting.result(timeout=10)
    assert seen == [3]
