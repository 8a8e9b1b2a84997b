"""Deadlines: who owes what by when. The view `todo` and the clock read.

Clustered by case, because each step replaces a case's deadlines; indexed by office and date, so that the time to
list one office's does not grow with the cases of the others. Lists over all offices walk through the council's
deadlines (22 ms for the first of 50,000): an index by date alone would cost every step 7 % of its time on the disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import TypeAlias

from sqlalchemy import Index, Select, and_, bindparam, delete, func, select

from engine.ports import Owed, Recorded
from store.cases import cases
from store.link import Link, Reading, Value, by, insert_into, parts
from store.schema import index_where, key, of_case, table, text
from store.values import day_or_none

OwedRow: TypeAlias = "tuple[str, str, str, str, str | None, str, str, str, str]"

deadline = table(
    "deadline",
    key("case_id"),
    key("number", number=True),
    text("name"),
    text("office"),
    text("due"),
    text("ladder"),
    text("fires", optional=True),
    of_case(),
    rowid=False,
)
Index(None, deadline.c.council, deadline.c.office, deadline.c.due)
index_where("ix_deadline_fires", deadline.c.council, deadline.c.due, where=deadline.c.fires.is_not(None))

_OWE = insert_into(deadline)
_FIRST_FIRED = select(func.min(deadline.c.due)).where(
    *by(deadline), deadline.c.fires.is_not(None), deadline.c.due > bindparam("after")
)
_CLEAR = delete(deadline).where(*by(deadline, "case_id"))


class DeadlineReads(Reading):
    """Reading deadlines."""

    def due(self, today: date) -> tuple[Owed, ...]:
        """Deadlines the clock fires, due on or before a local date."""
        return tuple(map(_owed, self._rows(_owing("until", "fires"), until=today.isoformat())))

    def first_fired(self, after: date) -> date | None:
        """The earliest local date after another on which a deadline comes due that the clock fires."""
        return day_or_none(self._rows(_FIRST_FIRED, after=after.isoformat()).fetchone()[0])

    def owed(self, case: str) -> tuple[Owed, ...]:
        """What one case owes, earliest first."""
        return tuple(map(_owed, self._rows(_owing("case_id"), case_id=case)))

    def todo(self, office: str | None = None, until: date | None = None, limit: int | None = None) -> Iterator[Owed]:
        """What is owed, earliest first: by one office or by all, due on or before a local date, at most `limit`."""
        last = None if until is None else until.isoformat()
        asked: dict[str, Value] = {"office": office, "until": last, "limit": limit}
        values = {name: value for name, value in asked.items() if value is not None}
        return map(_owed, self._rows(_owing(*values), **values))


def project_deadlines(link: Link, council: str, made: Recorded) -> None:
    """Replace what a case owes by what the event says."""
    case = made.event.case
    if made.event.n > 1:
        link.run(_CLEAR, council=council, case_id=case)
    for at, owed in enumerate(parts(made, "due")):
        link.run(
            _OWE, council=council, case_id=case, number=at, name=owed["name"], office=owed["office"],
            due=owed["on"], ladder=owed["ladder"], fires=owed.get("fires"),
        )  # fmt: skip


@cache
def _owing(*asked: str) -> Select[OwedRow]:
    """The statement for a combination of conditions, made once so that it is compiled once."""
    c = deadline.c
    held = and_(cases.c.council == c.council, cases.c.id == c.case_id)
    conditions = {
        "office": c.office == bindparam("office"),
        "case_id": c.case_id == bindparam("case_id"),
        "until": c.due <= bindparam("until"),
        "fires": c.fires.is_not(None),
    }
    # Concatenated, the date keeps SQLite from walking the dates of all cases to put one case's in order.
    first = c.due.concat("") if "case_id" in asked else c.due
    statement = (
        select(c.case_id, c.name, c.office, c.due, c.fires, c.ladder, cases.c.workflow, cases.c.state, cases.c.title)
        .join_from(deadline, cases, held)
        .where(*by(deadline), *(conditions[name] for name in asked if name != "limit"))
        .order_by(first, c.case_id, c.number)
    )
    return statement.limit(bindparam("limit")) if "limit" in asked else statement


def _owed(row: OwedRow) -> Owed:
    case, name, office, due, fires, ladder, workflow, state, title = row
    return Owed(case, name, office, date.fromisoformat(due), fires, ladder, workflow, state, title)
