"""The few Protocols the service needs. The store, the clock and the source of randomness stand behind them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

import msgspec

from engine.acts import Approval, Decision, Spent, Version
from engine.event import Event, Facts
from engine.holdings import CouncilState
from engine.outbox import Outbox, OutboxReads, Posted, Swept
from engine.register import Register, Seat
from engine.reminder import Planning, PlanningReads
from engine.sealing import Sealing, SealReads
from engine.situation import Case
from engine.statement import Signature


class Clock(Protocol):
    """Where the time comes from; the engine has no other."""

    def now(self) -> datetime:
        """The present instant, aware, UTC."""


class SignatureChecker(Protocol):
    """Who says whether an SSH signature holds; a program of the system, so an effect."""

    def accepts(self, signature: Signature, signers: str, who: str, namespace: str, on: date) -> bool:
        """Whether the signature over its statement holds for `who` among the allowed signers on a local date.

        `signers` are lines of an `allowed_signers` file. Raises `ConfigurationError` where nobody can say.
        """


class Entropy(Protocol):
    """Where salts and random ids come from; seeded in the demo so that its transcript never varies."""

    def token(self, size: int) -> bytes:
        """Random bytes."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as it stands in the log: its position (0-based), leaf (hex) and exact body."""

    position: int
    leaf: str
    body: str
    event: Event


class Owed(msgspec.Struct, frozen=True):
    """A deadline as the views hold it: an open case owes something to a local date, through an office.

    `fires` is the step the clock takes when `on` has come; `title` and `state` are the case's.
    """

    case: str
    name: str
    office: str
    on: date
    fires: str | None
    ladder: str
    workflow: str
    state: str
    title: str


@dataclass(frozen=True, slots=True)
class Person:
    """A row of the erasable table. `handle` is the short name a command line uses; names are None once erased.

    Of a `blocked` person a reader tells no more than the id, which then is the handle too.
    """

    id: str
    handle: str
    name: str | None
    email: str | None
    blocked: bool = False


class Reader(PlanningReads, OutboxReads, SealReads, Protocol):
    """One council's views and log, as they stood when the reader was opened."""

    def council(self) -> CouncilState:
        """The council. Raises `NotFoundError` where it was never opened."""

    def profile(self, leaf: str) -> Facts:
        """The rules in the profile event with this leaf (hex), as JSON."""

    def case(self, case: str) -> Case:
        """One case. Raises `NotFoundError` naming near ids."""

    def cases(
        self, workflow: str | None = None, states: Iterable[str] = (), parent: str | None = None
    ) -> tuple[Case, ...]:
        """Cases by workflow, state and parent, in order of opening."""

    def versions(self, case: str) -> tuple[Version, ...]:
        """The versions of a case, oldest first, annulled ones left out."""

    def approvals(self, case: str) -> tuple[Approval, ...]:
        """Every act on versions of a case in the order of the log, annulled ones left out."""

    def spent(self, decision: str, point: int) -> tuple[Spent, ...]:
        """Every act that rests on a point of a decision (its leaf), in whatever case, annulled ones included."""

    def register_on(self, day: date) -> Register:
        """The register as it was at the end of a local date; the first one before any was set."""

    def seats_on(self, day: date) -> tuple[Seat, ...]:
        """The council's seats as they were decided by a local date; the first ones before any were."""

    def decision(self, decision: str) -> Decision:
        """A recorded decision by id (`D-3`). Raises `NotFoundError`."""

    def answered(self, key: str) -> Recorded | None:
        """The event that answered an idempotency key."""

    def event(self, leaf: str) -> Recorded | None:
        """The event with a leaf (hex)."""

    def events(self, case: str | None = None) -> Iterator[Recorded]:
        """The log of the council, or of one case, in order."""

    def entries(self, type_: str) -> Iterator[Recorded]:
        """The entries of a type on the council's own case, in order."""

    def owed(self, case: str) -> tuple[Owed, ...]:
        """What one case owes, earliest first."""

    def snoozed(self, case: str, name: str, office: str, due: date) -> date | None:
        """The local date before which an office asked not to be reminded of a deadline, as long as its date stands."""

    def size(self) -> int:
        """How many events the log has."""

    def taken_back(self, recorded: Recorded) -> bool:
        """Whether a later event of its case annuls an event."""

    def events_from(self, position: int, limit: int) -> tuple[Recorded, ...]:
        """The events of the log from a position on, at most `limit`."""

    def due(self, today: date) -> tuple[Owed, ...]:
        """Deadlines the clock fires, due on or before a local date."""

    def first_fired(self, after: date) -> date | None:
        """The earliest local date after another on which a deadline comes due that the clock fires."""

    def todo(self, office: str | None = None, until: date | None = None, limit: int | None = None) -> Iterator[Owed]:
        """What is owed, earliest first: by one office or by all, due on or before a local date, at most `limit`."""

    def person(self, reference: str) -> Person:
        """A person by id, handle or full name. Raises `NotFoundError`."""

    def persons(self) -> Iterator[Person]:
        """Everybody on record, by handle."""

    def names(self, person: str | None = None) -> frozenset[str]:
        """The full names on record, of everybody or of one person (an id): blocked ones too, so never to be shown."""

    def document(self, sha256: str) -> Iterator[bytes]:
        """A kept document's bytes, piece by piece. Raises `NotFoundError`, `DocumentDiffersError`."""

    def remarks(self, commitments: Iterable[str]) -> Mapping[str, str]:
        """The texts behind commitments; erased ones are missing."""


class Transaction(Reader, Planning, Outbox, Sealing, Protocol):
    """A reader that may also write. Commits as its context ends, rolls back when an exception leaves it."""

    def next_number(self, prefix: str) -> int:
        """The next free number for case ids with this prefix, 1-based (`M` → 3 after M-2); `D` for decisions."""

    def append(self, event: Event) -> Recorded:
        """Append an event and project it into the views. Raises `ChangedMeanwhileError` where `n` is taken."""

    def keep_remark(self, commitment: str, salt: bytes, text: str) -> None:
        """Keep an erasable text beside its commitment."""

    def login(self, person: str, login: str) -> str | None:
        """The commitment under which a person's login is kept, if it is."""

    def keep_login(self, commitment: str, person: str, salt: bytes, login: str) -> None:
        """Keep the operating system's user behind a person, erasable, beside its commitment."""

    def keep_person(self, person: Person) -> None:
        """Keep a person's erasable row. Raises `UsageError` where the person is blocked."""

    def block_person(self, person: str, leaf: str | None) -> None:
        """Show a person to nobody from now on, by the event with a leaf (hex); to everybody again by None."""

    def erase_person(self, person: str) -> Swept:
        """Erase everything that is kept of a person beside the log: row, logins, what letters say of them."""

    def erase_remarks(self, commitments: Iterable[str]) -> None:
        """Erase the texts behind commitments, and the salts they could be guessed with."""

    def waiting_about(self, person: str) -> tuple[Posted, ...]:
        """Letters not sent yet that go to a person, carry an address of theirs, or return a letter to them."""

    def keep_document(self, sha256: str, path: Path) -> None:
        """Keep a document's bytes, streamed in chunks; nothing where they are already kept."""

    def has_document(self, sha256: str) -> bool:
        """Whether a document's bytes are kept."""


class Store(Protocol):
    """A database that may hold several councils, each with its own log."""

    def councils(self) -> tuple[str, ...]:
        """The ids of the councils, in order of opening."""

    def read(self, council: str) -> AbstractContextManager[Reader]:
        """A consistent reader over one council."""

    def write(self, council: str) -> AbstractContextManager[Transaction]:
        """The one writing transaction over one council's log; waits for others."""

    def heartbeat(self) -> tuple[datetime, str] | None:
        """When the last round over all councils was, UTC, and what it said of itself."""

    def beat(self, at: datetime, said: str) -> None:
        """There was a round over all councils at a UTC instant, and what it says of itself."""
