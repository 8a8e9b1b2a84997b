"""The council itself: its register, rules and seats, and who holds which office when.

A step reads the council every time, and it changes a few times a year. So its row names the event that last
changed any of this, and a process decodes register, seats and holdings only when that leaf is a new one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, TypeAlias

import msgspec
from sqlalchemy import Index, and_, bindparam, func, select, update

from engine.errors import NotFoundError
from engine.event import Facts
from engine.holdings import CouncilState, Holdings
from engine.ports import Recorded
from engine.register import Holding, Register
from store.cases import COUNCIL_CASE, cases
from store.delegations import DelegationReads
from store.link import Link, Memory, by, dump, insert_into, part
from store.log import SIZE
from store.schema import key, number, table, text
from store.values import day_or_none, seats

Capacity: TypeAlias = Literal["holder", "acting", "deputy"]
HoldingRow: TypeAlias = "tuple[str, str, str, str | None, Capacity, str, str, str, str | None]"

council = table(
    "council",
    text("opened"),
    text("origin"),
    text("changed"),
    text("names", optional=True),
    text("language", optional=True),
    text("register", optional=True),
    text("seats", optional=True),
    text("profile", optional=True),
)

profile = table("profile", key("leaf"), number("pos"), text("day", optional=True), text("rules"))
Index(None, profile.c.council, profile.c.pos)

holding = table(
    "holding",
    key("leaf"),
    number("pos"),
    text("office"),
    text("person"),
    text("since"),
    text("until", optional=True),
    text("capacity"),
    text("basis"),
    text("scope"),
    text("recorded", optional=True),
    text("annulled", optional=True),
)
Index(None, holding.c.council, holding.c.pos)

COUNCILS = select(council.c.council).order_by(council.c.opened, council.c.council)
_NOW = (
    select(council.c.changed, cases.c.n, cases.c.head, SIZE.scalar_subquery())
    .join_from(council, cases, and_(cases.c.council == council.c.council, cases.c.id == COUNCIL_CASE))
    .where(*by(council))
)
ORIGIN = select(council.c.origin).where(*by(council))
_STATE = select(council.c.origin, council.c.language, council.c.register, council.c.seats, council.c.profile).where(
    *by(council)
)
_HOLDINGS = (
    select(
        holding.c.office, holding.c.person, holding.c.since, holding.c.until, holding.c.capacity, holding.c.basis,
        holding.c.leaf, holding.c.scope, holding.c.recorded,
    )
    .where(*by(holding), holding.c.annulled.is_(None))
    .order_by(holding.c.pos)
)  # fmt: skip
_PROFILES = (
    select(profile.c.leaf, profile.c.pos, profile.c.day, profile.c.rules).where(*by(profile)).order_by(profile.c.pos)
)
_RULES = select(profile.c.rules).where(*by(profile, "leaf"))

_OPEN = insert_into(council)
_ADOPT = insert_into(profile)
_DESCRIBE = (
    update(council)
    .where(*by(council))
    .values(
        {name: bindparam(name) for name in ("names", "language", "register", "profile", "changed")}
        | {"seats": func.coalesce(council.c.seats, bindparam("seats"))}
    )
)
_SEAT = update(council).where(*by(council)).values(seats=bindparam("seats"), changed=bindparam("changed"))
_CHANGE = update(council).where(*by(council)).values(changed=bindparam("changed"))
_RENAME = update(council).where(*by(council)).values(origin=bindparam("origin"), changed=bindparam("changed"))
_HOLD = insert_into(holding)
_END = update(holding).where(*by(holding, "leaf")).values(until=bindparam("until"))

_register = msgspec.json.Decoder(Register)
_scope = msgspec.json.Decoder(tuple[str, ...])


@dataclass(frozen=True, slots=True)
class AdoptedProfile:
    """Rules as they were adopted: by the event with this leaf, at a position of the log, on a local date."""

    leaf: str
    position: int
    on: date | None
    rules: Facts


class CouncilReads(DelegationReads):
    """Reading the council."""

    def __init__(self, link: Link, council: str, memory: Memory) -> None:
        super().__init__(link, council, memory)
        self._state: CouncilState | None = None
        self._size: int | None = None

    def council(self) -> CouncilState:
        """The council. Raises `NotFoundError` where it was never opened."""
        if self._state is None:
            self._state = self._read_council()
        return self._state

    def profile(self, leaf: str) -> Facts:
        """The rules in the profile event with this leaf (hex), as JSON."""
        rules = self._memory.profiles.get((self._council, leaf))
        if rules is None:
            row = self._rows(_RULES, leaf=leaf).fetchone()
            if row is None:
                raise NotFoundError(f"Council {self._council} has no profile {leaf[:12]}.")
            rules = self._memory.profiles[self._council, leaf] = msgspec.json.decode(row[0])
        return rules

    def profiles(self) -> Iterator[AdoptedProfile]:
        """Every profile the council has had, oldest first."""
        return (
            AdoptedProfile(leaf, position, day_or_none(day), msgspec.json.decode(rules))
            for leaf, position, day, rules in self._rows(_PROFILES)
        )

    def holdings(self) -> Iterator[Holding]:
        """Who held which office when, in the order it was recorded, annulled ones left out."""
        return map(_holding, self._rows(_HOLDINGS))

    def _read_council(self) -> CouncilState:
        row = self._rows(_NOW).fetchone()
        if row is None:
            raise self._never_opened()
        changed, n, head, self._size = row
        known = self._memory.councils.get(self._council)
        state = known[1] if known and known[0] == changed else self._assemble()
        if state.head != head:
            state = replace(state, n=n, head=head)
        if self._committed:
            self._memory.councils[self._council] = (changed, state)
        return state

    def _assemble(self) -> CouncilState:
        origin, language, register, seated, rules = self._rows(_STATE).fetchone()
        if register is None:
            raise self._without_profile()
        holdings = Holdings(tuple(self.holdings()))
        return CouncilState(
            self._council, origin, language, 0, "", _register.decode(register), holdings, seats.decode(seated), rules,
            tuple(self.delegations()),
        )  # fmt: skip

    def _without_profile(self) -> NotFoundError:
        return NotFoundError(f"Council {self._council} has no profile yet. `politirad init` gives it one.")

    def _never_opened(self) -> NotFoundError:
        known = ", ".join(found for (found,) in self._link.run(COUNCILS))
        there_are = f"There are: {known}." if known else "`politirad init COUNCIL.TOML` opens one."
        return NotFoundError(f"There is no council {self._council} here. {there_are}")


def project_council(link: Link, council_: str, made: Recorded) -> None:
    """The council is opened."""
    event = made.event
    origin = event.data.get("origin") or council_
    unknown = dict.fromkeys(("names", "language", "register", "seats", "profile"))
    link.run(_OPEN, council=council_, opened=event.at, origin=str(origin), changed=made.leaf, **unknown)


def project_origin(link: Link, council_: str, made: Recorded) -> None:
    """The log goes on under another name."""
    link.run(_RENAME, council=council_, origin=part(made, "continues")["origin"], changed=made.leaf)


def project_profile(link: Link, council_: str, made: Recorded) -> None:
    """New rules and a new register; seats only as long as the council has none from its agreement."""
    said = part(made, "profile")
    rules = dump(said["profile"])
    link.run(_ADOPT, council=council_, leaf=made.leaf, pos=made.position, day=made.event.on, rules=rules)
    link.run(
        _DESCRIBE, council=council_, names=dump(said["names"]), language=said["language"],
        register=dump(said["register"]), seats=dump(said["seats"]), profile=made.leaf, changed=made.leaf,
    )  # fmt: skip


def project_seats(link: Link, council_: str, made: Recorded) -> None:
    """The council's seats from now on."""
    link.run(_SEAT, council=council_, seats=dump(made.event.data["seats"]), changed=made.leaf)


def project_holding(link: Link, council_: str, made: Recorded) -> None:
    """Somebody holds an office."""
    said = part(made, "holding")
    link.run(
        _HOLD, council=council_, leaf=made.leaf, pos=made.position, office=said["office"], person=said["person"],
        since=said["since"], until=said.get("until"), capacity=said.get("capacity", "holder"),
        basis=said.get("basis", ""), scope=dump(said.get("scope") or []),
        recorded=said.get("recorded"), annulled=None,
    )  # fmt: skip
    project_change(link, council_, made)


def project_end(link: Link, council_: str, made: Recorded) -> None:
    """A holding ends."""
    said = part(made, "ends")
    link.run(_END, council=council_, leaf=said["holding"], until=said["until"])
    project_change(link, council_, made)


def project_change(link: Link, council_: str, made: Recorded) -> None:
    """Something of the council changed; whoever remembers it must read it again."""
    link.run(_CHANGE, council=council_, changed=made.leaf)


def _holding(row: HoldingRow) -> Holding:
    office, person, since, until, capacity, basis, leaf, scope, recorded = row
    began, last, reach = date.fromisoformat(since), day_or_none(until), _scope.decode(scope)
    return Holding(office, person, began, last, capacity, basis, leaf, reach, day_or_none(recorded))
