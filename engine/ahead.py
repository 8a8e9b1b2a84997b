"""Looking ahead: the clock's work over the years to come, on a copy of the database that is thrown away.

The ordinary clockwork is turned, by a clock that jumps from one due instant to the next, and its letters go nowhere.
So what is foreseen is what would happen, as long as nobody does anything meanwhile. Councils know nothing of each
other, so each is foreseen by itself, and twenty take twenty times as long as one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from engine.calendar import OPENS, in_office_hours, instant_of, local_date, next_office_hours
from engine.delivery import may_go
from engine.desk import Desk
from engine.letter import Draft
from engine.outbox import Posted
from engine.ports import Owed, Reader, Store, Transaction
from engine.postage import Envelope, Stationery
from engine.round import Done, Round
from engine.service import Receipt, Service

ONE_DAY, AT_ONCE = timedelta(days=1), timedelta(minutes=1)

Tell = Callable[[int, int], None]
"""Is told how many days have been foreseen, and of how many."""


@dataclass(slots=True)
class JumpingClock:
    """A clock that stands where it was put."""

    instant: datetime

    def now(self) -> datetime:
        """Where it stands, UTC."""
        return self.instant


@dataclass(frozen=True, slots=True)
class OneCouncil:
    """A store as if it held one council alone. An `engine.ports.Store`."""

    store: Store
    council: str

    def councils(self) -> tuple[str, ...]:
        """The one council."""
        return (self.council,)

    def read(self, council: str) -> AbstractContextManager[Reader]:
        """A consistent reader."""
        return self.store.read(council)

    def write(self, council: str) -> AbstractContextManager[Transaction]:
        """The one writing transaction."""
        return self.store.write(council)

    def heartbeat(self) -> tuple[datetime, str] | None:
        """When the last round was."""
        return self.store.heartbeat()

    def beat(self, at: datetime, said: str) -> None:
        """There was a round."""
        self.store.beat(at, said)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would happen in a council after a UTC instant, until the end of a local date, if nobody did anything.

    `letters` in the order they are sent, `changed` being when; `receipts` are what the clock does by itself, `owed`
    what is owed before or after, earliest first.
    """

    began: datetime
    until: date
    letters: tuple[Posted, ...]
    receipts: tuple[Receipt, ...]
    owed: tuple[Owed, ...]


def foresee(service: Service, stationery: Stationery, until: date, tell: Tell) -> Foreseen:
    """Let the clock work until the end of a local date, in a copy that holds one council (`OneCouncil`).

    Raises what a round could not do, a `PolitiradError`.
    """
    (council,), clock = service.store.councils(), JumpingClock(service.clock.now())
    began, first, store = clock.instant, local_date(clock.instant), service.store
    round_ = Round(replace(service, clock=clock), replace(stationery, render=unrendered))
    with store.read(council) as reader:
        owed, sent = dict.fromkeys(reader.todo()), {letter.number for letter in reader.letters("sent")}
    receipts: list[Receipt] = []
    for at, done in turns(round_, clock, instant_of(until + ONE_DAY)):
        receipts += done.receipts
        tell((local_date(at) - first).days, (until - first).days)
    tell((until - first).days, (until - first).days)
    with store.read(council) as reader:
        letters = tuple(letter for letter in reader.letters("sent") if letter.number not in sent)
        owed |= dict.fromkeys(reader.todo())
    in_order = tuple(sorted(letters, key=lambda letter: (letter.changed, letter.number)))
    return Foreseen(began, until, in_order, tuple(receipts), tuple(sorted(owed, key=lambda item: (item.on, item.case))))


def turns(round_: Round, clock: JumpingClock, before: datetime) -> Iterator[tuple[datetime, Done]]:
    """Do a round now and at every due instant before another, and take what may be sent; what each did, and when.

    After a step of the clock's own it is done once more, as it would be a minute later: another may follow from it.
    Raises what a round could not do.
    """
    store = round_.service.store
    while clock.instant < before:
        done = round_.once()
        for _, error in done.failed:
            raise error
        for council in store.councils():
            _take_letters(round_, council)
        yield clock.instant, done
        clock.instant = clock.instant + AT_ONCE if done.receipts else next_instant(store, clock.instant)


def _take_letters(round_: Round, council: str) -> None:
    """Every letter that may be sent now counts as sent."""
    now = round_.service.clock.now()
    with round_.service.store.write(council) as tx:
        if in_office_hours(now, tx.council().register.closed_days):
            desk = Desk(round_.service.rules, tx, round_.stationery, now)
            for letter in [letter for letter in tx.letters("pending") if letter.after <= now]:
                if letter.made == now or may_go(desk, letter):  # made this instant, nothing has changed since
                    tx.move_letter(letter.number, "sent", now, attempted=True)


def next_instant(store: Store, now: datetime) -> datetime:
    """The first UTC instant after another at which the clock has something to do in any council."""
    return min(instant for council in store.councils() for instant in _instants(store, council, now))


def _instants(store: Store, council: str, now: datetime) -> Iterator[datetime]:
    """Instants to come, the first of all those at which there is something to do among them.

    What recurs does so from one calendar year to the next. Who holds an office may decide whether somebody is reached.
    """
    with store.read(council) as reader:
        state, today = reader.council(), local_date(now)
        closed = state.register.closed_days
        yield instant_of(min([date(today.year + 1, 1, 1), *(day for day in _changes_of_holder(reader) if day > today)]))
        if (fired := reader.first_fired(today)) is not None:
            yield instant_of(fired)
        if (planned := reader.first_planned()) is not None:
            yield _open_from(instant_of(planned, OPENS), now, closed)
        if (sendable := reader.first_sendable()) is not None:
            yield _open_from(sendable, now, closed)
        if reader.untold_offices():
            yield _open_from(now, now, closed)


def _changes_of_holder(reader: Reader) -> Iterator[date]:
    """The days on which somebody enters an office, and those after somebody has left one."""
    for holding in reader.council().holdings.all:
        yield holding.since
        if holding.until is not None:
            yield holding.until + ONE_DAY


def _open_from(instant: datetime, now: datetime, closed: Collection[date]) -> datetime:
    """The first instant from another on at which offices are open; if that has come, when they next open."""
    opens = next_office_hours(instant, closed)
    if opens > now:
        return opens
    after = instant_of(local_date(now) + ONE_DAY) if in_office_hours(now, closed) else now
    return next_office_hours(after, closed)


def unrendered(draft: Draft, envelope: Envelope) -> tuple[str, bytes]:  # noqa: ARG001  # a `Render`
    """A letter that nobody reads: its key as its id, and no bytes."""
    return envelope.key, b""
