"""A PostgreSQL server to measure on, with its settings as they ship: what is acknowledged is on the disk.

Not the server of the tests, which need not wait for a disk. `$POLITIRAD_BENCH_POSTGRES` names another one by its URL,
whose user may make databases.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

import psycopg

from tests.postgres_server import database_on, started

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

VARIABLE = "POLITIRAD_BENCH_POSTGRES"
"""Names a server to be used instead."""

_SYNC = "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes')"


@cache
def server_url() -> str:
    """The URL of the server's own database; started the first time, and stopped with this process."""
    return os.environ.get(VARIABLE) or started("bench")


def new_database(like: str | None = None) -> AbstractContextManager[str]:
    """The URL of a database that is empty, or a copy of another one that nobody is in; dropped afterwards."""
    return database_on(server_url(), like)


def described(url: str) -> str:
    """A server in one line: its version, and what it does before it says that a commit is done."""
    with psycopg.connect(url) as connection:
        version = connection.info.parameter_status("server_version")
        settings = ", ".join(f"{name} {setting}" for name, setting in sorted(connection.execute(_SYNC).fetchall()))
    return f"PostgreSQL {version}, {settings}"
