"""Forms: the evidence a step requires, typed and documented once.

A form is a frozen dataclass whose fields are made by `ask`. From it come the options of the command line, the
checks of bad input, the JSON of the event, and what a new workflow needs in the way of code for all three: none.

Two kinds of free text are kept apart. `TEXT` is public and stands in the event. `REMARK` may name people, so it
stays in an erasable table and the event holds only its salted commitment (audit.md §6).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

import msgspec

from engine.errors import UsageError
from engine.event import Facts, Json
from engine.register import Seat

if TYPE_CHECKING:
    from engine.situation import Situation

LONGEST_TEXT = 4_000
"""Characters in one field: a page and a half. Longer texts are documents."""

_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class Kind(StrEnum):
    """What a field holds, and how it is written on the command line."""

    TEXT = "text"
    REMARK = "remark"
    DAY = "date"
    NUMBER = "number"
    ID = "id"
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


def ask(  # noqa: PLR0913  # the properties of one question, all by name
    kind: Kind, help_: str, *, required: bool = True, many: bool = False, choices: type[StrEnum] | None = None,
    role: str = "evidence",
) -> Any:  # noqa: ANN401  # typed by the annotation it stands behind, as dataclasses.field is  # fmt: skip
    """Declare a field of a form."""
    words = tuple(str(choice) for choice in choices or ())
    question = Field("", kind, help_, required, many, words, role)
    if required:
        return field(metadata={"field": question})
    return field(metadata={"field": question}, default=() if many else None)


@dataclass(frozen=True, kw_only=True)
class Form:
    """Evidence of a step. Every step may carry a reason and documents; subclasses ask for more.

    `needs` lists common options the step cannot do without: `ref` (a reference or a recorded decision), `version`,
    `document`.
    """

    needs: ClassVar[tuple[str, ...]] = ()

    reason: str | None = ask(Kind.REMARK, "Why, in your own words. Erasable, so it may name people.", required=False)
    documents: tuple[Document, ...] = ask(
        Kind.DOCUMENT, "A file that shows it; may be repeated.", required=False, many=True
    )

    @classmethod
    def parse(cls, raw: Mapping[str, object]) -> Self:
        """A form from strings (command line) or JSON (story, event).

        Raises `UsageError` naming every field that is missing, malformed or unknown.
        """
        known = {question.name: question for question in questions(cls)}
        faults = [f"--{option(name)} is not asked here" for name in raw if name not in known]
        values: dict[str, object] = {}
        for question in known.values():
            try:
                values.update(_answer(question, raw.get(question.name)))
            except ValueError as error:
                faults.append(f"--{option(question.name)}: {error}")
        if faults:
            raise UsageError("\n".join(faults))
        return cls(**values)  # type: ignore[arg-type]  # each value was parsed by its own field's kind

    @classmethod
    def lenient(cls, raw: Mapping[str, object]) -> tuple[Self, tuple[str, ...]]:
        """A form as far as it was filled in, and the names of what is still missing; for explaining a step."""
        missing = tuple(q.name for q in questions(cls) if q.required and not raw.get(q.name))
        form = object.__new__(cls)
        for question in questions(cls):
            answer = {} if question.name in missing else _answer(question, raw.get(question.name))
            object.__setattr__(form, question.name, answer.get(question.name, () if question.many else None))
        return form, missing

    def dump(self) -> dict[str, Json]:
        """The answers given, as JSON; unanswered fields are left out."""
        answers = {question.name: getattr(self, question.name) for question in questions(type(self))}
        return {name: to_json(value) for name, value in answers.items() if value not in (None, ())}

    def facts(self) -> Facts:
        """What the case remembers of this form under the form's own names. Nothing, unless a form says so."""
        return {}

    def flags(self, situation: Situation) -> tuple[str, ...]:  # noqa: ARG002  # subclasses look at it
        """What a report must not hide about this form in its situation. Nothing, unless a form says so."""
        return ()


_QUESTIONS: dict[type[Form], tuple[Field, ...]] = {}


def questions(form: type[Form]) -> tuple[Field, ...]:
    """The fields of a form in the order they were declared, the common ones last."""
    if form not in _QUESTIONS:
        _QUESTIONS[form] = _declared(form)
    return _QUESTIONS[form]


def _declared(form: type[Form]) -> tuple[Field, ...]:
    own = [_named(item.name, item.metadata["field"]) for item in fields(form)]
    common = {item.name for item in fields(Form)}
    return tuple(sorted(own, key=lambda question: question.name in common))


def option(name: str) -> str:
    """The option of a field: `follow_up` is `--follow-up`."""
    return name.replace("_", "-")


def to_json(value: object) -> Json:
    """A form's value as JSON: dates as YYYY-MM-DD, structs as objects."""
    converted: Json = msgspec.to_builtins(value)
    return converted


def parse_day(raw: object) -> date:
    """A local date written YYYY-MM-DD. Raises ValueError saying how to write it."""
    if isinstance(raw, date):
        return raw
    with suppress(ValueError):
        if re.fullmatch(r"\d{4}-\d\d-\d\d", str(raw)):
            return date.fromisoformat(str(raw))
    raise ValueError(f"{shown(raw)} is not a date; write YYYY-MM-DD, for instance 2019-06-12")


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


def _named(name: str, question: Field) -> Field:
    return Field(name, question.kind, question.help, question.required, question.many, question.choices, question.role)


def _answer(question: Field, raw: object) -> dict[str, object]:
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
    Kind.NUMBER: _number,
    Kind.ID: parse_id,
    Kind.DOCUMENT: lambda raw: _struct(raw, Document),
    Kind.SEAT: lambda raw: _struct(raw, Seat),
    Kind.PLAIN: lambda raw: raw,
}
