"""Plans: the next rung of every open deadline, one row each. Records of the clock's work, never rebuilt.

Found by day through one index, so that a tick's time does not grow with what is not due.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TypeAlias

from sqlalchemy import Index, and_, bindparam, delete, exists, func, or_, select
from sqlalchemy.dialects.sqlite import insert

from engine.ladder import SILENT, Coming, Progress
from engine.register import Id
from engine.reminder import DONE, Come, Plan
from store.cases import case_office, cases
from store.deadlines import deadline
from store.link import Link, by
from store.schema import key, number, table, text
from store.snoozes import SnoozeReads, snooze
from store.told import told
from store.values import day_or_none

PlanRow: TypeAlias = "tuple[str, str, str, str, str, str, int | None, int | None, str | None, int, str, str, str]"

plan = table(
    "plan",
    key("case_id"),
    key("name"),
    key("office"),
    text("due"),
    text("ladder"),
    text("known"),
    number("owner_rung", optional=True),
    number("above_rung", optional=True),
    text("warned", optional=True),
    number("rung"),
    text("audience"),
    text("to_office"),
    text("day"),
    rowid=False,
)
Index(None, plan.c.council, plan.c.day)

_PLAN = tuple(column for column in plan.columns if column.name != "council")
_OF_CASE = select(*_PLAN).where(*by(plan, "case_id"))
_DROP = delete(plan).where(*by(plan, "case_id", "name", "office"))
_insert = insert(plan).values({column.name: bindparam(column.name) for column in plan.columns})
_KEEP = _insert.on_conflict_do_update(
    index_elements=[*plan.primary_key.columns],
    set_={name: _insert.excluded[name] for name in plan.columns.keys() if name not in plan.primary_key.columns},  # noqa: SIM118  # a collection of columns
)
_FIRST = select(func.min(plan.c.day)).where(*by(plan))
_COME = (
    select(*_PLAN, cases.c.profile, case_office.c.office, snooze.c.until)
    .join_from(plan, cases, and_(cases.c.council == plan.c.council, cases.c.id == plan.c.case_id))
    .outerjoin(
        case_office,
        and_(
            case_office.c.council == plan.c.council,
            case_office.c.case_id == plan.c.case_id,
            case_office.c.role == "follow_up",
        ),
    )
    .outerjoin(
        snooze,
        and_(
            snooze.c.council == plan.c.council,
            snooze.c.case_id == plan.c.case_id,
            snooze.c.name == plan.c.name,
            snooze.c.office == plan.c.office,
            snooze.c.due == plan.c.due,
        ),
    )
    .where(*by(plan), plan.c.day <= bindparam("today"))
    .order_by(plan.c.day)
    .limit(bindparam("limit"))
)
_IS_DUTY = (*by(told, "case_id", "name"), told.c.owner == bindparam("office"), told.c.due == bindparam("due"))
_PROGRESS = select(
    func.max(told.c.rung).filter(told.c.audience == "owner"),
    func.max(told.c.rung).filter(told.c.audience != "owner"),
    func.min(told.c.day).filter(told.c.audience == "owner", told.c.rung >= 0),
).where(*_IS_DUTY, or_(told.c.reason.is_(None), told.c.reason != DONE))
_IS_PLAN_OF = and_(
    plan.c.council == deadline.c.council,
    plan.c.case_id == deadline.c.case_id,
    plan.c.name == deadline.c.name,
    plan.c.office == deadline.c.office,
    plan.c.due == deadline.c.due,
    deadline.c.ladder != SILENT,
)
_UNPLANNED = select(deadline.c.case_id).distinct().where(
    *by(deadline), deadline.c.ladder != SILENT, ~exists().where(_IS_PLAN_OF)
)  # fmt: skip
_LEFT_OVER = select(plan.c.case_id).distinct().where(*by(plan), ~exists().where(_IS_PLAN_OF))


class PlanReads(SnoozeReads):
    """Reading plans."""

    def plans(self, case: str) -> tuple[Plan, ...]:
        """The plans of a case."""
        return tuple(map(to_plan, self._rows(_OF_CASE, case_id=case)))

    def come(self, today: date, limit: int) -> tuple[Come, ...]:
        """Plans whose day is a local date or an earlier one, at most `limit`, earliest first."""
        rows = self._rows(_COME, today=today.isoformat(), limit=limit)
        return tuple(Come(to_plan(row[:-3]), row[-3], row[-2], day_or_none(row[-1])) for row in rows)

    def first_planned(self) -> date | None:
        """The earliest local date on which a rung is planned."""
        return day_or_none(self._rows(_FIRST).fetchone()[0])

    def progress(self, case: str, name: str, office: Id, due: date) -> Progress:
        """How far the evidence says that a duty's ladder was climbed."""
        found = self._rows(_PROGRESS, case_id=case, name=name, office=office, due=due.isoformat())
        owner, above, warned = found.fetchone()
        return Progress(owner, above, day_or_none(warned))

    def unplanned(self) -> tuple[str, ...]:
        """Cases that owe something of which nobody is going to be reminded, and should be."""
        return tuple(case for (case,) in self._rows(_UNPLANNED))

    def left_over(self) -> tuple[str, ...]:
        """Cases with a plan for something they do not owe."""
        return tuple(case for (case,) in self._rows(_LEFT_OVER))


def keep(link: Link, council: str, kept: Iterable[Plan]) -> None:
    """Keep plans of deadlines, each in place of an earlier one."""
    link.each(_KEEP, ({"council": council, **_row(plan)} for plan in kept))


def drop_plan(link: Link, council: str, case: str, name: str, office: Id) -> None:
    """The deadline is no longer owed."""
    link.run(_DROP, council=council, case_id=case, name=name, office=office)


def _row(of: Plan) -> dict[str, str | int | None]:
    warned = of.progress.warned
    return {
        "case_id": of.case, "name": of.name, "office": of.office, "due": of.due.isoformat(), "ladder": of.ladder,
        "known": of.known.isoformat(), "owner_rung": of.progress.owner, "above_rung": of.progress.above,
        "warned": warned.isoformat() if warned else None, "rung": of.coming.rung, "audience": of.coming.audience,
        "to_office": of.coming.office, "day": of.coming.day.isoformat(),
    }  # fmt: skip


def to_plan(row: PlanRow) -> Plan:
    """A plan from the columns of the table, the council's left out."""
    case, name, office, due, ladder, known, owner, above, warned, rung, audience, to, day = row
    progress = Progress(owner, above, day_or_none(warned))
    coming = Coming(rung, audience, to, date.fromisoformat(day))  # type: ignore[arg-type]  # as `_row` wrote it
    return Plan(case, name, office, date.fromisoformat(due), ladder, date.fromisoformat(known), progress, coming)
