"""Making letters: from what is owed to rows of the outbox, rendered once, within the transaction of a round.

A letter's key makes it be made once: an event, a kind and an office; or a kind, a person and a day. Its bytes are
kept, so every attempt sends the same. It may leave during office hours only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, partial
from typing import TypeAlias

from engine.addressing import Directory
from engine.calendar import next_office_hours
from engine.errors import PolitiradError
from engine.field import Document
from engine.follow import Owing
from engine.letter import Draft, Occasion, Recipient, Returned, Writer, go_along
from engine.outbox import NewLetter, Posted
from engine.ports import Transaction
from engine.register import Id
from engine.reminding import DIGEST, Bundle

RETURNED = "returned"

SameLetter: TypeAlias = tuple[str, str, str, str]


class UnwritableError(Exception):
    """A letter could not be put into words or bytes: a fault of ours, or an address that is none. Others go on."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What goes on a letter beside its words. `made` is the UTC instant of its date, `key` its own in all the world."""

    recipient: Recipient
    sender: str
    sender_name: str
    reply_to: str | None
    key: str
    made: datetime
    attachments: tuple[tuple[str, bytes], ...]


Render = Callable[[Draft, Envelope], tuple[str, bytes]]
"""A draft as mail: its Message-ID and its bytes."""


def as_mail(draft: Draft, envelope: Envelope) -> tuple[str, bytes]:
    """A draft as the bytes that are sent, an invitation in the form that calendars read."""
    from engine.ics import invitation_text
    from engine.mail import compose, message_id

    to, id_ = envelope.recipient, message_id(envelope.key, envelope.sender.rpartition("@")[2])
    called = draft.invitation if to.detour is None else None  # who stands in is told of a meeting, not called to it
    calendar = None if called is None else invitation_text(
        called, organizer=envelope.sender, organizer_name=envelope.sender_name, attendee=to.address or "",
        attendee_name=to.name, stamp=envelope.made,
    )  # fmt: skip
    return id_, compose(
        draft, to=to.address or "", to_name=to.name, sender=envelope.sender, sender_name=envelope.sender_name,
        reply_to=envelope.reply_to, message_id=id_, made=envelope.made, calendar=calendar,
        attachments=envelope.attachments,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Matter:
    """What a letter is about: its kind, the office it is owed to, the case and the event (its leaf) it follows."""

    kind: str
    office: Id
    case: str | None = None
    leaf: str | None = None


@dataclass(frozen=True, slots=True)
class Stationery:
    """What letters are made with: who words them, the address they come from, how they become bytes."""

    writer: Writer
    sender: str
    render: Render = as_mail


@dataclass
class PostRoom:
    """Makes the letters of one council in a round. `made` are those that were, in order, `failed` tells of others."""

    stationery: Stationery
    tx: Transaction
    directory: Directory
    now: datetime
    made: list[NewLetter] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    _told: dict[SameLetter, int] = field(default_factory=dict)
    _stood_in: dict[SameLetter, list[str]] = field(default_factory=lambda: defaultdict(list))

    def gather(self, owings: Iterable[Owing]) -> None:
        """Note which offices somebody is to be written to for who stands in: one letter names them all."""
        for owing in owings:
            recipient = self.directory.recipient(owing.office)
            if recipient is not None and recipient.detour is not None:
                self._stood_in[_same_letter(owing, recipient)].append(recipient.title)

    def about(self, owing: Owing, generation: int = 0) -> int | None:
        """The letter after a step, for an office; its number, or None where there is one already.

        Somebody in several offices gets it once, and so does who stands in for several. Where nobody can be reached, or
        it cannot be written, it is kept as stranded. Raises `UnwritableError` for a later generation.
        """
        event, kind = owing.recorded.event, owing.letter.kind
        key = f"{owing.recorded.leaf}/{kind}/{owing.office}/{generation}"
        matter = Matter(kind, owing.office, event.case, owing.recorded.leaf)
        recipient = self.directory.recipient(owing.office)
        if recipient is None:
            return self._strand(key, matter)
        told = _same_letter(owing, recipient)
        if not generation and (other := self._told.get(told)):
            self._accompany(key, matter, other)
            return None
        recipient = replace(recipient, title=", ".join(self._stood_in.get(told) or [recipient.title]))
        occasion = Occasion(kind, owing.recorded, owing.situation, recipient, *self._names(recipient))
        try:
            number = self._post(partial(self.stationery.writer.about, occasion), recipient, key, matter)
        except UnwritableError as error:
            if generation:
                raise
            return self._strand(key, matter, str(error))
        self._told[told] = number or 0
        return number

    def tell(self, bundle: Bundle) -> int | None:
        """A daily letter; its number, or None where there is one already.

        Its key holds address and offices: one withdrawn because these have changed is made again on the same day.
        Raises `UnwritableError`.
        """
        collected, writer = bundle.collected, self.stationery.writer
        write = partial(writer.digest if bundle.kind == DIGEST else writer.escalation, collected)
        recipient = collected.recipient
        key = f"{bundle.kind}/{recipient.person}/{collected.today}/{recipient.address}/{bundle.offices}"
        return self._post(write, recipient, key, Matter(bundle.kind, recipient.through))

    def send_back(self, letter: Posted, generation: int = 0) -> int | None:
        """A letter that came back goes to whoever must see to it; its number, 0 where there is nobody to turn to.

        Raises `UnwritableError`.
        """
        from engine.mail import plain_text

        register = self.tx.council().register
        turn_to = register.leader if letter.office == register.secretariat else register.secretariat
        recipient = self.directory.recipient(turn_to)
        if recipient is None or recipient.address == letter.address:
            return 0
        returned = Returned(
            f"L-{letter.number}", letter.subject, plain_text(self.tx.letter_body(letter.number)),
            self.directory.title(letter.office, recipient.language), letter.said or "", recipient,
            *self._names(recipient),
        )  # fmt: skip
        matter = Matter(RETURNED, turn_to, letter.case, letter.leaf)
        key = f"{RETURNED}/{letter.number}/{generation}"
        return self._post(partial(self.stationery.writer.returned, returned), recipient, key, matter)

    def _names(self, recipient: Recipient) -> tuple[str, str]:
        """What the council and its secretariat are called, in the reader's language."""
        register = self.tx.council().register
        language = recipient.language
        return (
            self.directory.title(register.council, language),
            self.directory.title(register.secretariat, language),
        )

    @cached_property
    def _opens(self) -> datetime:
        """The UTC instant from which what is made now may leave."""
        return next_office_hours(self.now, self.tx.council().register.closed_days)

    def _post(self, write: Callable[[], Draft], recipient: Recipient, key: str, matter: Matter) -> int | None:
        draft, id_, body = self._written(write, recipient, key)
        return self._keep(
            NewLetter(
                key=key, kind=matter.kind, office=matter.office, person=recipient.person, address=recipient.address,
                subject=draft.subject, message_id=id_, made=self.now, after=self._opens, body=body, case=matter.case,
                leaf=matter.leaf,
            )
        )  # fmt: skip

    def _written(self, write: Callable[[], Draft], recipient: Recipient, key: str) -> tuple[Draft, str, bytes]:
        """A letter in words and as bytes, with its Message-ID. Whatever is wrong with one is no other's fault."""
        try:
            draft, everywhere = write(), f"{self.tx.council().origin}/{key}"
            envelope = Envelope(
                recipient, self.stationery.sender, self._names(recipient)[0], self.directory.reply_to, everywhere,
                self.now, self._attachments(draft.documents),
            )  # fmt: skip
            return draft, *self.stationery.render(draft, envelope)
        except PolitiradError:
            raise
        except Exception as error:
            self.failed.append(f"letter {key} cannot be written: {type(error).__name__} {error}")
            raise UnwritableError(self.failed[-1]) from error

    def _strand(self, key: str, matter: Matter, said: str | None = None) -> int | None:
        """Keep that a letter was owed, for the day when somebody can be reached."""
        return self._keep(
            NewLetter(
                key=key, kind=matter.kind, office=matter.office, person=None, address=None, subject="", message_id="",
                made=self.now, after=self.now, body=b"", stage="stranded", case=matter.case, leaf=matter.leaf,
                said=said,
            )
        )  # fmt: skip

    def _accompany(self, key: str, matter: Matter, other: int) -> None:
        """Keep that another letter to the same reader stands for this one too; one of its own, should it not go out."""
        letter = NewLetter(
            key=key, kind=matter.kind, office=matter.office, person=None, address=None, subject="", message_id="",
            made=self.now, after=self.now, body=b"", stage="withdrawn", case=matter.case, leaf=matter.leaf,
        )  # fmt: skip
        if (number := self.tx.post(letter)) is not None:
            self.tx.replace_letter(number, other)

    def _keep(self, letter: NewLetter) -> int | None:
        number = self.tx.post(letter)
        if number is not None:
            self.made.append(letter)
        return number

    def _attachments(self, documents: tuple[Document, ...]) -> tuple[tuple[str, bytes], ...]:
        """The documents that go with a letter."""
        if not go_along(documents):
            return ()
        return tuple((document.name, b"".join(self.tx.document(document.sha256))) for document in documents)


def _same_letter(owing: Owing, recipient: Recipient) -> SameLetter:
    """What one letter to a reader stands for: an event and a kind, and why it comes to them."""
    return owing.recorded.leaf, owing.letter.kind, recipient.person or "", recipient.detour or ""


def same_recipient(directory: Directory, letter: Posted, offices: Iterable[Id]) -> bool:
    """Whether a letter would go to the same person and address if it were made today, for each of its offices."""
    recipients = (directory.recipient(office) for office in (letter.office, *offices))
    return all(r is not None and (r.person, r.address) == (letter.person, letter.address) for r in recipients)
