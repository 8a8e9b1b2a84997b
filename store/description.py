"""What `doctor` is told of a database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.database_url import DatabaseUrl


@dataclass(frozen=True, slots=True)
class Description:
    """A database as it is: where, by which version of its product, and with which journal.

    `journal` is WAL or DELETE, SERVER where a server keeps it; `wal_is_safe` tells whether WAL would be safe in a file.
    """

    place: Path | DatabaseUrl
    version: str
    journal: str
    wal_is_safe: bool = True
