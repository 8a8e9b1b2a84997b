"""Recorded decisions of bodies: roster, present, recused and the votes on each point."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import msgspec
from sqlalchemy import UniqueConstraint, func, select

from engine.acts import Decision, Point
from engine.errors import NotFoundError
from engine.ports import Recorded
from engine.register import Id, VoteRule
from store.cases import CaseReads, numbered
from store.link import Link, by, dump, insert_into, near, part
from store.schema import key, number, table, text
from store.values import day_or_none

DecisionRow: TypeAlias = "tuple[str, str, str, str | None, str | None, str, str, str, str, str, str, str, int]"

DECISIONS = "D"
"""The prefix of decisions' ids, which cases never have."""

decision = table(
    "decision",
    key("leaf"),
    number("pos"),
    text("id"),
    number("number"),
    text("body"),
    text("day", optional=True),
    text("ref", optional=True),
    text("roster"),
    text("present"),
    text("recused"),
    text("points"),
    text("deputies"),
    text("persons"),
    text("rule"),
    text("annulled", optional=True),
    UniqueConstraint("council", "id"),
)

DECISION = tuple(
    decision.c[name]
    for name in (
        "id", "leaf", "body", "day", "ref", "roster", "present", "recused", "points", "deputies", "persons", "rule",
        "pos",
    )
)  # fmt: skip
"""The columns a `Decision` is made of, in its order."""

_STANDING = select(*DECISION).where(*by(decision), decision.c.annulled.is_(None))
_ALL = _STANDING.order_by(decision.c.pos)
_ONE = _STANDING.where(*by(decision, "id"))
_LAST_NUMBER = select(func.coalesce(func.max(decision.c.number), 0)).where(*by(decision))
_DECIDE = insert_into(decision)

_listed = msgspec.json.Decoder(tuple[Id, ...] | None)
_points = msgspec.json.Decoder(tuple[Point, ...])
_sat = msgspec.json.Decoder(dict[Id, str] | None)
_rule = msgspec.json.Decoder(VoteRule)


class DecisionReads(CaseReads):
    """Reading decisions."""

    def decision(self, decision: str) -> Decision:
        """A recorded decision by id (`D-3`). Raises `NotFoundError`."""
        row = self._rows(_ONE, id=decision).fetchone()
        if row is None:
            known = (found.id for found in self.decisions())
            raise NotFoundError(f"There is no decision {decision}.{near(decision, known)}")
        return to_decision(row)

    def decisions(self) -> Iterator[Decision]:
        """Every recorded decision in the order of the log, annulled ones left out."""
        return map(to_decision, self._rows(_ALL))

    def next_number(self, prefix: str) -> int:
        """The next free number for ids with this prefix, 1-based; `D` is for decisions, annulled ones counted."""
        if prefix != DECISIONS:
            return super().next_number(prefix)
        return 1 + int(self._rows(_LAST_NUMBER).fetchone()[0])


def project_decision(link: Link, council: str, made: Recorded) -> None:
    """A body has decided."""
    event = made.event
    said = part(made, "decision")
    lists = {name: dump(said[name]) for name in ("roster", "present", "recused", "points")}
    lists |= {"deputies": dump(said.get("deputies") or {}), "persons": dump(said.get("persons"))}
    rule = dump({name: told for name, told in part(made, "rule").items() if name != "body"})
    link.run(
        _DECIDE, council=council, leaf=made.leaf, pos=made.position, id=said["id"], number=numbered(str(said["id"]))[1],
        body=said["body"], day=event.on, ref=event.ref, rule=rule, annulled=None, **lists,
    )  # fmt: skip


def to_decision(row: DecisionRow) -> Decision:
    """A decision from the columns of `DECISION`."""
    id_, leaf, body, day, ref, roster, present, recused, points, deputies, persons, rule, at = row
    offices = (_listed.decode(roster) or (), _listed.decode(present), _listed.decode(recused) or ())
    sat = (_sat.decode(deputies) or {}, _sat.decode(persons))
    voted = (*offices, _points.decode(points), *sat, _rule.decode(rule))
    return Decision(id_, leaf, body, day_or_none(day), ref, *voted, at)
