"""A meeting is cancelled, and taken out of calendars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.letters.content import Asked, Content
from workflows.letters.meetings import invitation

if TYPE_CHECKING:
    from engine.letter import Occasion
    from workflows.letters.sentences import Sentences


def content(letter: Occasion, say: Sentences) -> Content:
    """What it says."""
    s = letter.situation
    day, known = s.case.day("date"), "" if s.case.day("date") else "_undated"
    given = {"title": s.case.text("title"), "day": say.day(day) if day else ""}
    return Content(
        subject=say(f"subject{known}", **given),
        paragraphs=(say(f"opening{known}", **given),),
        asked=Asked(say("asked"), say("due"), say("answer"), say("why")),
        invitation=invitation(s, say),
    )
