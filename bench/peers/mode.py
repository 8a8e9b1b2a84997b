"""Where the contestants keep their records, and how a commit must reach the disk there.

On SQLite all of them sync as ours does, by EXTRA: under DELETE the folder is synced too, so that no commit which was
acknowledged is undone by a loss of power. In WAL that is what FULL does, so it is called that.
"""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """A database and its settings."""

    WAL = "WAL"
    DELETE = "DELETE"
    SHIPPED = "shipped"
    """Each with the settings it comes with."""
    POSTGRESQL = "PostgreSQL"


SYNCHRONOUS = "EXTRA"
SYNC = {
    Mode.WAL: "WAL/FULL",
    Mode.DELETE: f"DELETE/{SYNCHRONOUS}",
    Mode.POSTGRESQL: "fsync on, synchronous_commit on",
}
TITLES = {
    Mode.WAL: "SQLite, WAL/FULL",
    Mode.DELETE: f"SQLite, DELETE/{SYNCHRONOUS}",
    Mode.SHIPPED: "Each as it ships",
    Mode.POSTGRESQL: "PostgreSQL, as it ships",
}
