"""What offices, bodies, parties and cases are called in letters, and which offices are the reader's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.register import name_on

if TYPE_CHECKING:
    from datetime import date

    from engine.letter import Occasion
    from engine.register import Id, Language, Named, Register
    from workflows.letters.sentences import Sentences


def called(register: Register, id_: Id, day: date, language: Language) -> str:
    """The name of an office, body, party or organisation on a local date; its id where the register has lost it."""
    names = _names(register, id_)
    return name_on(names, day, language) if names else id_


def case_name(case: str, workflow: str, title: str, say: Sentences) -> str:
    """A case by its title, with its id for reference: Natteravner (M-1); a year and what is untitled by its kind."""
    kind = say.words.label("workflow", workflow).capitalize()
    name = title if title and workflow != "year" else f"{kind} {title}".strip()
    return f"{name} ({case})"


def own_offices(letter: Occasion) -> frozenset[Id]:
    """The office a letter is owed to, and every other one its reader holds today: one person gets one letter."""
    recipient, s = letter.recipient, letter.situation
    if recipient.detour or recipient.person is None:
        return frozenset({recipient.office})
    held = (holding.office for holding in s.council.holdings.held(recipient.person, s.today))
    own = (one for one in held if (by := s.council.holdings.of(one, s.today)) and by.person == recipient.person)
    return frozenset((recipient.office, *own))


def _names(register: Register, id_: Id) -> tuple[Named, ...]:
    if id_ in register.parties:
        return register.organisations[register.parties[id_].organisation].names
    if id_ in register.offices:
        return register.offices[id_].titles
    if id_ in register.bodies:
        return register.bodies[id_].names
    return register.organisations[id_].names if id_ in register.organisations else ()
