"""Which councils have letters to send: asked of all at once, since most have none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, case, func, or_, select

from engine.calendar import format_instant, parse_instant
from engine.outbox import SKEW, Waiting
from store.councils import council
from store.letters import letter
from store.link import Link, holds

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

_PENDING, _SENDING = holds(letter.c.stage, "pending"), holds(letter.c.stage, "sending")
_DUE = and_(_PENDING, letter.c.not_before <= bindparam("now"))
_AHEAD = and_(_PENDING, letter.c.changed > bindparam("ahead"))


def _number_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


# From council to council, because that is how the indexes of letters begin: what was sent long ago is not looked at.
_WAITING = (
    select(council.c.council, _number_of(_DUE), _number_of(_SENDING), _number_of(_AHEAD))
    .join(letter, letter.c.council == council.c.council)
    .where(or_(_DUE, _SENDING, _AHEAD))
    .group_by(council.c.council)
    .order_by(council.c.council)
)
_STAGES = select(letter.c.stage, func.count(), func.min(letter.c.made)).group_by(letter.c.stage)


def waiting(link: Link, now: datetime) -> Mapping[str, Waiting]:
    """The councils that have letters to send at a UTC instant, letters being sent, or letters that a clock put off."""
    rows = link.run(_WAITING, now=format_instant(now), ahead=format_instant(now + SKEW))
    return {where: Waiting(int(due), int(sending), int(ahead)) for where, due, sending, ahead in rows}


def stages(link: Link) -> Mapping[str, tuple[int, datetime]]:
    """How many letters of all councils are where, and the UTC instant at which the oldest of them was made."""
    return {stage: (int(number), parse_instant(made)) for stage, number, made in link.run(_STAGES)}
