"""Attacks that go against the rules of a version as it was proposed, and at chains of authority."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from engine.entry import Entry
from engine.errors import Refused, UsageError
from engine.finding import Status
from engine.registration import end_delegation
from engine.rule import AtLeast, Office
from engine.sitting import PointVote, Sitting
from tests.attacks import (
    LIAISON,
    LIFTED,
    OVERRIDING,
    PARTIES,
    accepted,
    annulled,
    carried,
    concluded,
    delegated,
    drafted,
    missing,
    register_changed,
)
from tests.chamber import OPENING, SEATS, Chamber
from tests.world import CHIEF, COUNCIL, LEADER, SECRETARY, World

if TYPE_CHECKING:
    from pathlib import Path


def test_an_office_that_left_the_register_hands_its_frozen_vote_to_nobody(chamber: Chamber) -> None:
    def without_the_chief(register: Any) -> None:  # noqa: ANN401  # as JSON
        del register["offices"]["politimester"]
        register["parties"]["politiet"] |= {"decides": LIAISON, "signs": LIAISON}

    register_changed(chamber.vacate("politimester").world, without_the_chief)
    chamber.yes("politiet", LIAISON, "politimester")
    assert chamber.refusals == ["office_vacant", "outside_electorate", "office_vacant"]


def test_rules_applied_after_adoption_excuse_no_municipality(tmp_path: Path) -> None:
    chamber = Chamber(tmp_path, rules={"ratifies": {"melhus": True}}).adopt()
    register_changed(chamber.world, lambda _: None)
    chamber.world.service.apply_profile(COUNCIL, chamber.case, entry=chamber.world.entry(reason="Ny ordning"))
    chamber.world.sign(chamber.case, "1")
    assert chamber.world.state(chamber.case) == "adopted"


def test_a_delegate_who_decided_already_is_no_second_person(tmp_path: Path) -> None:
    rule = AtLeast(2, (Office("politimester"), Office("leder_regionrad"), Office("ordforer_melhus")), counts="persons")
    chamber = Chamber(tmp_path, rule)
    delegated(chamber, "leder_regionrad", "politimester", "agreement.approve")
    chamber.yes("politimester").yes("leder_regionrad", person=CHIEF, ref=None)
    assert (chamber.refusals, chamber.found().status) == ([], Status.OPEN)


def test_the_author_who_is_the_bodys_delegate_too_is_still_alone(tmp_path: Path) -> None:
    chamber = Chamber(tmp_path, proposer="politiet")
    decision = chamber.world.decide("Politimesteren handler for rådet.")
    delegated(chamber, "regionrad", "politimester", "agreement", decision=decision)
    chamber.yes(*PARTIES, person=CHIEF, ref=None)
    assert chamber.refusals == ["author_alone"]


def test_who_is_recused_neither_delegates_to_an_own_office_nor_registers_for_the_deputy(chamber: Chamber) -> None:
    chamber.hold(LIAISON, CHIEF, capacity="acting").hold("politiets_sekretar", CHIEF, capacity="acting")
    delegated(chamber, "politimester", LIAISON, "agreement")
    chamber.hold("politimester", "p_deputy", capacity="deputy").recuse("politimester")
    chamber.yes("politiet", LIAISON, person=CHIEF)
    assert chamber.refusals == ["recused", "recused"]


def test_authority_to_approve_is_none_to_reject_to_withdraw_or_to_sign(chamber: Chamber) -> None:
    delegated(chamber, "politimester", LIAISON, "agreement.approve")
    chamber.yes(LIAISON).no(LIAISON)
    chamber.take("withdraw_approval", decider=LIAISON, version="1", reason="Nei")
    carried(chamber, chamber.decide((6, 0, 0))).take("sign", decider=LIAISON, version="1")
    assert set(chamber.refusals) == {"outside_scope", "nothing_to_withdraw"}


def test_a_delegation_of_the_delegates_own_office_carries_nothing_on(chamber: Chamber) -> None:
    delegated(chamber, "politimester", LIAISON, "agreement")
    delegated(chamber, LIAISON, "politikontakt_roros", "agreement")
    assert chamber.yes("politikontakt_roros").refusals == ["outside_electorate"]


def test_a_chain_of_three_ends_with_its_first_link(chamber: Chamber) -> None:
    chain, further = ("politimester", LIAISON, "politikontakt_roros", "politikontakt_oppdal"), {"further": True}
    for giver, taker in pairwise(chain):
        person = SECRETARY if giver == "politimester" else f"p_{giver}"
        delegated(chamber, "politimester", taker, "agreement.approve", person=person, **further)
    assert missing(chamber.yes(chain[-1]).revise()) == PARTIES
    entry = chamber.world.entry(ref="trukket tilbake")
    chamber.world.register(lambda run: end_delegation(run, "politimester", LIAISON, OPENING, entry))
    assert chamber.tomorrow().yes(chain[-1]).refusals == ["outside_period"]


def test_an_override_lifts_nothing_where_nothing_stands_and_annulled_lifts_no_more(tmp_path: Path) -> None:
    chamber = Chamber(tmp_path, rules=OVERRIDING)
    chamber.take("set_aside", **LIFTED, person=LEADER).no("politiet")
    chamber.take("set_aside", **LIFTED, person=LEADER).take("set_aside", **LIFTED, person=LEADER)
    assert chamber.refusals == ["no_rejection", "no_rejection"]
    chamber.no("politiet").take("set_aside", **LIFTED | {"ref": "sak 3/19"})
    annulled(chamber)
    assert chamber.found().status is Status.LOST
    assert chamber.world.case(chamber.case).facts["overrides"]


def test_a_refused_approval_leaves_no_vote_behind_and_is_on_record(chamber: Chamber) -> None:
    world = chamber.recuse("ordforer_rennebu").world
    command = world.command("agreement", "approve", chamber.case, decider="regionen", version="1")
    sitting = Sitting("regionrad", SEATS, (), (PointVote("Avtalen vedtas", (6, 0, 0)),))
    entry = Entry(person=SECRETARY, on=world.today, ref="FO 39/19")
    with pytest.raises(Refused, match="recused_voted"):
        world.service.advance(COUNCIL, command, ballot=(sitting, entry))
    with world.store.read(COUNCIL) as reader:
        assert (list(reader.decisions()), len(list(reader.refusals()))) == ([], 1)


def test_the_key_of_one_approval_is_no_key_to_another(chamber: Chamber) -> None:
    chamber.yes("politiet", key="k")
    with pytest.raises(UsageError, match="already answered"):
        carried(chamber, chamber.decide((6, 0, 0)), key="k")
    assert missing(chamber) == ["regionen"]


def test_a_vote_that_was_cited_stays_even_when_the_approval_is_taken_back(chamber: Chamber) -> None:
    vote = chamber.decide((6, 0, 0))
    carried(chamber, vote)
    annulled(chamber)
    annulled(chamber, "C")
    with chamber.world.store.read(COUNCIL) as reader:
        assert [decision.id for decision in reader.decisions()] == [vote]


def test_an_amendment_of_a_version_that_has_gone_waits_though_everybody_signed(in_force: World) -> None:
    for amendment, seat in (("E-1", "politimester"), ("E-2", "politiets_sekretar")):
        accepted(in_force, "A-1", amendment, seat)
        drafted(in_force, amendment)
    concluded(in_force, "E-1")
    concluded(in_force, "E-2")
    assert (in_force.state("E-2"), in_force.case("A-1").facts["version"]) == ("adopted", 2)


def test_signatures_of_two_versions_bring_neither_into_force(chamber: Chamber) -> None:
    chamber.adopt().take("sign", decider="politimester", version="1").revise().adopt()
    chamber.take("sign", decider="leder_regionrad", version="2").take("sign", decider="politimester", version="1")
    assert (chamber.refusals, chamber.world.state(chamber.case)) == (["version_outdated"], "adopted")


def test_the_other_sides_secretary_says_nothing_for_a_party(chamber: Chamber) -> None:
    other = {"person": "p_sekretar_regionrad", "decider": "politiet", "version": "1"}
    chamber.take("approve", **other).take("reject", **other).yes("politiet")
    chamber.take("withdraw_approval", **other, reason="Nei")
    assert chamber.refusals == ["may_not_act_for"] * 3
    assert missing(chamber) == ["regionen"]
