"""What changes between a letter and its sending, or between one rung and the next: steps, duties, offices, clocks."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from engine.desk import Desk as CouncilDesk
from engine.letter import Delivery
from engine.mail import message_id
from engine.registration import set_profile
from tests.desk import Desk
from tests.letterbox import Letterbox, texts
from tests.world import COUNCIL, as_document, example
from workflows.profile import AGENDA

if TYPE_CHECKING:
    from pathlib import Path

OWNER = "kommunedirektor_melhus"


@pytest.fixture
def box(tmp_path: Path) -> Letterbox:
    """An agreement in force since October 2018, and a measure due on 3 September 2019."""
    box = Letterbox(tmp_path)
    box.world.in_force()
    box.measure("2019-09-03")
    box.at("2018-10-05")
    box.at("2019-02-28")
    box.mail.sent.clear()
    return box


def summoned(box: Letterbox, *, on: str = "2019-05-20") -> str:
    """A meeting that was summoned on a Friday afternoon; its case id."""
    box.set("2019-03-01", "17:00")
    meeting = box.world.take("meeting", "plan", title="Årsmøte 2019", date=on, place="Støren").step.event.case
    box.world.take("meeting", "add_item", meeting, item=AGENDA)
    box.world.take("meeting", "summon", meeting)
    return meeting


def take_back(box: Letterbox, case: str) -> None:
    """Annul the newest step of a case."""
    box.world.service.annul(COUNCIL, case, entry=box.world.entry(reason="Feil."))


def rungs(box: Letterbox, office: str, case: str = "M-1") -> list[int]:
    """The rungs an office was told of."""
    return [told.rung for told in box.evidence(case) if told.office == office and told.fate == "told"]


def test_a_letter_about_a_step_taken_back_before_it_is_sent_is_not_sent(box: Letterbox) -> None:
    meeting = summoned(box)
    assert box.at("2019-03-01", "17:01").delivered.sent == 0
    take_back(box, meeting)
    box.through("2019-03-02", "2019-03-05")
    assert not [mail for mail in box.mail.sent if b"Innkalling" in mail.body]
    assert {letter.stage for letter in box.letters("notice")} == {"withdrawn"}


def test_a_step_taken_back_in_another_round_than_it_was_followed_in_is_known_all_the_same(
    box: Letterbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.desk.EVENTS", 1)
    take_back(box, summoned(box))
    box.at("2019-03-04")
    assert box.letters("notice") == []


def test_a_new_holder_is_not_written_to_about_what_was_taken_back(box: Letterbox) -> None:
    case = box.world.measure(title="Flere lys")
    decision = box.world.decide("Tiltaket anbefales.", body="politiradet")
    box.world.take("measure", "recommend", case, decider="politiradet", decision=decision)
    box.mail.answers[box.to(OWNER)] = Delivery("deferred", "451 later")
    box.at("2019-03-01", "08:00")
    take_back(box, case)
    box.move_in(OWNER, "p_ny", "2019-03-01", "ny@example.no")
    box.through("2019-03-04", "2019-03-06")
    assert "Flere lys" not in texts(box.addressed("ny@example.no"))


def test_a_digest_that_waited_is_not_sent_once_its_duties_are_done(box: Letterbox) -> None:
    box.mail.answers[box.to(OWNER)] = Delivery("unreachable", "no server")
    box.at("2019-08-02", "08:00")
    box.world.take("measure", "implement", "M-1", decider=OWNER, done="Gjort.")
    box.mail.answers.clear()
    box.at("2019-08-02", "08:01")
    assert "Natteravner" not in texts(box.addressed(box.to(OWNER)))


def test_whoever_loses_the_office_a_notice_was_made_for_still_gets_it_in_the_other(box: Letterbox) -> None:
    leader = box.to("leder_regionrad")
    assert leader == box.to("ordforer_holtalen")
    summoned(box)
    box.at("2019-03-01", "17:01")
    first = next(x.office for x in box.letters("notice") if x.address == leader)
    box.move_in(first, "p_ny", "2019-03-04", "ny@example.no")
    box.through("2019-03-04", "2019-03-05")
    assert len([m for m in box.addressed("ny@example.no") if "Innkalling" in str(m["Subject"])]) == 1
    other = {"leder_regionrad", "ordforer_holtalen"} - {first}
    if other & {letter.office for letter in box.letters("notice")}:
        assert len([m for m in box.addressed(leader) if "Innkalling" in str(m["Subject"])]) == 1


def test_a_message_id_is_a_letters_own_whichever_council_of_the_world_made_it(box: Letterbox) -> None:
    origin = box.world.document["origin"]
    for letter in box.letters():
        assert letter.message_id == message_id(f"{origin}/{letter.key}", "example.no")


def test_a_fault_in_one_council_stops_neither_another_nor_the_sending(
    box: Letterbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = {**as_document(example()), "origin": "politirad.example/nord"}
    with box.world.store.read(COUNCIL) as reader:
        kari = reader.person("p_secretary")
    box.world.service.open("nord", document, kari, "politiradssekretar", box.world.today)
    work = CouncilDesk.work

    def stumble(desk: CouncilDesk) -> bool:
        if desk.tx.council().id == "nord":
            raise KeyError("a fault of ours")
        return work(desk)

    monkeypatch.setattr(CouncilDesk, "work", stumble)
    turned = box.at("2019-08-02")
    assert "a fault of politirad itself: KeyError" in turned.line
    assert "Natteravner" in texts(box.addressed(box.to(OWNER)))


def test_a_year_that_is_mistyped_is_refused_where_it_is_typed(box: Letterbox) -> None:
    for day in ("9999-12-31", "0001-01-05"):
        refused = Desk(box.world).types(
            f"measure move-deadline M-1 --for slt_melhus --ref x --deadline {day} --reason y"
        )
        assert (refused.code, "is out of reach" in refused.err) == (2, True)


def test_a_digest_made_while_the_clock_was_wrong_does_not_stand_in_the_way(box: Letterbox) -> None:
    address = box.to(OWNER)
    box.mail.answers[address] = Delivery("unreachable", "certificate has expired")
    box.at("2019-09-10", "08:00")  # the clock is five weeks ahead, and no server believes it
    box.mail.answers.clear()
    box.through("2019-08-02", "2019-08-21")
    assert [day for day in box.days(address) if day < "2019-09"] != []


def test_a_snooze_ends_with_the_date_it_was_given_for(box: Letterbox) -> None:
    box.set("2019-03-04")
    Desk(box.world).does(f"snooze M-1 --until 2019-09-03 --for {OWNER} --ref 'epost'")
    box.at("2019-03-04")
    box.world.take("measure", "move_deadline", "M-1", decider="slt_melhus", deadline="2019-05-03", reason="Haster.")
    box.through("2019-03-05", "2019-05-04")
    assert rungs(box, OWNER) == [-30, -14, -3, 0]


def test_new_rules_applied_to_a_case_change_the_rung_that_comes(box: Letterbox) -> None:
    early = msgspec.structs.replace(example().profile.ladders["duty"], owner=(-120, 0))
    document = as_document(example(), ladders={"duty": early}, amend_before_adoption=False)
    box.world.register(lambda run: set_profile(run, document, box.world.entry(ref="vedtak")))
    box.world.service.apply_profile(COUNCIL, "M-1", entry=box.world.entry(reason="Lengre varsel."))
    box.at("2019-03-04")
    (plan,) = box.plans("M-1")
    assert (plan.coming.rung, plan.coming.day.isoformat()) == (-120, "2019-05-06")


def test_a_new_closed_day_moves_the_reminder_that_falls_on_it(box: Letterbox) -> None:
    box.at("2019-03-01")
    document = as_document(example(), amend_before_adoption=False)
    changed: Any = {**document, "register": {**dict(document["register"]), "closed_days": ["2019-08-02"]}}  # type: ignore[arg-type]  # JSON
    box.world.register(lambda run: set_profile(run, changed, box.world.entry(ref="x")))
    box.at("2019-03-04")
    assert [plan.coming.day.isoformat() for plan in box.plans("M-1")] == ["2019-08-01"]


def test_a_new_follow_up_office_is_told_what_the_old_one_was_told(box: Letterbox) -> None:
    box.through("2019-08-30", "2019-09-12")
    assert rungs(box, "slt_melhus") == [7]
    decision = box.world.decide("Ny oppfølging.", body="politiradet")
    box.world.take("measure", "reassign", "M-1", decider="politiradet", decision=decision, follow_up="slt_roros")
    box.through("2019-09-13", "2019-09-16")
    assert rungs(box, "slt_roros") == [7]
    assert rungs(box, "slt_melhus") == [7]


def test_what_is_owed_again_is_told_to_its_owner_first(box: Letterbox) -> None:
    box.through("2019-09-03", "2019-09-06")
    box.world.take("measure", "implement", "M-1", decider=OWNER, done="Gjort.")
    box.through("2019-09-09", "2019-10-09")
    take_back(box, "M-1")
    box.through("2019-10-10", "2019-10-15")
    told = [(t.day, t.audience) for t in box.evidence("M-1") if t.name == "implement" and t.day.isoformat() > "2019-10"]
    first = min(day for day, audience in told if audience == "owner")
    assert all(day > first for day, audience in told if audience != "owner")


def test_the_agenda_of_a_meeting_that_was_cancelled_is_put_onto_the_next_one(box: Letterbox) -> None:
    first = box.world.take("meeting", "plan", title="Høstmøte", date="2019-11-20").step.event.case
    box.through("2019-09-03", "2019-10-04")
    box.world.take("meeting", "cancel", first, decider="leder_regionrad", reason="Sykdom.")
    second = box.world.take("meeting", "plan", title="Nytt høstmøte", date="2019-12-11").step.event.case
    box.at("2019-10-07")
    assert "M-1: Natteravner" in str(box.world.case(second).facts["agenda"])


def test_a_meeting_that_should_have_been_held_takes_nothing_up_and_none_takes_up_itself(box: Letterbox) -> None:
    forgotten = box.world.take("meeting", "plan", title="Glemt", date="2019-03-20").step.event.case
    coming = box.world.take("meeting", "plan", title="Høstmøte", date="2019-11-20").step.event.case
    box.through("2019-09-03", "2019-10-04")
    assert "agenda" not in box.world.case(forgotten).facts
    items = str(box.world.case(coming).facts["agenda"])
    assert "M-1: Natteravner" in items
    assert f"{forgotten}: Glemt" in items


def test_an_item_put_on_an_agenda_by_a_round_that_was_killed_is_not_put_on_again(box: Letterbox) -> None:
    meeting = box.world.take("meeting", "plan", title="Høstmøte", date="2019-11-20").step.event.case
    box.through("2019-09-03", "2019-10-04")
    items = box.world.case(meeting).n
    with box.world.store.write(COUNCIL) as tx:
        tx.put_off_agenda(meeting)  # as it is before the round that was killed has marked it
    box.at("2019-10-07")
    assert box.world.case(meeting).n == items


def test_a_very_long_title_fits_on_the_agenda(box: Letterbox) -> None:
    box.measure("2019-09-03", title="Lys " * 900)
    meeting = box.world.take("meeting", "plan", title="Høstmøte", date="2019-11-20").step.event.case
    box.through("2019-09-03", "2019-10-04")
    assert box.at("2019-10-07").done.failed == []
    assert "M-2: Lys" in str(box.world.case(meeting).facts["agenda"])


def test_answers_go_to_a_domain_with_other_letters_in_the_form_that_every_server_takes(box: Letterbox) -> None:
    box.readdress("p_secretary", "kari@trøndelag.no")
    box.at("2019-08-02")
    (letter,) = box.addressed(box.to(OWNER))
    assert letter["Reply-To"] == "kari@xn--trndelag-64a.no"


def test_a_secretariat_whose_address_not_every_server_takes_is_no_address_for_answers(box: Letterbox) -> None:
    with box.world.store.read(COUNCIL) as reader:
        kari = reader.person("p_secretary")
    odd = dataclasses.replace(kari, email="kåre@example.no")
    with box.world.store.write(COUNCIL) as tx:
        tx.keep_person(odd)
    box.at("2019-08-02")
    (letter,) = box.addressed(box.to(OWNER))
    assert letter["Reply-To"] is None
