"""Taking what was erased out of the tables of a server, where old versions of rows and their statistics still hold it.

An UPDATE or DELETE leaves the old row where it stood until a vacuum finds it, and a plain vacuum leaves it in the page.
So the tables that hold personal data are written anew, with their indexes, and analysed anew, since the planner's
statistics quote common values; the old statistics are gone once autovacuum has been through `pg_statistic`.

What stays until it is recycled: the write-ahead log, its archive, base backups and replicas' logs of the server, and
blocks of the disk that the old files had. How long that is, whoever keeps the server decides.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import psycopg

from engine.errors import StoreUnavailableError
from store.letters import letter
from store.people import login, person, remark

if TYPE_CHECKING:
    from store.postgres import Postgres

_HELD = ", ".join(table.name for table in (person, remark, login, letter))
_ANEW = f"VACUUM (FULL, VERBOSE) {_HELD}"
_NUMBER = re.compile(r"\d+")
"""The first one in what the server says of a table, in whatever language."""
PATIENCE = 60.0
"""Seconds to wait for transactions that are older than the erasure; those of other databases count, too."""
_PAUSE = 0.1
"""Seconds until it is tried again, each time twice as many."""
_OWNER = """\
SELECT pg_get_userbyid(relowner) FROM pg_class
WHERE oid = 'person'::regclass AND NOT pg_has_role(relowner, 'USAGE')
"""


def purge(server: Postgres) -> None:
    """Write the tables of persons, remarks, logins and letters anew, each while nobody reads it.

    Raises `StoreUnavailableError` where the tables are another user's, saying what that user must run, and where
    somebody reads them all the while.
    """
    with server.idle() as link:
        owner = link.connection.execute(_OWNER).fetchone()
        if owner is None:
            _write_anew(server)
            return
    raise StoreUnavailableError(
        f"{server.url}: the tables belong to {owner[0]}, who must run in psql: {_ANEW}; ANALYZE {_HELD}; or do it "
        "as that user."
    )


def _write_anew(server: Postgres) -> None:
    """Over a connection of its own, until no old row is left; one stays as long as any transaction is older."""
    until, pause = time.monotonic() + PATIENCE, _PAUSE
    with psycopg.connect(server.url.conninfo, autocommit=True) as connection:
        connection.execute(f"SET lock_timeout = {max(1, int(server.timeout * 1000))}", prepare=False)
        while _left_by_vacuum(connection):
            if time.monotonic() > until:
                raise StoreUnavailableError(
                    f"{server.url}: a transaction goes on that is older than the erasure (a backup, a report, be it of "
                    "another database of the server), so the old rows had to stay. Wait until it is done, or end it."
                )
            time.sleep(pause)
            pause *= 2
        connection.execute(f"ANALYZE {_HELD}", prepare=False)


def _left_by_vacuum(connection: psycopg.Connection[Any]) -> int:
    """Write the tables anew; how many dead rows had to be taken along, which the server only tells in words."""
    told = list[str]()
    connection.add_notice_handler(hear := lambda notice: told.append(notice.message_detail or ""))
    try:
        connection.execute(_ANEW, prepare=False)
    finally:
        connection.remove_notice_handler(hear)
    return sum(int(number[0]) for detail in told if (number := _NUMBER.search(detail)))
