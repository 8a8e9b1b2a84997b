"""One of six municipalities reserves itself: the agreement comes into force for five, and it may accede later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.refusing import refusal
from tests.world import COUNCIL, MAYORS, World

if TYPE_CHECKING:
    from pathlib import Path

OUT = "oppdal"
ITS_OFFICES = {f"{post}_{OUT}" for post in ("ordforer", "kommunedirektor", "slt")}


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A council whose six municipalities each decide for themselves, five of which must accede."""
    return World(tmp_path, ratifies=dict.fromkeys(MAYORS, True), enough_acceded=5)


def answered(world: World, **answers: str) -> str:
    """A signed agreement that every municipality has answered; its case id."""
    case = world.in_force()
    for town in MAYORS:
        answer = answers.get(town, "acceded")
        world.take("agreement", "ratify", case, version="1", decider=town, answer=answer)
    return case


def seated(world: World) -> set[str]:
    """The offices that sit in the council."""
    with world.store.read(COUNCIL) as reader:
        return {office for seat in reader.council().seats for office in seat.filled_by}


def test_with_one_reserved_it_is_in_force_for_five(world: World) -> None:
    case = answered(world, oppdal="reserved")
    assert world.state(case) == "in_force"
    assert world.case(case).facts["reserved"] == [OUT]


def test_whoever_reserved_itself_does_not_sit_and_the_version_keeps_its_seats(world: World) -> None:
    case = answered(world, oppdal="reserved")
    assert not ITS_OFFICES & seated(world)
    with world.store.read(COUNCIL) as reader:
        version = reader.versions(case)[-1]
        mayors = next(seat for seat in reader.council().seats if seat.id == "ordforere")
    assert {office for seat in version.seats for office in seat.filled_by} >= ITS_OFFICES
    assert (len(mayors.filled_by), mayors.minimum) == (5, 5)


def test_the_police_councils_roster_is_without_them(world: World) -> None:
    answered(world, oppdal="reserved")
    decision = world.decide("Handlingsplan", body="politiradet")
    with world.store.read(COUNCIL) as reader:
        assert not ITS_OFFICES & set(reader.decision(decision).roster)


def test_it_may_accede_later_and_then_it_sits(world: World) -> None:
    case = answered(world, oppdal="reserved")
    world.clock.pass_days(100)
    world.take("agreement", "ratify", case, version="1", decider=OUT, answer="acceded")
    assert "reserved" not in world.case(case).facts or world.case(case).facts["reserved"] == []
    assert seated(world) >= ITS_OFFICES
    assert not world.store.verify(COUNCIL).faults


def test_before_the_last_answer_it_waits(world: World) -> None:
    case = world.in_force()
    for town in MAYORS[:5]:
        world.take("agreement", "ratify", case, version="1", decider=town, answer="acceded")
    assert world.state(case) == "adopted"


def test_with_two_reserved_it_can_no_longer_come_into_force_and_may_be_given_up(world: World) -> None:
    case = world.in_force()
    assert refusal(world, "agreement", "give_up", case, decider="politiet") == {"nobody_said_no"}
    for town in (OUT, "roros"):
        world.take("agreement", "ratify", case, version="1", decider=town, answer="reserved")
    with world.store.read(COUNCIL) as reader:
        owing = {item.office for item in reader.owed(case)}
    assert owing == {"politiets_sekretar"}
    world.take("agreement", "give_up", case, decider="politiet")
    assert world.state(case) == "rejected"


def test_a_municipality_may_change_its_mind_while_it_waits(world: World) -> None:
    case = world.in_force()
    for answer in ("reserved", "acceded"):
        world.take("agreement", "ratify", case, version="1", decider=OUT, answer=answer)
    assert refusal(world, "agreement", "ratify", case, version="1", decider=OUT, answer="acceded") == {"already_said"}
    assert world.case(case).facts.get("reserved") in (None, [])


def test_a_new_text_is_answered_anew(world: World) -> None:
    case = world.in_force()
    world.take("agreement", "ratify", case, version="1", decider=OUT, answer="reserved")
    document, files = world.document_of("v2.md", "Ny")
    world.take("agreement", "revise", case, documents=(document,), files=files)
    assert "reserved" not in world.case(case).facts
    codes = refusal(world, "agreement", "ratify", case, version="1", decider=OUT, answer="acceded")
    assert codes == {"step_not_allowed_now"}


def test_nobody_is_asked_whom_the_rules_do_not_ask(tmp_path: Path) -> None:
    world = World(tmp_path, ratifies={"melhus": True, OUT: False})
    case = world.in_force()
    codes = refusal(world, "agreement", "ratify", case, version="1", decider=OUT, answer="reserved")
    assert codes == {"outside_electorate"}
    world.take("agreement", "ratify", case, version="1", decider="melhus", answer="acceded")
    assert world.state(case) == "in_force"


def test_a_version_taken_from_an_amendment_binds_nobody_who_had_reserved_themselves(tmp_path: Path) -> None:
    world = World(tmp_path, amend_before_adoption=False, ratifies=dict.fromkeys(MAYORS, True), enough_acceded=5)
    case = answered(world, oppdal="reserved")
    change = {"change": "Politimesteren blir fast medlem", "add_seat": ("politimester",)}
    world.take("agreement", "request_amendment", case, decider="regionen", **change)
    world.take("amendment", "mandate", "E-1", decider="regionen", holder="leder_regionrad", scope="dialogue")
    world.take("amendment", "start", "E-1", decider="leder_regionrad")
    world.take("amendment", "accept", "E-1", decider="politiet")
    document, files = world.document_of("v2.md", "Med politimester")
    world.take("amendment", "draft", "E-1", documents=(document,), files=files)
    vote = world.decide("Endringen vedtas.")
    world.take("amendment", "approve", "E-1", version="1", decider="regionen", decision=vote)
    world.take("amendment", "approve", "E-1", version="1", decider="politiet")
    world.sign("E-1", "1", "amendment")
    assert world.case(case).facts["version"] == 2
    assert world.case(case).facts["reserved"] == [OUT]
    assert "politimester" in seated(world)
    assert not ITS_OFFICES & seated(world)
