"""The minutes of a meeting, to be approved: the version they are, by when, and the document itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.due import within
from workflows.letters.attached import listed
from workflows.letters.content import Asked, Content, sentence

if TYPE_CHECKING:
    from engine.letter import Occasion
    from workflows.letters.sentences import Sentences


def content(letter: Occasion, say: Sentences) -> Content:
    """What it says."""
    s = letter.situation
    documents, number = (s.version.documents, s.version.number) if s.version else ((), 1)
    title, held, last = s.case.text("title"), s.case.day("held_on"), within("minutes_approval")(s)
    opening = say("opening", title=title, day=say.day(held)) if held else say("opening_undated", title=title)
    due = sentence(say.weekday(last)) if last else say("due_never")
    return Content(
        subject=say("subject", title=title),
        paragraphs=(opening, say("version", number=number)),
        asked=Asked(say("asked"), due, say("answer", number=number), say("why")),
        sections=(listed(documents, say),),
        documents=documents,
    )  # fmt: skip
