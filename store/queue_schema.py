"""The tables of the queue (procrastinate) on a server: made where they are missing, upgraded where they are older.

procrastinate ships its schema, and files that lead from one version to the next, and keeps no account of which of them
were run. So the comment on its table of jobs says it.
"""

from __future__ import annotations

import re
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import StoreUnavailableError, UsageError
from store.postgres_owner import become_owner
from store.postgres_roles import grant_anew

if TYPE_CHECKING:
    from store.link import Link
    from store.postgres import Postgres

STAMP = "migrations of procrastinate up to "
"""How the table's comment begins; the name of the last file that was run follows."""
_FOUND = "SELECT to_regclass('procrastinate_jobs') IS NOT NULL, obj_description(to_regclass('procrastinate_jobs'))"
_NAMES = """\
SELECT proname::text FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
UNION ALL SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace
"""
_MADE = re.compile(r"^CREATE (?:FUNCTION|TABLE|(?:UNIQUE )?INDEX) (\w+)", re.MULTILINE)


def upgrade_queue(server: Postgres) -> bool:
    """Bring the queue's tables to the installed procrastinate's version; whether there was need.

    Each file is run in a transaction of its own, as they are meant to be; broken off, it goes on where it was. Raises
    `UsageError` where procrastinate is not installed, `StoreUnavailableError` where its tables are of a newer one or of
    one nobody knows, and where the user does not own the database's tables.
    """
    for step in count():
        with server.writing() as link:
            found = missing(link)
            if not found:
                return step > 0
            name, statements = found[0]
            become_owner(link)
            link.connection.execute(statements, prepare=False)
            link.connection.execute(f"COMMENT ON TABLE procrastinate_jobs IS '{STAMP}{name}'", prepare=False)
            grant_anew(link)
    raise AssertionError  # it returns when nothing is missing


def missing(link: Link) -> list[tuple[str, str]]:
    """What is still to be run for the installed version: the statements, by the file they lead up to.

    Tables that somebody else made are believed to be current where everything is there. Raises as `upgrade_queue`.
    """
    schema, files = _installed()
    newest = files[-1].name
    ((there, comment),) = link.connection.execute(_FOUND).fetchall()
    if not there:
        return [(newest, schema)]
    if not (comment or "").startswith(STAMP):
        _check_complete(link, schema)
        return []
    last = comment.removeprefix(STAMP)
    if last > newest:
        raise StoreUnavailableError(
            f"The queue's tables are of a newer procrastinate ({last}). Install that, or a newer politirad."
        )
    return [(file.name, file.read_text(encoding="utf-8")) for file in files if file.name > last]


def _installed() -> tuple[str, list[Path]]:
    """The schema of the installed procrastinate, and the files that lead to it from older ones, in order."""
    try:
        from procrastinate.schema import SchemaManager
    except ImportError as error:
        raise UsageError(f"Workers need procrastinate: pip install 'politirad[workers]' ({error}).") from error
    return SchemaManager.get_schema(), sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))


def _check_complete(link: Link, schema: str) -> None:
    if not set(_MADE.findall(schema)) <= {name for (name,) in link.connection.execute(_NAMES)}:
        raise StoreUnavailableError(
            "The queue's tables are of an older procrastinate, and nobody noted of which. Run the files after it in "
            "the folder that `procrastinate schema --migrations-path` names, then this again."
        )
