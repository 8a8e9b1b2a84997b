"""What must hold between the parts of a council's file: where names stand, what ids refer to, what holds.

Tables only; `council_check.py` applies them. A place is written with dots, `*` being any key or list item.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from operator import ge, le
from typing import TYPE_CHECKING, NamedTuple

from engine.register import Body, Seat
from workflows.profile import Ladder, Profile

if TYPE_CHECKING:
    import msgspec

KINDS: Mapping[str, str] = {
    "organisations": "organisation",
    "offices": "office",
    "bodies": "body",
    "parties": "party",
}
"""The tables whose ids share one namespace, and what an entry of each is called."""

EVERYONE = "*"
"""Stands in `registers_for` for every office, body, party and organisation."""

NAMES = ("council.names", "organisations.*.names", "offices.*.titles", "bodies.*.names", "seats.*.names")
"""Where names stand."""


class Reference(NamedTuple):
    """A place that holds an id, and the kinds it may be an id of. `as_key`: the key there is the id."""

    place: str
    to: tuple[str, ...]
    as_key: bool = False


REFERENCES = (
    Reference("council.secretariat", ("office",)),
    Reference("council.leader", ("office",)),
    Reference("council.body", ("body",)),
    Reference("offices.*.organisation", ("organisation",)),
    Reference("bodies.*.organisation", ("organisation",)),
    Reference("bodies.*.leader", ("office",)),
    Reference("bodies.*.secretary", ("office",)),
    Reference("bodies.*.members.*", ("office",)),
    Reference("parties.*.organisation", ("organisation",)),
    Reference("parties.*.decides", ("body", "office")),
    Reference("parties.*.signs", ("office",)),
    Reference("parties.*.secretary", ("office",)),
    Reference("seats.*.filled_by.*", ("office",)),
    Reference("registers_for.*", ("office",), as_key=True),
    Reference("registers_for.*.*", ("organisation", "office", "body", "party", EVERYONE)),
    Reference("profile.ratifies.*", ("municipality",), as_key=True),
    Reference("profile.required_parties.*", ("party",)),
    Reference("profile.overrides.*.*", ("office",)),
)


class Rule(NamedTuple):
    """What must hold of some keys of the tables at a place; defaults of `kind` stand in for keys left out.

    It is reported at the first of the keys that the file has; `otherwise` shows their values by position.
    """

    place: str
    kind: type[msgspec.Struct] | None
    keys: tuple[str, ...]
    holds: Callable[..., bool]
    otherwise: str


def _rise(*numbers: int) -> bool:
    return all(earlier < later for earlier, later in pairwise(numbers))


RULES = (
    Rule("", None, ("parties",), lambda parties: len(parties) > 1,
         "an agreement has two sides; add the other party"),
    Rule("", None, ("seats",), lambda seats: any(seat.get("permanent", True) for seat in seats),
         "there is no permanent seat, so nobody forms the council; add one"),
    Rule("bodies.*", Body, ("members",), lambda members: members is None or len(members) > 0,
         "a body needs a member; leave the key out where the permanent seats are the members"),
    Rule("bodies.*", Body, ("quorum",), lambda quorum: quorum is None or quorum > 0,
         "a quorum is at least 1; leave the key out for half of the members"),
    Rule("seats.*", Seat, ("minimum",), lambda minimum: minimum >= 0,
         "write 0 or more"),
    Rule("seats.*", Seat, ("maximum",), lambda maximum: maximum > 0,
         "write 1 or more, or remove the seat"),
    Rule("seats.*", Seat, ("minimum", "maximum"), le,
         "minimum = {0} is more than maximum = {1}; correct one of them"),
    Rule("seats.*", Seat, ("filled_by", "minimum"), lambda offices, minimum: len(offices) >= minimum,
         "filled_by names fewer offices than minimum = {1}; add offices or lower the minimum"),
    Rule("profile", Profile, ("notice_floor", "notice_days"), le,
         "notice_floor = {0} is longer than the ordinary notice_days = {1}; correct one of them"),
    Rule("profile", Profile, ("evaluation_due", "evaluation_opens"), ge,
         'evaluation_due = "{0}" comes before evaluation_opens = "{1}"; correct one of them'),
    Rule("profile", Profile, ("meeting_date_escalate", "meeting_date_alert"), ge,
         'meeting_date_escalate = "{0}" comes before meeting_date_alert = "{1}"; correct one of them'),
    Rule("profile", Profile, ("enough_acceded", "ratifies"), lambda enough, who: enough <= sum(who.values()),
         "enough_acceded = {0} is more than the municipalities that ratify; lower it"),
    Rule("profile", Profile, ("ladders",), lambda ladders: "duty" in ladders,
         "the ladder that deadlines use is missing; add [profile.ladders.duty]"),
    Rule("profile.ladders.*", Ladder, ("owner",), lambda rungs: len(rungs) > 0 and _rise(*rungs),
         "the rungs must rise, such as [-30, -14, -3, 0]; sort them"),
    Rule("profile.ladders.*", Ladder, ("follow_up", "secretariat", "leader", "agenda"), _rise,
         "escalation must rise: follow_up {0}, secretariat {1}, leader {2}, agenda {3}; correct the order"),
)  # fmt: skip
