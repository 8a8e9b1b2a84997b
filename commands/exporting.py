"""`politirad export`, and checking what it wrote without a database: `politirad verify FOLDER`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.output import Printable, dump, say
from commands.upkeep import Progress, covered_line, faults_json
from commands.vkeys import verifier
from commands.wiring import setup_of
from engine.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from commands.wiring import Setup
    from engine.anchoring import Anchor
    from engine.exported import Report
    from engine.note import Note


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.pass_context
def export(ctx: click.Context, *, folder: Path) -> None:
    """Write the whole record to a new or empty FOLDER: for the other party, an auditor, the archive.

    It holds no names of persons, only random ids. `politirad verify FOLDER` checks it anywhere.
    """
    from engine.exporting import export as write

    setup = setup_of(ctx)
    with setup.reading() as reader:
        written = write(reader, folder, Progress("export"))
    words = setup.words
    say(words.phrase("exported", folder=str(folder), events=written.events, documents=written.documents,
                     checkpoints=written.checkpoints, proofs=written.proofs))  # fmt: skip
    if written.events > written.sealed:
        say(words.phrase("exported_unsealed", events=written.events - written.sealed))


def verify_folder(
    ctx: click.Context, folder: Path, *, keys: Iterable[str] = (), against: Iterable[Path] = (), as_json: bool = False
) -> None:
    """Check an export and say what was found; exits with the code of design.md. `keys` are vkeys the reader brought.

    Needs no database, no profile and no configuration. Raises `ConfigurationError` for a vkey that is none,
    `UsageError` and `NoteError` for a checkpoint that is none, and `NotFoundError` where there is no folder.
    """
    from engine.exported import verify_export

    setup, brought = setup_of(ctx), tuple(map(verifier, keys))
    report = verify_export(folder, brought, tuple(map(anchor_of, against)), Progress("verify"))
    if as_json:
        dump(report_json(report))
    else:
        for fault in report.faults:
            say(f"{fault.where}: {fault.what}", error=True)
        for line in report_lines(setup, report):
            say(line)
    ctx.exit(report.exit_code)


def anchor_of(file: Path) -> Anchor:
    """A checkpoint in a file. Raises as `note_in`."""
    from engine.anchoring import Anchor

    return Anchor(file.name, note_in(file))


def note_in(file: Path) -> Note:
    """A signed note in a file. Raises `UsageError` where it cannot be read, `NoteError` where it is none."""
    from engine.note import NoteError, note_of

    content = read_small(file)
    try:
        return note_of(content)
    except NoteError as error:
        raise NoteError(f"{file}: {error}") from error


def read_small(file: Path) -> bytes:
    """What a file holds that somebody named, if it is no larger than a note may be. Raises `UsageError`."""
    from engine.disk import at_once
    from engine.note import LARGEST

    try:
        with open(file, "rb", opener=at_once) as opened:
            return opened.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror}). Name the file that you were sent.") from error


def report_lines(setup: Setup, report: Report) -> Iterator[str]:
    """What was looked at, by whose keys, and how much of it no witness covers."""
    words = setup.words
    outcome = "export_not_verified" if report.faults else "export_verified"
    origin = report.origin or words.phrase("log_unnamed")
    yield words.phrase(outcome, origin=origin, events=report.events, documents=report.documents,
                       checkpoints=len(report.checkpoints), proofs=report.proofs)  # fmt: skip
    yield words.phrase("keys_brought" if report.given else "keys_of_export")
    yield from (f"  {key}" for key in report.keys)
    yield covered_line(words, report.covered, report.uncovered, setup.now)


def report_json(report: Report) -> Printable:
    """The report in JSON; `keys_given` is false where only the export's own keys were there to check with."""
    newest = report.checkpoints[-1].checkpoint if report.checkpoints else None
    return {
        "origin": report.origin, "events": report.events, "documents": report.documents, "proofs": report.proofs,
        "signed": report.signed,
        "checkpoints": len(report.checkpoints), "keys": [str(key) for key in report.keys], "keys_given": report.given,
        "size": newest.size if newest else None, "root": newest.root.hex() if newest else None,
        "uncovered": report.uncovered, "cosigned_at": report.covered.at if report.covered else None,
        "faults": faults_json(report), "ok": not report.faults,
    }  # fmt: skip
