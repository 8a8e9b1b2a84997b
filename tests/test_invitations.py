"""Who is invited to a meeting, to what time of day, and whom letters tell of what became of it."""

from __future__ import annotations

import dataclasses
from datetime import date, time
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from engine.entry import Entry
from engine.errors import Refused, UsageError
from tests.letterbox import Letterbox, texts
from tests.meetings import DAY, ORIGIN, cancel, in_calendars, move, planned, seated, summoned, told
from tests.refusing import refusal
from tests.situations import situation
from tests.world import COUNCIL, SECRETARY, World
from workflows.invitations import invitation_to, invites, uid_of

if TYPE_CHECKING:
    from pathlib import Path

GUEST = "leder_regionrad"


def test_a_meeting_keeps_the_time_of_day_as_it_is_written(world: World) -> None:
    case = planned(world, begins="09:00", ends="11:30")
    assert {name: world.case(case).facts[name] for name in ("begins", "ends")} == {"begins": "09:00", "ends": "11:30"}
    with world.store.read(COUNCIL) as reader:
        form = next(iter(reader.events(case))).event.data["form"]
    assert isinstance(form, dict)
    assert (form["begins"], form["ends"]) == ("09:00", "11:30")


@pytest.mark.parametrize(
    "written", ["9:00", "24:00", "09:60", "0900", "09:00:00", "klokka ni", "\u0660\u0669:\u0660\u0660", ""]
)
def test_a_time_of_day_is_written_in_one_way_and_the_message_shows_it(world: World, written: str) -> None:
    with pytest.raises(UsageError, match=r"^--begins: .* is not a time of day; write HH:MM .* for instance 09:00$"):
        planned(world, begins=written)


@pytest.mark.parametrize("written", ["00:00", "23:59", time(9, 30)])
def test_every_minute_of_the_day_is_a_time(world: World, written: object) -> None:
    assert world.case(planned(world, begins=written)).facts["begins"] in {"00:00", "23:59", "09:30"}


@pytest.mark.parametrize(
    ("begins", "ends", "why"),
    [
        ("11:00", "09:00", "ends_too_early"),
        ("09:00", "09:00", "ends_too_early"),
        (None, "09:00", "ends_alone"),
    ],
)
def test_a_meeting_ends_after_it_begins(world: World, begins: str | None, ends: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        world.take("meeting", "plan", title="Årsmøte", begins=begins, ends=ends)
    assert [reason.code for reason in refused.value.verdict.reasons] == [why]
    case = planned(world)
    assert refusal(world, "meeting", "set_date", case, date=DAY, begins=begins, ends=ends) == {why}
    given = {"date": DAY, "begins": begins, "ends": ends, "reason": "x", "decider": "leder_regionrad"}
    assert refusal(world, "meeting", "reschedule", case, **given) == {why}


def test_a_new_date_keeps_the_time_of_day_and_a_new_time_of_day_is_a_whole_one(world: World) -> None:
    case = planned(world, begins="09:00", ends="11:00")
    world.take("meeting", "set_date", case, date="2019-06-13")
    assert (in_calendars(world, case).begins, in_calendars(world, case).ends) == (time(9), time(11))
    world.take("meeting", "set_date", case, date="2019-06-13", begins="12:00")
    assert (in_calendars(world, case).begins, in_calendars(world, case).ends) == (time(12), None)


def test_a_notice_invites_whoever_sits_in_the_council_and_the_guests_it_names(world: World) -> None:
    case = summoned(world, also=(GUEST, "ordforer_melhus"))
    invited = world.case(case).facts["invited"]
    assert isinstance(invited, list)
    assert GUEST not in seated(world)
    assert set(invited) == {*seated(world), GUEST}
    assert len(invited) == len(set(invited))


def test_who_sits_in_no_permanent_seat_is_invited_as_a_guest_or_not_at_all() -> None:
    s = situation()
    permanent, other = s.council.seats[0], replace(s.council.seats[1], permanent=False)
    s = replace(s, council=dataclasses.replace(s.council, seats=(permanent, other)))
    assert invites(s) == {"invited": list(permanent.filled_by)}


def test_a_guest_is_an_office_of_the_register(world: World) -> None:
    case = planned(world)
    assert refusal(world, "meeting", "summon", case, also=("ordforer_melhus", "tullball")) == {"unknown_office"}


def test_documents_go_with_the_notice(world: World) -> None:
    case = planned(world)
    document, files = world.document_of("saksliste.md", "Saker")
    sent = world.take("meeting", "summon", case, documents=(document,), files=files).step.event.data["form"]
    assert isinstance(sent, dict)
    assert [one["name"] for one in sent["documents"]] == ["saksliste.md"]


def test_another_notice_after_a_move_invites_anew(world: World) -> None:
    case = summoned(world, also=(GUEST,))
    move(world, case, "2019-07-03")
    assert GUEST in told(world, "moved", case)
    world.take("meeting", "summon", case)
    assert GUEST not in told(world, "notice", case)
    assert set(told(world, "notice", case)) == seated(world)


def test_a_meeting_keeps_its_id_and_its_number_rises_with_each_change(world: World) -> None:
    case = planned(world)
    seen = [in_calendars(world, case)]
    world.take("meeting", "set_date", case, date="2019-06-13")
    seen.append(in_calendars(world, case))
    world.take("meeting", "summon", case)
    assert in_calendars(world, case).sequence == seen[-1].sequence
    move(world, case)
    seen.append(in_calendars(world, case))
    cancel(world, case)
    seen.append(in_calendars(world, case))
    assert {one.uid for one in seen} == {"MT-1.trondelag-sor@politirad.example"}
    assert seen[0].sequence == 0
    assert [one.sequence for one in seen] == sorted({one.sequence for one in seen})
    assert [one.cancelled for one in seen] == [False, False, False, True]


def test_a_change_after_one_that_was_taken_back_has_a_number_higher_than_both(world: World) -> None:
    case = summoned(world)
    move(world, case)
    first = in_calendars(world, case).sequence
    world.service.annul(COUNCIL, case, entry=Entry(person=SECRETARY, reason="Feil møte"))
    assert in_calendars(world, case).sequence == 0
    move(world, case, "2019-06-26")
    assert in_calendars(world, case).sequence > first


def test_a_meeting_without_a_date_is_in_no_calendar(world: World) -> None:
    case = world.take("meeting", "plan", title="Årsmøte").step.event.case
    assert invitation_to(world.case(case), ORIGIN, "") is None


def test_a_meeting_in_calendars_has_its_title_place_and_times(world: World) -> None:
    found = in_calendars(world, summoned(world))
    assert (found.title, found.place, found.description) == ("Årsmøte 2019", "Melhus rådhus", "Saksliste")
    assert (found.day, found.begins, found.ends) == (date(2019, 6, 12), time(9), time(11))


def test_an_id_in_calendars_is_the_councils_alone() -> None:
    assert uid_of("a.example/x/y", "M-3", "evaluate") == "M-3.evaluate.x.y@a.example"


def test_the_notice_goes_to_everybody_invited_while_the_meeting_stands_summoned(world: World) -> None:
    case = planned(world)
    assert told(world, "notice", case) == ()
    world.take("meeting", "summon", case)
    assert set(told(world, "notice", case)) == seated(world)
    move(world, case)
    assert told(world, "notice", case) == ()


@pytest.mark.parametrize(("day", "reached"), [(12, True), (13, False)])
def test_no_letter_about_a_day_that_has_passed_is_written(world: World, day: int, *, reached: bool) -> None:
    case, other = summoned(world), summoned(world)
    cancel(world, other)
    moved = summoned(world)
    move(world, moved, "2019-06-12")
    world.clock.move_to(date(2019, 6, day))
    letters = (("notice", case), ("cancelled", other), ("moved", moved))
    assert [bool(told(world, kind, about)) for kind, about in letters] == [reached] * 3


def test_only_who_was_invited_hears_of_a_move_or_a_cancellation(world: World) -> None:
    case = planned(world)
    move(world, case)
    assert told(world, "moved", case) == ()
    cancel(world, case)
    assert told(world, "cancelled", case) == ()


def test_of_a_meeting_that_was_moved_and_then_cancelled_only_the_end_is_told(world: World) -> None:
    case = summoned(world)
    move(world, case)
    assert set(told(world, "moved", case)) == seated(world)
    cancel(world, case)
    assert told(world, "moved", case) == ()
    assert set(told(world, "cancelled", case)) == seated(world)


def test_the_minutes_go_to_everybody_invited_until_they_are_approved(in_force: World) -> None:
    case = summoned(in_force, also=(GUEST,))
    in_force.clock.move_to(date(2019, 6, 12))
    in_force.take("meeting", "hold", case, present=("slt_melhus",))
    assert told(in_force, "minutes", case) == ()
    document, files = in_force.document_of("referat.md", "Referat")
    in_force.take("meeting", "minute", case, documents=(document,), files=files)
    assert set(told(in_force, "minutes", case)) == {*seated(in_force), GUEST}
    in_force.take("meeting", "approve", case, version="1", decider="politiradet")
    assert told(in_force, "minutes", case) == ()


def test_the_date_a_meeting_was_moved_from_is_known_once_a_notice_had_named_it(world: World) -> None:
    case = planned(world)
    move(world, case)
    assert "moved_from" not in world.case(case).facts
    world.take("meeting", "summon", case)
    move(world, case, "2019-06-26")
    assert world.case(case).facts["moved_from"] == "2019-06-19"
    move(world, case, "2019-06-26", begins="12:00")
    assert "moved_from" not in world.case(case).facts


def test_an_item_added_to_a_summoned_meeting_is_told_by_a_new_notice(tmp_path: Path) -> None:
    box = Letterbox(tmp_path)
    case = summoned(box.world)
    box.at("2019-05-21")
    assert {letter.office for letter in box.letters("notice")} == seated(box.world)
    box.world.take("meeting", "add_item", case, item=("Flom i Gaula",))
    box.at("2019-05-22")
    anew = box.letters("notice")[len(seated(box.world)) :]
    assert {letter.office for letter in anew} == seated(box.world)
    assert "Denne innkallingen erstatter den forrige." in texts(box.addressed(box.to("ordforer_melhus"))[-1:])
