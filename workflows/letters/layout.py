"""The one layout of all letters: the frame around a content, and the two templates that show it.

Text is wrapped to 76 columns, so that it can be quoted within 78; a word longer than a line, such as an address, stays
whole. HTML is one self-contained page (WCAG 2.1 AA): language, headings, lists, labels in words, contrast of at least
7:1, nothing fetched from anywhere.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, TypeAlias

from engine.letter import Collected, Draft, Occasion, Returned
from workflows.letters.content import Content, Section, cleaned, inside, one_line
from workflows.letters.sentences import SHARED

if TYPE_CHECKING:
    from jinja2 import Environment

    from engine.register import Language
    from workflows.letters.sentences import Sentences

Letter: TypeAlias = Occasion | Collected | Returned

WIDTH = 76
"""Columns of text: two less than the 78 that mail should keep to, for a quotation mark before them."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Something every letter says, under the label it says it with."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """A letter with its frame, as the templates show it: from top to bottom."""

    language: Language
    subject: str
    greeting: str
    paragraphs: tuple[str, ...]
    asked: tuple[Statement, ...]
    sections: tuple[Section, ...]
    reply: tuple[Statement, ...]
    quoted_label: str
    quoted: tuple[str, ...]
    footer: tuple[str, ...]


def laid_out(content: Content, letter: Letter, say: Sentences) -> Draft:
    """A letter as text and as HTML, which say the same."""
    page = cleaned(framed(content, letter, say))
    return Draft(
        page.subject, _rendered("letter.txt", page), _rendered("letter.html", page), cleaned(content.invitation),
        content.documents,
    )  # fmt: skip


def framed(content: Content, letter: Letter, say: Sentences) -> Page:
    """A content between greeting and footer."""
    recipient, asked = letter.recipient, content.asked
    detour = detour_of(letter, say)
    return Page(
        language=say.language,
        subject=one_line(content.subject),
        greeting=say("greeting", name=recipient.name) if recipient.name else say("greeting_unnamed"),
        paragraphs=(detour, *content.paragraphs) if detour else content.paragraphs,
        asked=(Statement(say("yours"), asked.yours), Statement(say("by_when"), asked.due)),
        sections=tuple(section for section in content.sections if section.items),
        reply=(
            Statement(say("how_to_answer"), asked.answer),
            Statement(say("why_you"), f"{in_which_office(letter, content, say)} {asked.why}"),
        ),
        quoted_label=say("quoted"),
        quoted=content.quoted,
        footer=(
            say("sent", council=letter.council), say("reply_to", secretariat=letter.secretariat), say("wrong_office"),
        ),
    )  # fmt: skip


def detour_of(letter: Letter, say: Sentences) -> str | None:
    """Why a letter, or some of it, comes to somebody else than the holder of its office; None where it does not."""
    recipient = letter.recipient
    if recipient.detour is None:
        return None
    return say(f"detour{_in_part(letter)}.{recipient.detour}", title=inside(recipient.title))


def in_which_office(letter: Letter, content: Content, say: Sentences) -> str:
    """The offices for whose sake somebody gets a letter."""
    *most, last = map(inside, content.offices or (letter.recipient.title,))
    title = say("and", first=", ".join(most), last=last) if most else last
    return say(f"concerns{_in_part(letter)}" if letter.recipient.detour else "you_are", title=title)


def _in_part(letter: Letter) -> str:
    """The keys for a letter of several duties: of which only some may be for the office it was to go to."""
    return "_some" if isinstance(letter, Collected) and len(letter.lines) > 1 else ""


def _rendered(template: str, page: Page) -> str:
    text = _environment().get_template(template).render(page=page)
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


@cache
def _environment() -> Environment:
    """The templates, compiled once; Jinja is loaded only where a letter is written."""
    from jinja2 import DictLoader, Environment, StrictUndefined, select_autoescape

    folder = files("workflows").joinpath("letters", SHARED)
    sources = {name: folder.joinpath(name).read_text(encoding="utf-8") for name in ("letter.txt", "letter.html")}
    environment = Environment(
        loader=DictLoader(sources), autoescape=select_autoescape(["html"]), undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    environment.filters["wrapped"], environment.globals["width"] = wrapped, WIDTH
    return environment


def wrapped(text: str, first: str = "", then: str = "") -> str:
    """A text in lines of `WIDTH` columns, the first one after `first`, the others after `then`."""
    if len(first) + len(text) <= WIDTH and "\n" not in text:
        return first + text  # most are this short, and wrapping takes longer than all the rest of a letter
    return textwrap.fill(
        text, WIDTH, initial_indent=first, subsequent_indent=then, break_long_words=False, break_on_hyphens=False
    )
