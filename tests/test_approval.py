"""Approval rules: three outcomes, bound to a version, worked out from the acts alone."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.acts import Approval, Version
from engine.approval import Terms, evaluate, lacks_other_eyes, outcome, standing_on
from engine.ballot import Ballot, count
from engine.errors import because
from engine.finding import Finding, Status
from engine.register import VoteRule
from engine.rule import ASSURANCES, AllOf, AtLeast, ByOrganisation, Office, Requires, Rule, leaves

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST = Version(1, "leaf1", date(2018, 12, 10), (), ())
SECOND = Version(2, "leaf2", date(2019, 2, 1), (), ())
DAY = date(2019, 2, 14)


AUTHORED = Terms(frozenset({"p_a"}))


def needs(who: str, **how: Any) -> Requires:  # noqa: ANN401  # of a requirement
    """An act of an office."""
    return Requires(who, who, **how)


BOTH = AllOf((needs("regionen"), needs("politiet")))
THREE = (needs("a"), needs("b"), needs("c"))
TWO_OF_THREE = AtLeast(2, THREE)
TWO_PERSONS = AtLeast(2, THREE, counts="persons")
TOWNS = ByOrganisation({"melhus": True, "roros": True, "oppdal": True, "rennebu": False}, 2)
COUNCIL = Requires("regionen", "regionrad", VoteRule())
SEATS = ("s1", "s2", "s3", "s4")


def act(party: str, outcome: str = "approved", version: Version = SECOND, **how: Any) -> Approval:  # noqa: ANN401  # of an act
    """An approval (or other outcome) by a party, each by a person of its own."""
    settled = {"kind": "approval", "office": party, "person": f"p_{party}", "on": DAY, "leaf": "x", **how}
    return Approval(party=party, version=version.number, version_leaf=version.leaf, outcome=outcome, **settled)


def answer(town: str, outcome: str) -> Approval:
    """A municipality's answer."""
    return act(town, outcome, kind="ratification")


def ballot(for_: int, against: int = 0, **how: Any) -> Ballot:  # noqa: ANN401  # of a ballot
    """A vote of four, all present."""
    return Ballot(SEATS, SEATS, votes=(for_, against, 4 - for_ - against), **how)


def status_of(rule: Rule, acts: Sequence[Approval], **how: Any) -> Status:  # noqa: ANN401  # kind, terms, until
    """The outcome on the second version."""
    return outcome(rule, SECOND, acts, **how).status


CELLS: list[tuple[Rule, Sequence[Approval], Status]] = [
    (needs("politiet"), [], Status.OPEN),
    (needs("politiet"), [act("politiet")], Status.MET),
    (needs("politiet"), [act("politiet", "rejected")], Status.LOST),
    (BOTH, [act("politiet")], Status.OPEN),
    (BOTH, [act("politiet"), act("regionen")], Status.MET),
    (BOTH, [act("politiet", "rejected")], Status.LOST),
    (TWO_OF_THREE, [], Status.OPEN),
    (TWO_OF_THREE, [act("a")], Status.OPEN),
    (TWO_OF_THREE, [act("a"), act("c")], Status.MET),
    (TWO_OF_THREE, [act("a"), act("b"), act("c", "rejected")], Status.MET),
    (TWO_OF_THREE, [act("a", "rejected")], Status.OPEN),
    (TWO_OF_THREE, [act("a", "rejected"), act("b")], Status.OPEN),
    (TWO_OF_THREE, [act("a", "rejected"), act("b", "rejected")], Status.LOST),
    (TWO_PERSONS, [act("a"), act("b")], Status.MET),
    (TWO_PERSONS, [act("a"), act("b", person="p_a")], Status.OPEN),
    (TWO_PERSONS, [act("a"), act("b", person="p_a"), act("c", person="p_a")], Status.LOST),
    (TWO_PERSONS, [act("a"), act("b", person="p_a"), act("c")], Status.MET),
    (TWO_PERSONS, [act("a"), act("b", person=None), act("c", "rejected")], Status.LOST),
    (COUNCIL, [act("regionen", person=None, ballot=ballot(3, 1))], Status.MET),
    (COUNCIL, [act("regionen", person=None, ballot=ballot(1, 3))], Status.OPEN),
    (COUNCIL, [act("regionen", person=None)], Status.OPEN),
    (COUNCIL, [act("regionen", "rejected", person=None)], Status.LOST),
    (COUNCIL, [act("regionen", capacity="delegate")], Status.MET),
    (AllOf((TWO_OF_THREE, needs("politiet"))), [act("a"), act("b")], Status.OPEN),
    (AllOf((TWO_OF_THREE, needs("politiet"))), [act("a"), act("b"), act("politiet")], Status.MET),
]


@pytest.mark.parametrize(("rule", "acts", "expected"), CELLS)
def test_a_rule_is_met_or_open_or_can_no_longer_be_met(rule: Rule, acts: Sequence[Approval], expected: Status) -> None:
    assert status_of(rule, acts) is expected


ANSWERS: list[tuple[list[Approval], Status]] = [
    ([], Status.OPEN),
    ([answer("melhus", "acceded"), answer("roros", "acceded")], Status.OPEN),
    ([answer(town, "acceded") for town in ("melhus", "roros", "oppdal")], Status.MET),
    ([answer("melhus", "acceded"), answer("roros", "acceded"), answer("oppdal", "reserved")], Status.MET),
    ([answer("melhus", "reserved"), answer("roros", "reserved")], Status.LOST),
    ([answer("melhus", "reserved"), answer("rennebu", "reserved")], Status.OPEN),
]


@pytest.mark.parametrize(("acts", "expected"), ANSWERS)
def test_organisations_answer_one_by_one_and_enough_must_accede(acts: list[Approval], expected: Status) -> None:
    assert status_of(TOWNS, acts, kind="ratification") is expected


def test_where_no_organisation_is_asked_none_is_waited_for() -> None:
    assert status_of(ByOrganisation({"melhus": False}), [], kind="ratification") is Status.MET


def test_each_organisation_is_told_apart() -> None:
    acts = [answer("melhus", "acceded"), answer("roros", "reserved")]
    codes = [part.what.code for part in outcome(TOWNS, SECOND, acts, kind="ratification").parts]
    assert codes == [
        "ratification_acceded", "ratification_reserved", "ratification_missing", "ratification_not_required"
    ]  # fmt: skip
    said = outcome(TOWNS, SECOND, acts, kind="ratification").what
    assert (said.code, dict(said.parameters)) == ("organisations", {"acceded": 1, "needed": 2, "of": 3})


def test_an_organisation_that_was_not_asked_and_answers_is_told_all_the_same() -> None:
    found = outcome(TOWNS, SECOND, [answer("rennebu", "acceded")], kind="ratification")
    assert found.parts[3].what.code == "ratification_acceded"
    assert found.what.parameters["acceded"] == 0


def test_an_open_rule_names_who_is_missing_and_through_whom() -> None:
    missing = evaluate(AllOf((needs("politiet"), COUNCIL)), {"politiet": act("politiet")}).missing()
    assert [(leaf.who, leaf.by, leaf.what.code) for leaf in missing] == [("regionen", "regionrad", "approval_missing")]


def test_a_finding_names_the_act_it_rests_on() -> None:
    given_ = act("politiet")
    (leaf,) = outcome(AllOf((needs("politiet"),)), SECOND, [given_]).leaves()
    assert (leaf.act, leaf.who, leaf.by) == (given_, "politiet", "politiet")
    assert (leaf.what.code, dict(leaf.what.parameters)) == ("approval_approved", {"who": "politiet"})


GIVEN = act("regionen", person=None, ballot=ballot(3, 1))
EXACT: list[tuple[Rule, Approval | None, Finding]] = [
    (COUNCIL, None, Finding(Status.OPEN, because("approval_missing", who="regionen"), "regionen", "regionrad")),
    (COUNCIL, act("regionen", "rejected"),
     Finding(Status.LOST, because("approval_rejected", who="regionen"), "regionen", "regionrad",
             act("regionen", "rejected"))),
    (COUNCIL, act("regionen"),
     Finding(Status.OPEN, because("vote_missing", who="regionen"), "regionen", "regionrad", act("regionen"))),
    (COUNCIL, GIVEN,
     Finding(Status.MET, because("approval_approved", who="regionen"), "regionen", "regionrad", GIVEN,
             (count(VoteRule(), ballot(3, 1)),))),
    (COUNCIL, act("regionen", ballot=ballot(1, 3)),
     Finding(Status.OPEN, because("vote_not_carried", who="regionen"), "regionen", "regionrad",
             act("regionen", ballot=ballot(1, 3)), (count(VoteRule(), ballot(1, 3)),))),
    (needs("politiet", assurance="sshsig"), act("politiet"),
     Finding(Status.OPEN, because("assurance_too_low", who="politiet", given="declared", needed="sshsig"), "politiet",
             "politiet", act("politiet"))),
    (needs("politiet"), act("politiet"),
     Finding(Status.MET, because("approval_approved", who="politiet"), "politiet", "politiet", act("politiet"))),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "given_", "expected"), EXACT)
def test_each_requirement_is_told_whole(rule: Rule, given_: Approval | None, expected: Finding) -> None:
    assert outcome(rule, SECOND, [given_] if given_ else []) == expected


def test_an_organisation_that_is_not_asked_is_named() -> None:
    (part,) = outcome(ByOrganisation({"melhus": False}), SECOND, [], kind="ratification").parts
    assert part == Finding(Status.MET, because("ratification_not_required", who="melhus"))


def test_a_joined_rule_asks_for_the_kind_of_act_it_is_about() -> None:
    found = outcome(BOTH, SECOND, [act("politiet", "signed", kind="signature")], kind="signature")
    assert [leaf.what.code for leaf in found.leaves()] == ["signature_missing", "signature_signed"]


@pytest.mark.parametrize(("acts", "status"), [([act("b"), act("a")], Status.MET), ([act("a")], Status.OPEN)])
def test_four_eyes_are_told_beside_the_rule(acts: list[Approval], status: Status) -> None:
    found = outcome(TWO_OF_THREE, SECOND, acts, terms=AUTHORED)
    eyes = Finding(status, because("other_eyes" if status is Status.MET else "author_alone"))
    assert (found.what, found.parts[1]) == (because("four_eyes"), eyes)


def test_a_threshold_tells_how_many_of_how_many() -> None:
    found = outcome(TWO_OF_THREE, SECOND, [])
    assert (found.what.code, dict(found.what.parameters)) == ("n_of_m", {"needed": 2, "of": 3})
    assert outcome(TWO_PERSONS, SECOND, []).what.code == "n_of_m_persons"
    assert outcome(BOTH, SECOND, []).what.parameters == {"needed": 2, "of": 2}


def test_a_vote_that_fell_shows_how_and_leaves_the_body_free_to_meet_again() -> None:
    fell = act("regionen", person=None, ballot=ballot(1, 3))
    found = outcome(COUNCIL, SECOND, [fell])
    assert (found.what.code, found.act, found.who) == ("vote_not_carried", fell, "regionen")
    assert found.parts[0].status is Status.LOST
    assert found.missing() == (found,)


def test_a_bodys_approval_without_a_vote_on_record_does_not_count() -> None:
    found = outcome(COUNCIL, SECOND, [act("regionen", person=None)])
    assert (found.what.code, found.who) == ("vote_missing", "regionen")


def test_a_bodys_vote_is_shown_with_its_tally() -> None:
    found = outcome(COUNCIL, SECOND, [act("regionen", person=None, ballot=ballot(3, 1))])
    assert found.what.code == "approval_approved"
    assert [part.what.code for part in found.parts[0].parts] == ["quorate", "vote_carried"]


def test_an_approval_of_an_earlier_version_does_not_count() -> None:
    assert standing_on(SECOND, [act("politiet", version=FIRST)]) == ()


def test_the_same_text_again_is_another_version_and_revives_nothing() -> None:
    third = Version(3, "leaf3", date(2019, 3, 1), FIRST.documents, FIRST.seats)
    assert outcome(BOTH, third, [act("politiet", version=FIRST)]).status is Status.OPEN


def test_approvals_given_in_the_amendment_count_for_the_version_taken_from_it() -> None:
    taken = Version(2, "leaf9", date(2019, 5, 1), (), (), source="leaf2")
    assert standing_on(taken, [act("politiet")]) == (act("politiet"),)


@pytest.mark.parametrize("taken_back", ["withdrawn", "lifted"])
def test_what_is_taken_back_is_missing_again(taken_back: str) -> None:
    acts = [act("politiet", "rejected" if taken_back == "lifted" else "approved"), act("politiet", taken_back)]
    assert status_of(needs("politiet"), acts) is Status.OPEN
    assert status_of(needs("politiet"), [*acts, act("politiet")]) is Status.MET


def test_a_rejection_stands_until_the_same_party_changes_it() -> None:
    acts = [act("politiet", "rejected"), act("regionen")]
    assert status_of(BOTH, acts) is Status.LOST
    assert status_of(BOTH, [*acts, act("politiet")]) is Status.MET


def test_what_is_said_again_stands_as_it_was_first_said() -> None:
    first, again = act("politiet", leaf="first"), act("politiet", leaf="again", person="p_other")
    assert standing_on(SECOND, [first, again]) == (first,)


def test_acts_of_another_kind_are_not_counted() -> None:
    assert status_of(needs("politiet"), [act("politiet", "signed", kind="signature")]) is Status.OPEN
    assert status_of(needs("politiet"), [act("politiet", "signed", kind="signature")], kind="signature") is Status.MET


def test_an_identity_weaker_than_the_rule_demands_does_not_count() -> None:
    signed = needs("politiet", assurance="sshsig")
    found = outcome(signed, SECOND, [act("politiet")])
    assert (found.status, found.what.code) == (Status.OPEN, "assurance_too_low")
    assert found.what.parameters == {"who": "politiet", "given": "declared", "needed": "sshsig"}
    assert status_of(signed, [act("politiet", assurance="sshsig")]) is Status.MET
    assert status_of(needs("politiet"), [act("politiet", assurance="sshsig")]) is Status.MET
    assert status_of(signed, [act("politiet", "rejected")]) is Status.LOST


def test_the_author_is_not_the_only_approver() -> None:
    alone, another = [act("a"), act("b", person="p_a")], [act("a"), act("b")]
    found = outcome(TWO_OF_THREE, SECOND, alone, terms=AUTHORED)
    assert (found.status, found.parts[1].what.code, lacks_other_eyes(found)) == (Status.OPEN, "author_alone", True)
    found = outcome(TWO_OF_THREE, SECOND, another, terms=AUTHORED)
    assert (found.status, found.parts[1].what.code, lacks_other_eyes(found)) == (Status.MET, "other_eyes", False)
    assert (found.what.code, found.parts[0].what.code) == ("four_eyes", "n_of_m")


def test_four_eyes_are_not_lacking_before_the_rule_itself_is_met() -> None:
    assert not lacks_other_eyes(outcome(TWO_OF_THREE, SECOND, [act("a")], terms=AUTHORED))
    assert not lacks_other_eyes(outcome(TWO_OF_THREE, SECOND, [act("b"), act("c")]))
    assert not lacks_other_eyes(outcome(needs("b"), SECOND, [act("b")]))


def test_four_eyes_do_not_turn_a_lost_rule_open() -> None:
    acts = [act("a", "rejected"), act("b", "rejected")]
    assert status_of(TWO_OF_THREE, acts, terms=AUTHORED) is Status.LOST


def test_a_body_is_other_eyes_than_any_author() -> None:
    voted = act("regionen", person=None, ballot=ballot(3, 1))
    assert status_of(AllOf((needs("a"), COUNCIL)), [act("a"), voted], terms=AUTHORED) is Status.MET


def test_an_approver_nobody_knows_is_no_other_eyes() -> None:
    assert status_of(needs("b"), [act("b", person=None)], terms=AUTHORED) is Status.OPEN


def test_a_rejection_by_others_is_no_other_eyes() -> None:
    acts = [act("a"), act("b", person="p_a"), act("c", "rejected")]
    assert status_of(TWO_OF_THREE, acts, terms=AUTHORED) is Status.OPEN


def test_four_eyes_are_for_approvals_not_for_signatures() -> None:
    acts = [act("a", "signed", kind="signature")]
    assert status_of(needs("a"), acts, kind="signature", terms=AUTHORED) is Status.MET


def test_strict_four_eyes_leave_the_authors_approval_out_and_keep_his_rejection() -> None:
    strict = Terms(frozenset({"p_a"}), strict=True)
    assert status_of(TWO_OF_THREE, [act("a"), act("b")], terms=strict) is Status.OPEN
    assert status_of(TWO_OF_THREE, [act("b"), act("c")], terms=strict) is Status.MET
    assert status_of(needs("a"), [act("a", "rejected")], terms=strict) is Status.LOST
    assert status_of(needs("a"), [act("a")]) is Status.MET


def test_an_excluded_act_does_not_replace_the_one_before_it() -> None:
    strict = Terms(frozenset({"p_author"}), strict=True)
    acts = [act("a", "rejected"), act("a", person="p_author")]
    assert status_of(needs("a"), acts, terms=strict) is Status.LOST


def test_an_error_counts_as_not_met(caplog: pytest.LogCaptureFixture) -> None:
    never_resolved = AllOf((Office("politimester"),))
    found = outcome(never_resolved, SECOND, [act("politimester")])
    assert (found.status, found.what.code, found.parts) == (Status.OPEN, "rule_failed", ())
    assert "Office was never resolved" in caplog.text
    assert "counts as not met" in caplog.text


SIGNED = needs("a", assurance="sshsig")
VETO = Requires("regionen", "regionrad", VoteRule("consensus", veto=("s1",)))
OPTING_OUT = Requires("regionen", "regionrad", VoteRule("consensus_with_reservation", quorum=3))
RULES: tuple[tuple[Rule, set[str]], ...] = (
    (BOTH, {"regionen", "politiet"}), (TWO_OF_THREE, set()), (TWO_PERSONS, set()),
    (AllOf((TWO_OF_THREE, needs("politiet"))), {"politiet"}), (AtLeast(1, (BOTH, TWO_PERSONS)), set()),
    (AllOf((COUNCIL, AtLeast(1, THREE))), {"regionen"}), (SIGNED, {"a"}), (AllOf((SIGNED, needs("b"))), {"a", "b"}),
    (VETO, {"regionen"}), (AllOf((OPTING_OUT, needs("a"))), {"regionen", "a"}),
)  # fmt: skip
"""Rules for approvals, and whose yes each cannot do without."""

ANSWERED: tuple[tuple[Rule, set[str]], ...] = (
    (TOWNS, {"melhus", "roros", "oppdal"}), (ByOrganisation({"melhus": True, "roros": False}), {"melhus"}),
)  # fmt: skip
"""Rules for municipalities, and whose answer, whatever it is, each cannot do without."""

PARTIES = ("a", "b", "c", "politiet", "regionen")
MUNICIPALITIES = ("melhus", "roros", "oppdal", "rennebu")
PERSONS = st.sampled_from(["p_a", "p_b", "p_c", None])
TERMS = st.sampled_from([Terms(), AUTHORED, Terms(frozenset({"p_a", "p_b"})), Terms(frozenset({"p_a"}), strict=True)])
BALLOTS = st.sampled_from([
    ballot(3, 1), ballot(1, 3), ballot(4), ballot(4, vetoed_by=("s1",)), Ballot(SEATS, SEATS[:2], votes=(2, 0, 0)),
    Ballot(SEATS, SEATS, votes=(3, 0, 0), reserved=("s4",)), Ballot(SEATS, SEATS, votes=(2, 1, 0), reserved=("s4",)),
    None,
])  # fmt: skip
SAID = {
    "approval": ("approved", "approved", "approved", "rejected", "withdrawn", "lifted"),
    "ratification": ("acceded", "acceded", "reserved"),
}
"""What may be said, yes more often than not, so that rules are met at all."""

YES = {"approval": "approved", "ratification": "acceded"}


@st.composite
def acts_of(draw: st.DrawFn, kind: str, outcomes: Sequence[str] = ()) -> Approval:
    """Any act of a kind on either version."""
    parties = MUNICIPALITIES if kind == "ratification" else PARTIES
    return act(
        draw(st.sampled_from(parties)), draw(st.sampled_from(outcomes or SAID[kind])),
        draw(st.sampled_from([FIRST, SECOND])), kind=kind, person=draw(PERSONS), ballot=draw(BALLOTS),
        assurance=draw(st.sampled_from(ASSURANCES)),
    )  # fmt: skip


MANY = settings(max_examples=500, deadline=None)


class Scene(NamedTuple):
    """A rule, who is asked in any case, the kind of act it asks for, what was said, and the four eyes."""

    rule: Rule
    asked: set[str]
    kind: str
    acts: list[Approval]
    terms: Terms

    def status(self, acts: Sequence[Approval]) -> Status:
        """Where the rule stands after other acts."""
        return status_of(self.rule, acts, kind=self.kind, terms=self.terms)


@st.composite
def scenes(draw: st.DrawFn, *, once: bool = False) -> Scene:
    """Anything said under any rule; `once`: by each party once."""
    kind = draw(st.sampled_from(("approval", "ratification")))
    rule, asked = draw(st.sampled_from(ANSWERED if kind == "ratification" else RULES))
    acts = st.lists(acts_of(kind), max_size=6 if once else 8, unique_by=(lambda one: one.party) if once else None)
    return Scene(rule, asked, kind, draw(acts), draw(TERMS))


@MANY
@given(scenes(), st.data())
def test_adding_an_approval_never_turns_met_into_open(scene: Scene, data: st.DataObject) -> None:
    more = data.draw(acts_of(scene.kind, [YES[scene.kind]]))
    before = scene.status(scene.acts)
    assert before is not Status.MET or scene.status([*scene.acts, more]) is Status.MET


@MANY
@given(scenes(once=True), st.randoms())
def test_the_outcome_does_not_depend_on_the_order_of_independent_votes(
    scene: Scene, random: Any  # noqa: ANN401  # Hypothesis' own
) -> None:  # fmt: skip
    shuffled = random.sample(scene.acts, len(scene.acts))
    told = [outcome(scene.rule, SECOND, acts, kind=scene.kind, terms=scene.terms) for acts in (scene.acts, shuffled)]
    assert told[0] == told[1]


@MANY
@given(scenes())
def test_what_is_met_was_said_on_that_version_by_whom_the_rule_asks_and_as_surely_as_it_demands(scene: Scene) -> None:
    if scene.status(scene.acts) is not Status.MET:
        return
    on_it = [one for one in scene.acts if one.version_leaf == SECOND.leaf]
    said_yes = {one.party for one in on_it if one.outcome == YES[scene.kind]}
    signed = {one.party for one in on_it if one.outcome == YES[scene.kind] and one.assurance == "sshsig"}
    assert said_yes
    assert ({one.party for one in on_it} if scene.kind == "ratification" else said_yes) >= scene.asked
    assert "a" in signed or all(leaf.assurance == "declared" for leaf in leaves(scene.rule))


@pytest.mark.parametrize(("rule", "vote"), [
    (VETO, ballot(4, vetoed_by=("s1",))), (VETO, ballot(3, 1)),
    (OPTING_OUT, Ballot(SEATS, SEATS[:2], votes=(2, 0, 0))),
    (OPTING_OUT, Ballot(SEATS, SEATS, votes=(2, 1, 0), reserved=("s4",))),
])  # fmt: skip
def test_a_vote_that_its_rule_does_not_let_pass_leaves_the_rule_open(rule: Rule, vote: Ballot) -> None:
    assert status_of(rule, [act("regionen", person=None, ballot=vote)]) is Status.OPEN
