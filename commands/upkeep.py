"""`politirad tick`, `verify` and `rebuild`: the clock's work, and keeping the record whole."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from commands.output import Printable, dump, say
from commands.reading import json_flag
from commands.receipts import event_line, in_order, receipt_json
from commands.wiring import setup_of
from engine.errors import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from click._termui_impl import ProgressBar

    from commands.wiring import Setup
    from engine.service import Receipt

PATIENCE = 1.0
"""Seconds of silence before a bar shows the progress."""


class Progress:
    """A bar on the terminal for work that takes longer than a second; nothing where nobody is looking."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._began = time.monotonic()
        self._bar: ProgressBar[int] | None = None

    def __call__(self, done: int, total: int) -> None:
        """So many pieces are done, of so many."""
        if self._bar is None and sys.stderr.isatty() and time.monotonic() - self._began > PATIENCE:
            self._bar = click.progressbar(length=total, label=self._label, file=sys.stderr)
        if self._bar is not None:
            self._bar.update(done - self._bar.pos)
            if done == total:
                self._bar.render_finish()


@click.command()
@click.option("--dry-run", is_flag=True, help="Show what would be done; write nothing.")
@json_flag
@click.pass_context
def tick(ctx: click.Context, *, dry_run: bool, as_json: bool) -> None:
    """Do what the clock owes in every council: open years, start evaluations, record breaches, end terms."""
    setup = setup_of(ctx)
    failed: list[str] = []
    receipts = setup.service.tick(lambda council, error: failed.append(f"{council}: {error}"), dry_run=dry_run)
    if as_json:
        dump([receipt_json(receipt) for receipt in receipts])
    else:
        _say_ticked(setup, receipts, quiet=bool(failed))
    if failed:
        raise StoreUnavailableError("\n".join(failed))


def _say_ticked(setup: Setup, receipts: Sequence[Receipt], *, quiet: bool) -> None:
    for recorded in (recorded for receipt in receipts for recorded in in_order(receipt)):
        say(event_line(setup.words, recorded))
    if not receipts and not quiet:
        say(setup.words.phrase("clock_owes_nothing"))
    if any(receipt.rehearsed for receipt in receipts):
        say(setup.words.phrase("nothing_written"))


@click.command()
@json_flag
@click.pass_context
def verify(ctx: click.Context, *, as_json: bool) -> None:
    """Check the whole record: the bytes of every event, the chains, the views, the documents.

    Exit codes: 0 in order, 10 bytes changed, 13 views differ (`politirad rebuild` makes them anew), 14 a document
    is missing or different.
    """
    setup = setup_of(ctx)
    report = setup.store.verify(setup.council, Progress("verify"))
    if as_json:
        faults: Printable = [{"exit_code": f.exit_code, "where": f.where, "what": f.what} for f in report.faults]
        dump({"council": report.council, "events": report.events, "documents": report.documents,
              "views_compared": report.views_compared, "faults": faults, "ok": not report.faults})  # fmt: skip
    else:
        for fault in report.faults:
            say(f"{fault.where}: {fault.what}", error=True)
        outcome = "verified" if not report.faults else "not_verified"
        say(setup.words.phrase(outcome, council=report.council, events=report.events, documents=report.documents))
    ctx.exit(report.exit_code)


@click.command()
@click.pass_context
def rebuild(ctx: click.Context) -> None:
    """Throw all views away and make them anew from the log. Nothing is sent, and no record is touched."""
    setup = setup_of(ctx)
    events = setup.store.rebuild(setup.council, Progress("rebuild"))
    say(setup.words.phrase("rebuilt", events=events))
