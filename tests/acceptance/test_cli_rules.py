"""`politirad rules`: whose acts an agreement needs, as a tree with names and ids; for a case, as they were fixed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.desk import Desk
from tests.world import EXAMPLE, World
from workflows.council import load_council

if TYPE_CHECKING:
    from pathlib import Path

    from engine.register import Language

BODY = '{ kind = "body", body = "regionrad", rule = "consensus", quorum = 4, tie = "falls", counts = "seats" }'
OF_TWO = """{ kind = "at_least", needed = 1, counts = "persons", parts = [
  { kind = "office", office = "politimester", assurance = "sshsig" }, { kind = "office", office = "slt_melhus" } ] }"""
TOWNS = "{ melhus = true, oppdal = true, roros = false }"
WRITTEN = f"""
[profile.rules]
adoption = {{ kind = "all_of", parts = [ {BODY}, {OF_TWO} ] }}
signature = {{ kind = "by_organisation", organisations = {TOWNS}, at_least = 2 }}
[profile.overrides]
meeting.summon = "leder_regionrad"
"""


def rules(desk: Desk, options: str = "") -> dict[str, Any]:
    """The rules in JSON."""
    found: dict[str, Any] = desk.types(f"rules --json {options}").json
    return found


@pytest.fixture
def written(tmp_path: Path) -> Desk:
    """A desk in a council that has written rules of its own."""
    council = load_council(EXAMPLE.read_text() + WRITTEN, "council.toml")
    return Desk(World(tmp_path, rules=council.profile.rules, overrides=council.profile.overrides))


def test_every_rule_is_printed_with_names_and_ids(desk: Desk) -> None:
    lines = desk.types("rules").lines
    assert re.fullmatch(r"The council's rules \([0-9a-f]{12}\), since 2018-10-04", lines[0])
    assert lines[1:] == [
        "Adoption: whose approval adopts a version",
        "  all of these:",
        "    Regional Council of Trøndelag Sør (regionen), by Regional Council of Trøndelag Sør",
        "      (regionrad): simple majority, a quorum of half, the leader decides a tie, one vote a person",
        "    Trøndelag Police District (politiet), by Chief of police of Trøndelag (politimester)",
        "Signature: whose signature brings it into force",
        "  all of these:",
        "    Regional Council of Trøndelag Sør (regionen), by Leader of the Regional Council of Trøndelag",
        "      Sør (leder_regionrad)",
        "    Trøndelag Police District (politiet), by Chief of police of Trøndelag (politimester)",
        "Ratification: which municipalities answer for themselves",
        "  no municipality is asked",
        "Four eyes: whoever wrote the text may approve it, but not alone",
        "Overrides: who may set requirements of a step aside, with a reason",
        "  nobody, of any step",
        "How each body votes today",
        "  Regional police council of Trøndelag Sør (politiradet)",
        "    26 members; simple majority, a quorum of half, the leader decides a tie, one vote a person;",
        "      led by Leader of the Regional Council of Trøndelag Sør (leder_regionrad)",
        "  Regional Council of Trøndelag Sør (regionrad)",
        "    6 members; simple majority, a quorum of half, the leader decides a tie, one vote a person; led",
        "      by Leader of the Regional Council of Trøndelag Sør (leder_regionrad)",
    ]


def test_a_council_s_own_rules_are_printed_as_it_wrote_them(written: Desk) -> None:
    told = written.does("rules")
    assert [line for line in told.splitlines() if not line.startswith("      ")][1:12] == [
        "Adoption: whose approval adopts a version",
        "  all of these:",
        "    Regional Council of Trøndelag Sør (regionrad): consensus, a quorum of 4, one vote a seat",
        "    at least 1 of these 2, counted by persons:",
        "Signature: whose signature brings it into force",
        "  each of these for itself; at least 2 must accede, and nobody may still owe an answer:",
        "    Melhus Municipality (melhus)",
        "    Oppdal Municipality (oppdal)",
        "  not asked: Røros Municipality (roros)",
        "Ratification: which municipalities answer for themselves",
        "  no municipality is asked",
    ]
    assert "(politimester); who acted must be at least signed" in " ".join(told.split())
    assert "  meeting summon: Leader of the Regional Council of Trøndelag Sør (leder_regionrad)" in told.splitlines()


def test_the_rules_in_json_have_the_same_content(written: Desk) -> None:
    found = rules(written)
    body, of_two = found["rules"]["approval"]["parts"]
    assert (body["kind"], body["who"], body["by_name"]) == (
        "requires",
        "regionrad",
        "Regional Council of Trøndelag Sør",
    )
    assert body["vote"] == {"rule": "consensus", "quorum": 4, "tie": "falls", "veto": [], "counts": "seats"}
    assert (of_two["kind"], of_two["needed"], of_two["counts"]) == ("at_least", 1, "persons")
    assert [part["assurance"] for part in of_two["parts"]] == ["sshsig", "declared"]
    assert found["rules"]["signature"]["at_least"] == 2
    assert [one["asked"] for one in found["rules"]["signature"]["organisations"]] == [True, True, False]
    assert found["overrides"] == [
        {
            "workflow": "meeting", "step": "summon", "office": "leder_regionrad",
            "name": "Leader of the Regional Council of Trøndelag Sør",
        }
    ]  # fmt: skip
    assert [(one["body"], len(one["members"])) for one in found["bodies"]] == [("politiradet", 26), ("regionrad", 6)]
    assert (found["four_eyes"], found["newest"], found["since"]) == ("not_only", True, "2018-10-04")
    assert (found["case"], found["version"]) == (None, None)


def test_a_version_keeps_the_rules_it_was_proposed_under(desk: Desk) -> None:
    desk.world.propose()
    changed = EXAMPLE.read_text().replace('decides = "politimester"', 'decides = "driftsenhetsleder_orkdal"') + WRITTEN
    desk.does("profile", "set", desk.file("new.toml", changed))
    newest, fixed = rules(desk), rules(desk, "--case A-1")
    assert newest["rules"]["approval"]["parts"][0]["who"] == "regionrad"
    assert [(part["who"], part["by"]) for part in fixed["rules"]["approval"]["parts"]] == [
        ("regionen", "regionrad"), ("politiet", "politimester"),
    ]  # fmt: skip
    assert (fixed["version"]["number"], fixed["version"]["on"], fixed["newest"]) == (1, "2018-10-04", False)
    told = desk.types("rules --case A-1").lines
    assert told[0].startswith("The rules of A-1, version 1 (")
    assert told[0].endswith("), fixed when it was proposed, 2018-10-04")
    assert any(line.startswith("A-1 keeps these; the council has newer ones.") for line in told)


def test_before_there_is_a_version_nothing_is_fixed(desk: Desk) -> None:
    desk.does("agreement wish --title Avtale --for regionen --ref x")
    found = rules(desk, "--case A-1")
    assert (found["version"], found["rules"]["approval"]["kind"]) == (None, "all_of")
    assert "Not fixed yet: the next version that is proposed fixes what then holds." in desk.does("rules --case A-1")


def test_a_case_without_versions_has_no_rules_of_approval(desk: Desk) -> None:
    desk.does("measure propose --title Natteravner")
    assert rules(desk, "--case M-1")["rules"] == {}
    assert "Adoption" not in desk.does("rules --case M-1")


def test_the_rules_of_no_case_are_not_found(desk: Desk) -> None:
    answer = desk.types("rules --case A-7")
    assert (answer.code, "There is no case A-7" in answer.err) == (3, True)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("nb", "Fire øyne: den som skrev teksten, kan godkjenne den, men ikke alene"),
        ("nn", "Fire auge: den som skreiv teksten, kan godkjenne han, men ikkje åleine"),
    ],
)
def test_the_rules_are_told_in_the_readers_language(desk: Desk, language: Language, said: str) -> None:
    assert said in desk.types("rules", language=language).lines


def test_the_profile_shows_each_part_of_a_rule_under_its_number(written: Desk) -> None:
    shown = dict(line.split(maxsplit=1) for line in written.types("profile show").lines[1:] if len(line.split()) > 1)
    assert shown["rules.adoption.parts[1].body"] == "regionrad"
    assert shown["rules.adoption.parts[2].parts[1].assurance"] == "sshsig"
