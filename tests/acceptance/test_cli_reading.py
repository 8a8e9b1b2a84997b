"""What can be read: where things stand, what lies on whose table, what happened, and who approved what."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.desk import Desk

if TYPE_CHECKING:
    from tests.world import World


@pytest.fixture
def in_force(desk: Desk) -> Desk:
    """A desk on which the agreement came into force on 4 October 2018, with a measure due on 1 September 2019."""
    desk.world.in_force()
    desk.world.measure()
    return desk


def test_show_tells_where_a_case_stands_what_it_owes_and_what_is_possible(desk: Desk) -> None:
    desk.world.propose()
    leaf = desk.types("show A-1 --json").json["versions"][0]["leaf"][:12]
    assert desk.types("show A-1").lines == [
        "A-1  Avtale om politiråd",
        "  state      agreement, proposed since 2018-10-04",
        "  opened     2018-10-04",
        f"  version    1 ({leaf}), 2018-10-04: avtale.md",
        "  initiator  politiet",
        "  proposer   politiet",
        "  owed       2019-01-02 (in 90 days), Secretary to the Regional Council of Trøndelag Sør",
        "             (sekretar_regionrad): approve or reject the proposal",
        "  owed       2019-01-02 (in 90 days), Police secretary for the police council (politiets_sekretar):",
        "             approve or reject the proposal",
        "  possible   approve, reject, withdraw-approval, recuse, request-amendment, revise, give-up,",
        "             postpone, withdraw",
    ]


def test_show_in_json_has_every_part_under_a_stable_name(in_force: Desk) -> None:
    shown = in_force.types("show M-1 --json").json
    assert {key: shown[key] for key in ("id", "workflow", "state", "title", "opened", "parent", "n")} == {
        "id": "M-1", "workflow": "measure", "state": "proposed", "title": "Natteravner", "opened": "2018-10-04",
        "parent": None, "n": 1,
    }  # fmt: skip
    assert shown["offices"] == {"implementer": "kommunedirektor_melhus", "follow_up": "slt_melhus"}
    assert shown["owed"][0]["office"] == "politiradssekretar"
    assert shown["steps"][:2] == ["edit", "recommend"]


def test_show_knows_what_belongs_together(desk: Desk) -> None:
    desk.world.propose()
    desk.does("agreement request-amendment A-1 --change 'Politimesteren blir fast' --for regionen --ref x")
    assert "led to     E-1 wished: Politimesteren blir fast" in desk.does("show A-1")
    assert "part of" in desk.does("show E-1")


def test_show_tells_a_decision_with_its_votes(desk: Desk) -> None:
    desk.world.decide("Avtalen vedtas.", "Leder fører dialog.", votes=(5, 1, 0))
    shown = desk.types("show D-1").lines
    assert shown[0] == "D-1  Regional Council of Trøndelag Sør (regionrad)"
    assert "  point 1        Avtalen vedtas.: carried, 5-1-0 (for-against-blank)" in shown


def test_list_shows_open_cases_with_their_next_date(in_force: Desk) -> None:
    assert [line.split("  ")[0].strip() for line in in_force.types("list").lines] == ["case", "A-1", "Y-2018", "M-1"]


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ("--workflow measure", ["M-1", "M-2"]),
        ("--state in_force", ["A-1"]),
        ("--state rejected", ["M-3"]),
        ("--office slt_melhus", ["M-1", "M-2"]),
        ("--theme preparedness", ["M-2"]),
        ("--workflow measure --all", ["M-1", "M-2", "M-3"]),
        ("--workflow measure --limit 1", ["M-1"]),
        ("--overdue", ["Y-2018"]),
    ],
)
def test_list_filters(in_force: Desk, options: str, ids: list[str]) -> None:
    world = in_force.world
    world.measure(theme="preparedness")
    world.take(
        "measure", "reject", world.measure(follow_up="slt_roros"), decision=world.decide("x", body="politiradet")
    )
    assert sorted(case["id"] for case in in_force.types(f"list {options} --json").json) == ids


def test_overdue_begins_the_day_after(in_force: Desk) -> None:
    clock = in_force.world.clock
    clock.move_to(date(2018, 12, 31))
    assert in_force.types("list --overdue --workflow measure --json").json == []
    clock.move_to(date(2019, 1, 1))
    overdue = in_force.types("list --overdue --workflow measure --json").json
    assert [(case["id"], case["owed"][0]["days_overdue"]) for case in overdue] == [("M-1", 1)]
    assert "1 day overdue" in in_force.does("list --overdue")


def test_todo_groups_what_is_owed_by_office_the_most_urgent_first(desk: Desk) -> None:
    desk.world.propose()
    desk.does("meeting plan --title 'Årsmøte' --date 2018-11-14")
    desk.world.clock.move_to(date(2018, 11, 1))
    assert desk.types("todo").lines == [
        "Secretary to the police council (politiradssekretar), Kari Nordli",
        "  2018-10-31  1 day overdue  MT-1  send the notice, or set a date  Årsmøte",
        "Secretary to the Regional Council of Trøndelag Sør (sekretar_regionrad), (erased)",
        "  2019-01-02  in 62 days     A-1   approve or reject the proposal  Avtale om politiråd",
        "Police secretary for the police council (politiets_sekretar), (erased)",
        "  2019-01-02  in 62 days     A-1   approve or reject the proposal  Avtale om politiråd",
    ]


def test_todo_can_be_asked_for_one_office_and_to_a_date(in_force: Desk) -> None:
    mine = in_force.types("todo --office politiradssekretar --json").json
    assert {item["office"] for item in mine} == {"politiradssekretar"}
    assert {item["case"] for item in mine} >= {"M-1", "A-1"}
    assert [
        item["case"] for item in in_force.types("todo --until 2018-12-31 --json").json if item["case"] == "A-1"
    ] == []


def test_todo_says_when_it_does_not_show_all(in_force: Desk) -> None:
    lines = in_force.types("todo --limit 1").lines
    assert lines[-1] == "Only the first 1 are shown; --limit shows more."


def test_a_vacant_office_is_said_to_be_vacant(in_force: Desk) -> None:
    in_force.does("office end politiradssekretar --on 2018-10-04")
    in_force.world.clock.move_to(date(2018, 10, 5))
    shown = in_force.does("todo --office politiradssekretar")
    assert "Secretary to the police council (politiradssekretar), vacant" in shown


def test_an_earlier_day_is_answered_from_the_log(desk: Desk) -> None:
    desk.world.propose()
    desk.world.clock.move_to(date(2018, 11, 1))
    desk.world.agree("A-1", "1")
    assert "agreement, adopted" in desk.does("show A-1")
    assert "agreement, proposed" in desk.does("show A-1 --as-of 2018-10-31")
    assert len(desk.types("log A-1 --as-of 2018-10-31 --json").json) == 1
    assert desk.types("approvals A-1 --as-of 2018-10-31 --json").json[0]["acts"] == []
    assert [case["state"] for case in desk.types("list --as-of 2018-10-31 --json").json] == ["proposed"]
    assert {item["name"] for item in desk.types("todo --as-of 2018-10-31 --json").json} == {"approve"}


def test_the_log_tells_who_decided_for_whom_by_what_and_who_registered_it(desk: Desk) -> None:
    desk.world.propose()
    decision = desk.world.decide("Avtalen vedtas.")
    desk.world.take("agreement", "approve", "A-1", version="1", decider="regionen", decision=decision, ref=None)
    leaf = desk.types("show A-1 --json").json["versions"][0]["leaf"][:12]
    assert desk.types("log A-1").lines[-6:] == [
        f"  2  2018-10-04  approved (regionen, version 1, {leaf})",
        "     decided by     Regional Council of Trøndelag Sør (regionrad), simple majority",
        "     on behalf of   regionen",
        "     reference      D-1 point 1, PS 80/19, 6-0-0 (for-against-blank)",
        "     registered by  Kari Nordli (declared), Secretary to the police council (politiradssekretar),",
        "                    2018-10-04 12:00",
    ]


def test_the_log_of_the_council_tells_of_refused_attempts(desk: Desk) -> None:
    desk.world.propose()
    assert desk.types("agreement approve A-1 --version 1 --for politiet").code == 1
    shown = desk.does("log C")
    assert "attempt refused" in shown
    assert "agreement approve A-1" in shown
    attempt = desk.types("log C --json").json[-1]
    assert [reason["code"] for reason in attempt["reasons"]] == ["registrar_needs_reference"]


def test_a_remark_is_shown_and_its_erasure_leaves_the_event(desk: Desk) -> None:
    desk.does("agreement wish --title A --for regionen --ref x --reason 'Ola ba om det'")
    assert "Ola ba om det" in desk.does("log A-1")
    assert desk.types("log A-1 --json").json[0]["remarks"] == ["Ola ba om det"]
    assert "Ola" not in str(desk.types("log A-1 --json").json[0]["form"])


def test_approvals_answer_who_when_for_whom_in_which_capacity_under_which_rule_and_by_what(desk: Desk) -> None:
    desk.does("person add 'Per Politi' --handle per")
    person = desk.types("person show per --json").json["id"]
    desk.world.clock.move_to(date(2018, 12, 10))
    desk.does("office end politimester --on 2018-11-30")
    desk.does("office assign politimester per --from 2018-12-01")
    desk.world.propose()
    desk.world.agree("A-1", "1")
    (version,) = desk.types("approvals A-1 --json").json
    council, chief = version["acts"]
    assert (version["version"], version["current"]) == (1, True)
    assert (council["party"], council["rule"]["body"], council["rule"]["rule"]) == ("regionen", "regionrad", "majority")
    assert council["decision"] == {
        "id": "D-1", "leaf": council["decision"]["leaf"], "point": 1, "votes": [6, 0, 0],
    }  # fmt: skip
    assert chief["decided_by"] == {
        "office": "politimester", "person": person, "name": "Per Politi", "capacity": "holder",
        "holding": chief["decided_by"]["holding"], "mandate": None, "delegation": None,
    }  # fmt: skip
    assert (chief["on"], chief["ref"]) == ("2018-12-10", "sak 1/19")
    assert chief["registered_by"]["name"] == "Kari Nordli"
    assert chief["registered_by"]["office"] == "politiradssekretar"


def test_approvals_of_an_earlier_version_are_kept_and_marked_outdated(desk: Desk) -> None:
    desk.world.propose()
    desk.world.take("agreement", "approve", "A-1", version="1", decider="politiet")
    desk.does("agreement", "revise", "A-1", "--for", "politiet", "--ref", "x", "--document", desk.file("b.md", "B"))
    newest, older = desk.types("approvals A-1 --json").json
    assert (newest["version"], newest["current"], newest["acts"]) == (2, True, [])
    assert [(act["party"], act["outdated"]) for act in older["acts"]] == [("politiet", True)]
    shown = desk.does("approvals A-1")
    assert shown.index("2018-10-04, current") < shown.index("nobody has acted on it")
    assert "2018-10-04, outdated" in shown


def test_an_approval_taken_back_no_longer_stands(desk: Desk) -> None:
    desk.world.propose()
    desk.world.take("agreement", "approve", "A-1", version="1", decider="politiet")
    desk.does("agreement withdraw-approval A-1 --version 1 --for politiet --ref x --reason 'Leste feil'")
    acts = desk.types("approvals A-1 --json").json[0]["acts"]
    assert [(act["outcome"], act["stands"]) for act in acts] == [("approved", False), ("withdrawn", False)]
    assert "replaced by a later act" in desk.does("approvals A-1")


def test_a_version_taken_from_an_amendment_shows_the_approvals_given_there(adopt_first: World) -> None:
    world, desk = adopt_first, Desk(adopt_first)
    world.in_force()
    desk.does(
        "agreement request-amendment A-1 --change 'Politimesteren' --add-seat politimester --for regionen --ref x"
    )
    vote = world.decide("Lederen slutter endringen.")
    mandate = "--holder leder_regionrad --scope conclude --for regionen"
    desk.does(f"amendment mandate E-1 {mandate} --decision {vote}")
    for step in ("start", "accept"):
        desk.does(f"amendment {step} E-1 --ref x")
    text = desk.file("ny.md", "Ny avtale")
    desk.does("amendment", "draft", "E-1", "--for", "politiet", "--ref", "x", "--document", text)
    world.take("amendment", "approve", "E-1", version="1", decider="regionen", decision=world.decide("Vedtas."))
    world.take("amendment", "approve", "E-1", version="1", decider="politiet")
    world.sign("E-1", "1", "amendment")
    newest = desk.types("approvals A-1 --json").json[0]
    assert (newest["version"], newest["current"]) == (2, True)
    assert {(act["case"], act["party"], act["outcome"]) for act in newest["acts"]} == {
        ("E-1", "regionen", "approved"), ("E-1", "politiet", "approved"),
        ("E-1", "regionen", "signed"), ("E-1", "politiet", "signed"),
    }  # fmt: skip
    assert "[E-1 " in desk.does("approvals A-1")


def test_names_come_from_the_person_table_and_offices_remain_where_they_are_erased(desk: Desk) -> None:
    desk.world.propose()
    desk.world.take("agreement", "approve", "A-1", version="1", decider="politiet")
    shown = desk.does("approvals A-1")
    assert "Chief of police of Trøndelag (politimester), holder" in shown
    assert desk.types("approvals A-1 --json").json[0]["acts"][0]["decided_by"]["name"] is None


def test_versions_are_listed(desk: Desk) -> None:
    desk.world.propose()
    lines = desk.types("agreement versions A-1").lines
    assert lines[0].split() == ["version", "hash", "on", "from", "proposed", "by", "seats", "documents"]
    assert lines[1].split()[0] == "1"
    assert lines[1].endswith("5 permanent of 8  avtale.md")


def test_a_difference_shows_text_line_by_line_and_seats(desk: Desk) -> None:
    desk.world.propose("Punkt 1\nPunkt 2\n")
    text = desk.file("avtale.md", "Punkt 1\nPunkt 2 endret\n")
    revise = ("agreement", "revise", "A-1", "--for", "politiet", "--ref", "x")
    desk.does(*revise, "--document", text, "--add-seat", "politimester")
    assert desk.types("agreement diff A-1 1 2").lines == [
        "A-1: from version 1 to version 2",
        "--- avtale.md",
        "+++ avtale.md",
        "@@ -1,2 +1,2 @@",
        " Punkt 1",
        "-Punkt 2",
        "+Punkt 2 endret",
        "",
        "seats",
        "+ politimester: 1, permanent; politimester",
    ]


def test_other_formats_are_compared_by_hash_and_that_is_said(desk: Desk) -> None:
    proposal = ("--title", "Avtale", "--for", "politiet", "--ref", "x")
    desk.does("agreement", "propose", *proposal, "--document", desk.file("a.pdf", b"%PDF-1"))
    desk.does("agreement", "revise", "A-1", *proposal[2:], "--document", desk.file("a.pdf", b"%PDF-2"))
    lines = desk.types("agreement diff A-1 1 2").lines
    assert lines[1] == "Compared by hash, because it is no text that can be compared line by line:"
    assert [line[:9] for line in lines[2:4]] == ["- a.pdf (", "+ a.pdf ("]
    assert lines[-1] == "No difference."


def test_a_document_that_did_not_change_is_said_to_be_the_same(desk: Desk) -> None:
    desk.world.propose()
    revise = ("agreement", "revise", "A-1", "--for", "politiet", "--ref", "x", "--add-seat", "politimester")
    desk.does(*revise, "--document", str(desk.world.folder / "avtale.md"))
    lines = desk.types("agreement diff A-1 1 2").lines
    assert lines[1].startswith("avtale.md is the same in both (")
    assert lines[-1] == "+ politimester: 1, permanent; politimester"


def test_explain_gives_each_requirement_who_is_missing_and_by_when(desk: Desk) -> None:
    desk.world.propose()
    desk.world.take("agreement", "approve", "A-1", version="1", decider="politiet")
    assert desk.types("explain A-1 adopt").lines == [
        "A-1 adopt: cannot be taken now.",
        "  ✓ met: who decides and who registers may do so",
        "  ○ still open: the current version has every approval it needs",
        "    ○ still open: 2 of 2 are needed.",
        "      ○ still open: Regional Council of Trøndelag Sør (regionen) has not approved yet. Through a",
        "        vote of Regional Council of Trøndelag Sør (regionrad). Due 2019-01-02, on the table of",
        "        Secretary to the Regional Council of Trøndelag Sør (sekretar_regionrad).",
        "      ✓ met: Trøndelag Police District (politiet) has approved. 2018-10-04, Chief of police of",
        "        Trøndelag (politimester), holder.",
        "    ○ still open: Nobody but its author has approved it yet. Somebody else must approve it first.",
        "Possible now: approve, reject, withdraw-approval, recuse, request-amendment, revise, give-up,",
        "  postpone, withdraw.",
    ]


def test_explain_takes_the_options_of_the_step_and_takes_no_step(desk: Desk) -> None:
    desk.world.propose()
    before = desk.case("A-1")
    answer = desk.types("explain A-1 approve --version 1 --for politiet --ref x --json").json
    assert (answer["allowed"], answer["missing"]) == (True, [])
    assert desk.types("explain A-1 approve --version 1 --for politiet --ref x").lines[0].endswith("would be taken.")
    assert desk.case("A-1") == before


def test_explain_names_the_answers_that_are_still_to_be_given(in_force: Desk) -> None:
    answer = in_force.types("explain measure propose")
    assert "○ still open: to be given: --title (title)" in answer.out


def test_explaining_a_refusal_puts_nothing_on_record(desk: Desk) -> None:
    desk.world.propose()
    desk.does("explain A-1 approve --for politiet")
    assert "attempt refused" not in desk.does("log C")


def test_politirad_alone_tells_where_things_stand(in_force: Desk) -> None:
    lines = in_force.types("--").lines
    assert lines[0] == "Regional police council of Trøndelag Sør, 2018-10-04"
    assert "  agreement  in force 1" in lines
    assert "  year       running 1 (1 overdue)" in lines
    assert "Overdue cases: 1." in lines
    assert sum(line.startswith(("  2018-", "  2019-")) for line in lines) == 3
