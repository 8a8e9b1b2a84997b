"""Rungs that were climbed: told, to be told, or overtaken. Evidence, so rows are never deleted nor rebuilt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TypeAlias

from sqlalchemy import and_, bindparam, exists, func, null, or_, select, update
from sqlalchemy.dialects.sqlite import insert

from engine.register import Id
from engine.reminder import DONE, Pending, Telling, Told
from store.cases import cases
from store.deadlines import deadline
from store.expressions import OneOf, Unsought
from store.link import Link, Reading, by, dump, holds
from store.schema import index_where, key, number, table, text

ToldRow: TypeAlias = "tuple[str, str, str, str, int, str, str, str, str, str | None, int | None, str, str, str]"

told = table(
    "told",
    key("case_id"),
    key("name"),
    key("owner"),
    key("due"),
    key("rung", number=True),
    key("office"),
    key("audience"),
    text("day"),
    text("fate"),
    text("reason", optional=True),
    number("letter", optional=True),
    text("agenda", optional=True),
    rowid=False,
)
index_where("ix_told_due", told.c.council, told.c.office, where=told.c.fate == "due")
index_where("ix_told_letter", told.c.letter, told.c.council, where=told.c.letter.is_not(None))
index_where("ix_told_off_agenda", told.c.council, where=and_(told.c.audience == "agenda", told.c.agenda.is_(None)))

_c = told.c
_TOLD = (_c.case_id, _c.name, _c.owner, _c.due, _c.rung, _c.office, _c.audience, _c.day, _c.fate, _c.reason, _c.letter)
_KEY = ("case_id", "name", "owner", "due", "rung", "office", "audience")
_HERE = Unsought(_c.council) == bindparam("council")
"""Lest SQLite walk through all evidence of a council, where a partial index has the few rows looked for."""
_IS_OWED = exists().where(
    deadline.c.council == _c.council,
    deadline.c.case_id == _c.case_id,
    deadline.c.name == _c.name,
    deadline.c.office == _c.owner,
    deadline.c.due == _c.due,
)
_PENDING = (
    select(*_TOLD, cases.c.workflow, cases.c.state, cases.c.title)
    .join_from(told, cases, and_(cases.c.council == _c.council, cases.c.id == _c.case_id))
    .where(_HERE, _IS_OWED)
    .order_by(_c.due, _c.case_id, _c.rung)
)
_IS_DUE = holds(_c.fate, "due")
_UNTOLD = _PENDING.where(_IS_DUE, OneOf(_c.office, "offices"))
_UNTOLD_OFFICES = select(_c.office).where(*by(told), _IS_DUE).distinct()
_OFFICES_IN = (
    select(_c.office, func.count().filter(_IS_OWED)).where(_HERE, _c.letter == bindparam("letter")).group_by(_c.office)
)
_OFF_AGENDA = _PENDING.where(
    holds(_c.audience, "agenda"), _c.agenda.is_(None), or_(_c.reason.is_(None), _c.reason != DONE)
)
_PUT_OFF = update(told).where(*by(told, "agenda")).values(agenda=null())
_OF_CASE = select(*_TOLD).where(*by(told, "case_id")).order_by(_c.day, _c.rung)
_insert = insert(told).values({c.name: bindparam(c.name) for c in told.columns if c.name != "agenda"})
_KEEP = _insert.on_conflict_do_update(
    index_elements=[*told.primary_key.columns],
    set_={name: _insert.excluded[name] for name in ("day", "fate", "reason", "letter")},
    where=told.c.reason == DONE,
)
_MOVE = (
    update(told)
    .where(*by(told, *_KEY))
    .values(fate=bindparam("fate"), reason=bindparam("reason"), letter=bindparam("letter"))
)
_IS_UNTOLD_TO = (_HERE, _c.office == bindparam("office"), _IS_DUE)
_TELL = update(told).where(*_IS_UNTOLD_TO).values(fate="told", letter=bindparam("letter"))
_TOLD_AS_OWNER = _TELL.where(_c.audience == "owner")
_TOLD_AS_ABOVE = _TELL.where(_c.audience != "owner")
_PLACE = update(told).where(*by(told, *_KEY)).values(agenda=bindparam("agenda"))
_DONE = update(told).where(_HERE, _IS_DUE, ~_IS_OWED).values(fate="superseded", reason=bindparam("reason"))
_ANEW = update(told).where(_HERE, _c.letter == bindparam("letter"), _c.fate == "told").values(fate="due", letter=null())


class ToldReads(Reading):
    """Reading the evidence."""

    def untold(self, offices: Iterable[Id]) -> Mapping[Id, Sequence[Pending]]:
        """Rungs whose letters to offices are to be made, of duties that are still owed; longest overdue first."""
        found = defaultdict[Id, list[Pending]](list)
        for pending in map(_pending, self._rows(_UNTOLD, offices=dump([*offices]))):
            found[pending.told.office].append(pending)
        return found

    def untold_offices(self) -> tuple[Id, ...]:
        """The offices that are to be told something."""
        return tuple(office for (office,) in self._rows(_UNTOLD_OFFICES))

    def told_offices(self, letter: int) -> Mapping[Id, bool]:
        """The offices whose rungs stand in a letter, and whether anything each is told of is still owed."""
        return {office: bool(owed) for office, owed in self._rows(_OFFICES_IN, letter=letter)}

    def off_agenda(self) -> Iterator[Pending]:
        """Rungs for the agenda that stand on none yet, of duties that are still owed."""
        return map(_pending, self._rows(_OFF_AGENDA).fetchall())

    def evidence(self, case: str) -> tuple[Told, ...]:
        """Every rung that was climbed for a case."""
        return tuple(_told(row) for row in self._rows(_OF_CASE, case_id=case))


def keep(link: Link, council: str, kept: Iterable[Told]) -> None:
    """Keep rungs as evidence; nothing where one is kept, but for one whose duty was done and is owed again."""
    link.each(_KEEP, ({"council": council, **_key(rung), **_rest(rung)} for rung in kept))


def told_in(link: Link, council: str, tellings: Iterable[Telling]) -> None:
    """Every rung that an office is to be told of, as the owner or as somebody above, stands in a letter."""
    rows: dict[bool, list[dict[str, str | int]]] = {True: [], False: []}
    for letter, office, own in tellings:
        rows[own].append({"council": council, "office": office, "letter": letter})
    link.each(_TOLD_AS_OWNER, rows[True])
    link.each(_TOLD_AS_ABOVE, rows[False])


def supersede(link: Link, council: str, which: Told, reason: str) -> None:
    """A rung is not told, and why."""
    link.run(_MOVE, council=council, fate="superseded", reason=reason, letter=None, **_key(which))


def supersede_done(link: Link, council: str) -> None:
    """Rungs whose letter is to be made and whose duty is no longer owed are superseded."""
    link.run(_DONE, council=council, reason=DONE)


def tell_anew(link: Link, council: str, letter: int) -> None:
    """What a letter told is to be told by another one."""
    link.run(_ANEW, council=council, letter=letter)


def on_agenda(link: Link, council: str, which: Told, meeting: str) -> None:
    """A rung's duty stands on the agenda of a meeting."""
    link.run(_PLACE, council=council, agenda=meeting, **_key(which))


def put_off_agenda(link: Link, council: str, meeting: str) -> None:
    """What stood on the agenda of a meeting stands on none."""
    link.run(_PUT_OFF, council=council, agenda=meeting)


def _key(which: Told) -> dict[str, str | int]:
    return {
        "case_id": which.case, "name": which.name, "owner": which.owner, "due": which.due.isoformat(),
        "rung": which.rung, "office": which.office, "audience": which.audience,
    }  # fmt: skip


def _rest(of: Told) -> dict[str, str | int | None]:
    return {"day": of.day.isoformat(), "fate": of.fate, "reason": of.reason, "letter": of.letter}


def _told(row: ToldRow) -> Told:
    case, name, owner, due, rung, office, audience, day, fate, reason, letter = row[:11]
    when, on = date.fromisoformat(due), date.fromisoformat(day)
    return Told(case, name, owner, when, rung, office, audience, on, fate, reason, letter)  # type: ignore[arg-type]  # as `_key` and `_rest` wrote them


def _pending(row: ToldRow) -> Pending:
    return Pending(_told(row), row[11], row[12], row[13])
