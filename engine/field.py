"""The fields a form asks, and how an answer is read: typed, bounded, fit to be kept and shown.

Two kinds of free text are kept apart. `TEXT` is public and stands in the event. `REMARK` may name people, so it
stays in an erasable table and the event holds only its salted commitment (audit.md §6).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import TypeVar

import msgspec

from engine.errors import UsageError
from engine.register import Seat

EARLIEST, LATEST = date(1800, 1, 1), date(2199, 12, 31)
"""No public body's act, deadline or term lies outside; a mistyped year does."""

LONGEST_TEXT = 4_000
"""Characters in one field: a page and a half. Longer texts are documents."""


_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class Kind(StrEnum):
    """What a field holds, and how it is written on the command line."""

    TEXT = "text"
    REMARK = "remark"
    DAY = "date"
    TIME = "time"
    """A time of day."""
    NUMBER = "number"
    ID = "id"
    """An office."""
    PARTY = "party"
    """An office, a body, a party or an organisation."""
    CHOICE = "choice"
    DOCUMENT = "document"
    SEAT = "seat"
    PLAIN = "plain"
    """Structured data that other code has already made and checked (effects, decisions)."""


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document by its content: hex SHA-256, file name (metadata only), role and size in bytes."""

    sha256: str
    name: str
    role: str
    size: int


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a form. `many`: may be given several times; `role` marks documents (text, annex …)."""

    name: str
    kind: Kind
    help: str
    required: bool
    many: bool
    choices: tuple[str, ...]
    role: str

    @property
    def option(self) -> str:
        """How it is asked on the command line: documents one at a time, as `--document`."""
        return "--document" if self.kind is Kind.DOCUMENT else f"--{option(self.name)}"


def option(name: str) -> str:
    """The option of a field: `follow_up` is `--follow-up`."""
    return name.replace("_", "-")


def parse_day(raw: object) -> date:
    """A local date written YYYY-MM-DD. Raises ValueError saying how to write it."""
    day = raw if isinstance(raw, date) else None
    with suppress(ValueError):
        if day is None and re.fullmatch(r"\d{4}-\d\d-\d\d", str(raw)):
            day = date.fromisoformat(str(raw))
    if day is None:
        raise ValueError(f"{shown(raw)} is not a date; write YYYY-MM-DD, for instance 2019-06-12")
    return _within_reach(day)


def parse_time(raw: object) -> time:
    """A local time of day written HH:MM, by a clock of 24 hours. Raises ValueError saying how to write it."""
    if isinstance(raw, time):
        return raw
    if found := re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])", str(raw)):
        return time(int(found[1]), int(found[2]))
    raise ValueError(f"{shown(raw)} is not a time of day; write HH:MM from 00:00 to 23:59, for instance 09:00")


def _within_reach(day: date) -> date:
    """A day that is not mistyped by a century. Raises ValueError."""
    if not EARLIEST.year <= day.year <= LATEST.year:
        raise ValueError(f"{day} is out of reach; write a day from {EARLIEST.year} to {LATEST.year}")
    return day


def parse_text(raw: object) -> str:
    """A text fit to be kept and shown: not empty, not huge, without control or direction characters."""
    if not isinstance(raw, str):
        raise ValueError(f"{shown(raw)} is not text")  # noqa: TRY004  # input, not a programming error
    text = raw.strip()
    if not text:
        raise ValueError("is empty; write what it says")
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"is {len(text):,} characters; at most {LONGEST_TEXT:,}. Attach it as a document instead")
    if unfit := _UNFIT.search(text):
        raise ValueError(f"holds the unprintable character U+{ord(unfit[0]):04X}; leave it out")
    return text


def parse_id(raw: object) -> str:
    """An id as the register writes it."""
    text = parse_text(raw)
    if not re.fullmatch(r"[a-z0-9_]+", text):
        raise ValueError(
            f"{shown(raw)} is not an id; ids are small letters, digits and _ (see `politirad office list`)"
        )
    return text


T = TypeVar("T")


def given(name: str, parse: Callable[[object], T], raw: object) -> T:
    """A value outside a form, parsed like a field. Raises `UsageError` naming it."""
    try:
        return parse(raw)
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from error


def shown(raw: object) -> str:
    """A value quoted for a message: cut short, escapes visible."""
    text = ascii(raw) if not isinstance(raw, str) or _UNFIT.search(raw) else f"'{raw}'"
    return text if len(text) <= 60 else f"{text[:57]}…'"  # noqa: PLR2004  # what fits in a line of an error


def parse_answer(question: Field, raw: object) -> dict[str, object]:
    """The parsed answer under its name, or nothing where an optional question was left out."""
    if raw is None or raw in ((), []):
        if question.required:
            raise ValueError(f"is missing; {question.help[0].lower()}{question.help[1:]}")
        return {}
    if not question.many:
        return {question.name: _parse(question, raw)}
    items = raw if isinstance(raw, list | tuple) else [raw]
    return {question.name: tuple(_parse(question, item) for item in items)}


def _parse(question: Field, raw: object) -> object:
    if question.kind is Kind.CHOICE:
        return _choice(question, raw)
    return _PARSERS[question.kind](raw)


def _number(raw: object) -> int:
    if not re.fullmatch(r"\d{1,9}", str(raw)):
        raise ValueError(f"{shown(raw)} is not a whole number")
    return int(str(raw))


def _choice(question: Field, raw: object) -> str:
    if raw not in question.choices:
        raise ValueError(f"{shown(raw)} is none of: {', '.join(question.choices)}")
    return str(raw)


def _struct(raw: object, kind: type[Document | Seat]) -> Document | Seat:
    try:
        return raw if isinstance(raw, kind) else msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error


_PARSERS: Mapping[Kind, Callable[[object], object]] = {
    Kind.TEXT: parse_text,
    Kind.REMARK: parse_text,
    Kind.DAY: parse_day,
    Kind.TIME: parse_time,
    Kind.NUMBER: _number,
    Kind.ID: parse_id,
    Kind.PARTY: parse_id,
    Kind.DOCUMENT: lambda raw: _struct(raw, Document),
    Kind.SEAT: lambda raw: _struct(raw, Seat),
    Kind.PLAIN: lambda raw: raw,
}
