"""Where the parts are put together: settings, store, rules, clock and entropy, made when first needed.

Each heavy part is imported by the property that makes it, so a command that only reads never imports the state
machine, the calendar of holidays or the migrations. A program that has a time of its own (the demo, a test) makes a
`Setup` with its clock and entropy, and hands it to the commands as click's context object.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.configuration import Settings, load_settings
from commands.naming import not_found
from engine.database_url import DatabaseUrl
from engine.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from engine.letter import Mailer
    from engine.ports import Clock, Entropy
    from engine.register import Language
    from engine.service import Service
    from store.database import SqlStore
    from store.reader import SqlReader
    from workflows.words import Words


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """The present instant, UTC."""
        return datetime.now(UTC)


class SystemEntropy:
    """The operating system's source of randomness."""

    def token(self, size: int) -> bytes:
        """Random bytes."""
        return os.urandom(size)


def system_login() -> str:
    """The operating system's user behind this process, such as `siri (1000)`: by its number, not by $USER.

    Where a process has no user number (Windows), by the name it was started under.
    """
    try:
        from pwd import getpwuid
    except ImportError:
        from getpass import getuser

        return getuser()
    number = os.getuid()
    try:
        return f"{getpwuid(number).pw_name} ({number})"
    except KeyError:  # a container may run under a number that has no name
        return str(number)


@dataclass
class Setup:
    """What a command has to work with; click's context object. `login` is the user recorded with every entry."""

    settings: Settings
    clock: Clock = field(default_factory=SystemClock)
    entropy: Entropy = field(default_factory=SystemEntropy)
    login: str = field(default_factory=system_login)

    @classmethod
    def configured(cls, overrides: Mapping[str, str | None]) -> Setup:
        """The setup of this process: the settings of the working directory, the system's clock and randomness."""
        return cls(load_settings(os.environ, Path.cwd(), overrides))

    @property
    def now(self) -> datetime:
        """The present instant, UTC."""
        return self.clock.now()

    @property
    def today(self) -> date:
        """The present local date."""
        from engine.calendar import local_date

        return local_date(self.now)

    @property
    def has_database(self) -> bool:
        """Whether there is a database; one on a server is taken to be there, and missed where it is used."""
        database = self.settings.database
        return isinstance(database, DatabaseUrl) or database.exists()

    @property
    def is_on_server(self) -> bool:
        """Whether the database is on a server."""
        return isinstance(self.settings.database, DatabaseUrl)

    @property
    def database_name(self) -> str:
        """What the database is called: its file's name, or where it is on a server."""
        database = self.settings.database
        return str(database) if isinstance(database, DatabaseUrl) else database.name

    @cached_property
    def store(self) -> SqlStore:
        """The database, which must exist."""
        return self.open_store()

    def open_store(self, *, create: bool = False) -> SqlStore:
        """The database; with `create` made where there is none."""
        from store.database import SqlStore

        return SqlStore.open(self.settings.database, create=create, upgrading=tell_of_upgrade)

    @cached_property
    def council(self) -> str:
        """The council: the one in the settings, else the only one. Raises `UsageError`, `NotFoundError`."""
        return self._chosen(self.store.councils())

    @property
    def council_on_record(self) -> str:
        """The council, even where the views know nothing of it and only its log is there. Raises the same."""
        councils, named = self.store.councils(), self.settings.council
        if not councils or (named and named not in councils):
            councils = tuple(dict.fromkeys((*councils, *self.store.logs())))
        return self._chosen(councils)

    def _chosen(self, councils: Sequence[str]) -> str:
        named = self.settings.council
        if named is not None and named in councils:
            return named
        if named and councils:
            raise not_found("council", named, councils, f"There are: {', '.join(councils)}.")
        if len(councils) == 1:
            return councils[0]
        if not councils:
            raise UsageError(f"{self.settings.database} holds no council yet. `politirad init COUNCIL.toml` opens one.")
        raise UsageError(f"Say which council with --council: {', '.join(councils)}.")

    def check_council(self) -> None:
        """Raise what `council` does where the settings name one that is not there. The clock serves all of them."""
        if self.settings.council is not None:
            _ = self.council

    @cached_property
    def service(self) -> Service:
        """The engine over the store, with the workflows of a police council."""
        return self.service_over(self.store)

    def service_over(self, store: SqlStore) -> Service:
        """The engine over another store."""
        from commands.tables import workflows
        from engine.service import Service, rules_of
        from workflows.profile import Profile

        return Service(store, rules_of(workflows(), Profile.from_json), self.clock, self.entropy, self.login)

    @cached_property
    def mailer(self) -> Mailer:
        """Where mail goes: a folder or a server. Raises `ConfigurationError`."""
        from engine.mail import mailer_for

        return mailer_for(self.settings.mail, os.environ, self.settings.file.parent)

    @property
    def mail_from(self) -> str:
        """The address letters come from. Raises `ConfigurationError` where mail leaves the machine without one.

        What else is wrong with mail is told first, so that nobody mends one thing only to learn of the next.
        """
        if self.settings.mail_from is not None:
            return self.settings.mail_from
        if self.settings.mail.startswith("file:"):
            return "politirad@localhost"
        raise ConfigurationError(
            *self._faults_of_mail(),
            "mail names a server but mail_from is missing: the address letters come from. "
            'Write mail_from = "politirad@example.no" in politirad.toml, or set $POLITIRAD_MAIL_FROM.',
        )

    def _faults_of_mail(self) -> tuple[str, ...]:
        try:
            _ = self.mailer
        except ConfigurationError as error:
            return error.lines
        return ()

    @contextmanager
    def reading(self, as_of: date | None = None) -> Iterator[SqlReader]:
        """A reader over the council as it is, or as its log said at the end of a local date."""
        opened = self.store.read(self.council) if as_of is None else self.store.as_of(self.council, as_of)
        with opened as reader:
            yield reader

    @property
    def language(self) -> Language:
        """The language of labels and reasons."""
        return self.settings.language or "en"

    @cached_property
    def words(self) -> Words:
        """The catalogue of the reader's language."""
        from workflows.words import Words

        return Words(self.language)

    def actor(self, reader: SqlReader, handle: str | None = None) -> str:
        """The id of the person who acts. Raises `UsageError` where nobody is named, `NotFoundError`."""
        named = handle or self.settings.person
        if named is None:
            raise UsageError('Say who you are: --person HANDLE, or person = "…" in politirad.toml.')
        return reader.person(named).id


def setup_of(ctx: click.Context) -> Setup:
    """The setup handed to a command."""
    setup = ctx.find_object(Setup)
    if setup is None:
        raise UsageError("This command needs the settings that `politirad` reads; run it through `politirad`.")
    return setup


def tell_of_upgrade(found: str, newest: str) -> None:
    """Say that an older database is brought to the newest schema."""
    click.echo(f"Upgrading the database from schema {found} to {newest} …", err=True)
