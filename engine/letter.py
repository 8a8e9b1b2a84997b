"""Letters as values: who gets one and why, what it is about, and what it says before it is mail.

The engine knows when a letter is owed and to which office; what it says is the workflows' (a `Writer`); how it becomes
mail is `engine.mail`'s. Duties hang on offices, so a letter is owed to an office, and whoever holds it is looked up
when the letter is made and once more when it is sent.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal, Protocol, TypeAlias

import msgspec

from engine.field import Document
from engine.ladder import Audience
from engine.ports import Owed, Recorded
from engine.register import Id, Language
from engine.situation import Situation

Detour: TypeAlias = Literal["vacant", "no_address", "bounced"]
"""Why a letter goes to somebody else than the holder of its office."""

LARGEST = 3 * 2**20
"""Bytes of documents that go with a letter; larger ones are named in it, and had from the secretariat."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a letter for an office goes.

    `office` is the one it is owed to, `through` the one whose holder gets it: another one where `detour` says why.
    `title` is what `office` is called, `name` the person's. `address` None: nobody can be reached.
    """

    office: Id
    through: Id
    title: str
    person: str | None
    name: str | None
    address: str | None
    language: Language
    detour: Detour | None = None


@dataclass(frozen=True, slots=True)
class Invitation:
    """A meeting as calendars know it: the same `uid` for ever, `sequence` rising with each change.

    `day` is local; `begins` and `ends` are local times, None for a whole day. `cancelled` takes it back.
    """

    uid: str
    sequence: int
    title: str
    place: str | None
    description: str
    day: date
    begins: time | None = None
    ends: time | None = None
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """What a letter says, in the recipient's language: subject, plain text, HTML, what goes with it.

    `documents` are kept documents to attach.
    """

    subject: str
    text: str
    html: str
    invitation: Invitation | None = None
    documents: tuple[Document, ...] = ()


def go_along(documents: tuple[Document, ...]) -> bool:
    """Whether documents go with a letter: as long as they are not too large together."""
    return sum(document.size for document in documents) <= LARGEST


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a letter after a step is about: the event, and the case as it stands when the letter is made.

    `kind` names the letter's folder; `council` and `secretariat` are what those are called today, in the recipient's
    language.
    """

    kind: str
    recorded: Recorded
    situation: Situation
    recipient: Recipient
    council: str
    secretariat: str


class Line(msgspec.Struct, frozen=True):
    """One duty in a digest or an escalation: what is owed, at which rung, and as what the reader is told.

    `rung` is in calendar days after the due date, negative before it; `late` the days it is overdue today, negative
    or nought while it is not; `holder` the title of the office that owes it.
    """

    owed: Owed
    rung: int
    audience: Audience
    late: int
    holder: str


@dataclass(frozen=True, slots=True)
class Collected:
    """The duties one recipient is told of on one local day, most urgent first.

    `council` and `secretariat` are what those are called, in the recipient's language.
    """

    lines: tuple[Line, ...]
    recipient: Recipient
    today: date
    council: str
    secretariat: str


@dataclass(frozen=True, slots=True)
class Returned:
    """A letter that could not be delivered, for whoever must now see that the office gets to know of it."""

    original: str
    subject: str
    text: str
    office_title: str
    error: str
    recipient: Recipient
    council: str
    secretariat: str


class Writer(Protocol):
    """Puts letters into words, in the language of each recipient. Pure: it reads nothing and sends nothing."""

    def about(self, occasion: Occasion) -> Draft:
        """The letter after a step: `occasion.kind` names its folder."""

    def digest(self, collected: Collected) -> Draft:
        """The daily reminder of what an office owes itself."""

    def escalation(self, collected: Collected) -> Draft:
        """What others owe and have not done, for whom it is escalated to."""

    def returned(self, returned: Returned) -> Draft:
        """A letter that came back."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A letter rendered for good: its key, its stable id and date, and the bytes every attempt sends.

    `message_id` is `<…@domain>`; `made` the UTC instant in its Date field.
    """

    key: str
    message_id: str
    made: datetime
    sender: str
    address: str
    body: bytes


Fate: TypeAlias = Literal["sent", "bounced", "refused", "turned_away", "deferred", "unreachable", "uncertain"]
"""What came of an attempt: taken; no mail gets to this address (5xx for this recipient); this letter is refused for
good, whatever its address; this recipient is barred to us by some policy, which may be lifted; refused for now (4xx);
the server cannot be used, which is no letter's fault; broken off so late that it may have been taken."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came of an attempt to send a letter, and what the server said, as one printable line."""

    fate: Fate
    said: str = ""


class Sender(Protocol):
    """Sends letters one after another, over one connection where it can. For one thread."""

    def send(self, mail: Mail) -> Delivery:
        """Try once; raises nothing that a mail server can cause."""


class Mailer(Protocol):
    """Where mail goes: a server, or a folder."""

    def sending(self) -> AbstractContextManager[Sender]:
        """A sender, for as long as there is something to send."""
