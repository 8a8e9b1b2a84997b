"""A scribe who writes events straight into a store: the contract of the store needs no workflow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec import structs

from engine.event import FIRST, Actor, Event
from engine.recording import vote_json
from engine.register import VoteRule
from store.link import part

if TYPE_CHECKING:
    from engine.event import Facts, Json
    from engine.ports import Recorded, Transaction
    from store import SqlStore

COUNCIL = "roros"
NAMES: list[Json] = [{"nb": "Navn"}]
REGISTER: dict[str, Json] = {
    "organisations": {"kommunen": {"names": NAMES}},
    "offices": {office: {"organisation": "kommunen", "titles": NAMES} for office in ("slt", "chief", "mayor")},
    "bodies": {},
    "parties": {},
    "secretariat": "slt",
    "leader": "mayor",
    "council": "council",
}
DOCUMENT: dict[str, Json] = {"sha256": "d" * 64, "name": "avtale.md", "role": "text", "size": 7}
SEATS: list[Json] = [{"id": "mayor", "names": NAMES, "filled_by": ["mayor"]}]
POLICE: dict[str, Json] = {"kind": "requires", "who": "police", "by": "chief", "vote": None, "assurance": "declared"}
"""The rule that asks the police, through their chief."""
MAJORITY = VoteRule()
MANDATE = "e" * 64
"""The leaf of what somebody decided by."""


def rules(**profile: Json) -> dict[str, Json]:
    """A council's document as its profile event carries it."""
    return {
        "origin": "roros.example/log", "names": NAMES, "language": "nb", "register": REGISTER, "seats": SEATS,
        "profile": profile,
    }  # fmt: skip


def owed(office: str, on: str, *, name: str = "answer", fires: str | None = None) -> Json:
    """A deadline as an event carries it."""
    return {"name": name, "office": office, "on": on, "ladder": "duty", "fires": fires}


@dataclass
class Scribe:
    """Knows where each case stands and writes what comes next, one event or several in a transaction."""

    store: SqlStore
    council: str = COUNCIL
    at: str = "2019-01-10T12:00:00Z"
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)

    def event(self, case: str, step: str, data: Facts, **envelope: Json) -> Event:
        """The next event of a case."""
        n, head = self.heads.get(case, (0, FIRST))
        workflow = "council" if case == "C" else "measure"
        event = Event(
            type=f"{workflow}.{step}", case=case, n=n + 1, prev=head, at=self.at,
            actor=Actor("p_1", "slt", "declared"), decider=None, on="2019-01-10", ref=None, decision=None,
            cause=None, key=None, profile=None, workflow=f"{workflow}/1", data=data,
        )  # fmt: skip
        return structs.replace(event, **envelope)

    def append(self, tx: Transaction, case: str, step: str, data: Facts, **envelope: Json) -> Recorded:
        """Append the next event of a case within a transaction."""
        made = tx.append(self.event(case, step, data, **envelope))
        self.heads[case] = (made.event.n, made.leaf)
        return made

    def write(self, case: str, step: str, data: Facts, **envelope: Json) -> Recorded:
        """Write the next event of a case in a transaction of its own."""
        with self.store.write(self.council) as tx:
            return self.append(tx, case, step, data, **envelope)

    def open_council(self) -> Recorded:
        """Open the council and give it its rules."""
        with self.store.write(self.council) as tx:
            self.append(tx, "C", "opened", {"origin": "roros.example/log", "to": "open"})
            return self.append(tx, "C", "profile_set", {"to": "open", "profile": rules(notice_days=14)})

    def open_measure(self, case: str, **facts: Json) -> Recorded:
        """Propose a measure that the chief owes an answer to."""
        told: dict[str, Json] = {"title": f"Title of {case}", "theme": "prevention", **facts}
        due: list[Json] = [owed("chief", "2019-02-01")]
        return self.write(
            case, "proposed", {"to": "proposed", "opens": {"parent": None}, "facts": told, "due": due}, profile="a" * 64
        )

    def move(self, case: str, to: str, **data: Json) -> Recorded:
        """Take a measure to another state."""
        return self.write(case, to, {"to": to, "facts": {}, **data})

    def propose_text(self, **changes: Json) -> Recorded:
        """A version of the text of A-1, by default its first."""
        version: dict[str, Json] = {
            "number": 1, "documents": [DOCUMENT], "seats": SEATS, "base": None, "source": None, "proposer": "slt",
            "author": None, "rules": {"approval": POLICE},
        }  # fmt: skip
        return self.write("A-1", "proposed", {"to": "proposed", "version": {**version, **changes}})

    def approve(self, version: Recorded, outcome: str = "approved", **changes: Json) -> Recorded:
        """The police say what they think of a version, through their chief."""
        approval: dict[str, Json] = {
            "kind": "approval", "party": "police", "version": 1, "leaf": version.leaf, "outcome": outcome,
            "office": "chief", "person": "p_2", "capacity": "holder", "mandate": MANDATE, "assurance": "declared",
        }  # fmt: skip
        return self.write("A-1", "approved", {"approval": {**approval, **changes}}, on="2019-01-08")

    def approve_by(self, decided: Recorded, version: Recorded, point: int = 1) -> Recorded:
        """The region approves a version by a point of what its board has decided."""
        approval: dict[str, Json] = {
            "kind": "approval", "party": "region", "version": 1, "leaf": version.leaf, "outcome": "approved",
            "office": None, "person": None, "capacity": None, "mandate": None, "assurance": "declared",
        }  # fmt: skip
        cited: dict[str, Json] = {"id": str(part(decided, "decision")["id"]), "leaf": decided.leaf, "point": point}
        return self.write("A-1", "approved", {"approval": approval}, on="2019-01-09", decision=cited)

    def decide(self, present: Json = None, rule: VoteRule = MAJORITY, **changes: Json) -> Recorded:
        """The board decides two points, of which one falls."""
        unopposed: dict[str, Json] = {"reserved": [], "vetoed_by": [], "leader_for": None}
        points: list[Json] = [
            {"text": "Vedtas", "outcome": "carried", "votes": [5, 1, 0], **unopposed},
            {"text": "Oversendes", "outcome": "fell", "votes": None, **unopposed},
        ]
        decision: dict[str, Json] = {
            "id": "D-1", "body": "board", "roster": ["mayor", "chief"], "present": present, "recused": [],
            "deputies": {}, "persons": {"mayor": "p_3", "chief": "p_2"}, "points": points,
        }  # fmt: skip
        data: dict[str, Json] = {"decision": {**decision, **changes}, "rule": {"body": "board", **vote_json(rule)}}
        return self.write("C", "decided", data, on="2019-01-09", ref="PS 4/2019")

    def assign(self, **changes: Json) -> Recorded:
        """Somebody becomes coordinator."""
        holding: dict[str, Json] = {
            "office": "slt", "person": "p_1", "since": "2019-01-01", "until": None, "capacity": "holder", "basis": "",
        }  # fmt: skip
        return self.write("C", "office_assigned", {"holding": {**holding, **changes}})

    def delegate(self, **changes: Json) -> Recorded:
        """The chief lets the coordinator sign, all year."""
        delegation: dict[str, Json] = {
            "of": "chief", "to": "slt", "scope": ["agreement.sign"], "since": "2019-01-01", "until": "2019-12-31",
            "recorded": "2019-01-10",
        }  # fmt: skip
        return self.write("C", "delegated", {"delegation": {**delegation, **changes}})

    def revoke(self, until: str, of: str = "chief", to: str = "slt") -> Recorded:
        """What was delegated from one to the other ends with a last day."""
        return self.write("C", "delegation_ended", {"revokes": {"of": of, "to": to, "until": until}})

    def seat(self, *offices: str, on: str | None) -> Recorded:
        """An agreement that is in force since a day seats these offices, each on a seat of its own."""
        seats: list[Json] = [{"id": office, "names": NAMES, "filled_by": [office]} for office in offices]
        return self.write("A-1", "adopted", {"to": "in_force", "seats": seats}, on=on)

    def live_a_little(self) -> None:
        """A log with something of everything that views are made from."""
        self.open_measure("M-1", offices={"implementer": "slt"})
        self.move("M-1", "started", due=[owed("slt", "2019-03-01"), owed("chief", "2019-02-15", fires="breach")])
        version = self.propose_text()
        approval = self.approve(version)
        self.write("A-1", "annulled", {"annuls": approval.leaf, "facts": {}})
        self.approve_by(self.decide(present=["mayor", "chief"]), version)
        held = self.assign(scope=["agreement"])
        self.write("C", "office_ended", {"ends": {"holding": held.leaf, "until": "2019-06-30"}})
        self.delegate()
        self.revoke("2019-06-30")
        self.write("A-1", "corrected", {"corrects": {"leaf": version.leaf, "n": 1, "on": "2018-12-01"}, "facts": {}})
        self.write("A-1", "adopted", {"to": "in_force", "seats": []})
        quiet = {"case": "M-1", "deadline": "breach", "office": "chief", "due": "2019-02-15", "until": "2019-02-10"}
        self.write("C", "snoozed", {"snooze": quiet})
        self.write("C", "profile_set", {"profile": rules(notice_days=21)})
