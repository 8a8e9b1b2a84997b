"""Votes used twice, and votes that nobody could check: no approval rests on them."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import DefinitionError
from engine.rule import AllOf, AtLeast, BodyVote, Office, Party
from tests.attacks import LIAISON, PARTIES, accepted, annulled, carried, drafted, missing, register_changed, sat
from tests.chamber import OPENING, SEATS, Chamber
from tests.refusing import refusal
from tests.world import World
from workflows.profile import AGENDA

if TYPE_CHECKING:
    from pathlib import Path


def test_a_vote_on_one_agreement_approves_no_other(chamber: Chamber) -> None:
    vote = chamber.decide((6, 0, 0))
    carried(chamber, vote)
    other = chamber.world.propose("Noe helt annet", decider="regionen", title="En annen avtale")
    assert refusal(
        chamber.world, "agreement", "approve", other, version="1", decider="regionen", decision=vote
    )  # fmt: skip


def test_a_vote_on_an_agreement_approves_no_amendment_of_it(in_force: World) -> None:
    accepted(in_force, "A-1")
    drafted(in_force)
    assert refusal(in_force, "amendment", "approve", "E-1", version="1", decider="regionen", decision="D-1")


def test_one_decision_does_not_approve_the_minutes_of_two_meetings(in_force: World) -> None:
    meetings = [in_force.take("meeting", "plan", title="M", date=f"2018-10-{day}").step.event.case for day in (20, 21)]
    for meeting in meetings:
        in_force.take("meeting", "add_item", meeting, item=AGENDA)
        in_force.take("meeting", "summon", meeting)
    in_force.clock.move_to(date(2018, 10, 22))
    for meeting in meetings:
        in_force.take("meeting", "hold", meeting, present=("slt_melhus",))
        document, files = in_force.document_of(f"{meeting}.md", meeting)
        in_force.take("meeting", "minute", meeting, documents=(document,), files=files)
    cited = {"decider": "politiradet", "decision": in_force.decide("Godkjent", body="politiradet")}
    in_force.take("meeting", "approve", meetings[0], version="1", **cited)
    assert refusal(in_force, "meeting", "approve", meetings[1], version="1", **cited)


def test_a_party_and_its_body_are_not_two_of_three(tmp_path: Path) -> None:
    with suppress(DefinitionError):
        rule = AtLeast(2, (Party("regionen"), BodyVote("regionrad"), Office("politimester")))
        chamber = Chamber(tmp_path, rule, proposer="politiet")
        chamber.yes("regionen", "regionrad", decision=chamber.decide((6, 0, 0)))
        assert chamber.world.state(chamber.case) == "proposed"


def test_a_party_and_its_office_are_not_two_of_three(tmp_path: Path) -> None:
    with suppress(DefinitionError):
        chamber = Chamber(tmp_path, AtLeast(2, (Party("politiet"), Office("politimester"), BodyVote("regionrad"))))
        chamber.yes("politiet", "politimester")
        assert chamber.world.state(chamber.case) == "proposed"


def test_one_act_is_not_two_parts_of_all_of() -> None:
    chief, leader, mayor = Office("politimester"), Office("leder_regionrad"), Office("ordforer_melhus")
    with pytest.raises(DefinitionError):
        AllOf((AtLeast(1, (chief, leader)), AtLeast(1, (chief, mayor))))


def test_a_vote_from_before_the_bodys_no_does_not_lift_it(chamber: Chamber) -> None:
    first = chamber.decide((6, 0, 0))
    carried(chamber, first).vote_no((0, 6, 0))
    carried(chamber, first).yes("politiet")
    assert chamber.world.state(chamber.case) == "proposed"


def test_a_body_that_took_its_approval_back_votes_again(chamber: Chamber) -> None:
    first = chamber.decide((6, 0, 0))
    carried(chamber, first)
    again = chamber.tomorrow().decide((6, 0, 0))
    chamber.take("withdraw_approval", decider="regionen", version="1", decision=again, reason="Ny behandling")
    assert missing(carried(chamber, first)) == PARTIES


@pytest.mark.parametrize("cited", [False, True])
def test_a_vote_on_version_1_approves_no_version_2_of_the_same_day(chamber: Chamber, cited: bool) -> None:  # noqa: FBT001  # drawn
    vote = chamber.decide((6, 0, 0))
    if cited:
        carried(chamber, vote)
        annulled(chamber)
    chamber.revise()
    assert missing(carried(chamber, vote)) == PARTIES


def test_a_version_is_not_older_than_the_one_it_was_made_from(chamber: Chamber) -> None:
    document, files = chamber.world.document_of("neste.md", "Neste")
    chamber.take("revise", documents=(document,), files=files, on=OPENING - timedelta(days=30))
    carried(chamber, sat(chamber, on=OPENING - timedelta(days=20)))
    assert missing(chamber) == PARTIES


@pytest.mark.parametrize("present", [SEATS[:1], (), (LIAISON,)], ids=["below quorum", "nobody", "a stranger"])
def test_an_attendance_that_cannot_be_carries_nothing(chamber: Chamber, present: tuple[str, ...]) -> None:
    assert missing(carried(chamber, sat(chamber, None, present=present))) == PARTIES


@pytest.mark.parametrize("unknown", [{"votes": None, "present": None}, {"on": None}], ids=["attendance", "date"])
def test_where_somebody_is_recused_a_vote_that_does_not_tell_who_took_part_is_no_approval(
    chamber: Chamber, unknown: dict[str, Any]
) -> None:
    chamber.recuse("ordforer_rennebu")
    assert missing(carried(chamber, sat(chamber, **unknown))) == PARTIES


@pytest.mark.parametrize(
    ("votes", "reserved"), [((4, 0, 0), ("ordforer_oppdal", "ordforer_oppdal")), ((8, -2, 0), ())]
)  # fmt: skip
def test_votes_that_only_seem_to_add_up_are_refused(
    tmp_path: Path, votes: tuple[int, int, int], reserved: tuple[str, ...]
) -> None:
    how = {"rule": "consensus_with_reservation" if reserved else "majority", "counts": "seats"}
    chamber = Chamber(tmp_path)
    register_changed(chamber.world, lambda register: register["bodies"]["regionrad"].update(how))
    assert sat(chamber.revise(), votes, reserved=reserved) is None


def test_where_nobody_may_opt_out_opting_out_is_no_way_not_to_vote(tmp_path: Path) -> None:
    chamber = Chamber(tmp_path, BodyVote("regionrad", rule="majority"))
    chamber.vote((1, 0, 0), reserved=SEATS[1:])
    assert chamber.world.state(chamber.case) == "proposed"
