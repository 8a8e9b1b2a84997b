"""One turn of the clockwork: a round over all councils, then delivery, then the heartbeat.

`politirad tick` turns it once, `politirad serve` every minute, `politirad simulate` from one due instant to the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from engine.calendar import format_instant
from engine.delivery import Delivered, Deliverer
from engine.ports import Clock, Store
from engine.round import Done, Round


@dataclass(frozen=True, slots=True)
class Turned:
    """What a turn did, at which UTC instant, in how many seconds.

    `went_back` is by how much the clock stands before the turn before this one: somebody has set it. `every` is how
    often it is turned, where that is known.
    """

    at: datetime
    done: Done
    delivered: Delivered
    seconds: float
    went_back: timedelta | None = None
    every: timedelta | None = None

    @property
    def line(self) -> str:
        """The turn in one line for a log that machines read too; always in English."""
        steps = sum(len(receipt.events) for receipt in self.done.receipts)
        parts = [
            f"{format_instant(self.at)} events={steps} letters={len(self.done.letters)}",
            *self.delivered.words,
            *(f"failed={council!r}: {_first_line(str(error))}" for council, error in self.done.failed),
            *(f"unwritten={council!r}: {_first_line(fault)}" for council, fault in self.done.unwritten),
            *([f"clock_went_back={self.went_back}"] if self.went_back else []),
            f"ms={self.seconds * 1000:.0f}",
            *([f"every={self.every.total_seconds():.0f}s"] if self.every else []),
        ]
        return " ".join(parts)


@dataclass
class Clockwork:
    """The round and, where this process may deliver, the delivery."""

    store: Store
    clock: Clock
    round: Round
    deliverer: Deliverer | None
    every: timedelta | None = None

    def turn(self) -> Turned:
        """Do everything that is owed now, send what may be sent, and leave a heartbeat unless a council failed."""
        began, now, before = monotonic(), self.clock.now(), self.store.heartbeat()
        done = self.round.once()
        delivered = self.deliverer.deliver() if self.deliverer else Delivered()
        back = before[0] - now if before and before[0] > now + timedelta(seconds=1) else None
        turned = Turned(now, done, delivered, monotonic() - began, back, self.every)
        if not done.failed:
            self.store.beat(now, turned.line)
        return turned


def _first_line(text: str) -> str:
    """What a fault says first; the rest is for `doctor`. A line of the log is one line."""
    return next(iter(text.splitlines()), "")
