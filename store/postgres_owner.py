"""The role that has the tables on a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.link import Link

_OWNER = "SELECT quote_ident(pg_get_userbyid(relowner)) FROM pg_class WHERE oid = 'event'::regclass"


def owner_of(link: Link) -> str:
    """Who owns the log's table, as it is written in a statement."""
    ((owner,),) = link.connection.execute(_OWNER).fetchall()
    return str(owner)


def become_owner(link: Link) -> None:
    """Act as that owner for the rest of the transaction, so that what is made in it is the owner's too."""
    link.connection.execute(f"SET LOCAL ROLE {owner_of(link)}", prepare=False)
