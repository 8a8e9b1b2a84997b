"""What keeps its identity: an office whose title changes, a body that is renamed, a measure whose agreement ends."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import UsageError
from engine.register import name_on
from engine.registration import set_profile
from tests.refusing import refusal
from tests.world import COUNCIL, World, as_document, example

if TYPE_CHECKING:
    from engine.event import Json


def reread(world: World, change: Any) -> None:  # noqa: ANN401  # a callable over the register as JSON
    """Read the council's file again after a change."""
    document: dict[str, Any] = dict(as_document(example()))
    change(document["register"])
    world.register(lambda run: set_profile(run, document, world.entry()))


def rename(register: dict[str, Any]) -> None:
    """The regional council becomes an inter-municipal political council in 2020, and so is its leader called."""
    new: dict[str, Json] = {"nb": "Interkommunalt politisk råd Trøndelag Sør", "since": "2020-01-01"}
    register["bodies"]["regionrad"]["names"] = [*register["bodies"]["regionrad"]["names"], new]
    title: dict[str, Json] = {"nb": "Leder i interkommunalt politisk råd", "since": "2020-01-01"}
    register["offices"]["leder_regionrad"]["titles"] = [*register["offices"]["leder_regionrad"]["titles"], title]


def test_a_body_that_is_renamed_between_two_readings_is_still_the_one_that_approved(world: World) -> None:
    case = world.propose()
    vote = world.decide("Avtalen vedtas.")
    world.take("agreement", "approve", case, version="1", decider="regionen", decision=vote)
    reread(world, rename)
    world.take("agreement", "approve", case, version="1", decider="politiet")
    assert world.state(case) == "adopted"
    with world.store.read(COUNCIL) as reader:
        names = reader.council().register.bodies["regionrad"].names
    days = (date(2019, 12, 31), date(2020, 1, 1))
    assert [name_on(names, day, "nb") for day in days] == [
        "Regionrådet Trøndelag Sør", "Interkommunalt politisk råd Trøndelag Sør"
    ]  # fmt: skip


def test_an_office_whose_title_changes_keeps_its_holder_and_its_duties(world: World) -> None:
    case = world.propose()
    world.agree(case, "1")
    reread(world, rename)
    with world.store.read(COUNCIL) as reader:
        assert reader.council().holdings.of("leder_regionrad", world.today) is not None
        assert "leder_regionrad" in {item.office for item in reader.todo()}


@pytest.mark.parametrize(
    ("table", "gone"),
    [("offices", "politimester"), ("bodies", "regionrad"), ("parties", "politiet"), ("organisations", "roros")],
)
def test_an_id_that_the_record_rests_on_stays_in_every_new_reading(world: World, table: str, gone: str) -> None:
    before = world.case("C").n
    with pytest.raises(UsageError, match=f"lacks .*{gone}.*the id stays"):
        reread(world, lambda register: register[table].pop(gone))
    assert world.case("C").n == before


def test_an_office_that_nobody_holds_and_that_owes_nothing_may_go(world: World) -> None:
    reread(world, lambda register: register["offices"].update(ny={"organisation": "roros", "titles": [{"nb": "Ny"}]}))
    reread(world, lambda register: register)
    with world.store.read(COUNCIL) as reader:
        assert "ny" not in reader.council().register.offices


def test_open_measures_of_a_superseded_agreement_wait_for_a_decision(world: World) -> None:
    world.in_force()
    case, closed = world.measure(), world.measure(title="Ferdig")
    world.take("measure", "reject", closed, decider="politiradet")
    assert world.case(case).facts["agreement"] == "A-1"
    world.in_force()
    assert world.state("A-1") == "superseded"
    assert world.case(case).facts["left_behind"] == "2018-10-04"
    assert "left_behind" not in world.case(closed).facts
    with world.store.read(COUNCIL) as reader:
        assert ("move", "politiradssekretar") in {(item.name, item.office) for item in reader.owed(case)}


def test_they_move_to_the_new_agreement_by_one_recorded_decision(world: World) -> None:
    world.in_force()
    cases = [world.measure() for _ in range(3)]
    new = world.in_force()
    codes = refusal(world, "agreement", "take_over_measures", new, decider="politiradet")
    assert codes == {"needs_decision"}
    decision = world.decide("Åpne tiltak videreføres under ny avtale", body="politiradet")
    receipt = world.take("agreement", "take_over_measures", new, decider="politiradet", decision=decision)
    moved = [r.event for r in receipt.events if r.event.type == "measure.moved"]
    assert [event.case for event in moved] == cases
    assert {(event.decision or {}).get("id") for event in moved} == {decision}
    for case in cases:
        assert world.case(case).facts["agreement"] == new
        assert "left_behind" not in world.case(case).facts
        with world.store.read(COUNCIL) as reader:
            assert "move" not in {item.name for item in reader.owed(case)}
    assert not world.store.verify(COUNCIL).faults


def test_one_measure_may_be_moved_by_itself(world: World) -> None:
    world.in_force()
    case, other = world.measure(), world.measure()
    new = world.in_force()
    decision = world.decide("Tiltaket videreføres", body="politiradet")
    world.take("measure", "move", case, decider="politiradet", decision=decision)
    assert (world.case(case).facts["agreement"], world.case(other).facts["agreement"]) == (new, "A-1")


def test_a_measure_moves_nowhere_while_its_own_agreement_is_in_force(world: World) -> None:
    world.in_force()
    case = world.measure()
    decision = world.decide("Tiltaket videreføres", body="politiradet")
    assert refusal(world, "measure", "move", case, decider="politiradet", decision=decision) == {"not_left_behind"}
    codes = refusal(world, "agreement", "take_over_measures", "A-1", decider="politiradet", decision=decision)
    assert codes == {"no_measures_left_behind"}


def test_a_measure_left_behind_by_an_agreement_that_ended_waits_for_the_next_one(world: World) -> None:
    world.in_force()
    case = world.measure()
    world.take("agreement", "terminate", "A-1", decider="regionen")
    world.clock.move_to(date(2019, 1, 4))
    world.tick()
    assert (world.state("A-1"), world.case(case).facts["left_behind"]) == ("terminated", "2019-01-04")
    decision = world.decide("Tiltaket videreføres", body="politiradet")
    codes = refusal(world, "measure", "move", case, decider="politiradet", decision=decision)
    assert codes == {"no_agreement_to_move_to"}
    world.take("measure", "drop", case, decider="politiradet", reason="Avtalen er sagt opp")
    assert world.state(case) == "dropped"
