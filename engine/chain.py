"""What can be told of events as they follow each other, from their bytes alone: chains, acts, documents. Pure.

A case is a chain: each event has the next number, and names the leaf of the one before it. Within a log the chains are
interleaved, so they hold the order inside a case, and the tree (merkle.py) holds the order of all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.errors import BytesChangedError
from engine.event import FIRST, TOO_DEEP, Event, Json

COUNCIL_CASE = "C"
"""The council itself: profiles, holdings, decisions, refused attempts, corrections of the register."""


class Chains:
    """The heads of all cases as far as a log has been followed. After a break it goes on from what stands there."""

    def __init__(self) -> None:
        self._heads: dict[str, tuple[int, str]] = {}

    def linked(self, made: Event, leaf: str) -> Iterator[str]:
        """What is wrong with the place of the next event of the log, whose leaf (hex) it is; nothing where it fits."""
        n, head = self._heads.get(made.case, (0, FIRST))
        if made.n != n + 1:
            yield f"it is number {made.n} of {made.case}, and number {n + 1} was expected"
        if made.prev != head:
            yield f"its link to the event before it in {made.case} does not fit"
        self._heads[made.case] = (made.n, leaf)

    def pass_over(self, case: str, n: int, leaf: str) -> None:
        """An event that was found in order before."""
        self._heads[case] = (n, leaf)


def documents_in(value: Json) -> Iterator[str]:
    """The SHA-256 (hex) of each document that an event's data names, at any depth.

    Raises `BytesChangedError` for data that no event of ours could hold, nested deeper than can be followed.
    """
    try:
        yield from _named_in(value)
    except RecursionError as error:
        raise BytesChangedError(TOO_DEEP) from error


def is_act(event: Event) -> bool:
    """Whether an event is somebody's act on a version of a text: an approval, a signature, an accession, or a no."""
    return isinstance(event.data.get("approval"), Mapping)


def _named_in(value: Json) -> Iterator[str]:
    if isinstance(value, Mapping):
        if isinstance(sha256 := value.get("sha256"), str):
            yield sha256
        for inner in value.values():
            yield from _named_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _named_in(inner)
