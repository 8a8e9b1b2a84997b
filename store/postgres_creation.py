"""Making, recognising and upgrading a database on a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from engine.errors import StoreUnavailableError
from store.creation import Tell, schema, stamping, unfinished
from store.postgres import Postgres, lock_of
from store.postgres_guards import name_schema
from store.schema import BROKEN_OFF, REVISION

if TYPE_CHECKING:
    from store.link import Link

OLDEST = 15
"""The oldest PostgreSQL that is tested, and that its makers keep."""

_FOUND = """\
SELECT current_setting('server_version_num')::int / 10000, current_setting('server_version'),
    current_setting('server_encoding'), current_schema()::text, to_regclass('alembic_version') IS NOT NULL,
    to_regclass('event') IS NOT NULL
"""
_LOCK = lock_of("")
_BEGIN = f"BEGIN; SELECT pg_advisory_xact_lock({_LOCK})"
"""Whoever makes the tables or upgrades them takes the lock that belongs to no council."""


class _Found(NamedTuple):
    major: int
    version: str
    encoding: str
    schema: str | None
    stamped: bool
    ours: bool


def prepare(server: Postgres, *, create: bool, tell: Tell | None) -> None:
    """Make the tables where there are none and `create` says so; upgrade older ones.

    Raises `StoreUnavailableError` where the server will not do, or its tables are missing, another program's, or of a
    newer schema.
    """
    with server.idle() as link:
        if not is_stamped(link, server):
            if not create:
                raise StoreUnavailableError(f"{server.url} has no tables of politirad. `politirad init` makes them.")
            make(link)
        revision = _revision(link, server)
    if revision < REVISION:
        if tell is not None:
            tell(revision, REVISION)
        from store.upgrade import upgrade

        upgrade(server)


def is_stamped(link: Link, server: Postgres) -> bool:
    """Whether there are tables of ours. Raises `StoreUnavailableError` where the server will not do."""
    found = _Found(*link.connection.execute(_FOUND).fetchone())
    _check_server(server, found)
    return found.stamped


def _check_server(server: Postgres, found: _Found) -> None:
    if found.major < OLDEST:
        raise StoreUnavailableError(
            f"{server.url} is PostgreSQL {found.version}; politirad needs {OLDEST} or newer. Have the server upgraded."
        )
    if found.encoding != "UTF8":
        raise StoreUnavailableError(
            f"The database {server.url} is encoded in {found.encoding}. Have one made with createdb --encoding UTF8."
        )
    if found.schema is None:
        raise StoreUnavailableError(
            f"{server.url}: no schema of the search_path is there. Make it, or correct the path."
        )
    if found.ours and not found.stamped:
        raise StoreUnavailableError(f"{server.url} holds another program's tables. Name a database of politirad's own.")


def make(link: Link, mark: str = REVISION) -> None:
    """Make the schema. Whoever comes second in a race finds it made."""
    link.connection.execute(_BEGIN, prepare=False)
    try:
        if not _Found(*link.connection.execute(_FOUND).fetchone()).stamped:
            name_schema(link)
            for statement in (*schema(link.product), *stamping(mark)):
                link.connection.execute(statement, prepare=False)
        link.connection.execute("COMMIT")
    except BaseException:
        link.connection.execute("ROLLBACK")
        raise


def mark_in(link: Link) -> str:
    """The revision as it is kept, or the mark of an unfinished copy; empty where there is none."""
    rows = link.connection.execute("SELECT version_num FROM alembic_version").fetchall()
    return str(rows[0][0]) if rows else ""


def _revision(link: Link, server: Postgres) -> str:
    """The revision of a database.

    Raises `StoreUnavailableError` where it is another program's, an unfinished copy, or newer.
    """
    found = mark_in(link)
    if found.startswith(BROKEN_OFF):
        raise unfinished(server.url)
    if not (found.isdecimal() and len(found) == len(REVISION)):
        raise StoreUnavailableError(f"{server.url} holds another program's tables. Name a database of politirad's own.")
    if found > REVISION:
        raise StoreUnavailableError(
            f"{server.url} has schema {found}, and this politirad knows up to {REVISION}. Install a newer politirad."
        )
    return found
