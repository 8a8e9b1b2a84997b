"""Unknown dates, and authority given or taken too far: nobody decides by them."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from engine.entry import Entry
from engine.errors import Refused
from engine.finding import Status
from engine.register import Delegation
from engine.registration import delegate
from engine.rule import Office
from tests.attacks import (
    HOLDER,
    LIAISON,
    LIFTED,
    OVERRIDING,
    PARTIES,
    UNDATED,
    accepted,
    carried,
    delegated,
    drafted,
    missing,
    newest,
    sat,
)
from tests.chamber import OPENING, Chamber
from tests.refusing import refusal
from tests.world import CHIEF, COUNCIL, LEADER, SECRETARY, World
from workflows.profile import Approvals

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("gone", ["recused", "vacant"])
def test_an_unknown_date_does_not_bring_an_office_back(chamber: Chamber, gone: str) -> None:
    without = chamber.recuse("politimester") if gone == "recused" else chamber.vacate("politimester")
    assert missing(without.yes("politiet", **UNDATED)) == PARTIES


def test_an_unknown_date_does_not_hide_the_strict_author(strict: Chamber) -> None:
    strict.yes("politiet", **UNDATED).vote((6, 0, 0))
    assert strict.world.state(strict.case) == "proposed"


def test_an_unknown_date_does_not_hide_who_wrote_a_version(tmp_path: Path) -> None:
    world = World(tmp_path, rules=Approvals(adoption=Office("politimester")))
    case = world.propose(**UNDATED)
    with suppress(Refused):
        world.take("agreement", "approve", case, version="1", decider="politimester")
    assert world.state(case) == "proposed"


def test_an_unknown_date_does_not_let_an_older_vote_approve_a_newer_text(chamber: Chamber) -> None:
    vote = sat(chamber, on=OPENING - timedelta(days=30))
    assert missing(carried(chamber, vote, **UNDATED)) == PARTIES


def test_a_vote_of_unknown_date_gives_an_approval_of_unknown_date(chamber: Chamber) -> None:
    carried(chamber, sat(chamber, on=None))
    with chamber.world.store.read(COUNCIL) as reader:
        assert all(act.on is None for act in reader.approvals(chamber.case))


def test_a_leader_does_not_give_themselves_the_bodys_vote(chamber: Chamber) -> None:
    delegated(chamber, "regionrad", "leder_regionrad", "agreement.approve", person=LEADER)
    assert missing(chamber.yes("regionen", person=LEADER, ref=None)) == PARTIES


def test_a_leader_does_not_give_themselves_a_mandate_to_conclude(in_force: World) -> None:
    with suppress(Refused):
        accepted(in_force, "A-1", scope="conclude", person=LEADER, ref="muntlig")
        drafted(in_force)
        in_force.take("amendment", "approve", "E-1", version="1", decider="regionen", person=LEADER, ref=None)
    with in_force.store.read(COUNCIL) as reader:
        assert reader.approvals("E-1") == ()


def test_a_mandate_for_dialogue_binds_its_holder_in_person_as_through_a_registrar(in_force: World) -> None:
    new = Delegation("regionrad", "leder_regionrad", ("amendment",), OPENING)
    decision = in_force.decide("Lederen handler i hastesaker.")
    in_force.register(lambda run: delegate(run, new, Entry(person=SECRETARY, ref="FO 1/18", decision=decision)))
    accepted(in_force, "A-1", scope="dialogue")
    drafted(in_force)
    registered = refusal(in_force, "amendment", "approve", "E-1", version="1", decider="leder_regionrad")
    own = {"decider": "regionen", "person": LEADER, "ref": None}
    assert refusal(in_force, "amendment", "approve", "E-1", version="1", **own) == registered


@pytest.mark.parametrize(("capacity", "person"), [("deputy", "p_stand_in"), ("acting", HOLDER)])
def test_only_who_is_in_charge_of_an_office_uses_what_was_delegated_to_it(
    chamber: Chamber, capacity: str, person: str
) -> None:
    delegated(chamber, "politimester", LIAISON, "agreement.approve")
    chamber.hold(LIAISON, "p_stand_in", capacity=capacity)
    assert missing(chamber.yes("politiet", person=person, ref=None)) == PARTIES


def test_who_acts_for_other_things_passes_nothing_on(chamber: Chamber) -> None:
    delegated(chamber, "politimester", LIAISON, "agreement", further=True)
    chamber.hold(LIAISON, "p_acting", capacity="acting", scope=("measure",))
    delegated(chamber, "politimester", "politikontakt_roros", "agreement.approve", person="p_acting")
    assert missing(chamber.yes("politikontakt_roros")) == PARTIES


def test_who_is_recused_does_not_decide_through_a_delegate(chamber: Chamber) -> None:
    chamber.recuse("politimester")
    delegated(chamber, "politimester", LIAISON, "agreement.approve", person=CHIEF)
    assert missing(chamber.yes(LIAISON)) == PARTIES


def test_who_is_recused_in_an_agreement_is_so_in_its_amendments(in_force: World) -> None:
    second = in_force.propose(decider="regionen")
    in_force.take("agreement", "recuse", second, decider="politiet", disqualified="politimester", reason="Inhabil")
    in_force.fill("politimester", "p_deputy", OPENING, capacity="deputy")
    in_force.agree(second, "1")
    in_force.sign(second, "1")
    accepted(in_force, second)
    drafted(in_force)
    in_force.take("amendment", "approve", "E-1", version="1", decider="politiet")
    assert newest(in_force, "E-1")["approval"]["person"] == "p_deputy"


def test_a_recusal_is_of_the_person_who_would_decide_in_the_case(chamber: Chamber) -> None:
    chamber.hold("politimester", "p_acting", capacity="acting", scope=("agreement",)).recuse("politimester")
    chamber.yes("politiet")
    with chamber.world.store.read(COUNCIL) as reader:
        assert "p_acting" not in {act.person for act in reader.approvals(chamber.case)}


def test_only_the_office_itself_overrides_and_no_delegate_of_it(tmp_path: Path) -> None:
    chamber = Chamber(tmp_path, rules=OVERRIDING)
    delegated(chamber, "leder_regionrad", LIAISON, "agreement")
    chamber.no("politiet").take("set_aside", **LIFTED, person=HOLDER)
    assert chamber.found().status is Status.LOST


def test_the_strict_author_votes_on_no_seat(strict: Chamber) -> None:
    strict.hold("ordforer_melhus", CHIEF, capacity="acting").vote((6, 0, 0))
    assert missing(strict) == PARTIES


def test_an_acting_holding_recorded_after_its_use_is_flagged(chamber: Chamber) -> None:
    chamber.world.clock.pass_days(5)
    chamber.hold("politimester", "p_acting", capacity="acting").yes("politiet", on=OPENING + timedelta(days=1))
    assert "mandate_recorded_later" in newest(chamber.world, chamber.case)["flags"]


def test_a_vote_registered_by_an_outsider_is_an_attempt_on_record(chamber: Chamber) -> None:
    assert sat(chamber, person=HOLDER) is None
    with chamber.world.store.read(COUNCIL) as reader:
        assert len(list(reader.refusals())) == 1
