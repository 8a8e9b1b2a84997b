"""The annual report: what a year held, what came of it, what was not done, and what nobody may overlook."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from engine.correction import annul, correct
from tests.desk import Desk
from tests.seasons import (
    FOLLOW_UP,
    IMPLEMENTER,
    LEADER,
    SECRETARIAT,
    a_year_with_a_breach,
    implemented,
    planned,
    recommended,
    tick_on,
    two_meetings,
)
from tests.world import COUNCIL, MAYORS, World

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """The desk of a council in January 2027."""
    return Desk(two_meetings(tmp_path))


@pytest.fixture
def told(tmp_path: Path) -> Desk:
    """The desk of a council that has a year behind it."""
    return Desk(a_year_with_a_breach(tmp_path))


def document(desk: Desk, *words: str) -> Any:  # noqa: ANN401  # whatever the report says
    """The report as JSON."""
    return json.loads(desk.does("report", "year", *words, "--format", "json"))


def under(text: str, heading: str) -> str:
    """What stands between a heading of the text and the next one, its white space made single."""
    after = text.split(f"\n{heading}\n", 1)[1]
    return " ".join(re.split(r"\n\n[A-ZÆØÅ' ]{6,}\n", after, maxsplit=1)[0].split())


def test_the_head_tells_council_year_and_numbers(told: Desk) -> None:
    lines = told.does("report year 2027").splitlines()
    assert lines[:6] == [
        "Annual report 2027",
        "Council      Regional police council of Trøndelag Sør",
        "Year         2027, reporting",
        "Report sent  not recorded as sent",
        "As of        10.02.2028",
        f"Rests on     {document(told)['events']} events in the log",
    ]
    assert " ".join(lines[9:11]) == (
        "Meetings held: 1 of 2 agreed. Measures recommended: 2, implemented: 1, evaluated: 1, not implemented: 1."
    )


@pytest.mark.parametrize("form", ["text", "html"])
def test_what_a_declared_identity_is_worth_is_said_once_and_each_step_tells_who_put_it_on_record(
    told: Desk, form: str
) -> None:
    text = " ".join(re.sub(r"<[^>]+>", " ", told.does(f"report year 2027 --format {form}")).split())
    assert text.count("The identity was not proved.") == 1
    assert (
        "M-1 Natteravner: recommended M-2 Flomanalyse: recommended"
        " registered by Kari Nordli, Secretary to the police council (declared)"
    ) in text


def test_the_document_tells_of_each_step_who_put_it_on_record_and_how_surely_that_is_known(told: Desk) -> None:
    steps = [step for one in document(told, "2027")["decisions"] for step in one["led_to"]]
    kari = {"name": "Kari Nordli", "assurance": "declared", "office": SECRETARIAT,
            "title": "Secretary to the police council"}  # fmt: skip
    assert steps
    assert all(step["registered"] == kari for step in steps)


def test_whoever_reserved_itself_is_told_as_not_bound(tmp_path: Path) -> None:
    world = World(tmp_path, ratifies=dict.fromkeys(MAYORS, True), enough_acceded=5)
    world.clock.move_to(date(2027, 1, 2))
    case = world.in_force()
    for town in MAYORS:
        answer = "reserved" if town == "oppdal" else "acceded"
        world.take("agreement", "ratify", case, version="1", decider=town, answer=answer)
    tick_on(world, "2028-01-02")
    (agreement,) = document(Desk(world), "2027")["agreements"]
    assert [one["id"] for one in agreement["reserved"]] == ["oppdal"]
    assert "Not bound Oppdal Municipality" in under(Desk(world).does("report year 2027"), "AGREEMENT")


def test_the_agreement_is_told_with_version_parties_and_term(told: Desk) -> None:
    assert under(told.does("report year 2027"), "AGREEMENT").startswith(
        "A-1 Avtale om politiråd Version 1, 02.01.2027 In force in force from 02.01.2027"
        " Parties Trøndelag Police District Regional Council of Trøndelag Sør Not bound"
    )


def test_a_meeting_is_told_with_attendance_and_minutes(told: Desk) -> None:
    world = told.world
    paper, files = world.document_of("referat.md", "Referat")
    world.take("meeting", "minute", "MT-1", documents=(paper,), files=files)
    world.take("meeting", "approve", "MT-1", version="1", decider="politiradet")
    planned(world, None)
    assert document(told, "2027")["meetings"] == [
        {"case": "MT-1", "title": "Møte", "state": "approved", "on": "2027-06-10", "held": True, "present": 2,
         "absent": 1, "minutes_approved_on": "2028-02-10"},
    ]  # fmt: skip
    assert under(told.does("report year 2027"), "MEETINGS") == (
        "10.06.2027: MT-1 Møte Status approved Attendance 2 present, 1 absent Minutes approved 10.02.2028"
    )
    assert [meeting["on"] for meeting in document(told, "2028")["meetings"]] == [None]


def test_an_evaluation_is_told_against_the_challenge_and_the_goal(told: Desk) -> None:
    assert under(told.does("report year 2027"), "MEASURES EVALUATED THIS YEAR") == (
        "M-1 Natteravner, crime prevention Challenge it answers Uro ved stasjonen Goal: Færre hendelser"
        " Effect partly achieved Færre anmeldelser Method and evaluator Statistikk"
        " 15.10.2027, Crime-prevention coordinator of Melhus"
    )


def test_what_is_not_implemented_is_listed_with_its_progress_plan_and_deadline(told: Desk) -> None:
    assert under(told.does("report year 2027"), "MEASURES NOT IMPLEMENTED") == (
        "M-2 Flomanalyse, crime prevention Status anchored Last reported 15.10.2027: Kartene mangler"
        " Plan Samles i januar Deadline 01.12.2027 OVERDUE since 02.12.2027"
        " Responsible implementing office: Chief executive of Melhus"
        " follow-up office: Crime-prevention coordinator of Melhus"
    )


def test_a_measure_carried_out_after_the_year_was_not_implemented_in_it(told: Desk) -> None:
    told.world.take("measure", "implement", "M-2", decider=IMPLEMENTER, done="Ferdig")
    assert (document(told, "2027")["not_implemented"], document(told, "2027")["implemented"]) == (["M-2"], ["M-1"])
    assert (document(told, "2028")["not_implemented"], document(told, "2028")["implemented"]) == ([], ["M-2"])


def test_a_measure_given_up_in_the_year_is_not_left(told: Desk) -> None:
    told.world.take(
        "measure", "drop", "M-2", decider="politiradet", ref="PS 30/27", reason="Dekket", on=date(2027, 12, 20)
    )
    assert document(told, "2027")["not_implemented"] == []


def test_a_measure_given_up_later_was_left_in_the_year(told: Desk) -> None:
    told.world.take("measure", "drop", "M-2", decider="politiradet", ref="PS 1/28", reason="Dekket")
    assert (document(told, "2027")["not_implemented"], document(told, "2028")["not_implemented"]) == (["M-2"], [])


def test_what_was_only_proposed_is_not_owed_by_anybody(told: Desk) -> None:
    told.world.measure(title="Bare foreslått", deadline="2028-06-01")
    assert document(told, "2028")["not_implemented"] == ["M-2"]


def test_the_season_tells_what_it_began_with_and_what_it_has_not_come_to(desk: Desk) -> None:
    world = desk.world
    first, second, left = implemented(world), implemented(world, "Øvelse"), recommended(world, "Flomanalyse")
    tick_on(world, "2027-10-15")
    world.take("measure", "postpone_evaluation", second, decider=FOLLOW_UP, until="2028-03-01", reason="Tall mangler")
    assert document(desk, "2027")["season"] == {
        "opens": "2027-10-01", "due": "2027-12-31", "to_evaluate": [first, second], "not_implemented": [left],
        "missing": [first], "put_off": [second],
    }  # fmt: skip
    text = desk.does("report year 2027")
    assert "Not evaluated yet: M-1.\nEvaluation put off, on record: M-2." in text
    assert "put off to 01.03.2028" in text


def test_what_came_after_the_year_is_no_matter_of_its_report(told: Desk) -> None:
    recommended(told.world, "Noe nytt")
    implemented(told.world, "Noe annet")
    then, now = document(told, "2027"), document(told, "2028")
    assert (then["not_implemented"], then["season"]["missing"]) == (["M-2"], [])
    assert (now["not_implemented"], now["season"]["missing"]) == (["M-2", "M-3"], ["M-4"])


def test_an_evaluation_put_off_beyond_the_season_stays_put_off_in_the_report_of_its_year(desk: Desk) -> None:
    case = implemented(desk.world)
    tick_on(desk.world, "2027-12-01")
    desk.world.take(
        "measure", "postpone_evaluation", case, decider=FOLLOW_UP, until="2028-02-01", reason="Tall mangler"
    )
    tick_on(desk.world, "2028-03-01")
    seasons = [document(desk, year)["season"] for year in ("2027", "2028")]
    assert [(season["missing"], season["put_off"]) for season in seasons] == [([], [case]), ([case], [])]


def test_a_measure_that_is_done_is_not_called_overdue_for_what_its_council_owes(told: Desk) -> None:
    late = {one["case"]: one["overdue_since"] for one in document(told, "2027")["measures"]}
    assert late == {"M-1": None, "M-2": "2027-12-02"}


def test_a_breach_stands_first_and_in_the_report_of_every_later_year(told: Desk) -> None:
    tick_on(told.world, "2030-01-10")
    for year in (2027, 2028, 2029):
        under_heading = told.does(f"report year {year}").split("\nBREACHES\n")[1]
        assert under_heading.startswith("  2027: breach. 1 meetings held, 2 agreed.\n")
    assert [breach["year"] for breach in document(told, "2027")["breaches"]] == [2027]


def test_a_lifted_breach_stays_in_the_report(desk: Desk) -> None:
    world = desk.world
    cases = [planned(world, day) for day in ("2027-06-10", "2027-10-10")]
    for case in cases:
        world.take("meeting", "summon", case)
    tick_on(world, "2028-01-05")
    for case, day in zip(cases, (date(2027, 6, 10), date(2027, 10, 10)), strict=True):
        world.take("meeting", "hold", case, on=day, present=(FOLLOW_UP,))
    world.take("year", "lift_breach", "Y-2027", reason="Var avholdt")
    assert "\nBREACHES\n  2027: a breach was recorded and lifted on 05.01.2028.\n" in desk.does("report year 2027")


def test_a_decision_is_told_once_with_its_points_and_what_it_led_to(told: Desk) -> None:
    decisions = document(told, "2027")["decisions"]
    by_ref = {one["ref"]: one for one in decisions if one["body"] != "Regional Council of Trøndelag Sør"}
    assert [step["case"] for step in by_ref["FO 39/27"]["led_to"]] == ["M-1", "M-2"]
    (voted,) = (one for one in decisions if one["decision"] == "D-2")
    assert voted["points"] == [{"text": "Tiltakene tilrås.", "outcome": "carried"}]
    assert [(step["case"], step["type"]) for step in voted["led_to"]] == [
        ("M-1", "measure.recommended"), ("M-2", "measure.recommended"),
    ]  # fmt: skip
    assert decisions == sorted(decisions, key=lambda one: one["on"])
    assert document(told, "2028")["decisions"] == []


def test_the_councils_view_of_its_own_work_is_told_with_its_date_as_corrected(told: Desk) -> None:
    assert under(told.does("report year 2027"), "THE COUNCIL'S EVALUATION OF ITS OWN WORK") == (
        "10.02.2028: For lite oppfølging"
    )
    with told.world.store.read(COUNCIL) as reader:
        n = max(e.event.n for e in reader.events("Y-2027") if e.event.type == "year.council_evaluated")
    entry = told.world.entry(reason="Feil dato")
    told.world.register(lambda run: correct(run, "Y-2027", n, {"on": "2028-02-09"}, entry))
    assert document(told, "2027")["self_evaluated_on"] == "2028-02-09"


def test_a_self_evaluation_that_was_taken_back_is_not_told(told: Desk) -> None:
    told.world.register(lambda run: annul(run, "Y-2027", told.world.entry(reason="Feil år")))
    again = document(told, "2027")
    assert (again["self_evaluation"], again["self_evaluated_on"]) == ("", None)
    assert "The council has not evaluated its own work yet." in told.does("report year 2027")


def test_what_is_still_owed_is_told_and_what_only_the_clock_does_is_not(told: Desk) -> None:
    owed = {(one["case"], one["name"]): one["overdue_since"] for one in document(told, "2027")["owed"]}
    assert owed == {
        ("Y-2027", "report"): None, ("A-1", "review"): "2028-01-03", ("M-2", "implement"): "2027-12-02",
        ("MT-1", "minute"): "2027-06-25", ("M-1", "close"): "2028-01-01",
    }  # fmt: skip
    assert ("Y-2028", "start_evaluation") not in {(o["case"], o["name"]) for o in document(told, "2028")["owed"]}


def test_an_override_of_the_year_is_told_in_a_frame_of_its_own(tmp_path: Path) -> None:
    world = World(tmp_path, overrides={"meeting": {"summon": "leder_regionrad"}})
    world.clock.move_to(date(2027, 1, 2))
    world.in_force()
    world.fill(SECRETARIAT, "p_leader", date(2027, 1, 1), capacity="acting")
    case = world.take("meeting", "plan", title="Møte", date="2027-01-20").step.event.case
    world.take("meeting", "summon", case, decider=SECRETARIAT, person="p_leader", override="Haster")
    desk = Desk(world)
    assert "\nOVERRIDES\n  OVERRIDE 02.01.2027, " in desk.does("report year 2027")
    assert '<section class="overrides">' in desk.does("report year 2027 --format html")
    (override,) = document(desk, "2027")["overrides"]
    assert [override[name] for name in ("case", "step", "office", "on", "reason")] == [
        case, "summon", "leder_regionrad", "2027-01-02", "Haster",
    ]  # fmt: skip
    tick_on(world, "2028-01-02")
    assert document(desk, "2028")["overrides"] == []


def test_an_empty_year_says_so_section_by_section(desk: Desk) -> None:
    tick_on(desk.world, "2028-02-01")
    text = desk.does("report year 2028")
    for sentence in (
        "The year is not over. This is how it stands so far.", "No meeting was planned or held.",
        "No measure was recommended.", "No measure was implemented.", "No measure was evaluated.",
        "Every recommended measure has been implemented or given up.", "No decision is on record.",
        "The council has not evaluated its own work yet.",
    ):  # fmt: skip
        assert sentence in text
    assert "so far" not in desk.does("report year 2027")


@pytest.mark.parametrize(("day", "year"), [("2027-05-01", 2027), ("2027-12-31", 2027), ("2028-02-01", 2027)])
def test_without_a_year_it_is_the_newest_one_that_is_over_or_reports(desk: Desk, day: str, year: int) -> None:
    tick_on(desk.world, day)
    assert document(desk)["year"] == year


def test_a_spring_council_reports_the_year_whose_season_is_over(tmp_path: Path) -> None:
    world = World(tmp_path, evaluation_opens="03-01", evaluation_due="05-31")
    world.clock.move_to(date(2027, 1, 2))
    world.in_force()
    tick_on(world, "2028-05-30")
    assert document(Desk(world))["year"] == 2027
    tick_on(world, "2028-06-01")
    assert document(Desk(world))["year"] == 2028


def test_a_year_that_is_not_kept_names_the_nearest(told: Desk) -> None:
    tick_on(told.world, "2032-01-10")
    answer = told.types("report year 2019")
    assert (answer.code, answer.out) == (3, "")
    assert "The council keeps no year 2019. Near: 2027, 2028, 2029." in answer.err


def test_before_any_agreement_there_is_no_year_to_report(world: World) -> None:
    answer = Desk(world).types("report year")
    assert answer.code == 3
    assert "No year is kept yet" in answer.err


def test_as_of_a_day_it_is_the_report_of_that_day(told: Desk) -> None:
    then = document(told, "2027", "--as-of", "2027-09-30")
    assert (then["state"], then["implemented"], then["evaluated"], then["breaches"]) == ("running", ["M-1"], [], [])


def test_the_version_told_is_the_one_that_stood_at_the_years_end(tmp_path: Path) -> None:
    world = World(tmp_path, amend_before_adoption=False)
    world.clock.move_to(date(2027, 1, 2))
    world.in_force()
    tick_on(world, "2028-02-01")
    change_the_agreement(world)
    versions = [document(Desk(world), year)["agreements"][0]["version"] for year in ("2027", "2028")]
    assert versions == [1, 2]


def change_the_agreement(world: World) -> None:
    """Bring the agreement's second version into force."""
    world.take("agreement", "request_amendment", "A-1", decider="regionen", change="Fast", add_seat=("politimester",))
    decision = world.decide("Lederen slutter.")
    mandate = {"holder": LEADER, "scope": "conclude", "decision": decision}
    world.take("amendment", "mandate", "E-1", decider="regionen", **mandate)
    world.take("amendment", "start", "E-1", decider=LEADER)
    world.take("amendment", "accept", "E-1", decider="politiet")
    paper, files = world.document_of("ny.md", "Ny tekst")
    world.take("amendment", "draft", "E-1", decider="politiet", documents=(paper,), files=files, base="1")
    decision = world.decide("Endringen vedtas.")
    world.take("amendment", "approve", "E-1", version="1", decider="regionen", decision=decision)
    world.take("amendment", "approve", "E-1", version="1", decider="politiet")
    world.sign("E-1", "1", "amendment")


def test_a_new_agreement_and_the_one_it_took_the_place_of_are_both_told(desk: Desk) -> None:
    tick_on(desk.world, "2028-04-10")
    desk.world.in_force()
    tick_on(desk.world, "2029-01-10")
    told = {year: document(desk, year)["agreements"] for year in ("2027", "2028", "2029")}
    assert {year: [one["case"] for one in agreements] for year, agreements in told.items()} == {
        "2027": ["A-1"], "2028": ["A-1", "A-2"], "2029": ["A-2"],
    }  # fmt: skip
    assert told["2028"][0]["until"] == "2028-04-10"
