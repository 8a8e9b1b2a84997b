"""Which database a path or a URL names: a file, or a server, whose driver is imported only where it is needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engine.database_url import DatabaseUrl, is_server
from engine.errors import UsageError
from store.creation import Tell, prepare
from store.sqlite import Sqlite

if TYPE_CHECKING:
    from store.postgres import Postgres


def database_at(
    where: str | Path | DatabaseUrl, *, journal: str | None = None, timeout: float = 10.0
) -> Sqlite | Postgres:  # fmt: skip
    """The database at a path or URL, whatever is there. Raises `UsageError` where the two say none we know."""
    if isinstance(where, DatabaseUrl) or (isinstance(where, str) and is_server(where)):
        return _server(DatabaseUrl(where) if isinstance(where, str) else where, timeout)
    return Sqlite(_path(str(where)), journal=journal, timeout=timeout)


def prepared(database: Sqlite | Postgres, *, create: bool, upgrading: Tell | None) -> Sqlite | Postgres:
    """The database, made where there is none and `create` says so, and upgraded where it is older.

    Raises `StoreUnavailableError` where it cannot be used.
    """
    if isinstance(database, Sqlite):
        prepare(database, create=create, tell=upgrading)
        return database
    from store import postgres_creation

    try:
        postgres_creation.prepare(database, create=create, tell=upgrading)
    except BaseException:
        database.close()
        raise
    return database


def _server(where: DatabaseUrl, timeout: float) -> Postgres:
    try:
        from store.postgres import Postgres
    except ImportError as error:
        raise UsageError(f"PostgreSQL needs a driver: pip install 'politirad[postgres]' ({error}).") from error
    return Postgres(where, timeout=timeout)


def _path(where: str) -> Path:
    scheme, separator, rest = where.partition("://")
    if not separator:
        return Path(where)
    if scheme != "sqlite" or not rest.startswith("/"):
        raise UsageError(f"{scheme}:// is not a database politirad can open. Give a path, or sqlite:///path.")
    return Path(rest[1:])
