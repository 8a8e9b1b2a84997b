"""Writing: events with their views, and the records beside them, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from engine.errors import PolitiradError, UsageError
from engine.event import Event, encode, leaf_of
from engine.outbox import Posted, Swept
from engine.ports import Person, Recorded
from engine.situation import Case
from store import documents, erasure, people
from store.cases import COUNCIL_CASE, changed_meanwhile
from store.link import Link, Memory
from store.log import INSERT
from store.posting import SqlPosting
from store.projection import COUNCIL_PARTS, Views

_ANSWERED = ("the key was already answered", "ix_event_council_key", "event.key")
"""How a trigger or an index says it, in one database or another."""


class SqlTransaction(SqlPosting):
    """A reader that also writes. An `engine.ports.Transaction`.

    `failure` is what first went wrong in an append, if anything: such a transaction must not be committed, even where
    the exception was caught, because an event may then stand without its views.
    """

    def __init__(self, link: Link, council: str, memory: Memory) -> None:
        super().__init__(link, council, memory)
        self.failure: BaseException | None = None
        self._views = Views(link, council)

    @property
    def of_council(self) -> str:
        """The council whose log it writes."""
        return self._council

    @property
    def link(self) -> Link:
        """What it writes through, for what belongs to the same transaction but not to the record."""
        return self._link

    def case(self, case: str) -> Case:
        """One case, as the events appended here have left it. Raises `NotFoundError` naming near ids."""
        return self._views.case(case)

    def append(self, event: Event) -> Recorded:
        """Append an event and project it into the views.

        Raises `ChangedMeanwhileError` where the event does not follow the case's last one, and `UsageError` where
        its idempotency key was already answered.
        """
        try:
            return self._append(event)
        except BaseException as error:
            self.failure = self.failure or error
            raise

    def keep_remark(self, commitment: str, salt: bytes, text: str) -> None:
        """Keep an erasable text beside its commitment."""
        people.keep_remark(self._link, self._council, commitment, salt, text)

    def keep_login(self, commitment: str, person: str, salt: bytes, login: str) -> None:
        """Keep the operating system's user behind a person, erasable, beside its commitment."""
        people.keep_login(self._link, self._council, commitment, person, salt, login)
        self._committed = False

    def keep_person(self, person: Person) -> None:
        """Keep a person's erasable row, in place of an earlier one.

        Raises `UsageError` where the handle is taken or the person is blocked.
        """
        people.keep_person(self._link, self._council, person)

    def block_person(self, person: str, leaf: str | None) -> None:
        """Show a person to nobody from now on, by the event with a leaf (hex); to everybody again by None."""
        erasure.block_person(self._link, self._council, person, leaf)

    def erase_person(self, person: str) -> Swept:
        """Erase everything that is kept of a person beside the log: row, logins, what letters say of them."""
        known = self._memory.logins
        self._memory.logins = {asked: said for asked, said in known.items() if asked[:2] != (self._council, person)}
        return erasure.erase_person(self._link, self._council, person)

    def erase_remarks(self, commitments: Iterable[str]) -> None:
        """Erase the texts behind commitments, and the salts they could be guessed with."""
        erasure.erase_remarks(self._link, self._council, commitments)

    def waiting_about(self, person: str) -> tuple[Posted, ...]:
        """Letters not sent yet that go to a person, carry an address of theirs, or return a letter to them."""
        return tuple(map(self.letter, erasure.waiting_about(self._link, self._council, person)))

    def keep_document(self, sha256: str, path: Path) -> None:
        """Keep a document's bytes, streamed in chunks; nothing where they are already kept.

        Raises `NotFoundError` where there is no such file, and `UsageError` where it is a folder, cannot be read,
        is larger than 50 MiB or has other bytes than announced.
        """
        documents.keep_document(self._link, self._council, sha256, path)

    def _append(self, event: Event) -> Recorded:
        body = encode(event)
        leaf = leaf_of(body)
        position = self.size() if self._size is None else self._size
        made = Recorded(position, leaf.hex(), body, event)
        try:
            self._link.run(INSERT, council=self._council, pos=position, body=body, leaf=leaf)
        except self._link.product.rejects as error:
            raise _rejected(event, error) from error
        self._committed = False
        self._size = position + 1
        self._views.project(made)
        if event.case == COUNCIL_CASE or not COUNCIL_PARTS.isdisjoint(event.data):
            self._state = None
        return made


def _rejected(event: Event, error: Exception) -> PolitiradError:
    """Why the log did not take an event, by the words of its triggers."""
    if event.key is not None and any(words in str(error) for words in _ANSWERED):
        return UsageError(f"The key {event.key['id']} was already answered. Use a new key for a new command.")
    return changed_meanwhile(event)
