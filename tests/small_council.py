"""A council's file with one of everything, to be changed in one place, and the mistakes that are then found in it."""

from __future__ import annotations

import re

import pytest

from workflows.council import CouncilError, load_council

SMALL = """\
[council]
origin = "politirad.example/small"
names = "Politirådet"
secretariat = "secretary"
leader = "leader"
body = "council"
[organisations.region]
names = "Regionen"
[organisations.town]
names = "Byen"
kind = "municipality"
[organisations.police]
names = "Politiet"
[offices.leader]
organisation = "region"
titles = "Leder"
[offices.mayor]
organisation = "town"
titles = ["Ordfører", { nb = "Byens ordfører", since = 2020-01-01 }]
[offices.secretary]
organisation = "region"
titles = "Sekretær"
[offices.chief]
organisation = "police"
titles = { nb = "Politimester", en = "Chief of police" }
[bodies.assembly]
names = "Rådet"
leader = "leader"
secretary = "secretary"
members = ["leader", "mayor"]
quorum = 2
[bodies.council]
names = "Politirådet"
leader = "leader"
secretary = "secretary"
[parties.us]
organisation = "region"
decides = "assembly"
signs = "leader"
secretary = "secretary"
[parties.them]
organisation = "police"
decides = "chief"
signs = "chief"
secretary = "secretary"
[[seats]]
id = "mayors"
names = "Ordførere"
filled_by = ["mayor"]
[[seats]]
id = "guests"
names = "Gjester"
permanent = false
minimum = 0
[registers_for]
secretary = "*"
[profile]
notice_days = 14
notice_floor = 7
evaluation_opens = "10-01"
evaluation_due = "12-31"
ratifies = { town = true }
enough_acceded = 1
overrides.meeting.summon = "leader"
[profile.ladders.duty]
owner = [-30, -14, -3, 0]
"""


def mistakes(text: str) -> tuple[str, ...]:
    """Every mistake in a text, which must have some."""
    with pytest.raises(CouncilError) as caught:
        load_council(text, "council.toml")
    return caught.value.lines


def read_or_refuse(text: str) -> None:
    """Anything but a council or mistakes, each with a line of the file, fails the test by itself."""
    found: tuple[str, ...] = ()
    try:
        load_council(text, "council.toml")
    except CouncilError as error:
        found = error.lines
    for line in found:
        place = re.match(r"council\.toml:(\d+): \S.*: \S", line)
        assert place, line
        assert 1 <= int(place[1]) <= text.count("\n") + 1
