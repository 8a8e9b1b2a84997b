"""`politirad tick`, `verify` and `rebuild`: the clock's work, and keeping the record whole."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

import click

from commands.output import Printable, dump, say
from commands.reading import json_flag
from commands.receipts import event_line, in_order, receipt_json
from commands.turning import round_of, turn
from commands.wiring import setup_of
from engine.errors import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click._termui_impl import ProgressBar

    from commands.wiring import Setup
    from engine.clockwork import Turned
    from engine.outbox import NewLetter
    from engine.round import Done

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
@click.option("--dry-run", is_flag=True, help="Show what would be done; write nothing, send nothing.")
@json_flag
@click.pass_context
def tick(ctx: click.Context, *, dry_run: bool, as_json: bool) -> None:
    """Do one round of the clock: open years, record breaches, end terms; make reminders and letters, and send them.

    For cron or a timer, where `politirad serve` does not run.
    """
    setup = setup_of(ctx)
    turned = None if dry_run else turn(setup)
    done = turned.done if turned else round_of(setup).once(dry_run=True)
    if as_json:
        dump(_tick_json(done, turned))
    else:
        _say_ticked(setup, done, turned)
    for council, fault in done.unwritten:
        say(f"{council}: {fault}", error=True)
    if done.failed:
        raise StoreUnavailableError("\n".join(f"{council}: {error}" for council, error in done.failed))


def _tick_json(done: Done, turned: Turned | None) -> Printable:
    letters: Printable = [
        {"council": council, "kind": letter.kind, "office": letter.office, "subject": letter.subject}
        for council, letter in done.letters
    ]
    delivered = turned.delivered if turned else None
    return {
        "steps": [receipt_json(receipt) for receipt in done.receipts], "letters": letters,
        "delivered": dict(delivered.fates) if delivered else {},
        "mail_trouble": delivered.trouble if delivered else None,
        "clock_went_back_seconds": int(turned.went_back.total_seconds()) if turned and turned.went_back else None,
    }  # fmt: skip


def _say_ticked(setup: Setup, done: Done, turned: Turned | None) -> None:
    words = setup.words
    for recorded in (recorded for receipt in done.receipts for recorded in in_order(receipt)):
        say(event_line(words, recorded))
    for (kind, phrase), number in Counter(map(_made, done.letters)).items():
        say(words.phrase(phrase, kind=words.label("letter", kind), number=number))
    for line in _sent_lines(setup, turned) if turned else ():
        say(line)
    if not (done.receipts or done.letters or done.failed or (turned and turned.delivered.fates)):
        say(words.phrase("clock_owes_nothing"))
    if turned is None and (done.receipts or done.letters):
        say(words.phrase("nothing_written"))


def _made(letter: tuple[str, NewLetter]) -> tuple[str, str]:
    """A letter's kind, and the phrase that tells of it."""
    return letter[1].kind, "letters_stranded" if letter[1].stage == "stranded" else "letters_made"


def _sent_lines(setup: Setup, turned: Turned) -> Iterator[str]:
    """What came of sending, and what the operator should know of."""
    words = setup.words
    for fate, number in sorted(turned.delivered.fates.items()):
        yield words.phrase("letters_fared", number=number, fate=words.label("fate", fate))
    if turned.delivered.trouble:
        yield words.phrase("mail_trouble", said=turned.delivered.trouble)
    if turned.went_back:
        yield words.phrase("clock_went_back", by=str(turned.went_back))


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
