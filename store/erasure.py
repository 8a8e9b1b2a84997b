"""Erasing a person from every table beside the log, and keeping one from being shown.

What is erased: the name, the handle and the address, the operating system's users behind them, the remarks that are
named, salts included, since a short text can be guessed with its salt. Of letters to the person the row stays as
evidence that one was written about what, and when; its bytes, the address and whatever was derived from it go. In
letters to others their address is overwritten: the secretariat's stands in every Reply-To. A *name* in a letter to
somebody else is encoded in many ways and not looked for.

All of it is an update of rows. `Sqlite.purge` then takes it out of the file, where old pages may still hold it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sqlalchemy import String, bindparam, case, cast, delete, func, literal, null, or_, select, update

from engine.outbox import Swept
from store.expressions import PlaceOf
from store.letters import letter
from store.link import Link, by
from store.people import login, person, remark

RETURNED = "returned"
"""The kind of the letters that tell of another one, whose number stands in their key and whose text in theirs."""

OVERWRITTEN = b"erased@erased.invalid"
"""What stands in place of an address in letters to others."""

_FORGET = update(person).where(*by(person, "id")).values(handle=person.c.id, name=null(), email=null(), blocked=null())
_BLOCK = update(person).where(*by(person, "id")).values(blocked=bindparam("leaf"))
_LOG_OUT = delete(login).where(*by(login, "person"))
_UNSAY = delete(remark).where(*by(remark, "commitment"))
_ADDRESS = select(person.c.email).where(*by(person, "id"), person.c.email.is_not(None))
_ADDRESSES = select(letter.c.address).where(*by(letter, "person"), letter.c.address.is_not(None)).distinct()
_OWN = select(letter.c.number).where(*by(letter, "person"))
_RETURNING = select(letter.c.number, letter.c.key).where(*by(letter), letter.c.kind == bindparam("kind"))
_CARRYING = select(letter.c.number).where(*by(letter), PlaceOf(bindparam("address"), letter.c.body) > 0)
_WAITING = select(letter.c.number).where(*by(letter), or_(letter.c.stage == "pending", letter.c.stage == "sending"))
_EMPTY = (
    update(letter)
    .where(*by(letter, "number"))
    .values(
        key=case(
            (letter.c.address.is_(None), letter.c.key),
            else_=func.replace(letter.c.key, letter.c.address, literal("erased-") + cast(letter.c.number, String)),
        ),
        address=null(),
        said=null(),
        message_id="erased",
        body=b"",
    )
)
_GUT = update(letter).where(*by(letter, "number")).values(said=null(), body=b"")
_BODY = select(letter.c.body).where(*by(letter, "number"))
_REWRITE = update(letter).where(*by(letter, "number")).values(body=bindparam("body"))


def block_person(link: Link, council: str, id_: str, leaf: str | None) -> None:
    """Tell nobody of a person from now on, by the event with a leaf (hex); everybody again by None."""
    link.run(_BLOCK, council=council, id=id_, leaf=leaf)


def erase_person(link: Link, council: str, id_: str) -> Swept:
    """Erase what is kept of a person beside the log. Done again, it finds nothing more."""
    own, returning = tuple(_own(link, council, id_)), tuple(_returning(link, council, id_))
    known = _addresses(link, council, id_)
    for number in own:
        link.run(_EMPTY, council=council, number=number)
    for number in returning:
        link.run(_GUT, council=council, number=number)
    carrying = [(number, address) for address in known for number in _carrying(link, council, address)]
    for number, address in carrying:
        _overwrite(link, council, number, address)
    link.run(_LOG_OUT, council=council, person=id_)
    link.run(_FORGET, council=council, id=id_)
    return Swept(len(own) + len(returning), len({number for number, _ in carrying}))


def erase_remarks(link: Link, council: str, commitments: Iterable[str]) -> None:
    """Erase texts with their salts; those that are gone already stay gone."""
    for commitment in commitments:
        link.run(_UNSAY, council=council, commitment=commitment)


def waiting_about(link: Link, council: str, id_: str) -> tuple[int, ...]:
    """The numbers of letters not sent yet that an erasure of a person touches."""
    about = {*_own(link, council, id_), *_returning(link, council, id_)}
    about |= {n for address in _addresses(link, council, id_) for n in _carrying(link, council, address)}
    return tuple(number for (number,) in link.run(_WAITING, council=council) if number in about)


def _addresses(link: Link, council: str, id_: str) -> tuple[bytes, ...]:
    """Every address a person had, the longest first, since one may be part of another."""
    now, before = link.run(_ADDRESS, council=council, id=id_), link.run(_ADDRESSES, council=council, person=id_)
    return tuple(sorted({row[0].encode() for row in (*now, *before)}, key=len, reverse=True))


def _own(link: Link, council: str, id_: str) -> Iterator[int]:
    return (number for (number,) in link.run(_OWN, council=council, person=id_).fetchall())


def _returning(link: Link, council: str, id_: str) -> Iterator[int]:
    """Letters to others that quote one to the person, because it could not be delivered."""
    own = {str(number) for number in _own(link, council, id_)}
    rows = link.run(_RETURNING, council=council, kind=RETURNED).fetchall()
    return (number for number, key in rows if key.split("/")[1] in own)


def _carrying(link: Link, council: str, address: bytes) -> list[int]:
    return [number for (number,) in link.run(_CARRYING, council=council, address=address)]


def _overwrite(link: Link, council: str, number: int, address: bytes) -> None:
    ((body,),) = link.run(_BODY, council=council, number=number).fetchall()
    whole = rb"(?<![\w.%+-])" + re.escape(address) + rb"(?![\w-]|\.\w)"  # not as part of somebody else's address
    link.run(_REWRITE, council=council, number=number, body=re.sub(whole, OVERWRITTEN, bytes(body)))
