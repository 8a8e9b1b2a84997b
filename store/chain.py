"""Following a log from its stored bytes: canonical form, leaf, position, number and link of each event.

This trusts no column: what the database computed from the bytes is computed here again.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from engine.chain import Chains
from engine.errors import BytesChangedError
from engine.event import decode, leaf_of
from engine.ports import Recorded
from store.link import Link, by
from store.log import event

_BYTES = select(event.c.pos, event.c.leaf, event.c.body).where(*by(event)).order_by(event.c.pos)


class Chain:
    """A log as far as it has been followed. After a break it goes on from what stands there."""

    def __init__(self) -> None:
        self._next = 0
        self.leaf = b""
        self._chains = Chains()

    def follow(self, position: int, leaf: bytes, body: str) -> tuple[Recorded | None, list[str]]:
        """The next event, None where its bytes are none, and what is wrong with it."""
        faults = [f"position {missing} is missing" for missing in range(self._next, position)]
        self._next = position + 1
        self.leaf = leaf_of(body)
        if self.leaf != leaf:
            faults.append("the bytes do not have the hash that was recorded")
        try:
            made = Recorded(position, leaf.hex(), body, decode(body))
        except BytesChangedError as error:
            return None, [*faults, str(error)]
        return made, [*faults, *self._chains.linked(made.event, made.leaf)]


def followed(link: Link, council: str) -> Iterator[tuple[int, bytes, Recorded | None, list[str]]]:
    """Each event of a log in order: its position, the hash of its bytes, what it is, and what is wrong with it."""
    chain = Chain()
    for position, leaf, body in link.run(_BYTES, council=council):
        made, faults = chain.follow(position, leaf, body)
        yield position, chain.leaf, made, faults
