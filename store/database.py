"""The store as the engine sees it: councils in one database, opened, read, written and kept in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from engine.anchoring import Anchor
from engine.dispatch import Dispatcher
from engine.errors import UsageError
from engine.hand import Hand
from engine.outbox import Waiting
from engine.patience import patient
from store import heartbeats, queue
from store.clock_lock import Held
from store.councils import COUNCILS
from store.description import Description
from store.link import Memory
from store.log import LOGS
from store.past import PastReader, past
from store.place import database_at, prepared
from store.purge import purge
from store.reader import SqlReader
from store.rebuild import Progress, ignored, rebuild
from store.scratch import scratch
from store.sqlite import Sqlite
from store.transaction import SqlTransaction
from store.waiting import stages, waiting

if TYPE_CHECKING:
    from engine.database_url import DatabaseUrl
    from store.backup import Head
    from store.copying import Bars, Copied
    from store.creation import Tell
    from store.postgres import Postgres
    from store.verification import Report


class SqlStore:
    """A database that may hold several councils, each with its own log. An `engine.ports.Store`.

    Threads may share a store. No exception of a driver leaves it: every failure is a `PolitiradError`.
    """

    def __init__(self, file: Sqlite | Postgres) -> None:
        self._file = file
        self._memory = Memory()

    @classmethod
    def open(
        cls,
        where: str | Path | DatabaseUrl,
        *,
        create: bool = False,
        journal: str | None = None,
        timeout: float = 10.0,
        upgrading: Tell | None = None,
    ) -> Self:
        """Open the database at a path, a `sqlite:///` or a `postgresql://` URL.

        With `create` it is made where there is none. `journal` (WAL or DELETE) overrides the choice by version;
        `timeout` is how many seconds to wait for another writer. An older schema is upgraded, after `upgrading` was
        told its revision and the newest. Raises `StoreUnavailableError` where the database cannot be used.
        """
        return cls(prepared(database_at(where, journal=journal, timeout=timeout), create=create, upgrading=upgrading))

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._file.close()

    def councils(self) -> tuple[str, ...]:
        """The ids of the councils, in order of opening."""
        with self._file.reading() as link:
            return tuple(council for (council,) in link.run(COUNCILS))

    @contextmanager
    def read(self, council: str) -> Iterator[SqlReader]:
        """A consistent reader over one council."""
        with self._file.reading() as link:
            yield SqlReader(link, council, self._memory)

    @contextmanager
    def write(self, council: str) -> Iterator[SqlTransaction]:
        """The one writing transaction over one council's log; waits for others."""
        with self._file.writing(council) as link:
            transaction = SqlTransaction(link, council, self._memory)
            try:
                yield transaction
            except link.product.error as error:  # where an append had failed, a server refuses whatever comes next
                if transaction.failure in {None, error}:
                    raise
            if transaction.failure is not None:
                raise transaction.failure

    @contextmanager
    def as_of(self, council: str, day: date) -> Iterator[PastReader]:
        """A reader over one council as it stood at the end of a local date, by when events were registered.

        Raises `NotFoundError` where the council had not been opened by then.
        """
        with self._file.reading() as link, scratch() as memory:
            yield past(link, memory, council, day)

    @patient
    def rebuild(self, council: str, progress: Progress = ignored) -> int:
        """Make a council's views anew from its log, and the triggers that guard it; how many events it has.

        Raises `BytesChangedError` where the log is broken; then nothing is changed.
        """
        self._memory = Memory()
        with self._file.writing(council) as link:
            link.product.restore_guards(link)
            return rebuild(link, council, progress)

    def verify(
        self, council: str, progress: Progress = ignored, anchors: Sequence[Anchor] = (), since: int = 0
    ) -> Report:  # fmt: skip
        """Check a council's whole record: the file, its log, checkpoints and anchors from outside, views, documents.

        `since`: of the events that a checkpoint over so many was signed over, only the hashes are looked at, and no
        views. Raises `UsageError` where there is no such checkpoint.
        """
        from store.verification import Verification

        with self._file.reading() as link, scratch() as replay:
            return Verification(link, replay, council, progress, anchors, since).report()

    def purge(self) -> None:
        """Take what was erased out of the file and its journal, or the tables. Raises `StoreUnavailableError`."""
        purge(self._file)

    @patient
    def beat(self, at: datetime, said: str) -> None:
        """There was a round over all councils at a UTC instant, and what it says of itself."""
        with self._file.writing() as link:
            heartbeats.keep_heartbeat(link, at, said)

    def heartbeat(self) -> tuple[datetime, str] | None:
        """When the last round was, UTC, and what it said of itself."""
        with self._file.reading() as link:
            return heartbeats.heartbeat(link)

    @contextmanager
    def clock_lock(self, *, shared: bool = False) -> Iterator[Held]:
        """The right to be the database's clock, alone or shared with other workers; what it yields tells of it.

        Raises `StoreUnavailableError` where the folder takes no lock.
        """
        with self._file.clock_lock(shared=shared) as held:
            yield held

    @contextmanager
    def hand(self) -> Iterator[Hand]:
        """A hand for a sender, which holds a letter where other processes can tell."""
        with self._file.hand() as hand:
            yield hand

    def waiting(self, now: datetime) -> Mapping[str, Waiting]:
        """The councils that have letters to send at a UTC instant, or that are being sent."""
        with self._file.reading() as link:
            return waiting(link, now)

    def dispatcher(self) -> Dispatcher:
        """Who calls workers for letters. Raises `StoreUnavailableError` where the tables for that are missing."""
        with self._file.reading() as link:
            return queue.dispatcher(link)

    def jobs(self) -> queue.Jobs | None:
        """What workers have to do, and who works; None where there are no tables for it."""
        with self._file.reading() as link:
            return queue.jobs(link)

    def letters_by_stage(self) -> Mapping[str, tuple[int, datetime]]:
        """How many letters of all councils are where, each with the UTC instant at which the oldest was made."""
        with self._file.reading() as link:
            return stages(link)

    def copy_to(self, path: Path) -> SqlStore:
        """A copy of the whole database as it stands, in a new file, to play with and throw away.

        Raises `StoreUnavailableError` where it cannot be made.
        """
        self._file.copy_to(path)
        return SqlStore(Sqlite(path, kept=False))

    def copy_into(self, where: str | Path | DatabaseUrl, bars: Bars) -> tuple[Copied, ...]:
        """Copy everything into an empty database at a path or URL, verified at both ends; the logs it then holds.

        Raises `UsageError`, `StoreUnavailableError`, `NotCopiedError` and `BytesChangedError`, as `copy_database` does.
        """
        from store.copying import copy_database

        with closing(database_at(where)) as target:
            return copy_database(self._file, target, bars)

    def back_up(self, target: Path, progress: Progress = ignored, *, replace: bool = False) -> tuple[Head, ...]:
        """Copy the whole database into a file, while others go on writing; what the copy holds, as it was checked.

        Raises `UsageError` for a place that takes no backup, `BytesChangedError` where a log does not fit its newest
        checkpoint, and `StoreUnavailableError`; then the file at the place is what it was before.
        """
        from store.backup import back_up

        return back_up(self._file, target, progress, replace=replace)

    def grant_roles(self, prefix: str, *, dry_run: bool = False) -> tuple[str, ...]:
        """Make the roles owner, writer and reader on a server, with what each may do; the statements, in order.

        Raises `UsageError` for a file, and `StoreUnavailableError` where the user has no right to.
        """
        from store.postgres_roles import Roles, grant_roles

        return grant_roles(self._server("Roles are for a server"), Roles.named(prefix), dry_run=dry_run)

    def upgrade_queue(self) -> bool:
        """Make or upgrade the tables that workers share; whether there was need. Raises as `grant_roles` does."""
        from store.queue_schema import upgrade_queue

        return upgrade_queue(self._server("Workers need a server"))

    def address(self) -> DatabaseUrl:
        """How workers reach the server, as it was found when it was opened. Raises `UsageError` for a file."""
        return self._server("Workers need a server").address

    def logs(self) -> tuple[str, ...]:
        """The ids of the councils that have a log, whatever the views say."""
        with self._file.reading() as link:
            return tuple(council for (council,) in link.run(LOGS))

    def describe(self) -> Description:
        """What `doctor` looks at."""
        return self._file.describe()

    def _server(self, why: str) -> Postgres:
        if isinstance(self._file, Sqlite):
            raise UsageError(f"{why}, and {self._file.path} is a file. Move it to PostgreSQL first: politirad db copy")
        return self._file

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
