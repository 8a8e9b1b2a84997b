"""Invitations and calendars, read back by a reader of our own: times, ids, alarms, and what khal makes of them."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from engine.ics import feed_text
from tests.ics_reader import offset_at, utc_of
from tests.invitations import MEETING, STAMP, TASK, asked, event, feed, written

if TYPE_CHECKING:
    from pathlib import Path

OSLO = ZoneInfo("Europe/Oslo")


def test_an_invitation_says_what_when_where_and_who_asks_whom() -> None:
    calendar = asked()
    found = event(calendar)
    assert {name: calendar[name].value for name in ("VERSION", "METHOD", "CALSCALE")} == {
        "VERSION": "2.0", "METHOD": "REQUEST", "CALSCALE": "GREGORIAN",
    }  # fmt: skip
    assert "PRODID" in calendar
    assert [found[name].text for name in ("UID", "SUMMARY", "LOCATION", "DESCRIPTION")] == [
        MEETING.uid, MEETING.title, MEETING.place, MEETING.description,
    ]  # fmt: skip
    assert [found[name].value for name in ("SEQUENCE", "STATUS", "DTSTAMP")] == ["0", "CONFIRMED", "20261126T083015Z"]
    assert (found["DTSTART"].local, found["DTEND"].local) == (datetime(2027, 6, 12, 9), datetime(2027, 6, 12, 11, 30))  # noqa: DTZ001  # local
    assert (found["ORGANIZER"].value, found["ORGANIZER"].parameters) == (
        "mailto:sekretar@politirad.example", {"CN": "Politirådssekretær"},
    )  # fmt: skip
    assert (found["ATTENDEE"].value, found["ATTENDEE"].parameters) == (
        "mailto:ordforer@melhus.example",
        {"CN": "Ola Nordmann", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"},
    )  # fmt: skip


def test_a_moved_meeting_is_the_same_with_a_higher_number_and_a_cancelled_one_is_taken_back() -> None:
    moved = replace(MEETING, sequence=3, day=date(2027, 6, 19))
    events = [event(asked(one)) for one in (MEETING, moved, replace(moved, sequence=4, cancelled=True))]
    assert {found["UID"].text for found in events} == {MEETING.uid}
    assert [found["SEQUENCE"].value for found in events] == ["0", "3", "4"]
    assert [found["STATUS"].value for found in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert [asked(replace(MEETING, cancelled=off))["METHOD"].value for off in (False, True)] == ["REQUEST", "CANCEL"]


def test_nobody_is_asked_to_answer_a_cancellation() -> None:
    assert "RSVP" not in event(asked(replace(MEETING, cancelled=True)))["ATTENDEE"].parameters


def test_a_meeting_of_no_stated_length_takes_two_hours_and_may_pass_midnight() -> None:
    found = event(asked(replace(MEETING, begins=time(23), ends=None)))
    assert found["DTEND"].local == datetime(2027, 6, 13, 1)  # noqa: DTZ001  # local


def test_a_meeting_of_no_stated_time_takes_the_day_29_february_too() -> None:
    found = event(asked(replace(MEETING, day=date(2028, 2, 29), begins=None, ends=None)))
    assert (found["DTSTART"].day, found["DTEND"].day) == (date(2028, 2, 29), date(2028, 3, 1))


def test_whoever_has_no_name_and_whatever_has_no_place_is_left_without() -> None:
    found = event(asked(replace(MEETING, place=None, description=""), organizer_name=None, attendee_name=None))
    assert ("LOCATION" in found, "DESCRIPTION" in found) == (False, False)
    assert "CN" not in {**found["ORGANIZER"].parameters, **found["ATTENDEE"].parameters}


@pytest.mark.parametrize(
    "day", [date(2027, 3, 27), date(2027, 3, 28), date(2027, 10, 30), date(2027, 10, 31), date(2031, 7, 1)]
)
@pytest.mark.parametrize("at", [time(0), time(1, 59), time(3), time(9), time(23, 30)])
def test_a_meeting_begins_when_clocks_in_norway_say_so_on_both_sides_of_each_change(day: date, at: time) -> None:
    calendar = asked(replace(MEETING, day=day, begins=at, ends=time(23, 59)))
    (zone,) = calendar.all("VTIMEZONE")
    assert utc_of(zone, event(calendar)["DTSTART"]) == datetime.combine(day, at, OSLO).astimezone(UTC)


def test_the_zone_that_is_sent_along_agrees_with_norways_clocks_in_every_half_hour_until_2041() -> None:
    (zone,) = asked().all("VTIMEZONE")
    instant, until = datetime(2026, 1, 1, tzinfo=UTC), datetime(2041, 1, 1, tzinfo=UTC)
    while instant < until:
        assert offset_at(zone, instant) == instant.astimezone(OSLO).utcoffset(), instant
        instant += timedelta(minutes=30) if instant.month in (3, 10) else timedelta(days=1)


def test_the_zone_is_a_rule_and_not_a_list_of_dates() -> None:
    (zone,) = asked().all("VTIMEZONE")
    assert zone["TZID"].value == "Europe/Oslo"
    assert {part.name: part["TZNAME"].value for part in zone.parts} == {"DAYLIGHT": "CEST", "STANDARD": "CET"}
    assert not [part for part in zone.parts if "RDATE" in part or "UNTIL" in part["RRULE"].value]


def test_a_deadline_is_a_task_due_on_its_day() -> None:
    (todo,) = feed(TASK).all("VTODO")
    assert todo["DUE"].day == date(2028, 2, 29)
    assert (todo["UID"].text, todo["SUMMARY"].text, todo["DESCRIPTION"].text) == (
        TASK.uid,
        TASK.title,
        TASK.description,
    )
    assert (todo["STATUS"].value, todo["DTSTAMP"].value, todo["LAST-MODIFIED"].value) == (
        "NEEDS-ACTION", "20261126T083015Z", "20261126T083015Z",
    )  # fmt: skip


def test_a_deadline_calls_at_eight_three_days_before_and_on_the_day() -> None:
    (todo,) = feed(TASK).all("VTODO")
    triggers = [(alarm["TRIGGER"].value, alarm["TRIGGER"].parameters) for alarm in todo.parts]
    assert triggers == [("-P2DT16H", {"RELATED": "END"}), ("PT8H", {"RELATED": "END"})]
    assert {(alarm.name, alarm["ACTION"].value) for alarm in todo.parts} == {("VALARM", "DISPLAY")}


def test_a_deadline_may_be_a_day_that_takes_nobodys_time() -> None:
    found = event(feed(TASK, as_events=True))
    assert (found["DTSTART"].day, found["DTEND"].day) == (date(2028, 2, 29), date(2028, 3, 1))
    assert (found["UID"].text, found["TRANSP"].value) == (TASK.uid, "TRANSPARENT")
    assert [alarm["TRIGGER"].value for alarm in found.parts] == ["-P2DT16H", "PT8H"]


def test_a_calendar_asks_nobody_for_an_answer() -> None:
    calendar = feed(TASK, name="SLT i Melhus", meetings=(MEETING,))
    assert "METHOD" not in calendar
    assert calendar["X-WR-CALNAME"].text == "SLT i Melhus"
    found = event(calendar)
    assert ("ORGANIZER" in found, "ATTENDEE" in found) == (False, False)
    assert (found["UID"].text, found["DTSTART"].parameters["TZID"]) == (MEETING.uid, "Europe/Oslo")


def test_the_same_is_written_the_same() -> None:
    assert written() == written()
    once, again = (feed_text("SLT", [TASK], [MEETING], stamp=STAMP) for _ in range(2))
    assert once == again


def test_it_is_stamped_with_an_instant_wherever_it_is_written() -> None:
    once, again = (feed_text("SLT", [TASK], [MEETING], stamp=STAMP.astimezone(zone)) for zone in (UTC, OSLO))
    assert once == again


KHAL = """
[calendars]
[[council]]
path = {path}
[locale]
local_timezone = Europe/Oslo
default_timezone = Europe/Oslo
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
[default]
default_calendar = council
[sqlite]
path = {path}.db
"""


@pytest.mark.skipif(shutil.which("khal") is None, reason="khal, another calendar program, is not installed")
def test_khal_keeps_one_meeting_through_invitation_move_and_cancellation(tmp_path: Path) -> None:
    moved = replace(MEETING, sequence=1, day=date(2027, 11, 2))
    (tmp_path / "calendar").mkdir()
    (tmp_path / "khal.conf").write_text(KHAL.format(path=tmp_path / "calendar"))
    shown = []
    for invitation in (MEETING, moved, replace(moved, sequence=2, cancelled=True)):
        (tmp_path / "invitation.ics").write_bytes(written(invitation).encode())
        khal(tmp_path, "import", "--batch", str(tmp_path / "invitation.ics"))
        shown += khal(tmp_path, "list", "--format", "{start} to {end-time} {title} {status}", "2027-06-01", "365d")
        assert len(list((tmp_path / "calendar").glob("*.ics"))) == 1
    assert [line.strip() for line in shown] == [
        "2027-06-12 09:00 to 11:30 Årsmøte 2027 CONFIRMED",
        "2027-11-02 09:00 to 11:30 Årsmøte 2027 CONFIRMED",
        "2027-11-02 09:00 to 11:30 Årsmøte 2027 CANCELLED",
    ]


def khal(folder: Path, *words: str) -> list[str]:
    """What khal answers in a folder of its own, without the headings of days."""
    program = str(shutil.which("khal"))
    env = {"HOME": str(folder), "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [program, "-c", str(folder / "khal.conf"), *words], env=env, capture_output=True, text=True, check=True
    )
    return [line for line in done.stdout.splitlines() if " to " in line]
