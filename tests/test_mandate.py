"""A mandate has a scope and a period: dialogue approaches and reports, conclude approves within its days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.refusing import refusal
from tests.world import COUNCIL, LEADER, MAYORS, SECRETARY, World

if TYPE_CHECKING:
    from pathlib import Path

HOLDER = "leder_regionrad"
IN_PERSON = {"decider": "regionen", "person": LEADER, "ref": "fullmakt 3/19"}


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An agreement in force whose change is wished for."""
    world = World(tmp_path, amend_before_adoption=False)
    case = world.in_force()
    world.take("agreement", "request_amendment", case, decider="regionen", change="Fast", add_seat=("politimester",))
    return world


def drafted(world: World, scope: str, **mandate: Any) -> None:  # noqa: ANN401  # of the form
    """A mandate with a scope, and the draft it led to."""
    decided = {"decision": world.decide("Lederen får fullmakt.")} if scope == "conclude" else {}
    world.take("amendment", "mandate", "E-1", decider="regionen", holder=HOLDER, scope=scope, **decided, **mandate)
    world.take("amendment", "start", "E-1", decider=HOLDER)
    world.take("amendment", "accept", "E-1", decider="politiet")
    document, files = world.document_of("v2.md", "Med politimester")
    world.take("amendment", "draft", "E-1", documents=(document,), files=files)


def attempts(world: World) -> list[tuple[str, set[str]]]:
    """The binding steps that were refused, as the log has them: which step, and why."""
    with world.store.read(COUNCIL) as reader:
        refused = [r.event.data for r in reader.events("C") if r.event.type == "council.step_refused"]
    return [
        (f"{d['attempt']['workflow']}.{d['attempt']['step']}", {str(reason["code"]) for reason in d["reasons"]})  # type: ignore[union-attr, call-overload, index]  # as `refuse` wrote them
        for d in refused
    ]


def test_a_mandate_for_dialogue_cannot_conclude(world: World) -> None:
    drafted(world, "dialogue")
    codes = refusal(world, "amendment", "approve", "E-1", version="1", **IN_PERSON)
    assert codes == {"needs_vote", "mandate_is_dialogue_only"}
    assert attempts(world) == [("amendment.approve", codes)]


def test_a_mandate_to_conclude_approves_without_a_further_vote(world: World) -> None:
    drafted(world, "conclude")
    event = world.take("amendment", "approve", "E-1", version="1", **IN_PERSON).step.event
    act = event.data["approval"]
    assert isinstance(act, dict)
    assert (act["party"], act["office"], act["person"]) == ("regionen", HOLDER, LEADER)
    assert (act["capacity"], act["mandate"]) == ("delegate", "E-1 2")
    world.take("amendment", "approve", "E-1", version="1", decider="politiet")
    assert world.state("E-1") == "adopted"


def test_a_mandate_to_conclude_can_be_registered_by_the_secretary(world: World) -> None:
    drafted(world, "conclude")
    event = world.take("amendment", "approve", "E-1", version="1", decider=HOLDER).step.event
    assert event.data["approval"]["capacity"] == "delegate"  # type: ignore[index, call-overload]  # an act
    assert event.actor.person == SECRETARY


def test_a_mandate_ends_with_its_last_day(world: World) -> None:
    last = world.today + timedelta(days=10)
    drafted(world, "conclude", expires=last)
    world.clock.move_to(last + timedelta(days=1))
    codes = refusal(world, "amendment", "approve", "E-1", version="1", **IN_PERSON)
    assert codes == {"needs_vote", "mandate_expired"}
    assert attempts(world) == [("amendment.approve", codes)]
    world.take("amendment", "approve", "E-1", version="1", on=last, **IN_PERSON)


def test_a_mandate_to_conclude_an_amendment_signs_nothing_and_approves_no_agreement(world: World) -> None:
    drafted(world, "conclude")
    other = world.propose()
    codes = refusal(world, "agreement", "approve", other, version="1", **IN_PERSON)
    assert codes == {"needs_vote"}
    assert attempts(world) == [("agreement.approve", codes)]


def test_if_the_leader_changes_the_office_keeps_the_mandate(world: World) -> None:
    drafted(world, "conclude")
    world.fill(HOLDER, "p_roros", world.today, capacity="acting")
    event = world.take("amendment", "approve", "E-1", version="1", decider="regionen", person="p_roros").step.event
    assert event.data["approval"]["person"] == "p_roros"  # type: ignore[index, call-overload]  # an act


def test_a_decision_of_two_points_drives_two_cases_and_both_cite_it(tmp_path: Path) -> None:
    world = World(tmp_path, amend_before_adoption=False)
    case = world.propose()
    decision = world.decide("Avtalen vedtas.", "Leder oppretter dialog om politimesteren.")
    cited = {"decider": "regionen", "decision": decision}
    first = world.take("agreement", "approve", case, version="1", point=1, **cited).step.event
    world.take("agreement", "request_amendment", case, point=2, change="Fast", **cited)
    second = world.take("amendment", "mandate", "E-1", point=2, holder=HOLDER, scope="dialogue", **cited).step.event
    told = [first.decision or {}, second.decision or {}]
    assert [(one["id"], one["point"]) for one in told] == [(decision, 1), (decision, 2)]
    assert told[0]["leaf"] == told[1]["leaf"]


def test_of_two_points_one_may_fall_and_drives_nothing(tmp_path: Path) -> None:
    from engine.sitting import PointVote, Sitting, decide

    world = World(tmp_path, amend_before_adoption=False)
    case = world.propose()
    members = tuple(f"ordforer_{town}" for town in MAYORS)
    points = (PointVote("Avtalen vedtas", (2, 4, 0)), PointVote("Leder oppretter dialog", (6, 0, 0)))
    entry = world.entry(on=world.today, ref="FO 39/19")
    world.register(lambda run: decide(run, Sitting("regionrad", members, (), points), entry))
    cited = {"decider": "regionen", "decision": "D-1"}
    assert refusal(world, "agreement", "approve", case, version="1", point=1, **cited) == {"point_fell"}
    world.take("agreement", "request_amendment", case, point=2, change="Fast", **cited)
    assert world.state("E-1") == "wished"
    with world.store.read(COUNCIL) as reader:
        assert [point.outcome for point in reader.decision("D-1").points] == ["fell", "carried"]
    assert world.today == date(2018, 10, 4)
