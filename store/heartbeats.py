"""The last turn of the clock over the whole database: one row, whose council is empty. A record, never rebuilt."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from engine.calendar import format_instant, parse_instant
from store.link import Link, by, insert_into
from store.schema import table, text

beat = table("beat", text("at"), text("said"))

_BEAT = select(beat.c.at, beat.c.said).where(*by(beat))
_STOP = delete(beat).where(*by(beat))
_START = insert_into(beat)


def heartbeat(link: Link) -> tuple[datetime, str] | None:
    """When the last round over the database was, UTC, and what it said of itself."""
    row = link.run(_BEAT, council="").fetchone()
    return (parse_instant(row[0]), row[1]) if row else None


def keep_heartbeat(link: Link, at: datetime, said: str) -> None:
    """There was a round at a UTC instant."""
    link.run(_STOP, council="")
    link.run(_START, council="", at=format_instant(at), said=said)
