"""Whatever somebody may type stays what it is in a calendar: a text, never a line of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from engine.ics import Task
from tests.invitations import MEETING, TASK, asked, event, feed

if TYPE_CHECKING:
    from tests.ics_reader import Component

HOSTILE = {
    "a\r\nBEGIN:VALARM\r\nTRIGGER:PT0S": "a\nBEGIN:VALARM\nTRIGGER:PT0S",
    "a\nEND:VEVENT\nBEGIN:VEVENT": "a\nEND:VEVENT\nBEGIN:VEVENT",
    "a\rBEGIN:VALARM": "a\nBEGIN:VALARM",
    "a\n\rb": "a\n\nb",
    "a\x85BEGIN:VALARM": "a\nBEGIN:VALARM",
    "a\u2028BEGIN:VALARM\u2029b": "a\nBEGIN:VALARM\nb",
    "a\x0bb\x0cc\x1cd": "a\nb\nc\nd",
    "a\n BEGIN:VALARM": "a\n BEGIN:VALARM",
    'one, two; "three": four=^five^n^\'six': 'one, two; "three": four=^five^n^\'six',
    "back\\slash \\n \\N \\, \\; \\\\ \\": "back\\slash \\n \\N \\, \\; \\\\ \\",
    '";X-EVIL=1:mailto:x@evil.example': '";X-EVIL=1:mailto:x@evil.example',
    "\x1b]0;title\x07 \x9b31m \x00": "]0;title 31m ",
    "\u202etext\u2066": "text",
    "tab\there": "tab\there",
    "lone \ud800 surrogate": "lone  surrogate",
    "æøå 🚓 " * 40: "æøå 🚓 " * 40,
}
"""What somebody may type, and what is left of it in a text of several lines."""


@pytest.mark.parametrize("typed", HOSTILE)
@pytest.mark.parametrize("place", ["title", "place", "description"])
def test_no_text_of_a_meeting_becomes_anything_but_itself(place: str, typed: str) -> None:
    calendar = asked(replace(MEETING, **{place: typed}))  # type: ignore[arg-type]  # all three are texts
    shown = HOSTILE[typed] if place == "description" else HOSTILE[typed].replace("\n", " ")
    name = {"title": "SUMMARY", "place": "LOCATION", "description": "DESCRIPTION"}[place]
    assert event(calendar)[name].text == shown
    assert only_an_event(calendar)


@pytest.mark.parametrize("typed", HOSTILE)
@pytest.mark.parametrize("who", ["organizer", "attendee"])
def test_no_name_or_address_becomes_anything_but_itself(who: str, typed: str) -> None:
    calendar = asked(**{f"{who}_name": typed, who: f"{typed}@x.example"})  # type: ignore[arg-type]  # both are texts
    line = event(calendar)[who.upper()]
    assert line.parameters["CN"] == HOSTILE[typed].replace("\n", " ")
    assert set(line.parameters) <= {"CN", "ROLE", "PARTSTAT", "RSVP"}
    assert unquote(line.value) == f"mailto:{typed}@x.example".replace("\ud800", "?")
    assert only_an_event(calendar)


def only_an_event(calendar: Component) -> bool:
    """Whether a calendar holds one event with nothing in it, and its zone."""
    return [part.name for part in calendar.parts] == ["VTIMEZONE", "VEVENT"] and event(calendar).parts == []


@pytest.mark.parametrize("typed", HOSTILE)
@pytest.mark.parametrize("as_events", [False, True])
def test_no_text_of_a_deadline_becomes_anything_but_itself(typed: str, *, as_events: bool) -> None:
    calendar = feed(Task("u@x", TASK.due, typed, typed), name=typed, as_events=as_events)
    found = calendar.parts[-1]
    line = HOSTILE[typed].replace("\n", " ")
    assert [part.name for part in calendar.parts] == ["VTIMEZONE", "VEVENT" if as_events else "VTODO"]
    assert (calendar["X-WR-CALNAME"].text, found["SUMMARY"].text, found["DESCRIPTION"].text) == (
        line, line, HOSTILE[typed],
    )  # fmt: skip
    assert [alarm["DESCRIPTION"].text for alarm in found.parts] == [line, line]
