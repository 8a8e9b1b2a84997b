"""The documents that go with a letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from engine.field import Document
from engine.letter import go_along
from workflows.letters.content import Item, Section

if TYPE_CHECKING:
    from engine.event import Event
    from workflows.letters.sentences import Sentences


def documents_of(event: Event) -> tuple[Document, ...]:
    """The documents that were given with a step."""
    form = event.data.get("form")
    given = form.get("documents") if isinstance(form, dict) else None
    return tuple(msgspec.convert(one, Document) for one in given) if isinstance(given, list | tuple) else ()


def listed(documents: tuple[Document, ...], say: Sentences) -> Section:
    """The documents by their names, and whether they go along or are to be asked for."""
    title = "documents" if go_along(documents) else "documents_apart"
    return Section(say(title), tuple(Item(document.name) for document in documents))
