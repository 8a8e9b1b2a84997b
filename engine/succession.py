"""Which key signs for a log, and from which event on: what its events say of that. Pure.

An event (`council.log_key_set`) announces a key, which then signs until another one is announced under the same name
of the log. So whoever still has a key that was replaced cannot sign for the log any more. Beside the new one the old
one is welcome: both sign one checkpoint when the key is changed, so that whoever trusts the old one may follow
(trust.py). A key that was replaced does not come back: announcing it again changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from engine.checkpoint import Attested, Checkpoint
from engine.errors import ConfigurationError
from engine.event import Event
from engine.key import Kind, Verifier, verifier_of

LOG_KEY_SET = "council.log_key_set"
"""The type of the events that announce a key of the log."""


@dataclass(slots=True)
class Succession:
    """The keys of a log, gathered while it is followed; `announced` has the position (0-based) at which each was."""

    announced: dict[Verifier, int] = field(default_factory=dict)

    def meet(self, event: Event, position: int) -> None:
        """The event at a position (0-based), which may announce a key; positions only grow."""
        if event.type == LOG_KEY_SET and (key := _key_in(event)) is not None:
            self.announced.setdefault(key, position)

    def at(self, checkpoint: Checkpoint) -> Verifier | None:
        """The key that signs a checkpoint: the last one announced among its events; None where none is."""
        return next(reversed(self._due(checkpoint)), None)

    def before(self, checkpoint: Checkpoint) -> Verifier | None:
        """The key that the one which signs a checkpoint has replaced; None where it is the first."""
        return next(reversed(self._due(checkpoint)[:-1]), None)

    def fault(self, by: Attested) -> str | None:
        """Why a signed checkpoint does not count; None where the key that was to sign it did."""
        due, signed = self._due(by.checkpoint), {one.key for one in by.log}
        if due and due[-1] in signed:
            return None
        followers = [after for key, after in pairwise(due) if key in signed]
        if not followers:
            return f"none of the first {by.checkpoint.size} events announces the key it is signed with"
        return (
            f"the key it is signed with was replaced at event {self.announced[followers[-1]]}, and signs alone "
            "nothing after that"
        )

    def _due(self, checkpoint: Checkpoint) -> list[Verifier]:
        """The keys announced under the checkpoint's name of the log among its events, in order."""
        origin, size = checkpoint.origin, checkpoint.size
        return [key for key, position in self.announced.items() if key.name == origin and position < size]


def _key_in(event: Event) -> Verifier | None:
    """The log's key that an event announces; None where it is no such key, which signs nothing then."""
    try:
        key = verifier_of(str(event.data.get("vkey")))
    except ConfigurationError:
        return None
    return key if key.kind is Kind.LOG else None
