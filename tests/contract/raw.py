"""Past the store, straight into its file: what an accident or an attacker could do.

It takes the store's own driver: two builds of SQLite on one file in one process undo each other's locks.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from store.sqlite import driver
from store.tables import VIEWS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from sqlite3 import Connection


@contextmanager
def raw(database: Path) -> Iterator[Connection]:
    """A connection that commits as it ends."""
    connection = driver.connect(database)
    try:
        yield connection
        connection.commit()
    finally:
        connection.close()


@contextmanager
def unguarded(database: Path) -> Iterator[Connection]:
    """The same without the triggers, which are put back as if nothing had been: what a careful attacker does."""
    with raw(database) as connection:
        guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
        for _, guard in guards:
            connection.execute(guard)


def views_of(database: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every view."""
    with raw(database) as connection:
        return {
            view.name: connection.execute(f"SELECT * FROM {view.name} ORDER BY 1, 2, 3").fetchall()  # noqa: S608  # ours
            for view in VIEWS
        }
