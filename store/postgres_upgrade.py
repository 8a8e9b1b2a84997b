"""Upgrading an older database on a server. Imported only where there is something to upgrade.

Alembic speaks to the server as SQLAlchemy does and we as the driver does; here both do so on one connection, in one
transaction. Nobody writes meanwhile: the locks of all councils are taken first, in their order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from psycopg import Cursor, RawCursor
from sqlalchemy import StaticPool, create_engine, event
from sqlalchemy.exc import DBAPIError

from store.log import LOGS
from store.postgres_guards import name_schema
from store.postgres_link import ServerLink
from store.postgres_locks import lock_of
from store.postgres_owner import become_owner
from store.postgres_roles import grant_anew
from store.rebuild import ignored, rebuild
from store.upgrade import configuration

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from store.postgres import Postgres


def upgrade(server: Postgres) -> None:
    """Bring a database to the newest revision and make its views anew, all or nothing.

    Raises `StoreUnavailableError`, and what `rebuild` raises where a log is broken.
    """
    with server.idle() as link:
        try:
            with _engine_over(link, server.begin()).begin() as connection:
                _upgrade(link, connection)
        except DBAPIError as error:
            raise error.orig or error from error
        finally:
            link.connection.close()  # SQLAlchemy has set it up in its own way


def _upgrade(link: ServerLink, connection: Connection) -> None:
    link.connection.cursor_factory = RawCursor
    councils = [str(council) for (council,) in link.run(LOGS).fetchall()]
    for council in councils:
        link.connection.execute(f"SELECT pg_advisory_xact_lock({lock_of(council)})")
    become_owner(link)
    name_schema(link)
    link.connection.cursor_factory = Cursor
    command.upgrade(configuration(connection), "head")
    link.connection.cursor_factory = RawCursor
    try:
        for council in councils:
            rebuild(link, council, ignored)
    finally:
        link.close_streams()
    grant_anew(link)


def _engine_over(link: ServerLink, begin: str) -> Engine:
    """SQLAlchemy's own engine over a connection, whose transactions begin as ours do."""
    link.connection.cursor_factory = Cursor
    engine = create_engine("postgresql+psycopg://", creator=lambda: link.connection, poolclass=StaticPool)
    event.listen(engine, "begin", lambda _: link.connection.execute(begin))
    return engine
