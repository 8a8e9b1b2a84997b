"""`politirad restore`: a backup in the place of the database, as it is or under a new name of its log.

Everything is done to a copy beside the database. Until it is put in place by one renaming, the database is what it was.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.backups import head_lines
from commands.exporting import anchor_of
from commands.output import say, say_wrapped
from commands.upkeep import Progress
from commands.wiring import setup_of
from engine.database_url import DatabaseUrl
from engine.errors import BytesChangedError, ConfigurationError, NotFoundError, StoreUnavailableError, UsageError
from engine.field import given as parsed
from engine.field import parse_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from commands.wiring import Setup
    from engine.anchoring import Anchor
    from engine.checkpoint import Checkpoint
    from engine.continuation import Lost
    from engine.entry import Entry
    from engine.exported_since import Since
    from engine.key import Verifier
    from engine.restoring import Log
    from store import SqlStore
    from store.restore import Replaced


@click.command()
@click.argument("backup", type=click.Path(path_type=Path))
@click.option("--against", type=click.Path(path_type=Path), metavar="CHECKPOINT", multiple=True,
              help="A checkpoint of a log that somebody kept elsewhere; may be repeated.")  # fmt: skip
@click.option("--export", "exports", type=click.Path(path_type=Path), metavar="FOLDER", multiple=True,
              help="An export made after BACKUP: it knows a checkpoint, and what was erased since.")  # fmt: skip
@click.option("--reason", metavar="TEXT", help="Why a log goes on behind what it had signed. Erasable.")
@click.option("--replace", is_flag=True, help="Put it in the place of the database that is there, which is kept.")
@click.option("--dry-run", is_flag=True, help="Check everything and say what would come of it; change nothing.")
@click.pass_context
def restore(
    ctx: click.Context, *, backup: Path, against: tuple[Path, ...], exports: tuple[Path, ...], reason: str | None,
    replace: bool, dry_run: bool,
) -> None:  # fmt: skip
    """Put the file BACKUP in the place of the database, if it is whole and nothing newer is known.

    What is known are the checkpoints in the database that is replaced, and those given. Where the backup is behind one
    of them, it is refused; with --reason its log goes on under a new name, which every party can see. Where it has
    other events than were signed, it is of another history, and refused with exit code 10. What was erased since is
    erased again, as the database that is replaced knows it; where that is lost, an export does.

    Stop the clock before. Letters that were waiting when the backup was made go out again, under the same Message-ID.
    """
    from engine.exported_since import since_of
    from store.clock_lock import file_lock

    setup = setup_of(ctx)
    database = _file_of(setup)
    if database.exists() and not replace:
        raise UsageError(f"{database} is there already. Give --replace to have it replaced; it is kept beside it.")
    since = tuple(since_of(path, Progress(f"verify {path.name}")) for path in exports)
    given = (*map(anchor_of, against), *(anchor for one in since for anchor in one.anchors))
    said = None if reason is None else parsed("--reason", parse_text, reason)
    with file_lock(database) as alone:
        if not alone():
            raise StoreUnavailableError(
                f"A clock serves {database}. Stop `politirad serve` first, and start it again afterwards."
            )
        _Restoring(setup, given, since, said).restore(backup, dry_run=dry_run)


@dataclass
class _Restoring:
    """One restore; `told` is what the person should know of it."""

    setup: Setup
    given: tuple[Anchor, ...]
    since: tuple[Since, ...]
    reason: str | None
    told: list[str] = field(default_factory=list)

    def restore(self, backup: Path, *, dry_run: bool) -> None:
        """Check a backup and put it in place."""
        from store.backup import heads
        from store.restore import draft, held_still, put_in_place

        database, words = _file_of(self.setup), self.setup.words
        aside = database.with_name(f"{database.name}.{self.setup.now:%Y%m%dT%H%M%SZ}")
        if aside.exists():
            raise UsageError(f"{aside} is there already. Wait a second, or move it away.")
        with held_still(database) as replaced, draft(backup, database, Progress("copy")) as made:
            self._made_ready(made, replaced)
            found, had_one = heads(made), database.exists()
            if not dry_run:
                put_in_place(made, database, aside)
        say(words.phrase("nothing_written") if dry_run else words.phrase("restored", file=str(database)))
        if had_one and not dry_run:
            self.told.append(words.phrase("restored_aside", file=str(aside)))
        for line in (*head_lines(words, found), *self.told):
            say_wrapped(line)

    def _made_ready(self, made: Path, replaced: Replaced) -> None:
        """Check the copy, and let its logs go on where they are behind. Raises `NotRestoredError` among others."""
        from engine.exported_since import lost_to
        from engine.restoring import anchored, new_name
        from store import SqlStore

        if replaced.unreadable is not None:
            self.told.append(self.setup.words.phrase("restored_unreadable", why=replaced.unreadable))
        with SqlStore.open(made, journal="DELETE", upgrading=_tell_of_upgrade) as store:
            logs = anchored(tuple(_logs(store)), self.given, replaced.recalled, self._own_keys)
            self._check_councils(logs, replaced)
            known = {log.council: self._checked(store, log, replaced) for log in logs}
            for log in logs:
                lost = lost_to(log.names, replaced.recalled.get(log.council), self.since)
                self._go_on(store, log, known[log.council], new_name(log, logs, replaced.recalled), lost)
            store.purge()

    def _check_councils(self, logs: Sequence[Log], replaced: Replaced) -> None:
        missing = replaced.recalled.keys() - {log.council for log in logs}
        if missing and self.reason is None:
            raise UsageError(
                f"The backup does not have {', '.join(sorted(missing))}, opened after it was made. Restore a newer "
                "backup, or say why it is to be lost with --reason. Nothing was changed."
            )
        for council in sorted(missing):
            self.told.append(self.setup.words.phrase("restored_without", council=council))

    def _checked(self, store: SqlStore, log: Log, replaced: Replaced) -> Checkpoint | None:
        """The newest checkpoint a log is behind; None where it may go on as it is."""
        from engine.restoring import behind, too_short

        report = store.verify(log.council, Progress(f"verify {log.council}"), log.anchors)
        known = behind(log, report.faults)
        if known is not None and self.reason is None:
            raise too_short(log, report.events, known)
        if not log.anchors:
            self.told.append(self.setup.words.phrase("restored_unchecked", council=log.council))
        recalled = replaced.recalled.get(log.council)
        if known is None and recalled is not None and recalled.size > report.events:
            lost = recalled.size - report.events
            self.told.append(self.setup.words.phrase("restored_lost", council=log.council, events=lost))
        return known

    def _go_on(self, store: SqlStore, log: Log, known: Checkpoint | None, origin: str, lost: Lost | None) -> None:
        """Let a log go on: under another name where it is behind, and without what was erased since."""
        from engine.continuation import Lost, continue_log, erase_lost
        from engine.run import Run

        setup, words = self.setup, self.setup.words
        service, entry = setup.service_over(store), self._entry(store, log.council)
        with store.write(log.council) as tx:
            run = Run(service.rules, tx, service.entropy, setup.now, service.login)
            if known is not None:
                continue_log(run, origin, known, entry)
            erased = erase_lost(run, lost or Lost(), entry)
        if known is not None:
            self.told.append(words.phrase("restored_continues", council=log.council, was=log.names[-1], origin=origin))
        if lost is None:
            self.told.append(words.phrase("restored_erasures_unknown", council=log.council))
        if erased:
            self.told.append(words.phrase("restored_erased", council=log.council, ids=", ".join(erased)))

    def _entry(self, store: SqlStore, council: str) -> Entry:
        """Who restores: the person in the settings, where the backup knows them."""
        from engine.entry import Entry

        with store.read(council) as reader:
            try:
                person = self.setup.actor(reader)
            except (NotFoundError, UsageError):
                person = None
        return Entry(person=person, reason=self.reason)

    def _own_keys(self, origin: str) -> tuple[Verifier, ...]:
        """The public half of the private key at hand, which the backup may not know yet; none where it has gone too."""
        from engine.key import Kind, Signer
        from engine.keyfile import read

        if self.setup.settings.log_key is None:
            return ()
        with suppress(ConfigurationError):
            return (Signer(origin, Kind.LOG, read(self.setup.settings.log_key)).verifier(),)
        return ()


def _logs(store: SqlStore) -> Iterator[Log]:
    from engine.origin import names_in
    from engine.restoring import Log, NotRestoredError

    for council in store.logs():
        try:
            with store.read(council) as reader:
                yield Log(council, names_in((recorded.event for recorded in reader.events("C")), council))
        except BytesChangedError as error:
            raise NotRestoredError(error.exit_code, f"the backup is not in order. {council}: {error}") from error


def _tell_of_upgrade(found: str, newest: str) -> None:
    say(f"Upgrading the copy from schema {found} to {newest} …", error=True)


def _file_of(setup: Setup) -> Path:
    """The database file of the settings. Raises `UsageError` where they name a server."""
    if isinstance(setup.settings.database, DatabaseUrl):
        raise UsageError(
            f"{setup.settings.database} is on a server. Restore into a file, "
            "`politirad --database FILE restore BACKUP`, and copy it into an empty database: politirad db copy FILE URL"
        )
    return setup.settings.database.resolve()
