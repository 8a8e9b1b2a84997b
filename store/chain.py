"""Following a log from its stored bytes: canonical form, leaf, position, number and link of each event.

This trusts no column: what the database computed from the bytes is computed here again. Nor does it trust what kind of
value stands in a row of a damaged file, so the columns are read as bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Integer, LargeBinary, cast, select

from engine.chain import Chains
from engine.errors import BytesChangedError
from engine.event import decode
from engine.merkle import leaf_hash
from engine.ports import Recorded
from store.link import Link, by
from store.log import event

_BYTES = (
    select(cast(event.c.pos, Integer), cast(event.c.leaf, LargeBinary), cast(event.c.body, LargeBinary))
    .where(*by(event))
    .order_by(event.c.pos)
)


@dataclass(frozen=True, slots=True)
class Met:
    """What stands at a position of a log: its bytes and their hash, the event where it is one, and what is wrong."""

    position: int
    body: bytes
    leaf: bytes
    made: Recorded | None
    faults: list[str]

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
        faults, hashed = list(self._misplaced(position)), leaf_hash(body)
        if hashed != leaf:
            faults.append("the bytes do not have the hash that was recorded")
        made = _read(position, leaf, body, faults)
        if made is not None:
            faults += self._chains.linked(made.event, made.leaf)
        return Met(position, body, hashed, made, faults)

    def _misplaced(self, position: int) -> Iterator[str]:
        if position == self._next + 1:
            yield f"position {self._next} is missing"
        elif position > self._next:
            yield f"positions {self._next} to {position - 1} are missing"
        elif position < self._next:
            yield "it stands out of order"
        self._next = position + 1


def followed(link: Link, council: str) -> Iterator[Met]:
    """Each event of a log in order."""
    chain = Chain()
    for position, leaf, body in link.run(_BYTES, council=council):
        yield chain.follow(position or 0, leaf or b"", body or b"")


def _read(position: int, leaf: bytes, body: bytes, faults: list[str]) -> Recorded | None:
    """The event in a body; None where there is none, and why is added to its faults."""
    try:
        return Recorded(position, leaf.hex(), body.decode(), decode(body))
    except UnicodeDecodeError as error:
        faults.append(f"it is not UTF-8 at byte {error.start}")
    except BytesChangedError as error:
        faults.append(str(error))
    return None
