"""Who did what in an event: who decided, in which capacity, under which rule, by which decision, who registered it.

All of it stands in the event itself, except the names of persons and the users of operating systems behind them,
which come from erasable tables, and what a later event has corrected. Where a name is erased, the office remains.
How an identity was established is told with it: declared, which is as configured, and proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from commands.output import Printable
from commands.register_names import by_id, person_name, titled

if TYPE_CHECKING:
    from commands.wiring import Setup
    from engine.acts import Decision
    from engine.event import Facts, Json
    from engine.ports import Person, Recorded
    from engine.register import Id, Register
    from store.reader import SqlReader

PERSONS = "declared"
"""How an event says that a person acted."""

DELEGATE = "delegate"
"""The capacity of whoever decided for another office or a body."""


@dataclass(frozen=True, slots=True)
class Names:
    """What ids are called: the register, persons by id, decisions by id.

    `logins` are operating systems' users by commitment; `delegations` the events of each, by leaf, as `C 14`.
    """

    setup: Setup
    register: Register
    persons: Mapping[str, Person]
    decisions: Mapping[str, Decision]
    logins: Mapping[str, str]
    delegations: Mapping[str, str]

    @classmethod
    def of(cls, setup: Setup, reader: SqlReader) -> Names:
        """The names a council knows."""
        decisions, council = {decision.id: decision for decision in reader.decisions()}, reader.council()
        given = (reader.event(delegation.leaf) for delegation in council.delegations)
        delegations = {event.leaf: f"{event.event.case} {event.event.n}" for event in given if event}
        return cls(setup, council.register, by_id(reader.persons(), setup), decisions, reader.logins(), delegations)

    def title(self, id_: Id, on: str | None) -> str:
        """An office, body or party as it was called on a local date."""
        day = date.fromisoformat(on) if on else self.setup.today
        return titled(self.register, id_, day, self.setup.language)

    def person(self, id_: str | None) -> str | None:
        """A person's name; None where nobody acted, or it is erased."""
        return person_name(id_, self.persons) if id_ else None

    def is_blocked(self, id_: str | None) -> bool:
        """Whether a person is shown to nobody."""
        return id_ in self.persons and self.persons[id_ or ""].blocked

    def somebody(self, id_: Id) -> str:
        """An office, body, party or organisation as it is called today."""
        return self.title(id_, None)

    def capacity(self, capacity: str | None, mandate: str | None) -> str | None:
        """In which capacity somebody decided; by delegation, under which one."""
        if capacity is None or capacity != DELEGATE or mandate is None:
            return self.setup.words.label("capacity", capacity) if capacity else None
        return self.setup.words.phrase("under_delegation", event=self.delegations.get(mandate, mandate))


def corrections(events: Iterable[Recorded]) -> dict[str, Facts]:
    """What later events have put right, by the leaf of the event it concerns."""
    corrected: dict[str, Facts] = {}
    for recorded in events:
        if isinstance(said := recorded.event.data.get("corrects"), Mapping):
            leaf = str(said["leaf"])
            corrected[leaf] = {**corrected.get(leaf, {}), **said, "by": recorded.event.n}
    return corrected


def effective(recorded: Recorded, corrected: Mapping[str, Facts]) -> tuple[str | None, str | None]:
    """The date and the reference of an event, as corrected since."""
    said = corrected.get(recorded.leaf, {})
    on, ref = said.get("on", recorded.event.on), said.get("ref", recorded.event.ref)
    return (str(on) if on else None), (str(ref) if ref else None)


def decided_by(names: Names, recorded: Recorded) -> str:
    """Who decided, in which capacity, under which rule; empty where nobody did."""
    event, words = recorded.event, names.setup.words
    rule, authority = _mapping(event.data.get("rule")), _mapping(event.data.get("authority"))
    if event.decider is None or not rule:
        return ""
    if (body := rule.get("body")) and authority.get("capacity") != DELEGATE:
        return f"{names.title(str(body), event.on)}, {words.label('rule', str(rule['rule']))}"
    capacity = names.capacity(_text(authority.get("capacity")), _text(authority.get("mandate")))
    office = str(authority.get("office") or rule.get("office") or rule.get("body"))
    known = (names.title(office, event.on), names.person(_text(authority.get("person"))), capacity)
    return ", ".join(part for part in known if part)


def decided_for(recorded: Recorded) -> str:
    """The party whose decision it was, where its body or office decided for it."""
    event = recorded.event
    rule = _mapping(event.data.get("rule"))
    own = (None, rule.get("body"), rule.get("office"), event.actor.office)
    return "" if event.decider in own else str(event.decider)


def based_on(names: Names, recorded: Recorded, corrected: Mapping[str, Facts]) -> str:
    """The decision and the reference an event rests on, with the votes where they are known."""
    words, cited = names.setup.words, _mapping(recorded.event.decision)
    ref = effective(recorded, corrected)[1]
    parts = [ref] if ref else []
    if cited:
        parts.insert(0, words.phrase("decision_point", id=str(cited["id"]), point=str(cited["point"])))
        if votes := votes_of(names, cited):
            parts.append(words.phrase("votes", votes="-".join(map(str, votes))).removeprefix(", "))
    return ", ".join(parts)


def votes_of(names: Names, cited: Facts) -> tuple[int, int, int] | None:
    """The votes on the point of a decision that an event cites."""
    decision, point = names.decisions.get(str(cited["id"])), cited["point"]
    known = decision is not None and isinstance(point, int) and 0 < point <= len(decision.points)
    return decision.points[point - 1].votes if known and decision and isinstance(point, int) else None


def registered_by(names: Names, recorded: Recorded) -> str:
    """Who put it on record, in which office, and when; the clock and the engine by what they are."""
    actor, words = recorded.event.actor, names.setup.words
    at = local_time(recorded.event.at)
    if actor.person is None:
        return at if actor.via == PERSONS else f"{words.role(actor.via)}, {at}"
    name = f"{names.person(actor.person) or words.phrase('erased')} ({_identity(names, recorded)})"
    return ", ".join(part for part in (name, names.title(actor.office, at[:10]) if actor.office else "", at) if part)


def _identity(names: Names, recorded: Recorded) -> str:
    """How the identity of whoever registered an event was established, and the user it was typed as."""
    words, commitment = names.setup.words, _text(recorded.event.data.get("login"))
    assurance = words.label("assurance", recorded.event.actor.via)
    if commitment is None:
        return assurance
    gone = "blocked" if names.is_blocked(recorded.event.actor.person) else "erased"
    login = names.logins.get(commitment) or words.phrase(gone)
    return words.phrase("identity", assurance=assurance, login=login)


def put_off(names: Names, snooze: Facts) -> str:
    """Of a snooze: which duty of which case an office is not reminded of, and until when."""
    from commands import tables

    words, case = names.setup.words, str(snooze["case"])
    return words.phrase(
        "snoozed_entry", case=case, what=words.deadline(tables.workflow_of(case), str(snooze["deadline"])),
        office=names.title(str(snooze["office"]), None), until=str(snooze["until"]),
    )  # fmt: skip


def local_time(at: str) -> str:
    """An instant as the clocks in Oslo showed it, to the minute."""
    from engine.calendar import OSLO, parse_instant

    return parse_instant(at).astimezone(OSLO).strftime("%Y-%m-%d %H:%M")


def act_json(names: Names, recorded: Recorded, corrected: Mapping[str, Facts]) -> dict[str, Printable]:
    """An event's who, when and why, in JSON."""
    event = recorded.event
    authority, (on, ref) = _mapping(event.data.get("authority")), effective(recorded, corrected)
    decided = _text(authority.get("person"))
    return {
        "case": event.case, "n": event.n, "type": event.type, "leaf": recorded.leaf, "on": on, "ref": ref,
        "for": event.decider,
        "decided_by": {
            "office": authority.get("office"), "person": decided, "name": names.person(decided),
            "capacity": authority.get("capacity"), "holding": authority.get("holding"),
            "mandate": authority.get("mandate"),
            "delegation": names.delegations.get(str(authority.get("mandate")), authority.get("mandate")),
        } if authority else None,
        "rule": event.data.get("rule"),
        "signature": event.data.get("signature"),
        "decision": {**event.decision, "votes": votes_of(names, event.decision)} if event.decision else None,
        "registered_by": {
            "office": event.actor.office, "person": event.actor.person, "name": names.person(event.actor.person),
            "via": event.actor.via, "assurance": event.actor.via if event.actor.person else None,
            "login": names.logins.get(str(event.data.get("login"))), "at": event.at,
        },
        "flags": event.data.get("flags") or [],
    }  # fmt: skip


def _mapping(value: Json) -> Facts:
    return value if isinstance(value, Mapping) else {}


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None
