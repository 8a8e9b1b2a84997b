"""Lists over many cases: what the command line filters, and where things stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import ColumnElement, Select, bindparam, func, select, union

from engine.situation import Case
from store.cases import CASE, COUNCIL_CASE, CaseRow, case_office, cases, to_case
from store.deadlines import deadline
from store.link import Reading, Value, by


@dataclass(frozen=True, slots=True)
class Standing:
    """How many cases of a workflow are in a state, and how many of them owe something that was due before today."""

    workflow: str
    state: str
    cases: int
    overdue: int


class ListingReads(Reading):
    """Listing cases."""

    def listing(  # noqa: PLR0913  # the filters of `politirad list`, all by name
        self, *, workflow: str | None = None, state: str | None = None, office: str | None = None,
        theme: str | None = None, overdue_on: date | None = None, open_only: bool = False, limit: int | None = None,
    ) -> Iterator[Case]:  # fmt: skip
        """Cases in order of opening, the council's own left out.

        `office`: it owes something in the case or is named by it; `overdue_on`: something was due before that local
        date; `open_only`: somebody owes something.
        """
        asked: dict[str, Value] = {
            "workflow": workflow, "state": state, "office": office, "theme": theme,
            "today": None if overdue_on is None else overdue_on.isoformat(), "limit": limit,
        }  # fmt: skip
        values = {name: value for name, value in asked.items() if value is not None}
        return map(to_case, self._rows(_listing(*values, *(["open"] if open_only else ())), **values))

    def overview(self, today: date) -> tuple[Standing, ...]:
        """How many cases stand where, and how many of them are overdue on a local date."""
        return tuple(Standing(*row) for row in self._rows(_OVERVIEW, today=today.isoformat()))


_IS_CASE = cases.c.id != COUNCIL_CASE
_BEFORE_TODAY = deadline.c.due < bindparam("today")


@cache
def _listing(*asked: str) -> Select[CaseRow]:
    """The statement for a combination of filters, made once so that it is compiled once."""
    statement = (
        select(*CASE)
        .where(*by(cases), _IS_CASE, *(_filter(name) for name in asked if name != "limit"))
        .order_by(cases.c.pos)
    )
    return statement.limit(bindparam("limit")) if "limit" in asked else statement


def _filter(name: str) -> ColumnElement[bool]:
    """One filter. Sets of ids, not EXISTS: without statistics SQLite would look up each case by date."""
    match name:
        case "open":
            return cases.c.id.in_(_owing())
        case "today":
            return cases.c.id.in_(_owing(_BEFORE_TODAY))
        case "office":
            named = select(case_office.c.case_id).where(*by(case_office, "office"))
            return cases.c.id.in_(union(_owing(*by(deadline, "office")), named))
        case _:
            return cases.c[name] == bindparam(name)


def _owing(*conditions: ColumnElement[bool]) -> Select[tuple[str]]:
    """The ids of the cases in which something is owed."""
    return select(deadline.c.case_id).where(*by(deadline), *conditions)


_OVERVIEW = (
    select(cases.c.workflow, cases.c.state, func.count(), func.count().filter(_filter("today")))
    .where(*by(cases), _IS_CASE)
    .group_by(cases.c.workflow, cases.c.state)
    .order_by(cases.c.workflow, cases.c.state)
)
