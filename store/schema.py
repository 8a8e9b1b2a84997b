"""What all tables share: one metadata, the council in every key, and the number of the schema.

There are two kinds of tables. *Records* (event, document, chunk, person, remark, login, and what the
clock has planned, told and sent) are never rebuilt. *Views*
(everything else) say what the log says, are written by `projection.project` alone, and can be thrown away at any
time (`rebuild`).

Local dates are TEXT `YYYY-MM-DD`, instants TEXT in UTC, structured values JSON in TEXT: what stands in a row is
what stands in the event's bytes, the same on every database, and dates sort as text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Index, Integer, MetaData, Table, Text

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.schema import SchemaItem

REVISION = "0008"
"""The newest migration. Revisions are numbers of four digits, so that a greater one is a newer one."""

BROKEN_OFF = "unfinished copy "
UNFINISHED = f"{BROKEN_OFF}{REVISION}"
"""Stands instead of the revision until a copy into the database has come to its end; nobody opens it as it is."""

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""How constraints and indexes are named, so that a migration can name them too."""

metadata = MetaData(naming_convention=NAMES)

TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that is ordered by its bytes on every database, as Python orders it."""
NUMBER = Integer().with_variant(BigInteger(), "postgresql")
"""A whole number of 64 bits."""


def table(name: str, *items: SchemaItem, rowid: bool = True) -> Table:
    """A table whose key begins with the council. Typed strictly; clustered by its key where `rowid` is false."""
    council = Column("council", TEXT, primary_key=True)
    return Table(name, metadata, council, *items, sqlite_strict=True, sqlite_with_rowid=rowid)


def key(name: str, *, number: bool = False) -> Column[str] | Column[int]:
    """A further column of the primary key."""
    if number:
        return Column(name, NUMBER, primary_key=True, autoincrement=False)
    return Column(name, TEXT, primary_key=True)


def text(name: str, *, optional: bool = False) -> Column[str]:
    """A column of text."""
    return Column(name, TEXT, nullable=optional)


def number(name: str, *, optional: bool = False) -> Column[int]:
    """A column of whole numbers."""
    return Column(name, NUMBER, nullable=optional)


def index_where(
    name: str | None, *columns: ColumnElement[object], where: ColumnElement[bool], unique: bool = False
) -> Index:
    """An index over the rows that fulfil a condition."""
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


def of_case(column: str = "case_id") -> ForeignKeyConstraint:
    """The row belongs to a case of the same council."""
    return ForeignKeyConstraint(["council", column], ["cases.council", "cases.id"])
