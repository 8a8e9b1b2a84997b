"""The tree of a step's requirements: in `explain` and in every refusal, as text and as JSON, with the same content."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import pytest

from tests.desk import Desk
from tests.world import World
from workflows.profile import AGENDA

if TYPE_CHECKING:
    from pathlib import Path

    from engine.register import Language

APPROVE = "agreement approve A-1 --version 1 --for politiet"
WORDED = re.compile(
    r"(✓ met|○ still open|~ set aside by the override"
    r"|✗ not met(, a no stands)?|✗ can no longer be met(, unless [\w ]+)?): "
)
"""A mark, and the word for it: no mark and no colour stands alone."""


def tree(told: str) -> list[str]:
    """The lines of the step's own tree, which stands below the first line, each with what it carries over."""
    lines: list[str] = []
    for line in takewhile(lambda line: line.startswith("  "), told.splitlines()[1:]):
        if line.strip()[:1] in {"✓", "○", "✗", "~"}:
            lines.append(line.strip())
        else:
            lines[-1] += f" {line.strip()}"
    return lines


def nodes(checks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every requirement in a JSON document, and every part of one."""
    for check in checks:
        yield check
        yield from nodes([check["finding"]] if check.get("finding") else check.get("parts", []))


def leaf(document: dict[str, Any], who: str) -> dict[str, Any]:
    """The requirement of somebody's act in a document."""
    return next(node for node in nodes(document["checks"]) if node.get("who") == who)


@pytest.fixture
def proposed(desk: Desk) -> Desk:
    """A desk with an agreement proposed, and a chief of police with a name."""
    desk.does("person add 'Per Politi' --handle per")
    desk.does("office end politimester --on 2018-09-30")
    desk.does("office assign politimester per --from 2018-10-01")
    desk.world.propose()
    return desk


def test_every_line_begins_with_a_mark_and_a_word_for_it(proposed: Desk) -> None:
    proposed.world.take(
        "agreement", "reject", "A-1", version="1", decider="regionen", decision=proposed.world.decide("x")
    )
    for told in (proposed.does("explain A-1 adopt"), proposed.types("agreement approve A-1 --for politiet").err):
        assert len(tree(told)) > 4
        assert [line for line in tree(told) if not WORDED.match(line)] == []


@pytest.mark.parametrize(
    ("language", "met", "still_open", "not_met"),
    [("nb", "✓ oppfylt:", "○ gjenstår:", "✗ ikke oppfylt:"), ("nn", "✓ oppfylt:", "○ står att:", "✗ ikkje oppfylt:")],
)
def test_the_words_beside_the_marks_are_the_readers(
    proposed: Desk, language: Language, met: str, still_open: str, not_met: str
) -> None:
    told = proposed.types("explain A-1 adopt", language=language).out
    assert met in told
    assert still_open in told
    assert not_met in proposed.types("agreement approve A-1 --for politiet", language=language).err


def test_a_refusal_prints_what_is_met_too_and_then_what_is_possible(proposed: Desk) -> None:
    refused = proposed.types(APPROVE)
    lines = refused.err.splitlines()
    assert (refused.code, refused.out, lines[0]) == (1, "", "Refused: approve.")
    assert "  ✓ met: the version named is the current one" in lines
    assert lines[-1].startswith("Possible now: approve, reject")


@pytest.mark.parametrize("typed", [APPROVE, "agreement sign A-1 --version 1", "agreement give-up A-1 --ref x"])
def test_a_refusal_is_the_same_tree_as_explain_gives(proposed: Desk, typed: str) -> None:
    workflow, step, case, *options = typed.split()
    explained = proposed.types("explain", case, step, *options)
    assert tree(proposed.types(typed).err) == tree(explained.out)
    documents = [proposed.types("explain", case, step, *options, "--json").json, proposed.types(f"{typed} --json").json]
    assert documents[0]["checks"] == documents[1]["checks"]
    assert documents[1]["workflow"] == workflow


def test_a_refusal_in_json_is_one_document_on_stdout_and_nothing_else(proposed: Desk) -> None:
    refused = proposed.types(f"{APPROVE} --json")
    assert (refused.code, refused.err) == (1, "")
    told = refused.json
    assert (told["refused"], told["allowed"], told["case"], told["step"]) == (True, False, "A-1", "approve")
    assert [check["status"] for check in told["checks"] if check["name"] == "authority"] == ["not_met"]
    assert "refused" not in proposed.types("explain A-1 approve --version 1 --for politiet --json").json


@pytest.mark.parametrize(
    "typed",
    [
        "decide regionrad --point x --votes 7-0 --present all --ref x",
        "decide regionrad --point x --votes 6-0 --present all",
        "annul A-1 --reason x",
        "office delegate politimester --to slt_melhus --scope agreement.approve",
        "agreement approve A-1 --version 1 --for regionen --votes 7-0 --present all --ref x",
    ],
)
def test_a_refused_entry_gives_its_one_reason_in_the_same_form(proposed: Desk, typed: str) -> None:
    refused = proposed.types(typed)
    assert (refused.code, len(refused.err.splitlines())) == (1, 2)
    assert refused.err.splitlines()[1].startswith("  ✗ not met: ")
    told = proposed.types(f"{typed} --json")
    assert (told.code, told.err, told.json["refused"]) == (1, "", True)
    (check,) = told.json["checks"]
    assert refused.err.splitlines()[1] == f"  ✗ not met: {check['text']}"


def test_text_and_json_say_the_same(proposed: Desk) -> None:
    proposed.world.take("agreement", "approve", "A-1", version="1", decider="politiet")
    told = tree(proposed.does("explain A-1 adopt"))
    said = [node for node in nodes(proposed.types("explain A-1 adopt --json").json["checks"]) if node["text"] != ""]
    assert len(told) == len(said)
    for line, node in zip(told, said, strict=True):
        assert line.endswith(node.get("requirement") or node["text"])


def test_what_is_met_tells_by_whom_in_which_capacity_and_when(proposed: Desk) -> None:
    proposed.world.take("agreement", "approve", "A-1", version="1", decider="politiet")
    assert (
        "✓ met: Trøndelag Police District (politiet) has approved. 2018-10-04, Chief of police of Trøndelag"
        " (politimester), Per Politi, holder."
    ) in tree(proposed.does("explain A-1 adopt"))
    act = leaf(proposed.types("explain A-1 adopt --json").json, "politiet")["act"]
    person = proposed.types("person show per --json").json["id"]
    assert act == {
        "outcome": "approved", "on": "2018-10-04", "office": "politimester", "person": person, "name": "Per Politi",
        "capacity": "holder", "mandate": act["mandate"], "delegation": None, "assurance": "declared",
        "decision": None, "point": None, "votes": None,
    }  # fmt: skip


def test_a_bodys_approval_tells_its_decision_its_votes_and_how_they_were_counted(proposed: Desk) -> None:
    decision = proposed.world.decide("Avtalen vedtas.", votes=(4, 1, 1))
    proposed.world.take("agreement", "approve", "A-1", version="1", decider="regionen", decision=decision)
    told = tree(proposed.does("explain A-1 adopt"))
    at = next(i for i, line in enumerate(told) if "(regionen) has approved" in line)
    assert told[at].endswith(
        "2018-10-04, Regional Council of Trøndelag Sør (regionrad), D-1 point 1, 4-1-1 (for-against-blank)."
    )
    assert told[at + 1 : at + 4] == [
        "✓ met: The vote (simple majority).",
        "✓ met: 6 were present and entitled to vote; 3 are needed.",
        "✓ met: It carried with 4 for, 1 against and 1 blank.",
    ]
    act = leaf(proposed.types("explain A-1 adopt --json").json, "regionen")["act"]
    assert (act["decision"], act["point"], act["votes"]) == ("D-1", 1, [4, 1, 1])


def test_who_is_missing_tells_through_whom_and_by_when(proposed: Desk) -> None:
    chief = leaf(proposed.types("explain A-1 adopt --json").json, "politiet")
    assert chief["status"] == "open"
    assert (chief["by"], chief["due"], chief["due_office"]) == ("politimester", "2019-01-02", "politiets_sekretar")
    assert (chief["through"]["office"], chief["through"]["name"], chief["through"]["vacant"]) == (
        "politimester", "Per Politi", False,
    )  # fmt: skip
    assert chief["text"].endswith(
        "Through Chief of police of Trøndelag (politimester), Per Politi, holder. Due 2019-01-02, on the table of"
        " Police secretary for the police council (politiets_sekretar)."
    )


def test_a_vacant_office_is_told_with_how_to_fill_it(proposed: Desk) -> None:
    proposed.does("office end politimester --on 2018-10-04")
    proposed.world.clock.move_to(date(2018, 10, 5))
    chief = leaf(proposed.types("explain A-1 adopt --json").json, "politiet")
    assert (chief["status"], chief["through"]["vacant"], chief["through"]["person"]) == ("open", True, None)
    assert "(politimester), an office that nobody holds today. Register who does:" in chief["text"]
    assert "`politirad office assign politimester PERSON --from DATE`" in chief["text"]


def test_an_office_whose_holder_is_disqualified_waits_for_the_deputy(proposed: Desk) -> None:
    proposed.world.take("agreement", "recuse", "A-1", decider="politiet", disqualified="politimester", reason="x")
    chief = leaf(proposed.types("explain A-1 adopt --json").json, "politiet")
    assert chief["through"]["vacant"] is True
    assert "whose holder is disqualified in this case. Register the deputy" in chief["text"]


def test_who_may_by_a_delegation_is_told_and_which_one_it_was(proposed: Desk) -> None:
    proposed.does("person add 'Dina Drift' --handle dina")
    proposed.does("office end driftsenhetsleder_gauldal --on 2018-09-30")
    proposed.does("office assign driftsenhetsleder_gauldal dina --from 2018-10-01")
    proposed.does(
        "office delegate politimester --to driftsenhetsleder_gauldal --scope agreement.approve --ref 'Instruks 3'"
    )
    given = proposed.types("log C --json").json[-1]["n"]
    chief = leaf(proposed.types("explain A-1 adopt --json").json, "politiet")
    assert chief["through"]["delegates"] == ["driftsenhetsleder_gauldal"]
    assert (
        f"Or through Head of the Gauldal operating unit (driftsenhetsleder_gauldal), by delegation (C {given})."
        in (chief["text"])
    )
    proposed.does(f"{APPROVE} --person dina")
    chief = leaf(proposed.types("explain A-1 adopt --json").json, "politiet")
    assert chief["text"].endswith(f"(driftsenhetsleder_gauldal), Dina Drift, by delegation (C {given}).")
    assert (chief["act"]["capacity"], chief["act"]["delegation"]) == ("delegate", f"C {given}")


def test_what_can_no_longer_be_met_says_what_would_change_that(proposed: Desk) -> None:
    fell = proposed.world.decide("Nei", votes=(1, 5, 0))
    proposed.world.take("agreement", "reject", "A-1", version="1", decider="regionen", decision=fell)
    told = tree(proposed.does("explain A-1 adopt"))
    assert (
        "✗ can no longer be met, unless somebody changes their no: the current version has every approval it needs"
    ) in told
    no = "✗ not met, a no stands: Regional Council of Trøndelag Sør (regionen) has rejected it. They can change it"
    assert any(line.startswith(no) for line in told)
    assert leaf(proposed.types("explain A-1 adopt --json").json, "regionen")["status"] == "lost"


def test_what_an_override_lets_pass_is_shown_as_set_aside_with_the_reason(tmp_path: Path) -> None:
    desk = Desk(World(tmp_path, overrides={"meeting": {"summon": "politiradssekretar"}}))
    desk.does("meeting plan --title 'Årsmøte' --date 2018-10-09")
    told = tree(desk.does("explain MT-1 summon --override 'Flom i Gaula'"))
    assert (
        "~ set aside by the override: the notice is long enough. The notice would be 5 days; 7 are needed. Move the"
        " meeting: `politirad meeting reschedule`."
    ) in told
    assert "✓ met: the override may be given, by this office and for this" in told
    (check,) = [
        check for check in desk.types("explain MT-1 summon --override x --json").json["checks"]
        if check["name"] == "notice_long_enough"
    ]  # fmt: skip
    assert (check["status"], check["passed"], check["set_aside"]) == ("set_aside", True, True)
    assert check["reason"] == "notice_too_short"


def test_an_outdated_version_tells_what_changed_and_how_to_see_it(proposed: Desk) -> None:
    revise = ("agreement", "revise", "A-1", "--for", "politiet", "--ref", "x", "--add-seat", "politimester")
    proposed.does(*revise, "--document", proposed.file("ny.md", "Ny"))
    refused = proposed.types(f"{APPROVE} --ref x").err
    assert "Changed since: avtale.md → ny.md, + politimester. See what: `politirad agreement diff A-1 1 2`." in refused
    assert "--- avtale.md" in proposed.does("agreement diff A-1 1 2")


def test_the_same_text_proposed_anew_is_said_to_be_the_same(proposed: Desk) -> None:
    revise = ("agreement", "revise", "A-1", "--for", "politiet", "--ref", "x", "--document")
    proposed.does(*revise, str(proposed.world.folder / "avtale.md"))
    refused = proposed.types(f"{APPROVE} --ref x").err
    assert "Changed since: nothing; the same text and seats were proposed anew." in refused


def test_minutes_that_are_outdated_are_to_be_seen_with_show(proposed: Desk) -> None:
    world = proposed.world
    world.take("meeting", "plan", title="Årsmøte", date="2018-12-01")
    world.take("meeting", "add_item", "MT-1", item=AGENDA)
    world.take("meeting", "summon", "MT-1")
    world.clock.move_to(date(2018, 12, 1))
    world.take("meeting", "hold", "MT-1", present=("slt_melhus",))
    for name in ("referat.md", "rettet.md"):
        document, files = world.document_of(name, name)
        world.take("meeting", "minute", "MT-1", documents=(document,), files=files)
    decision = world.decide("Referatet godkjennes.", body="politiradet")
    refused = proposed.types(f"meeting approve MT-1 --version 1 --decision {decision}").err
    assert "Changed since: referat.md → rettet.md. See what: `politirad show MT-1`." in refused
