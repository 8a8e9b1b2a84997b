"""Approval rules: three outcomes, bound to a version, counted by the body's own rule."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.approval import (
    AllOf,
    AtLeast,
    Ballot,
    Finding,
    Requires,
    Rule,
    Status,
    count,
    evaluate,
    quorum_of,
    standing_on,
)  # fmt: skip
from engine.errors import DefinitionError
from engine.register import Body, Named
from engine.situation import Approval, Version

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST = Version(1, "leaf1", date(2018, 12, 10), (), ())
SECOND = Version(2, "leaf2", date(2019, 2, 1), (), ())
BOTH = AllOf((Requires("regionen"), Requires("politiet")))
TWO_OF_THREE = AtLeast(2, (Requires("a"), Requires("b"), Requires("c")))


def act(party: str, outcome: str = "approved", version: Version = SECOND) -> Approval:
    """An approval (or other outcome) by a party."""
    return Approval("approval", party, version.number, version.leaf, outcome, None, None, date(2019, 2, 14), "x")


CELLS: list[tuple[Rule, Sequence[Approval], Status]] = [
    (Requires("politiet"), [], Status.OPEN),
    (Requires("politiet"), [act("politiet")], Status.MET),
    (Requires("politiet"), [act("politiet", "rejected")], Status.LOST),
    (BOTH, [act("politiet")], Status.OPEN),
    (BOTH, [act("politiet"), act("regionen")], Status.MET),
    (BOTH, [act("politiet", "rejected")], Status.LOST),
    (TWO_OF_THREE, [act("a")], Status.OPEN),
    (TWO_OF_THREE, [act("a"), act("c")], Status.MET),
    (TWO_OF_THREE, [act("a", "rejected"), act("b")], Status.OPEN),
    (TWO_OF_THREE, [act("a", "rejected"), act("b", "rejected")], Status.LOST),
]


@pytest.mark.parametrize(("rule", "acts", "expected"), CELLS)
def test_a_rule_is_met_or_open_or_can_no_longer_be_met(rule: Rule, acts: Sequence[Approval], expected: Status) -> None:
    assert evaluate(rule, standing_on(SECOND, acts)).status is expected


def test_an_open_rule_names_who_is_missing() -> None:
    assert evaluate(BOTH, [act("politiet")]).missing() == ("regionen",)


def test_an_approval_of_an_earlier_version_does_not_count() -> None:
    earlier = act("politiet", version=FIRST)
    assert standing_on(SECOND, [earlier]) == ()


def test_the_same_text_again_is_another_version_and_revives_nothing() -> None:
    third = Version(3, "leaf3", date(2019, 3, 1), FIRST.documents, FIRST.seats)
    assert evaluate(BOTH, standing_on(third, [act("politiet", version=FIRST)])).status is Status.OPEN


def test_approvals_given_in_the_amendment_count_for_the_version_taken_from_it() -> None:
    taken = Version(2, "leaf9", date(2019, 5, 1), (), (), source="leaf2")
    assert standing_on(taken, [act("politiet")]) == (act("politiet"),)


def test_a_withdrawn_approval_is_missing_again() -> None:
    acts = [act("politiet"), act("politiet", "withdrawn")]
    assert evaluate(Requires("politiet"), standing_on(SECOND, acts)).status is Status.OPEN


def test_a_rejection_stands_until_the_same_party_changes_it() -> None:
    acts = [act("politiet", "rejected"), act("regionen")]
    assert evaluate(BOTH, standing_on(SECOND, acts)).status is Status.LOST
    assert evaluate(BOTH, standing_on(SECOND, [*acts, act("politiet")])).status is Status.MET


@pytest.mark.parametrize(
    "build", [lambda: AllOf(()), lambda: AtLeast(0, (Requires("a"),)), lambda: AtLeast(2, (Requires("a"),))]
)
def test_a_rule_that_can_never_be_decided_is_refused(build: object) -> None:
    with pytest.raises(DefinitionError):
        build()  # type: ignore[operator]  # one of the three constructors above


@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=5), st.sampled_from(["a", "b", "c"]))
def test_adding_an_approval_never_turns_met_into_open(parties: list[str], more: str) -> None:
    acts = [act(party) for party in parties]
    before = evaluate(TWO_OF_THREE, standing_on(SECOND, acts)).status
    after = evaluate(TWO_OF_THREE, standing_on(SECOND, [*acts, act(more)])).status
    assert after is Status.MET or before is not Status.MET


@given(st.permutations([act("a"), act("b", "rejected"), act("c")]))
def test_the_order_of_independent_approvals_does_not_matter(acts: list[Approval]) -> None:
    assert evaluate(TWO_OF_THREE, standing_on(SECOND, acts)).status is Status.MET


MEMBERS = tuple(f"ordforer_{n}" for n in range(6))
NAMES = (Named("Regionrådet"),)


def body(rule: str = "majority", quorum: int | None = None, tie: str = "leader") -> Body:
    """A body of six with a decision rule."""
    return Body(names=NAMES, leader="leder", secretary="sekretar", members=MEMBERS, rule=rule, quorum=quorum, tie=tie)  # type: ignore[arg-type]  # one of the rule's own words


def vote(
    votes: tuple[int, int, int],
    *,
    present: int = 6,
    recused: int = 0,
    leader_for: bool | None = None,
    of: Body | None = None,
) -> Finding:
    """Count a vote of the first `present` members, the last `recused` of the body being disqualified."""
    out = MEMBERS[len(MEMBERS) - recused :]
    ballot = Ballot(MEMBERS, MEMBERS[:present], out, votes)
    return count(of or body(), ballot, leader_for)


def test_a_majority_of_votes_cast_carries() -> None:
    assert vote((3, 2, 1)).status is Status.MET


def test_blank_votes_do_not_count_against() -> None:
    assert vote((2, 1, 3)).status is Status.MET


@pytest.mark.parametrize(("leader_for", "status"), [(True, Status.MET), (False, Status.LOST), (None, Status.LOST)])
def test_the_leader_breaks_a_tie(leader_for: bool | None, status: Status) -> None:  # noqa: FBT001  # three values
    assert vote((3, 3, 0), leader_for=leader_for).status is status


def test_a_tie_falls_where_the_rule_says_so() -> None:
    assert vote((3, 3, 0), leader_for=True, of=body(tie="falls")).status is Status.LOST


@pytest.mark.parametrize(
    ("votes", "status"), [((6, 0, 0), Status.MET), ((5, 0, 1), Status.LOST), ((5, 1, 0), Status.LOST)]
)
def test_consensus_needs_every_vote(votes: tuple[int, int, int], status: Status) -> None:
    assert vote(votes, of=body("consensus")).status is status


def test_half_of_the_members_are_a_quorum_and_fewer_are_not() -> None:
    assert vote((3, 0, 0), present=3).status is Status.MET
    assert vote((2, 0, 0), present=2).what.code == "no_quorum"


def test_the_body_may_set_its_own_quorum() -> None:
    assert vote((4, 0, 0), present=4, of=body(quorum=5)).what.code == "no_quorum"


def test_recused_members_leave_the_quorum_and_the_vote() -> None:
    assert quorum_of(body(), 4) == 2
    assert vote((2, 0, 0), present=2, recused=2).status is Status.MET
    assert vote((5, 0, 0), present=6, recused=2).what.code == "votes_do_not_add_up"


def test_votes_must_add_up_to_those_present() -> None:
    assert vote((3, 1, 0), present=6).what.code == "votes_do_not_add_up"


def test_a_stranger_cannot_be_present() -> None:
    ballot = Ballot(MEMBERS, (*MEMBERS, "politimester"), (), (7, 0, 0))
    assert count(body(), ballot, None).what.parameters == {"who": "politimester"}
