"""`politirad tick`, `verify` and `rebuild`: the clock's work, and keeping the record whole."""

from __future__ import annotations

import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.letter_page import at_clock, goes_at
from commands.output import Printable, dump, say, say_wrapped
from commands.reading import json_flag, span
from commands.receipts import event_line, in_order, receipt_json
from commands.turning import round_of, turn
from commands.wiring import setup_of
from engine.calendar import format_instant
from engine.errors import BytesChangedError, ConfigurationError, PolitiradError, StoreUnavailableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click._termui_impl import ProgressBar

    from commands.wiring import Setup
    from engine.anchoring import Covered
    from engine.clockwork import Turned
    from engine.fault import Faults
    from engine.outbox import NewLetter
    from engine.round import Done
    from workflows.words import Words

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
    setup.check_council()
    turned = None if dry_run else turn(setup)
    done = turned.done if turned else round_of(setup).once(dry_run=True)
    if as_json:
        dump(_tick_json(done, turned, waiting(setup)))
    else:
        _say_ticked(setup, done, turned)
    for council, fault in done.unwritten:
        say(f"{council}: {fault}", error=True)
    if done.failed:
        raise _failure(done)


def _failure(done: Done) -> PolitiradError:
    """What went wrong, as one error: that of the settings where it is that alone, of changed bytes where it is one."""
    errors = [error for _, error in done.failed]
    lines = [f"{council}: {error}" for council, error in done.failed]
    if all(isinstance(error, ConfigurationError) for error in errors):
        return ConfigurationError(*lines)
    changed = any(error.exit_code == BytesChangedError.exit_code for error in errors)
    return (BytesChangedError if changed else StoreUnavailableError)("\n".join(lines))


def waiting(setup: Setup) -> tuple[datetime, ...]:
    """When each letter that waits, in any council, may go: now, or later; UTC, the earliest first."""
    found: list[datetime] = []
    for council in setup.store.councils():
        with setup.store.read(council) as reader:
            closed = reader.council().register.closed_days
            found += (goes_at(setup, letter, closed) for letter in reader.letters("pending"))
    return tuple(sorted(found))


def _tick_json(done: Done, turned: Turned | None, goes: tuple[datetime, ...]) -> Printable:
    letters: Printable = [
        {"council": council, "kind": letter.kind, "office": letter.office, "subject": letter.subject}
        for council, letter in done.letters
    ]
    delivered = turned.delivered if turned else None
    return {
        "steps": [receipt_json(receipt) for receipt in done.receipts], "letters": letters,
        "delivered": dict(delivered.fates) if delivered else {},
        "waiting": len(goes), "waiting_until": format_instant(goes[0]) if goes else None,
        "mail_trouble": delivered.trouble if delivered else None,
        "clock_went_back_seconds": int(turned.went_back.total_seconds()) if turned and turned.went_back else None,
    }  # fmt: skip


def _say_ticked(setup: Setup, done: Done, turned: Turned | None) -> None:
    words, goes = setup.words, waiting(setup)
    for recorded in (recorded for receipt in done.receipts for recorded in in_order(receipt)):
        say(event_line(words, recorded))
    for (kind, phrase), number in Counter(map(_made, done.letters)).items():
        say(words.phrase(phrase, kind=words.label("letter", kind), number=number))
    for line in _sent_lines(setup, turned) if turned else ():
        say(line)
    if goes:
        say(_waiting_line(setup, goes))
    elif not (done.receipts or done.letters or done.failed or (turned and turned.delivered.fates)):
        say(words.phrase("clock_owes_nothing"))
    if turned is None and (done.receipts or done.letters):
        say(words.phrase("nothing_written"))


def _waiting_line(setup: Setup, goes: tuple[datetime, ...]) -> str:
    """How many letters wait, and until when; those that the server did not take now wait for the next round."""
    if goes[0] <= setup.now:
        return setup.words.counted("letters_ready", len(goes))
    return setup.words.counted("letters_wait", len(goes), at=at_clock(goes[0]))


def _made(letter: tuple[str, NewLetter]) -> tuple[str, str]:
    """A letter's kind, and the phrase that tells of it."""
    return letter[1].kind, "letters_stranded" if letter[1].stage == "stranded" else "letters_made"


def _sent_lines(setup: Setup, turned: Turned) -> Iterator[str]:
    """What came of sending, and what the operator should know of."""
    words = setup.words
    for fate, number in sorted(turned.delivered.fates.items()):
        yield words.phrase("letters_fared", number=number, fate=words.label("fate", fate))
    if turned.delivered.trouble:
        yield words.phrase("mail_trouble", said=turned.delivered.trouble.rstrip("."))
    if turned.went_back:
        yield words.phrase("clock_went_back", by=span(words, int(turned.went_back.total_seconds())))


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path), metavar="[EXPORT]")
@click.option(
    "--key",
    "keys",
    metavar="VKEY",
    multiple=True,
    help="With an export: a public key to trust, instead of those it brings along; may be repeated.",
)
@click.option("--against", type=click.Path(path_type=Path), metavar="CHECKPOINT", multiple=True,
              help="A checkpoint from elsewhere that the log must agree with; may be repeated.")  # fmt: skip
@click.option("--since", type=click.IntRange(min=1), metavar="SIZE",
              help="A second look: begin at the checkpoint over SIZE events, and compare no views.")  # fmt: skip
@json_flag
@click.pass_context
def verify(  # the options of the command
    ctx: click.Context, *, folder: Path | None, keys: tuple[str, ...], against: tuple[Path, ...], since: int | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Check the whole record: file, bytes of every event, chains, checkpoints, signatures, texts, views, documents.

    EXPORT is a folder that `politirad export` wrote; it is checked without any database or settings.

    Exit codes: 0 in order, 10 bytes changed, 11 shorter than a checkpoint, 12 a signature missing or bad, 13 views
    differ (`politirad rebuild` makes them anew), 14 a document is missing or different.
    """
    from commands.exporting import anchor_of, verify_folder

    if folder is not None:
        if since is not None:
            raise UsageError("--since is for the database; an export is always looked through from its beginning.")
        verify_folder(ctx, folder, keys=keys, against=against, as_json=as_json)  # ends the command
    if keys:
        raise UsageError("--key goes with the folder of an export; the database's own keys are announced in its log.")
    setup = setup_of(ctx)
    council, anchors = setup.council_on_record, tuple(map(anchor_of, against))
    report = setup.store.verify(council, Progress("verify"), anchors, since or 0)
    if as_json:
        dump({"council": report.council, "events": report.events, "documents": report.documents,
              "checkpoints": report.checkpoints, "uncovered": report.uncovered,
              "cosigned_at": report.covered.at if report.covered else None,
              "views_compared": report.views_compared,
              "faults": faults_json(report), "ok": not report.faults})  # fmt: skip
    else:
        for fault in report.faults:
            say(f"{fault.where}: {fault.what}", error=True)
        sound = "verified" if since is None else "verified_without_views"
        outcome = sound if not report.faults else "not_verified"
        say(setup.words.phrase(outcome, council=report.council, events=report.events, documents=report.documents))
        say_wrapped(covered_line(setup.words, report.covered, report.uncovered, setup.now))
        if since:
            say_wrapped(setup.words.phrase("verified_since", size=since))
    ctx.exit(report.exit_code)


def faults_json(report: Faults) -> Printable:
    """The faults of a report in JSON, as they were found."""
    return [{"exit_code": fault.exit_code, "where": fault.where, "what": fault.what} for fault in report.faults]


def covered_line(words: Words, covered: Covered | None, uncovered: int, now: datetime) -> str:
    """How many events no witness covers yet, and how old the last cosignature is."""
    if covered is None:
        return words.phrase("never_cosigned", events=uncovered)
    days = max(0, (now - datetime.fromtimestamp(covered.at, UTC)).days)
    return words.phrase("uncovered", events=uncovered, days=days)


@click.command()
@click.pass_context
def rebuild(ctx: click.Context) -> None:
    """Throw all views away and make them anew from the log. Nothing is sent, and no record is touched.

    The right edge of the tree and the triggers that guard the log are made anew too.
    """
    setup = setup_of(ctx)
    events = setup.store.rebuild(setup.council_on_record, Progress("rebuild"))
    say(setup.words.phrase("rebuilt", events=events))
