"""Who may decide for whom: delegations given, ended and taken back, and offices held for some things only."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from engine.register import Delegation
from tests.contract.elder import Elder
from tests.contract.raw import another, views_of
from tests.contract.scribe import COUNCIL, MANDATE, Scribe

if TYPE_CHECKING:
    from engine.event import Json
    from store import SqlStore


def delegations_of(store: SqlStore) -> tuple[Delegation, ...]:
    """The delegations of the council as every step reads it."""
    with store.read(COUNCIL) as reader:
        return reader.council().delegations


def last_days(store: SqlStore) -> list[str | None]:
    """The last day of each delegation, in the order they were given."""
    return [given.until.isoformat() if given.until else None for given in delegations_of(store)]


def test_a_delegation_is_read_as_it_was_given(scribe: Scribe) -> None:
    open_ended = scribe.delegate(until=None)
    passed_on = scribe.delegate(
        of="board", to="mayor", scope=["agreement", "measure.start"], further=True, under=MANDATE, basis="PS 1/19"
    )
    since, recorded = date(2019, 1, 1), date(2019, 1, 10)
    assert delegations_of(scribe.store) == (
        Delegation("chief", "slt", ("agreement.sign",), since, recorded=recorded, leaf=open_ended.leaf),
        Delegation(
            "board", "mayor", ("agreement", "measure.start"), since, date(2019, 12, 31), further=True, under=MANDATE,
            basis="PS 1/19", recorded=recorded, leaf=passed_on.leaf,
        ),
    )  # fmt: skip


def test_the_day_of_registration_is_the_one_the_event_says(scribe: Scribe) -> None:
    scribe.at = "2019-02-28T23:30:00Z"
    scribe.delegate(recorded="2019-03-01")
    assert delegations_of(scribe.store)[0].recorded == date(2019, 3, 1)


def test_an_end_reaches_only_what_is_in_force_on_its_day_between_the_two(scribe: Scribe) -> None:
    periods: dict[str, tuple[dict[str, Json], str | None]] = {
        "all year": ({}, "2019-06-30"),
        "open-ended": ({"until": None}, "2019-06-30"),
        "from that day": ({"since": "2019-06-30"}, "2019-06-30"),
        "until that day": ({"until": "2019-06-30"}, "2019-06-30"),
        "from the day after": ({"since": "2019-07-01"}, "2019-12-31"),
        "until the day before": ({"until": "2019-06-29"}, "2019-06-29"),
        "to another": ({"to": "mayor"}, "2019-12-31"),
        "of another": ({"of": "board"}, "2019-12-31"),
    }
    for given, _ in periods.values():
        scribe.delegate(**given)
    scribe.revoke("2019-06-30")
    found = dict(zip(periods, last_days(scribe.store), strict=True))
    assert found == {name: until for name, (_, until) in periods.items()}


def test_a_later_end_does_not_prolong_what_has_ended(scribe: Scribe) -> None:
    scribe.delegate()
    scribe.revoke("2019-03-31")
    scribe.revoke("2019-06-30")
    assert last_days(scribe.store) == ["2019-03-31"]


def test_what_is_delegated_after_an_end_is_not_ended_by_it(scribe: Scribe) -> None:
    scribe.delegate()
    scribe.revoke("2019-03-31")
    scribe.delegate()
    assert last_days(scribe.store) == ["2019-03-31", "2019-12-31"]


def test_an_annulled_delegation_is_kept_and_left_out(scribe: Scribe) -> None:
    taken_back, kept = scribe.delegate(), scribe.delegate(to="mayor")
    annulment = scribe.write("C", "annulled", {"annuls": taken_back.leaf})
    assert [given.leaf for given in delegations_of(scribe.store)] == [kept.leaf]
    rows = views_of(scribe.store)["delegation"]
    assert {row[1]: row[-1] for row in rows} == {taken_back.leaf: annulment.leaf, kept.leaf: None}


def test_everybody_sees_at_once_that_a_delegation_came_ended_and_went(scribe: Scribe) -> None:
    with another(scribe.store) as other:
        assert last_days(other) == []
        given = scribe.delegate()
        assert last_days(other) == ["2019-12-31"]
        scribe.revoke("2019-06-30")
        assert last_days(other) == ["2019-06-30"]
        scribe.write("C", "annulled", {"annuls": given.leaf})
        assert last_days(other) == []


def test_a_transaction_sees_the_delegation_it_has_written(scribe: Scribe) -> None:
    event = scribe.event("C", "delegated", {"delegation": {
        "of": "chief", "to": "slt", "scope": ["measure"], "since": "2019-01-01", "recorded": "2019-01-10",
    }})  # fmt: skip
    with scribe.store.write(COUNCIL) as tx:
        assert tx.council().delegations == ()
        tx.append(event)
        assert [given.scope for given in tx.council().delegations] == [("measure",)]


def test_delegations_belong_to_their_council_alone(scribe: Scribe) -> None:
    other = Scribe(scribe.store, council="oppdal")
    other.open_council()
    other.delegate()
    scribe.delegate()
    other.revoke("2019-06-30")
    assert last_days(scribe.store) == ["2019-12-31"]


def test_an_office_is_held_for_what_its_scope_says(scribe: Scribe) -> None:
    scribe.assign(scope=["agreement", "measure.start"], capacity="acting")
    Elder(scribe.store, heads=scribe.heads).assign(office="chief")
    with scribe.store.read(COUNCIL) as reader:
        bounded, unbounded = reader.council().holdings.all
    assert (bounded.scope, bounded.capacity) == (("agreement", "measure.start"), "acting")
    assert [bounded.reaches(act) for act in ("agreement.sign", "measure.start", "measure.close")] == [True, True, False]
    assert (unbounded.office, unbounded.scope) == ("chief", ())
