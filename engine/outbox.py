"""The outbox: letters as they are kept, from made to sent, and where the round that makes them has come to.

A letter is a row with the bytes it is sent as, so every attempt sends the same ones. Its key makes it be made once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, Protocol, TypeAlias

import msgspec

from engine.register import Id

Stage: TypeAlias = Literal["pending", "sending", "sent", "bounced", "withdrawn", "stranded", "dead"]
"""Where a letter is: waiting; being sent; taken by the server; come back; withdrawn before it was sent, because its
recipient changed; made for nobody, because nobody can be reached; given up after many attempts."""


SKEW = timedelta(minutes=5)
"""By how much clocks of hosts may differ; more, and a clock is taken to have been ahead of time."""


class NewLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A letter to keep. `key` is unique in its council; `leaf` the event it follows; `body` the bytes to send.

    `office` is the one it is owed to, `person` and `address` who it goes to. `after`: not sent before this UTC instant.
    """

    key: str
    kind: str
    office: Id
    person: str | None
    address: str | None
    subject: str
    message_id: str
    made: datetime
    after: datetime
    body: bytes
    stage: Stage = "pending"
    case: str | None = None
    leaf: str | None = None
    said: str | None = None

    def is_due(self, now: datetime) -> bool:
        """Whether it may be sent at a UTC instant."""
        return self.stage == "pending" and self.after <= now


class Posted(msgspec.Struct, frozen=True):
    """A letter of the outbox, without its bytes. Instants are UTC; `said` is the server's last word.

    `uncertain`: an attempt broke off so late that it may have arrived. `replaced`: the number of the letter that went
    out in its place, 0 where none was needed.
    """

    number: int
    key: str
    kind: str
    office: Id
    person: str | None
    address: str | None
    subject: str
    message_id: str
    made: datetime
    stage: Stage
    attempts: int
    after: datetime
    changed: datetime
    said: str | None
    case: str | None
    leaf: str | None
    uncertain: bool
    replaced: int | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many letters of a council may be sent now, are being sent, and were put off by a clock ahead of time."""

    due: int
    sending: int
    ahead: int


@dataclass(frozen=True, slots=True)
class Swept:
    """What an erasure did to the outbox: letters were emptied, in others an address was overwritten."""

    emptied: int
    overwritten: int


class OutboxReads(Protocol):
    """The part of a reader that looks at letters."""

    def letter(self, number: int) -> Posted:
        """A letter. Raises `NotFoundError`."""

    def letters(self, *stages: Stage) -> Iterator[Posted]:
        """Letters by stage, all where none is named, in the order they were made."""

    def letter_body(self, number: int) -> bytes:
        """The bytes of a letter. Raises `NotFoundError`."""

    def sendable(self, now: datetime) -> Posted | None:
        """The letter that has waited longest among those that may be sent at a UTC instant."""

    def touched_ahead(self, now: datetime) -> bool:
        """Whether a letter that waits was made or tried after a UTC instant: the clock was ahead of time then."""

    def first_sendable(self) -> datetime | None:
        """The UTC instant from which the first waiting letter may be sent."""

    def missed(self, kind: str, day: date) -> Iterator[Posted]:
        """Letters of a kind that wait, were made on another local date than this, and certainly did not arrive."""

    def unreplaced(self) -> Iterator[Posted]:
        """Letters that came back, were given up, withdrawn or made for nobody, and that no other has replaced."""

    def unreported(self) -> Iterator[Posted]:
        """Letters that wait after they were turned away, and that the secretariat has not been told of."""

    def reported(self, letter: int) -> int | None:
        """The number of the letter that told the secretariat that another was turned away."""

    def digested(self, persons: Iterable[str], day: date) -> frozenset[tuple[str, str]]:
        """Who of some persons has a letter of which kind that waits, or that was made or sent on a local date."""

    def bounced_addresses(self) -> frozenset[str]:
        """Addresses that mail has come back from."""

    def followed(self) -> tuple[int, bool]:
        """How many events of the log the round has followed, and whether what was owed before is planned."""


class Outbox(OutboxReads, Protocol):
    """The part of a transaction that keeps letters."""

    def post(self, letter: NewLetter) -> int | None:
        """Keep a letter; its number, or None where one with its key was made before."""

    def bring_back(self, now: datetime) -> None:
        """What waits because a clock was ahead of time may be sent from a UTC instant on."""

    def move_letter(  # noqa: PLR0913  # what an attempt can change
        self, number: int, stage: Stage, now: datetime, *, after: datetime | None = None, said: str | None = None,
        attempted: bool = False, uncertain: bool | None = None,
    ) -> None:  # fmt: skip
        """Record where a letter is now, since a UTC instant."""

    def is_in_hand(self, letter: int) -> bool:
        """Whether a living sender holds a letter, in whatever process; false where only one process delivers."""

    def replace_letter(self, number: int, by: int | None) -> None:
        """Another letter went out in its place, or (0) none was needed; None: one is still to be made."""

    def turn_away(self, letter: int) -> None:
        """A server turned a letter away; the secretariat is to be told, once."""

    def report(self, letter: int, by: int) -> None:
        """The secretariat was told by another letter that one was turned away."""

    def reopen_companions(self, number: int) -> None:
        """The letters that another one stood for as well are to be made for themselves."""

    def follow(self, position: int) -> None:
        """The log has been followed up to a position; everything owed is planned."""
