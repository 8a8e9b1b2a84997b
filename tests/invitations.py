"""An invitation and a deadline to write into calendars in tests, and what a strict reader finds there."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from engine.ics import Task, feed_text, invitation_text
from engine.letter import Invitation
from tests.ics_reader import read

if TYPE_CHECKING:
    from tests.ics_reader import Component

STAMP = datetime(2026, 11, 26, 8, 30, 15, 999_999, tzinfo=UTC)
MEETING = Invitation(
    "MT-1.trondelag-sor@politirad.example", 0, "Årsmøte 2027", "Melhus rådhus", "Saksliste:\nKriminalitetsbildet",
    date(2027, 6, 12), time(9), time(11, 30),
)  # fmt: skip
TASK = Task(
    "M-3.evaluate.slt@politirad.example", date(2028, 2, 29), "M-3 Natteravner: evaluer", "SLT\nmålt i iverksatt"
)


def asked(invitation: Invitation = MEETING, **people: str | None) -> Component:
    """An invitation, read back."""
    return read(written(invitation, **people).encode())


def written(invitation: Invitation = MEETING, **people: str | None) -> str:
    """An invitation as it is sent."""
    named = {
        "organizer": "sekretar@politirad.example", "organizer_name": "Politirådssekretær",
        "attendee": "ordforer@melhus.example", "attendee_name": "Ola Nordmann", **people,
    }  # fmt: skip
    return invitation_text(invitation, stamp=STAMP, **named)  # type: ignore[arg-type]  # addresses are never None


def feed(*tasks: Task, name: str = "SLT", meetings: tuple[Invitation, ...] = (), as_events: bool = False) -> Component:
    """A calendar, read back."""
    return read(feed_text(name, tasks, meetings, stamp=STAMP, as_events=as_events).encode())


def event(calendar: Component) -> Component:
    """The one event of a calendar."""
    (found,) = calendar.all("VEVENT")
    return found
