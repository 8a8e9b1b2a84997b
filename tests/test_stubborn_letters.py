"""Letters that will not go: one that cannot be written, one given up, one whose reader has lost one of two offices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.letter import Delivery
from tests.letterbox import Letterbox, texts
from workflows.letters.writer import LetterWriter
from workflows.profile import AGENDA

if TYPE_CHECKING:
    from pathlib import Path

    from engine.letter import Collected, Draft, Occasion

BOTH = ("slt_roros", "slt_oppdal")
"""Two offices that one person comes to hold."""


def summoned(box: Letterbox, *, on: str) -> str:
    """A meeting on a day that was summoned on 1 March 2019; its case id."""
    box.set("2019-03-01", "10:00")
    meeting = box.world.take("meeting", "plan", title="Årsmøte 2019", date=on, place="Støren").step.event.case
    box.world.take("meeting", "add_item", meeting, item=AGENDA)
    box.world.take("meeting", "summon", meeting)
    return meeting


class Stumbling(LetterWriter):
    """A writer with a fault: it cannot write to one office."""

    stumbles_over = "ordforer_melhus"

    def about(self, occasion: Occasion) -> Draft:
        """The letter, unless it is to that office."""
        if occasion.recipient.office == self.stumbles_over:
            raise KeyError("a word that nobody wrote")
        return super().about(occasion)

    def digest(self, collected: Collected) -> Draft:
        """The digest, unless it is to that office."""
        if collected.recipient.office == self.stumbles_over:
            raise KeyError("a word that nobody wrote")
        return super().digest(collected)


@pytest.fixture
def box(tmp_path: Path) -> Letterbox:
    """An agreement in force, and nothing in the mail."""
    box = Letterbox(tmp_path)
    box.world.in_force()
    box.at("2018-10-05")
    box.mail.sent.clear()
    return box


def with_writer(box: Letterbox, writer: LetterWriter) -> None:
    """Let somebody else put the letters into words."""
    box.stationery = type(box.stationery)(writer, box.stationery.sender)
    box.clockwork = box.with_mailer(box.mail)


def test_a_letter_that_cannot_be_written_stops_no_other_and_is_written_once_it_can_be(box: Letterbox) -> None:
    with_writer(box, Stumbling())
    summoned(box, on="2019-03-20")
    turned = box.at("2019-03-01", "10:01")
    assert "cannot be written: KeyError" in turned.line
    assert len(box.addressed(box.to("ordforer_roros"))) >= 1
    assert box.addressed(box.to("ordforer_melhus")) == []
    for minute in range(2, 6):
        box.at("2019-03-01", f"10:0{minute}")
    assert [x.stage for x in box.letters("notice") if x.office == "ordforer_melhus"] == ["stranded"]
    with_writer(box, LetterWriter())
    box.at("2019-03-01", "10:06")
    assert len(box.addressed(box.to("ordforer_melhus"))) == 1


def test_a_digest_that_cannot_be_written_stops_no_other_and_its_duties_stay_to_be_told(box: Letterbox) -> None:
    Stumbling.stumbles_over = "kommunedirektor_melhus"
    with_writer(box, Stumbling())
    for implementer in ("kommunedirektor_melhus", "kommunedirektor_roros"):
        box.measure("2019-09-03", title=f"Tiltak i {implementer[16:]}", implementer=implementer)
    box.at("2018-10-08")
    box.mail.sent.clear()
    box.at("2019-08-02")
    assert box.days(box.to("kommunedirektor_roros")) == ["2019-08-02"]
    assert [t.fate for t in box.evidence("M-1")] == ["due"]
    with_writer(box, LetterWriter())
    box.at("2019-08-05")
    told = [letter for letter in box.letters("digest") if letter.office == "kommunedirektor_melhus"]
    assert [letter.made.date().isoformat() for letter in told] == ["2019-08-05"]


def test_a_letter_given_up_is_told_to_the_secretariat(box: Letterbox) -> None:
    summoned(box, on="2019-05-20")
    box.mail.answers[box.to("ordforer_melhus")] = Delivery("uncertain", "connection lost")
    for day in range(1, 29):
        for clock in ("08:00", "12:00", "15:59"):
            box.at(f"2019-03-{day:02}", clock)
    (dead,) = [letter for letter in box.letters("notice") if letter.stage == "dead"]
    assert dead.replaced is not None
    assert "connection lost" in texts(box.addressed(box.to("politiradssekretar")))
    assert len(box.letters("returned")) == 1


def test_a_digest_over_two_offices_is_remade_when_its_reader_loses_one_before_it_is_sent(box: Letterbox) -> None:
    holder, kept, lost = f"p_{BOTH[0]}", *BOTH
    box.vacate(lost, "2018-10-04")
    box.world.fill(lost, holder, box.world.today)
    for office in BOTH:
        box.measure("2019-09-03", title=f"Tiltak {office[4:]}", implementer=office, follow_up="slt_melhus")
    box.at("2018-10-08")
    address = box.to(kept)
    assert box.to(lost) == address
    box.mail.sent.clear()
    box.mail.answers[address] = Delivery("unreachable", "no server")
    box.at("2019-08-02")
    box.mail.answers.clear()
    box.move_in(lost, "p_ny", "2019-08-02", "ny@example.no")
    box.at("2019-08-02", "08:01")
    box.at("2019-08-02", "08:02")
    assert "Tiltak oppdal" not in texts(box.addressed(address))
    assert "Tiltak roros" in texts(box.addressed(address))
    assert "Tiltak oppdal" in texts(box.addressed("ny@example.no"))
