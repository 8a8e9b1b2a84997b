"""Names of offices, bodies, parties and persons as people read them, on a date and in a language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from engine.register import Id, Named, Register, name_on

if TYPE_CHECKING:
    from commands.wiring import Setup
    from engine.holdings import CouncilState
    from engine.ports import Person
    from engine.register import Language


def names_in(register: Register, id_: Id) -> tuple[Named, ...]:
    """The dated names of an office, body, party or organisation; none where the register has lost it."""
    if id_ in register.parties:
        return names_in(register, register.parties[id_].organisation)
    if id_ in register.offices:
        return register.offices[id_].titles
    if id_ in register.bodies:
        return register.bodies[id_].names
    return register.organisations[id_].names if id_ in register.organisations else ()


def name_of(register: Register, id_: Id, day: date, language: Language) -> str:
    """The name in force on a local date; the id where there is none."""
    names = names_in(register, id_)
    return name_on(names, day, language) if names else id_


def titled(register: Register, id_: Id, day: date, language: Language) -> str:
    """The name with the id that commands are given: `Politimester i Trøndelag (politimester)`."""
    name = name_of(register, id_, day, language)
    return name if name == id_ else f"{name} ({id_})"


def holder_of(council: CouncilState, office: Id, day: date, persons: Mapping[str, Person]) -> str | None:
    """The name of who holds an office on a local date; empty where it is erased, None where nobody does."""
    holding = council.holdings.of(office, day)
    return None if holding is None else person_name(holding.person, persons) or ""


def by_id(persons: Iterable[Person], setup: Setup) -> dict[str, Person]:
    """Persons by their random ids; a blocked one is called that, in the reader's language."""
    return {person.id: shown(person, setup) for person in persons}


def shown(person: Person, setup: Setup) -> Person:
    """A person as they may be shown."""
    return replace(person, name=setup.words.phrase("blocked")) if person.blocked else person


def person_name(id_: str, persons: Mapping[str, Person]) -> str | None:
    """A person's name from the erasable table; None once it is erased."""
    person = persons.get(id_)
    return person.name if person else None
