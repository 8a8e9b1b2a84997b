"""Persons, remarks and logins: the erasable tables. Events hold only random ids and salted commitments (audit.md §6).

They are kept per council, so that one council's counterparty never receives what another has written. A blocked
person's row stays as it is, and a reader tells nobody what stands in it. How a person is erased is told in `erasure`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from sqlalchemy import BindParameter, Column, LargeBinary, UniqueConstraint, bindparam, delete, exists, or_, select

from engine.errors import NotFoundError, UsageError
from engine.ports import Person
from store.link import Link, Reading, by, insert_into, near
from store.schema import key, table, text

PersonRow: TypeAlias = "tuple[str, str, str | None, str | None, str | None]"

person = table(
    "person",
    key("id"),
    text("handle"),
    text("name", optional=True),
    text("email", optional=True),
    text("blocked", optional=True),
    UniqueConstraint("council", "handle"),
)

remark = table("remark", key("commitment"), Column("salt", LargeBinary, nullable=False), text("text", optional=True))

login = table(
    "login",
    key("commitment"),
    text("person"),
    Column("salt", LargeBinary, nullable=False),
    text("text", optional=True),
    UniqueConstraint("council", "person", "text"),
)

_ROW = (person.c.id, person.c.handle, person.c.name, person.c.email, person.c.blocked)
_ALL = select(*_ROW).where(*by(person)).order_by(person.c.handle)
_asked: BindParameter[str] = bindparam("reference")
_MEANT = _ALL.where(or_(person.c.id == _asked, person.c.handle == _asked, person.c.name == _asked))
_NAMES = select(person.c.name).where(*by(person), person.c.name.is_not(None))
_NAMES_OF = _NAMES.where(*by(person, "id"))
_BLOCKED = select(person.c.blocked).where(*by(person, "id"), person.c.blocked.is_not(None))
_HOLDER = select(person.c.id).where(*by(person, "handle"))
_REMARK = select(remark.c.text).where(*by(remark, "commitment"), remark.c.text.is_not(None))
_KEEP = insert_into(person)
_FORGET = delete(person).where(*by(person, "id"))
_KEEP_REMARK = insert_into(remark)
_LOGIN = select(login.c.commitment).where(*by(login, "person", "text"))
_HIDDEN = exists().where(
    person.c.council == login.c.council, person.c.id == login.c.person, person.c.blocked.is_not(None)
)
_LOGINS = select(login.c.commitment, login.c.text).where(*by(login), login.c.text.is_not(None), ~_HIDDEN)
_KEEP_LOGIN = insert_into(login)


class PeopleReads(Reading):
    """Reading the erasable tables."""

    def person(self, reference: str) -> Person:
        """A person by id, handle or full name. Raises `NotFoundError`, or `UsageError` where two have the name."""
        meant = self._rows(_MEANT, reference=reference).fetchall()
        exact = [_person(row) for row in meant if reference in row[:2]] or [_person(row) for row in meant]
        if not exact:
            known = (name for found in self.persons() for name in (found.handle, found.name) if name)
            raise NotFoundError(f"There is no person {reference}.{near(reference, known)} See `politirad person list`.")
        if len(exact) > 1:
            handles = ", ".join(found.handle for found in exact)
            raise UsageError(f"{len(exact)} persons are called {reference}. Write one of their handles: {handles}.")
        return exact[0]

    def persons(self) -> Iterator[Person]:
        """Everybody, by handle."""
        return map(_person, self._rows(_ALL))

    def names(self, person: str | None = None) -> frozenset[str]:
        """The full names on record, of everybody or of one person (an id): blocked ones too, so never to be shown."""
        rows = self._rows(_NAMES) if person is None else self._rows(_NAMES_OF, id=person)
        return frozenset(name for (name,) in rows)

    def remarks(self, commitments: Iterable[str]) -> Mapping[str, str]:
        """The texts behind commitments; erased ones are missing."""
        asked = set(commitments)
        rows = {said: self._rows(_REMARK, commitment=said).fetchone() for said in asked}
        return {said: row[0] for said, row in rows.items() if row is not None}

    def login(self, person: str, login: str) -> str | None:
        """The commitment under which a person's login is kept, if it is; remembered once it was read."""
        asked = (self._council, person, login)
        known = self._memory.logins.get(asked)
        if known is None and (row := self._rows(_LOGIN, person=person, text=login).fetchone()):
            known = str(row[0])
            if self._committed:
                self._memory.logins[asked] = known
        return known

    def logins(self) -> Mapping[str, str]:
        """The users of operating systems behind persons, by commitment; erased and blocked ones are missing."""
        return dict(self._rows(_LOGINS).fetchall())


def keep_person(link: Link, council: str, kept: Person) -> None:
    """Keep a person's row, in place of an earlier one.

    Raises `UsageError` where another has the handle, or the person is blocked: then nothing about them is changed.
    """
    if link.run(_BLOCKED, council=council, id=kept.id).fetchone() is not None:
        raise UsageError(f"{kept.id} is blocked. First take that back: politirad person block {kept.id} --undo")
    holder = link.run(_HOLDER, council=council, handle=kept.handle).fetchone()
    if holder is not None and holder[0] != kept.id:
        raise UsageError(f"The handle {kept.handle} is another person's. Choose a different one.")
    link.run(_FORGET, council=council, id=kept.id)
    link.run(_KEEP, council=council, id=kept.id, handle=kept.handle, name=kept.name, email=kept.email, blocked=None)


def keep_remark(link: Link, council: str, commitment: str, salt: bytes, said: str) -> None:
    """Keep an erasable text beside its commitment."""
    link.run(_KEEP_REMARK, council=council, commitment=commitment, salt=salt, text=said)


def keep_login(link: Link, council: str, commitment: str, person: str, salt: bytes, said: str) -> None:  # noqa: PLR0913, PLR0917  # one per column
    """Keep the operating system's user behind a person beside its commitment."""
    link.run(_KEEP_LOGIN, council=council, commitment=commitment, person=person, salt=salt, text=said)


def _person(row: PersonRow) -> Person:
    """A person from the columns of `_ROW`; of a blocked one no more than the id."""
    id_, handle, name, email, blocked = row
    return Person(id_, handle, name, email) if blocked is None else Person(id_, id_, None, None, blocked=True)
