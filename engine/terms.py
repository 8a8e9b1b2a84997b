"""The file `allowed_signers` from the bytes of a log alone, so that writer and reader of an export have the same. Pure.

Terms of office come from the entries on case C, as the views have them (store/councils.py): an ended term keeps its
last day, an annulled one never was.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec

from engine.errors import BytesChangedError, PolitiradError
from engine.event import Event
from engine.origin import CONTINUED
from engine.ports import Recorded
from engine.register import Holding
from engine.run import COUNCIL_CASE
from engine.signers import OPENED, REGISTERED, REVOKED, allowed_signers

_TYPES = frozenset({OPENED, CONTINUED, REGISTERED, REVOKED})
_PARTS = frozenset({"holding", "ends", "annuls"})


def tells_of_signers(event: Event) -> bool:
    """Whether an event says who holds an office or has a key, or names the log: `signers_file` needs these alone."""
    return event.case == COUNCIL_CASE and (event.type in _TYPES or not _PARTS.isdisjoint(event.data))


def signers_file(entries: Iterable[Recorded]) -> bytes:
    """The file, from the entries that tell of signers, in order. Raises `BytesChangedError` where they are not ours."""
    known = tuple(entries)
    try:
        return allowed_signers(known, _holdings(known)).encode()
    except (msgspec.MsgspecError, LookupError, TypeError, ValueError, StopIteration, PolitiradError) as error:
        raise BytesChangedError(f"it cannot be made from the log: {error}") from error


def _holdings(entries: Iterable[Recorded]) -> tuple[Holding, ...]:
    found: dict[str, Holding] = {}
    for recorded in entries:
        data = recorded.event.data
        if said := data.get("holding"):
            found[recorded.leaf] = msgspec.convert(said, Holding)
        if ends := data.get("ends"):
            end = msgspec.convert(ends, _End)
            found[end.holding] = msgspec.structs.replace(found[end.holding], until=end.until)
        found.pop(str(data.get("annuls")), None)
    return tuple(found.values())


class _End(msgspec.Struct):
    """The last local date of a term of office, named by its leaf."""

    holding: str
    until: date
