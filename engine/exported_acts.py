"""Whether the signatures of persons in an export hold: as `ssh-keygen` sees it, over what their events say.

The roots show that an event is what it was. That the person named in it had a hand in it, only this shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec

from engine.event import Event
from engine.note import NoteError
from engine.ssh_keygen import SshKeygen
from engine.ssh_wire import signature_blob_of
from engine.statement import Signature, Statement


class _Said(msgspec.Struct):
    """What an event says of its signature (engine/signing.py)."""

    by: str
    on: date
    namespace: str
    sig: str
    statement: Statement


class _Act(msgspec.Struct):
    """What a statement must agree with: the act that the event records."""

    leaf: str
    kind: str
    outcome: str
    party: str


def is_signed(event: Event) -> bool:
    """Whether an event carries a person's signature."""
    return isinstance(event.data.get("signature"), Mapping)


def check_signed(event: Event, signers: str, origin: str, keygen: SshKeygen | None = None) -> None:
    """Check the signature of an event, with the log's `allowed_signers`.

    Raises `NoteError` where it does not hold or is over something else, and `ConfigurationError` where there is no
    `ssh-keygen` to ask.
    """
    try:
        said = msgspec.convert(event.data["signature"], _Said)
        act = msgspec.convert(event.data["approval"], _Act)
        signature = Signature(said.statement, signature_blob_of(said.sig))
    except (msgspec.MsgspecError, LookupError, ValueError) as error:
        raise NoteError(f"its signature is malformed: {error}") from error
    if _stated(said.statement) != (origin, event.case, act.leaf, act.kind, act.outcome, act.party):
        raise NoteError("its signature is over something else than what it records")
    if not (keygen or SshKeygen()).accepts(signature, signers, said.by, said.namespace, said.on):
        raise NoteError(f"its signature does not hold: `ssh-keygen` does not accept it for {said.by} on {said.on}")


def _stated(one: Statement) -> tuple[str, str, str, str, str, str]:
    return one.origin, one.case, one.version, one.kind, one.decision, one.party
