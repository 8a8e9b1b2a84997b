"""Due dates as small functions of a situation; local dates, calendar days.

An agreed date is kept even on a holiday; only a reminder moves (time.md §3). Rules that count days take the number
from the council's pinned profile.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from engine.calendar import add_months, month_day, years_after
from workflows.roles import rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.situation import Case, Situation
    from workflows.profile import Profile

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


def last_day(start: date, years: int) -> date:
    """The last day of a term of so many years; one that begins on 29 February ends on the 28th in a common year."""
    anniversary = years_after(start, years)
    return anniversary if anniversary.day != start.day else anniversary - timedelta(days=1)


def review(s: Situation) -> date | None:
    """When the agreement is looked at next: the notice before its term ends, else a review after the last one.

    Once it was reviewed so close to its end, nothing is left to review: what is decided then is a new agreement.
    """
    reviewed = s.case.day("reviewed_on")
    if end := s.case.day("term_ends"):
        notice = add_months(end, -rules(s).notice_months)
        return notice if reviewed is None or reviewed < notice else None
    return add_months(reviewed or entered(s), rules(s).review_months)


def season(year: int, profile: Profile) -> tuple[date, date]:
    """The first and the last day of a year's evaluation season; one that crosses New Year ends in the next year."""
    opens, due = profile.evaluation_opens, profile.evaluation_due
    return month_day(year, opens), month_day(year + 1 if due < opens else year, due)


def carried_out(measure: Case) -> date:
    """When a measure was carried out; where nobody knows the date, when that was registered."""
    return measure.day("implemented_on") or measure.day("since") or measure.opened


def due_by(measure: Case, last: date) -> bool:
    """Whether a season that ends on a day evaluates an implemented measure: carried out by then, not put off longer."""
    return max(carried_out(measure), measure.day("until") or date.min) <= last


def evaluation(s: Situation) -> date:
    """The day it was put off to, else the last day of the first season that ends no earlier than it was carried out."""
    if until := s.case.day("until"):
        return until
    done = carried_out(s.case)
    ends = (season(year, rules(s))[1] for year in range(done.year - 1, done.year + 2))
    return next(end for end in ends if end >= done)
