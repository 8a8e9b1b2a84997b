"""Upgrading an older database through Alembic. Imported only where there is something to upgrade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from sqlalchemy.exc import DBAPIError

from store.log import LOGS
from store.rebuild import ignored, rebuild

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.sqlite import Sqlite


def upgrade(file: Sqlite) -> None:
    """Bring a database to the newest revision and make its views anew, all or nothing.

    Raises `StoreUnavailableError`, and what `rebuild` raises where a log is broken.
    """
    with file.idle() as link:
        try:
            with file.engine_over(link).begin() as connection:
                command.upgrade(configuration(connection), "head")
                for (council,) in link.run(LOGS).fetchall():
                    rebuild(link, council, ignored)
        except DBAPIError as error:
            raise error.orig or error from error


def configuration(connection: Connection) -> Config:
    """Alembic's configuration, made here: there is no ini file to go astray."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "store:migrations")
    return config
