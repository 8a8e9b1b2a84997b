"""The council as it stood on an earlier day, told by the log."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from engine.errors import NotFoundError
from engine.ports import Person
from tests.contract.scribe import COUNCIL, REGISTER, Scribe, owed, rules


@pytest.fixture
def history(scribe: Scribe) -> Scribe:
    """Opened on 10 January, a measure started on the 15th late in the evening and closed on the 20th."""
    scribe.open_measure("M-1")
    scribe.at = "2019-01-15T22:59:59Z"
    scribe.move("M-1", "started", due=[owed("slt", "2019-03-01")])
    scribe.at = "2019-01-20T12:00:00Z"
    scribe.move("M-1", "closed", due=[])
    return scribe


def test_each_day_shows_what_had_been_registered_by_its_end(history: Scribe) -> None:
    states = {}
    for day in (10, 14, 15, 19, 20, 31):
        with history.store.as_of(COUNCIL, date(2019, 1, day)) as reader:
            states[day] = (reader.case("M-1").state, [item.office for item in reader.todo()])
    assert states == {
        10: ("proposed", ["chief"]),
        14: ("proposed", ["chief"]),
        15: ("started", ["slt"]),
        19: ("started", ["slt"]),
        20: ("closed", []),
        31: ("closed", []),
    }


def test_a_day_ends_at_midnight_in_norway(history: Scribe) -> None:
    history.at = "2019-01-31T23:00:00Z"
    history.move("M-1", "reopened")
    with history.store.as_of(COUNCIL, date(2019, 1, 31)) as reader:
        assert reader.case("M-1").state == "closed"
    with history.store.as_of(COUNCIL, date(2019, 2, 1)) as reader:
        assert reader.case("M-1").state == "reopened"


def test_the_council_and_its_log_are_those_of_that_day(history: Scribe) -> None:
    history.write("C", "office_assigned", {"holding": {"office": "slt", "person": "p_1", "since": "2018-01-01"}})
    with history.store.as_of(COUNCIL, date(2019, 1, 15)) as reader:
        assert reader.council().holdings.all == ()
        assert [made.position for made in reader.events()] == [0, 1, 2, 3]
    with history.store.read(COUNCIL) as reader:
        assert len(reader.council().holdings.all) == 1


def test_delegations_are_those_registered_by_that_day(history: Scribe) -> None:
    history.delegate()
    history.at = "2019-01-25T12:00:00Z"
    history.revoke("2019-01-31")
    seen = {}
    for day in (19, 20, 24, 25):
        with history.store.as_of(COUNCIL, date(2019, 1, day)) as reader:
            seen[day] = [given.until for given in reader.council().delegations]
    given, ended = [date(2019, 12, 31)], [date(2019, 1, 31)]
    assert seen == {19: [], 20: given, 24: given, 25: ended}


def test_seats_and_register_are_those_known_on_that_day(history: Scribe) -> None:
    history.seat("chief", on="2019-01-12")
    history.write("C", "profile_set", {"profile": {**rules(), "register": {**REGISTER, "leader": "chief"}}})
    asked, seen = date(2019, 1, 20), {}
    for day in (19, 20):
        with history.store.as_of(COUNCIL, date(2019, 1, day)) as reader:
            seen[day] = (reader.seats_on(asked)[0].id, reader.council().seats[0].id, reader.register_on(asked).leader)
    assert seen == {19: ("mayor", "mayor", "mayor"), 20: ("chief", "chief", "chief")}


def test_an_approval_had_its_ballot_on_that_day_too(history: Scribe) -> None:
    history.approve_by(history.decide(), history.propose_text())
    with history.store.as_of(COUNCIL, date(2019, 1, 20)) as reader, history.store.read(COUNCIL) as today:
        assert reader.approvals("A-1") == today.approvals("A-1")
        assert reader.approvals("A-1")[0].ballot is not None


def test_names_and_reasons_are_those_of_today(history: Scribe) -> None:
    with history.store.write(COUNCIL) as tx:
        tx.keep_person(Person("p_1", "kari", "Kari Nordli", None))
        tx.keep_remark("c" * 64, b"salt", "why")
        tx.keep_login("d" * 64, "p_1", b"salt", "kari.nordli")
    with history.store.as_of(COUNCIL, date(2019, 1, 10)) as reader:
        assert reader.person("p_1").name == "Kari Nordli"
        assert [person.handle for person in reader.persons()] == ["kari"]
        assert reader.remarks(["c" * 64]) == {"c" * 64: "why"}
        assert reader.logins() == {"d" * 64: "kari.nordli"}
        assert not reader.has_document("d" * 64)


def test_an_event_from_a_clock_that_went_wrong_does_not_tear_the_chain(history: Scribe) -> None:
    history.at = "2091-01-01T12:00:00Z"
    history.move("M-1", "reopened")
    history.at = "2019-01-21T12:00:00Z"
    history.move("M-1", "started")
    with history.store.as_of(COUNCIL, date(2019, 1, 21)) as reader:
        assert [made.event.n for made in reader.events("M-1")] == [1, 2, 3, 4, 5]


def test_before_the_council_was_opened_there_is_nothing(history: Scribe) -> None:
    with (
        pytest.raises(NotFoundError, match="was not opened by 2019-01-09"),
        history.store.as_of(COUNCIL, date(2019, 1, 9)),
    ):
        pass


def test_the_past_is_not_written_into_the_present(history: Scribe) -> None:
    with history.store.as_of(COUNCIL, date(2019, 1, 10)) as reader:
        assert reader.council().n == 2
    assert history.store.verify(COUNCIL).faults == []
    with history.store.write(COUNCIL) as tx:
        tx.append(replace(history.event("M-1", "reopened", {"to": "started"})))
