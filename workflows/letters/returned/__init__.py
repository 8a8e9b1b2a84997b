"""A letter that could not be delivered, for whoever must now see that its office gets to know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.letters.content import Asked, Content, inside

if TYPE_CHECKING:
    from engine.letter import Returned
    from workflows.letters.sentences import Sentences


def content(letter: Returned, say: Sentences) -> Content:
    """What it says, with the text that did not arrive."""
    office = inside(letter.office_title)
    error = (say("error", error=letter.error),) if letter.error else ()
    return Content(
        subject=say("subject", subject=letter.subject),
        paragraphs=(say("opening", subject=letter.subject, office=office), *error, say("key", key=letter.original)),
        asked=Asked(say("asked", office=office), say("due"), say("answer"), say("why")),
        quoted=tuple(letter.text.splitlines()),
    )
