"""What a letter says before it is laid out: composed once, rendered as text and as HTML."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from engine.field import Document
    from engine.letter import Invitation


@dataclass(frozen=True, slots=True)
class Asked:
    """The four things every letter says: what is yours, by when, how to answer, and why you get it.

    `why` goes on from the sentence that says in which office the reader gets it.
    """

    yours: str
    due: str
    answer: str
    why: str


@dataclass(frozen=True, slots=True)
class Item:
    """A heading and the lines that belong to it; or, with a `value`, a label and what it is the label of."""

    heading: str
    details: tuple[str, ...] = ()
    value: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, and a list under it; `numbered` where the order means something."""

    heading: str
    items: tuple[Item, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """A letter without its frame.

    `offices` are the titles of those for whose sake the reader gets it, where it is not the recipient's alone; `quoted`
    is another letter's text, line by line; `documents` go with it.
    """

    subject: str
    paragraphs: tuple[str, ...]
    asked: Asked
    sections: tuple[Section, ...] = ()
    offices: tuple[str, ...] = ()
    quoted: tuple[str, ...] = ()
    invitation: Invitation | None = None
    documents: tuple[Document, ...] = ()


T = TypeVar("T")


def cleaned(value: T) -> T:
    """A value whose texts, however deep inside, hold only what can be seen.

    Control and direction characters are refused where texts are entered. This is the second line: a letter leaves the
    house, and what turns the direction of writing could make it say something else than the record does.
    """
    if isinstance(value, str):
        return cast("T", printable(value))
    if isinstance(value, tuple):
        return cast("T", tuple(map(cleaned, value)))
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    texts = {field.name: cleaned(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return cast("T", dataclasses.replace(cast("Any", value), **texts))


def printable(text: str) -> str:
    """A text without what cannot be seen; line breaks stay, and other white space is a blank."""
    if text.isprintable():
        return text
    return "".join(character if character == "\n" else _seen(character) for character in text)


def one_line(text: str) -> str:
    """A text on one line, as subjects and titles are."""
    return " ".join(text.split())


def sentence(text: str) -> str:
    """A phrase of a catalogue as a sentence: `iverksett det` → Iverksett det."""
    return f"{capital(text)}."


def capital(text: str) -> str:
    """A text that begins with a capital letter."""
    return text[:1].upper() + text[1:]


def inside(title: str) -> str:
    """A title inside a sentence: Ordfører i Melhus → ordfører i Melhus, but SLT-koordinator."""
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def _seen(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else ""
