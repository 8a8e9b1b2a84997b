"""Ladders: when whom is told of a duty that is not yet done. Pure.

A ladder hangs on a due date. Its owner's rungs come before and on the day, then every so many days until the duty is
*done* (not merely acknowledged); once it is overdue, others are told too: the follow-up office, the secretariat, the
leader, and at last the next meeting's agenda. All of it is data in a council's profile [domain.md §3, choice].

    -30 … -14 … -3 … 0 … +7 … +14 … +21 … +28 … +30 …      days after the due date
     owner                owner    owner    owner  agenda
                          follow-up     leader
                                secretariat

A rung falls on a working day: before the due date it moves back to one, after it forward. The due date never moves.
Where a ladder names a weekday (`then_on`), the owner's rungs after the last one named fall on that day on or before, so
that an office that is late with many things is written to once a week about all of them, and not every day about some.

`climb` says what a duty needs on a day: whom to tell, what was overtaken, and when to look again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from itertools import count
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from engine.calendar import next_working_day, previous_working_day
from engine.register import Id

DayCount: TypeAlias = Annotated[int, Meta(ge=1, le=3660)]
"""A number of days, from one day to ten years."""

Rung: TypeAlias = Annotated[int, Meta(ge=-3660, le=3660)]
"""Calendar days after a due date; negative ones are before it."""

Closed: TypeAlias = Collection[date]
"""A council's own closed days, beside week-ends and public holidays."""

Weekday: TypeAlias = Literal["monday", "tuesday", "wednesday", "thursday", "friday"]
"""A day of the week on which offices are open."""

WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday")

ONE_DAY, WEEK = timedelta(days=1), timedelta(days=7)

After: TypeAlias = Annotated[int, Meta(ge=0, le=3660)]
"""Calendar days overdue when somebody else is told; 0: never."""

SILENT = "none"
"""The ladder of deadlines that only make the clock act: nobody is reminded of them."""

Audience: TypeAlias = Literal["owner", "follow_up", "secretariat", "leader", "agenda"]
"""Whom a rung tells, and as what: who owes it, or whom it is escalated to."""


class Ladder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When whom is reminded of a deadline: days after its due date, negative ones before. All [choice]."""

    owner: tuple[Rung, ...] = (-30, -14, -3, 0)
    """The rungs of the office that owes it, rising."""

    then_every_days: DayCount = 7
    """Once overdue, the owner is reminded this often until it is resolved."""

    then_on: Weekday | None = None
    """On which weekday that is, the last such day on or before; None: counted from the due date to the day."""

    follow_up: After = 7
    """Days overdue when the follow-up office is told; 0: never."""

    secretariat: After = 14
    """Days overdue when the secretariat is told; 0: never."""

    leader: After = 21
    """Days overdue when the council's leader is told; 0: never."""

    agenda: After = 30
    """Days overdue when it goes onto the next meeting's agenda; 0: never."""


BUILT_IN = {
    "duty": Ladder(then_on="monday"),
    "alert": Ladder(owner=(0,), then_every_days=14, then_on="monday", follow_up=0, secretariat=0, leader=0, agenda=0),
}
"""The ladders a profile that does not describe them has. `alert`: from the date on, to its own office alone."""


class Duty(msgspec.Struct, frozen=True):
    """What a ladder is climbed for: a deadline of a case, owed by an office to a local date.

    `known`: the local date since which it is on record; what lies before it is not made up for. `above` are the offices
    it is escalated to. `snoozed`: the owner alone is not reminded before this local date.
    """

    case: str
    name: str
    owner: Id
    due: date
    ladder: Ladder
    known: date
    above: tuple[tuple[Audience, Id], ...] = ()
    snoozed: date | None = None


class Progress(msgspec.Struct, frozen=True):
    """How far a duty's ladder has been climbed: the highest rung told to its owner and to those above.

    `warned`: the local date on which the owner was first told on or after the due date.
    """

    owner: int | None = None
    above: int | None = None
    warned: date | None = None


class Call(msgspec.Struct, frozen=True):
    """An office to be told at a rung; `overtaken` where a higher rung for the same office is told instead."""

    rung: int
    audience: Audience
    office: Id
    overtaken: bool = False


class Coming(msgspec.Struct, frozen=True):
    """A rung to come, and the local date it falls on."""

    rung: int
    audience: Audience
    office: Id
    day: date


class Climb(msgspec.Struct, frozen=True):
    """What a duty needs on a day: whom to tell, how far it has then come, and the rung to come."""

    calls: tuple[Call, ...]
    progress: Progress
    coming: Coming


def climb(duty: Duty, progress: Progress, today: date, closed: Closed = ()) -> Climb:
    """What is told on a day, of all that has fallen due since; and what comes next, always on a later day."""
    own, reached = _owner_calls(duty, progress, today, closed)
    raised, height = _escalations(duty, progress, today, closed)
    warned = progress.warned or (today if own and own[-1].rung >= 0 else None)
    after = Progress(reached, height, warned)
    return Climb(_highest((*own, *raised)), after, _next(duty, after, today, closed))


def planned(duty: Duty, progress: Progress, closed: Closed = ()) -> Coming:
    """The first rung of a duty that has just been put on record.

    What is overdue then is told on the next day at the earliest: whoever enters the past has time to enter all of it.
    """
    return _next(duty, progress, duty.known - ONE_DAY, closed)


def falls_on(due: date, rung: int, closed: Closed = ()) -> date:
    """The working day of a rung: moved back up to the due date, forward after it."""
    day = due + timedelta(days=rung)
    return next_working_day(day, closed) if rung > 0 else previous_working_day(day, closed)


def reminds_on(ladder: Ladder, due: date, rung: int, closed: Closed = ()) -> date:
    """The working day of a rung of the owner: the ladder's weekday where it recurs, else as `falls_on`."""
    if ladder.then_on is None or rung <= _last_named(ladder):
        return falls_on(due, rung, closed)
    past = (due.weekday() + rung - WEEKDAYS.index(ladder.then_on)) % WEEK.days
    return next_working_day(due + timedelta(days=rung - past), closed)


def rungs(ladder: Ladder, above: int | None = None) -> Iterator[int]:
    """The owner's rungs in order, without end; only those higher than a rung where one is given."""
    for rung in ladder.owner:
        if above is None or rung > above:
            yield rung
    top, every = _last_named(ladder), ladder.then_every_days
    climbed = 0 if above is None else max(0, above - top) // every
    yield from count(top + (climbed + 1) * every, every)


def _last_named(ladder: Ladder) -> int:
    """The rung after which the owner's recur."""
    return max(0, max(ladder.owner, default=0))


def escalations(duty: Duty, above: int | None) -> Iterator[Call]:
    """Whom else a duty is told to, lowest rung first; only at those higher than a rung where one is given."""
    for audience, office in duty.above:
        rung: int = getattr(duty.ladder, audience)
        if rung and (above is None or rung > above):
            yield Call(rung, audience, office)


def _owner_calls(duty: Duty, progress: Progress, today: date, closed: Closed) -> tuple[tuple[Call, ...], int | None]:
    """The owner's rungs that have come, and the highest of them.

    Those from before the duty was known were never planned: the last one is told where it is overdue, the others are
    passed by in silence.
    """
    if _is_snoozed(duty, today):
        return (), progress.owner
    come = list(_until(duty, progress, today, closed))
    if not come:
        return (), progress.owner
    last = come[-1][0]
    lived = [rung for rung, day in come if day >= duty.known or (rung == last and rung > 0)]
    return tuple([Call(rung, "owner", duty.owner) for rung in lived]), last


def _until(duty: Duty, progress: Progress, today: date, closed: Closed) -> Iterator[tuple[int, date]]:
    """The owner's next rungs and their days, up to a day."""
    for rung in rungs(duty.ladder, progress.owner):
        if (day := reminds_on(duty.ladder, duty.due, rung, closed)) > today:
            return
        yield rung, day


def _escalations(duty: Duty, progress: Progress, today: date, closed: Closed) -> tuple[tuple[Call, ...], int | None]:
    """Nobody above is told before the owner has had a day to act on a warning, unless the owner asked for quiet."""
    warned = progress.warned is not None and progress.warned < today
    if not warned and not _is_snoozed(duty, today):
        return (), progress.above
    come = tuple(c for c in escalations(duty, progress.above) if falls_on(duty.due, c.rung, closed) <= today)
    return come, come[-1].rung if come else progress.above


def _highest(calls: tuple[Call, ...]) -> tuple[Call, ...]:
    """Of the rungs for one office the highest is told, and those it overtakes are marked so; an agenda is apart."""
    if len(calls) < 2:  # noqa: PLR2004  # one, and nothing it could overtake: nearly always
        return calls
    told = [call for call in calls if call.audience != "agenda"]
    highest = {call.office: call for call in sorted(told, key=lambda call: call.rung)}
    return tuple(c if c is highest.get(c.office, c) or c not in told else replace(c, overtaken=True) for c in calls)


def _next(duty: Duty, progress: Progress, after: date, closed: Closed) -> Coming:
    """The rung that comes first after a day."""
    own = _next_of_owner(duty, progress, after, closed)
    call = next(escalations(duty, progress.above), None)
    if call is None:
        return own
    earliest = next_working_day(max(after, progress.warned or after) + ONE_DAY, closed)
    raised = Coming(call.rung, call.audience, call.office, max(falls_on(duty.due, call.rung, closed), earliest))
    if progress.warned is None and not _is_snoozed(duty, raised.day):
        return own
    return min(own, raised, key=lambda coming: coming.day)


def _next_of_owner(duty: Duty, progress: Progress, after: date, closed: Closed) -> Coming:
    floor = max(after + ONE_DAY, duty.snoozed or date.min)
    for rung in rungs(duty.ladder, progress.owner):
        day = reminds_on(duty.ladder, duty.due, rung, closed)
        if rung > 0:
            day = next_working_day(max(day, floor, duty.known + ONE_DAY), closed)
        if day >= floor:
            return Coming(rung, "owner", duty.owner, day)
    raise AssertionError("rungs have no end")  # pragma: no cover


def _is_snoozed(duty: Duty, today: date) -> bool:
    return duty.snoozed is not None and today < duty.snoozed
