"""What to say when a name is not known: the nearest ones that are."""

from __future__ import annotations

from collections.abc import Iterable

from engine.errors import NotFoundError
from engine.field import shown


def nearest(given: str, known: Iterable[str]) -> tuple[str, ...]:
    """At most three known names that a name was perhaps meant to be; `_` and `-` are the same, so is case."""
    from difflib import get_close_matches  # takes longer to import than most commands have time for

    plain = {_plain(name): name for name in known}
    return tuple(plain[close] for close in get_close_matches(_plain(given), plain, n=3, cutoff=0.5))


def not_found(kind: str, given: str, known: Iterable[str], see: str) -> NotFoundError:
    """The error for an unknown name: what is near, and where to look."""
    near = nearest(given, known)
    meant = f" Near: {', '.join(near)}." if near else ""
    return NotFoundError(f"There is no {kind} {shown(given)}.{meant} {see}")


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")
