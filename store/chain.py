"""Following a log from its stored bytes: canonical form, leaf, position, number and link of each event.

This trusts no column: what the database computed from the bytes is computed here again. Nor does it trust what kind of
value stands in a row of a damaged file, so the columns are read as bytes.

What was looked through before, and signed over then, need not be parsed again: its bytes lead to the signed root, or do
not. Only what the council's own case says is read all the same: of keys, offices and erasures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from sqlalchemy import Integer, LargeBinary, cast, select

from engine.chain import COUNCIL_CASE, Chains
from engine.errors import BytesChangedError
from engine.event import decode
from engine.merkle import leaf_hash
from engine.ports import Recorded
from store.expressions import BytesOf
from store.link import Link, by
from store.log import event

_BYTES = (
    select(cast(event.c.pos, Integer), cast(event.c.leaf, LargeBinary), BytesOf(event.c.body))
    .where(*by(event))
    .order_by(event.c.pos)
)


class _Place(msgspec.Struct):
    case: str
    n: int


_placed = msgspec.json.Decoder(_Place).decode


@dataclass(frozen=True, slots=True)
class Met:
    """What stands at a position of a log: its bytes and their hash, the event where it is one, and what is wrong.

    `passed_over`: it was not looked into, and may be an event.
    """

    position: int
    body: bytes
    leaf: bytes
    made: Recorded | None
    faults: list[str]
    passed_over: bool = False

    @property
    def where(self) -> str:
        """The event as a person finds it: by its position, and where it is one of ours, by its case and number."""
        said = f" ({self.made.event.case} number {self.made.event.n})" if self.made else ""
        return f"event {self.position}{said}"


class Chain:
    """A log as far as it has been followed. After a break it goes on from what stands there."""

    def __init__(self) -> None:
        self._next = 0
        self._chains = Chains()

    def follow(self, position: int, leaf: bytes, body: bytes) -> Met:
        """What comes next."""
        faults, hashed = self._hashed(position, leaf, body)
        made = _read(position, leaf, body, faults)
        if made is not None:
            faults += self._chains.linked(made.event, made.leaf)
        return Met(position, body, hashed, made, faults)

    def pass_over(self, position: int, leaf: bytes, body: bytes) -> Met:
        """What comes next, and was looked through before."""
        try:
            placed = _placed(body)
        except ValueError:  # no event at all: let it be said what it is instead
            return self.follow(position, leaf, body)
        if placed.case == COUNCIL_CASE:
            return self.follow(position, leaf, body)
        faults, hashed = self._hashed(position, leaf, body)
        self._chains.pass_over(placed.case, placed.n, hashed.hex())
        return Met(position, body, hashed, None, faults, passed_over=True)

    def _hashed(self, position: int, leaf: bytes, body: bytes) -> tuple[list[str], bytes]:
        faults, hashed = list(self._misplaced(position)), leaf_hash(body)
        if hashed != leaf:
            faults.append("the bytes do not have the hash that was recorded")
        return faults, hashed

    def _misplaced(self, position: int) -> Iterator[str]:
        if position == self._next + 1:
            yield f"position {self._next} is missing"
        elif position > self._next:
            yield f"positions {self._next} to {position - 1} are missing"
        elif position < self._next:
            yield "it stands out of order"
        self._next = position + 1


def followed(link: Link, council: str, since: int = 0) -> Iterator[Met]:
    """Each event of a log in order; those before a position are passed over."""
    chain = Chain()
    for position, leaf, body in link.stream(_BYTES, council=council):
        step = chain.pass_over if (position or 0) < since else chain.follow
        yield step(position or 0, leaf or b"", body or b"")


def _read(position: int, leaf: bytes, body: bytes, faults: list[str]) -> Recorded | None:
    """The event in a body; None where there is none, and why is added to its faults."""
    try:
        return Recorded(position, leaf.hex(), body.decode(), decode(body))
    except UnicodeDecodeError as error:
        faults.append(f"it is not UTF-8 at byte {error.start}")
    except BytesChangedError as error:
        faults.append(str(error))
    return None
