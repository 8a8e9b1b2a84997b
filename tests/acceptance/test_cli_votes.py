"""Votes on the command line: deputies, reservations, vetoes and overrides, beside a step and with `decide`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import cli
from commands import tables
from commands.options import may_be_overridden
from commands.steps import is_taken_by_persons, step_command
from engine.definition import Workflow
from tests.desk import Desk
from tests.world import COUNCIL, EXAMPLE, MAYORS, World

if TYPE_CHECKING:
    from pathlib import Path

    from tests.desk import Answer

FIVE = ",".join(f"ordforer_{town}" for town in MAYORS if town != "oppdal")
DECIDE = "decide regionrad --ref 'RR 1/19' --point 'Avtalen vedtas.'"
APPROVE = "agreement approve A-1 --version 1 --for regionen --ref 'RR 1/19'"


VOTES_SO = 'secretary = "sekretar_regionrad"\nrule = "majority"'
"""How the shipped council says that the regional council decides by majority."""


def with_council(desk: Desk, written: str, instead: str) -> Desk:
    """The desk in a council whose file says something else in one place, with an agreement proposed."""
    text = EXAMPLE.read_text()
    assert text.count(written) == 1, "the scenario must change one place"
    desk.does("profile", "set", desk.file("council.toml", text.replace(written, instead)))
    desk.world.propose()
    return desk


@pytest.fixture
def opting(desk: Desk) -> Desk:
    """A desk where the regional council decides by consensus with reservation."""
    return with_council(desk, VOTES_SO, VOTES_SO.replace("majority", "consensus_with_reservation"))


@pytest.fixture
def vetoing(desk: Desk) -> Desk:
    """A desk where the mayor of Oppdal may stop what the regional council decides."""
    return with_council(desk, VOTES_SO, f'{VOTES_SO}\nveto = ["ordforer_oppdal"]')


@pytest.fixture
def overriding(tmp_path: Path) -> Desk:
    """A desk where the leader of the regional council may override the notice of a meeting, and may send it too."""
    desk = Desk(World(tmp_path, overrides={"meeting": {"summon": "leder_regionrad"}}))
    desk.does("person add 'Liv Leder'")
    desk.does("office end leder_regionrad --on 2018-09-30")
    desk.does("office assign leder_regionrad liv --from 2018-10-01")
    desk.does("meeting plan --title Årsmøte")
    desk.does("meeting set-date MT-1 --date 2018-10-08")
    items = "previous_minutes,crime_picture,open_measures,evaluation,action_plan,next_meeting,notice_and_agenda"
    for item in items.split(","):
        desk.does(f"meeting add-item MT-1 --item {item}")
    desk.does("office assign politiradssekretar liv --from 2018-10-01 --capacity acting")
    return desk


def deputy(desk: Desk, seat: str = "ordforer_oppdal") -> None:
    """Let a seat have a deputy."""
    desk.does("person add 'Dag Vara'")
    desk.does(f"office assign {seat} dag --from 2018-01-01 --capacity deputy")


def point(desk: Desk) -> dict[str, Any]:
    """The first point of the first decision, in JSON."""
    found: dict[str, Any] = desk.types("show D-1 --json").json["points"][0]
    return found


def test_a_deputy_who_sat_counts_for_the_recused_member(desk: Desk) -> None:
    deputy(desk)
    desk.does(f"{DECIDE} --votes 6-0 --present all --recused ordforer_oppdal --deputy ordforer_oppdal")
    (decision,) = desk.types("decisions --json").json
    with desk.world.store.read(COUNCIL) as reader:
        assert decision["deputies"] == {"ordforer_oppdal": reader.person("dag").id}
    assert len(decision["present"]) == 6


def test_a_deputy_need_not_be_named_among_those_present_too(desk: Desk) -> None:
    deputy(desk)
    desk.world.propose()
    desk.does(f"{APPROVE} --votes 6-0 --present {FIVE} --recused ordforer_oppdal --deputy ordforer_oppdal")
    assert "ordforer_oppdal" in desk.types("show D-1 --json").json["present"]


def test_a_deputy_who_is_not_on_record_did_not_sit(desk: Desk) -> None:
    answer = desk.types(f"{DECIDE} --votes 5-0 --present {FIVE} --deputy ordforer_oppdal")
    assert (answer.code, "ordforer_oppdal" in answer.err) == (1, True)


def test_a_member_who_opts_out_of_a_consensus_is_not_bound(opting: Desk) -> None:
    opting.does(f"{APPROVE} --votes 5-0 --present all --reserved ordforer_oppdal")
    assert (point(opting)["outcome"], point(opting)["reserved"]) == ("carried", ["ordforer_oppdal"])
    assert opting.case("A-1").facts["reserved"] == ["oppdal"]
    assert opting.types("decisions").lines[-1].endswith("opted out: ordforer_oppdal")


def test_nobody_opts_out_of_a_plain_consensus(desk: Desk) -> None:
    with_council(desk, VOTES_SO, VOTES_SO.replace("majority", "consensus"))
    assert desk.types(f"{APPROVE} --votes 5-0 --present all --reserved ordforer_oppdal").code == 1
    assert desk.types("decisions --json").json == []


def test_a_veto_stops_what_a_majority_wants(vetoing: Desk) -> None:
    vetoing.does(f"{DECIDE} --votes 5-1 --present all --veto ordforer_oppdal")
    assert (point(vetoing)["outcome"], point(vetoing)["vetoed_by"]) == ("fell", ["ordforer_oppdal"])
    assert vetoing.types("decisions").lines[-1].endswith("veto by ordforer_oppdal")


def test_a_veto_beside_a_step_refuses_it(vetoing: Desk) -> None:
    assert vetoing.types(f"{APPROVE} --votes 5-1 --present all --veto ordforer_oppdal").code == 1
    assert vetoing.types("decisions --json").json == []


def test_a_veto_of_a_member_who_has_none_stops_nothing_and_stays_on_record(vetoing: Desk) -> None:
    vetoing.does(f"{DECIDE} --votes 5-1 --present all --veto ordforer_roros")
    assert (point(vetoing)["outcome"], point(vetoing)["vetoed_by"]) == ("carried", ["ordforer_roros"])


def test_the_casting_vote_is_told_where_there_was_a_tie(desk: Desk) -> None:
    desk.does(f"{DECIDE} --votes 3-3 --present all --leader-for")
    assert (
        desk.types("decisions").lines[-1].endswith("carried, 3-3-0 (for-against-blank), the leader's casting vote for")
    )


def test_each_of_several_points_has_its_own_reservations_and_vetoes(opting: Desk) -> None:
    votes = "--votes 6-0 --votes 4-0"
    reserved = "--reserved 2:ordforer_oppdal --reserved 2:ordforer_roros"
    opting.does(f"{DECIDE} --point 'Seter fordeles.' {votes} --present all {reserved}")
    points = opting.types("show D-1 --json").json["points"]
    assert [one["reserved"] for one in points] == [[], ["ordforer_oppdal", "ordforer_roros"]]


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ("--reserved ordforer_oppdal", 2, "there are 2 points; say which, such as --reserved 2:ordforer_oppdal"),
        ("--veto 3:ordforer_oppdal", 2, "there is no point 3; they are numbered from 1 to 2"),
        ("--veto 0:ordforer_oppdal", 2, "there is no point 0"),
        ("--veto en:ordforer_oppdal", 2, "there is no point en"),
        ("--reserved 2:ordforer_opdal", 3, "There is no office 'ordforer_opdal'. Near: ordforer_oppdal"),
        ("--veto 2:ordforer_opdal", 3, "Near: ordforer_oppdal"),
        ("--deputy ordforer_opdal", 3, "Near: ordforer_oppdal"),
        ("--recused ordforer_opdal", 3, "Near: ordforer_oppdal"),
    ],
)
def test_a_member_or_a_point_nobody_knows_is_named(opting: Desk, options: str, code: int, said: str) -> None:
    answer = opting.types(f"{DECIDE} --point B --votes 5-0 --votes 5-0 --present all {options}")
    assert (answer.code, said in answer.err) == (code, True), answer.err
    assert opting.types("decisions --json").json == []


@pytest.mark.parametrize("option", ["reserved", "veto"])
def test_without_votes_nobody_opted_out_or_stopped_anything(opting: Desk, option: str) -> None:
    answer = opting.types(f"{DECIDE} --{option} ordforer_oppdal")
    assert (answer.code, "add --votes" in answer.err) == (2, True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--deputy ordforer_oppdal", "--deputy describes a vote: add --votes"),
        ("--reserved ordforer_oppdal", "--reserved describes a vote: add --votes"),
        ("--veto ordforer_oppdal", "--veto describes a vote: add --votes"),
        ("--leader-against", "--leader-for describes a vote: add --votes"),
    ],
)
def test_what_describes_a_vote_needs_one(opting: Desk, options: str, said: str) -> None:
    answer = opting.types(f"{APPROVE} {options}")
    assert (answer.code, said in answer.err) == (2, True)


@pytest.mark.parametrize("option", ["deputy", "reserved", "veto", "present", "recused"])
def test_members_beside_a_step_are_checked_with_the_nearest_ones(opting: Desk, option: str) -> None:
    answer = opting.types(f"{APPROVE} --votes 5-0 --{option} ordforer_opdal")
    assert (answer.code, "Near: ordforer_oppdal" in answer.err) == (3, True)


def test_the_vote_is_of_the_body_that_decided_when_the_version_was_proposed(opting: Desk) -> None:
    changed = EXAMPLE.read_text().replace('decides = "regionrad"', 'decides = "politiradet"')
    opting.does("profile", "set", opting.file("changed.toml", changed))
    opting.does(f"{APPROVE} --votes 6-0 --present all")
    assert opting.types("show D-1 --json").json["body"] == "regionrad"


def takes_override(workflow: Workflow, step: str) -> bool:
    """Whether a step's command has the option."""
    command = step_command(cli.politirad.make_context("politirad", ["list"]), workflow, step)
    return any("--override" in parameter.opts for parameter in command.params)


@pytest.mark.parametrize("name", tables.NAMES)
def test_exactly_the_steps_with_something_to_set_aside_take_an_override(name: str) -> None:
    workflow = tables.workflow(name)
    steps = [step for step in workflow.by_step if is_taken_by_persons(workflow, step)]
    overridable = {row.step for row in workflow.rows if row.overridable}
    assert {step for step in steps if takes_override(workflow, step)} == overridable
    assert {step for step in steps if may_be_overridden(workflow, step)} == overridable


def summon(desk: Desk, options: str = "") -> Answer:
    """Send the notice of the meeting."""
    return desk.types(f"meeting summon MT-1 --ref x {options}")


def test_the_office_that_may_sets_a_requirement_aside_with_a_reason(overriding: Desk) -> None:
    assert summon(overriding).code == 1
    assert summon(overriding, "--override 'Alle kan' --person liv").code == 0
    assert overriding.case("MT-1").state == "summoned"
    events = overriding.types("log MT-1 --json").json
    assert [event["type"] for event in events][-2:] == ["meeting.overridden", "meeting.summoned"]
    assert "Alle kan" in events[-2]["remarks"]


def test_nobody_else_sets_it_aside(overriding: Desk) -> None:
    overriding.does("person add 'Pia Politi'")
    overriding.does("office assign slt_roros pia --from 2018-10-01 --capacity acting")
    assert summon(overriding, "--override 'Alle kan' --person pia").code == 1
    assert overriding.case("MT-1").state == "planned"


@pytest.mark.parametrize(("reason", "said"), [("''", "--override: is empty"), ("'a\x07'", "unprintable character")])
def test_an_override_says_why(overriding: Desk, reason: str, said: str) -> None:
    answer = summon(overriding, f"--override {reason} --person liv")
    assert (answer.code, said in answer.err) == (2, True)


def test_a_step_without_an_override_does_not_take_one(overriding: Desk) -> None:
    answer = overriding.types("meeting hold MT-1 --override 'Alle kan'")
    assert (answer.code, "--override" in answer.err) == (2, True)


def test_whose_rejection_is_lifted_may_be_a_party_and_near_ones_are_named(desk: Desk) -> None:
    desk.world.propose()
    command = "agreement set-aside A-1 --version 1 --override 'Feil' --reason x --ref x"
    assert "Near: politiet" in desk.types(f"{command} --rejected-by politie").err
    assert desk.types(f"{command} --rejected-by politie").code == 3
    assert desk.types(f"{command} --rejected-by politiet").code == 1
