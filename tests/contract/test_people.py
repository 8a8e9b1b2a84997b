"""Persons, remarks and logins: found by what people call them, changed and erased without touching the log."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from engine.errors import NotFoundError, StoreUnavailableError, UsageError
from engine.ports import Person
from tests.contract.listening import listen
from tests.contract.raw import another, raw
from tests.contract.scribe import COUNCIL, Scribe

if TYPE_CHECKING:
    from store.transaction import SqlTransaction

KARI = Person("p_1", "kari", "Kari Nordli", "kari@roros.example")
FIRST, SECOND = "a" * 64, "b" * 64


class ChangeOfMindError(Exception):
    """Leaves a transaction."""


def keep(scribe: Scribe, *persons: Person) -> None:
    """Keep persons in a transaction of their own."""
    with scribe.store.write(COUNCIL) as tx:
        for person in persons:
            tx.keep_person(person)


@pytest.mark.parametrize("reference", ["p_1", "kari", "Kari Nordli"])
def test_a_person_is_found_by_id_handle_or_name(scribe: Scribe, reference: str) -> None:
    keep(scribe, KARI, Person("p_2", "ola", "Ola Aas", None))
    with scribe.store.read(COUNCIL) as reader:
        assert reader.person(reference) == KARI


def test_an_unknown_person_is_answered_with_near_ones(scribe: Scribe) -> None:
    keep(scribe, KARI)
    with scribe.store.read(COUNCIL) as reader, pytest.raises(NotFoundError, match=r"no person karri\. Near: kari"):
        reader.person("karri")


def test_two_persons_of_one_name_are_asked_for_by_handle(scribe: Scribe) -> None:
    keep(scribe, KARI, Person("p_2", "kari2", "Kari Nordli", None))
    with scribe.store.read(COUNCIL) as reader:
        with pytest.raises(UsageError, match=r"2 persons are called Kari Nordli.* kari, kari2"):
            reader.person("Kari Nordli")
        assert reader.person("kari2").id == "p_2"


def test_a_person_is_changed_and_erased_in_place(scribe: Scribe) -> None:
    keep(scribe, KARI)
    keep(scribe, Person("p_1", "kari", None, None))
    with scribe.store.read(COUNCIL) as reader:
        assert list(reader.persons()) == [Person("p_1", "kari", None, None)]
        with pytest.raises(NotFoundError):
            reader.person("Kari Nordli")


def test_a_handle_is_one_persons(scribe: Scribe) -> None:
    keep(scribe, KARI)
    with pytest.raises(UsageError, match="handle kari is another person's"):
        keep(scribe, Person("p_2", "kari", "Kari Aas", None))


def test_persons_belong_to_their_council_alone(scribe: Scribe) -> None:
    keep(scribe, KARI)
    Scribe(scribe.store, council="oppdal").open_council()
    with scribe.store.read("oppdal") as reader:
        assert list(reader.persons()) == []


def test_remarks_are_found_by_their_commitments(scribe: Scribe) -> None:
    with scribe.store.write(COUNCIL) as tx:
        tx.keep_remark("a" * 64, b"salt", "fordi")
        tx.keep_remark("b" * 64, b"salt", "derfor")
    with scribe.store.read(COUNCIL) as reader:
        assert reader.remarks(["a" * 64, "c" * 64]) == {"a" * 64: "fordi"}


def log_in(tx: SqlTransaction, commitment: str, person: str = "p_1", login: str = "kari.nordli") -> str:
    """The commitment a person's login is found under; the one offered, kept, where there is none yet."""
    if (known := tx.login(person, login)) is not None:
        return known
    tx.keep_login(commitment, person, b"salt", login)
    return commitment


def logins(scribe: Scribe) -> dict[str, str]:
    """Every login that is kept."""
    with scribe.store.read(COUNCIL) as reader:
        return dict(reader.logins())


def test_a_login_is_found_again_and_not_written_twice(scribe: Scribe) -> None:
    with scribe.store.write(COUNCIL) as tx:
        assert [log_in(tx, FIRST), log_in(tx, SECOND)] == [FIRST, FIRST]
    with scribe.store.write(COUNCIL) as tx:
        assert log_in(tx, SECOND) == FIRST
    assert logins(scribe) == {FIRST: "kari.nordli"}


def test_a_login_is_found_by_another_process(scribe: Scribe) -> None:
    with scribe.store.write(COUNCIL) as tx:
        log_in(tx, FIRST)
    with another(scribe.store) as other, other.write(COUNCIL) as tx:
        assert log_in(tx, SECOND) == FIRST


def test_the_database_itself_takes_a_login_once(scribe: Scribe) -> None:
    with scribe.store.write(COUNCIL) as tx:
        tx.keep_login(FIRST, "p_1", b"salt", "kari.nordli")
    with pytest.raises(StoreUnavailableError, match="login"), scribe.store.write(COUNCIL) as tx:
        tx.keep_login(SECOND, "p_1", b"salt", "kari.nordli")
    assert logins(scribe) == {FIRST: "kari.nordli"}


def test_each_person_and_each_login_is_kept_apart(scribe: Scribe) -> None:
    with scribe.store.write(COUNCIL) as tx:
        log_in(tx, FIRST)
        log_in(tx, SECOND, login="root")
        log_in(tx, "c" * 64, person="p_2")
    assert logins(scribe) == {FIRST: "kari.nordli", SECOND: "root", "c" * 64: "kari.nordli"}


def test_a_login_that_was_read_once_is_not_asked_for_again(scribe: Scribe) -> None:
    with scribe.store.write(COUNCIL) as tx:
        log_in(tx, FIRST)
    with scribe.store.write(COUNCIL) as tx:
        log_in(tx, SECOND)
        statements = listen(tx._link)  # noqa: SLF001  # the driver is what counts
    statements.clear()
    with scribe.store.write(COUNCIL) as tx:
        assert log_in(tx, SECOND) == FIRST
    assert [words.split()[0] for words in statements] == ["BEGIN", "COMMIT"]


def test_a_login_that_was_rolled_back_is_not_remembered(scribe: Scribe) -> None:
    with suppress(ChangeOfMindError), scribe.store.write(COUNCIL) as tx:
        assert [log_in(tx, FIRST), log_in(tx, FIRST)] == [FIRST, FIRST]
        raise ChangeOfMindError
    with scribe.store.write(COUNCIL) as tx:
        assert log_in(tx, SECOND) == SECOND
    assert logins(scribe) == {SECOND: "kari.nordli"}


def test_a_login_remembered_in_one_council_is_not_known_in_another(scribe: Scribe) -> None:
    Scribe(scribe.store, council="oppdal").open_council()
    for council in (COUNCIL, COUNCIL, "oppdal"):
        with scribe.store.write(council) as tx:
            log_in(tx, FIRST if council == COUNCIL else SECOND)
    with scribe.store.read("oppdal") as reader:
        assert reader.logins() == {SECOND: "kari.nordli"}


def test_an_erased_login_is_missing_and_another_can_be_kept(scribe: Scribe) -> None:
    with scribe.store.write(COUNCIL) as tx:
        log_in(tx, FIRST)
        log_in(tx, SECOND, person="p_2")
    with raw(scribe.store) as hand:
        hand.execute("UPDATE login SET text = NULL WHERE person = 'p_1'")
    assert logins(scribe) == {SECOND: "kari.nordli"}
    with scribe.store.write(COUNCIL) as tx:
        assert log_in(tx, "c" * 64) == "c" * 64
