"""Making, recognising and upgrading a database.

A new one is made from the metadata at once and stamped with the newest revision: importing Alembic takes longer
than all of `politirad init`. A test holds the two ways to the same schema.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy.schema import CreateIndex, CreateTable, DDLElement

import store.tables  # noqa: F401  # fills the metadata
from engine.errors import StoreUnavailableError
from store.schema import BROKEN_OFF, REVISION, metadata
from store.sqlite import APPLICATION, Sqlite, driver

if TYPE_CHECKING:
    from pathlib import Path

    from engine.database_url import DatabaseUrl
    from store.link import Link, Product

Tell: TypeAlias = Callable[[str, str], None]
"""Is told before an upgrade: the revision found and the one it is upgraded to."""

_KEPT = """\
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
)"""


def prepare(file: Sqlite, *, create: bool, tell: Tell | None) -> None:
    """Make the database where there is none and `create` says so; upgrade an older one.

    Raises `StoreUnavailableError` where it is missing, another program's, or of a newer schema.
    """
    try:
        check_place(file, create=create)
    except OSError as error:
        raise StoreUnavailableError(f"{file.path} cannot be opened: {error.strerror}. Give another path.") from error
    with file.idle(create=create) as link:
        if is_empty(link):
            if not create:
                raise StoreUnavailableError(f"{file.path} is empty. Run `politirad init` to make a database of it.")
            make(link, file.journal)
        found = revision(link, file)
        _settle_journal(link, file.journal)
    if found < REVISION:
        if tell is not None:
            tell(found, REVISION)
        from store.upgrade import upgrade

        upgrade(file)


def create_schema(link: Link) -> None:
    """Make all tables, indexes and triggers, in the transaction the connection is in or each by itself."""
    for statement in schema(link.product):
        link.connection.execute(statement)


@cache
def schema(product: Product) -> tuple[str, ...]:
    """The statements that make all tables, indexes and triggers."""
    tables = metadata.sorted_tables
    indexes = (index for table in tables for index in sorted(table.indexes, key=lambda index: str(index.name)))
    elements: tuple[DDLElement, ...] = (*map(CreateTable, tables), *map(CreateIndex, indexes))
    return (*(str(element.compile(dialect=product.dialect)) for element in elements), *product.guards)


def stamping(mark: str) -> tuple[str, ...]:
    """The statements that keep the revision of a new database, or the mark of an unfinished copy."""
    return _KEPT, f"INSERT INTO alembic_version (version_num) VALUES ('{mark}')"  # noqa: S608  # ours


def unfinished(where: Path | DatabaseUrl) -> StoreUnavailableError:
    """What whoever opens an unfinished copy is told."""
    return StoreUnavailableError(
        f"{where} is a copy that was broken off. Run the same command again: politirad db copy SRC {where}"
    )


def check_place(file: Sqlite, *, create: bool) -> None:
    """Raises `StoreUnavailableError` where there is no file, or cannot be one, and `OSError`."""
    if file.path.is_dir():
        raise StoreUnavailableError(f"{file.path} is a folder. Name the database file inside it.")
    if create and not file.path.absolute().parent.is_dir():
        raise StoreUnavailableError(f"The folder {file.path.absolute().parent} does not exist. Make it first.")
    if not create and not file.path.exists():
        raise StoreUnavailableError(f"There is no database {file.path}. Run `politirad init` to make one.")


def is_empty(link: Link) -> bool:
    """Whether nobody has made anything in a file yet."""
    ((tables,),) = link.connection.execute("SELECT count(*) FROM sqlite_master")
    ((application,),) = link.connection.execute("PRAGMA application_id")
    return bool(tables == application == 0)


def make(link: Link, journal: str, mark: str = REVISION) -> None:
    """Make the schema in an empty file. Whoever comes second in a race finds it made."""
    link.connection.execute(f"PRAGMA journal_mode = {journal}")
    link.connection.execute("BEGIN IMMEDIATE")
    if is_empty(link):
        create_schema(link)
        for statement in (*stamping(mark), f"PRAGMA application_id = {APPLICATION}"):
            link.connection.execute(statement)
    link.connection.execute("COMMIT")


def revision(link: Link, file: Sqlite) -> str:
    """The revision of a database of ours; 0000 where it was marked as ours and no more.

    Raises `StoreUnavailableError` where it is another program's, an unfinished copy, or of a newer schema.
    """
    found = mark_in(link, file)
    if found.startswith(BROKEN_OFF):
        raise unfinished(file.path)
    if found > REVISION:
        raise StoreUnavailableError(
            f"{file.path} has schema {found}, and this politirad knows up to {REVISION}. Install a newer politirad."
        )
    return found


def mark_in(link: Link, file: Sqlite) -> str:
    """The revision as it is kept, or the mark of an unfinished copy.

    Raises `StoreUnavailableError` where the file is another program's.
    """
    ((application,),) = link.connection.execute("PRAGMA application_id")
    if application != APPLICATION:
        raise StoreUnavailableError(f"{file.path} is another program's database. Name politirad's own.")
    ((stamped,),) = link.connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'")
    rows = link.connection.execute("SELECT version_num FROM alembic_version").fetchall() if stamped else []
    return str(rows[0][0]) if rows else "0000"


def _settle_journal(link: Link, journal: str) -> None:
    """Set the journal mode where it differs. Another process that has the file open may keep it as it is."""
    ((mode,),) = link.connection.execute("PRAGMA journal_mode")
    if mode != journal.lower():
        link.connection.execute("PRAGMA busy_timeout = 0")
        with suppress(driver.Error):
            link.connection.execute(f"PRAGMA journal_mode = {journal}")
