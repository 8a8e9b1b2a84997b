"""`politirad serve` and `heartbeat`: the clock service, and whether it lives."""

from __future__ import annotations

import os
import re
import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from commands.acts import local_time
from commands.output import dump, say
from commands.reading import json_flag, span
from commands.turning import clockwork_of
from commands.wiring import Setup, setup_of
from engine.calendar import format_instant
from engine.errors import PolitiradError, StoreUnavailableError, UsageError

if TYPE_CHECKING:
    from engine.clockwork import Clockwork
    from store.clock_lock import Held

TAKEN = "failed: another politirad has become the clock of this database meanwhile; stop one of them"
PATIENCE = 300
"""Seconds without a heartbeat after which the clock counts as stopped, unless it is one that turns seldom."""

_EVERY = re.compile(r" every=(\d+)s\b")


@click.command()
@click.option("--every", type=click.IntRange(1, 3600), default=60, show_default=True, metavar="SECONDS",
              help="How often to look what is due.")  # fmt: skip
@click.pass_context
def serve(ctx: click.Context, *, every: int) -> None:
    """Be the clock: every minute do what is due and send the letters, until SIGTERM or Ctrl-C. One line per turn.

    Refuses to start where another clock runs on the same database. Told to stop, it lets the senders finish the
    letters they have, for a few seconds at most.
    """
    from engine.scheduler import run_until_told

    setup = setup_of(ctx)
    if setup.settings.runner != "embedded":
        raise UsageError(
            f'The settings say runner = "{setup.settings.runner}": the clock is the workers\'. Start them with '
            '`politirad worker`, on as many hosts as you like, or write runner = "embedded".'
        )
    setup.check_council()
    clockwork = clockwork_of(setup, deliver=True)
    with setup.store.clock_lock() as alone:
        if not alone():
            raise StoreUnavailableError(
                f"Another politirad already serves {setup.settings.database}, alone or as one of its workers. Stop it "
                "first, or leave it be: `politirad heartbeat` tells whether it is alive."
            )
        stop = clockwork.deliverer.stop if clockwork.deliverer else _nothing
        clockwork.every = timedelta(seconds=every)
        if not run_until_told(lambda: _turn(clockwork, alone), clockwork.every, stop):
            _break_off(clockwork)


def patience_of(said: str) -> int:
    """Seconds without a heartbeat after which a clock counts as stopped: two of its own turns, if they are longer."""
    every = _EVERY.search(said)
    return max(PATIENCE, 2 * int(every[1]) if every else 0)


def heartbeat_line(setup: Setup, beat: datetime, *, alive: bool) -> str:
    """When the clock last turned, and how long ago that is; one to come was left by a clock that was set since."""
    age, at = int((setup.now - beat).total_seconds()), local_time(format_instant(beat))
    name = "heartbeat_fresh" if alive else "heartbeat_stale" if age > 0 else "heartbeat_ahead"
    return setup.words.phrase(name, at=at, age=span(setup.words, max(age, 0) if alive else abs(age)))


def never_line(setup: Setup) -> str:
    """That the clock has never turned, and what starts it."""
    return setup.words.phrase("heartbeat_never", start=start_line(setup))


def start_line(setup: Setup) -> str:
    """What starts the clock, by whom the settings leave it to."""
    return setup.words.phrase(f"clock_start_{setup.settings.runner}")


def _turn(clockwork: Clockwork, alone: Held) -> None:
    """One turn, told in one line. Whatever goes wrong is told too, and the next turn tries again."""
    try:
        tell(clockwork.turn().line if alone() else TAKEN)
    except Exception as error:  # noqa: BLE001  # one fault of ours must not stop the clock
        tell(f"{_at(clockwork)} failed: {fault_line(error)}", error=True)


def fault_line(error: Exception) -> str:
    """What went wrong, in one line of a log."""
    if isinstance(error, PolitiradError):
        return " ".join(str(error).splitlines())
    return f"a fault of politirad itself ({type(error).__name__}); `politirad tick --debug` shows where"


def _break_off(clockwork: Clockwork) -> None:
    """End this process in the middle of a turn, which may happen anywhere: the next one goes on where it stopped."""
    words = "stopped in the middle of a turn; a letter the mail server still had is sent again, as it is"
    tell(f"{_at(clockwork)} {words}", error=True)
    os._exit(0)


def tell(line: str, *, error: bool = False) -> None:
    """A line of the log. That nobody reads it is no reason to stop, nor to fail at the end over what is left of it."""
    try:
        say(line, error=error)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), (sys.stderr if error else sys.stdout).fileno())
    except OSError:
        pass


def _at(clockwork: Clockwork) -> str:
    return format_instant(clockwork.clock.now())


def _nothing() -> None:
    pass


@click.command()
@click.option("--max-age", type=click.IntRange(min=1), metavar="SECONDS",
              help=f"How old the last heartbeat may be; {PATIENCE}, or two of a slow clock's turns.")  # fmt: skip
@json_flag
@click.pass_context
def heartbeat(ctx: click.Context, *, max_age: int | None, as_json: bool) -> None:
    """Tell when the clock last came through a turn. Exit code 5 where that is too long ago, for watchdogs to ask."""
    setup = setup_of(ctx)
    beat = setup.store.heartbeat()
    age = int((setup.now - beat[0]).total_seconds()) if beat else None
    most = max_age or patience_of(beat[1] if beat else "")
    alive = age is not None and abs(age) <= most  # one from the future was left by a clock that was set since
    if as_json:
        dump({"alive": alive, "age_seconds": age, "at": format_instant(beat[0]) if beat else None,
              "said": beat[1] if beat else None})  # fmt: skip
    elif beat is None:
        say(never_line(setup))
    else:
        say(heartbeat_line(setup, beat[0], alive=alive))
    ctx.exit(0 if alive else StoreUnavailableError.exit_code)
