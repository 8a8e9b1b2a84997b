"""Erasing a person, and keeping one from being shown (sperring), by events that hold no more than their random id.

The log keeps every act: who decided in which office stays provable, and a name is never part of it. Erased are the
erasable tables (see `store.erasure`). Remarks stay unless they are asked for: a reason that somebody wrote is the
record's and not only theirs, so `written` and `naming` are chosen each time and stand in the event by commitment.

An erasure can be replayed, because `erased_in` reads what was erased from a log: so a restored copy forgets it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from engine.desk import withdraw
from engine.entry import Entry, append, authorized, refused
from engine.errors import Reason, UsageError, because
from engine.event import Event
from engine.holdings import CouncilState
from engine.outbox import Posted
from engine.ports import Person, Reader, Recorded, Transaction
from engine.postage import RETURNED
from engine.privacy import names_any, public_words
from engine.register import Id
from engine.run import Run

ERASED, BLOCKED, UNBLOCKED = "council.person_erased", "council.person_blocked", "council.person_unblocked"


@dataclass(frozen=True, slots=True)
class Said:
    """A place of the record: event `n` of a case, with the commitment of a remark where it is one."""

    case: Id
    n: int
    commitment: str = ""


@dataclass(frozen=True, slots=True)
class Traces:
    """Where a person is in what may be kept: remarks they wrote, remarks of others that name them, public texts.

    Public texts stand in the log, which nobody can erase; they are found so that somebody knows.
    """

    written: tuple[Said, ...] = ()
    naming: tuple[Said, ...] = ()
    public: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Erased:
    """What a log says was erased: persons and remarks; `blocked` are those shown to nobody, each with the leaf."""

    persons: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    blocked: Mapping[str, str] = field(default_factory=dict)


def erase(run: Run, person: Person, remarks: Iterable[Said], entry: Entry) -> Recorded:
    """Erase a person and the remarks named. Raises `Refused` while they hold an office, `UsageError`."""
    state, entry = authorized(run, entry)
    if reason := still_in_office(state, person.id, run.today):
        raise refused("erase", reason)
    if is_erased(person):
        raise UsageError(f"{person.id} is erased already.")
    if sending := [letter for letter in run.tx.waiting_about(person.id) if letter.stage == "sending"]:
        raise UsageError(f"L-{sending[0].number} is being sent this moment. Try again in a minute.")
    commitments = tuple(dict.fromkeys(said.commitment for said in remarks))
    done = append(run, state, "person_erased", {"person": {"id": person.id}, "remarks": commitments}, entry)
    erase_again(run.tx, Erased((person.id,), commitments), run.now)
    return done


def block(run: Run, person: Person, entry: Entry) -> Recorded:
    """Show a person to nobody from now on. Raises `UsageError` where nothing would change."""
    state, entry = authorized(run, entry)
    if is_erased(person) or person.blocked:
        raise UsageError(f"{person.id} is {'blocked' if person.blocked else 'erased'} already; nobody is shown a name.")
    done = append(run, state, "person_blocked", {"person": {"id": person.id}}, entry)
    run.tx.block_person(person.id, done.leaf)
    return done


def unblock(run: Run, person: Person, entry: Entry) -> Recorded:
    """Show a person again. Raises `UsageError` where nothing would change."""
    state, entry = authorized(run, entry)
    if not person.blocked:
        raise UsageError(f"{person.handle} is not blocked. `politirad person list` shows who is.")
    run.tx.block_person(person.id, None)
    return append(run, state, "person_unblocked", {"person": {"id": person.id}}, entry)


def is_erased(person: Person) -> bool:
    """Whether nothing is known of a person any more."""
    return person.name is None and not person.blocked


def still_in_office(state: CouncilState, person: str, today: date) -> Reason | None:
    """Why a person cannot be erased yet: letters and steps go to whoever holds an office, and somebody must."""
    held = (h.office for h in state.holdings.all if h.person == person and (h.until is None or h.until >= today))
    offices = sorted(set(held))
    if state.register.secretariat in offices:
        return because("erase_keeper", office=state.register.secretariat)
    return because("erase_in_office", offices=", ".join(offices)) if offices else None


def traces_of(reader: Reader, person: Person) -> Traces:
    """Where else a person is found: by who registered a remark, and by the full name on record."""
    names = reader.names(person.id)
    written, others, public = list[Said](), list[Said](), list[Said]()
    for event in (recorded.event for recorded in reader.events()):
        (written if event.actor.person == person.id else others).extend(remarks_in(event))
        if names and _says(event, names):
            public.append(Said(event.case, event.n))
    texts = reader.remarks(said.commitment for said in others)
    naming = (said for said in others if names and names_any(texts.get(said.commitment, ""), names))
    return Traces(tuple(written), tuple(naming), tuple(public))


def remarks_in(event: Event) -> Iterator[Said]:
    """The remarks of an event's form."""
    form = event.data.get("form")
    for answer in form.values() if isinstance(form, Mapping) else ():
        if isinstance(answer, Mapping) and isinstance(commitment := answer.get("remark"), str):
            yield Said(event.case, event.n, commitment)


def erased_in(events: Iterable[Recorded]) -> Erased:
    """What a log says was erased, and who is blocked at its end."""
    persons, remarks, blocked = list[str](), list[str](), dict[str, str]()
    for recorded in events:
        if recorded.event.type not in {ERASED, BLOCKED, UNBLOCKED}:
            continue
        person = _person_of(recorded.event)
        blocked.pop(person, None)
        if recorded.event.type == BLOCKED:
            blocked[person] = recorded.leaf
        elif recorded.event.type == ERASED:
            persons.append(person)
            remarks += _remarks_of(recorded.event)
    return Erased(tuple(dict.fromkeys(persons)), tuple(dict.fromkeys(remarks)), blocked)


def erase_again(tx: Transaction, erased: Erased, now: datetime) -> None:
    """Erase what was erased, and block who is blocked, whatever has come back. Any number of times."""
    for person in erased.persons:
        for letter in tx.waiting_about(person):
            _hold_back(tx, letter, person, now)
        for letter in tx.unreplaced():
            if letter.person == person and letter.stage in {"bounced", "dead"}:
                tx.replace_letter(letter.number, 0)
        tx.erase_person(person)
    tx.erase_remarks(erased.remarks)
    for person, leaf in erased.blocked.items():
        tx.block_person(person, leaf)


def _hold_back(tx: Transaction, letter: Posted, person: str, now: datetime) -> None:
    """Do not send a letter whose words are about to go; another says it, but for one that only quotes another."""
    withdraw(tx, letter, now)
    if letter.kind == RETURNED and letter.person != person:
        tx.replace_letter(letter.number, 0)


def _says(event: Event, names: frozenset[str]) -> bool:
    return any(names_any(text, names) for texts in public_words(event).values() for text in texts)


def _person_of(event: Event) -> str:
    person = event.data.get("person")
    return str(person["id"]) if isinstance(person, Mapping) else ""


def _remarks_of(event: Event) -> list[str]:
    remarks = event.data.get("remarks")
    return [str(one) for one in remarks] if isinstance(remarks, list | tuple) else []
