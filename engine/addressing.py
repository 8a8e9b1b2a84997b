"""Where a letter for an office goes: to whoever is in charge of it today, or to somebody who can see to it.

A letter for an office that is vacant, whose holder has no address, or whose mail came back, goes to the secretariat,
and where that cannot be reached to the council's leader. A former holder gets nothing: holders are looked up when the
letter is made and once more when it is sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property

from engine.errors import NotFoundError
from engine.letter import Detour, Recipient
from engine.ports import Person, Reader
from engine.register import Id, Language, Office, name_on


@cache
def is_address(text: str) -> bool:
    """Whether mail can be addressed to a text at all."""
    from engine.header import checked_address

    try:
        checked_address(text)
    except ValueError:
        return False
    return True


@dataclass
class Directory:
    """Who is reached in which office on a local date, as a reader sees them."""

    reader: Reader
    today: date
    _persons: dict[str, Person | None] = field(default_factory=dict)
    _recipients: dict[Id, Recipient | None] = field(default_factory=dict)
    _titles: dict[tuple[Id, Language], str] = field(default_factory=dict)

    def recipient(self, office: Id) -> Recipient | None:
        """Where a letter for an office goes; None where nobody can be reached."""
        if office not in self._recipients:
            self._recipients[office] = self._recipient(office)
        return self._recipients[office]

    def read_everybody(self) -> None:
        """Read all persons at once, where many are going to be asked for."""
        self._persons |= {person.id: person for person in self.reader.persons()}

    def _recipient(self, office: Id) -> Recipient | None:
        register = self.reader.council().register
        detour = self._trouble(office)
        others = (one for one in (register.secretariat, register.leader) if self._trouble(one) is None)
        reached = office if detour is None else next(others, None)
        if reached is None or (person := self._holder(reached)) is None:
            return None
        language = self.language(reached)
        title = self.title(office, language)
        return Recipient(office, reached, title, person.id, person.name, person.email, language, detour)

    def title(self, id_: Id, language: Language) -> str:
        """What an office or body is called today."""
        if (id_, language) not in self._titles:
            register = self.reader.council().register
            known = register.offices.get(id_) or register.bodies.get(id_)
            names = known.titles if isinstance(known, Office) else known.names if known else ()
            self._titles[id_, language] = name_on(names, self.today, language) if names else id_
        return self._titles[id_, language]

    def language(self, office: Id) -> Language:
        """The written form of an office's organisation; bokmål for an office that is no more."""
        register = self.reader.council().register
        known = register.offices.get(office)
        return register.organisations[known.organisation].language if known else "nb"

    @cached_property
    def reply_to(self) -> str | None:
        """Where answers go: to the secretariat, which registers them, else to whoever is reached in its place.

        None where not every server takes that address: one kept from before such were refused.
        """
        from engine.header import checked_address

        recipient = self.recipient(self.reader.council().register.secretariat)
        address = checked_address(recipient.address) if recipient and recipient.address else ""
        return address if address.isascii() else None

    @cached_property
    def bounced(self) -> frozenset[str]:
        """Addresses that mail has come back from."""
        return self.reader.bounced_addresses()

    def _trouble(self, office: Id) -> Detour | None:
        """Why mail to an office reaches nobody."""
        person = self._holder(office)
        if person is None:
            return "vacant"
        if not person.email or not is_address(person.email):
            return "no_address"
        return "bounced" if person.email in self.bounced else None

    def _holder(self, office: Id) -> Person | None:
        holding = self.reader.council().holdings.of(office, self.today)
        return self._person(holding.person) if holding else None

    def _person(self, id_: str) -> Person | None:
        if id_ not in self._persons:
            try:
                self._persons[id_] = self.reader.person(id_)
            except NotFoundError:  # erased altogether
                self._persons[id_] = None
        return self._persons[id_]
