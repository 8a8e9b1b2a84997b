"""What letters are called, for whoever counts letters and reads none: the rest of them is not put together."""

from __future__ import annotations

from engine.letter import Collected, Draft, Occasion, Returned
from workflows.letters import digest, escalation
from workflows.letters import returned as came_back
from workflows.letters.content import cleaned, one_line
from workflows.letters.sentences import sentences
from workflows.letters.writer import ABOUT


class SubjectWriter:
    """Words the subjects of the letters that `LetterWriter` writes. An `engine.letter.Writer`."""

    def about(self, occasion: Occasion) -> Draft:
        """The subject of the letter after a step."""
        content = ABOUT[occasion.kind](occasion, sentences(occasion.kind, occasion.recipient.language))
        return _called(f"{content.subject} ({occasion.situation.case.id})")

    def digest(self, collected: Collected) -> Draft:
        """The subject of the daily reminder."""
        return _called(digest.subject(collected.lines, sentences("digest", collected.recipient.language)))

    def escalation(self, collected: Collected) -> Draft:
        """The subject of the letter about what others owe."""
        return _called(escalation.subject(collected.lines, sentences("escalation", collected.recipient.language)))

    def returned(self, returned: Returned) -> Draft:
        """The subject of a letter about one that came back."""
        return _called(came_back.content(returned, sentences("returned", returned.recipient.language)).subject)


def _called(subject: str) -> Draft:
    return Draft(one_line(cleaned(subject)), "", "")
