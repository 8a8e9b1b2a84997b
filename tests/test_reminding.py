"""Reminders as people get them: to whoever holds the office, once a day, in office hours, until the duty is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.letter import Delivery
from tests.desk import Desk
from tests.letterbox import Letterbox, local, texts

if TYPE_CHECKING:
    from pathlib import Path

OWNER = "kommunedirektor_melhus"


@pytest.fixture
def box(tmp_path: Path) -> Letterbox:
    """An agreement in force since 4 October 2018, and a measure due on 3 September 2019."""
    box = Letterbox(tmp_path)
    box.world.in_force()
    box.measure("2019-09-03")
    box.at("2018-10-05")
    box.mail.sent.clear()  # the letters about what was decided
    return box


def test_the_owner_is_reminded_on_each_rung_and_others_as_it_gets_late(box: Letterbox) -> None:
    box.through("2019-08-01", "2019-10-04")
    told = [(t.day.isoformat(), t.office, t.rung) for t in box.evidence("M-1") if t.name == "implement"]
    assert told == [
        ("2019-08-02", OWNER, -30),
        ("2019-08-20", OWNER, -14),
        ("2019-08-30", OWNER, -3),
        ("2019-09-03", OWNER, 0),
        ("2019-09-09", OWNER, 7),  # on Mondays from here on
        ("2019-09-10", "slt_melhus", 7),
        ("2019-09-16", OWNER, 14),
        ("2019-09-17", "politiradssekretar", 14),
        ("2019-09-23", OWNER, 21),
        ("2019-09-24", "leder_regionrad", 21),
        ("2019-09-30", OWNER, 28),
        ("2019-10-03", "politiradssekretar", 30),
    ]
    assert {t.fate for t in box.evidence("M-1")} == {"told"}


def test_a_letter_says_what_is_owed_and_by_when_and_answers_go_to_the_secretariat(box: Letterbox) -> None:
    box.at("2019-08-02")
    (letter,) = box.addressed(box.to(OWNER))
    assert "M-1" in texts([letter])
    assert "3. september 2019" in texts([letter])
    assert letter["Reply-To"] == box.to("politiradssekretar")
    assert letter["From"].endswith("<politirad@example.no>")
    assert "List-Unsubscribe" not in letter


def test_only_the_next_rung_is_planned(box: Letterbox) -> None:
    (plan,) = box.plans("M-1")
    assert (plan.coming.rung, plan.coming.office, plan.coming.day.isoformat()) == (-30, OWNER, "2019-08-02")
    box.at("2019-08-02")
    (plan,) = box.plans("M-1")
    assert (plan.coming.rung, plan.coming.day.isoformat()) == (-14, "2019-08-20")


def test_the_step_that_ends_the_duty_ends_its_reminders(box: Letterbox) -> None:
    box.at("2019-08-02")
    box.world.take("measure", "implement", "M-1", decider=OWNER, done="Gjort.")
    box.through("2019-08-03", "2019-09-30")
    assert [t.rung for t in box.evidence("M-1") if t.name == "implement"] == [-30]
    assert {plan.name for plan in box.plans("M-1")} == {"evaluate"}


def test_a_duty_done_between_planning_and_sending_is_not_told(box: Letterbox) -> None:
    box.set("2019-08-02", "07:00")
    box.world.take("measure", "implement", "M-1", decider=OWNER, done="Gjort.")
    box.at("2019-08-02")
    assert box.evidence("M-1") == ()


def test_a_moved_deadline_is_a_new_duty_with_a_ladder_of_its_own(box: Letterbox) -> None:
    box.through("2019-08-01", "2019-08-21")
    box.world.take("measure", "move_deadline", "M-1", decider="slt_melhus", deadline="2019-08-30", reason="Før skolen.")
    box.through("2019-08-22", "2019-08-30")
    told = [(t.due.isoformat(), t.rung) for t in box.evidence("M-1")]
    assert told == [("2019-09-03", -30), ("2019-09-03", -14), ("2019-08-30", -3), ("2019-08-30", 0)]


def test_nothing_is_sent_outside_office_hours(box: Letterbox) -> None:
    for clock in ("00:00", "06:59", "16:00", "23:59"):
        assert box.at("2019-08-02", clock).delivered.sent == 0
    box.at("2019-08-03", "08:00")  # a Saturday
    assert box.mail.sent == []
    box.at("2019-08-05", "07:00")
    assert box.days(box.to(OWNER)) == ["2019-08-05"]


def test_a_person_gets_one_digest_a_day_for_all_offices_and_duties(box: Letterbox) -> None:
    box.measure("2019-09-03", title="Flere lys")
    box.at("2018-10-08")
    box.mail.sent.clear()
    box.at("2019-08-02")
    box.at("2019-08-02", "12:00")
    (letter,) = box.addressed(box.to(OWNER))
    assert "M-1" in texts([letter])
    assert "M-2" in texts([letter])


def test_what_comes_due_after_todays_digest_waits_for_tomorrows(box: Letterbox) -> None:
    box.at("2019-08-02")
    box.measure("2019-08-02", title="Haster")
    box.at("2019-08-02", "12:00")
    assert [letter.made.date().isoformat() for letter in box.letters("digest") if letter.office == OWNER] == [
        "2019-08-02"
    ]
    box.at("2019-08-05")
    assert [letter.made.date().isoformat() for letter in box.letters("digest") if letter.office == OWNER] == [
        "2019-08-02",
        "2019-08-05",
    ]


def test_a_former_holder_gets_nothing(box: Letterbox) -> None:
    former = box.to(OWNER)
    box.move_in(OWNER, "p_ny", "2019-08-01", "ny@example.no")
    box.through("2019-08-01", "2019-09-30")
    assert box.days(former) == []
    assert box.days("ny@example.no")[0] == "2019-08-02"


def test_an_office_left_between_planning_and_sending_goes_to_the_secretariat(box: Letterbox) -> None:
    former = box.to(OWNER)
    box.mail.answers[former] = Delivery("unreachable", "no server")
    box.at("2019-08-02")
    box.mail.answers.clear()
    box.set("2019-08-02", "09:00")
    box.vacate(OWNER, "2019-08-01")
    box.at("2019-08-02", "09:01")
    box.at("2019-08-02", "09:02")
    assert box.addressed(former) == []
    assert "M-1" in texts(box.addressed(box.to("politiradssekretar")))


@pytest.mark.parametrize("trouble", ["vacant", "no_address", "bounced"])
def test_what_reaches_nobody_goes_to_the_secretariat_and_says_why(box: Letterbox, trouble: str) -> None:
    address = box.to(OWNER)
    match trouble:
        case "vacant":
            box.vacate(OWNER, "2019-08-01")
        case "no_address":
            box.readdress(f"p_{OWNER}", None)
        case _:
            box.mail.answers[address] = Delivery("bounced", "550 no such user")
            box.at("2019-08-02")
    box.through("2019-08-02", "2019-08-20")
    mine = texts(box.addressed(box.to("politiradssekretar")))
    assert box.addressed(address) == []
    assert mine.count("M-1") >= 2
    assert {letter.office for letter in box.letters() if letter.person == "p_secretary"} == {"politiradssekretar"}


def test_where_nobody_can_be_reached_the_reminder_waits(box: Letterbox) -> None:
    for office in ("politiradssekretar", "leder_regionrad", OWNER):
        holder = box.to(office)
        box.readdress(f"p_{holder.partition('@')[0]}", None)
    box.through("2019-08-02", "2019-08-06")
    assert [t.fate for t in box.evidence("M-1")] == ["due"]
    box.readdress(f"p_{OWNER}", "igjen@example.no")
    box.at("2019-08-07")
    assert box.days("igjen@example.no") == ["2019-08-07"]


def test_after_seven_weeks_asleep_everybody_is_told_once_and_what_was_overtaken_is_kept(box: Letterbox) -> None:
    box.through("2019-08-01", "2019-09-04")
    box.mail.sent.clear()
    box.at("2019-10-23")
    box.at("2019-10-24")
    assert box.days(box.to(OWNER)) == ["2019-10-23"]
    overtaken = {(t.office, t.rung) for t in box.evidence("M-1") if t.fate == "superseded" and t.name == "implement"}
    assert overtaken == {*((OWNER, rung) for rung in (7, 14, 21, 28, 35, 42)), ("politiradssekretar", 14)}
    assert {t.reason for t in box.evidence("M-1") if t.fate == "superseded"} == {"overtaken"}


def test_a_clock_set_back_a_day_sends_nothing_twice(box: Letterbox) -> None:
    box.at("2019-08-20")
    turned = box.at("2019-08-19")
    assert turned.went_back is not None
    box.at("2019-08-20")
    assert box.days(box.to(OWNER)) == ["2019-08-20"]


def test_a_clock_set_forward_a_month_and_back_again_tells_no_rung_twice(box: Letterbox) -> None:
    box.at("2019-08-02")
    box.at("2019-09-03")
    box.through("2019-08-03", "2019-09-06")
    keys = [(t.name, t.due, t.rung, t.office) for t in box.evidence("M-1")]
    assert len(keys) == len(set(keys))
    assert box.days(box.to(OWNER)) == ["2019-08-02", "2019-09-03"]


def test_what_a_clock_ahead_of_time_put_off_goes_out_once_it_is_put_right(box: Letterbox) -> None:
    box.mail.answers[box.to(OWNER)] = Delivery("deferred", "451 later")
    box.set("2018-11-09")
    box.world.take("measure", "report", "M-1", decider=OWNER, progress="I gang")
    box.world.take("measure", "move_deadline", "M-1", decider="slt_melhus", deadline="2019-08-20")
    box.at("2018-11-09", "08:01")
    box.mail.answers.clear()
    box.mail.sent.clear()
    box.at("2018-10-08")
    assert [str(letter["Subject"]) for letter in box.addressed(box.to(OWNER))] == ["Natteravner: frist flyttet (M-1)"]


def test_whoever_owes_it_is_not_told_of_it_as_somebody_above(box: Letterbox) -> None:
    box.set("2019-09-01")
    box.move_in("leder_regionrad", "p_kommunedirektor_melhus", "2019-09-01", box.to(OWNER))
    assert box.to("leder_regionrad") == box.to(OWNER)
    box.through("2019-09-02", "2019-10-02")
    escalated = [rung for rung in box.evidence("M-1") if rung.audience == "leader"]
    assert [(rung.rung, rung.fate, rung.reason) for rung in escalated] == [(21, "superseded", "overtaken")]
    others = [letter for letter in box.addressed(box.to(OWNER)) if str(letter["Subject"]).startswith("Ikke gjort")]
    assert others, "the year's report, which somebody else owes"
    assert "Natteravner" not in texts(others)


def test_a_snooze_is_on_record_and_moves_the_owners_reminders_only(box: Letterbox) -> None:
    box.set("2019-08-01")
    desk = Desk(box.world)
    desk.does(f"snooze M-1 --until 2019-08-29 --ref 'epost 1.8.' --for {OWNER}")
    box.through("2019-08-01", "2019-09-10")
    told = [(t.day.isoformat(), t.office, t.fate) for t in box.evidence("M-1")]
    assert told[:3] == [
        ("2019-08-30", OWNER, "superseded"), ("2019-08-30", OWNER, "superseded"), ("2019-08-30", OWNER, "told"),
    ]  # fmt: skip
    assert "reminders put off" in desk.does("log C")


def test_beyond_the_due_date_only_the_leader_puts_reminders_off(box: Letterbox) -> None:
    desk = Desk(box.world)
    refused = desk.types(f"snooze M-1 --until 2019-10-01 --ref x --for {OWNER}")
    assert refused.code == 1
    assert "leader" in refused.err
    desk.does("snooze M-1 --until 2019-10-01 --ref 'avtalt' --for leder_regionrad")


def test_every_instant_a_letter_was_made_lies_in_office_hours(box: Letterbox) -> None:
    box.through("2019-08-01", "2019-11-29")
    hours = {local(mail.made).hour for mail in box.mail.sent}
    assert hours == {8}
    assert all(local(mail.made).weekday() < 5 for mail in box.mail.sent)


def agenda(box: Letterbox, meeting: str) -> list[str]:
    """What of the measures stands on a meeting's agenda."""
    items = box.world.case(meeting).facts.get("agenda") or []
    assert isinstance(items, list)
    return [str(item) for item in items if str(item).startswith("M-")]


def test_what_is_overdue_for_a_month_goes_onto_the_next_meetings_agenda(box: Letterbox) -> None:
    meeting = box.world.take("meeting", "plan", title="Høstmøte", date="2019-11-20").step.event.case
    box.through("2019-08-01", "2019-10-04")
    assert agenda(box, meeting) == ["M-1: Natteravner"]
    items = box.world.case(meeting).n
    box.through("2019-10-05", "2019-10-11")
    assert box.world.case(meeting).n == items, "once is enough"


def test_it_waits_for_a_meeting_where_none_is_planned(box: Letterbox) -> None:
    box.through("2019-08-01", "2019-10-04")
    meeting = box.world.take("meeting", "plan", title="Høstmøte", date="2019-11-20").step.event.case
    box.at("2019-10-07")
    assert agenda(box, meeting) == ["M-1: Natteravner"]


def test_a_duty_done_meanwhile_does_not_go_onto_an_agenda(box: Letterbox) -> None:
    box.through("2019-08-01", "2019-10-04")
    box.world.take("measure", "implement", "M-1", decider=OWNER, done="Gjort.")
    meeting = box.world.take("meeting", "plan", title="Høstmøte", date="2019-11-20").step.event.case
    box.at("2019-10-07")
    assert agenda(box, meeting) == []
