r"""Meetings and deadlines as other calendars read them: RFC 5545, and RFC 5546 for invitations.

The only importer of `icalendar`, which puts the parts together, folds and ends lines. Three things are not left to it.
Its own time zones are lists of dates that end some years ahead, one of them with an hour too much; ours is the rule
that has held since 1996 and that Outlook reads. Texts are escaped here, since it takes a typed `\N` for a line end and
escapes none in properties it does not know. And what a text may hold is decided here: a line end that only some
programs know (U+0085, U+2028, a bare CR) or a control character could otherwise mean one thing to us and another to
whoever reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

from icalendar import Alarm, Calendar, Component, Event, Timezone, Todo, vCalAddress, vText

from engine.calendar import OSLO
from engine.letter import Invitation

ZONE = """\
BEGIN:VTIMEZONE
TZID:Europe/Oslo
BEGIN:DAYLIGHT
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
"""
"""Summer time from 02:00 of the last Sunday in March to 03:00 of the last in October, in the time before the change."""

UNSAID = timedelta(hours=2)
"""How long a meeting lasts in a calendar where nobody said when it ends."""

ALARMS = (timedelta(days=-3, hours=8), timedelta(hours=8))
"""When a deadline makes itself heard, from the beginning of its day: at 08:00 three days before, and that day."""

_PLAIN = "@!$'*+="
"""What stands as it is in a mailto URI, beside letters, digits and -._~ (RFC 6068)."""

_BREAKS = re.compile("\r\n|[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Task:
    """A deadline as calendars know it: the same `uid` for ever, due on a local date."""

    uid: str
    due: date
    title: str
    description: str


class _Words(vText):
    """A text that reads back as itself: escaped as RFC 5545 says (3.3.11), and no more."""

    def to_ical(self) -> bytes:
        """The text as it stands in a file."""
        return re.sub(r"[\\;,]", r"\\\g<0>", self).replace("\n", r"\n").encode()


def invitation_text(  # noqa: PLR0913  # who asks whom to what, all by name
    invitation: Invitation, *, organizer: str, organizer_name: str | None, attendee: str, attendee_name: str | None,
    stamp: datetime,
) -> str:  # fmt: skip
    """An invitation to one person, or its cancellation, as a whole calendar: METHOD:REQUEST or METHOD:CANCEL.

    `organizer` and `attendee` are e-mail addresses; `stamp` is the aware instant it is written, new each time.
    """
    answer = {} if invitation.cancelled else {"RSVP": "TRUE"}
    asked = {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", **answer}
    event = _meeting(invitation, stamp)
    event.add("organizer", _somebody(organizer, organizer_name, {}))
    event.add("attendee", _somebody(attendee, attendee_name, asked))
    calendar = _calendar()
    calendar.add("method", "CANCEL" if invitation.cancelled else "REQUEST")
    calendar.add_component(event)
    return _text(calendar)


def feed_text(
    name: str, tasks: Iterable[Task], meetings: Iterable[Invitation], *, stamp: datetime, as_events: bool = False
) -> str:
    """A calendar to look at: deadlines and meetings, without anybody being asked to answer.

    `as_events` makes all-day events of the deadlines, for programs that show no tasks. `stamp` as above.
    """
    calendar = _calendar()
    calendar.add("x-wr-calname", _Words(_line(name)))
    for task in tasks:
        calendar.add_component(_day(task, stamp) if as_events else _todo(task, stamp))
    for meeting in meetings:
        calendar.add_component(_meeting(meeting, stamp))
    return _text(calendar)


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//politirad//politirad//NO")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add_component(Timezone.from_ical(ZONE))
    return calendar


def _meeting(invitation: Invitation, stamp: datetime) -> Event:
    begins, ends = _span(invitation)
    event = Event()
    _describe(event, invitation.uid, invitation.title, invitation.description, stamp)
    event.add("sequence", invitation.sequence)
    event.add("status", "CANCELLED" if invitation.cancelled else "CONFIRMED")
    event.add("dtstart", begins)
    event.add("dtend", ends)
    if invitation.place:
        event.add("location", _Words(_line(invitation.place)))
    return event


def _span(invitation: Invitation) -> tuple[date, date]:
    """From when until when: local times of day in Oslo, or whole days; the end is the first moment after it."""
    if invitation.begins is None:
        return invitation.day, invitation.day + timedelta(days=1)
    begins = datetime.combine(invitation.day, invitation.begins, OSLO)
    ends = datetime.combine(invitation.day, invitation.ends, OSLO) if invitation.ends else begins + UNSAID
    return begins, ends


def _todo(task: Task, stamp: datetime) -> Todo:
    todo = Todo()
    _describe(todo, task.uid, task.title, task.description, stamp)
    todo.add("last-modified", stamp.astimezone(UTC))
    todo.add("status", "NEEDS-ACTION")
    todo.add("due", task.due)
    _alarm(todo, task.title, {"RELATED": "END"})
    return todo


def _day(task: Task, stamp: datetime) -> Event:
    """A deadline as a day that leaves whoever owes it free for other things."""
    event = Event()
    _describe(event, task.uid, task.title, task.description, stamp)
    event.add("last-modified", stamp.astimezone(UTC))
    event.add("transp", "TRANSPARENT")
    event.add("dtstart", task.due)
    event.add("dtend", task.due + timedelta(days=1))
    _alarm(event, task.title, {})
    return event


def _describe(component: Component, uid: str, title: str, description: str, stamp: datetime) -> None:
    component.add("uid", _Words(_line(uid)))
    component.add("dtstamp", stamp.astimezone(UTC))
    component.add("summary", _Words(_line(title)))
    if description:
        component.add("description", _Words(_lines(description)))


def _alarm(component: Component, title: str, related: dict[str, str]) -> None:
    for offset in ALARMS:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", _Words(_line(title)))
        alarm.add("trigger", offset, parameters=related)
        component.add_component(alarm)


def _somebody(address: str, name: str | None, parameters: dict[str, str]) -> vCalAddress:
    """A person as a calendar names them. Whatever an address may not hold stands in the URI as its number."""
    somebody = vCalAddress(f"mailto:{quote(address, safe=_PLAIN, errors='replace')}")
    somebody.params.update({**({"CN": _line(name)} if name else {}), **parameters})
    return somebody


def _lines(text: str) -> str:
    """A text whose lines end in the one way, without control characters and changes of direction."""
    return _UNFIT.sub("", _BREAKS.sub("\n", text))


def _line(text: str) -> str:
    """A text on one line."""
    return _lines(text).replace("\n", " ")


def _text(calendar: Calendar) -> str:
    written: bytes = calendar.to_ical()
    return written.decode()
