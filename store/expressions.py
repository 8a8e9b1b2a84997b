"""Expressions that each database has its own words for.

A column made of a member of an event's body can say nothing else than the bytes that were hashed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeAlias

from sqlalchemy import Boolean, Column, ColumnElement, Computed, Integer, LargeBinary, Text, bindparam
from sqlalchemy.ext.compiler import compiles

from store.schema import NUMBER, TEXT

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import DDLCompiler, SQLCompiler
    from sqlalchemy.sql.operators import OperatorType

    Option: TypeAlias = bool  # whatever SQLAlchemy hands from one of its compilers to the next


class Member(ColumnElement[str]):
    """A member of the body of an event, such as `key.id`, in a statement."""

    inherit_cache = False
    type = Text()

    def __init__(self, path: str) -> None:
        self.path = path


class BytesOf(ColumnElement[bytes]):
    """A text as its bytes, whatever kind of value stands in a row of a damaged file."""

    inherit_cache = False
    type = LargeBinary()

    def __init__(self, text: ColumnElement[str]) -> None:
        self.text = text


class PlaceOf(ColumnElement[int]):
    """Where bytes begin within others, counted from 1; 0 where they are not in them."""

    inherit_cache = False
    type = Integer()

    def __init__(self, wanted: ColumnElement[bytes], within: ColumnElement[bytes]) -> None:
        self.wanted = wanted
        self.within = within


class Unsought(ColumnElement[str]):
    """A column by which SQLite is not to choose an index. PostgreSQL keeps statistics, and chooses well by itself."""

    inherit_cache = False
    type = Text()

    def __init__(self, column: ColumnElement[str]) -> None:
        self.column = column


class OneOf(ColumnElement[bool]):
    """Whether a text is among those of a list in JSON, which is given under a name."""

    inherit_cache = False
    type = Boolean()

    def __init__(self, text: ColumnElement[Any], name: str) -> None:
        self.text = text
        self.listed = bindparam(name, type_=Text())

    def self_group(self, against: OperatorType | None = None) -> Self:  # noqa: ARG002  # SQLAlchemy's own
        """As it stands: SQLAlchemy would compare it with 1, and then SQLite asks no index."""
        return self


class Said(Computed):
    """What a column says: a member of the body. Never stored in SQLite, always in PostgreSQL, which knows no other."""

    def __init__(self, path: str) -> None:
        super().__init__("", persisted=None)
        self.path = path


def said(name: str, path: str, *, number: bool = False, optional: bool = False) -> Column[object]:
    """A column the database computes from the body."""
    return Column(name, NUMBER if number else TEXT, Said(path), nullable=optional)


@compiles(Member)
def _member(element: Member, _: SQLCompiler, **__: Option) -> str:
    return f"json_extract(body, '$.{element.path}')"


@compiles(Member, "postgresql")
def _member_of_postgres(element: Member, _: SQLCompiler, **__: Option) -> str:
    return _path(element.path)


@compiles(BytesOf)
def _bytes_of(element: BytesOf, compiler: SQLCompiler, **options: Option) -> str:
    return f"CAST({compiler.process(element.text, **options)} AS BLOB)"


@compiles(BytesOf, "postgresql")
def _bytes_of_postgres(element: BytesOf, compiler: SQLCompiler, **options: Option) -> str:
    return f"convert_to({compiler.process(element.text, **options)}, 'UTF8')"


@compiles(PlaceOf)
def _place_of(element: PlaceOf, compiler: SQLCompiler, **options: Option) -> str:
    within, wanted = (compiler.process(part, **options) for part in (element.within, element.wanted))
    return f"instr({within}, {wanted})"


@compiles(PlaceOf, "postgresql")
def _place_of_postgres(element: PlaceOf, compiler: SQLCompiler, **options: Option) -> str:
    within, wanted = (compiler.process(part, **options) for part in (element.within, element.wanted))
    return f"position({wanted}::bytea in {within})"


@compiles(Unsought)
def _unsought(element: Unsought, compiler: SQLCompiler, **options: Option) -> str:
    return f"({compiler.process(element.column, **options)} || '')"


@compiles(Unsought, "postgresql")
def _unsought_of_postgres(element: Unsought, compiler: SQLCompiler, **options: Option) -> str:
    return compiler.process(element.column, **options)


@compiles(OneOf)
def _one_of(element: OneOf, compiler: SQLCompiler, **options: Option) -> str:
    text, listed = (compiler.process(part, **options) for part in (element.text, element.listed))
    return f"{text} IN (SELECT value FROM json_each({listed}))"  # noqa: S608  # both compiled by SQLAlchemy


@compiles(OneOf, "postgresql")
def _one_of_postgres(element: OneOf, compiler: SQLCompiler, **options: Option) -> str:
    """As an array, since no index is asked for the rows of a query."""
    text, listed = (compiler.process(part, **options) for part in (element.text, element.listed))
    return f"{text} = ANY (ARRAY(SELECT json_array_elements_text({listed}::json)))"


@compiles(Said)
def _said(element: Said, _: DDLCompiler, **__: Option) -> str:
    return f"GENERATED ALWAYS AS (json_extract(body, '$.{element.path}')) VIRTUAL"


@compiles(Said, "postgresql")
def _said_to_postgres(element: Said, _: DDLCompiler, **__: Option) -> str:
    number = element.column is not None and isinstance(element.column.type, Integer)
    kind = "bigint" if number else "text"
    return f"GENERATED ALWAYS AS ({_path(element.path)}::{kind}) STORED"


def _path(path: str) -> str:
    """A path of names, as PostgreSQL's operator takes it: null where there is no such member."""
    inner = path.replace(".", ",")
    return f"(body::json #>> '{{{inner}}}')"
