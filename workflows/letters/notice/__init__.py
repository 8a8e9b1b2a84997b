"""The notice of a meeting, with its agenda, its documents and an invitation for the calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.letters.attached import documents_of, listed
from workflows.letters.content import Asked, Content
from workflows.letters.meetings import agenda_of, invitation, time_and_place, when

if TYPE_CHECKING:
    from engine.letter import Occasion
    from workflows.letters.sentences import Sentences


def content(letter: Occasion, say: Sentences) -> Content:
    """What it says."""
    s, documents = letter.situation, documents_of(letter.recorded.event)
    day, title = s.case.day("date"), s.case.text("title")
    at, anew = when(s, say), letter.recorded.event.type != "meeting.summoned"
    return Content(
        subject=say("subject", title=title, day=say.day(day)) if day else say("subject_undated", title=title),
        paragraphs=(say("opening", title=title), *((say("changed"),) if anew else ())),
        asked=Asked(say("asked"), say("due", when=at) if at else say("date_follows"), say("answer"), say("why")),
        sections=(time_and_place(s, say), agenda_of(s, say), listed(documents, say)),
        invitation=invitation(s, say),
        documents=documents,
    )  # fmt: skip
