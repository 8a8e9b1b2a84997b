"""The council as it was on a day: what is registered late is counted with the seats and the register of its day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from engine.errors import NotFoundError
from engine.register import Office
from tests.contract.scribe import COUNCIL, NAMES, REGISTER, SEATS, Scribe, rules

if TYPE_CHECKING:
    from engine.event import Json


@pytest.fixture
def seated(scribe: Scribe) -> Scribe:
    """The profile seats the mayor; agreements seat the chief since March, and the coordinator with them since June."""
    scribe.seat("chief", on="2019-03-01")
    scribe.seat("chief", "slt", on="2019-06-01")
    scribe.at = "2019-08-01T12:00:00Z"
    return scribe


def seats_on(scribe: Scribe, *days: str) -> list[str]:
    """The seats on each of some days."""
    with scribe.store.read(COUNCIL) as reader:
        return [" ".join(seat.id for seat in reader.seats_on(date.fromisoformat(day))) for day in days]


def leaders_on(scribe: Scribe, *days: str) -> list[str]:
    """Who leads the council by the register of each of some days."""
    with scribe.store.read(COUNCIL) as reader:
        return [reader.register_on(date.fromisoformat(day)).leader for day in days]


def led_by(leader: str, **changes: Json) -> dict[str, Json]:
    """A profile with another leader."""
    return {**rules(), "register": {**REGISTER, "leader": leader}, **changes}


def test_seats_are_those_decided_by_the_day(seated: Scribe) -> None:
    assert seats_on(seated, "0001-01-01", "2019-02-28") == ["mayor", "mayor"]
    assert seats_on(seated, "2019-03-01", "2019-05-31") == ["chief", "chief"]
    assert seats_on(seated, "2019-06-01", "9999-12-31") == ["chief slt", "chief slt"]


def test_a_seat_of_an_earlier_day_is_read_whole(seated: Scribe) -> None:
    with seated.store.read(COUNCIL) as reader:
        first, later = reader.seats_on(date(2019, 1, 1)), reader.seats_on(date(2019, 3, 1))
    assert [(seat.id, seat.names[0].nb, seat.filled_by) for seat in (*first, *later)] == [
        ("mayor", "Navn", ("mayor",)), ("chief", "Navn", ("chief",)),
    ]  # fmt: skip


def test_a_seat_change_that_is_registered_late_counts_from_the_day_it_was_decided(seated: Scribe) -> None:
    seated.seat("slt", on="2019-04-01")
    assert seats_on(seated, "2019-03-31", "2019-04-01", "2019-05-31", "2019-06-01") == [
        "chief", "slt", "slt", "chief slt",
    ]  # fmt: skip


def test_of_two_seat_changes_on_a_day_the_last_one_registered_counts(seated: Scribe) -> None:
    seated.seat("slt", on="2019-06-01")
    assert seats_on(seated, "2019-05-31", "2019-06-01") == ["chief", "slt"]


def test_an_annulled_seat_change_has_never_been(seated: Scribe) -> None:
    wrong = seated.heads["A-1"][1]
    back: list[Json] = [{"id": "chief", "names": NAMES, "filled_by": ["chief"]}]
    seated.write("A-1", "annulled", {"annuls": wrong, "seats": back, "facts": {}}, on="2019-08-01")
    assert seats_on(seated, "2019-02-28", "2019-06-01", "2019-07-31", "2019-08-01") == ["mayor", *["chief"] * 3]
    with seated.store.read(COUNCIL) as reader:
        assert [seat.id for seat in reader.council().seats] == ["chief"]


def test_the_first_seats_are_back_once_the_only_change_is_annulled(scribe: Scribe) -> None:
    wrong = scribe.seat("chief", on="2019-03-01")
    scribe.write("A-1", "annulled", {"annuls": wrong.leaf, "seats": SEATS, "facts": {}}, on="2019-08-01")
    assert seats_on(scribe, "2019-02-28", "2019-03-01", "2019-08-01") == ["mayor"] * 3


def test_a_corrected_date_moves_the_seat_change(seated: Scribe) -> None:
    wrong = seated.heads["A-1"][1]
    seated.write("A-1", "corrected", {"corrects": {"leaf": wrong, "n": 2, "on": "2019-05-01"}, "facts": {}})
    assert seats_on(seated, "2019-04-30", "2019-05-01") == ["chief", "chief slt"]


def test_a_seat_change_of_unknown_date_counts_from_the_local_day_of_its_registration(seated: Scribe) -> None:
    seated.at = "2019-08-14T22:30:00Z"
    seated.seat("slt", on=None)
    assert seats_on(seated, "2019-08-14", "2019-08-15") == ["chief slt", "slt"]


def test_a_later_profile_changes_no_seats(scribe: Scribe) -> None:
    scribe.write("C", "profile_set", {"profile": {**rules(), "seats": []}})
    assert seats_on(scribe, "2019-01-01", "2019-12-31") == ["mayor", "mayor"]


def test_the_register_is_the_one_set_by_the_end_of_the_day(scribe: Scribe) -> None:
    scribe.write("C", "profile_set", {"profile": led_by("chief")}, at="2019-03-01T22:59:59Z")
    scribe.write("C", "profile_set", {"profile": led_by("slt")}, at="2019-06-01T22:00:00Z")
    assert leaders_on(scribe, "0001-01-01", "2019-01-10", "2019-02-28") == ["mayor"] * 3
    assert leaders_on(scribe, "2019-03-01", "2019-06-01") == ["chief", "chief"]
    assert leaders_on(scribe, "2019-06-02", "9999-12-31") == ["slt", "slt"]


def test_of_two_registers_set_on_a_day_the_last_one_counts(scribe: Scribe) -> None:
    for leader in ("chief", "slt"):
        scribe.write("C", "profile_set", {"profile": led_by(leader)}, at="2019-03-01T12:00:00Z")
    assert leaders_on(scribe, "2019-02-28", "2019-03-01") == ["mayor", "slt"]


def test_a_register_of_an_earlier_day_is_read_whole(scribe: Scribe) -> None:
    titles: list[Json] = [{"nb": "Rådmann"}, {"nb": "Kommunedirektør", "since": "2020-01-01"}]
    offices: dict[str, Json] = {"mayor": {"organisation": "kommunen", "titles": titles}}
    register: dict[str, Json] = {**REGISTER, "offices": offices, "closed_days": ["2019-12-24"]}
    scribe.write("C", "profile_set", {"profile": {**rules(), "register": register}})
    with scribe.store.read(COUNCIL) as reader:
        read, now = reader.register_on(date(2019, 1, 10)), reader.council().register
    assert read == now
    assert isinstance(read.offices["mayor"], Office)
    assert (read.offices["mayor"].titles[1].since, read.closed_days) == (date(2020, 1, 1), (date(2019, 12, 24),))


def test_a_council_without_a_profile_has_neither_seats_nor_register(scribe: Scribe) -> None:
    Scribe(scribe.store, council="oppdal").write("C", "opened", {"origin": "oppdal.example/log", "to": "open"})
    with scribe.store.read("oppdal") as reader:
        for asked in (reader.seats_on, reader.register_on):
            with pytest.raises(NotFoundError, match="oppdal has no profile yet"):
                asked(date(2019, 1, 10))


def test_the_seats_of_another_council_are_not_these(seated: Scribe) -> None:
    other = Scribe(seated.store, council="oppdal")
    other.open_council()
    other.seat("slt", on="2019-06-02")
    assert seats_on(seated, "2019-06-02") == ["chief slt"]
