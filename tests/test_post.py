"""Letters after steps: who gets one, with what in it, and that nobody gets it twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.letter import Delivery
from tests.letterbox import Letterbox, texts
from tests.world import COUNCIL, MAYORS
from workflows.profile import AGENDA

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

OUT = "oppdal"
ITS_OFFICES = {f"{post}_{OUT}" for post in ("ordforer", "kommunedirektor", "slt")}


@pytest.fixture
def box(tmp_path: Path) -> Letterbox:
    """An agreement in force; what was written about that is out of the way."""
    box = Letterbox(tmp_path)
    box.world.in_force()
    box.at("2018-10-05")
    box.at("2019-02-28")  # the year that had no meeting is told of, too
    box.mail.sent.clear()
    return box


def summoned(box: Letterbox, *, on: str = "2019-03-20", at: str = "2019-03-01") -> str:
    """A meeting that has been summoned; its case id."""
    box.set(at, "10:00")
    meeting = box.world.take("meeting", "plan", title="Årsmøte 2019", date=on, place="Støren").step.event.case
    box.world.take("meeting", "add_item", meeting, item=AGENDA)
    box.world.take("meeting", "summon", meeting)
    return meeting


def reached(box: Letterbox, kind: str) -> set[str]:
    """The offices a kind of letter was made for."""
    return {letter.office for letter in box.letters(kind)}


def calendar_of(message: EmailMessage) -> str:
    """The invitation in a letter."""
    return next(str(part.get_content()) for part in message.walk() if part.get_content_type() == "text/calendar")


def field(calendar: str, name: str) -> str:
    """A field of the invitation."""
    return next(line.partition(":")[2] for line in calendar.splitlines() if line.startswith(name))


def test_everybody_in_the_council_gets_the_notice_with_its_agenda_and_an_invitation(box: Letterbox) -> None:
    summoned(box)
    box.at("2019-03-01", "10:01")
    with box.world.store.read(COUNCIL) as reader:
        seats = reader.council().seats
    permanent = {office for seat in seats if seat.permanent for office in seat.filled_by}
    addresses = {box.to(office) for office in permanent}
    assert {letter.address for letter in box.letters("notice")} == addresses
    (letter,) = box.addressed(box.to("ordforer_melhus"))
    assert "Støren" in texts([letter])
    assert "20. mars 2019" in texts([letter])
    assert field(calendar_of(letter), "METHOD") == "REQUEST"


def test_whoever_holds_two_offices_gets_one_notice(box: Letterbox) -> None:
    assert box.to("leder_regionrad") == box.to("ordforer_holtalen")
    summoned(box)
    box.at("2019-03-01", "10:01")
    assert len(box.addressed(box.to("ordforer_holtalen"))) == 1


def test_a_municipality_that_reserved_itself_gets_no_notice_and_gets_it_again_after_acceding(tmp_path: Path) -> None:
    box = Letterbox(tmp_path, ratifies=dict.fromkeys(MAYORS, True), enough_acceded=5)
    case = box.world.in_force()
    for town in MAYORS:
        answer = "reserved" if town == OUT else "acceded"
        box.world.take("agreement", "ratify", case, version="1", decider=town, answer=answer)
    assert box.world.state(case) == "in_force"
    summoned(box)
    box.at("2019-03-01", "10:01")
    assert reached(box, "notice") >= {"ordforer_melhus", "slt_roros"}
    assert not ITS_OFFICES & reached(box, "notice")
    box.world.take("agreement", "ratify", case, version="1", decider=OUT, answer="acceded")
    summoned(box, on="2019-05-22", at="2019-05-02")
    box.at("2019-05-02", "10:01")
    assert reached(box, "notice") >= ITS_OFFICES


def test_who_stands_in_for_vacant_offices_gets_one_letter_that_names_them_and_calls_nobody(box: Letterbox) -> None:
    for office in ("slt_roros", "slt_oppdal"):
        box.vacate(office, "2019-02-28")
    summoned(box)
    box.at("2019-03-01", "10:01")
    mine = [m for m in box.addressed(box.to("politiradssekretar")) if "Innkalling" in str(m["Subject"])]
    (letter,) = mine
    assert str(letter["Subject"]).count("SLT-koordinator") == 2
    assert "text/calendar" not in [part.get_content_type() for part in letter.walk()]


def test_a_letter_made_for_who_stood_in_is_made_anew_for_who_takes_the_office_over_in_time(box: Letterbox) -> None:
    box.vacate("slt_roros", "2019-02-28")
    box.mail.answers[box.to("politiradssekretar")] = Delivery("deferred", "451 later")
    summoned(box)
    box.at("2019-03-01", "10:01")
    box.introduce("p_ny", "ny@example.no")
    box.world.fill("slt_roros", "p_ny", box.world.today)
    box.at("2019-03-01", "10:10")
    box.at("2019-03-01", "10:11")
    assert len([m for m in box.addressed("ny@example.no") if "Innkalling" in str(m["Subject"])]) == 1


def test_a_moved_meeting_and_a_cancelled_one_are_the_same_entry_in_a_calendar(box: Letterbox) -> None:
    meeting = summoned(box)
    box.at("2019-03-01", "10:01")
    box.world.take("meeting", "reschedule", meeting, decider="leder_regionrad", date="2019-03-27", reason="Sykdom.")
    box.at("2019-03-01", "10:02")
    box.world.take("meeting", "cancel", meeting, decider="leder_regionrad", reason="Flom.")
    box.at("2019-03-01", "10:03")
    calendars = [calendar_of(letter) for letter in box.addressed(box.to("ordforer_melhus"))]
    assert [field(calendar, "METHOD") for calendar in calendars] == ["REQUEST", "REQUEST", "CANCEL"]
    assert len({field(calendar, "UID") for calendar in calendars}) == 1
    numbers = [int(field(calendar, "SEQUENCE")) for calendar in calendars]
    assert numbers == sorted(set(numbers))


def test_a_meeting_that_was_never_summoned_is_cancelled_without_a_letter(box: Letterbox) -> None:
    meeting = box.world.take("meeting", "plan", title="Årsmøte", date="2019-03-20").step.event.case
    box.world.take("meeting", "cancel", meeting, decider="leder_regionrad", reason="Ikke aktuelt.")
    box.at("2018-10-08")
    assert box.letters("cancelled") == []


def test_a_notice_registered_after_the_meeting_writes_to_nobody(box: Letterbox) -> None:
    box.set("2019-03-01")
    meeting = box.world.take("meeting", "plan", title="Årsmøte", date="2019-03-20").step.event.case
    box.world.take("meeting", "add_item", meeting, item=AGENDA)
    box.set("2019-04-01")
    box.world.take("meeting", "summon", meeting, on=box.world.today.replace(day=1, month=3))
    box.at("2019-04-01", "10:00")
    assert box.letters("notice") == []


def test_a_step_taken_back_before_the_round_writes_to_nobody(box: Letterbox) -> None:
    meeting = summoned(box)
    box.world.service.annul(COUNCIL, meeting, entry=box.world.entry(reason="Feil dato."))
    box.at("2019-03-01", "10:01")
    assert box.letters("notice") == []


def test_a_second_round_and_a_rebuild_write_nothing_more(box: Letterbox) -> None:
    summoned(box)
    box.at("2019-03-01", "10:01")
    sent = len(box.mail.sent)
    box.world.store.rebuild(COUNCIL)
    box.at("2019-03-01", "10:02")
    assert len(box.mail.sent) == sent
    assert not box.world.store.verify(COUNCIL).faults


def test_the_implementer_learns_that_a_measure_was_recommended_to_them(box: Letterbox) -> None:
    case = box.world.measure()
    decision = box.world.decide("Tiltaket anbefales.", body="politiradet")
    box.world.take("measure", "recommend", case, decider="politiradet", decision=decision)
    box.at("2018-10-05", "10:00")
    assert reached(box, "decision") >= {"kommunedirektor_melhus", "slt_melhus"}
    (letter,) = box.addressed(box.to("kommunedirektor_melhus"))
    assert "Natteravner" in letter["Subject"]


def test_a_document_goes_with_the_letter_and_comes_out_as_it_was(box: Letterbox) -> None:
    meeting = summoned(box)
    box.at("2019-03-20", "12:00")
    box.world.take("meeting", "hold", meeting, present=("ordforer_melhus",))
    document, files = box.world.document_of("referat.md", "Referat æøå")
    box.world.take("meeting", "minute", meeting, documents=(document,), files=files)
    box.mail.sent.clear()
    box.at("2019-03-20", "12:05")
    letter = next(m for m in box.addressed(box.to("ordforer_melhus")) if "godkjen" in str(m["Subject"]).lower())
    (attached,) = [part for part in letter.iter_attachments() if part.get_filename() == "referat.md"]
    assert attached.get_content() == "Referat æøå"


def test_a_letter_that_came_back_goes_to_the_secretariat_with_what_it_said(box: Letterbox) -> None:
    summoned(box)
    box.mail.answers[box.to("ordforer_melhus")] = Delivery("bounced", "550 no such user")
    box.at("2019-03-01", "10:01")
    box.at("2019-03-01", "10:02")
    returned = [m for m in box.addressed(box.to("politiradssekretar")) if "Støren" in texts([m])]
    assert any("550 no such user" in texts([letter]) for letter in returned)
    (bounced,) = [letter for letter in box.letters("notice") if letter.stage == "bounced"]
    assert bounced.replaced is not None
    box.at("2019-03-01", "10:03")
    assert len(box.letters("returned")) == 1


def test_a_letter_for_an_office_that_changed_hands_goes_to_the_new_holder(box: Letterbox) -> None:
    former = box.to("ordforer_melhus")
    summoned(box)
    box.mail.answers[former] = Delivery("deferred", "451 later")
    box.at("2019-03-01", "10:01")
    box.move_in("ordforer_melhus", "p_ny", "2019-03-01", "ny@example.no")
    box.at("2019-03-01", "10:10")
    box.at("2019-03-01", "10:11")
    assert box.addressed(former) == []
    (letter,) = box.addressed("ny@example.no")
    assert "Støren" in texts([letter])


def test_what_reaches_nobody_is_kept_until_somebody_can_be_reached(box: Letterbox) -> None:
    for office in ("ordforer_melhus", "politiradssekretar", "leder_regionrad"):
        person = box.to(office).partition("@")[0]
        box.readdress(f"p_{person}", None)
    summoned(box)
    box.at("2019-03-01", "10:01")
    box.at("2019-03-01", "10:02")
    stranded = [x for x in box.letters("notice") if x.stage == "stranded" and x.office == "ordforer_melhus"]
    assert len(stranded) == 1
    box.readdress("p_melhus", "melhus@example.no")
    box.at("2019-03-01", "10:03")
    assert len(box.addressed("melhus@example.no")) == 1


def test_a_resent_letter_is_the_same_file(box: Letterbox) -> None:
    box.clockwork = box.with_maildir()
    summoned(box)
    box.at("2019-03-01", "10:01")
    first = {path.name: path.read_bytes() for path in (box.world.folder / "mail" / "new").iterdir()}
    with box.world.store.write(COUNCIL) as tx:
        for letter in [letter for letter in tx.letters("sent") if letter.made == box.world.clock.now()]:
            tx.move_letter(letter.number, "pending", box.world.clock.now())
    box.at("2019-03-01", "10:02")
    assert {path.name: path.read_bytes() for path in (box.world.folder / "mail" / "new").iterdir()} == first


def test_a_council_from_before_letters_writes_to_nobody_about_its_past(box: Letterbox) -> None:
    meeting = summoned(box)
    with box.world.store.write(COUNCIL) as tx:
        size = tx.size()
        tx._link.connection.execute(  # noqa: SLF001  # as the migration leaves an older database
            "UPDATE followed SET position = ?, planned = 0", (size,)
        )
        tx._link.connection.execute("DELETE FROM plan")  # noqa: SLF001  # the same
    box.at("2019-03-01", "10:01")
    assert box.letters("notice") == []
    assert {plan.name for plan in box.plans(meeting)} == {"hold"}
