"""Delegations: which office may decide what for another office or a body, from when to when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TypeAlias

import msgspec
from sqlalchemy import Index, bindparam, or_, select, update

from engine.ports import Recorded
from engine.register import Delegation
from store.link import Link, Reading, by, dump, insert_into, part
from store.schema import key, number, table, text
from store.values import day_or_none

DelegationRow: TypeAlias = "tuple[str, str, str, str, str | None, int, str | None, str, str, str]"

delegation = table(
    "delegation",
    key("leaf"),
    number("pos"),
    text("giver"),
    text("taker"),
    text("scope"),
    text("since"),
    text("until", optional=True),
    number("further"),
    text("under", optional=True),
    text("basis"),
    text("recorded"),
    text("annulled", optional=True),
)
Index(None, delegation.c.council, delegation.c.pos)

_ROW = tuple(
    delegation.c[name]
    for name in ("giver", "taker", "scope", "since", "until", "further", "under", "basis", "recorded", "leaf")
)
_STANDING = select(*_ROW).where(*by(delegation), delegation.c.annulled.is_(None)).order_by(delegation.c.pos)
_GIVE = insert_into(delegation)
_END = (
    update(delegation)
    .where(
        *by(delegation, "giver", "taker"),
        delegation.c.since <= bindparam("last"),
        or_(delegation.c.until.is_(None), delegation.c.until > bindparam("last")),
    )
    .values(until=bindparam("last"))
)

_scope = msgspec.json.Decoder(tuple[str, ...])


class DelegationReads(Reading):
    """Reading delegations."""

    def delegations(self) -> Iterator[Delegation]:
        """Every delegation in the order it was recorded, annulled ones left out."""
        return map(_delegation, self._rows(_STANDING))


def project_delegation(link: Link, council: str, made: Recorded) -> None:
    """An office is given authority for another office or a body."""
    said = part(made, "delegation")
    link.run(
        _GIVE, council=council, leaf=made.leaf, pos=made.position, giver=said["of"], taker=said["to"],
        scope=dump(said["scope"]), since=said["since"], until=said.get("until"), further=int(bool(said.get("further"))),
        under=said.get("under"), basis=said.get("basis", ""), recorded=said["recorded"], annulled=None,
    )  # fmt: skip


def project_revocation(link: Link, council: str, made: Recorded) -> None:
    """What was delegated from one to another ends with a last day."""
    said = part(made, "revokes")
    link.run(_END, council=council, giver=said["of"], taker=said["to"], last=said["until"])


def _delegation(row: DelegationRow) -> Delegation:
    giver, taker, scope, since, until, further, under, basis, recorded, leaf = row
    began, last = date.fromisoformat(since), day_or_none(until)
    return Delegation(
        giver, taker, _scope.decode(scope), began, last, bool(further), under, basis, date.fromisoformat(recorded), leaf
    )
