"""Steps on the command line: generated from tables and forms, one line per event, and who owes what next."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.world import COUNCIL

if TYPE_CHECKING:
    from tests.desk import Desk

PROPOSE = ("agreement", "propose", "--title", "Avtale", "--for", "politiet", "--ref", "2018/100")


def proposed(desk: Desk) -> str:
    """A proposed agreement; its case id."""
    desk.does(*PROPOSE, "--document", desk.file("avtale.md", "Avtale\n"))
    return "A-1"


def test_a_step_answers_with_what_happened_and_who_owes_what_next(desk: Desk) -> None:
    answer = desk.types("agreement wish --title 'Regionalt politiråd' --for regionen --ref 'RR 5/18' --on 2018-10-04")
    assert answer.code == 0
    assert answer.lines == [
        "A-1 wished",
        "Owed next:",
        "  2018-11-03  A-1  convey the wish to the other side  Secretary to the Regional Council of Trøndelag",
        "                                                      Sør (sekretar_regionrad)",
    ]


def test_what_follows_by_itself_is_told_too(desk: Desk) -> None:
    case = proposed(desk)
    desk.does(f"agreement approve {case} --version 1 --for politiet --ref brev")
    lines = desk.types(f"agreement approve {case} --version 1 --for regionen --votes 6-0 --present all --ref x").lines
    leaf = desk.types(f"show {case} --json").json["versions"][0]["leaf"][:12]
    assert lines[:4] == [
        "D-1 decision recorded",
        f"A-1 approved (regionen, version 1, {leaf})",
        "A-1 adopted, by itself",
        "Owed next:",
    ]


def test_an_effect_on_another_case_is_told_as_a_consequence(desk: Desk) -> None:
    case = proposed(desk)
    command = f"agreement request-amendment {case} --change 'Politimesteren blir fast' --add-seat politimester"
    assert "E-1 opened, as a consequence" in desk.does(f"{command} --for regionen --ref x").splitlines()


def test_a_step_that_only_opens_takes_no_case(desk: Desk) -> None:
    answer = desk.types("measure propose M-1 --title Natteravner")
    assert answer.code == 2
    assert "unexpected extra argument" in answer.err


def test_a_step_that_may_open_takes_a_case_or_none(desk: Desk) -> None:
    desk.does("agreement wish --title Avtale --for regionen --ref x")
    text = desk.file("avtale.md", "Avtale\n")
    desk.does("agreement", "propose", "A-1", "--for", "politiet", "--ref", "x", "--document", text)
    desk.does(*PROPOSE, "--document", text)
    assert [desk.case(case).state for case in ("A-1", "A-2")] == ["proposed", "proposed"]


def test_new_opens_a_case_by_the_workflows_first_step(desk: Desk) -> None:
    assert desk.does("new measure --title Natteravner").startswith("M-1 proposed\n")
    assert desk.does("new meeting --title 'Annual meeting 2019'").startswith("MT-1 planned\n")
    assert desk.does("new agreement --title Avtale --for regionen --ref x").startswith("A-1 wished\n")


def test_steps_are_understood_with_underscores_too(desk: Desk) -> None:
    desk.does("meeting plan --title 'Annual meeting'")
    assert desk.does("meeting set_date MT-1 --date 2019-06-12").startswith("MT-1 date set\n")


def test_only_steps_that_persons_take_are_commands(desk: Desk) -> None:
    shown = desk.does("agreement --help")
    assert "request-amendment" in shown
    assert "enter-into-force" not in shown


def test_every_option_of_a_form_is_offered_with_its_help(desk: Desk) -> None:
    shown = " ".join(desk.does("measure evaluate --help").split())
    assert "--effect [achieved|partly_achieved|not_achieved|cannot_be_measured]" in shown
    assert "--method TEXT How it was evaluated. Required." in shown
    assert "Evaluate the effect against the challenge." in shown


def test_votes_are_asked_only_where_a_body_can_decide(desk: Desk) -> None:
    assert "--votes" in desk.does("measure recommend --help")
    assert "--votes" not in desk.does("measure implement --help")
    assert "--votes" not in desk.does("agreement sign --help")


def test_a_version_is_asked_only_where_one_is_judged(desk: Desk) -> None:
    assert "--version" in desk.does("agreement sign --help")
    assert "--version" not in desk.does("agreement wish --help")


def test_the_first_document_of_a_version_is_its_text_and_the_others_are_annexes(desk: Desk) -> None:
    files = [desk.file("avtale.md", "Avtale\n"), desk.file("plan.pdf", b"%PDF-1.7"), desk.file("kart.txt", "Kart")]
    desk.does(*PROPOSE, *(word for file in files for word in ("--document", file)))
    documents = desk.types("show A-1 --json").json["versions"][0]["documents"]
    assert [(d["name"], d["role"]) for d in documents] == [
        ("avtale.md", "text"), ("plan.pdf", "annex"), ("kart.txt", "annex"),
    ]  # fmt: skip
    assert documents[0]["sha256"] == hashlib.sha256(b"Avtale\n").hexdigest()


def test_a_document_elsewhere_is_evidence(desk: Desk) -> None:
    desk.does("measure", "propose", "--title", "Natteravner", "--document", desk.file("notat.txt", "Notat"))
    form = desk.types("log M-1 --json").json[0]["form"]
    assert [document["role"] for document in form["documents"]] == ["evidence"]


def test_a_dry_run_shows_what_would_be_written_and_writes_nothing(desk: Desk) -> None:
    answer = desk.types("measure propose --title Natteravner --dry-run")
    assert answer.lines[0] == "M-1 proposed"
    assert answer.lines[-1] == "Nothing was written (--dry-run)."
    assert desk.types("show M-1").code == 3


def test_a_dry_run_of_a_refused_step_leaves_no_trace_of_the_attempt(desk: Desk) -> None:
    case = proposed(desk)
    assert desk.types(f"agreement approve {case} --for politiet --dry-run").code == 1
    assert "attempt refused" not in desk.does("log C")


def test_the_same_key_and_command_answer_as_the_first_time(desk: Desk) -> None:
    first = desk.types("measure propose --title Natteravner --key k1 --json").json
    again = desk.types("measure propose --title Natteravner --key k1 --json").json
    assert (first["repeated"], again["repeated"]) == (False, True)
    assert [event["leaf"] for event in again["events"]] == [event["leaf"] for event in first["events"]]
    assert desk.types("measure propose --title 'Noe annet' --key k1").code == 2


def test_the_answer_in_json_has_every_event_and_what_is_owed(desk: Desk) -> None:
    case = proposed(desk)
    answer = desk.types(f"agreement approve {case} --version 1 --for politiet --ref x --on 2018-10-04 --json").json
    assert [(event["case"], event["type"], event["on"]) for event in answer["events"]] == [
        ("A-1", "agreement.approved", "2018-10-04")
    ]
    assert {item["office"] for item in answer["owed"]} == {"sekretar_regionrad"}
    assert answer["dry_run"] is False


def test_an_unknown_date_is_recorded_as_unknown_with_its_reason(desk: Desk) -> None:
    assert desk.types("agreement wish --title Avtale --for regionen --ref x --on unknown").code == 1
    answer = desk.types("agreement wish --title Avtale --for regionen --ref x --on unknown --reason 'Boken er brent'")
    assert answer.lines[:2] == ["A-1 wished", "  Note: date unknown."]
    assert desk.types("log A-1 --json").json[0]["on"] is None


def test_a_vote_written_beside_the_step_is_a_decision_that_the_step_cites(desk: Desk) -> None:
    case = proposed(desk)
    desk.does(
        f"agreement approve {case} --version 1 --for regionen --ref 'RR 1/19' --votes 3-2 --present all"
        " --recused ordforer_roros --point-text 'Avtalen vedtas.'"
    )
    decision = desk.types("show D-1 --json").json
    (point,) = decision["points"]
    assert (point["text"], point["outcome"], point["votes"]) == ("Avtalen vedtas.", "carried", [3, 2, 0])
    assert decision["recused"] == ["ordforer_roros"]
    assert len(decision["present"]) == 5
    assert desk.types(f"log {case} --json").json[1]["decision"]["id"] == "D-1"


def test_a_vote_says_whose_it_is_where_only_one_body_can_decide(desk: Desk) -> None:
    desk.does(
        "measure propose --title Natteravner --theme crime_prevention --challenge Uro --goal Ro --plan Vandring"
        " --implementer kommunedirektor_melhus --follow-up slt_melhus --deadline 2019-09-01"
    )
    present = "ordforer_melhus,ordforer_oppdal,ordforer_roros,kommunedirektor_melhus,kommunedirektor_oppdal"
    present += ",kommunedirektor_roros,slt_melhus,slt_oppdal,slt_roros,politikontakt_melhus,politikontakt_oppdal"
    present += ",driftsenhetsleder_gauldal,driftsenhetsleder_orkdal"
    answer = desk.types(f"measure recommend M-1 --ref 'PR 1/19' --votes 13-0 --present {present}")
    assert answer.lines[:2] == ["D-1 decision recorded", "M-1 recommended"]
    assert desk.types("show D-1 --json").json["body"] == "politiradet"


def test_a_vote_that_falls_is_no_approval_and_is_not_kept_either(desk: Desk) -> None:
    case = proposed(desk)
    answer = desk.types(f"agreement approve {case} --version 1 --for regionen --ref x --votes 2-4 --present all")
    assert answer.code == 1
    assert "It fell with 2 for" in answer.err
    assert desk.types("decisions --json").json == []


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ("--present all", "add --votes"),
        ("--votes 6-0 --decision D-1", "either --decision"),
        ("--votes six --for regionen", "write for-against-blank"),
        ("--votes 6-0 --for politiet", "politiet decides alone"),
        ("--votes 6-0", "which body voted"),
    ],
)
def test_a_vote_that_makes_no_sense_is_told_so(desk: Desk, options: str, fault: str) -> None:
    case = proposed(desk)
    answer = desk.types(f"agreement approve {case} --version 1 --ref x {options}")
    assert (answer.code, len(answer.err.splitlines())) == (2, 1)
    assert fault in answer.err


def test_a_warning_is_shown_and_not_only_recorded(desk: Desk) -> None:
    world = desk.world
    case = world.measure()
    world.take("measure", "recommend", case, decision=world.decide("Anbefales", body="politiradet"))
    world.take("measure", "anchor", case)
    desk.does(f"measure implement {case} --done 'Vandret' --ref x")
    answer = desk.does(
        f"measure evaluate {case} --effect achieved --assessment God --method Telling --ref x"
        " --evaluator kommunedirektor_melhus"
    )
    assert "  Note: evaluated by its own implementer." in answer.splitlines()


def test_a_refusal_gives_each_reason_and_the_steps_that_are_possible(desk: Desk) -> None:
    case = proposed(desk)
    answer = desk.types(f"agreement approve {case} --for politiet")
    assert answer.code == 1
    assert [line for line in answer.err.splitlines() if "✓" not in line] == [
        "Refused: approve.",
        (
            "  ✗ not met: who decides and who registers may do so. Registering for Trøndelag Police District (politiet)"
            " needs something to go by: --ref TEXT, --decision ID or --document FILE."
        ),
        (
            "  ✗ not met: the version named is the current one. Name the version you have read: --version 1"
            f" (or its hash, {leaf_of(desk, case)})."
        ),
        "Then by itself: adopted.",
        "  ○ still open: the current version has every approval it needs",
        "    ○ still open: 2 of 2 are needed.",
        *told_missing(answer.err),
        "    ○ still open: Nobody but its author has approved it yet. Somebody else must approve it first.",
        (
            "Possible now: approve, reject, withdraw-approval, recuse, request-amendment, revise, give-up, postpone,"
            " withdraw."
        ),
    ]


def told_missing(told: str) -> list[str]:
    """The lines that say who is missing; there are two, each with the office on whose table it lies and by when."""
    missing = [line for line in told.splitlines() if "has not approved yet" in line]
    assert len(missing) == 2
    assert all("Through" in line and "Due " in line and "on the table of" in line for line in missing)
    return missing


def test_the_refusal_and_the_explanation_print_the_same_tree_and_the_same_json(desk: Desk) -> None:
    case = proposed(desk)
    given = "--for politiet --ref x --version 9"
    refused = desk.types(f"agreement approve {case} {given}").err
    explained = desk.does(f"explain {case} approve {given}")
    told = [" ".join(text.partition("\n")[2].split()) for text in (refused, explained)]  # one is wrapped, one is not
    assert told[0] == told[1]
    assert "Then by itself: adopted." in told[0]
    document = desk.types(f"agreement approve {case} {given} --json").json
    assert document.pop("refused")
    assert document == desk.types(f"explain {case} approve {given} --json").json


def leaf_of(desk: Desk, case: str) -> str:
    """The hash of the current version, as it is shown."""
    return str(desk.types(f"show {case} --json").json["versions"][-1]["leaf"][:12])


def test_a_refusal_speaks_the_readers_language(desk: Desk) -> None:
    case = proposed(desk)
    answer = desk.types(f"agreement sign {case} --version 1 --for politimester --ref x", language="nn")
    assert answer.err.splitlines()[:2] == [
        "Avvist: sign.",
        (
            "  ✗ ikkje oppfylt: steget kan takast i denne tilstanden. Steget sign kan ikkje takast medan saka er"
            " føreslått."
        ),
    ]


def test_who_acts_can_be_said_for_one_step(desk: Desk) -> None:
    desk.does("person add 'Ola Hansen'")
    desk.does("office assign sekretar_regionrad ola --from 2018-01-01 --capacity acting")
    desk.does("agreement wish --title Avtale --for regionen --ref x --person ola")
    with desk.world.store.read(COUNCIL) as reader:
        registered = next(reader.events("A-1")).event.actor
        assert registered.person == reader.person("ola").id
        assert registered.office == "sekretar_regionrad"


def test_today_is_the_date_where_none_is_given(desk: Desk) -> None:
    desk.world.clock.move_to(date(2018, 11, 5))
    desk.does("measure propose --title Natteravner")
    assert desk.types("show M-1 --json").json["opened"] == "2018-11-05"
