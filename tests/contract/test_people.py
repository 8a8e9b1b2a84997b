"""Persons and remarks: found by what people call them, changed and erased without touching the log."""

from __future__ import annotations

import pytest

from engine.errors import NotFoundError, UsageError
from engine.ports import Person
from tests.contract.scribe import COUNCIL, Scribe

KARI = Person("p_1", "kari", "Kari Nordli", "kari@roros.example")


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
