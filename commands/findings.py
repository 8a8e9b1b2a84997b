"""What `politirad doctor` found: one thing that was looked at, how it stands, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

GOOD, NOTE, BAD = "✓", "!", "✗"
"""In order; worth knowing; to be seen to."""

MOST = 20
"""Ids that are named of one kind."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: how it stands, what it is, and what to do."""

    mark: str
    topic: str
    text: str


def some(ids: Iterable[str]) -> str:
    """Ids as they are named in a finding, with their number where they are too many."""
    named = list(ids)
    return ", ".join(named[:MOST]) + (f" … ({len(named)})" if len(named) > MOST else "")
