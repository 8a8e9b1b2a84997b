"""Cases and the offices they name: the view of where each case stands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import TypeAlias

import msgspec
from sqlalchemy import Index, Select, bindparam, delete, func, select, update

from engine.calendar import local_date, parse_instant
from engine.errors import ChangedMeanwhileError, NotFoundError
from engine.event import Event, Facts
from engine.ports import Recorded
from engine.situation import Case, merged
from store.link import Link, Reading, Value, by, dump, insert_into, near, part
from store.schema import key, number, of_case, table, text

CaseRow: TypeAlias = "tuple[str, str, int, str, int, str, str | None, str | None, str, str]"

COUNCIL_CASE = "C"
"""The case that is the council itself."""

cases = table(
    "cases",
    key("id"),
    text("prefix"),
    number("number"),
    number("pos"),
    text("leaf"),
    text("workflow"),
    number("version"),
    text("state"),
    number("n"),
    text("head"),
    text("profile", optional=True),
    text("parent", optional=True),
    text("opened"),
    text("title"),
    text("theme", optional=True),
    text("facts"),
)
Index(None, cases.c.council, cases.c.workflow, cases.c.state, cases.c.id)
Index(None, cases.c.council, cases.c.parent)
Index(None, cases.c.council, cases.c.prefix, cases.c.number)

case_office = table("case_office", key("case_id"), key("role"), text("office"), of_case(), rowid=False)
Index(None, case_office.c.council, case_office.c.office)

CASE = tuple(
    cases.c[name]
    for name in ("id", "workflow", "version", "state", "n", "head", "profile", "parent", "opened", "facts")
)
"""The columns a `Case` is made of, in its order."""

_ONE = select(*CASE).where(*by(cases, "id"))
_NEWEST_IDS = select(cases.c.id).where(*by(cases)).order_by(cases.c.pos.desc()).limit(1000)
_LAST_NUMBER = select(func.coalesce(func.max(cases.c.number), 0)).where(*by(cases, "prefix"))
_OPEN = insert_into(cases)
_MOVE = (
    update(cases)
    .where(*by(cases, "id"), cases.c.n == bindparam("before"))
    .values({name: bindparam(name) for name in ("state", "n", "head", "profile", "title", "theme", "facts")})
)
_NAME = insert_into(case_office)
_FORGET_NAMED = delete(case_office).where(*by(case_office, "case_id"))
_REDATE = update(cases).where(*by(cases, "id", "leaf")).values(opened=bindparam("opened"))


class CaseReads(Reading):
    """Reading cases."""

    def case(self, case: str) -> Case:
        """One case. Raises `NotFoundError` naming near ids."""
        return find_case(self._link, self._council, case)

    def cases(
        self, workflow: str | None = None, states: Iterable[str] = (), parent: str | None = None
    ) -> tuple[Case, ...]:
        """Cases by workflow, state and parent, in order of opening; the council's own comes first of all."""
        values: dict[str, Value] = {f"state_{at}": str(state) for at, state in enumerate(states)}
        statement = _selecting(len(values), by_workflow=workflow is not None, by_parent=parent is not None)
        given = {"workflow": workflow, "parent": parent}
        values.update({name: value for name, value in given.items() if value is not None})
        return tuple(map(to_case, self._rows(statement, **values)))

    def next_number(self, prefix: str) -> int:
        """The next free number for case ids with this prefix, 1-based."""
        return 1 + int(self._rows(_LAST_NUMBER, prefix=prefix).fetchone()[0])


def find_case(link: Link, council: str, case: str) -> Case:
    """One case of a council. Raises `NotFoundError` naming near ids."""
    row = link.run(_ONE, council=council, id=case).fetchone()
    if row is None:
        ids = (found for (found,) in link.run(_NEWEST_IDS, council=council))
        raise NotFoundError(f"There is no case {case}.{near(case, ids)} `politirad list` shows them all.")
    return to_case(row)


def to_case(row: CaseRow) -> Case:
    """A case from the columns of `CASE`."""
    id_, workflow, version, state, n, head, profile, parent, opened, facts = row
    day = date.fromisoformat(opened)
    return Case(id_, workflow, version, state, n, head, profile, parent, day, msgspec.json.decode(facts))


def numbered(id_: str) -> tuple[str, int]:
    """The prefix and number of an id: `M-14` is M, 14; an id without a number has 0."""
    prefix, _, number_ = id_.rpartition("-")
    return (prefix, int(number_)) if prefix and number_.isdecimal() else (id_, 0)


def project_opening(link: Link, council: str, made: Recorded) -> Case:
    """Project the first event of a case: the case begins."""
    case = _opened(made)
    prefix, number_ = numbered(case.id)
    link.run(
        _OPEN, council=council, id=case.id, prefix=prefix, number=number_, pos=made.position, leaf=made.leaf,
        workflow=case.workflow, version=case.version, state=case.state, n=case.n, head=case.head,
        profile=case.profile, parent=case.parent, opened=case.opened.isoformat(), title=case.text("title"),
        theme=case.text("theme") or None, facts=dump(case.facts),
    )  # fmt: skip
    _name_offices(link, council, case)
    return case


def project_step(link: Link, council: str, made: Recorded, before: Case) -> Case:
    """Project a later event of a case. Raises `ChangedMeanwhileError` where the case has moved on."""
    event = made.event
    changes = _changes(event)
    case = Case(
        before.id, before.workflow, before.version, _state(event, before.state), event.n, made.leaf,
        event.profile or before.profile, before.parent, before.opened, merged(before.facts, changes),
    )  # fmt: skip
    moved = link.run(
        _MOVE, council=council, id=case.id, before=event.n - 1, state=case.state, n=case.n, head=case.head,
        profile=case.profile, title=case.text("title"), theme=case.text("theme") or None, facts=dump(case.facts),
    )  # fmt: skip
    if moved.rowcount != 1:
        raise changed_meanwhile(event)
    if "offices" in changes:
        link.run(_FORGET_NAMED, council=council, case_id=case.id)
        _name_offices(link, council, case)
    return case


def project_correction(link: Link, council: str, made: Recorded) -> None:
    """A corrected date of the event that opened the case corrects when it was opened."""
    said = part(made, "corrects")
    if on := said.get("on"):
        link.run(_REDATE, council=council, id=made.event.case, leaf=said["leaf"], opened=on)


def changed_meanwhile(event: Event) -> ChangedMeanwhileError:
    """The error of whoever acted on a case that has moved on."""
    return ChangedMeanwhileError(
        f"{event.case} was changed by somebody else meanwhile; nothing was written. "
        f"See `politirad show {event.case}`, then take the step again if it is still right."
    )


def _opened(made: Recorded) -> Case:
    event = made.event
    workflow, _, version = event.workflow.partition("/")
    opens = event.data.get("opens")
    parent = opens.get("parent") if isinstance(opens, dict) else None
    day = date.fromisoformat(event.on) if event.on else local_date(parse_instant(event.at))
    return Case(
        event.case, workflow, int(version or 1), _state(event, "open"), event.n, made.leaf, event.profile,
        parent, day, merged({}, _changes(event)),
    )  # fmt: skip


def _name_offices(link: Link, council: str, case: Case) -> None:
    named = ({"council": council, "case_id": case.id, "role": r, "office": o} for r, o in case.offices.items())
    link.each(_NAME, named)


def _changes(event: Event) -> Facts:
    return event.data.get("facts") or {}  # type: ignore[return-value]  # an object, as the service wrote it


def _state(event: Event, before: str) -> str:
    to = event.data.get("to")
    return before if to is None else str(to)


@cache
def _selecting(states: int, *, by_workflow: bool, by_parent: bool) -> Select[CaseRow]:
    """The statement for a combination of conditions, made once so that it is compiled once."""
    names = [name for name, asked in (("workflow", by_workflow), ("parent", by_parent)) if asked]
    statement = select(*CASE).where(*by(cases, *names)).order_by(cases.c.pos)
    if not states:
        return statement
    return statement.where(cases.c.state.in_([bindparam(f"state_{at}") for at in range(states)]))
