"""The log: one append-only table of exact bytes, its columns generated from them.

What is looked up (case, number, key, type …) is computed by the database from the body, so an index can never say
something else than the bytes that were hashed. Triggers (sqlite.py) refuse whatever is not the next event of its
council and of its case. In SQLite the table keeps its hidden row number: clustered by its key instead, each body
over 1,000 bytes would take a page of its own (measured: 5,060 against 1,780 bytes an event).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from msgspec import MsgspecError
from sqlalchemy import (
    CheckConstraint,
    Column,
    LargeBinary,
    UniqueConstraint,
    bindparam,
    func,
    select,
)

from engine.errors import BytesChangedError
from engine.event import leaf_of, read
from engine.ports import Recorded
from store.expressions import Member, said
from store.link import Reading, by, insert_into
from store.schema import index_where, key, table, text

if TYPE_CHECKING:
    from sqlalchemy import Select

REFUSAL = "council.step_refused"
"""The type of the events on case C that record a refused binding step."""


event = table(
    "event",
    key("pos", number=True),
    text("body"),
    Column("leaf", LargeBinary, nullable=False),
    CheckConstraint("leaf = sha256('\\x00'::bytea || convert_to(body, 'UTF8'))", name="is_of_body").ddl_if(
        "postgresql"
    ),
    said("case_id", "case"),
    said("n", "n", number=True),
    said("prev", "prev"),
    said("type", "type"),
    said("at", "at"),
    said("key", "key.id", optional=True),
    UniqueConstraint("council", "case_id", "n"),
    UniqueConstraint("council", "leaf"),
)
index_where(None, event.c.council, event.c.key, unique=True, where=event.c.key.is_not(None))

INSERT = insert_into(event)
_ROW = (event.c.pos, event.c.leaf, event.c.body)
_ALL = select(*_ROW).where(*by(event)).order_by(event.c.pos)
_FROM = select(*_ROW).where(*by(event), event.c.pos >= bindparam("pos")).order_by(event.c.pos).limit(bindparam("limit"))
_OF_CASE = select(*_ROW).where(*by(event, "case_id")).order_by(event.c.n)
_OF_TYPE = select(*_ROW).where(*by(event, "case_id", "type")).order_by(event.c.n)
_BY_KEY = select(*_ROW).where(*by(event, "key"))
_BY_LEAF = select(*_ROW).where(*by(event, "leaf"))
_ANNULLING = select(event.c.pos).where(
    *by(event, "case_id"), event.c.n > bindparam("n"), Member("data.annuls") == bindparam("annuls")
)
LOGS = select(event.c.council).distinct().order_by(event.c.council)
"""The councils that have a log, whatever the views say."""
SIZE = select(func.coalesce(func.max(event.c.pos), -1) + 1).where(*by(event))
"""The number of events of a council, which is the position of the next one."""


def recorded(row: tuple[int, bytes, str]) -> Recorded:
    """An event from its row, if it has the bytes that it was appended with. Raises `BytesChangedError`.

    Where its leaf was changed with it, only `verify` sees that.
    """
    position, leaf, body = row
    if leaf_of(body) != leaf:
        raise _changed(position, "its bytes do not have the hash that was recorded")
    return as_it_stands(row)


def as_it_stands(row: tuple[int, bytes, str]) -> Recorded:
    """An event from its row, whatever its hash. Raises `BytesChangedError` where it is no event at all."""
    position, leaf, body = row
    try:
        return Recorded(position, leaf.hex(), body, read(body))
    except (MsgspecError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise _changed(position, str(error)) from error


def _changed(position: int, why: str) -> BytesChangedError:
    return BytesChangedError(
        f"The event at position {position} is not what it was: {why}. `politirad verify` shows what else is wrong; "
        "restore a backup, and keep this file for whoever looks into it."
    )


class LogReads(Reading):
    """Reading the log."""

    _taken = staticmethod(recorded)
    """How an event is taken from its row."""

    def size(self) -> int:
        """How many events the council's log has."""
        return cast("int", self._rows(SIZE).fetchone()[0])

    def event(self, leaf: str) -> Recorded | None:
        """The event with a leaf (hex)."""
        try:
            return self._one(_BY_LEAF, leaf=bytes.fromhex(leaf))
        except ValueError:
            return None

    def answered(self, key: str) -> Recorded | None:
        """The event that answered an idempotency key."""
        return self._one(_BY_KEY, key=key)

    def events(self, case: str | None = None) -> Iterator[Recorded]:
        """The log of the council, or of one case, in order."""
        return map(self._taken, self._stream(_ALL) if case is None else self._rows(_OF_CASE, case_id=case))

    def events_from(self, position: int, limit: int) -> tuple[Recorded, ...]:
        """The events of the log from a position on, at most `limit`."""
        return tuple(map(self._taken, self._rows(_FROM, pos=position, limit=limit)))

    def taken_back(self, recorded: Recorded) -> bool:
        """Whether a later event of its case annuls an event."""
        asked: dict[str, str | int] = {"case_id": recorded.event.case, "n": recorded.event.n, "annuls": recorded.leaf}
        return self._rows(_ANNULLING, **asked).fetchone() is not None

    def refusals(self) -> Iterator[Recorded]:
        """The binding steps that were refused, in order."""
        return self.entries(REFUSAL)

    def entries(self, type_: str) -> Iterator[Recorded]:
        """The entries of a type on the council's own case, in order."""
        return map(self._taken, self._rows(_OF_TYPE, case_id="C", type=type_))

    def _one(self, statement: Select[tuple[int, bytes, str]], **values: str | bytes) -> Recorded | None:
        row = self._rows(statement, **values).fetchone()
        return None if row is None else self._taken(row)
