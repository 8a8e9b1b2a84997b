"""What a log says that the rest of the record is held against, heard event by event while it is followed."""

from __future__ import annotations

from msgspec.structs import replace

from engine.chain import COUNCIL_CASE, documents_in
from engine.erasure import BLOCKED, ERASED, UNBLOCKED, Erased, erased_in
from engine.errors import BytesChangedError, ConfigurationError
from engine.event import Event
from engine.key import Verifier, verifier_of
from engine.ports import Recorded
from engine.sealing import Announced
from engine.succession import LOG_KEY_SET
from store.tree import WITNESS, announced_in

_ANNOUNCING = frozenset({LOG_KEY_SET, WITNESS})
_ERASING = frozenset({ERASED, BLOCKED, UNBLOCKED})


class Heard:
    """What a log has said so far. `documents` are named by hash, each with the first event to name it."""

    def __init__(self) -> None:
        self.documents: dict[str, str] = {}
        self._keys: list[tuple[str, Verifier]] = []
        self._erasing: list[Recorded] = []

    def hear(self, where: str, made: Recorded) -> None:
        """The next event, found at a place.

        Raises `BytesChangedError` for what no event of ours says.
        """
        event = made.event
        if event.case == COUNCIL_CASE:
            self._enter(made)
        for sha256 in documents_in(event.data) if '"sha256"' in made.body else ():
            self.documents.setdefault(sha256, where)

    def announced(self) -> Announced:
        """The public keys that the log announces."""
        return announced_in(self._keys)

    def erased(self) -> Erased:
        """What the log says was erased."""
        return erased_in(self._erasing)

    def _enter(self, made: Recorded) -> None:
        """Keep in mind an entry on the council's own case; without its body, which nobody asks for again."""
        event = made.event
        if event.type in _ERASING:
            self._erasing.append(replace(made, body=""))
        if event.type in _ANNOUNCING:
            self._keys.append((event.type, _announced(event)))


def _announced(event: Event) -> Verifier:
    try:
        return verifier_of(str(event.data.get("vkey")))
    except ConfigurationError as error:
        raise BytesChangedError(f"the key that it announces is changed: {error}") from error
