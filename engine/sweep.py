"""The sweep: what waits in the outbox and for which no sender is called gets one; what was left behind is settled.

Whatever was lost on the way from the outbox to a sender (a job that died, one that was never made, letters that were
not to go yet, a mail server that was away) is found here, each minute. That is why jobs are never tried again by
themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from engine.calendar import in_office_hours
from engine.dispatch import Dispatcher
from engine.outbox import Waiting
from engine.ports import Clock, Store
from engine.settling import settle_orphans


class Outboxes(Store, Protocol):
    """A store that can tell which councils have mail."""

    def waiting(self, now: datetime) -> Mapping[str, Waiting]:
        """The councils that have letters to send at a UTC instant, or that are being sent."""


def sweep(outboxes: Outboxes, dispatcher: Dispatcher, clock: Clock) -> None:
    """Call senders to every council that needs some."""
    now = clock.now()
    for council, waiting in outboxes.waiting(now).items():
        with outboxes.write(council) as tx:
            if waiting.sending:
                settle_orphans(tx, now)
            if waiting.ahead:
                tx.bring_back(now)
            if waiting.due and in_office_hours(now, tx.council().register.closed_days):
                dispatcher.top_up(tx, waiting.due)
