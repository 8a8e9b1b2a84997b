"""No order of approvals, withdrawals, new versions and changes of office binds anybody to a text they did not approve.

Hypothesis plays the secretaries. The judge is another reader of the log than ours: it follows the events one by one
and knows only what they say, no rule and no view.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from engine.entry import Entry
from engine.errors import PolitiradError
from engine.event import Event
from engine.registration import end_holding
from tests.chamber import SEATS, Chamber
from tests.world import COUNCIL, LEADER, MAYORS, SECRETARY

PARTIES = st.sampled_from(["regionen", "politiet"])
SIGNATORIES = st.sampled_from(["leder_regionrad", "politimester"])
OFFICES = st.sampled_from(["politimester", "leder_regionrad", "ordforer_melhus"])
PEOPLE = st.sampled_from(["p_chief", "p_new", "p_melhus", "p_leader"])
CAPACITIES = st.sampled_from(["acting", "deputy"])
VOTES = st.sampled_from([(6, 0, 0), (3, 3, 0), (2, 4, 0), (5, 0, 0)])
OVERRIDES = {"agreement": {"set_aside": "leder_regionrad"}}


@dataclass
class Judge:
    """What the events of one agreement say, one after another. `asked` are the municipalities that must answer."""

    asked: tuple[str, ...] = ()
    version: str = ""
    approved: dict[str, str] = field(default_factory=dict)
    signed: dict[str, str] = field(default_factory=dict)
    answered: dict[str, tuple[str, str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def read(self, leaf: str, event: Event) -> None:
        """Follow one event."""
        if event.data.get("version"):
            self.version = leaf
        act = event.data.get("approval")
        if isinstance(act, dict):
            self._note(str(act["kind"]), str(act["party"]), str(act["leaf"]), str(act["outcome"]))
        if event.type in {"agreement.adopted", "agreement.entered_into_force"}:
            self.require(event.type, self.approved)
        if event.type == "agreement.entered_into_force":
            self.require("signed", self.signed)
            self.require_answers()

    def _note(self, kind: str, party: str, leaf: str, outcome: str) -> None:
        """An act: a yes stands, anything else ends it; an answer is either of two."""
        if kind == "ratification":
            self.answered[party] = (leaf, outcome)
            return
        acts = self.signed if kind == "signature" else self.approved
        acts[party] = leaf if outcome in {"approved", "signed"} else ""

    def require(self, what: str, acts: dict[str, str]) -> None:
        """Both parties' newest act is a yes to the version that stands."""
        self.faults += [f"{what}: {p}" for p in ("regionen", "politiet") if acts.get(p) != self.version]

    def require_answers(self) -> None:
        """Every municipality that is asked has answered for the version that stands, and one of them has acceded."""
        answers = {town: self.answered.get(town, ("", "")) for town in self.asked}
        self.faults += [f"no answer: {town}" for town, (leaf, _) in answers.items() if leaf != self.version]
        if self.asked and "acceded" not in {outcome for _, outcome in answers.values()}:
            self.faults.append("nobody acceded")


class Approvals(RuleBasedStateMachine):
    """One agreement between two parties, in any order."""

    @initialize(strict=st.booleans(), author=PARTIES, ratifying=st.booleans())
    def begin(self, strict: bool, author: str, ratifying: bool) -> None:  # noqa: FBT001  # drawn, not called
        """A proposal, by either side, under either kind of four eyes."""
        self.folder = Path(tempfile.mkdtemp())
        rules: dict[str, Any] = {"four_eyes": "strict" if strict else "not_only", "overrides": OVERRIDES}
        self.asked = MAYORS[:2] if ratifying else ()
        rules |= {"ratifies": dict.fromkeys(self.asked, True)} if ratifying else {}
        self.chamber = Chamber(self.folder, rules=rules, proposer=author)
        self.decisions: list[str] = []
        self.recused = False

    @rule(party=PARTIES, votes=VOTES, older=st.booleans())
    def approve(self, party: str, votes: tuple[int, int, int], older: bool) -> None:  # noqa: FBT001  # drawn, not called
        """A party says yes; the regional council by a vote, sometimes citing one it took before."""
        if party == "politiet":
            self.chamber.yes(party)
            return
        present = SEATS[: sum(votes)]
        decision = self.decisions[-1] if older and self.decisions else self.chamber.decide(votes, present=present)
        if decision:
            self.decisions.append(decision)
            self.chamber.yes(party, decision=decision)

    @rule(first=PARTIES)
    def both_say_yes(self, first: str) -> None:
        """Both parties approve, one after the other, each as it should."""
        for party in (first, "politiet" if first == "regionen" else "regionen"):
            self.approve(party, (6, 0, 0), older=False)

    @rule(answering=st.integers(0, 2))
    def both_sign(self, answering: int) -> None:
        """Both sign, and so many of the municipalities that are asked accede."""
        for signatory in ("leder_regionrad", "politimester"):
            self.sign(signatory)
        self.chamber.answer("acceded", *MAYORS[:answering])

    @rule(party=PARTIES)
    def reject(self, party: str) -> None:
        """A party says no."""
        self.chamber.no(party)

    @rule(party=PARTIES)
    def withdraw(self, party: str) -> None:
        """A party takes its approval back."""
        self.chamber.take("withdraw_approval", decider=party, version=self.chamber.version, reason="Må drøftes")

    @rule(party=PARTIES)
    def lift_a_rejection(self, party: str) -> None:
        """The leader overrides a no."""
        self.chamber.take(
            "set_aside", decider="leder_regionrad", version=self.chamber.version, rejected_by=party, person=LEADER,
            ref=None, override="Avvist ved en feil",
        )  # fmt: skip

    @rule()
    def propose_anew(self) -> None:
        """A new version, while there may be one."""
        document, files = self.chamber.world.document_of("neste.md", "Neste")
        self.chamber.take("revise", documents=(document,), files=files)

    @rule(signatory=SIGNATORIES)
    def sign(self, signatory: str) -> None:
        """A signatory signs."""
        self.chamber.take("sign", decider=signatory, version=self.chamber.version)

    @rule(town=st.sampled_from(MAYORS), answer=st.sampled_from(["acceded", "reserved"]))
    def ratify(self, town: str, answer: str) -> None:
        """A municipality answers."""
        self.chamber.answer(answer, town)

    @precondition(lambda self: not self.recused)
    @rule(office=OFFICES)
    def recuse(self, office: str) -> None:
        """Somebody is disqualified, once in a life."""
        self.recused = True
        self.chamber.take("recuse", decider="politiet", disqualified=office, reason="Inhabil")

    @rule(office=OFFICES, person=PEOPLE, capacity=CAPACITIES)
    def change_office(self, office: str, person: str, capacity: str) -> None:
        """Somebody acts in an office, or becomes its deputy, from today on."""
        self.chamber.world.fill(office, person, self.chamber.world.today, capacity=capacity)

    @rule(office=OFFICES)
    def leave_office(self, office: str) -> None:
        """Whoever acts in an office leaves it today."""
        world = self.chamber.world
        try:
            world.register(lambda run: end_holding(run, office, world.today, Entry(person=SECRETARY)))
        except PolitiradError:
            assert office_is_vacant(self.chamber, office, world.today)

    @rule()
    def let_a_day_pass(self) -> None:
        """A day goes by."""
        self.chamber.tomorrow()

    @invariant()
    def nobody_is_bound_by_a_text_they_have_not_approved(self) -> None:
        """Each adoption and each coming into force follows from yes to the very version that stood."""
        judge = Judge(self.asked)
        with self.chamber.world.store.read(COUNCIL) as reader:
            for recorded in reader.events(self.chamber.case):
                judge.read(recorded.leaf, recorded.event)
        assert judge.faults == []

    def teardown(self) -> None:
        """The record verifies."""
        assert not self.chamber.world.store.verify(COUNCIL).faults
        self.chamber.world.store.close()
        shutil.rmtree(self.folder)


def office_is_vacant(chamber: Chamber, office: str, day: date) -> bool:
    """Whether nobody holds an office on a day."""
    with chamber.world.store.read(COUNCIL) as reader:
        return reader.council().holdings.of(office, day) is None


Approvals.TestCase.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)
TestApprovals = Approvals.TestCase
