"""What a log says that the rest of the record is held against, heard event by event while it is followed."""

from __future__ import annotations

from dataclasses import replace

from engine.anchoring import CHANGED, UNSIGNED
from engine.chain import documents_in
from engine.erasure import BLOCKED, ERASED, UNBLOCKED, Erased, erased_in
from engine.errors import BytesChangedError, ConfigurationError
from engine.event import Event
from engine.exported_acts import check_signed, is_signed
from engine.fault import Faults
from engine.key import Verifier, verifier_of
from engine.ports import Recorded
from engine.run import COUNCIL_CASE
from engine.sealing import Announced
from engine.terms import signers_file, tells_of_signers
from store.tree import LOG_KEY, WITNESS, announced_in

_ANNOUNCING = frozenset({LOG_KEY, WITNESS})
_ERASING = frozenset({ERASED, BLOCKED, UNBLOCKED})


class Heard:
    """What a log has said so far. `documents` are named by hash, each with the first event to name it."""

    def __init__(self) -> None:
        self.documents: dict[str, str] = {}
        self._keys: list[tuple[str, Verifier]] = []
        self._entries: list[Recorded] = []
        self._erasing: list[Recorded] = []
        self._signed: list[tuple[str, Event, str]] = []

    def hear(self, where: str, made: Recorded, origin: str) -> None:
        """The next event, found at a place, while the log has a name.

        Raises `BytesChangedError` for what no event of ours says.
        """
        event = made.event
        if is_signed(event):
            self._signed.append((where, event, origin))
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

    def check_signatures(self, faults: Faults) -> None:
        """Note which signatures of persons do not hold, by the offices and keys that the log tells of."""
        if self._signed:
            with faults.blaming("the offices and keys in the log", CHANGED):
                signers = signers_file(self._entries).decode()
                for where, event, origin in self._signed:
                    with faults.blaming(where, UNSIGNED):
                        check_signed(event, signers, origin)

    def _enter(self, made: Recorded) -> None:
        """Keep in mind an entry on the council's own case; without its body, which nobody asks for again."""
        event = made.event
        if tells_of_signers(event):
            self._entries.append(replace(made, body=""))
        if event.type in _ERASING:
            self._erasing.append(replace(made, body=""))
        if event.type in _ANNOUNCING:
            self._keys.append((event.type, _announced(event)))


def _announced(event: Event) -> Verifier:
    try:
        return verifier_of(str(event.data.get("vkey")))
    except ConfigurationError as error:
        raise BytesChangedError(f"the key that it announces is changed: {error}") from error
