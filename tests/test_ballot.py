"""A body's vote: quorum, recusal, deputies, persons on several seats, reservations, vetoes, the casting vote."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ballot import Ballot, cannot_be, count, heads, quorum_of
from engine.errors import Reason, because
from engine.finding import Finding, Status
from engine.register import VoteRule

SEATS = tuple(f"ordforer_{n}" for n in range(6))
PERSONS = {seat: f"p_{seat}" for seat in SEATS}
MAJORITY = VoteRule("majority")
CONSENSUS = VoteRule("consensus")
RESERVING = VoteRule("consensus_with_reservation")
VETO = VoteRule("majority", veto=("ordforer_0",))


def ballot(votes: tuple[int, int, int] | None, *, present: int = 6, recused: int = 0, **how: Any) -> Ballot:  # noqa: ANN401  # of a ballot
    """A vote of the first `present` members, the last `recused` of the body being disqualified."""
    settled = {"persons": PERSONS, "outcome": "carried", **how}
    return Ballot(SEATS, SEATS[:present], SEATS[len(SEATS) - recused :], votes=votes, **settled)


def vote(under: VoteRule, votes: tuple[int, int, int] | None, **how: Any) -> Finding:  # noqa: ANN401  # of a ballot
    """Count such a vote."""
    return count(under, ballot(votes, **how))


def fault(rule: VoteRule, votes: tuple[int, int, int], **how: Any) -> str | None:  # noqa: ANN401  # of a ballot
    """Why such a vote cannot be."""
    reason = cannot_be(rule, ballot(votes, **how))
    return reason.code if reason else None


CARRIES = [
    (MAJORITY, (3, 2, 1), {}, True),
    (MAJORITY, (2, 3, 1), {}, False),
    (MAJORITY, (2, 1, 3), {}, True),
    (MAJORITY, (0, 0, 6), {}, False),
    (MAJORITY, (3, 3, 0), {"leader_for": True}, True),
    (MAJORITY, (3, 3, 0), {"leader_for": False}, False),
    (MAJORITY, (3, 3, 0), {}, False),
    (MAJORITY, (2, 3, 1), {"leader_for": True}, False),
    (MAJORITY, (0, 0, 6), {"leader_for": True}, False),
    (VoteRule("majority", tie="falls"), (3, 3, 0), {"leader_for": True}, False),
    (VoteRule("majority", tie="falls"), (4, 2, 0), {}, True),
    (MAJORITY, (1, 1, 4), {"leader_for": True}, True),
    (CONSENSUS, (1, 0, 0), {"present": 1, "recused": 5}, True),
    (CONSENSUS, (0, 0, 0), {"reserved": SEATS}, False),
    (CONSENSUS, (6, 0, 0), {}, True),
    (CONSENSUS, (5, 0, 1), {}, False),
    (CONSENSUS, (5, 1, 0), {}, False),
    (CONSENSUS, (5, 0, 0), {"reserved": SEATS[:1]}, False),
    (RESERVING, (5, 0, 0), {"reserved": SEATS[:1]}, True),
    (RESERVING, (1, 0, 0), {"reserved": SEATS[:5]}, True),
    (RESERVING, (0, 0, 0), {"reserved": SEATS}, False),
    (RESERVING, (4, 1, 0), {"reserved": SEATS[:1]}, False),
    (RESERVING, (4, 0, 1), {"reserved": SEATS[:1]}, False),
    (RESERVING, (6, 0, 0), {}, True),
    (MAJORITY, (3, 2, 0), {"reserved": SEATS[:1]}, True),
    (VETO, (5, 1, 0), {"vetoed_by": SEATS[:1]}, False),
    (VETO, (5, 1, 0), {"vetoed_by": SEATS[1:2]}, True),
    (VETO, (5, 1, 0), {}, True),
    (MAJORITY, (5, 1, 0), {"vetoed_by": SEATS[:1]}, True),
]


@pytest.mark.parametrize(("rule", "votes", "how", "carried"), CARRIES)
def test_a_vote_carries_by_the_rule(
    rule: VoteRule, votes: tuple[int, int, int], how: dict[str, Any], carried: bool  # noqa: FBT001  # a column of the table
) -> None:  # fmt: skip
    assert vote(rule, votes, **how).status is (Status.MET if carried else Status.LOST)


def test_half_of_those_entitled_are_a_quorum_and_fewer_are_not() -> None:
    assert vote(MAJORITY, (3, 0, 0), present=3).status is Status.MET
    assert fault(MAJORITY, (2, 0, 0), present=2) == "no_quorum"
    assert [quorum_of(MAJORITY, entitled) for entitled in (0, 1, 2, 3, 5, 6)] == [1, 1, 1, 2, 3, 3]


def test_the_body_may_set_its_own_quorum() -> None:
    assert fault(VoteRule(quorum=5), (4, 0, 0), present=4) == "no_quorum"
    assert fault(VoteRule(quorum=5), (5, 0, 0), present=5) is None


def test_nobody_is_no_quorum_even_where_everybody_is_recused() -> None:
    assert fault(CONSENSUS, (0, 0, 0), present=6, recused=6) == "no_quorum"


def test_recused_members_leave_the_quorum_and_the_vote() -> None:
    assert vote(MAJORITY, (2, 0, 0), present=2, recused=2).status is Status.MET
    assert fault(MAJORITY, (5, 0, 0), present=6, recused=2) == "votes_do_not_add_up"
    assert fault(MAJORITY, (4, 0, 0), present=6, recused=2) is None


def test_where_a_deputy_steps_in_the_recused_members_seat_counts_again() -> None:
    assert fault(MAJORITY, (6, 0, 0), recused=1, deputies={"ordforer_5": "p_deputy"}) is None
    assert fault(MAJORITY, (5, 0, 0), recused=1, deputies={"ordforer_5": "p_deputy"}) == "votes_do_not_add_up"


def test_whoever_is_recused_is_so_on_every_seat() -> None:
    twice = {**PERSONS, "ordforer_0": "p_ordforer_5"}
    assert fault(MAJORITY, (5, 0, 0), recused=1, persons=twice) == "recused_elsewhere"
    assert fault(MAJORITY, (6, 0, 0), recused=1, deputies={"ordforer_5": "p_ordforer_5"}) == "recused_elsewhere"
    assert fault(MAJORITY, (5, 0, 0), recused=1, persons=None) is None


def test_one_person_on_two_seats_has_one_vote_where_persons_are_counted() -> None:
    twice = {**PERSONS, "ordforer_1": "p_ordforer_0"}
    assert fault(MAJORITY, (6, 0, 0), persons=twice) == "votes_do_not_add_up"
    assert fault(MAJORITY, (5, 0, 0), persons=twice) is None
    assert fault(VoteRule(counts="seats"), (6, 0, 0), persons=twice) is None
    assert fault(MAJORITY, (2, 0, 0), present=3, persons=twice) == "no_quorum"


def test_a_seat_whose_holder_is_unknown_counts_for_itself() -> None:
    assert heads(MAJORITY, ballot((1, 0, 0), persons=None), SEATS) == 6
    assert heads(MAJORITY, ballot((1, 0, 0), persons={"ordforer_0": "p"}), SEATS[:3]) == 3


def test_nobody_sits_on_a_vacant_seat() -> None:
    vacant = {seat: person for seat, person in PERSONS.items() if seat != "ordforer_2"}
    assert cannot_be(MAJORITY, ballot((6, 0, 0), persons=vacant)).parameters == {"who": "ordforer_2"}  # type: ignore[union-attr]  # it is a reason
    assert fault(MAJORITY, (6, 0, 0), persons=vacant, deputies={"ordforer_2": "p_deputy"}) is None
    assert fault(MAJORITY, (2, 0, 0), present=2, persons=vacant) == "no_quorum"


def test_votes_must_add_up_to_those_present() -> None:
    reason = cannot_be(MAJORITY, ballot((3, 1, 0)))
    assert reason is not None
    assert (reason.code, reason.parameters) == ("votes_do_not_add_up", {"votes": 4, "voting": 6})
    assert fault(RESERVING, (6, 0, 0), reserved=SEATS[:1]) == "votes_do_not_add_up"


@pytest.mark.parametrize("part", ["recused", "deputies", "reserved"])
def test_strangers_have_no_part_in_it(part: str) -> None:
    named: Any = {"politimester": "p"} if part == "deputies" else ("politimester",)
    strange = Ballot(SEATS, SEATS, votes=(6, 0, 0), persons=PERSONS, **{"recused": (), part: named})
    assert cannot_be(MAJORITY, strange).code == "not_a_member"  # type: ignore[union-attr]  # it is a reason


def test_a_stranger_cannot_be_present() -> None:
    strange = Ballot(SEATS, (*SEATS, "politimester"), votes=(7, 0, 0))
    assert count(MAJORITY, strange).what.parameters == {"who": "politimester"}
    assert count(MAJORITY, strange).status is Status.LOST


@pytest.mark.parametrize("part", ["reserved", "vetoed_by"])
def test_only_those_who_voted_opt_out_or_use_a_veto(part: str) -> None:
    assert fault(RESERVING, (4, 0, 0), present=5, **{part: ("ordforer_5",)}) == "did_not_vote"
    assert fault(RESERVING, (4, 0, 0), recused=1, **{part: ("ordforer_5",)}) == "did_not_vote"


def test_a_vote_needs_those_present() -> None:
    assert cannot_be(MAJORITY, Ballot(SEATS, None, votes=(6, 0, 0))).code == "present_needed"  # type: ignore[union-attr]  # it is a reason


def test_a_point_without_votes_stands_as_it_was_recorded_under_the_same_rule() -> None:
    assert vote(MAJORITY, None).status is Status.MET
    assert vote(MAJORITY, None).what.code == "recorded_as_carried"
    assert vote(MAJORITY, None, outcome="fell").what.code == "recorded_as_fallen"
    assert vote(MAJORITY, None, outcome="fell").status is Status.LOST
    assert vote(MAJORITY, None, rule=MAJORITY).status is Status.MET


def test_a_point_without_votes_says_nothing_under_a_stricter_rule() -> None:
    found = vote(CONSENSUS, None, rule=MAJORITY)
    assert (found.status, found.what.code) == (Status.LOST, "votes_not_on_record")


def test_the_count_is_told_in_its_parts() -> None:
    found = vote(VETO, (4, 1, 0), vetoed_by=SEATS[:2], reserved=SEATS[5:])
    assert found.what.parameters == {"rule": "majority"}
    assert [(part.status, part.what.code) for part in found.parts] == [
        (Status.MET, "quorate"), (Status.MET, "vote_carried"), (Status.MET, "opted_out"), (Status.LOST, "vetoed"),
        (Status.MET, "veto_without_right"),
    ]  # fmt: skip
    assert found.what == because("vote_of", rule="majority")
    assert [part.what.parameters.get("who") for part in found.parts[2:]] == [SEATS[5], SEATS[0], SEATS[1]]
    assert found.parts[0].what.parameters == {"present": 6, "needed": 3}
    assert found.parts[1].what.parameters == {"votes_for": 4, "against": 1, "blank": 0}
    assert vote(MAJORITY, (1, 4, 1)).parts[1].what.code == "vote_fell"


@pytest.mark.parametrize(
    ("reason", "ballot_"),
    [
        (because("no_quorum", present=2, needed=3), ballot((2, 0, 0), present=2)),
        (because("recused_elsewhere", who="ordforer_0"),
         ballot((5, 0, 0), recused=1, persons={**PERSONS, "ordforer_0": "p_ordforer_5"})),
        (because("did_not_vote", who="ordforer_5"), ballot((4, 0, 0), present=5, reserved=("ordforer_5",))),
        (because("not_a_member", who="politimester"), Ballot(SEATS, ("politimester",), votes=(1, 0, 0))),
        (because("present_needed"), Ballot(SEATS, None, votes=(1, 0, 0))),
        (because("named_twice", who="ordforer_5"), Ballot(SEATS, (*SEATS, "ordforer_5"), votes=(7, 0, 0))),
        (because("named_twice", who="ordforer_5"), ballot((4, 0, 0), reserved=("ordforer_5", "ordforer_5"))),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_with_who_and_how_many(reason: Reason, ballot_: Ballot) -> None:
    assert cannot_be(MAJORITY, ballot_) == reason
    assert count(MAJORITY, ballot_) == Finding(Status.LOST, reason)


@given(st.integers(0, 6), st.integers(0, 6), st.sampled_from([MAJORITY, CONSENSUS, RESERVING, VETO]))
def test_one_more_vote_for_never_makes_a_vote_fall(for_: int, against: int, rule: VoteRule) -> None:
    blank = 6 - for_ - against
    if blank > 0 and count(rule, ballot((for_, against, blank))).met:
        assert count(rule, ballot((for_ + 1, against, blank - 1))).met
