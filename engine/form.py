"""Forms: the evidence a step requires, typed and documented once.

A form is a frozen dataclass whose fields are made by `ask`. From it come the options of the command line, the
checks of bad input, the JSON of the event, and what a new workflow needs in the way of code for all three: none.

Two kinds of free text are kept apart. `TEXT` is public and stands in the event. `REMARK` may name people, so it
stays in an erasable table and the event holds only its salted commitment (audit.md §6).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import time
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Self

import msgspec

from engine.errors import UsageError
from engine.event import Facts, Json
from engine.field import Document, Field, Kind, given, option, parse_answer

if TYPE_CHECKING:
    from engine.situation import Situation


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
    says_no: ClassVar[bool] = False
    """Whether the step refuses something, so that a point that fell is what it rests on."""

    reason: str | None = ask(Kind.REMARK, "Why, in your own words. Erasable, so it may name people.", required=False)
    documents: tuple[Document, ...] = ask(
        Kind.DOCUMENT, "A file that shows it; may be repeated.", required=False, many=True
    )

    @classmethod
    def parse(cls, raw: Mapping[str, object]) -> Self:
        """A form from strings (command line) or JSON (story, event).

        Raises `UsageError` naming every field that is missing, malformed or unknown.
        """
        asked = questions(cls)
        known = {question.name for question in asked}
        faults = [f"--{option(name)} is not asked here" for name in raw if name not in known]
        values: dict[str, object] = {}
        for question in (q for q in asked if q.required or q.name in raw):
            try:
                values.update(parse_answer(question, raw.get(question.name)))
            except ValueError as error:
                faults.append(f"{question.option}: {error}")
        if faults:
            raise UsageError("\n".join(faults))
        return cls(**values)  # type: ignore[arg-type]  # each value was parsed by its own field's kind

    @classmethod
    def lenient(cls, raw: Mapping[str, object]) -> tuple[Self, tuple[str, ...]]:
        """A form as far as it was filled in, and the names of what is still missing; for explaining a step.

        Raises `UsageError` for an answer that is malformed.
        """
        missing = tuple(q.name for q in questions(cls) if q.required and not raw.get(q.name))
        form = object.__new__(cls)
        for question in questions(cls):
            answer = (
                {} if question.name in missing else given(question.option, _parsed(question), raw.get(question.name))
            )
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


def _parsed(question: Field) -> Callable[[object], dict[str, object]]:
    return lambda raw: parse_answer(question, raw)


def questions(form: type[Form]) -> tuple[Field, ...]:
    """The fields of a form in the order they were declared, the common ones last."""
    if form not in _QUESTIONS:
        _QUESTIONS[form] = _declared(form)
    return _QUESTIONS[form]


def _declared(form: type[Form]) -> tuple[Field, ...]:
    own = [_named(item.name, item.metadata["field"]) for item in fields(form)]
    common = {item.name for item in fields(Form)}
    return tuple(sorted(own, key=lambda question: question.name in common))


def to_json(value: object) -> Json:
    """A form's value as JSON: dates as YYYY-MM-DD, times of day as HH:MM, structs as objects."""
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, tuple):
        return tuple(map(to_json, value))
    converted: Json = msgspec.to_builtins(value)
    return converted


def _named(name: str, question: Field) -> Field:
    return Field(name, question.kind, question.help, question.required, question.many, question.choices, question.role)
