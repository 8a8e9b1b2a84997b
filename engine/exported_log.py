"""Following the log of an export from its bytes, and what it says that the rest of the export is held against.

Nothing is trusted: a line may be no UTF-8, no JSON, no event of ours, or an event that does not follow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from engine.chain import COUNCIL_CASE, Chains, documents_in, is_act
from engine.errors import BytesChangedError
from engine.event import Event, decode
from engine.fault import Faults
from engine.folder import EVENTS, UnreadableError
from engine.merkle import leaf_hash
from engine.origin import continued_as
from engine.ports import Recorded
from engine.signed_acts import SignedActs
from engine.succession import LOG_KEY_SET
from engine.terms import tells_of_signers

ANNOUNCING = frozenset({LOG_KEY_SET, "council.witness_trusted"})
"""The types of the events that announce a public key."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An event's position in the log (0-based) and its leaf."""

    position: int
    leaf: bytes


@dataclass(slots=True)
class Followed:
    """What a log says: its name and earlier ones, its events, the public keys it announces, and what must be here.

    `acts` are the acts on versions by case and number; `documents` are named by hash, each with the first to name it.
    """

    origin: str = ""
    earlier: list[str] = field(default_factory=list)
    events: int = 0
    vkeys: list[str] = field(default_factory=list)
    acts: dict[tuple[str, int], Placed] = field(default_factory=dict)
    documents: dict[str, str] = field(default_factory=dict)


class Follower:
    """Follows a log line by line, noting faults. `grow` is told each leaf in turn, `meet` then the event it is of.

    `acts` are the signed acts in it, looked at where they stand.
    """

    def __init__(
        self, faults: Faults, grow: Callable[[bytes], None], meet: Callable[[Event], None] = lambda _: None
    ) -> None:  # fmt: skip
        self.said = Followed()
        self.acts = SignedActs(faults)
        self._faults = faults
        self._grow = grow
        self._meet = meet
        self._chains = Chains()

    def follow(self, lines: Iterable[bytes], passed: Callable[[int], None]) -> Followed:
        """Follow the lines to their end, or to one that cannot be read; `passed` is told the bytes of each."""
        try:
            for line in lines:
                self._next(line)
                passed(len(line))
        except UnreadableError as error:
            self._faults.blame(error.exit_code, EVENTS, str(error))
        return self.said

    def _next(self, line: bytes) -> None:
        """Follow one line; what it says is gathered if it is an event at all. A million lines pass here."""
        said, body = self.said, line.removesuffix(b"\n")
        position, leaf = said.events, leaf_hash(body)
        self._grow(leaf)
        said.events += 1
        try:
            made = decode(body)
            for sha256 in documents_in(made.data) if b'"sha256"' in body else ():
                said.documents.setdefault(sha256, _named(position, made))
        except BytesChangedError as error:
            self._blame(position, str(error))
        else:
            self._meet(made)
            self._place(made, position, leaf)
        if body == line:
            self._blame(position, "it is cut short: the file ends within it")

    def _place(self, made: Event, position: int, leaf: bytes) -> None:
        """Note what an event says, and what is wrong with its place."""
        said = self.said
        for what in self._chains.linked(made, leaf.hex()):
            self._blame(position, what, made)
        if not position:
            said.origin = origin_of(made)
        if is_act(made):
            said.acts[made.case, made.n] = Placed(position, leaf)
        if made.case == COUNCIL_CASE:
            self._enter(made)
        if tells_of_signers(made):
            self.acts.meet(Recorded(position, leaf.hex(), "", made), _named(position, made))

    def _enter(self, made: Event) -> None:
        """Note an entry on the council's own case."""
        if (continued := continued_as(made)) is not None:
            self.said.earlier.append(self.said.origin)
            self.said.origin = continued.origin
        if made.type in ANNOUNCING:
            self.said.vkeys.append(str(made.data.get("vkey")))

    def _blame(self, position: int, what: str, made: Event | None = None) -> None:
        self._faults.blame(BytesChangedError.exit_code, _named(position, made), what)


def _named(position: int, made: Event | None = None) -> str:
    """An event as a person finds it: by its position, and where it is one of ours, by its case and number."""
    return f"event {position} ({made.case} number {made.n})" if made else f"event {position}"


def origin_of(first: Event) -> str:
    """The name of the log that an event opens; empty where it opens none."""
    origin = first.data.get("origin")
    return origin if isinstance(origin, str) else ""
