"""A meeting is moved: from which date to which, where a notice had named the first one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.letters.content import Asked, Content
from workflows.letters.meetings import invitation, time_and_place, when

if TYPE_CHECKING:
    from engine.letter import Occasion
    from workflows.letters.sentences import Sentences


def content(letter: Occasion, say: Sentences) -> Content:
    """What it says: the new date, or that it follows."""
    s = letter.situation
    day, known = s.case.day("date"), "" if s.case.day("date") else "_undated"
    given = {"title": s.case.text("title"), "day": say.day(day) if day else ""}
    before = s.case.day("moved_from") if day else None
    opening = say("opening_from", before=say.day(before), **given) if before else say(f"opening{known}", **given)
    return Content(
        subject=say(f"subject{known}", **given),
        paragraphs=(opening, say("notice_follows")),
        asked=Asked(
            say(f"asked{known}"), say(f"due{known}", when=when(s, say) or ""), say(f"answer{known}"), say("why")
        ),
        sections=(time_and_place(s, say),),
        invitation=invitation(s, say),
    )  # fmt: skip
