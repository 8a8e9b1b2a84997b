"""Taking what was erased out of the tables of a server, where old versions of rows and their statistics still hold it.

An UPDATE or DELETE leaves the old row where it stood until a vacuum finds it, and a plain vacuum leaves it in the page.
So the tables that hold personal data are written anew, with their indexes, and analysed anew, since the planner's
statistics quote common values; the old statistics are gone once autovacuum has been through `pg_statistic`.

What stays until it is recycled: the write-ahead log, its archive, base backups and replicas' logs of the server, and
blocks of the disk that the old files had. How long that is, whoever keeps the server decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from engine.errors import StoreUnavailableError
from store.letters import letter
from store.people import login, person, remark

if TYPE_CHECKING:
    from store.postgres import Postgres

_HELD = ", ".join(table.name for table in (person, remark, login, letter))
_ANEW = f"VACUUM (FULL, ANALYZE) {_HELD}"
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
    if owner is not None:
        raise StoreUnavailableError(
            f"{server.url}: the tables belong to {owner[0]}, who must run in psql: {_ANEW}; or do it as that user."
        )
    with server.explaining(), psycopg.connect(server.url.conninfo, autocommit=True) as connection:
        connection.execute(f"SET lock_timeout = {max(1, int(server.timeout * 1000))}", prepare=False)
        connection.execute(_ANEW, prepare=False)
