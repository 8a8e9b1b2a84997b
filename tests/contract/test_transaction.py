"""One transaction writes at a time; it leaves everything or nothing, and few statements do it."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from psycopg import IntegrityError

from engine.errors import ChangedMeanwhileError, NotFoundError, StoreUnavailableError
from engine.ports import Person
from tests.contract.listening import listen
from tests.contract.products import on_a_server
from tests.contract.raw import another
from tests.contract.scribe import COUNCIL, Scribe, owed, rules

if TYPE_CHECKING:
    from store import SqlStore

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


def test_whatever_follows_a_failed_append_it_is_that_failure_that_is_told(scribe: Scribe) -> None:
    """A server refuses every further statement of such a transaction, in words that explain nothing."""
    scribe.open_measure("M-1")
    stale = replace(scribe.event("M-1", "started", {"to": "started"}), n=7)

    def carry_on_regardless() -> None:
        with scribe.store.write(COUNCIL) as tx:
            with suppress(ChangedMeanwhileError):
                tx.append(stale)
            tx.case("M-1")
            tx.keep_person(Person("p_9", "ola", "Ola", None))

    with pytest.raises(ChangedMeanwhileError, match="M-1 was changed by somebody else"):
        carry_on_regardless()
    with scribe.store.read(COUNCIL) as reader:
        assert list(reader.persons()) == []


@on_a_server
def test_a_transaction_of_which_a_part_was_refused_is_not_taken_for_committed(scribe: Scribe) -> None:
    """A server answers COMMIT to it without complaint, and keeps nothing."""

    def pass_over() -> None:
        with scribe.store.write(COUNCIL) as tx:
            scribe.append(tx, "C", "decided", {})
            tx.keep_login("a" * 64, "p_1", b"salt", "kari")
            with suppress(IntegrityError):
                tx.keep_login("b" * 64, "p_1", b"salt", "kari")

    with pytest.raises(StoreUnavailableError, match=r"refused a part of the step.*Nothing was written"):
        pass_over()
    assert len(log_of(scribe.store)) == 2


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
    if scribe.store.describe().journal == "DELETE":
        pytest.skip("with a rollback journal the writer waits for the reader instead")
    with scribe.store.read(COUNCIL) as reader:
        assert len(list(reader.events())) == 2
        scribe.open_measure("M-1")
        assert len(list(reader.events())) == 2
    assert len(log_of(scribe.store)) == 3


def test_a_council_that_changed_is_read_anew_by_everybody(scribe: Scribe) -> None:
    with another(scribe.store) as other:

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
    with scribe.store.write(COUNCIL) as tx:
        tx.council()  # from now on it is remembered
        statements = listen(tx._link)  # noqa: SLF001  # the driver is what counts
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
