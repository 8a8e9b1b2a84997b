"""Single values as they were written on the command line: dates, ids, references. Light, for the reading commands."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from commands.naming import not_found
from engine.field import given as parsed
from engine.field import parse_day, parse_text

if TYPE_CHECKING:
    from engine.register import Id, Register

Given = dict[str, object]
"""A command's parameters by name, as click hands them over."""


def text(given: Given, name: str) -> str | None:
    """A parameter that is text; None where it was not given."""
    value = given.get(name)
    return value if isinstance(value, str) else None


def number(given: Given, name: str) -> int | None:
    """A parameter that is a whole number."""
    value = given.get(name)
    return value if isinstance(value, int) else None


def day_or_unknown(raw: str | None) -> tuple[date | None, bool]:
    """The local date of `--on`, and whether it is unknown. Raises `UsageError`."""
    return (None, True) if raw == "unknown" else (day(raw, "--on"), False)


def day(raw: str | None, name: str) -> date | None:
    """The local date given to an option. Raises `UsageError` naming the option."""
    return None if raw is None else parsed(name, parse_day, raw)


def kept(given: Given, name: str) -> str | None:
    """A parameter whose text goes into the record. Raises `UsageError` where it is not fit to."""
    raw = text(given, name)
    return None if raw is None else parsed(f"--{name}", parse_text, raw)


def offices_of(raw: str | None) -> tuple[Id, ...]:
    """The ids of a list written with commas."""
    return tuple(part for item in (raw or "").split(",") if (part := item.strip()))


def known_office(register: Register, office: str) -> str:
    """An office's id. Raises `NotFoundError` with the nearest ones."""
    if office not in register.offices:
        raise not_found("office", office, register.offices, "See `politirad office list`.")
    return office
