"""Past the store, straight into its database: what an accident or an attacker could do.

The statements are the same for a file and for a server, with `?` where a value goes. For a file the store's own driver
is taken: two builds of SQLite on one file in one process undo each other's locks.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import RawCursor

from store import SqlStore
from store.link import Product
from store.postgres_link import POSTGRES
from store.sqlite import SQLITE, driver
from store.tables import VIEWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_GUARDED = ("event", "checkpoint", "checkpoint_sig")
CHECK = "ALTER TABLE event ADD CONSTRAINT is_of_body CHECK (leaf = sha256('\\x00'::bytea || convert_to(body, 'UTF8')))"
_MADE_OF = """\
SELECT 'column', table_name || '.' || column_name, concat_ws(' ', data_type, is_nullable, generation_expression)
    FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'constraint', conname, conrelid::regclass || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid) || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function', proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
ORDER BY 1, 2, 3"""


class Hand:
    """A connection to a database of either kind, with nothing of ours between."""

    def __init__(self, connection: Any) -> None:  # noqa: ANN401  # of one driver or the other
        self._connection = connection
        self._is_server = isinstance(connection, psycopg.Connection)

    def execute(self, statement: str, values: Sequence[object] = ()) -> Any:  # noqa: ANN401  # a cursor of the driver
        """Run a statement; its rows."""
        return self._connection.execute(_numbered(statement) if self._is_server else statement, values)


def _numbered(statement: str) -> str:
    """`$1`, `$2` … for each `?`."""
    numbers = count(1)
    return re.sub(r"\?", lambda _: f"${next(numbers)}", statement)


def product_of(store: SqlStore) -> Product:
    """Which kind of database a store keeps its record in."""
    return SQLITE if isinstance(store.describe().place, Path) else POSTGRES


def another(store: SqlStore, timeout: float = 10.0) -> SqlStore:
    """The same database opened once more, as another process would; it waits so many seconds for others."""
    return SqlStore.open(store.describe().place, timeout=timeout)


@contextmanager
def raw(where: Path | SqlStore) -> Iterator[Hand]:
    """A hand in a database, which commits as it ends."""
    place = where.describe().place if isinstance(where, SqlStore) else where
    if not isinstance(place, Path):
        with psycopg.connect(place.conninfo, autocommit=True, cursor_factory=RawCursor) as server:
            yield Hand(server)
        return
    connection = driver.connect(place)
    try:
        yield Hand(connection)
        connection.commit()
    finally:
        connection.close()


@contextmanager
def unguarded(where: Path | SqlStore) -> Iterator[Hand]:
    """The same without what guards the log, which is put back as if nothing had been: what a careful attacker does."""
    with raw(where) as hand:
        if isinstance(where, SqlStore) and product_of(where) is POSTGRES:
            yield from _unguarded_server(hand)
        else:
            yield from _unguarded_file(hand)


def _unguarded_file(hand: Hand) -> Iterator[Hand]:
    guards = hand.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in guards:
        hand.execute(f"DROP TRIGGER {name}")
    yield hand
    for _, guard in guards:
        hand.execute(guard)


def _unguarded_server(hand: Hand) -> Iterator[Hand]:
    """Somebody who may do anything there: whoever only owns the tables cannot make a broken CHECK look kept."""
    be_superuser(hand)
    for table in _GUARDED:
        hand.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    hand.execute("ALTER TABLE event DROP CONSTRAINT is_of_body")
    yield hand
    hand.execute(f"{CHECK} NOT VALID")
    hand.execute("UPDATE pg_constraint SET convalidated = true WHERE conname = 'is_of_body'")
    for table in _GUARDED:
        own = hand.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = ?::regclass", [table])
        for (trigger,) in own.fetchall():
            hand.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")


def be_superuser(hand: Hand) -> None:
    """Skip a test of what only a superuser can do, on a server where the tests are none."""
    if not hand.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()[0]:
        pytest.skip("only a superuser of the server could attack it like this")


def views_of(where: Path | SqlStore) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every view."""
    with raw(where) as hand:
        return {
            view.name: hand.execute(f"SELECT * FROM {view.name} ORDER BY 1, 2, 3").fetchall()  # noqa: S608  # ours
            for view in VIEWS
        }


def made_of(store: SqlStore) -> list[tuple[str, str, str]]:
    """Every table, index, trigger and function of a database, with the words that made it, whatever the white space."""
    of_file = "SELECT type, name, coalesce(sql, '') FROM sqlite_master ORDER BY type, name"
    without_space = partial(re.sub, r"\s+", "")
    with raw(store) as hand:
        rows = hand.execute(of_file if product_of(store) is SQLITE else _MADE_OF).fetchall()
    return [(kind, name, without_space(words)) for kind, name, words in rows]
