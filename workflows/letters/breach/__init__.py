"""A year ended with fewer meetings than were agreed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.letters.content import Asked, Content
from workflows.year import number

if TYPE_CHECKING:
    from engine.event import Event
    from engine.letter import Occasion
    from workflows.letters.sentences import Sentences


def content(letter: Occasion, say: Sentences) -> Content:
    """What it says."""
    year, (held, agreed) = number(letter.situation.case), counts(letter.recorded.event)
    return Content(
        subject=say("subject", year=year),
        paragraphs=(say("opening", year=year, held=_meetings(held, say), agreed=_meetings(agreed, say)), say("shown")),
        asked=Asked(say("asked"), say("due"), say("answer"), say("why")),
    )


def counts(event: Event) -> tuple[int, int]:
    """How many meetings were held and how many agreed, as the event put it on record."""
    facts = event.data.get("facts")
    breach = facts.get("breach") if isinstance(facts, dict) else None
    told = breach if isinstance(breach, dict) else {}
    held, agreed = told.get("held"), told.get("agreed")
    return (held if isinstance(held, int) else 0, agreed if isinstance(agreed, int) else 1)


def _meetings(count: int, say: Sentences) -> str:
    return say.counted("meetings", count) if count else say("meetings_none")
