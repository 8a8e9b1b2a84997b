"""Who puts letters into words: finds the folder of a letter, composes it and lays it out."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from workflows.letters import (
    breach,
    cancelled,
    decision,
    digest,
    escalation,
    evaluation,
    minutes,
    moved,
    notice,
)
from workflows.letters import returned as came_back
from workflows.letters.layout import laid_out
from workflows.letters.sentences import sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.letter import Collected, Draft, Occasion, Returned
    from workflows.letters.content import Content
    from workflows.letters.sentences import Sentences

ABOUT: Mapping[str, Callable[[Occasion, Sentences], Content]] = {
    "breach": breach.content,
    "cancelled": cancelled.content,
    "decision": decision.content,
    "evaluation": evaluation.content,
    "minutes": minutes.content,
    "moved": moved.content,
    "notice": notice.content,
}
"""What each letter after a step says, by the name of its folder."""


class LetterWriter:
    """The letters of a police council, in bokmål, nynorsk and English."""

    def about(self, occasion: Occasion) -> Draft:
        """The letter after a step; its subject ends with the case's id, so that an answer names it too."""
        say = sentences(occasion.kind, occasion.recipient.language)
        content = ABOUT[occasion.kind](occasion, say)
        meant = f": {occasion.recipient.title}" if occasion.recipient.detour else ""
        subject = f"{content.subject} ({occasion.situation.case.id}){meant}"
        return laid_out(dataclasses.replace(content, subject=subject), occasion, say)

    def digest(self, collected: Collected) -> Draft:
        """The daily reminder of what a person owes."""
        say = sentences("digest", collected.recipient.language)
        return laid_out(digest.content(collected, say), collected, say)

    def escalation(self, collected: Collected) -> Draft:
        """What others owe and have not done."""
        say = sentences("escalation", collected.recipient.language)
        return laid_out(escalation.content(collected, say), collected, say)

    def returned(self, returned: Returned) -> Draft:
        """A letter that came back."""
        say = sentences("returned", returned.recipient.language)
        return laid_out(came_back.content(returned, say), returned, say)
