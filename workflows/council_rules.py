"""What must hold between the parts of a council's file: where names stand, what ids refer to, what holds.

Tables only; `council_check.py` applies them. Places are patterns as in `toml_places.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from operator import ge, le
from typing import TYPE_CHECKING, NamedTuple

from engine.ladder import BUILT_IN, WEEK, Ladder, Weekday
from engine.register import Body, Seat
from engine.rule import BodyVote, ByOrganisation
from workflows.profile import Profile
from workflows.toml_places import PARTS

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
    Reference("bodies.*.veto.*", ("office",)),
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
    Reference("profile.rules.*.**.office", ("office",)),
    Reference("profile.rules.*.**.party", ("party",)),
    Reference("profile.rules.*.**.body", ("body",)),
    Reference("profile.rules.*.**.veto.*", ("office",)),
    Reference("profile.rules.*.**.organisations.*", ("organisation",), as_key=True),
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


def _escalates(*after: int) -> bool:
    """Whether those above are told one after the other; 0 is never."""
    return _rise(*filter(None, after))


def _at_most_weekly(day: Weekday | None, every: int) -> bool:
    """Whether what recurs on a weekday does so once a week at most."""
    return day is None or every >= WEEK.days


def _owner_is_told_first(owner: Sequence[int], every: int, *after: int) -> bool:
    """Whether the office that owes it hears of it, on or after the due date, before anybody above does."""
    first = next((rung for rung in owner if rung >= 0), every)
    return all(first <= day for day in filter(None, after))


def _is_joined(part: Mapping[str, object]) -> bool:
    return PARTS in part or "organisations" in part


def _asked(part: object) -> Iterator[str]:
    """Whom a rule of the file asks, at any depth."""
    if isinstance(part, Mapping):
        yield from (str(part[key]) for key in ("office", "party", "body") if key in part)
        yield from (str(who) for who in part.get("organisations") or ())
        for inner in part.get(PARTS) or ():
            yield from _asked(inner)


def _asks_each_once(needed: int, parts: Sequence[object]) -> bool:
    """Whether no act counts in two parts; where one part is enough, it may stand in several."""
    everybody = [who for part in parts for who in set(_asked(part))]
    return needed < 2 or len(everybody) == len(set(everybody))  # noqa: PLR2004  # two parts


def _reachable(at_least: int, organisations: Mapping[str, bool]) -> bool:
    asked = sum(organisations.values())
    return not asked or at_least <= asked


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
    Rule("profile", Profile, ("meeting_date_escalate", "meeting_date_alert"), ge,
         'meeting_date_escalate = "{0}" comes before meeting_date_alert = "{1}"; correct one of them'),
    Rule("profile", Profile, ("enough_acceded", "ratifies"), lambda enough, who: enough <= sum(who.values()),
         "enough_acceded = {0} is more than the municipalities that ratify; lower it"),
    Rule("profile", Profile, ("ladders",), lambda ladders: set(ladders) <= set(BUILT_IN),
         f"no deadline uses another ladder than {' and '.join(BUILT_IN)}; name it so, or remove it"),
    Rule("profile.rules.*.**", None, ("parts",), lambda parts: len(parts) > 0,
         "a rule of no parts would always be met; name at least one"),
    Rule("profile.rules.*.**", None, ("needed",), lambda needed: needed > 0,
         "needed = {0} would always be met; write 1 or more"),
    Rule("profile.rules.*.**", None, ("needed", "parts"), lambda needed, parts: not parts or needed <= len(parts),
         "needed = {0} is more than the parts there are; lower it or add parts"),
    Rule("profile.rules.*.**", None, ("needed", "parts"), _asks_each_once,
         "the same act would count in two of the parts; name whom it asks in one of them"),
    Rule("profile.rules.*.**", None, ("counts", "parts"),
         lambda counts, parts: counts != "persons" or not any(map(_is_joined, parts)),
         "persons are counted over single acts only; join no parts that are joined themselves, or count acts"),
    Rule("profile.rules.*.**", BodyVote, ("quorum",), lambda quorum: quorum is None or quorum > 0,
         "a quorum is at least 1; leave the key out for the body's own"),
    Rule("profile.rules.*.**", ByOrganisation, ("organisations",), lambda who: any(who.values()),
         "no organisation is asked, so it would always be met; set at least one to true"),
    Rule("profile.rules.*.**", ByOrganisation, ("at_least",), lambda at_least: at_least > 0,
         "at_least = {0} would always be met; write 1 or more"),
    Rule("profile.rules.*.**", ByOrganisation, ("at_least", "organisations"), _reachable,
         "at_least = {0} is more than the organisations that are asked; lower it"),
    Rule("profile.ladders.*", Ladder, ("owner",), lambda rungs: len(rungs) > 0 and _rise(*rungs),
         "the rungs must rise, such as [-30, -14, -3, 0]; sort them"),
    Rule("profile.ladders.*", Ladder, ("then_on", "then_every_days"), _at_most_weekly,
         'then_on = "{0}" comes once a week, then_every_days = {1} oftener; write 7 or more, or remove then_on'),
    Rule("profile.ladders.*", Ladder, ("follow_up", "secretariat", "leader", "agenda"), _escalates,
         "escalation must rise: follow_up {0}, secretariat {1}, leader {2}, agenda {3}; correct the order"),
    Rule("profile.ladders.*", Ladder, ("owner", "then_every_days", "follow_up", "secretariat", "leader", "agenda"),
         _owner_is_told_first,
         "others would be told before the office that owes it; add 0 to owner = {0}, or escalate later"),
)  # fmt: skip
