"""`politirad worker`: one of many, on any number of hosts, that turn the clock and send the letters of one database."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

import click

from commands.configuration import MOST_SENDERS
from commands.serving import TAKEN, fault_line, tell
from commands.turning import clockwork_of, deliverer_of, dispatcher_of
from commands.wiring import Setup, setup_of
from engine.calendar import format_instant
from engine.database_url import DatabaseUrl
from engine.errors import StoreUnavailableError, UsageError
from engine.sweep import sweep

if TYPE_CHECKING:
    from engine.dispatch import Dispatcher
    from store.clock_lock import Held
    from store.worker import Work


@click.command()
@click.option("--concurrency", type=click.IntRange(1, MOST_SENDERS), metavar="N",
              help="How many letters it sends at the same time; `senders` of the settings if left out.")  # fmt: skip
@click.option("--every", type=click.IntRange(1, 60), default=60, show_default=True, metavar="SECONDS",
              help="How often to look what is due; the same for all workers.")  # fmt: skip
@click.option("--patience", type=click.FloatRange(1), default=60, show_default=True, metavar="SECONDS",
              help="How long a worker that gives no sign of life is waited for; the same for all.")  # fmt: skip
@click.pass_context
def worker(ctx: click.Context, *, concurrency: int | None, every: int, patience: float) -> None:
    """Be one of many workers on a PostgreSQL server: turn the clock and send the letters, until SIGTERM or Ctrl-C.

    Start as many as you like, on any host that reaches the database; each turn is one worker's, and so is each letter.
    One that is killed or cut off is replaced by the others. Told to stop, it finishes the letters it has. It opens at
    most 2 N + 5 connections to the server.
    """
    setup = setup_of(ctx)
    url = _server_of(setup)
    setup.check_council()
    shift = _Shift(setup, dispatcher_of(setup), timedelta(seconds=every))
    from engine.scheduler import GRACE
    from store.worker import Pace, run_until_told  # here, since the dispatcher has told of a package that is missing

    with setup.store.clock_lock(shared=True) as ours:
        if not ours():
            raise StoreUnavailableError(
                f"`politirad serve` is the clock of {url} already, and does all the work. Stop it first."
            )
        senders = concurrency or setup.settings.senders
        run_until_told(setup.store.address(), shift.work(ours), senders, Pace(every, patience, GRACE))
    tell("stopped")


def _server_of(setup: Setup) -> DatabaseUrl:
    """Where workers meet. Raises `UsageError` where the settings have none."""
    url = setup.settings.database
    if setup.settings.runner == "procrastinate" and isinstance(url, DatabaseUrl):
        return url
    raise UsageError(
        'Workers need a PostgreSQL server and runner = "procrastinate" in politirad.toml (or $POLITIRAD_RUNNER). With '
        "one machine, `politirad serve` does all the work by itself."
    )


class _Shift:
    """What a worker does when it is woken up, each time told in one line. Threads may do it side by side."""

    def __init__(self, setup: Setup, dispatcher: Dispatcher, every: timedelta) -> None:
        self.clock, self.store, self.dispatcher = setup.clock, setup.store, dispatcher
        self.deliverer = replace(deliverer_of(setup), hands=setup.store.hand)
        self.clockwork = replace(clockwork_of(setup, deliver=False), every=every)

    def work(self, ours: Held) -> Work:
        """The same for a worker, as long as the clock is the workers'."""
        from store.worker import Work

        asking = Lock()

        def held() -> bool:
            with asking:
                return ours()

        return Work(
            tick=lambda: self._do(held, lambda: self.clockwork.turn().line),
            sweep=lambda: self._do(held, self._sweep),
            deliver=lambda council: self._do(held, lambda: self._deliver(council)),
            stop=self.deliverer.stop,
            break_off=_break_off,
            tell=lambda line: tell(f"{self._at} {line}"),
        )

    def _do(self, held: Held, act: Callable[[], str]) -> None:
        """Do one thing and tell of it. What fails is told and raised, so that the job counts as failed."""
        try:
            line = act() if held() else TAKEN
        except Exception as error:
            tell(f"{self._at} failed: {fault_line(error)}", error=True)
            raise
        if line:
            tell(line)

    def _sweep(self) -> str:
        sweep(self.store, self.dispatcher, self.clock)
        return ""

    def _deliver(self, council: str) -> str:
        began = monotonic()
        done = self.deliverer.errand(council)
        words = [self._at, f"council={council!r}", *done.words, f"ms={(monotonic() - began) * 1000:.0f}"]
        return " ".join(words) if done.fates else ""

    @property
    def _at(self) -> str:
        return format_instant(self.clock.now())


def _break_off() -> None:
    """End this process though letters are in hand; they are sent again, as they are."""
    tell("stopped in the middle of a letter; what the mail server still had is sent again, as it is", error=True)
    os._exit(0)
