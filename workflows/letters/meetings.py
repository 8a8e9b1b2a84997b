"""What the letters about a meeting share: when and where it is, its agenda, and the invitation for calendars."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import TYPE_CHECKING

from workflows.invitations import invitation_to
from workflows.letters.content import Item, Section, capital, one_line
from workflows.meeting import agenda

if TYPE_CHECKING:
    from engine.letter import Invitation
    from engine.situation import Situation
    from workflows.letters.sentences import Sentences


def time_of(s: Situation, fact: str) -> time | None:
    """A fact that is a local time, written HH:MM; None where it is unknown."""
    written = s.case.text(fact)
    return time.fromisoformat(written) if written else None


def when(s: Situation, say: Sentences) -> str | None:
    """When the meeting is, as far as it is known: its day, from and to what time; None without a date."""
    day, begins, ends = s.case.day("date"), time_of(s, "begins"), time_of(s, "ends")
    if day is None:
        return None
    if begins is None:
        return say.weekday(day)
    name = "from_time_to_time" if ends else "from_time"
    return say(name, day=say.weekday(day), begins=say.clock(begins), ends=say.clock(ends) if ends else "")


def time_and_place(s: Situation, say: Sentences) -> Section:
    """When and where, or that it is still to be told."""
    return Section(
        say("practical"),
        (
            Item(say("when"), value=capital(when(s, say) or say("date_follows"))),
            Item(say("where"), value=s.case.text("place") or say("place_follows")),
        ),
    )


def agenda_of(s: Situation, say: Sentences) -> Section:
    """The items of the agenda in their order; the usual ones by their words, others as they were typed."""
    items = (capital(say.words.label("agenda", item)) for item in agenda(s))
    return Section(say("agenda"), tuple(map(Item, items)), numbered=True)


def invitation(s: Situation, say: Sentences) -> Invitation | None:
    """The meeting for calendars, with its agenda in a few lines; None without a date."""
    section = agenda_of(s, say)
    items = (f"{at}. {one_line(item.heading)}" for at, item in enumerate(section.items, 1))
    found = invitation_to(s.case, s.council.origin, "\n".join((section.heading, *items)) if section.items else "")
    if found is None:
        return None
    return replace(found, title=one_line(found.title), place=one_line(found.place) if found.place else None)
