"""The language of a letter: that of the organisation of whoever reads it, whatever others are written to in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.letterbox import Letterbox, texts
from workflows.profile import AGENDA

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

MELHUS, ROROS, OPPDAL = (f"kommunedirektor_{town}" for town in ("melhus", "roros", "oppdal"))
FORMS = {"melhus": "nn", "roros": "en"}
"""The municipalities that are not written to in bokmål."""


@pytest.fixture
def box(tmp_path: Path) -> Letterbox:
    """A council of which one municipality uses nynorsk and one English; what it was told so far is out of the way."""
    box = Letterbox(tmp_path)
    known: Any = box.world.document["register"]
    others = {town: {**known["organisations"][town], "language": form} for town, form in FORMS.items()}
    box.rewrite(organisations={**known["organisations"], **others})
    box.world.in_force()
    for owner in (MELHUS, ROROS, OPPDAL):
        box.measure("2019-09-03", implementer=owner)
    box.at("2018-10-05")
    box.at("2019-02-28")
    box.mail.sent.clear()
    return box


def only(box: Letterbox, office: str) -> EmailMessage:
    """The one letter that an office got."""
    (letter,) = box.addressed(box.to(office))
    return letter


def test_a_reminder_is_in_the_language_of_the_recipients_organisation(box: Letterbox) -> None:
    box.at("2019-08-02")
    subjects = {office: str(only(box, office)["Subject"]) for office in (MELHUS, ROROS, OPPDAL)}
    assert subjects == {
        MELHUS: "Påminning: Natteravner (M-1), frist 3. september 2019",
        ROROS: "Reminder: Natteravner (M-2), due 3 September 2019",
        OPPDAL: "Påminnelse: Natteravner (M-3), frist 3. september 2019",
    }
    assert "Kvifor du får dette" in texts([only(box, MELHUS)])
    assert "Why you get this" in texts([only(box, ROROS)])
    assert "Hvorfor du får dette" in texts([only(box, OPPDAL)])


def test_a_notice_is_in_the_language_of_each_seat(box: Letterbox) -> None:
    box.set("2019-03-01", "10:00")
    meeting = box.world.take("meeting", "plan", title="Årsmøte", date="2019-03-20").step.event.case
    box.world.take("meeting", "add_item", meeting, item=AGENDA)
    box.world.take("meeting", "summon", meeting)
    box.at("2019-03-01", "10:01")
    said = {town: texts([only(box, f"ordforer_{town}")]) for town in ("melhus", "roros", "oppdal")}
    assert "Kan du ikkje kome" in said["melhus"]
    assert "Please come" in said["roros"]
    assert "Kan du ikke komme" in said["oppdal"]


def test_whoever_stands_in_is_written_to_in_a_language_of_their_own(box: Letterbox) -> None:
    box.vacate(ROROS, "2019-08-01")
    box.at("2019-08-02")
    (letter,) = [m for m in box.addressed(box.to("politiradssekretar")) if "M-2" in texts([m])]
    assert "Hvorfor du får dette" in texts([letter])
