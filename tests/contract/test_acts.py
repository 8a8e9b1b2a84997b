"""Acts on versions with what they rest on: rules fixed with the version, capacity and mandate, the body's ballot."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, get_args

import msgspec
import pytest

from engine.acts import Point
from engine.ballot import Ballot
from engine.evidence import act_json, version_json
from engine.register import VoteRule
from engine.rule import AllOf, AtLeast, BodyVote, ByOrganisation, Office, Party, Requires, Rule, Signatory
from tests.contract.elder import Elder
from tests.contract.listening import LABORIOUS, plan_of
from tests.contract.scribe import COUNCIL, MANDATE, POLICE, Scribe

if TYPE_CHECKING:
    from engine.acts import Approval, Decision
    from engine.event import Json

CONSENSUS = VoteRule("consensus_with_reservation", quorum=2, tie="falls", veto=("chief",), counts="seats")
REGION = Requires("region", "board", CONSENSUS)
CHIEF = Requires("police", "chief", assurance="sshsig")

EVERY_KIND: tuple[Rule, ...] = (
    Office("chief", assurance="sshsig"),
    Party("police"),
    Signatory("region"),
    BodyVote("board", "consensus", quorum=3, tie="falls", veto=(), counts="seats"),
    BodyVote("board"),
    CHIEF,
    REGION,
    AllOf((REGION, CHIEF)),
    AtLeast(1, (CHIEF, AllOf((REGION, AtLeast(1, (CHIEF,), counts="persons"))))),
    ByOrganisation({"roros": True, "oppdal": True, "oslo": False}, at_least=2),
)


def plain(value: object) -> object:
    """A value as JSON has it: lists for tuples, and no classes."""
    return msgspec.json.decode(msgspec.json.encode(value))


def approval_of(scribe: Scribe) -> Approval:
    """The one act on A-1."""
    with scribe.store.read(COUNCIL) as reader:
        (act,) = reader.approvals("A-1")
    return act


def decision_of(scribe: Scribe) -> Decision:
    """The one decision."""
    with scribe.store.read(COUNCIL) as reader:
        return reader.decision("D-1")


@pytest.mark.parametrize("rule", EVERY_KIND, ids=lambda rule: type(rule).__name__)
def test_a_versions_rules_are_read_as_they_were_fixed(scribe: Scribe, rule: Rule) -> None:
    scribe.propose_text(rules={"approval": plain(msgspec.to_builtins(rule)), "signature": POLICE})  # type: ignore[dict-item]  # plain JSON
    with scribe.store.read(COUNCIL) as reader:
        (version,) = reader.versions("A-1")
    assert version.rules == {"approval": rule, "signature": Requires("police", "chief")}


def test_every_kind_of_rule_is_tried() -> None:
    assert {type(rule) for rule in EVERY_KIND} == set(get_args(Rule))


def test_a_version_and_an_act_say_again_what_their_events_said(scribe: Scribe) -> None:
    proposed = scribe.propose_text(author="p_1", rules={"approval": POLICE})
    approved = scribe.approve(proposed, capacity="acting", assurance="sshsig")
    with scribe.store.read(COUNCIL) as reader:
        (version,) = reader.versions("A-1")
    assert plain(version_json(version)) == plain(proposed.event.data["version"])
    assert plain(act_json(approval_of(scribe))) == plain(approved.event.data["approval"])


def test_an_act_is_read_with_its_capacity_mandate_and_place_in_the_log(scribe: Scribe) -> None:
    made = scribe.approve(scribe.propose_text(), capacity="delegate", assurance="sshsig")
    act = approval_of(scribe)
    assert (act.capacity, act.mandate, act.assurance, act.at) == ("delegate", MANDATE, "sshsig", made.position)
    assert (act.decision, act.point, act.ballot) == (None, None, None)


def test_a_decision_is_read_with_that_days_persons_deputies_options_and_rule(scribe: Scribe) -> None:
    point: Json = {
        "text": "Vedtas", "outcome": "fell", "votes": [0, 1, 0], "reserved": ["mayor"], "vetoed_by": ["chief"],
        "leader_for": False,
    }  # fmt: skip
    scribe.decide(
        roster=["mayor", "chief", "slt"], present=["mayor", "chief"], recused=["slt"], deputies={"chief": "p_7"},
        persons={"mayor": "p_3"}, points=[point],
    )  # fmt: skip
    decision = decision_of(scribe)
    assert (decision.recused, decision.deputies, decision.persons) == (("slt",), {"chief": "p_7"}, {"mayor": "p_3"})
    assert decision.points == (Point("Vedtas", "fell", (0, 1, 0), ("mayor",), ("chief",), leader_for=False),)
    assert decision.rule == VoteRule()


def test_a_decision_whose_day_is_unknown_has_no_persons(scribe: Scribe) -> None:
    scribe.decide(persons=None)
    assert decision_of(scribe).persons is None


def test_a_decision_keeps_the_rule_the_body_decided_by(scribe: Scribe) -> None:
    scribe.decide(rule=CONSENSUS)
    assert decision_of(scribe).rule == CONSENSUS


def test_a_decision_of_an_older_log_is_read_without_what_was_not_asked_then(scribe: Scribe) -> None:
    Elder(scribe.store, heads=scribe.heads).decide(rule=VoteRule(quorum=2, tie="falls"))
    decision = decision_of(scribe)
    assert decision.points == (Point("Vedtas", "carried", (2, 0, 0)), Point("Oversendes", "fell", None))
    assert (decision.present, decision.deputies, decision.persons) == (None, {}, None)
    assert decision.rule == VoteRule("majority", quorum=2, tie="falls")


def test_versions_and_acts_of_an_older_log_are_read_without_what_was_not_asked_then(scribe: Scribe) -> None:
    elder = Elder(scribe.store, heads=scribe.heads)
    elder.approve(elder.propose_text())
    with scribe.store.read(COUNCIL) as reader:
        (version,) = reader.versions("A-1")
    act = approval_of(scribe)
    assert (version.rules, version.through("approval")) == ({}, {})
    assert (act.person, act.capacity, act.mandate, act.assurance) == ("p_2", None, None, "declared")


@pytest.mark.parametrize(("point", "outcome", "votes"), [(1, "carried", (5, 1, 0)), (2, "fell", None)])
def test_an_approval_is_read_with_the_vote_on_the_point_it_cites(
    scribe: Scribe, point: int, outcome: str, votes: tuple[int, int, int] | None
) -> None:
    decided = scribe.decide(present=["mayor"], deputies={"mayor": "p_7"})
    scribe.approve_by(decided, scribe.propose_text(), point)
    act = approval_of(scribe)
    assert (act.party, act.decision, act.point, act.on) == ("region", "D-1", point, date(2019, 1, 9))
    assert act.ballot == Ballot(
        ("mayor", "chief"), ("mayor",), (), {"mayor": "p_7"}, {"mayor": "p_3", "chief": "p_2"}, votes, outcome=outcome,
        rule=VoteRule(),
    )  # fmt: skip
    assert act.ballot == decision_of(scribe).ballot(point)


def test_each_approval_has_the_ballot_of_its_own_decision(scribe: Scribe) -> None:
    version = scribe.propose_text()
    for decided in (scribe.decide(), scribe.decide(id="D-2", roster=["slt"])):
        scribe.approve_by(decided, version)
    scribe.approve(version)
    with scribe.store.read(COUNCIL) as reader:
        acts = reader.approvals("A-1")
    assert [(act.decision, act.ballot and act.ballot.roster) for act in acts] == [
        ("D-1", ("mayor", "chief")), ("D-2", ("slt",)), (None, None),
    ]  # fmt: skip


def test_a_decision_of_another_council_lends_no_ballot(scribe: Scribe) -> None:
    other = Scribe(scribe.store, council="oppdal")
    other.open_council()
    scribe.approve_by(other.decide(), scribe.propose_text())
    act = approval_of(scribe)
    assert (act.decision, act.ballot) == (None, None)


def test_approvals_with_their_ballots_are_one_question_answered_by_keys(scribe: Scribe) -> None:
    scribe.approve_by(scribe.decide(), scribe.propose_text())
    with scribe.store.read(COUNCIL) as reader:
        plan = plan_of(reader._link, lambda: reader.approvals("A-1"))  # noqa: SLF001  # the driver's to tell
    assert not any(LABORIOUS.search(step) for step in plan), plan
