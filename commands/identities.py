"""Who a person is on the command line: a full name, a handle to type, an address for letters. All of it erasable."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.errors import UsageError
from engine.field import given as parsed
from engine.field import parse_text, shown

if TYPE_CHECKING:
    from engine.ports import Person
    from engine.service import Service


def new_person(service: Service, name: str, handle: str | None, email: str | None, *, asked: str) -> Person:
    """A person with a fresh random id. `asked` is what the command calls the name. Raises `UsageError`."""
    from engine.ports import Person

    full, address = parsed(asked, parse_text, name), None if email is None else checked_address(email)
    return Person(service.person_id(), checked_handle(handle or first_name(full)), full, address)


def changed_person(known: Person, name: str | None, email: str | None) -> Person:
    """A person with another name or address, or (an empty one) none. Raises `UsageError` where nothing is given."""
    if name is None and email is None:
        raise UsageError("Say what changes: --name NAME, --email ADDRESS, or both.")
    if known.name is None and not known.blocked:
        raise UsageError(
            f"{known.id} is erased for good. Somebody who comes back is added anew: politirad person add NAME"
        )
    full = known.name if name is None else parsed("--name", parse_text, name)
    address = known.email if email is None else checked_address(email) if email else None
    return replace(known, name=full, email=address)


def first_name(name: str) -> str:
    """A handle from a name: its first word in small letters, `Å` and the like written out."""
    plain = name.lower().replace("æ", "ae").translate(str.maketrans("øåéöä", "oaeoa"))
    return re.sub(r"[^a-z0-9]", "", (plain.split() or [""])[0]) or "secretary"


def checked_handle(handle: str) -> str:
    """A handle fit for a command line. Raises `UsageError`."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_.-]{0,39}", handle):
        raise UsageError(f"--handle: {shown(handle)} is not a handle; write small letters, digits, _ . or -.")
    return handle


def checked_address(email: str) -> str:
    """An address a letter can go to, and an answer to it, by whatever server (RFC 6531). Raises `UsageError`."""
    from engine.header import checked_address as checked

    try:
        known = checked(address := parsed("--email", parse_text, email))
    except ValueError:
        raise UsageError(f"--email: {email!r} is not an address; write name@example.no.") from None
    if not known.isascii():
        raise UsageError(f"--email: not every server takes {email}. Write one with a-z before the @.")
    return address
