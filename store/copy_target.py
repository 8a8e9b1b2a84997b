"""Where a copy of a database goes: an empty place, which bears the mark of an unfinished copy until it is whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import exists, select

import store.tables  # noqa: F401  # fills the metadata
from engine.errors import StoreUnavailableError, UsageError
from store.backup import SIDE_FILES
from store.creation import check_place, is_empty, make, mark_in
from store.schema import REVISION, UNFINISHED, metadata
from store.sqlite import Sqlite

if TYPE_CHECKING:
    from engine.database_url import DatabaseUrl
    from store.link import Link
    from store.postgres import Postgres

Database: TypeAlias = "Sqlite | Postgres"

_ANY = tuple(select(exists(select(table.c.council))) for table in metadata.sorted_tables)
_GUARDED = ("event", "checkpoint", "checkpoint_sig")


def place(database: Database) -> Path | DatabaseUrl:
    """Where a database is, as people are told."""
    return database.path if isinstance(database, Sqlite) else database.url


def check(target: Database) -> None:
    """Raises `UsageError` where there is anything but an unfinished copy, and `StoreUnavailableError`."""
    _found(target)


def begin(target: Database) -> None:
    """Make empty tables under the mark of an unfinished copy; what an earlier copy left is thrown away.

    Raises as `check` does.
    """
    mark = _found(target)
    if isinstance(target, Sqlite):
        _begin_in_file(target, mark)
    else:
        _begin_on_server(target, mark)


def finish(target: Database) -> None:
    """Take the mark off: from now on it is a database like any other."""
    with target.writing() as link:
        _set_mark(link, REVISION)
    if not isinstance(target, Sqlite):
        with target.idle() as link:  # the server knows nothing yet of how many rows there are to choose its indexes by
            link.connection.execute("ANALYZE")


def _found(target: Database) -> str | None:
    """The mark of what is there, which holds nothing of worth; None where there is nothing at all."""
    if isinstance(target, Sqlite):
        return _found_in_file(target)
    from store import postgres_creation

    if not postgres_creation.is_stamped(target):
        return None
    with target.idle() as link:
        return _worthless(link, postgres_creation.mark_in(link), target)


def _found_in_file(file: Sqlite) -> str | None:
    try:
        check_place(file, create=True)
        if not file.path.exists():
            return None
    except OSError as error:
        raise StoreUnavailableError(f"{file.path} cannot be opened: {error.strerror}. Give another path.") from error
    with file.idle() as link:
        return None if is_empty(link) else _worthless(link, mark_in(link, file), file)


def _worthless(link: Link, mark: str, target: Database) -> str:
    if mark != UNFINISHED and (mark != REVISION or any(link.run(ask).fetchone()[0] for ask in _ANY)):
        raise UsageError(
            f"{place(target)} holds a database already, and nothing was changed in it. Name an empty database, or a "
            "file that is not there yet."
        )
    return mark


def _begin_in_file(file: Sqlite, mark: str | None) -> None:
    if mark == UNFINISHED:
        for end in ("", *SIDE_FILES):
            Path(f"{file.path}{end}").unlink(missing_ok=True)
    with file.idle(create=True) as link:
        if mark == REVISION:
            _set_mark(link, UNFINISHED)
        else:
            make(link, file.journal, UNFINISHED)


def _begin_on_server(server: Postgres, mark: str | None) -> None:
    from store import postgres_creation

    if mark is None:
        postgres_creation.make(server, UNFINISHED)
        return
    with server.writing() as link:
        if mark == UNFINISHED:
            _empty(link)
        _set_mark(link, UNFINISHED)


def _empty(link: Link) -> None:
    """Throw every row away, past the triggers. The tables stay, with the rights on them. Only their owner can."""
    from store.postgres_guards import ALWAYS

    for table in _GUARDED:
        link.connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    link.connection.execute(f"TRUNCATE {', '.join(table.name for table in metadata.sorted_tables)}")
    for on in ALWAYS:
        link.connection.execute(on)


def _set_mark(link: Link, mark: str) -> None:
    link.connection.execute(f"UPDATE alembic_version SET version_num = '{mark}'")  # noqa: S608  # a constant of ours
