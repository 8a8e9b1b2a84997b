"""Making, recognising and upgrading a database on a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from engine.errors import StoreUnavailableError
from store.creation import Tell, schema, stamping, unfinished
from store.postgres_guards import name_schema
from store.schema import BROKEN_OFF, REVISION

if TYPE_CHECKING:
    from engine.database_url import DatabaseUrl
    from store.link import Link
    from store.postgres import Postgres

OLDEST = 15
"""The oldest PostgreSQL that is tested, and that its makers keep."""

FIRST = "0005"
"""The oldest schema there can be on a server; earlier ones knew only files."""

_FOUND = """\
SELECT current_setting('server_version_num')::int / 10000, current_setting('server_version'),
    current_setting('server_encoding'), current_schema()::text, to_regclass('alembic_version') IS NOT NULL,
    to_regclass('event') IS NOT NULL, pg_backend_pid(),
    coalesce((SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass('event')), false)
"""


class Found(NamedTuple):
    """What a server says of itself. `backend` is the process that answered, `owns` whether the log's table is ours."""

    major: int
    version: str
    encoding: str
    schema: str | None
    stamped: bool
    ours: bool
    backend: int
    owns: bool


def prepare(server: Postgres, *, create: bool, tell: Tell | None) -> None:
    """Make the tables where there are none and `create` says so; upgrade older ones.

    Raises `StoreUnavailableError` where the server will not do, or its tables are missing, another program's, or of a
    newer schema; or of an older one, and the user may not change it.
    """
    with server.idle() as link:
        found = _found(link)
        if found.backend != link.connection.info.backend_pid:
            server.prepare_nothing()  # a pool stands in front, and the next statement may meet another server process
        check_server(server.url, found)
        if not found.stamped and not create:
            raise StoreUnavailableError(f"{server.url} has no tables of politirad. `politirad init` makes them.")
    if not found.stamped:
        make(server)
    with server.idle() as link:
        revision = _revision(link, server)
    if revision < REVISION:
        _upgrade(server, found, revision, tell)


def is_stamped(server: Postgres) -> bool:
    """Whether there are tables of ours. Raises `StoreUnavailableError` where the server will not do."""
    with server.idle() as link:
        found = _found(link)
    check_server(server.url, found)
    return found.stamped


def _upgrade(server: Postgres, found: Found, revision: str, tell: Tell | None) -> None:
    if not found.owns:
        raise StoreUnavailableError(
            f"{server.url} has schema {revision}, and this politirad needs {REVISION}. Run `politirad db upgrade` as "
            "the user who owns its tables."
        )
    if tell is not None:
        tell(revision, REVISION)
    from store.postgres_upgrade import upgrade

    upgrade(server)


def _found(link: Link) -> Found:
    return Found(*link.connection.execute(_FOUND).fetchone())


def check_server(url: DatabaseUrl, found: Found) -> None:
    """Raise `StoreUnavailableError` where a server, or the database on it, will not do."""
    if found.major < OLDEST:
        raise StoreUnavailableError(
            f"{url} is PostgreSQL {found.version}; politirad needs {OLDEST} or newer. Have the server upgraded."
        )
    if found.encoding != "UTF8":
        raise StoreUnavailableError(
            f"The database {url} is encoded in {found.encoding}. Have one made that takes any letter: "
            "createdb --encoding UTF8 --template template0 NAME"
        )
    if found.schema is None:
        raise StoreUnavailableError(
            f"{url}: no schema of the search_path is there, or this user may not use it. Make it, or have it granted."
        )
    if found.ours and not found.stamped:
        raise StoreUnavailableError(f"{url} holds another program's tables. Name a database of politirad's own.")


def make(server: Postgres, mark: str = REVISION) -> None:
    """Make the schema. Whoever comes second in a race finds it made."""
    with server.writing() as link:
        if not _found(link).stamped:
            name_schema(link)
            for statement in (*schema(link.product), *stamping(mark)):
                link.connection.execute(statement, prepare=False)


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
    if not (found.isdecimal() and len(found) == len(REVISION) and found >= FIRST):
        raise StoreUnavailableError(f"{server.url} holds another program's tables. Name a database of politirad's own.")
    if found > REVISION:
        raise StoreUnavailableError(
            f"{server.url} has schema {found}, and this politirad knows up to {REVISION}. Install a newer politirad."
        )
    return found
