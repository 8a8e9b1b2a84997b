"""The weeks to come: what is due, who is reminded, when there is a meeting, and what the clock does by itself."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from engine.ladder import Coming, Duty, Ladder, Progress
from engine.outlook import Period, rungs_in
from tests.desk import Desk
from tests.letterbox import Letterbox

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

OWNER, FOLLOW_UP = "kommunedirektor_melhus", "slt_melhus"


@pytest.fixture
def box(tmp_path: Path) -> Letterbox:
    """October 2018: a measure due in November, and a meeting that has no notice yet."""
    box = Letterbox(tmp_path)
    box.world.in_force()
    box.measure("2018-11-20")
    box.world.take("meeting", "plan", title="Høstmøte", date="2018-11-28")
    box.at("2018-10-05")
    return box


def coming(box: Letterbox, *options: str) -> Any:  # noqa: ANN401  # whatever the command says
    """What comes, as JSON."""
    return Desk(box.world).types("upcoming", "--json", *options).json["coming"]


def rungs(box: Letterbox, case: str, *options: str) -> list[tuple[str, str]]:
    """On which days whom a case's reminders tell."""
    found = coming(box, *options)
    return [(x["on"], x["office"]) for x in found if x["sort"] == "reminder" and x["case"] == case]


def test_every_reminder_of_the_period_is_told_not_only_the_next(box: Letterbox) -> None:
    ahead = rungs(box, "M-1", "--weeks", "14")
    assert ahead[0] == ("2018-10-19", OWNER)
    box.through("2018-10-06", "2019-01-11")
    told = [(t.day.isoformat(), t.office) for t in box.evidence("M-1") if t.name == "implement" and t.fate == "told"]
    assert sorted(ahead) == sorted(told)
    assert {office for _, office in told} == {OWNER, FOLLOW_UP, "politiradssekretar", "leder_regionrad"}


def test_what_should_have_been_told_already_comes_on_the_next_working_day(box: Letterbox) -> None:
    box.set("2018-11-24")  # a Saturday; the clock has slept since 5 October
    assert rungs(box, "M-1", "--weeks", "1")[0] == ("2018-11-26", OWNER)
    assert min(x["on"] for x in coming(box, "--weeks", "1")) == "2018-11-26"  # what is overdue is no news


def test_a_year_that_should_be_open_already_is_opened_today_and_not_expected(box: Letterbox) -> None:
    box.set("2019-02-01")
    opened = [(x["on"], x["case"]) for x in coming(box, "--weeks", "104") if x["name"] == "open"]
    assert opened == [("2020-01-01", "Y-2020"), ("2021-01-01", "Y-2021")]


def test_deadlines_meetings_and_what_the_clock_does_stand_on_their_days(box: Letterbox) -> None:
    found = [
        (x["on"], x["sort"], x["case"], x["name"]) for x in coming(box, "--weeks", "13") if x["sort"] != "reminder"
    ]
    assert found == [
        ("2018-11-14", "deadline", "MT-1", "summon"),
        ("2018-11-20", "deadline", "M-1", "implement"),
        ("2018-11-28", "meeting", "MT-1", "planned"),
        ("2018-12-31", "clock", "Y-2018", "finish_evaluation"),
        ("2019-01-01", "clock", "Y-2018", "record_breach"),
        ("2019-01-01", "clock", "Y-2019", "open"),
        ("2019-01-01", "deadline", "Y-2018", "breach"),
    ]


def test_only_the_weeks_asked_for_are_shown(box: Letterbox) -> None:
    assert max(x["on"] for x in coming(box, "--weeks", "2")) == "2018-10-19"
    assert min(x["on"] for x in coming(box)) > "2018-10-05"
    assert Desk(box.world).does("upcoming --weeks 1") == "Nothing comes in these weeks.\n"


def test_an_office_sees_what_is_its_own_and_the_meetings_it_is_called_to(box: Letterbox) -> None:
    found = [(x["on"], x["sort"], x["audience"]) for x in coming(box, "--weeks", "13", "--office", FOLLOW_UP)]
    assert found == [("2018-11-27", "reminder", "follow_up"), ("2018-11-28", "meeting", None)]
    assert Desk(box.world).types("upcoming --office slt_melhu").code == 3


def test_a_person_reads_it_week_by_week(box: Letterbox) -> None:
    said = Desk(box.world).does("upcoming --weeks 8")
    assert "Week 47: 2018-11-19 to 2018-11-25" in said
    (due,) = [line for line in said.splitlines() if line.startswith("  2018-11-20  due")]
    assert due.split("M-1")[1].strip() == "Natteravner: carry it out → Chief executive of Melhus"
    assert said.index("2018-11-27") < said.index("2018-11-28  meeting")


def test_reminders_that_go_on_until_it_is_done_are_shown_once(box: Letterbox) -> None:
    said = " ".join(Desk(box.world).does("upcoming --weeks 14").split())
    assert "2018-11-27 reminder M-1 Natteravner: carry it out (7 days overdue) → " in said
    assert said.count("Chief executive of Melhus (every week until it is done)") == 1
    assert "2018-12-11 reminder M-1 Natteravner: carry it out (21 days overdue) → Leader" in said


def test_it_is_said_where_the_clock_has_not_looked_yet(box: Letterbox) -> None:
    assert "politirad tick" not in Desk(box.world).does("upcoming")
    box.measure("2018-11-10", title="Lys")
    assert "The 5 newest events are planned for at the next round (`politirad tick`)" in Desk(box.world).does(
        "upcoming"
    )


def test_looking_writes_nothing(box: Letterbox) -> None:
    box.world.store.close()
    file = box.world.folder / "politirad.db"
    before = file.read_bytes()
    assert coming(box, "--weeks", "104")
    assert file.read_bytes() == before


def test_a_rung_that_a_higher_one_overtakes_is_not_expected() -> None:
    duty = Duty("M-1", "implement", "a", date(2018, 11, 1), Ladder(), date(2018, 1, 1), (("leader", "a"),))
    found = rungs_in(
        duty, Progress(), Coming(-3, "owner", "a", date(2018, 10, 29)), Period(date(2018, 11, 19), date(2018, 11, 30))
    )
    assert [(x.day.isoformat(), x.rung) for x in found] == [("2018-11-19", 14), ("2018-11-22", 21), ("2018-11-29", 28)]
