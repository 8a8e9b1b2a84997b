"""The outlook: what a council has before it in the weeks to come, as long as nobody does anything.

Only the next rung of a deadline is a row. The later ones are climbed here, one after another, as the clock will: by
the same pure function, which nothing is written for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from engine.calendar import next_working_day
from engine.ladder import SILENT, Audience, Closed, Coming, Duty, Progress, climb
from engine.ports import Owed, Reader
from engine.register import Id
from engine.reminder import Come
from engine.reminding import duty_of
from engine.rulebook import Rules

Sort: TypeAlias = Literal["meeting", "clock", "deadline", "reminder"]
"""What comes: a meeting; something the clock does by itself; a deadline that is due; a reminder of one."""

SORTS: tuple[Sort, ...] = ("meeting", "clock", "deadline", "reminder")
"""In the order of a day."""

MOST = 100_000
"""The most plans that are looked at; a council has one for each deadline."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Something that comes on a local date.

    `what` is the name of a deadline, or of the step that the clock takes; `office` owes it, or is reminded. A reminder
    tells of a deadline that is `due`, to its owner or as somebody else (`audience`), `rung` calendar days after it.
    """

    day: date
    sort: Sort
    case: str
    workflow: str
    title: str
    what: str
    office: Id | None
    due: date | None = None
    audience: Audience | None = None
    rung: int = 0


@dataclass(frozen=True, slots=True)
class Period:
    """From one local date to another, both included."""

    first: date
    last: date

    def has(self, day: date) -> bool:
        """Whether a day is in it."""
        return self.first <= day <= self.last


def outlook(rules: Rules, reader: Reader, period: Period) -> Iterator[Expected]:
    """What a council owes, is reminded of, and has done for it by the clock, in a period that begins today."""
    yield from _opened(rules, reader, period)
    for owed in reader.todo(until=period.last):
        if period.has(owed.on):
            yield from _owed(owed)
    for come in reader.come(period.last, MOST):
        yield from _reminders(rules, reader, come, period)


def rungs_in(duty: Duty, progress: Progress, coming: Coming, period: Period, closed: Closed = ()) -> Iterator[Coming]:
    """Whom a duty is told to and when, from its next rung on, each climbed on its day."""
    day = max(coming.day, next_working_day(period.first, closed))
    while day <= period.last:
        climbed = climb(duty, progress, day, closed)
        yield from (Coming(c.rung, c.audience, c.office, day) for c in climbed.calls if not c.overtaken)
        progress, day = climbed.progress, climbed.coming.day


def _owed(owed: Owed) -> Iterator[Expected]:
    """A deadline as what somebody must do, as what the clock does, or as both."""
    if owed.fires is not None:
        yield Expected(owed.on, "clock", owed.case, owed.workflow, owed.title, owed.fires, owed.office)
    if owed.ladder != SILENT:
        yield Expected(owed.on, "deadline", owed.case, owed.workflow, owed.title, owed.name, owed.office, owed.on)


def _reminders(rules: Rules, reader: Reader, come: Come, period: Period) -> Iterator[Expected]:
    plan, duty = come.plan, duty_of(rules, reader, come)
    if duty is None:
        return
    case = reader.case(plan.case)
    for coming in rungs_in(duty, plan.progress, plan.coming, period, reader.council().register.closed_days):
        yield Expected(
            coming.day, "reminder", case.id, case.workflow, case.text("title"), plan.name, coming.office, plan.due,
            coming.audience, coming.rung,
        )  # fmt: skip


def _opened(rules: Rules, reader: Reader, period: Period) -> Iterator[Expected]:
    """The cases the clock opens: what recurs does so from one calendar year to the next."""
    for workflow in rules.workflows.values():
        if (recurs := workflow.recurs) is None:
            continue
        causes = reader.cases(recurs.link.workflow, recurs.link.states)
        known = {case.id for case in reader.cases(workflow.name)} | set(recurs.ids(causes, period.first))
        for day in (date(year, 1, 1) for year in range(period.first.year + 1, period.last.year + 1)):
            new = [id_ for id_ in recurs.ids(causes, day) if id_ not in known]
            known.update(new)
            yield from (Expected(day, "clock", id_, workflow.name, "", recurs.step, None) for id_ in new)
