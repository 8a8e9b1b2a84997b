"""The shipped story, as `politirad demo` plays it: where both orders end, and what the record can answer afterwards."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.demo import FOLDER, run, tell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.demo import Event, Told

COLUMNS = 100

ENDS = {
    "A-1": "in_force", "E-1": "incorporated", "M-1": "evaluated", "M-2": "started", "M-3": "started",
    "MT-1": "approved", "MT-2": "planned", "Y-2019": "closed", "Y-2020": "running",
}  # fmt: skip


def approvals_of_version_2(events: list[Event]) -> Iterator[Event]:
    """The approvals that count for version 2 of the agreement: given on it, or on the amendment it was taken from."""
    made = next(e for e in events if e["case"] == "A-1" and (e["data"].get("version") or {}).get("number") == 2)
    leaves = {made["leaf"], made["data"]["version"]["source"]}
    for event in events:
        act = event["data"].get("approval") or {}
        if act.get("kind") == "approval" and act["leaf"] in leaves:
            yield event


def seated(version: dict[str, Any]) -> set[str]:
    """The offices on a version's permanent seats."""
    return {office for seat in version["seats"] if seat["permanent"] for office in seat["filled_by"]}


def test_both_orders_end_where_the_story_promises(told: Told) -> None:
    assert {case["id"]: case["state"] for case in told.json("list", "--all")} == ENDS


def test_version_2_has_the_chief_of_police_as_a_permanent_member_and_version_1_has_not(told: Told) -> None:
    first, second = told.json("agreement", "versions", "A-1")
    assert "politimester" not in seated(first)
    assert seated(second) == seated(first) | {"politimester"}


def test_adopted_first_it_was_in_force_without_the_chief_of_police(told_adopt_first: Told) -> None:
    then = told_adopt_first.json("show", "A-1", "--as-of", "2019-03-01")
    assert then["state"] == "in_force"
    assert [version["number"] for version in then["versions"]] == [1]
    assert "politimester" not in seated(then["versions"][0])


def test_amended_first_version_1_was_never_approved_by_anybody(told_amend_first: Told) -> None:
    acts = [act for e in told_amend_first.events() if (act := e["data"].get("approval"))]
    assert {act["version"] for act in acts if act["kind"] == "approval" and act["party"] == "regionen"} == {2}
    assert told_amend_first.json("show", "A-1", "--as-of", "2019-03-01")["state"] == "amending"


def test_the_log_names_who_wrote_a_version_that_came_from_an_amendment(told: Told) -> None:
    shown = run(told.home / FOLDER, "log", "A-1").stdout
    assert "  written by     Pia Eksempel\n" in shown


def test_the_log_alone_tells_who_approved_version_2_and_how(told: Told) -> None:
    events = told.events()
    council, police = approvals_of_version_2(events)

    assert (council["on"], council["for"], council["ref"]) == ("2019-04-04", "regionen", "sak 9/19")
    assert (council["data"]["rule"]["body"], council["data"]["rule"]["rule"]) == ("regionrad", "majority")
    (decided,) = [e for e in events if e["leaf"] == council["decision"]["leaf"]]
    decision = decided["data"]["decision"]
    assert (decision["id"], decision["points"][0]["votes"]) == ("D-2", [3, 1, 0])
    assert "ordforer_oppdal" not in decision["present"]
    assert decision["recused"] == ["ordforer_rennebu"]
    assert council["actor"]["office"] == "sekretar_regionrad"
    assert council["data"]["flags"] == ["registered_by_another"]

    assert (police["on"], police["for"], police["ref"]) == ("2019-04-11", "politiet", "vedtak 11.04.2019")
    assert police["data"]["rule"] == {"office": "politimester"}
    authority = police["data"]["authority"]
    assert (authority["office"], authority["capacity"]) == ("politimester", "holder")
    assert police["actor"] == {"office": "politimester", "person": authority["person"], "via": "declared"}
    (assigned,) = [e for e in events if e["leaf"] == authority["holding"]]
    assert assigned["data"]["holding"]["person"] == authority["person"]


def test_names_come_from_the_table_of_persons_and_after_an_erasure_the_office_is_left(
    told_amend_first: Told, tmp_path: Path
) -> None:  # fmt: skip
    folder = shutil.copytree(told_amend_first.home / FOLDER, tmp_path / FOLDER)
    named = run(folder, "approvals", "A-1").stdout
    assert "Pia Eksempel" in named
    with closing(sqlite3.connect(folder / "politirad.db")) as link, link:
        link.execute("UPDATE person SET name = NULL, email = NULL")
    link.close()
    erased = run(folder, "approvals", "A-1").stdout
    assert "Eksempel" not in erased
    assert "(politimester)" in erased


def test_no_name_of_a_person_stands_in_any_event(told: Told) -> None:
    with closing(sqlite3.connect(told.database)) as link, link:
        names = {word for (name,) in link.execute("SELECT name FROM person") for word in name.split()[-1:]}
        bodies = [body for (body,) in link.execute("SELECT body FROM event")]
    assert names == {"Eksempel", "Refsethås"}
    assert [body for body in bodies for name in names if name.casefold() in body.casefold()] == []


def test_the_attempts_that_were_refused_are_on_record(told_amend_first: Told, told_adopt_first: Told) -> None:
    def refused(story: Told) -> list[tuple[str, set[str]]]:
        found = (e["data"] for e in story.events() if e["type"] == "council.step_refused")
        return [(data["attempt"]["step"], {reason["code"] for reason in data["reasons"]}) for data in found]

    assert refused(told_amend_first) == [("approve", {"version_outdated"}), ("recommend", {"incomplete"})]
    assert refused(told_adopt_first)[0] == ("approve", {"needs_vote", "mandate_is_dialogue_only"})


def test_the_mandate_stays_with_the_office_when_its_holder_changes(told: Told) -> None:
    pursued = [e for e in told.events() if e["type"] in {"amendment.started", "amendment.reported"}]
    assert {e["data"]["authority"]["office"] for e in pursued} == {"leder_regionrad"}
    assert len({e["data"]["authority"]["person"] for e in pursued}) == 2


def test_one_measure_for_each_theme_and_one_is_overdue(told: Told) -> None:
    measures = told.json("list", "--workflow", "measure")
    assert {m["theme"] for m in measures} == {"crime_prevention", "preparedness", "public_safety"}
    overdue = told.json("list", "--workflow", "measure", "--overdue", "--as-of", "2020-02-14")
    assert [m["id"] for m in overdue] == ["M-3"]


def test_the_record_is_whole(told: Told) -> None:
    assert run(told.home / FOLDER, "verify").returncode == 0


@pytest.mark.parametrize("order", ["amend-first", "adopt-first"])
def test_the_transcript_is_the_same_every_time(order: str, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    assert tell(first, "--order", order).transcript == tell(second, "--order", order).transcript


def test_it_tells_where_the_record_ends_and_invention_begins(told: Told) -> None:
    before, _, after = told.transcript.partition("Everything from here on is invented for demonstration.")
    assert "2018-12-10" in before
    assert "2019-" not in before
    assert "2018-" not in after.replace("2018-12-10", "")
    assert "invented for demonstration" in (told.home / FOLDER / "DEMO.txt").read_text(encoding="utf-8")


def test_it_ends_with_the_approvals_the_follow_up_the_check_and_what_to_try(told: Told) -> None:
    wanted = ("Who approved what?", "Decision follow-up 2019", "are in order", "Try it yourself:", f"cd {FOLDER}")
    places = [told.transcript.index(words) for words in wanted]
    assert places == sorted(places)


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_it_is_told_in_the_language_asked_for(language: str, tmp_path: Path) -> None:
    transcript = tell(tmp_path, "--language", language).transcript
    assert ("Høsten 2018" in transcript, "Autumn 2018" in transcript) == (language != "en", language == "en")
    told = transcript.splitlines()[:-5]  # the last five name the program by its path, as long as that may be
    assert max(map(len, told)) <= COLUMNS


def test_it_replaces_only_its_own_files(tmp_path: Path) -> None:
    tell(tmp_path)
    (tmp_path / FOLDER / "notes.md").write_text("mine", encoding="utf-8")
    assert tell(tmp_path).transcript.startswith(f"Playing anew in {FOLDER}.")
    assert (tmp_path / FOLDER / "notes.md").read_text(encoding="utf-8") == "mine"


def test_the_record_names_no_user_of_the_machine_the_demo_was_played_on(told_amend_first: Told) -> None:
    with closing(sqlite3.connect(told_amend_first.database)) as link, link:
        assert link.execute("SELECT DISTINCT text FROM login").fetchall() == [("demo",)]


def test_it_leaves_a_folder_alone_that_it_did_not_make(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "politirad.db").write_text("precious", encoding="utf-8")
    refused = run(tmp_path, "demo")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "not empty, and no demo of ours" in refused.stderr
    assert (tmp_path / FOLDER / "politirad.db").read_text(encoding="utf-8") == "precious"
