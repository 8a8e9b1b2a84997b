"""Whether the signatures of persons in a log hold: as `ssh-keygen` sees it, over what their events say.

The roots show that an event is what it was. That the person named in it had a hand in it, only this shows. A signature
is over a statement, so whatever the event records as well must be the same there: an act that was edited to another
person, office, party or text would else pass with the signature that was given for what it said before.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

import msgspec

from engine.errors import BytesChangedError
from engine.event import Event, Json
from engine.note import NoteError
from engine.register import Id
from engine.signed import Said, is_signed, said_in
from engine.signers import namespace_of
from engine.ssh_keygen import SshKeygen
from engine.statement import Signature
from engine.terms import Signers, tells_of_signers

if TYPE_CHECKING:
    from engine.fault import Faults
    from engine.ports import Recorded, SignatureChecker

UNSIGNED = NoteError.exit_code
"""The exit code of a signature that is missing or does not hold."""


class _Act(msgspec.Struct, frozen=True):
    """The act that an event records."""

    leaf: str
    kind: str
    outcome: str
    party: str
    office: Id | None
    person: str | None
    capacity: str | None
    mandate: str | None


class SignedActs:
    """Looks at each signed act of a log that is followed event by event; what is wrong is noted in `faults`.

    `good` counts the acts whose signature holds; `signers` are those of the log as far as it was followed.
    """

    def __init__(self, faults: Faults, checker: SignatureChecker | None = None) -> None:
        self.good = 0
        self.signers = Signers()
        self._faults = faults
        self._checker = checker or SshKeygen()

    def meet(self, made: Recorded, where: str) -> None:
        """Look at the next event of the log, found at a place that faults are to name.

        Those that do not tell of signers may be left out. Once the log is known to be changed, nothing in it is signed
        that could be looked at.
        """
        if not tells_of_signers(made.event):
            return
        with self._faults.blaming(where):
            self.signers.meet(made)
        if is_signed(made.event) and self._faults.exit_code != BytesChangedError.exit_code:
            with self._faults.blaming(where, UNSIGNED):
                check_signed(made.event, self.signers, self._checker)
                self.good += 1


def check_signed(event: Event, signers: Signers, checker: SignatureChecker) -> None:
    """Check the signature of an event by the signers that its log knew then.

    Raises `NoteError` where it does not hold or is over something else, and `ConfigurationError` where there is no
    `ssh-keygen` to ask.
    """
    said = said_in(event)
    if (differing := _differing(event, said, signers.origin)) is not None:
        raise NoteError(f"its signature is over something else than what it records: another {differing}")
    if not (lines := signers.lines(said)):
        raise NoteError(f"the log knew no such key of {said.by} in the office {said.office} on {said.on} at that time")
    if not checker.accepts(Signature(said.statement, said.blob), lines, said.by, said.namespace, said.on):
        raise NoteError(f"its signature does not hold: `ssh-keygen` does not accept it for {said.by} on {said.on}")


def _differing(event: Event, said: Said, origin: str) -> str | None:
    """The first part in which what was signed differs from what the event records; None where there is none."""
    try:
        act = msgspec.convert(event.data.get("approval"), _Act)
        recorded = _recorded(event, act, origin)
        days = _days(event, act)
    except ValueError as error:
        raise NoteError(f"its act is malformed: {error}") from error
    signed = _signed(said)
    differing = (part for part, value in recorded.items() if signed[part] != value)
    others = (("day", said.on in days), ("key", said.key == said.blob.key.fingerprint))
    return next(differing, None) or next((part for part, same in others if not same), None)


def _signed(said: Said) -> dict[str, Json]:
    """What was signed, by part, and with it what the signature is checked by: for whom, in which office, for what."""
    return said.statement.to_json() | {"person": said.by, "signer's office": said.office, "namespace": said.namespace}


def _recorded(event: Event, act: _Act, origin: str) -> dict[str, Json]:
    """What an event records of all that, by part."""
    cited: Mapping[str, Json] = event.decision or {}
    person, office = _signatory(event, act)
    return {
        "origin": origin, "namespace": namespace_of(origin), "case": event.case, "version": act.leaf, "kind": act.kind,
        "decision": act.outcome, "party": act.party, "person": person, "office": office, "signer's office": office,
        "capacity": act.capacity, "mandate": act.mandate, "rule": event.profile, "vote": cited.get("leaf"),
        "point": cited.get("point"), "on": event.on,
    }  # fmt: skip


def _signatory(event: Event, act: _Act) -> tuple[str | None, Id | None]:
    """Whose signature an act needs, and in which office: who decided it; where a body did, who put that on record."""
    return (event.actor.person, event.actor.office) if act.person is None else (act.person, act.office)


def _days(event: Event, act: _Act) -> tuple[date, ...]:
    """The local dates on which key and office may be asked about: that of the act; of a body's, of its registration."""
    if act.person is not None:
        return (date.fromisoformat(event.on or ""),)
    at, one = date.fromisoformat(event.at[:10]), timedelta(days=1)
    return at - one, at, at + one  # UTC in the log, and local there
