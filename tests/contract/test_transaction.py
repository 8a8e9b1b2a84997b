"""One transaction writes at a time; it leaves everything or nothing, and few statements do it."""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from itertools import groupby
from multiprocessing import get_context
from typing import TYPE_CHECKING

import pytest

from engine.errors import ChangedMeanwhileError, NotFoundError
from engine.ports import Person
from store import SqlStore
from tests.contract.scribe import COUNCIL, Scribe, owed, rules

if TYPE_CHECKING:
    from pathlib import Path

HANDS = 4
EACH = 25
MOST_STATEMENTS = 8


class ChangeOfMindError(Exception):
    """Leaves a transaction."""


def log_of(store: SqlStore, council: str = COUNCIL) -> list[tuple[int, str, int]]:
    """Position, case and number of each event."""
    with store.read(council) as reader:
        return [(made.position, made.event.case, made.event.n) for made in reader.events()]


def test_an_exception_leaves_nothing_behind(scribe: Scribe) -> None:
    with suppress(ChangeOfMindError), scribe.store.write(COUNCIL) as tx:
        scribe.append(tx, "M-1", "proposed", {"to": "proposed", "due": [owed("slt", "2019-02-01")]})
        tx.keep_person(Person("p_9", "ola", "Ola", None))
        tx.keep_remark("c" * 64, b"salt", "why")
        raise ChangeOfMindError
    with scribe.store.read(COUNCIL) as reader:
        assert [made.event.case for made in reader.events()] == ["C", "C"]
        assert not any((list(reader.todo()), list(reader.listing()), list(reader.persons())))
        assert reader.remarks(["c" * 64]) == {}


def test_a_failed_append_is_never_committed_even_if_it_is_caught(scribe: Scribe) -> None:
    scribe.open_measure("M-1")
    stale = scribe.event("M-1", "started", {"to": "started"})
    scribe.move("M-1", "anchored")

    def carry_on_regardless() -> None:
        with scribe.store.write(COUNCIL) as tx:
            with suppress(ChangedMeanwhileError):
                tx.append(stale)
            scribe.append(tx, "C", "decided", {})

    with pytest.raises(ChangedMeanwhileError):
        carry_on_regardless()
    assert log_of(scribe.store)[-1] == (3, "M-1", 2)


def test_a_transaction_sees_what_it_has_written(scribe: Scribe) -> None:
    with scribe.store.write(COUNCIL) as tx:
        assert tx.next_number("M") == 1
        scribe.append(tx, "M-1", "proposed", {"to": "proposed", "facts": {"title": "Lys i parken"}})
        assert tx.next_number("M") == 2
        scribe.append(tx, "M-1", "started", {"to": "started", "facts": {"plan": "Våren"}})
        assert tx.case("M-1").facts == {"title": "Lys i parken", "plan": "Våren"}
        assert tx.cases("measure", ["started"]) == (tx.case("M-1"),)
        assert tx.council().n == 2
        council = tx.append(scribe.event("C", "profile_set", {"profile": rules(notice_days=21)}))
        assert (tx.council().profile, tx.council().n, tx.council().head) == (council.leaf, 3, council.leaf)


def test_a_reader_sees_one_moment(scribe: Scribe) -> None:
    if scribe.store.describe().journal != "WAL":
        pytest.skip("with a rollback journal the writer waits for the reader instead")
    with scribe.store.read(COUNCIL) as reader:
        assert len(list(reader.events())) == 2
        scribe.open_measure("M-1")
        assert len(list(reader.events())) == 2
    assert len(log_of(scribe.store)) == 3


def test_a_council_that_changed_is_read_anew_by_everybody(scribe: Scribe, tmp_path: Path) -> None:
    with SqlStore.open(tmp_path / "politirad.db") as other:

        def seen() -> tuple[str, int, list[tuple[str, date | None]]]:
            with other.read(COUNCIL) as reader:
                council = reader.council()
            return council.language, len(council.seats), [(held.person, held.until) for held in council.holdings.all]

        assert seen() == ("nb", 1, [])
        scribe.write("C", "profile_set", {"profile": {**rules(), "language": "nn"}})
        assert seen() == ("nn", 1, [])
        scribe.write("A-1", "adopted", {"to": "in_force", "seats": []})
        assert seen() == ("nn", 0, [])
        held = scribe.assign()
        assert seen() == ("nn", 0, [("p_1", None)])
        scribe.write("C", "office_ended", {"ends": {"holding": held.leaf, "until": "2019-06-30"}})
        assert seen() == ("nn", 0, [("p_1", date(2019, 6, 30))])
        scribe.write("C", "annulled", {"annuls": held.leaf})
        assert seen() == ("nn", 0, [])


def test_what_was_rolled_back_is_not_remembered(scribe: Scribe) -> None:
    with suppress(ChangeOfMindError), scribe.store.write(COUNCIL) as tx:
        tx.append(scribe.event("C", "profile_set", {"profile": {**rules(), "language": "nn"}}))
        assert tx.council().language == "nn"
        raise ChangeOfMindError
    with scribe.store.read(COUNCIL) as reader:
        assert reader.council().language == "nb"


def test_an_event_is_not_taken_for_its_like_that_was_rolled_back(scribe: Scribe) -> None:
    renewal = scribe.event("C", "profile_set", {"profile": {**rules(), "language": "nn"}})
    with suppress(ChangeOfMindError), scribe.store.write(COUNCIL) as tx:
        tx.append(renewal)
        tx.council()
        raise ChangeOfMindError
    scribe.write("A-1", "adopted", {"to": "in_force", "seats": []})
    with scribe.store.write(COUNCIL) as tx:
        tx.append(renewal)
    with scribe.store.read(COUNCIL) as reader:
        assert reader.council().seats == ()


def test_each_council_has_its_own_log(scribe: Scribe) -> None:
    other = Scribe(scribe.store, council="oppdal", at="2019-01-11T12:00:00Z")
    other.open_council()
    scribe.open_measure("M-1")
    other.open_measure("M-1", title="Et annet tiltak")
    assert scribe.store.councils() == ("roros", "oppdal")
    assert log_of(scribe.store, "oppdal") == [(0, "C", 1), (1, "C", 2), (2, "M-1", 1)]
    with scribe.store.read("oppdal") as reader:
        assert [owed.title for owed in reader.todo()] == ["Et annet tiltak"]


def test_an_unknown_council_is_named_with_those_there_are(scribe: Scribe) -> None:
    with (
        pytest.raises(NotFoundError, match=r"no council oslo here\. There are: roros"),
        scribe.store.read("oslo") as reader,
    ):
        reader.council()


def test_a_plain_step_takes_at_most_eight_statements(scribe: Scribe) -> None:
    scribe.open_measure("M-1")
    statements: list[str] = []
    with scribe.store.write(COUNCIL) as tx:
        tx.council()  # from now on it is remembered
        tx._link.connection.set_trace_callback(statements.append)  # noqa: SLF001  # the driver is what counts
    statements.clear()
    with scribe.store.write(COUNCIL) as tx:
        tx.council()
        tx.case("M-1")
        scribe.append(
            tx, "M-1", "started", {"to": "started", "facts": {"plan": "x"}, "due": [owed("slt", "2019-02-01")]}
        )
        tx.case("M-1")
        tx.council()
    asked = [statement for statement, _ in groupby(statements)]  # the driver repeats one for each trigger
    assert [words.split()[0] for words in asked] == [
        "BEGIN", "SELECT", "SELECT", "INSERT", "UPDATE", "DELETE", "INSERT", "COMMIT",
    ]  # fmt: skip
    assert len(asked) <= MOST_STATEMENTS


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


def write_many_in_a_process(path: Path, case: str) -> Counter[str]:
    """The same from a process of its own."""
    with SqlStore.open(path) as store:
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


def test_processes_that_write_at_once_leave_no_gap(scribe: Scribe, tmp_path: Path) -> None:
    with ProcessPoolExecutor(HANDS, mp_context=get_context("spawn")) as pool:
        runs = [pool.submit(write_many_in_a_process, tmp_path / "politirad.db", f"M-{hand}") for hand in range(HANDS)]
        outcomes = sum((run.result() for run in runs), Counter[str]())
    assert log_is_whole(scribe.store, outcomes)
    assert not scribe.store.verify(COUNCIL).faults


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_child_writes_through_connections_of_its_own(scribe: Scribe) -> None:
    scribe.open_measure("M-1")
    inherited: list[str] = []
    with scribe.store.read(COUNCIL) as reader:
        reader._link.connection.set_trace_callback(inherited.append)  # noqa: SLF001  # to see whether it is used
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
