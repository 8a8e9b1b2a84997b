"""Who may do what on a server: three roles that nobody logs in as, and that persons and programs are made members of.

- *owner*: has the tables. Only it can change them, switch their triggers off, or drop them; nobody works as owner.
- *writer*: the program, and whoever takes steps. Adds to the log and never changes it; changes views and marks.
- *reader*: whoever checks or reports. An auditor must see who approved what, in words: so names, remarks and the users
  behind them are readable, and `verify` can hold them against their commitments. What nobody needs for that is
  withheld: the letters themselves, with all they say to whoever got them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from engine.errors import UsageError
from store.letters import letter
from store.postgres_owner import owner_of
from store.tables import RECORDS, VIEWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from store.link import Link
    from store.postgres import Postgres

PREFIX = "politirad"
_STAMP = "alembic_version"
_QUEUE = "procrastinate_"
"""How the names of the queue's tables, functions and types begin."""
_ADDED = "SELECT, INSERT"
_CHANGED = "SELECT, INSERT, UPDATE, DELETE"
_WRITER = {
    **dict.fromkeys(("event", "checkpoint", "checkpoint_sig", "chunk"), _ADDED),
    "document": f"{_ADDED}, UPDATE (size)",  # written when the last piece is there; its key are the bytes
    _STAMP: "SELECT",
}
"""What a writer may do that is not all of SELECT, INSERT, UPDATE and DELETE."""
_READER = {"letter": f"SELECT ({', '.join(column.name for column in letter.columns if column.name != 'body')})"}

_WHO = """\
SELECT current_user, rolsuper, current_database(), current_schema(), quote_ident(current_database()),
    quote_ident(current_schema()), pg_get_userbyid(nspowner)
FROM pg_roles, pg_namespace WHERE rolname = current_user AND nspname = current_schema()
"""
_ROLES = "SELECT rolname::text FROM pg_roles WHERE rolname = ANY($1)"
_TABLES = """\
SELECT quote_ident(relname), pg_get_userbyid(relowner)::text FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
    AND (relname = ANY($1) OR starts_with(relname, $2)) ORDER BY relname
"""
_ROUTINES = """\
SELECT 'FUNCTION ' || oid::regprocedure, pg_get_userbyid(proowner)::text FROM pg_proc
WHERE pronamespace = current_schema()::regnamespace AND (proname LIKE 'politirad\\_%' OR starts_with(proname, $1))
UNION ALL
SELECT 'TYPE ' || t.oid::regtype, pg_get_userbyid(typowner)::text FROM pg_type t
LEFT JOIN pg_class c ON c.oid = typrelid
WHERE typnamespace = current_schema()::regnamespace AND starts_with(typname, $1)
    AND (typtype = 'e' OR c.relkind = 'c') ORDER BY 1
"""


class Roles(NamedTuple):
    """The names of the three roles."""

    owner: str
    writer: str
    reader: str

    @classmethod
    def named(cls, prefix: str) -> Roles:
        """The roles of a prefix. Raises `UsageError` where it is no plain name."""
        if not re.fullmatch(r"[a-z_][a-z0-9_]{0,50}", prefix) or prefix.startswith("pg_"):
            raise UsageError(f"--prefix {prefix!a} is no plain name: write a-z, 0-9 and _, and begin with a letter.")
        return cls(*(f"{prefix}_{role}" for role in cls._fields))


def grant_roles(server: Postgres, roles: Roles, *, dry_run: bool) -> tuple[str, ...]:
    """Make the roles, hand the tables to the owner and give the others their rights; the statements, in order.

    What is so already is not said again, but every right is given anew. With `dry_run` nothing is done. Raises
    `StoreUnavailableError` where the user may not.
    """
    if dry_run:
        with server.reading() as link:
            return tuple(_statements(link, roles))
    with server.writing() as link:
        statements = tuple(_statements(link, roles))
        _run(link, statements)
    return statements


def grant_anew(link: Link) -> None:
    """Give every right anew where the tables belong to the owner of such roles, for tables that have come to be."""
    owner = owner_of(link)
    if not owner.endswith("_owner"):
        return
    roles = Roles(*(f"{owner.removesuffix('owner')}{role}" for role in Roles._fields))
    if not set(roles) - _known(link, roles):
        _run(link, _rights(link, roles))


def _run(link: Link, statements: tuple[str, ...] | Iterator[str]) -> None:
    for statement in statements:
        link.connection.execute(statement, prepare=False)


def _statements(link: Link, roles: Roles) -> Iterator[str]:
    yield from (f"CREATE ROLE {role} NOLOGIN" for role in roles if role not in _known(link, roles))
    yield from _ownership(link, roles.owner)
    yield from _rights(link, roles)


def _ownership(link: Link, owner: str) -> Iterator[str]:
    """The schema and all that is ours in it, handed over; whoever does so stays a member of the owner."""
    ((_, is_super, _, _, database, schema, schema_owner),) = link.connection.execute(_WHO).fetchall()
    if not is_super:
        yield f"GRANT {owner} TO CURRENT_USER"
    yield f"GRANT CREATE ON DATABASE {database} TO {owner}"
    if schema_owner != owner:
        yield f"ALTER SCHEMA {schema} OWNER TO {owner}"
    yield f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC"
    things = [(f"TABLE {table}", now) for table, now in _tables(link)]
    things += link.connection.execute(_ROUTINES, [_QUEUE]).fetchall()
    yield from (f"ALTER {thing} OWNER TO {owner}" for thing, now in things if now != owner)


def _rights(link: Link, roles: Roles) -> Iterator[str]:
    ((_, _, _, _, database, schema, _),) = link.connection.execute(_WHO).fetchall()
    both = f"{roles.writer}, {roles.reader}"
    yield f"GRANT CONNECT ON DATABASE {database} TO {both}"
    yield f"GRANT USAGE ON SCHEMA {schema} TO {both}"
    tables = [table for table, _ in _tables(link)]
    yield f"REVOKE ALL ON {', '.join(tables)} FROM {both}, PUBLIC"
    for right, those in _by_right(tables, _WRITER, _CHANGED):
        yield f"GRANT {right} ON {those} TO {roles.writer}"
    for right, those in _by_right(tables, _READER, "SELECT"):
        yield f"GRANT {right} ON {those} TO {roles.reader}"
    if any(table.startswith(_QUEUE) for table in tables):
        yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {roles.writer}"


def _by_right(tables: list[str], rights: Mapping[str, str], otherwise: str) -> Iterator[tuple[str, str]]:
    """Each right, with the tables it holds for."""
    for right in dict.fromkeys((*rights.values(), otherwise)):
        if those := [table for table in tables if rights.get(table, otherwise) == right]:
            yield right, ", ".join(those)


def _tables(link: Link) -> list[tuple[str, str]]:
    """Our tables and the queue's, each with its owner."""
    ours = [*(table.name for table in (*RECORDS, *VIEWS)), _STAMP]
    found: list[tuple[str, str]] = link.connection.execute(_TABLES, [ours, _QUEUE]).fetchall()
    return found


def _known(link: Link, roles: Roles) -> set[str]:
    return {role for (role,) in link.connection.execute(_ROLES, [list(roles)])}
