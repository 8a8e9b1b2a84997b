"""What an event says of the signature that a person gave with it, as `engine.signing` wrote it. Pure.

It is read here from logs that may be anybody's; whether any of it holds, `engine.signed_acts` finds out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec

from engine.event import Event
from engine.note import NoteError
from engine.register import Id
from engine.ssh_wire import SignatureBlob, signature_blob_of
from engine.statement import Statement


class Said(msgspec.Struct, frozen=True):
    """Who signed (`by`) in which office, the local date on which key and office hold, and the statement signed.

    `key` is the fingerprint that people are shown; the key itself is in the signature.
    """

    by: str
    office: Id
    on: date
    key: str
    namespace: str
    sig: str
    statement: Statement

    @property
    def blob(self) -> SignatureBlob:
        """The signature itself. Raises ValueError where it is none."""
        return signature_blob_of(self.sig)


def is_signed(event: Event) -> bool:
    """Whether an event carries a person's signature, or says that it does."""
    if "signature" in event.data:
        return True
    act = event.data.get("approval")
    return act is not None and isinstance(act, Mapping) and act.get("assurance") == "sshsig"


def said_in(event: Event) -> Said:
    """What a signed event says of its signature. Raises `NoteError` where that makes no sense."""
    if "signature" not in event.data:
        raise NoteError("it says that it was signed, and carries no signature")
    try:
        said = msgspec.convert(event.data["signature"], Said)
        said.blob  # noqa: B018  # read once, so that whoever is given it need not be ready for another error
    except ValueError as error:
        raise NoteError(f"its signature is malformed: {error}") from error
    return said
