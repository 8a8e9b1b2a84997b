"""`politirad calendar`: deadlines and meetings of an office as a file for other calendars, and the invitation."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.ports import Person
from tests.desk import Desk
from tests.ics_reader import read
from tests.meetings import cancel, move, planned, summoned
from tests.test_reservation import OUT, answered
from tests.world import COUNCIL, MAYORS, SECRETARY, World

if TYPE_CHECKING:
    from tests.ics_reader import Component

OWNER = "slt_melhus"


def fed(desk: Desk, options: str = "") -> Component:
    """The calendar that the command writes."""
    file = desk.world.folder / "out.ics"
    assert desk.does(f"calendar {options} --output {file}") == ""
    return read(file.read_bytes())


def with_addresses(desk: Desk) -> None:
    """Let the secretary and a mayor be reached by mail."""
    with desk.world.store.write(COUNCIL) as tx:
        tx.keep_person(Person(SECRETARY, "kari", "Kari Nordli", "kari@x.example"))
        tx.keep_person(Person("p_melhus", "ola", "Ola Nordmann", "ola@x.example"))


def measured(desk: Desk) -> str:
    """A measure that is under way and is to be carried out by 1 September 2019."""
    case = desk.world.measure(implementer=OWNER)
    desk.world.take("measure", "recommend", case, decider="politiradet")
    desk.world.take("measure", "anchor", case, decider=OWNER)
    return case


def test_what_an_office_owes_is_a_list_of_tasks(desk: Desk) -> None:
    measured(desk)
    calendar = fed(desk, f"--office {OWNER}")
    (todo,) = calendar.all("VTODO")
    assert (todo["SUMMARY"].text, todo["DUE"].day) == ("M-1 Natteravner: carry it out", date(2019, 9, 1))
    assert todo["UID"].text == f"M-1.implement.{OWNER}.trondelag-sor@politirad.example"
    assert todo["DESCRIPTION"].text.splitlines()[1:] == ["measure, anchored", "politirad show M-1"]
    assert OWNER in todo["DESCRIPTION"].text
    assert calendar["X-WR-CALNAME"].text == "Crime-prevention coordinator of Melhus"


def test_what_is_overdue_says_since_when_so_that_it_is_still_true_tomorrow(desk: Desk) -> None:
    measured(desk)
    titles = []
    for day in (date(2019, 9, 1), date(2019, 9, 2), date(2019, 9, 9)):
        desk.world.clock.move_to(day)
        titles += [todo["SUMMARY"].text for todo in fed(desk, f"--office {OWNER}").all("VTODO")]
    plain = "M-1 Natteravner: carry it out"
    assert titles == [plain, f"{plain} (overdue, due 2019-09-01)", f"{plain} (overdue, due 2019-09-01)"]


def test_a_task_keeps_its_id_when_its_day_is_moved(desk: Desk) -> None:
    case = measured(desk)
    before = fed(desk, f"--office {OWNER}").all("VTODO")[0]
    desk.world.take("measure", "move_deadline", case, decider="politiradet", deadline="2019-10-01", reason="Sykdom")
    after = fed(desk, f"--office {OWNER}").all("VTODO")[0]
    assert (after["DUE"].day, after["UID"]) == (date(2019, 10, 1), before["UID"])


def test_deadlines_are_days_for_programs_that_show_no_tasks(desk: Desk) -> None:
    measured(desk)
    calendar = fed(desk, f"--office {OWNER} --events")
    (event,) = calendar.all("VEVENT")
    assert (event["DTSTART"].day, calendar.all("VTODO")) == (date(2019, 9, 1), [])


def test_without_an_office_it_is_the_whole_councils(desk: Desk) -> None:
    measured(desk)
    summoned(desk.world)
    calendar = fed(desk)
    assert {todo["UID"].text.partition(".")[0] for todo in calendar.all("VTODO")} == {"M-1", "MT-1"}
    assert [event["SUMMARY"].text for event in calendar.all("VEVENT")] == ["Årsmøte 2019"]


@pytest.mark.parametrize(
    ("office", "before", "after"),
    [
        ("ordforer_melhus", True, True),
        ("politiradssekretar", True, True),
        ("leder_regionrad", False, True),
        ("sekretar_regionrad", False, False),
    ],
)
def test_an_office_sees_the_meetings_it_is_called_to(desk: Desk, office: str, *, before: bool, after: bool) -> None:
    case = planned(desk.world)
    assert bool(fed(desk, f"--office {office}").all("VEVENT")) is before
    desk.world.take("meeting", "summon", case, also=("leder_regionrad",))
    assert bool(fed(desk, f"--office {office}").all("VEVENT")) is after


def test_a_meeting_has_its_time_place_state_and_agenda(desk: Desk) -> None:
    summoned(desk.world)
    (event,) = fed(desk).all("VEVENT")
    assert (event["DTSTART"].local.time(), event["DTEND"].local.time()) == (time(9), time(11))
    assert event["LOCATION"].text == "Melhus rådhus"
    assert event["DESCRIPTION"].text.startswith("MT-1, summoned\nagenda: notice and agenda; previous minutes; ")


def test_a_calendar_is_in_the_readers_language(desk: Desk) -> None:
    measured(desk)
    answer = desk.types(f"calendar --office {OWNER} --json", language="nb").json
    assert answer["deadlines"][0]["title"] == "M-1 Natteravner: iverksett det"


def test_a_meeting_alone_is_a_file_that_anybody_can_take_in(desk: Desk) -> None:
    case = summoned(desk.world)
    planned(desk.world)
    calendar = fed(desk, f"--meeting {case}")
    (event,) = calendar.all("VEVENT")
    assert (event["SUMMARY"].text, "METHOD" in calendar, "ATTENDEE" in event) == ("Årsmøte 2019", False, False)
    assert calendar.all("VTODO") == []


def test_an_invitation_asks_its_office_and_follows_the_meeting(desk: Desk) -> None:
    with_addresses(desk)
    case = summoned(desk.world)
    sent = [fed(desk, f"--meeting {case} --office ordforer_melhus")]
    move(desk.world, case)
    sent.append(fed(desk, f"--meeting {case} --office ordforer_melhus"))
    cancel(desk.world, case)
    sent.append(fed(desk, f"--meeting {case} --office ordforer_melhus"))
    events = [calendar.all("VEVENT")[0] for calendar in sent]
    assert [calendar["METHOD"].value for calendar in sent] == ["REQUEST", "REQUEST", "CANCEL"]
    assert {event["UID"].text for event in events} == {"MT-1.trondelag-sor@politirad.example"}
    numbers = [int(event["SEQUENCE"].value) for event in events]
    assert numbers == sorted(set(numbers))
    assert (events[0]["ORGANIZER"].value, events[0]["ATTENDEE"].value) == (
        "mailto:kari@x.example", "mailto:ola@x.example",
    )  # fmt: skip
    assert events[0]["ATTENDEE"].parameters["CN"] == "Ola Nordmann"
    assert "Kari" not in events[0]["ORGANIZER"].parameters["CN"]


def test_an_invitation_comes_from_the_address_that_letters_come_from(desk: Desk) -> None:
    with_addresses(desk)
    case, file = summoned(desk.world), desk.world.folder / "out.ics"
    words = f"calendar --meeting {case} --office ordforer_melhus --output {file}"
    assert desk.types(words, mail_from="rad@x.example").code == 0
    assert read(file.read_bytes()).all("VEVENT")[0]["ORGANIZER"].value == "mailto:rad@x.example"


def test_whoever_came_to_sit_in_the_council_after_the_notice_does_not_see_the_meeting(tmp_path: Path) -> None:
    world = World(tmp_path, ratifies=dict.fromkeys(MAYORS, True), enough_acceded=5)
    agreement = answered(world, oppdal="reserved")
    meeting = planned(world)
    world.take("meeting", "summon", meeting)
    world.take("agreement", "ratify", agreement, version="1", decider=OUT, answer="acceded")
    assert fed(Desk(world), "--office ordforer_oppdal").all("VEVENT") == []
    planned(world)
    assert len(fed(Desk(world), "--office ordforer_oppdal").all("VEVENT")) == 1


REFUSED = [
    ("--office tullball", 3, "There is no office 'tullball'"),
    ("--meeting MT-9", 3, "MT-9"),
    ("--meeting M-1", 2, "M-1 is no meeting. `politirad list --workflow meeting`"),
    ("--meeting MT-1", 2, "MT-1 has no date. Set one: `politirad meeting set-date MT-1 --date DATE`."),
    ("--meeting MT-2 --office slt_melhus", 2, "slt_melhus has no invitation to MT-2."),
    ("--meeting MT-3 --office slt_melhus", 2, "No e-mail address is on record for politiradssekretar"),
]


@pytest.mark.parametrize(("options", "code", "said"), REFUSED)
def test_what_cannot_be_in_a_calendar_is_refused_with_what_to_do(
    desk: Desk, options: str, code: int, said: str
) -> None:  # fmt: skip
    measured(desk)
    planned(desk.world, date=None)
    planned(desk.world)
    summoned(desk.world)
    answer = desk.types(f"calendar {options}")
    assert (answer.code, answer.out) == (code, "")
    assert said in answer.err


def test_a_script_gets_the_same_as_json(desk: Desk) -> None:
    measured(desk)
    summoned(desk.world)
    answer = desk.types("calendar --json").json
    assert [(one["case"], one["name"], one["office"], one["due"]) for one in answer["deadlines"]][-1] == (
        "M-1", "implement", OWNER, "2019-09-01",
    )  # fmt: skip
    calendar = fed(desk)
    assert [one["uid"] for one in answer["deadlines"]] == [todo["UID"].text for todo in calendar.all("VTODO")]
    (meeting,) = answer["meetings"]
    assert (meeting["date"], meeting["begins"], meeting["ends"]) == ("2019-06-12", "09:00", "11:00")
    assert (meeting["sequence"], meeting["cancelled"]) == (0, False)


def test_a_time_of_day_is_given_and_shown_as_it_is_read(desk: Desk) -> None:
    desk.does("meeting plan --title Møte --date 2019-06-12 --begins 09:00 --ends 11:30")
    shown = [line.split() for line in desk.does("show MT-1").splitlines()]
    assert ["begins", "09:00"] in shown
    assert ["ends", "11:30"] in shown
    refused = desk.types("meeting set-date MT-1 --date 2019-06-12 --begins 12:00 --ends 11:30")
    assert (refused.code, "It begins at 12:00, so it cannot end at 11:30. Give a later --ends." in refused.err) == (
        1,
        True,
    )
    alone = desk.types("meeting set-date MT-1 --date 2019-06-12 --ends 11:30").err
    assert "It would end at 11:30, and nobody says when it begins. Give --begins too." in alone
    mistyped = desk.types("meeting set-date MT-1 --date 2019-06-12 --begins 9.00")
    assert (mistyped.code, "--begins: '9.00' is not a time of day" in mistyped.err) == (2, True)
    assert "--begins HH:MM" in desk.does("meeting plan -h")


def test_a_guest_is_named_with_the_notice(desk: Desk) -> None:
    case = planned(desk.world)
    assert desk.types(f"meeting summon {case} --also tullball").code == 3
    desk.does("meeting", "summon", case, "--also", "leder_regionrad", "--document", desk.file("saker.md", "Saker"))
    assert "leder_regionrad" in desk.case(case).facts["invited"]  # type: ignore[operator]  # a list of offices


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_what_is_printed_has_the_bytes_of_a_calendar_in_every_terminal(desk: Desk, encoding: str) -> None:
    summoned(desk.world)
    installed = Path(sys.executable).with_name("politirad")
    words = [str(installed), "--database", str(desk.settings.database), "calendar"]
    env = {"PATH": "/usr/bin:/bin", "PYTHONIOENCODING": encoding}
    done = subprocess.run(words, env=env, cwd=desk.world.folder, capture_output=True, check=True)
    assert read(done.stdout).all("VEVENT")[0]["SUMMARY"].text == "Årsmøte 2019"
