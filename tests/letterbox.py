"""A council whose offices have addresses, and the clockwork that writes to them, in tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any

from engine.calendar import OSLO, instant_of
from engine.clockwork import Clockwork, Turned
from engine.delivery import Deliverer
from engine.letter import Delivery, Mail
from engine.maildir import MaildirMailer
from engine.outbox import Posted
from engine.ports import Person
from engine.postage import Stationery
from engine.registration import add_person, change_person, end_holding, set_profile
from engine.round import Round
from tests.world import COUNCIL, SECRETARY, World
from workflows.letters.writer import LetterWriter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from email.message import EmailMessage
    from pathlib import Path

    from engine.letter import Mailer, Sender
    from engine.reminder import Plan, Told

SENDER = "politirad@example.no"
TAKEN = Delivery("sent", "250 taken")


@dataclass
class Recorder:
    """A mailer that keeps what it is handed, and answers as it is told to: by address, else to everybody alike."""

    sent: list[Mail] = field(default_factory=list)
    answers: dict[str, Delivery] = field(default_factory=dict)
    answer: Delivery = TAKEN

    def sending(self) -> AbstractContextManager[Sender]:
        """Itself."""
        return _Open(self)

    def send(self, mail: Mail) -> Delivery:
        """Keep a letter, unless told otherwise."""
        answer = self.answers.get(mail.address, self.answer)
        if answer.fate in {"sent", "uncertain"}:
            self.sent.append(mail)
        return answer


@dataclass
class _Open:
    recorder: Recorder

    def __enter__(self) -> Sender:
        return self.recorder

    def __exit__(self, *_: object) -> None:
        return None


class Letterbox:
    """The world with addresses, and a clock that is turned by hand."""

    def __init__(self, folder: Path, database: str | None = None, **rules: Any) -> None:  # noqa: ANN401  # of any type
        folder.mkdir(exist_ok=True, parents=True)
        self.world = World(folder, url=database, **{"amend_before_adoption": False, **rules})
        self.mail = Recorder()
        self._give_addresses()
        self.stationery = Stationery(LetterWriter(), SENDER)
        self.clockwork = self.with_mailer(self.mail)

    def with_mailer(self, mailer: Mailer, senders: int = 1) -> Clockwork:
        """The clockwork with another way to send."""
        world = self.world
        deliverer = Deliverer(world.store, world.service.rules, self.stationery, mailer, world.clock, senders)
        return Clockwork(world.store, world.clock, Round(world.service, self.stationery), deliverer)

    def with_maildir(self) -> Clockwork:
        """The clockwork that writes into a folder."""
        return self.with_mailer(MaildirMailer(self.world.folder / "mail"))

    def at(self, day: str, clock: str = "08:00") -> Turned:
        """Move the clock to a local time and turn the clockwork."""
        self.set(day, clock)
        return self.clockwork.turn()

    def set(self, day: str, clock: str = "08:00") -> None:
        """Move the clock to a local time."""
        self.world.clock.instant = instant_of(date.fromisoformat(day), time.fromisoformat(clock)).astimezone(UTC)

    def through(self, first: str, last: str) -> None:
        """Turn the clockwork at eight every morning, from one day to another."""
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last):
            self.at(day.isoformat())
            day = date.fromordinal(day.toordinal() + 1)

    def measure(self, deadline: str, **options: Any) -> str:  # noqa: ANN401  # answers of any kind
        """A measure that its implementer has started, due on a day; its case id."""
        world = self.world
        case = world.measure(deadline=deadline, **options)
        decision = world.decide("Tiltaket anbefales.", body="politiradet")
        world.take("measure", "recommend", case, decider="politiradet", decision=decision)
        implementer = world.case(case).offices["implementer"]
        world.take("measure", "anchor", case, decider=implementer)
        world.take("measure", "start", case, decider=implementer)
        return case

    def letters(self, kind: str | None = None) -> list[Posted]:
        """The letters that were made, of one kind or all."""
        with self.world.store.read(COUNCIL) as reader:
            return [letter for letter in reader.letters() if kind in {None, letter.kind}]

    def evidence(self, case: str) -> tuple[Told, ...]:
        """The rungs that were climbed for a case."""
        with self.world.store.read(COUNCIL) as reader:
            return reader.evidence(case)

    def plans(self, case: str) -> tuple[Plan, ...]:
        """What is planned for a case."""
        with self.world.store.read(COUNCIL) as reader:
            return reader.plans(case)

    def to(self, office: str) -> str:
        """The address of whoever is in charge of an office today."""
        with self.world.store.read(COUNCIL) as reader:
            holding = reader.council().holdings.of(office, self.world.today)
            assert holding is not None
            return reader.person(holding.person).email or ""

    def addressed(self, address: str) -> list[EmailMessage]:
        """What was sent to an address, as a mail program reads it."""
        return [message_from_bytes(mail.body, policy=default) for mail in self.mail.sent if mail.address == address]

    def days(self, address: str) -> list[str]:
        """The local days on which something was sent to an address, by the letter's own date."""
        return [local(mail.made).date().isoformat() for mail in self.mail.sent if mail.address == address]

    def move_in(self, office: str, person: str, on: str, email: str | None) -> None:
        """Somebody else takes an office over from a day on."""
        world, day = self.world, date.fromisoformat(on)
        before = date.fromordinal(day.toordinal() - 1)
        world.register(lambda run: end_holding(run, office, before, world.entry()))
        self.introduce(person, email)
        world.fill(office, person, day)

    def vacate(self, office: str, last: str) -> None:
        """An office is left, and nobody follows."""
        world, day = self.world, date.fromisoformat(last)
        world.register(lambda run: end_holding(run, office, day, world.entry()))

    def rewrite(self, **register: Any) -> None:  # noqa: ANN401  # a register's own fields, as JSON
        """The council's register reads otherwise from now on: its closed days, its organisations."""
        known: Any = self.world.document["register"]
        document = {**self.world.document, "register": {**known, **register}}
        self.world.register(lambda run: set_profile(run, document, self.world.entry(ref="vedtak")))

    def introduce(self, person: str, email: str | None) -> None:
        """Somebody new, with an address or without."""
        new = Person(person, person[2:], f"Fru {person[2:].capitalize()}", email)
        self.world.register(lambda run: add_person(run, new, self.world.entry()))

    def readdress(self, person: str, email: str | None) -> None:
        """Somebody has another address, or none."""
        with self.world.store.read(COUNCIL) as reader:
            known = reader.person(person)
        changed = Person(known.id, known.handle, known.name, email)
        self.world.register(lambda run: change_person(run, changed, self.world.entry()))

    def _give_addresses(self) -> None:
        with self.world.store.read(COUNCIL) as reader:
            held = sorted({holding.person for holding in reader.council().holdings.all})
        people = [
            Person(id_, id_[2:] if id_ != SECRETARY else "kari", f"Person {id_[2:]}", f"{id_[2:]}@example.no")
            for id_ in held
        ]
        for person in people:
            self.world.register(lambda run, person=person: add_person(run, person, self.world.entry()))


def local(instant: datetime) -> datetime:
    """An instant as clocks in Oslo show it."""
    return instant.astimezone(OSLO)


def texts(messages: Iterator[EmailMessage] | list[EmailMessage]) -> str:
    """The plain text of messages, one after another."""
    return "\n".join(str(part.get_content()) for m in messages if (part := m.get_body(("plain",))) is not None)
