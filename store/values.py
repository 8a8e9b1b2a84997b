"""How values that several views hold are read back."""

from __future__ import annotations

from datetime import date

import msgspec

from engine.register import Seat

seats = msgspec.json.Decoder(tuple[Seat, ...])
"""Decodes seats: of a version, of the council, of the council on an earlier day."""


def day_or_none(day: str | None) -> date | None:
    """A local date as a row holds it; None is unknown."""
    return None if day is None else date.fromisoformat(day)
