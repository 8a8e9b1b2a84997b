"""Any order of steps on all five workflows: nothing leaves the table, nothing is forgotten, the log always tells.

Hypothesis drives the service as people and the clock would: mostly with steps the situation allows, so that long
lives are reached, and now and then with anything at all. What must hold is checked after every rule.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.definition import Workflow
from engine.errors import Refused
from engine.field import Field, Kind
from engine.form import questions
from engine.role import PERSONS
from engine.situation import NEW, Case, Command
from tests.world import COUNCIL, SECRETARY, WORKFLOWS, World
from workflows.profile import AGENDA

if TYPE_CHECKING:
    from random import Random

    from engine.judge import Verdict
    from engine.ports import Recorded

TABLES = {workflow.name: workflow for workflow in WORKFLOWS}
OFFICES = ("politimester", "slt_melhus", "kommunedirektor_melhus", "leder_regionrad")
STEPS = {
    w.name: tuple(s for s, rows in w.by_step.items() if any(PERSONS in r.by.drivers for r in rows)) for w in WORKFLOWS
}
NOT_MADE_UP = frozenset({"base", "remove_seat", "stand_in"})
"""Answers that are hardly ever right by chance, and would keep every step from being allowed."""
BEGUN = ("nothing", "in force", "a change")
TRIES = 6
"""Commands made up before a rule gives up finding one that is allowed."""


class AnyOrder(RuleBasedStateMachine):
    """People and the clock, in any order."""

    @initialize(amend_first=st.booleans(), term=st.sampled_from([0, 1]), begun=st.sampled_from(BEGUN))
    def begin(self, amend_first: bool, term: int, begun: str) -> None:  # noqa: FBT001  # drawn, not called
        """A council in a fresh database, sometimes in the middle of its life."""
        self.folder = Path(tempfile.mkdtemp())
        self.world = World(
            self.folder, amend_before_adoption=amend_first, term_years=term, notice_days=1, notice_floor=1
        )
        self.document, self.files = self.world.document_of("tekst.md", "En tekst")
        if begun != "nothing":
            case = self.world.propose() if amend_first and begun == "a change" else self.world.in_force()
            self.world.measure()
            if begun == "a change":
                self.accept_a_change(case)

    def accept_a_change(self, case: str) -> None:
        """An amendment that the other party has accepted."""
        take = self.world.take
        take("agreement", "request_amendment", case, decider="regionen", change="Fast", add_seat=("politimester",))
        mandate = {"holder": "leder_regionrad", "scope": "conclude", "decision": self.world.decide("Lederen slutter.")}
        take("amendment", "mandate", "E-1", decider="regionen", **mandate)
        take("amendment", "start", "E-1", decider="leder_regionrad")
        take("amendment", "accept", "E-1", decider="politiet")

    @rule(random=st.randoms(use_true_random=False), steps=st.integers(1, 8))
    def go_on(self, random: Random, steps: int) -> None:
        """Steps that are allowed, one after another."""
        for _ in range(steps):
            for _ in range(TRIES):
                command = self.likely(random)
                if command and self.world.service.explain(COUNCIL, command).verdict.allowed:
                    self.attempt(command)
                    break

    @rule(random=st.randoms(use_true_random=False))
    def try_anything(self, random: Random) -> None:
        """Any step on any case, by anybody who might decide it and some who may not."""
        cases = self.open_cases()
        if not cases:
            return
        case = random.choice(cases)
        command = self.command(TABLES[case.workflow], random.choice(STEPS[case.workflow]), case, random)
        odd = {"decider": random.choice(["politimester", "regionen", None]), "version": random.choice(["1", "9", None])}
        self.attempt(replace(command, **odd))  # type: ignore[arg-type]  # both are text or nothing

    @rule(days=st.sampled_from([1, 14, 60, 200]))
    def let_time_pass(self, days: int) -> None:
        """Days go by, and the clock does what it owes."""
        self.world.clock.instant += timedelta(days=days)
        self.world.tick()

    @rule(random=st.randoms(use_true_random=False))
    def put_the_record_right(self, random: Random) -> None:
        """The newest step of a case is taken back, or an event dated anew, where it may be."""
        cases = self.open_cases()
        if cases:
            case = random.choice(cases)
            if random.random() < 0.5:
                self.undo(case)
            else:
                self.redate(case, random)

    @invariant()
    def every_open_case_is_owed_to_a_date_by_an_office(self) -> None:
        """Nothing is forgotten: there is always a next deadline, and an office whose it is."""
        with self.world.store.read(COUNCIL) as reader:
            known = reader.council().register.offices
            owed = {item.case for item in reader.todo() if item.office in known}
        assert {case.id for case in self.open_cases()} <= owed

    @invariant()
    def no_case_leaves_its_table(self) -> None:
        """Every state is one of the table's."""
        with self.world.store.read(COUNCIL) as reader:
            assert all(c.id == "C" or c.state in set(TABLES[c.workflow].states) for c in reader.cases())

    @invariant()
    def an_agreement_in_force_was_approved_and_signed_by_every_party_in_its_version(self) -> None:
        """Nobody is bound by a text they have not approved."""
        with self.world.store.read(COUNCIL) as reader:
            acts = [act for case in reader.cases() for act in reader.approvals(case.id)]
            for case in reader.cases("agreement", ("in_force",)):
                version = reader.versions(case.id)[-1]
                on_it = [act for act in acts if act.version_leaf in {version.leaf, version.source}]
                for kind in ("approval", "signature"):
                    assert {act.party for act in on_it if act.kind == kind} >= {"regionen", "politiet"}

    @invariant()
    def no_open_amendment_survives_its_agreement(self) -> None:
        """It lapses with it."""
        with self.world.store.read(COUNCIL) as reader:
            for amendment in reader.cases("amendment"):
                ended = reader.case(amendment.parent or "").state in TABLES["agreement"].final
                assert not (ended and TABLES["amendment"].is_open(amendment.state))

    def teardown(self) -> None:
        """The log alone gives the same views again, and verifies."""
        assert not self.world.store.verify(COUNCIL).faults
        self.world.store.rebuild(COUNCIL)
        assert not self.world.store.verify(COUNCIL).faults
        self.world.store.close()
        shutil.rmtree(self.folder)

    def attempt(self, command: Command) -> None:
        """Take the step; where it is refused, nothing has changed but, if it binds, the record of the attempt."""
        before = len(self.log())
        try:
            self.world.service.advance(COUNCIL, command, files=self.files)
        except Refused as refused:
            self.only_the_attempt_is_on_record(refused.verdict, before)

    def only_the_attempt_is_on_record(self, verdict: Verdict, before: int) -> None:
        """A refusal by the rules, not by a guard that failed, leaves its record if it binds, and nothing else."""
        assert "guard_failed" not in {reason.code for reason in verdict.reasons}
        expected = ["council.step_refused"] if verdict.binding else []
        assert [r.event.type for r in self.log()[before:]] == expected

    def undo(self, case: Case) -> None:
        """Annul the newest step; refused, it leaves everything as it was."""
        before = len(self.log())
        try:
            self.world.service.annul(COUNCIL, case.id, entry=self.world.entry(reason="Feil registrert"))
        except Refused:
            assert len(self.log()) == before

    def redate(self, case: Case, random: Random) -> None:
        """Correct the date of any event of a case; refused, it leaves everything as it was."""
        before, n = len(self.log()), random.randint(1, case.n)
        day = self.world.today - timedelta(days=random.choice([0, 1, 30]))
        try:
            self.world.service.correct(
                COUNCIL, case.id, n, {"on": f"{day}"}, entry=self.world.entry(reason="Feil dato")
            )
        except Refused:
            assert len(self.log()) == before

    def likely(self, random: Random) -> Command | None:
        """A command that could well be allowed: on an open case mostly, else opening one."""
        cases = self.open_cases()
        if not cases or (len(cases) < 6 and random.random() < 0.2):
            workflow = TABLES[random.choice(["agreement", "measure", "meeting"])]
            return self.command(workflow, random.choice(workflow.opening), None, random)
        case = random.choice(cases)
        workflow = TABLES[case.workflow]
        steps = workflow.steps_from(case.state)
        living = tuple(step for step in steps if not ends(workflow, step))
        chosen = living if living and random.random() < 0.9 else steps
        return self.command(workflow, random.choice(chosen), case, random) if chosen else None

    def command(self, workflow: Workflow, step: str, case: Case | None, random: Random) -> Command:
        """A command by the secretary for one of the offices, bodies or parties that could decide."""
        form = {q.name: self.answer(q, random) for q in questions(workflow.form(step)) if q.name not in NOT_MADE_UP}
        command = Command(
            workflow=workflow.name, step=step, case=case.id if case else None, person=SECRETARY, ref="sak 1/19",
            form=form, version=str(case.facts.get("version", 1)) if case else None,
        )  # fmt: skip
        decider = random.choice(self.deciders(workflow, command, case))
        body = {"regionen": "regionrad", "politiradet": "politiradet"}.get(decider)
        decision = self.world.decide("Vedtas.", body=body) if body and random.random() < 0.8 else None
        return replace(command, decider=decider, decision=decision)

    def deciders(self, workflow: Workflow, command: Command, case: Case | None) -> list[str]:
        """Who could decide the step here; somebody who could not where nobody can."""
        situation = self.world.service.explain(COUNCIL, command).situation
        state = case.state if case else NEW
        rows = [row for row in workflow.by_step[command.step] if state in row.sources]
        return [who for row in rows for who in row.by.deciders(situation)] or ["politiet"]

    def answer(self, question: Field, random: Random) -> object:
        """An answer of the right kind."""
        if question.many and question.kind is Kind.TEXT:
            return AGENDA
        value = self.value(question, random)
        return (value,) if question.many else value

    def value(self, question: Field, random: Random) -> object:
        """One value."""
        match question.kind:
            case Kind.DAY:
                return self.world.today + timedelta(days=random.choice([0, 20, 400]))
            case Kind.TIME:
                return random.choice(["09:00", "12:30"])
            case Kind.ID:
                return random.choice(OFFICES)
            case Kind.CHOICE:
                return random.choice(question.choices)
            case Kind.DOCUMENT:
                return self.document
            case _:
                return random.choice(AGENDA)

    def open_cases(self) -> list[Case]:
        """The cases that are not in a final state, case C left out."""
        with self.world.store.read(COUNCIL) as reader:
            return [c for c in reader.cases() if c.id != "C" and TABLES[c.workflow].is_open(c.state)]

    def log(self) -> list[Recorded]:
        """The whole log."""
        with self.world.store.read(COUNCIL) as reader:
            return list(reader.events())


def ends(workflow: Workflow, step: str) -> bool:
    """Whether a step leads to a final state, and so to a short life."""
    return any(row.target in workflow.final for row in workflow.by_step[step])


AnyOrder.TestCase.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)
TestAnyOrder = AnyOrder.TestCase
