"""A no undone through the back door, an agreement changed around its amendments, seats taken by reservations."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from engine.finding import Status
from engine.rule import AtLeast, BodyVote, Office
from tests.attacks import LIAISON, OPTING_OUT, accepted, annulled, concluded, delegated, drafted
from tests.chamber import OPENING, Chamber
from tests.refusing import refusal
from tests.world import CHIEF, COUNCIL, LEADER, MAYORS, World

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def ratified(tmp_path: Path) -> World:
    """An agreement in force for five of six municipalities; Oppdal reserved itself."""
    rules: dict[str, Any] = {"ratifies": dict.fromkeys(MAYORS, True), "enough_acceded": 5}
    world = World(tmp_path, amend_before_adoption=False, **rules)
    case = world.in_force()
    for town in MAYORS:
        answer = "reserved" if town == "oppdal" else "acceded"
        world.take("agreement", "ratify", case, version="1", decider=town, answer=answer)
    return world


def test_an_older_approval_registered_late_does_not_lift_a_newer_rejection(chamber: Chamber) -> None:
    chamber.world.clock.pass_days(6)
    chamber.no("politiet").yes("politiet", on=OPENING + timedelta(days=1))
    assert chamber.found().status is Status.LOST


def test_a_delegate_does_not_lift_the_rejection_of_who_delegated(chamber: Chamber) -> None:
    delegated(chamber, "politimester", LIAISON, "agreement.approve")
    chamber.no("politiet", person=CHIEF, ref="brev 1").yes(LIAISON)
    assert chamber.found().status is Status.LOST


@pytest.mark.parametrize("said", ["rejection", "withdrawal", "recusal"])
def test_nobody_annuls_what_another_did_in_person(chamber: Chamber, said: str) -> None:
    own = {"decider": "politiet", "person": CHIEF, "ref": "brev 1"}
    if said == "recusal":
        chamber.take("recuse", **own, disqualified="politimester", reason="Inhabil")
    elif said == "withdrawal":
        chamber.take("approve", **own, version="1").take("withdraw_approval", **own, version="1", reason="Nei")
    else:
        chamber.take("reject", **own, version="1")
    before = chamber.world.case(chamber.case)
    annulled(chamber)
    assert chamber.world.case(chamber.case) == before


@pytest.mark.parametrize("step", ["reject", "withdraw_approval"])
def test_a_bodys_yes_is_not_undone_without_a_vote(chamber: Chamber, step: str) -> None:
    reason = {"reason": "Ombestemt"} if step == "withdraw_approval" else {}
    chamber.vote((6, 0, 0)).take(step, decider="regionen", version="1", person=LEADER, ref="muntlig", **reason)
    assert [leaf.act.outcome for leaf in chamber.found().leaves() if leaf.act] == ["approved"]


def test_a_minority_does_not_give_up_what_can_still_be_adopted(tmp_path: Path) -> None:
    offices = ("politimester", "leder_regionrad", "ordforer_melhus")
    chamber = Chamber(tmp_path, AtLeast(2, tuple(Office(office) for office in offices)))
    chamber.no("ordforer_melhus").take("give_up", decider="ordforer_melhus")
    assert chamber.world.state(chamber.case) == "proposed"


def test_what_was_approved_on_the_amendment_stands_on_the_agreements_version(in_force: World) -> None:
    accepted(in_force, "A-1")
    drafted(in_force)
    concluded(in_force)
    assert in_force.case("A-1").facts["version"] == 2
    assert refusal(in_force, "agreement", "reject", "A-1", version="2", decider="politiet")


def test_a_second_draft_keeps_the_seats_the_agreement_got_meanwhile(in_force: World) -> None:
    for amendment, seat in (("E-1", "politimester"), ("E-2", "politiets_sekretar")):
        accepted(in_force, "A-1", amendment, seat)
        drafted(in_force, amendment)
    concluded(in_force, "E-1")
    drafted(in_force, "E-2")
    concluded(in_force, "E-2", "2")
    with in_force.store.read(COUNCIL) as reader:
        assert {"politimester", "politiets_sekretar"} <= {seat.id for seat in reader.versions("A-1")[-1].seats}


def test_who_acceded_to_an_agreement_in_force_leaves_it_by_notice_only(ratified: World) -> None:
    assert ratified.state("A-1") == "in_force"
    assert refusal(ratified, "agreement", "ratify", "A-1", version="1", decider="melhus", answer="reserved")


def test_who_accedes_after_an_amendment_still_gets_its_seats(ratified: World) -> None:
    accepted(ratified, "A-1")
    drafted(ratified)
    concluded(ratified)
    ratified.take("agreement", "ratify", "A-1", version="2", decider="oppdal", answer="acceded")
    with ratified.store.read(COUNCIL) as reader:
        assert "ordforer_oppdal" in {office for seat in reader.council().seats for office in seat.filled_by}


def test_a_reservation_goes_with_the_vote_it_was_made_in(tmp_path: Path) -> None:
    chamber = Chamber(tmp_path, OPTING_OUT).vote((5, 0, 0), reserved=("ordforer_oppdal",))
    again = chamber.tomorrow().decide((6, 0, 0))
    chamber.take("withdraw_approval", decider="regionrad", version="1", decision=again, reason="Ny behandling")
    assert not chamber.world.case(chamber.case).facts.get("reserved")


def test_a_late_vote_reserves_nothing(tmp_path: Path) -> None:
    rule = AtLeast(1, (Office("politimester"), BodyVote("regionrad", rule="consensus_with_reservation")))
    chamber = Chamber(tmp_path, rule).yes("politimester")
    chamber.world.sign(chamber.case, "1")
    chamber.vote((5, 0, 0), reserved=("ordforer_oppdal",))
    assert not chamber.world.case(chamber.case).facts.get("reserved")
