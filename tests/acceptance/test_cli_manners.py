"""Manners of the command line: rehearsals, cases that moved on, what was first written, and who is still missing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import cli
from tests.world import EXAMPLE

if TYPE_CHECKING:
    from tests.desk import Desk


def proposed(desk: Desk) -> str:
    """A proposed agreement with a mistyped name."""
    text = desk.file("avtale.md", "# Avtale")
    desk.does("agreement", "propose", "--for", "politiet", "--title", "Avtlae", "--document", text, "--ref", "brev")
    return "A-1"


def test_a_case_that_moved_on_since_it_was_looked_at_is_left_alone(desk: Desk) -> None:
    case = proposed(desk)
    desk.does(f"agreement approve {case} --for politiet --version 1 --ref vedtak --seen 1")
    answer = desk.types(f"agreement withdraw-approval {case} --for politiet --version 1 --ref x --reason y --seen 1")
    assert (answer.code, desk.case(case).n) == (4, 2)
    assert "you saw event 1, it now has 2" in answer.err


def test_the_clock_can_be_rehearsed(desk: Desk) -> None:
    desk.world.in_force()
    desk.world.clock.move_to(date(2019, 3, 1))
    before = desk.case("C").n
    rehearsed = desk.does("tick --dry-run")
    assert "Y-2019" in rehearsed
    assert "Nothing was written" in rehearsed
    assert desk.types("show Y-2019").code == 3
    assert desk.case("C").n == before
    assert "Y-2019" in desk.does("tick")


def test_a_council_file_can_be_tried_before_it_is_opened(desk: Desk, tmp_path: Path) -> None:
    target = str(tmp_path / "new.db")
    answer = desk.types("init", str(EXAMPLE), "--name", "Kari Nordli", "--dry-run", database=Path(target))
    assert (answer.code, Path(target).exists()) == (0, False)
    assert "is in order" in answer.out


@pytest.mark.parametrize("id_", ["a b", "Melhus", "æ"])
def test_a_council_is_called_by_an_id(desk: Desk, id_: str) -> None:
    assert desk.types("init", str(EXAMPLE), "--name", "Kari Nordli", "--id", id_).code == 2


def test_the_log_shows_what_was_first_written_and_what_it_was_corrected_to(desk: Desk) -> None:
    case = proposed(desk)
    desk.does("correct", case, "1", "--text", "title=Avtale", "--ref", "brev 2", "--reason", "Skrivefeil")
    log = desk.does(f"log {case}")
    assert "Avtlae → Avtale" in log
    assert "brev → brev 2" in log
    assert desk.types(f"log {case} --json").json[1]["corrects"]["title"] == "Avtale"


def test_explaining_an_approval_tells_who_is_missing_for_adoption(desk: Desk) -> None:
    case = proposed(desk)
    desk.does(f"agreement approve {case} --for politiet --version 1 --ref vedtak")
    told = desk.does(f"explain {case} approve --for regionen")
    assert "(regionen) has not approved yet" in told
    follows = desk.types(f"explain {case} approve --json").json["follows"]
    assert [(step["step"], step["allowed"]) for step in follows] == [("adopt", False)]


def test_attendance_is_by_office_and_can_be_put_right(desk: Desk) -> None:
    desk.world.in_force()
    desk.does("meeting plan --title Møte --date 2018-10-04")
    for item in ("notice_and_agenda", "previous_minutes", "crime_picture", "open_measures"):
        desk.does(f"meeting add-item MT-1 --item {item}")
    desk.does("meeting add-item MT-1 --item evaluation --item action_plan --item next_meeting")
    desk.does("meeting summon MT-1 --on 2018-09-01")
    assert desk.types("meeting hold MT-1 --present tullball").code == 3
    desk.does("meeting hold MT-1 --present ordforer_melhus")
    desk.does("meeting hold MT-1 --present ordforer_melhus --present slt_melhus")
    assert desk.case("MT-1").facts["present"] == ["ordforer_melhus", "slt_melhus"]


def test_the_secretary_cannot_be_locked_out(desk: Desk) -> None:
    answer = desk.types("office end politiradssekretar --on 2018-10-01")
    assert (answer.code, "nobody could keep the record" in answer.err) == (2, True)


def test_every_command_stands_in_one_section_of_the_help() -> None:
    listed = [name for names in cli.SECTIONS.values() for name in names.split()]
    assert sorted(listed) == sorted(cli.COMMANDS)
