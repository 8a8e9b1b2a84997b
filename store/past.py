"""The council as it stood at the end of an earlier day: the log up to then, projected into a database in memory.

What counts is when an event was registered, in the order of the log: everything up to the last event registered
on or before the day. So the chain is whole even where a clock once went wrong. Persons, remarks, logins and documents
are records, not views: they are read as they are today, and what was erased since stays erased.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from sqlalchemy import bindparam, func, select

from engine.calendar import format_instant, instant_of
from engine.errors import NotFoundError
from engine.ports import Person
from store.creation import create_schema
from store.link import Link, Memory, by
from store.log import INSERT, event
from store.projection import Views
from store.reader import SqlReader

_END = select(func.max(event.c.pos)).where(*by(event), event.c.at < bindparam("until"))


class PastReader(SqlReader):
    """A reader of the past; persons, remarks, logins and documents come from the present."""

    def __init__(self, link: Link, present: SqlReader, council: str) -> None:
        super().__init__(link, council, Memory())
        self._present = present

    def person(self, reference: str) -> Person:
        """A person as known today."""
        return self._present.person(reference)

    def persons(self) -> Iterator[Person]:
        """Everybody known today."""
        return self._present.persons()

    def names(self, person: str | None = None) -> frozenset[str]:
        """The full names on record today."""
        return self._present.names(person)

    def remarks(self, commitments: Iterable[str]) -> Mapping[str, str]:
        """The texts behind commitments that are kept today."""
        return self._present.remarks(commitments)

    def logins(self) -> Mapping[str, str]:
        """The users of operating systems that are kept today."""
        return self._present.logins()

    def has_document(self, sha256: str) -> bool:
        """Whether a document's bytes are kept today."""
        return self._present.has_document(sha256)

    def document(self, sha256: str) -> Iterator[bytes]:
        """A document's bytes, piece by piece."""
        return self._present.document(sha256)

    def documents(self) -> Iterator[str]:
        """The SHA-256 (hex) of every document kept today."""
        return self._present.documents()


def past(link: Link, memory: Link, council: str, day: date) -> PastReader:
    """A reader over a council as it stood at the end of a local date, built in an empty database in memory.

    Raises `NotFoundError` where the council had not been opened by then.
    """
    present = SqlReader(link, council, Memory())
    until = format_instant(instant_of(day + timedelta(days=1)))
    (end,) = link.run(_END, council=council, until=until).fetchone()
    if end is None:
        raise NotFoundError(f"Council {council} was not opened by {day}; nothing had been recorded.")
    create_schema(memory)
    views = Views(memory, council)
    for made in present.events():
        if made.position > end:
            break
        leaf = bytes.fromhex(made.leaf)
        memory.run(INSERT, council=council, pos=made.position, body=made.body, leaf=leaf)
        views.project(made)
    return PastReader(memory, present, council)
