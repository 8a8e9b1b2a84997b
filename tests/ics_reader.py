"""A strict reader of iCalendar files, written from RFC 5545 and RFC 6868 and sharing nothing with what is tested.

Whatever a lenient program would let pass is an error here: a line of more than 75 octets, a bare CR or LF, a control
character, a character cut in two by folding, a comma or semicolon in a text that is not escaped.
"""

from __future__ import annotations

import re
from calendar import SUNDAY, monthrange
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

LONGEST = 75
"""Octets in a line, without its end (RFC 5545, 3.1)."""

_NAME = r"[A-Za-z0-9-]+"
_PARAMETER = re.compile(rf';({_NAME})=(?:"([^"\x00-\x08\x0a-\x1f\x7f]*)"|([^";:,\x00-\x08\x0a-\x1f\x7f]*))')
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]")
_ESCAPED = {"\\": "\\", ";": ";", ",": ",", "n": "\n", "N": "\n"}
_CIRCUMFLEX = {"^": "^", "n": "\n", "'": '"'}


@dataclass(frozen=True)
class Line:
    """A content line: its name in capitals, its parameters, its value as it was written."""

    name: str
    parameters: dict[str, str]
    value: str

    @property
    def text(self) -> str:
        """The value as TEXT (3.3.11). Raises ValueError where something is not escaped, or nothing needed to be."""
        if re.search(r"(?<!\\)(?:\\\\)*[,;]", self.value):
            raise ValueError(f"not escaped: {self.value!r}")
        return re.sub(r"\\(.|$)", lambda found: _ESCAPED[found[1]], self.value)

    @property
    def day(self) -> date:
        """The value as DATE, which it must say it is."""
        assert self.parameters["VALUE"] == "DATE"
        return datetime.strptime(self.value, "%Y%m%d").replace(tzinfo=UTC).date()

    @property
    def local(self) -> datetime:
        """The value as a naive DATE-TIME."""
        return datetime.strptime(self.value, "%Y%m%dT%H%M%S")  # noqa: DTZ007  # local, its zone is a parameter


@dataclass(frozen=True)
class Component:
    """What stands between a BEGIN and its END."""

    name: str
    lines: list[Line] = field(default_factory=list)
    parts: list[Component] = field(default_factory=list)

    def __getitem__(self, name: str) -> Line:
        """The one line of a name."""
        (line,) = (line for line in self.lines if line.name == name)
        return line

    def __contains__(self, name: str) -> bool:
        """Whether there is a line of a name."""
        return any(line.name == name for line in self.lines)

    def all(self, name: str) -> list[Component]:
        """The components of a name, at any depth."""
        return [part for one in self.parts for part in (*([one] if one.name == name else []), *one.all(name))]


def read(data: bytes) -> Component:
    """The calendar that a file holds. Raises ValueError or AssertionError where it breaks a rule."""
    root = Component("")
    open_ = [root]
    for line in map(_parsed, _unfolded(data)):
        if line.name == "BEGIN":
            open_[-1].parts.append(Component(line.value))
            open_.append(open_[-1].parts[-1])
        elif line.name == "END":
            assert open_.pop().name == line.value
        else:
            open_[-1].lines.append(line)
    assert open_ == [root]
    assert root.lines == []
    (calendar,) = root.parts
    assert calendar.name == "VCALENDAR"
    return calendar


def _unfolded(data: bytes) -> list[str]:
    assert data.endswith(b"\r\n")
    physical = data.removesuffix(b"\r\n").split(b"\r\n")
    assert [line for line in physical if len(line) > LONGEST] == []
    lines: list[str] = []
    for text in (line.decode() for line in physical):  # each for itself: no character is cut in two
        assert _CONTROL.search(text) is None, text
        if text.startswith((" ", "\t")):
            lines[-1] += text[1:]
        else:
            lines.append(text)
    return lines


def _parsed(line: str) -> Line:
    name = re.match(_NAME, line)
    if name is None:
        raise ValueError(f"no name: {line!r}")
    at, parameters = name.end(), dict[str, str]()
    while found := _PARAMETER.match(line, at):
        quoted, bare = found[2], found[3]
        parameters[found[1].upper()] = re.sub(
            r"\^([\^n'])", lambda pair: _CIRCUMFLEX[pair[1]], bare if quoted is None else quoted
        )
        at = found.end()
    if line[at : at + 1] != ":":
        raise ValueError(f"no value: {line!r}")
    return Line(name[0].upper(), parameters, line[at + 1 :])


def offset_at(zone: Component, instant: datetime) -> timedelta:
    """How far local time is ahead of UTC at an aware instant, by the observance whose onset was the last (3.6.5)."""
    naive = instant.astimezone(UTC).replace(tzinfo=None)
    onsets = [
        (onset - _offset(part["TZOFFSETFROM"].value), _offset(part["TZOFFSETTO"].value))
        for part in zone.parts
        for onset in (_onset(part, naive.year - 1), _onset(part, naive.year))
    ]
    return max((onset, to) for onset, to in onsets if onset <= naive)[1]


def utc_of(zone: Component, line: Line) -> datetime:
    """The instant of a local DATE-TIME in a zone; the first of two where the clock is turned back (3.3.5)."""
    assert line.parameters["TZID"] == zone["TZID"].value
    offsets = {_offset(part["TZOFFSETTO"].value) for part in zone.parts}
    instants = ((line.local - offset).replace(tzinfo=UTC) for offset in sorted(offsets, reverse=True))
    return next(at for at in instants if at + offset_at(zone, at) == line.local.replace(tzinfo=UTC))


def _onset(part: Component, year: int) -> datetime:
    """When an observance begins in a year, by the clock before it: the last Sunday of a month, as its rule must say."""
    rule = dict(pair.split("=") for pair in part["RRULE"].value.split(";"))
    assert (rule.pop("FREQ"), rule.pop("BYDAY")) == ("YEARLY", "-1SU")
    month, start = int(rule.pop("BYMONTH")), part["DTSTART"].local
    assert rule == {}
    last = date(year, month, monthrange(year, month)[1])
    day = last - timedelta(days=(last.weekday() - SUNDAY) % 7)
    onset = datetime.combine(day, start.time())
    assert start <= onset
    return onset


def _offset(written: str) -> timedelta:
    sign, hours, minutes = written[0], int(written[1:3]), int(written[3:])
    return timedelta(hours=hours, minutes=minutes) * (-1 if sign == "-" else 1)
