"""Taking what was erased out of the file: from pages that are free, from slack in pages, from the write-ahead log.

`secure_delete` overwrites a row where it stood, and not the copies that moving rows between pages left behind; so the
file is written anew. Blocks of the disk that a file once had are the file system's, and copies of the file are
whoever's made them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import StoreUnavailableError
from store.sqlite import Sqlite

if TYPE_CHECKING:
    from store.postgres import Postgres


def purge(file: Sqlite | Postgres) -> None:
    """Write the database anew and empty its write-ahead log; waits for others as a writer does.

    Raises `StoreUnavailableError` where another program reads from the log all the while, or the disk is full; of a
    server also where the tables are another user's.
    """
    if not isinstance(file, Sqlite):
        from store import postgres_purge

        postgres_purge.purge(file)
        return
    with file.idle() as link:
        link.connection.execute("VACUUM")
        ((busy, *_),) = link.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    if busy:
        raise StoreUnavailableError(
            f"{file.path} is being read by another program, so its journal cannot be emptied. Stop what else uses it."
        )
