"""Due dates as small functions of a situation; local dates, calendar days.

An agreed date is kept even on a holiday; only a reminder moves (time.md §3). Rules that count days take the number
from the council's pinned profile.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from engine.calendar import add_months, month_day
from workflows.roles import rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.situation import Situation

    Due = Callable[[Situation], date | None]


def entered(s: Situation) -> date:
    """The local date on which the case came into its state."""
    return s.case.day("since") or s.case.opened


def within(days: str) -> Due:
    """So many days after the case came into its state; `days` names the number in the profile."""
    return lambda s: entered(s) + timedelta(days=getattr(rules(s).days, days))


def after_the_version(s: Situation) -> date:
    """Days for an answer, from the date of the version, or from when it was taken up again."""
    start = s.version.on if s.version and s.version.on else entered(s)
    return max(start, entered(s)) + timedelta(days=rules(s).days.approve)


def on_fact(fact: str) -> Due:
    """The date a fact holds; nothing while it is unknown."""
    return lambda s: s.case.day(fact)


def by_year_end(s: Situation) -> date:
    """31 December of the year the case came into its state."""
    return date(entered(s).year, 12, 31)


def review(s: Situation) -> date | None:
    """When the agreement is looked at next: the notice before its term ends, else a review after the last one."""
    if end := s.case.day("term_ends"):
        return add_months(end, -rules(s).notice_months)
    return add_months(s.case.day("reviewed_on") or entered(s), rules(s).review_months)


def evaluation(s: Situation) -> date:
    """The profile's evaluation date in the year of implementation, or the next one where that has passed."""
    if until := s.case.day("until"):
        return until
    done = s.case.day("implemented_on") or entered(s)
    due = month_day(done.year, rules(s).evaluation_due)
    return due if done <= due else month_day(done.year + 1, rules(s).evaluation_due)
