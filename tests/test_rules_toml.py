"""Approval rules, bodies' votes and overrides in `council.toml`: read as written, each mistake named with its line."""

from __future__ import annotations

import re

import pytest

from engine.register import VoteRule
from engine.rule import AllOf, AtLeast, BodyVote, ByOrganisation, Office, Party, Signatory
from tests.small_council import SMALL, mistakes, read_or_refuse
from tests.world import EXAMPLE
from workflows.council import load_council

RULED = f"""{SMALL}\
[profile.rules]
adoption = {{ kind = "all_of", parts = [
  {{ kind = "body", body = "assembly", quorum = 1, veto = ["mayor"] }},
  {{ kind = "signatory", party = "them" }},
  {{ kind = "at_least", needed = 1, parts = [
    {{ kind = "office", office = "chief" }},
    {{ kind = "by_organisation", organisations = {{ town = true, region = false }} }},
  ] }},
] }}
signature = {{ kind = "at_least", needed = 2, counts = "persons", parts = [
  {{ kind = "party", party = "us" }},
  {{ kind = "office", office = "secretary", assurance = "sshsig" }},
] }}
"""

RULE_MISTAKES = [
    # what is written instead of what; line, key under profile.rules, and what is said
    ('{ kind = "office", office = "chief" }', "5", 72, "adoption.parts[3].parts[1]",
     'write a rule: a table with its kind, such as { kind = "office", office = … }, not 5'),
    ('{ kind = "office", office = "chief" }', "{}", 72, "adoption.parts[3].parts[1]",
     '"kind" is missing; add it (one of office, party, signatory, body, all_of, at_least, by_organisation)'),
    ('"office", office = "chief"', '"offfice", office = "chief"', 72, "adoption.parts[3].parts[1].kind",
     '"offfice" is no kind of rule; did you mean "office"?'),
    ('"office", office = "chief"', "5", 72, "adoption.parts[3].parts[1].kind", "5 is no kind of rule; the kinds are"),
    ('"office", office = "chief"', '"requires", who = "chief", by = "chief"', 72, "adoption.parts[3].parts[1].kind",
     '"requires" is no kind of rule; the kinds are office'),
    ('"office", office = "chief"', '"zzz", parts = 5, needed = "x"', 72, "adoption.parts[3].parts[1].kind", "no kind"),
    ('office = "chief" }', 'office = "chief", party = "us" }', 72, "adoption.parts[3].parts[1].party",
     'nothing reads this key in a rule of the kind "office"; the keys here are office, assurance'),
    ('office = "chief" }', 'assurance = "declared" }', 72, "adoption.parts[3].parts[1]", '"office" is missing'),
    ('office = "chief" }', 'office = "cheif" }', 72, "adoption.parts[3].parts[1].office", 'did you mean "chief"?'),
    ('office = "chief" }', 'office = "us" }', 72, "adoption.parts[3].parts[1].office", "is a party; name an office"),
    ('party = "them" }', 'party = "theme" }', 70, "adoption.parts[2].party", 'did you mean "them"?'),
    ('party = "us" }', 'party = "assembly" }', 77, "signature.parts[1].party", "is a body; name a party here"),
    ('body = "assembly"', 'body = "asembly"', 69, "adoption.parts[1].body", 'did you mean "assembly"?'),
    ("{ town = true, region", "{ twon = true, region", 73,
     "adoption.parts[3].parts[2].organisations.twon", 'did you mean "town"?'),
    ("quorum = 1", "quorum = 3", 69, "adoption.parts[1].quorum", "can never be met by 2 members; lower it"),
    ("quorum = 1", "quorum = 0", 69, "adoption.parts[1].quorum", "leave the key out for the body's own"),
    ("quorum = 1", 'rule = "unanimous"', 69, "adoption.parts[1].rule", '"consensus_with_reservation", "majority"'),
    ('veto = ["mayor"]', 'veto = ["major"]', 69, "adoption.parts[1].veto[1]", 'did you mean "mayor"?'),
    ('veto = ["mayor"]', 'veto = ["chief"]', 69, "adoption.parts[1].veto[1]", '"chief" is no member of the body'),
    ('veto = ["mayor"]', 'veto = ["mayor", "mayor"]', 69, "adoption.parts[1].veto[2]", "stands twice"),
    ('veto = ["mayor"]', 'counts = "acts"', 69, "adoption.parts[1].counts", 'one of "persons", "seats"'),
    ("needed = 1", "needed = 3", 71, "adoption.parts[3].needed", "more than the parts there are"),
    ("needed = 1", "needed = 0", 71, "adoption.parts[3].needed", "would always be met; write 1 or more"),
    ('"at_least", needed = 1', '"at_least"', 71, "adoption.parts[3]", '"needed" is missing'),
    ("needed = 1", 'needed = 1, counts = "persons"', 71, "adoption.parts[3].counts", "over single acts only"),
    ('needed = 2, counts = "persons", parts = [',
     'needed = 2, parts = [ { kind = "all_of", parts = [ { kind = "party", party = "us" } ] },',
     76, "signature.needed", "would count in two of the parts"),
    ("{ town = true, region = false }", "{ town = false }", 73, "adoption.parts[3].parts[2].organisations",
     "no organisation is asked"),
    ("region = false }", "region = true }, at_least = 3", 73, "adoption.parts[3].parts[2].at_least",
     "more than the organisations that are asked"),
    ("region = false }", "region = true }, at_least = 0", 73, "adoption.parts[3].parts[2].at_least", "1 or more"),
    ('"sshsig"', '"sworn"', 78, "signature.parts[2].assurance", 'one of "declared", "sshsig"'),
    ('"office", office = "secretary"', '"signatory", party = "us"', 78, "signature.parts[2].party",
     'asks "us" through "assembly" too, and one act would be both; write { kind = "office", office = "leader" }'),
    ("signature = {", "signatures = {", 76, "signatures", 'did you mean "signature"?'),
]  # fmt: skip


@pytest.mark.parametrize(("written", "instead", "line", "key", "said"), RULE_MISTAKES)
def test_a_mistake_in_an_approval_rule_is_named_with_its_line_its_key_and_what_to_do(
    written: str, instead: str, line: int, key: str, said: str
) -> None:
    before, header, ruled = RULED.partition("[profile.rules]")
    assert ruled.count(written) == 1, "the scenario must change one place"
    (found,) = mistakes(before + header + ruled.replace(written, instead))
    assert found.startswith(f"council.toml:{line}: profile.rules.{key}: "), found
    assert said in found


def test_approval_rules_are_read_as_they_are_written() -> None:
    rules = load_council(RULED, "council.toml").profile.rules
    either = AtLeast(1, (Office("chief"), ByOrganisation({"town": True, "region": False})))
    body = BodyVote("assembly", quorum=1, veto=("mayor",))
    assert rules.adoption == AllOf((body, Signatory("them"), either))
    assert rules.signature == AtLeast(2, (Party("us"), Office("secretary", "sshsig")), "persons")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ('kind = "office", office = "chief"', 'kind = "office", office = "chief", assurance = "sshsig"'),
        ('kind = "party", party = "them"', 'kind = "signatory", party = "them"'),
        ('kind = "body", body = "assembly"', 'kind = "body", body = "assembly", quorum = 1'),
        ('kind = "all_of", parts = [{ kind = "party", party = "them" }]',
         'kind = "all_of", parts = [{ kind = "signatory", party = "them" }]'),
        ('kind = "by_organisation", organisations = { town = true }',
         'kind = "by_organisation", organisations = { town = true }, at_least = 1'),
    ],
)  # fmt: skip
def test_one_act_never_stands_for_two_parts_of_a_rule(first: str, second: str) -> None:
    parts = f'{{ {first} }}, {{ kind = "office", office = "mayor" }}, {{ {second} }}'
    (found,) = mistakes(f'{SMALL}[profile.rules]\nadoption = {{ kind = "all_of", parts = [ {parts} ] }}\n')
    assert found.startswith("council.toml:68: profile.rules.adoption.parts[3]: it asks for the same act as part 1")


def test_a_party_is_asked_once_however_deep_its_parts_are_joined() -> None:
    deep = '{ kind = "at_least", needed = 1, parts = [ { kind = "party", party = "us" } ] }'
    rule = f'{{ kind = "all_of", parts = [ {{ kind = "signatory", party = "us" }}, {deep} ] }}'
    (found,) = mistakes(f"{SMALL}[profile.rules]\nadoption = {rule}\n")
    assert found.startswith("council.toml:68: profile.rules.adoption.parts[2].parts[1].party: ")
    assert found.endswith('write { kind = "body", body = "assembly" } instead')


def test_a_party_may_be_asked_differently_in_another_rule() -> None:
    rules = 'adoption = { kind = "party", party = "us" }\nsignature = { kind = "signatory", party = "us" }'
    assert load_council(f"{SMALL}[profile.rules]\n{rules}\n", "council.toml").profile.rules.signature


@pytest.mark.parametrize("depth", [1, 10, 18])
def test_rules_may_be_joined_at_some_depth(depth: int) -> None:
    assert load_council(nested(depth), "council.toml").profile.rules.adoption is not None


@pytest.mark.parametrize("depth", [19, 50, 150, 250])
def test_rules_that_are_joined_too_deeply_are_named(depth: int) -> None:
    (found,) = mistakes(nested(depth))
    assert "nested too deeply" in found


def nested(depth: int) -> str:
    """A council with a rule of one part, which is a rule of one part, and so on."""
    opening, office = '{ kind = "all_of", parts = [ ', '{ kind = "office", office = "chief" }'
    return f"{SMALL}[profile.rules]\nadoption = {opening * depth}{office}{' ] }' * depth}\n"


@pytest.mark.parametrize(
    ("written", "instead", "line", "key", "said"),
    [
        ("meeting.summon", "meeting.sumon", 64, "meeting.sumon", 'can be overridden; did you mean "summon"?'),
        ("meeting.summon", "meeting.hold", 64, "meeting.hold", "no step of meeting that can be overridden; there are"),
        ("meeting.summon", "metting.summon", 64, "metting", 'did you mean "meeting"?'),
        ("meeting.summon", "measure.start", 64, "measure", "a step that can be overridden; there are agreement"),
    ],
)
def test_an_override_is_of_a_step_in_which_something_can_be_set_aside(
    written: str, instead: str, line: int, key: str, said: str
) -> None:
    (found,) = mistakes(SMALL.replace(written, instead))
    assert found.startswith(f"council.toml:{line}: profile.overrides.{key}: ")
    assert said in found


@pytest.mark.parametrize(
    ("added", "said"),
    [
        ('veto = ["major"]', 'did you mean "mayor"?'),
        ('veto = ["chief"]', '"chief" is no member of the body; name one that votes there'),
        ('rule = "unanimity"', '"consensus", "consensus_with_reservation", "majority"'),
        ('counts = "heads"', 'one of "persons", "seats"'),
    ],
)
def test_how_a_body_votes_is_checked(added: str, said: str) -> None:
    (found,) = mistakes(SMALL.replace("quorum = 2", added))
    assert found.startswith("council.toml:31: bodies.assembly.")
    assert said in found


def test_how_a_body_votes_is_read() -> None:
    votes = 'rule = "consensus_with_reservation"\nveto = ["mayor"]\ncounts = "seats"\ntie = "falls"'
    body = load_council(SMALL.replace("quorum = 2", votes), "council.toml").register.bodies["assembly"]
    assert body.vote_rule == VoteRule("consensus_with_reservation", None, "falls", ("mayor",), "seats")


@pytest.mark.parametrize(
    "value", ['""', "0", "-1", str(2**80), "1.5", "true", "[]", "[1]", "[[]]", "{}", "[{}]", "x = 1"]
)
def test_any_value_anywhere_in_a_rule_is_read_or_named_as_a_mistake(value: str) -> None:
    before, header, ruled = RULED.partition("[profile.rules]")
    for place in re.finditer(r"(?<= = )([{\[].*[}\]]|\"\w+\"|\d+|true)", ruled):
        read_or_refuse(before + header + ruled[: place.start()] + value + ruled[place.end() :])


def test_what_the_shipped_example_leaves_commented_out_can_be_taken_in() -> None:
    profile = load_council(re.sub(r"(?m)^#(?=\S|  )", "", EXAMPLE.read_text()), "council.toml").profile
    assert profile.rules.adoption is not None
    assert profile.rules.signature is not None
    assert profile.overrides == {
        "meeting": {"summon": "leder_regionrad"}, "agreement": {"set_aside": "leder_regionrad"}
    }  # fmt: skip
