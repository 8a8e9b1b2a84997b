"""Entries on the council's own case: offices, decisions, and a key that makes them safe to repeat."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from engine.entry import Entry
from engine.errors import NotFoundError, Refused, UsageError
from engine.register import Holding
from engine.registration import assign, end_holding
from engine.sitting import PointVote, Sitting, decide
from tests.world import CHIEF, COUNCIL, SECRETARY, World


def test_an_entry_with_a_key_is_made_once(world: World) -> None:
    key = {"id": "k1", "command": "ab"}
    sitting = Sitting("regionrad", None, (), (PointVote("Vedtas"),))
    entry = world.entry(on=world.today, ref="sak 1/19", key=key)
    first = world.register(lambda run: decide(run, sitting, entry))
    again = world.register(lambda run: decide(run, sitting, entry))
    assert (first.repeated, again.repeated, first.step.leaf == again.step.leaf) == (False, True, True)
    other = replace(entry, key={"id": "k1", "command": "cd"})
    with pytest.raises(UsageError, match="another command"):
        world.register(lambda run: decide(run, sitting, other))


def reasons(world: World, sitting: Sitting, **entry: object) -> set[str]:
    """The reasons why a decision is not put on record; the attempt is."""
    before = world.case("C").n
    given = Entry(**{"person": SECRETARY, "ref": "sak 1/19", "on": world.today, **entry})  # type: ignore[arg-type]  # an entry's own fields
    with pytest.raises(Refused) as refused:
        world.register(lambda run: decide(run, sitting, given))
    with world.store.read(COUNCIL) as reader:
        assert [event.event.type for event in list(reader.events("C"))[before:]] == ["council.step_refused"]
        assert not list(reader.decisions())
    return {reason.code for reason in refused.value.verdict.reasons}


MAYORS = tuple(f"ordforer_{m}" for m in ("melhus", "midtre_gauldal", "holtalen", "roros", "rennebu", "oppdal"))


@pytest.mark.parametrize(
    ("present", "votes", "code"),
    [
        (MAYORS[:2], (2, 0, 0), "no_quorum"),
        (MAYORS, (7, 0, 0), "votes_do_not_add_up"),
        ((*MAYORS, "politimester"), (7, 0, 0), "not_a_member"),
        (None, (6, 0, 0), "present_needed"),
    ],
)
def test_a_vote_that_cannot_be_is_refused_and_only_the_attempt_is_on_record(
    world: World, present: tuple[str, ...] | None, votes: tuple[int, int, int], code: str
) -> None:
    before = world.case("C").n
    sitting, entry = Sitting("regionrad", present, (), (PointVote("Vedtas", votes),)), world.entry(ref="sak 1/19")
    with pytest.raises(Refused) as refused:
        world.register(lambda run: decide(run, sitting, replace(entry, on=world.today)))
    assert {reason.code for reason in refused.value.verdict.reasons} == {code}
    with world.store.read(COUNCIL) as reader:
        new = list(reader.events("C"))[before:]
        assert not list(reader.decisions())
    assert [event.event.type for event in new] == ["council.step_refused"]


def test_a_decision_needs_a_reference_and_a_date_that_has_come(world: World) -> None:
    sitting = Sitting("regionrad", None, (), (PointVote("Vedtas"),))
    assert reasons(world, sitting, ref=None) == {"needs_reference"}
    assert reasons(world, sitting, on=date(2030, 1, 1)) == {"date_in_future"}


def test_a_decision_of_an_unknown_date_says_why(world: World) -> None:
    sitting = Sitting("regionrad", None, (), (PointVote("Vedtas"),))
    assert reasons(world, sitting, on=None) == {"unknown_date_needs_reason"}
    event = world.register(
        lambda run: decide(run, sitting, world.entry(ref="1/19", reason="Boken er brent"))
    ).step.event
    assert (event.on, event.data["flags"]) == (None, ["date_unknown"])
    assert "Boken er brent" not in str(event.data)


def test_a_decision_is_registered_by_somebody_who_may(world: World) -> None:
    assert reasons(world, Sitting("regionrad", None, (), (PointVote("Vedtas"),)), person=CHIEF) == {"may_not_act_for"}


def test_points_are_voted_one_by_one_with_that_days_roster(world: World) -> None:
    points = (PointVote("Avtalen vedtas", (4, 1, 1)), PointVote("Leder får mandat", (2, 3, 1)))
    sitting = Sitting("regionrad", MAYORS, (), points)
    world.register(lambda run: decide(run, sitting, world.entry(on=world.today, ref="1/19")))
    with world.store.read(COUNCIL) as reader:
        decision = reader.decision("D-1")
    assert [point.outcome for point in decision.points] == ["carried", "fell"]
    assert decision.roster == MAYORS


def test_an_office_has_one_holder_at_a_time(world: World) -> None:
    with pytest.raises(UsageError, match="office end politimester"):
        world.fill("politimester", "p_new", date(2019, 1, 1))
    world.register(lambda run: end_holding(run, "politimester", date(2018, 12, 31), world.entry()))
    world.fill("politimester", "p_new", date(2019, 1, 1))
    with world.store.read(COUNCIL) as reader:
        holdings = reader.council().holdings
    held = [holdings.of("politimester", day) for day in (date(2018, 12, 31), date(2019, 1, 1))]
    assert [holding.person if holding else None for holding in held] == [CHIEF, "p_new"]


def test_whoever_acts_for_the_time_being_goes_before_the_holder(world: World) -> None:
    world.fill("politimester", "p_acting", date(2018, 11, 1), date(2018, 11, 30), capacity="acting")
    with world.store.read(COUNCIL) as reader:
        held = reader.council().holdings.of("politimester", date(2018, 11, 15))
    assert held is not None
    assert (held.person, held.capacity) == ("p_acting", "acting")


def test_unknown_offices_and_bodies_are_named(world: World) -> None:
    with pytest.raises(NotFoundError):
        world.register(lambda run: assign(run, Holding("sjef", CHIEF, date(2019, 1, 1)), world.entry()))
    with pytest.raises(NotFoundError):
        world.register(lambda run: decide(run, Sitting("styret", None, (), (PointVote("x"),)), world.entry(ref="1")))


def test_a_period_that_ends_before_it_begins_is_refused(world: World) -> None:
    with pytest.raises(UsageError, match="is before"):
        world.fill("politimester", "p_new", date(2019, 2, 1), date(2019, 1, 1))


def test_a_step_with_its_vote_is_answered_once_under_a_key(world: World) -> None:
    case = world.propose()
    command = world.command("agreement", "approve", case, version="1", decider="regionen", key="k2")
    ballot = (
        Sitting("regionrad", MAYORS, (), (PointVote("Avtalen vedtas", (6, 0, 0)),)),
        world.entry(on=world.today, ref="2/19"),
    )
    first = world.service.advance(COUNCIL, command, ballot=ballot)
    again = world.service.advance(COUNCIL, command, ballot=ballot)
    assert (again.repeated, [r.event.type for r in first.events]) == (True, ["agreement.approved", "council.decided"])
    other = (replace(ballot[0], points=(PointVote("Avtalen vedtas", (4, 2, 0)),)), ballot[1])
    with pytest.raises(UsageError, match="another command"):
        world.service.advance(COUNCIL, command, ballot=other)
