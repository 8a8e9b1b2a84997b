"""Rules as data: what can never be met does not construct, and a resolved rule names who decides that day."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
import pytest

from engine.errors import DefinitionError
from engine.register import VoteRule
from engine.rule import (
    AllOf,
    AtLeast,
    BodyVote,
    ByOrganisation,
    Office,
    Party,
    Requires,
    Rule,
    Signatory,
    leaves,
    resolve,
)  # fmt: skip
from tests.world import example

if TYPE_CHECKING:
    from collections.abc import Callable

REGISTER = example().register
A, B = Office("politimester"), Office("leder_regionrad")


@pytest.mark.parametrize(
    ("build", "why"),
    [
        (lambda: AllOf(()), "nothing"),
        (lambda: AtLeast(0, (A,)), "0 of 1"),
        (lambda: AtLeast(2, (A,)), "2 of 1"),
        (lambda: AtLeast(1, ()), "1 of 0"),
        (lambda: AtLeast(2, (A, B, A)), "twice"),
        (lambda: AllOf((A, A)), "twice"),
        (lambda: AtLeast(1, (AllOf((A,)), B), counts="persons"), "persons"),
        (lambda: AtLeast(2, (A, AllOf((A,)), B)), "two of its parts"),
        (lambda: AtLeast(2, (AllOf((A, B)), AllOf((B, Office("slt_melhus"))))), "two of its parts"),
        (lambda: AtLeast(2, (ByOrganisation({"melhus": True}), AllOf((ByOrganisation({"melhus": True}),)), A)), "two"),
        (lambda: AllOf((AllOf((Party("politiet"),)), Party("politiet"))), "act of politiet in two of its parts"),
        (lambda: AllOf((AllOf((Signatory("politiet"),)), Signatory("politiet"))), "act of politiet in two"),
        (lambda: AllOf((AllOf((BodyVote("regionrad"),)), BodyVote("regionrad"))), "act of regionrad in two"),
        (lambda: AllOf((AllOf((resolve(A, REGISTER),)), resolve(A, REGISTER))), "act of politimester in two"),
        (lambda: ByOrganisation({"melhus": True, "roros": False}, 2), "2 of 1"),
        (lambda: ByOrganisation({"melhus": True}, 0), "0 of 1"),
        (lambda: resolve(Office("sjef"), REGISTER), "office 'sjef'"),
        (lambda: resolve(Party("staten"), REGISTER), "party 'staten'"),
        (lambda: resolve(Signatory("staten"), REGISTER), "party 'staten'"),
        (lambda: resolve(BodyVote("styret"), REGISTER), "body 'styret'"),
        (lambda: resolve(BodyVote("regionrad", quorum=7), REGISTER), "quorum of 7 .* 6 members"),
        (lambda: resolve(BodyVote("regionrad", veto=("sjef",)), REGISTER), "office 'sjef'"),
        (lambda: resolve(AllOf((A, Office("sjef"))), REGISTER), "office 'sjef'"),
        (lambda: resolve(AllOf((Party("politiet"), Signatory("politiet"))), REGISTER), "two of its parts"),
        (
            lambda: resolve(AllOf((Party("politiet"), A)), REGISTER),
            "politimester twice, for politiet and for politimester",
        ),
        (lambda: resolve(AllOf((BodyVote("regionrad"), Party("regionen"))), REGISTER), "regionrad twice"),
    ],
)
def test_a_rule_that_can_never_be_decided_is_refused(build: Callable[[], Rule], why: str) -> None:
    with pytest.raises(DefinitionError, match=why):
        build()


def test_all_of_the_parts_may_be_needed() -> None:
    assert AtLeast(2, (A, B)).needed == 2
    assert ByOrganisation({"melhus": True, "roros": True}, 2).at_least == 2


def test_where_one_part_is_enough_an_act_may_stand_in_several() -> None:
    assert AtLeast(1, (AllOf((A, B)), AllOf((A, Office("slt_melhus")))))


def test_a_quorum_as_large_as_the_body_can_be_met() -> None:
    resolved = resolve(BodyVote("regionrad", quorum=6), REGISTER)
    assert isinstance(resolved, Requires)
    assert resolved.vote == VoteRule(quorum=6)


def test_a_resolved_rule_names_whose_act_it_is_and_who_decides() -> None:
    rule = AllOf((BodyVote("politiradet"), Party("regionen"), Party("politiet"), B))
    assert [(leaf.who, leaf.by, leaf.vote is None) for leaf in leaves(resolve(rule, REGISTER))] == [
        ("politiradet", "politiradet", False), ("regionen", "regionrad", False), ("politiet", "politimester", True),
        ("leder_regionrad", "leder_regionrad", True),
    ]  # fmt: skip


def test_a_signatory_signs_by_the_office_that_signs_and_not_the_one_that_decides() -> None:
    (leaf,) = leaves(resolve(Signatory("regionen"), REGISTER))
    assert (leaf.who, leaf.by, leaf.vote) == ("regionen", "leder_regionrad", None)


def test_what_a_rule_says_of_a_vote_goes_before_the_bodys_own_way() -> None:
    stated = BodyVote("regionrad", rule="consensus_with_reservation", quorum=4, tie="falls", veto=("ordforer_roros",))
    (leaf,) = leaves(resolve(stated, REGISTER))
    assert leaf.vote == VoteRule("consensus_with_reservation", 4, "falls", ("ordforer_roros",), "persons")
    (plain,) = leaves(resolve(BodyVote("regionrad"), REGISTER))
    assert plain.vote == REGISTER.bodies["regionrad"].vote_rule


def test_the_assurance_a_rule_demands_is_kept() -> None:
    rule = AllOf((Office("slt_melhus", "sshsig"), Party("regionen", "sshsig"), Signatory("politiet", "sshsig")))
    body = resolve(BodyVote("regionrad", assurance="sshsig"), REGISTER)
    assert {leaf.assurance for leaf in (*leaves(resolve(rule, REGISTER)), *leaves(body))} == {"sshsig"}


def test_a_resolved_rule_is_not_resolved_again() -> None:
    once = resolve(AtLeast(1, (Party("politiet"), ByOrganisation({"melhus": True}))), REGISTER)
    nobody = msgspec.structs.replace(REGISTER, parties={}, offices={}, bodies={})
    assert resolve(once, nobody) == once


def test_the_organisations_asked_are_among_the_acts() -> None:
    rule = ByOrganisation({"melhus": True, "roros": False, "oppdal": True})
    assert [leaf.who for leaf in leaves(rule)] == ["melhus", "oppdal"]


def convert(document: object) -> Rule:
    """The rule in a document, as the log's reader finds it."""
    found: Rule = msgspec.convert(document, Rule)
    return found


EVERY = AllOf((
    BodyVote("regionrad", rule="consensus", veto=("ordforer_roros",)), AtLeast(1, (A, B), counts="persons"),
    ByOrganisation({"melhus": True}), Party("politiet"), Signatory("regionen", "sshsig"),
    Requires("x", "y", VoteRule()),
))  # fmt: skip


def test_every_kind_survives_the_log() -> None:
    assert convert(json.loads(msgspec.json.encode(EVERY))) == EVERY


def test_a_rule_of_an_unknown_kind_or_key_is_refused() -> None:
    for document in ({"kind": "lottery"}, {"kind": "office", "office": "a", "ofice": "b"}, {"office": "a"}):
        with pytest.raises(msgspec.ValidationError):
            convert(document)


def test_a_document_of_a_rule_that_can_never_be_met_is_refused() -> None:
    with pytest.raises(DefinitionError, match="3 of 1"):
        convert({"kind": "at_least", "needed": 3, "parts": [{"kind": "office", "office": "a"}]})
