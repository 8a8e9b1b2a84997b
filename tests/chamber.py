"""A proposed agreement under a rule of one's own, and short words for approving, refusing and voting on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from engine.approval import outcome
from engine.entry import Entry
from engine.errors import Refused
from engine.registration import end_holding
from engine.sitting import PointVote, Sitting, decide
from tests.world import COUNCIL, MAYORS, SECRETARY, World
from workflows.profile import Approvals

if TYPE_CHECKING:
    from pathlib import Path

    from engine.finding import Finding
    from engine.rule import Rule

SEATS = tuple(f"ordforer_{town}" for town in MAYORS)
"""The members of the regional council."""

OPENING = date(2018, 10, 4)


@dataclass
class Chamber:
    """A council whose one agreement is proposed; `kind` is the rule looked at (approval, ratification).

    What is refused is remembered by its codes in `refusals`, and changes nothing.
    """

    folder: Path
    rule: Rule | None = None
    kind: str = "approval"
    rules: dict[str, Any] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)
    proposer: str = "regionen"

    def __post_init__(self) -> None:
        """Open the council and propose; a body's proposal, so that no approver has written it."""
        self.world = World(self.folder, rules=Approvals(adoption=self.rule), **self.rules)
        self.case = self.world.propose(decider=self.proposer)

    @property
    def version(self) -> str:
        """The number of the current version."""
        return str(self.world.case(self.case).facts["version"])

    def found(self) -> Finding:
        """Where the rule stands on the current version, worked out from the log's acts alone."""
        with self.world.store.read(COUNCIL) as reader:
            version, acts = reader.versions(self.case)[-1], reader.approvals(self.case)
        return outcome(version.rules[self.kind], version, acts, kind=self.kind)

    def take(self, step: str, **options: Any) -> Chamber:  # noqa: ANN401  # answers of any kind
        """Take a step of the agreement; a refusal is remembered."""
        try:
            self.world.take("agreement", step, self.case, **options)
        except Refused as refused:
            self.refusals += [reason.code for reason in refused.verdict.reasons]
        return self

    def yes(self, *deciders: str, **options: Any) -> Chamber:  # noqa: ANN401  # answers of any kind
        """Each of them approves the current version."""
        for decider in deciders:
            self.take("approve", decider=decider, version=self.version, **options)
        return self

    def no(self, *deciders: str, **options: Any) -> Chamber:  # noqa: ANN401  # answers of any kind
        """Each of them rejects the current version."""
        for decider in deciders:
            self.take("reject", decider=decider, version=self.version, **options)
        return self

    def answer(self, answer: str, *towns: str) -> Chamber:
        """Municipalities accede or reserve themselves."""
        for town in towns:
            self.take("ratify", decider=town, version=self.version, answer=answer)
        return self

    def adopt(self) -> Chamber:
        """Both parties approve, so that municipalities can answer."""
        self.world.agree(self.case, self.version)
        return self

    def revise(self) -> Chamber:
        """A new version."""
        document, files = self.world.document_of("neste.md", f"Avtale {self.version}")
        self.world.take("agreement", "revise", self.case, documents=(document,), files=files)
        return self

    def recuse(self, office: str) -> Chamber:
        """The holder of an office is disqualified in the case, by the party whose office it is."""
        own = office.startswith(("politi", "driftsenhetsleder"))
        party = "politiet" if own else "regionen"
        self.world.take("agreement", "recuse", self.case, decider=party, disqualified=office, reason="Inhabil")
        return self

    def hold(self, office: str, person: str, **rest: Any) -> Chamber:  # noqa: ANN401  # of a holding
        """Somebody holds an office from the day the agreement was proposed."""
        self.world.fill(office, person, OPENING, **rest)
        return self

    def vacate(self, office: str, last: date = OPENING) -> Chamber:
        """An office becomes vacant after a last day; a day later it is."""
        self.world.register(lambda run: end_holding(run, office, last, Entry(person=SECRETARY)))
        return self.tomorrow()

    def tomorrow(self) -> Chamber:
        """A day goes by."""
        self.world.clock.pass_days(1)
        return self

    def decide(self, votes: tuple[int, int, int], *, by: str = "regionrad", **attending: Any) -> str | None:  # noqa: ANN401  # of a sitting
        """The body votes on one point; the decision's id, or None where such a vote cannot be."""
        on_point = {name: attending.pop(name) for name in ("reserved", "vetoed_by", "leader_for") if name in attending}
        on = attending.pop("on", self.world.today)
        settled = {"present": SEATS, "recused": (), "deputies": (), **attending}
        sitting = Sitting(by, points=(PointVote("Avtalen vedtas", votes, **on_point),), **settled)
        entry = Entry(person=SECRETARY, on=on, ref="FO 39/19")
        try:
            decided = self.world.register(lambda run: decide(run, sitting, entry)).step.event.data["decision"]
        except Refused as refused:
            self.refusals += [reason.code for reason in refused.verdict.reasons]
            return None
        assert isinstance(decided, dict)
        return str(decided["id"])

    def vote(self, votes: tuple[int, int, int], **attending: Any) -> Chamber:  # noqa: ANN401  # of a sitting
        """The regional council votes, and its approval is registered if there is a decision to cite."""
        decision = self.decide(votes, **attending)
        return self if decision is None else self.yes("regionrad", decision=decision)

    def vote_no(self, votes: tuple[int, int, int], **attending: Any) -> Chamber:  # noqa: ANN401  # of a sitting
        """The regional council votes it down, and its rejection is registered."""
        decision = self.decide(votes, **attending)
        return self if decision is None else self.no("regionrad", decision=decision)
