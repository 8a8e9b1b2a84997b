"""The use cases, and the one door for changing a state: `advance` for people, `tick_council` for the clock.

One transaction holds events, state, approvals and deadlines. Nothing is sent inside it. A refusal rolls back and
leaves the case as it was; if the step is binding, the attempt is then put on record on the council's own case, in
a transaction of its own. Where another transaction was in the way (`PassingError`), all of it is run anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import msgspec

from engine.calendar import local_date
from engine.correction import annul, apply_profile, correct
from engine.definition import Workflow
from engine.entry import AlreadyAnsweredError, Entry, id_or_none, same_command
from engine.errors import ChangedMeanwhileError, Refused
from engine.event import Facts, Json
from engine.form import Form
from engine.judge import Check, Verdict, binding_row, judge
from engine.patience import patient
from engine.ports import Clock, Entropy, Owed, Person, Recorded, SignatureChecker, Store, Transaction
from engine.reading import situate
from engine.recording import digest_of
from engine.registration import open_council, refuse
from engine.rehearsal import writing
from engine.role import AUTO_DRIVES, CLOCK_DRIVES
from engine.rulebook import Rules
from engine.run import Run
from engine.sequel import with_sequel
from engine.signing import with_signing
from engine.sitting import Sitting, decide, decision_of, vote_of
from engine.situation import Command, PinnedRules, Situation
from engine.ssh_keygen import SshKeygen


class Receipt(msgspec.Struct, frozen=True):
    """What a command wrote: its events in order (the step first), and whether an earlier answer was repeated."""

    events: tuple[Recorded, ...]
    repeated: bool = False
    rehearsed: bool = False

    @property
    def step(self) -> Recorded:
        """The event of the step asked for."""
        return self.events[0]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The verdict on a step nobody has taken, the situation it was judged in, and what its form still needs."""

    verdict: Verdict
    situation: Situation
    missing: tuple[str, ...]


@dataclass(slots=True)
class Service:
    """The engine over one store: workflows, rules, clock and entropy are handed in.

    `login` is the operating system's user, recorded beside whoever is configured to act; `checker` says whether a
    signature holds.
    """

    store: Store
    rules: Rules
    clock: Clock
    entropy: Entropy
    login: str | None = None
    checker: SignatureChecker = field(default_factory=SshKeygen)

    @patient
    def advance(
        self, council: str, command: Command, *, files: Mapping[str, Path] | None = None,
        ballot: tuple[Sitting, Entry] | None = None, dry_run: bool = False,
    ) -> Receipt:  # fmt: skip
        """Take a step with all that follows from it.

        `files` holds the documents named in the form, by hex SHA-256; `ballot` is a vote registered together with
        the step, which then cites it. Raises `Refused`, `NotFoundError`, `UsageError`, `ChangedMeanwhileError`.
        """
        try:
            with writing(self.store, council, dry_run=dry_run) as tx:
                run = self._run(tx)
                if command.key:
                    command = self._keyed(command, ballot)
                    if answer := run.tx.answered(command.key or ""):
                        same_command(answer, {"id": command.key, "command": command.asked})
                        return Receipt((answer,), repeated=True)
                if ballot is not None:
                    decided = self._carried(decide(run, *ballot), command)
                    command = replace(command, decision=decision_of(decided).id, point=command.point or 1)
                for sha256, path in (files or {}).items():
                    run.tx.keep_document(sha256, path)
                first = run.take(command)
                return Receipt((first, *(e for e in run.recorded if e is not first)), rehearsed=dry_run)
        except Refused as refused:
            if (refused.verdict.binding or refused.attempt) and not dry_run:
                self._put_refusal_on_record(council, command, refused.verdict)
            raise

    def advance_all(self, council: str, commands: Iterable[Command]) -> tuple[Recorded, ...]:
        """Take many steps in one transaction: all of them, or none."""
        asked = tuple(commands)

        def take_all() -> tuple[Recorded, ...]:
            with self.store.write(council) as tx:
                run = self._run(tx)
                for command in asked:
                    run.take(command)
                return tuple(run.recorded)

        return patient(take_all)()

    def explain(self, council: str, command: Command) -> Explanation:
        """Judge a step without taking it; the form may be filled in as far as it is known."""
        with self.store.read(council) as reader:
            s = situate(self.rules, reader, command, self.clock.now(), lenient=True)
            s = with_signing(s, reader, self.checker)
        workflow = self.rules.of(s.case)
        missing = workflow.form(command.step).lenient(command.form)[1]
        return Explanation(with_sequel(judge(workflow, s), workflow, s), s, missing)

    @patient
    def register(self, council: str, act: Callable[[Run], object], *, dry_run: bool = False) -> Receipt:
        """Make an entry on the council's own case: a person, an office, a decision, a profile."""
        try:
            with writing(self.store, council, dry_run=dry_run) as tx:
                run = self._run(tx)
                act(run)
                return Receipt(tuple(run.recorded), rehearsed=dry_run)
        except AlreadyAnsweredError as already:
            return Receipt((already.answer,), repeated=True)
        except Refused as refused:
            if refused.attempt and not dry_run:
                with self.store.write(council) as tx:
                    refuse(self._run(tx), refused.verdict, *refused.attempt)
            raise

    def correct(  # noqa: PLR0913  # an amendment is a case, an event, and what changes
        self, council: str, case: str, n: int, changes: Mapping[str, str], *, entry: Entry, dry_run: bool = False
    ) -> Receipt:
        """Amend the reference, date or a public text of an event by a new one; the entry says why."""
        return self.register(council, lambda run: correct(run, case, n, changes, entry), dry_run=dry_run)

    def annul(self, council: str, case: str, *, entry: Entry, dry_run: bool = False) -> Receipt:
        """Take back the newest step of a case by a new event; the entry says why."""
        return self.register(council, lambda run: annul(run, case, entry), dry_run=dry_run)

    def apply_profile(self, council: str, case: str, *, entry: Entry, dry_run: bool = False) -> Receipt:
        """Pin the council's newest rules to an open case; the entry says why."""
        return self.register(council, lambda run: apply_profile(run, case, entry), dry_run=dry_run)

    @patient
    def open(self, council: str, document: Facts, person: Person, secretariat: str, since: date) -> None:
        """Open a council with its register and rules, and the person who keeps its papers."""
        with self.store.write(council) as tx:
            open_council(self._run(tx), document, person, secretariat, since)

    def tick_council(self, council: str, *, dry_run: bool = False) -> Iterator[Receipt]:
        """Do what the clock owes in a council, open what recurs, fire what has come due: step by step as each is taken.

        Rehearsed, each is judged by itself, without what the ones before it would have changed.
        """
        for command in self._owed_by_the_clock(council):
            # Refused: its guards do not hold yet, and the deadline stays. Changed: another tick took it.
            with suppress(Refused, ChangedMeanwhileError):
                yield self.advance(council, command, dry_run=dry_run)

    def person_id(self) -> str:
        """A fresh random id for a person, which says nothing about them."""
        return f"p_{self.entropy.token(16).hex()}"

    def _owed_by_the_clock(self, council: str) -> Iterator[Command]:
        today = local_date(self.clock.now())
        yield from self._recurring(council, today)
        with self.store.read(council) as reader:
            owed = reader.due(today)
        for (case, step), item in {(o.case, o.fires): o for o in owed}.items():
            yield Command(workflow=item.workflow, step=step or "", case=case, on=item.on, via=self._driver(item))

    def _driver(self, owed: Owed) -> str:
        rows = self.rules.newest(owed.workflow).by_step.get(owed.fires or "", ())
        return CLOCK_DRIVES if any(CLOCK_DRIVES in row.by.drivers for row in rows) else AUTO_DRIVES

    def _recurring(self, council: str, today: date) -> Iterator[Command]:
        for workflow in self.rules.workflows.values():
            if (recurs := workflow.recurs) is None:
                continue
            with self.store.read(council) as reader:
                causes = reader.cases(recurs.link.workflow, recurs.link.states)
                known = {case.id for case in reader.cases(workflow.name)}
            wanted = (case for case in recurs.ids(causes, today) if case not in known)
            yield from (Command(workflow=workflow.name, step=recurs.step, id_=c, via=CLOCK_DRIVES) for c in wanted)

    def _carried(self, decided: Recorded, command: Command) -> Recorded:
        """The vote that was recorded with a step. Raises `Refused` where it fell and the step needs it to carry."""
        (point,) = decision_of(decided).points
        workflow = self.rules.newest(command.workflow)
        if point.outcome == "carried" or command.step not in workflow.by_step or workflow.form(command.step).says_no:
            return decided
        check = Check("decision", passed=False, reason=vote_of(point))
        raise Refused(
            Verdict(
                allowed=False, step=command.step, state="", to=None, row=binding_row(workflow, command.step),
                checks=(check,), possible=(),
            )
        )  # fmt: skip

    def _keyed(self, command: Command, ballot: tuple[Sitting, Entry] | None) -> Command:
        """The command with the hash of what was asked, before a vote fills in the decision it cites."""
        workflow = self.rules.newest(command.workflow)
        form = workflow.form(command.step) if command.step in workflow.by_step else Form
        return replace(command, asked=digest_of(command, form, ballot[0] if ballot else None))

    def _put_refusal_on_record(self, council: str, command: Command, verdict: Verdict) -> None:
        attempt: dict[str, Json] = {
            "case": command.case, "workflow": command.workflow, "step": command.step,
            "on": command.on.isoformat() if command.on else None, "version": id_or_none(command.version),
        }  # fmt: skip
        entry = Entry(
            person=command.person, office=id_or_none(command.office), decider=id_or_none(command.decider),
        )  # fmt: skip
        with self.store.write(council) as tx:
            refuse(self._run(tx), verdict, attempt, entry)

    def _run(self, tx: Transaction) -> Run:
        """What a transaction's steps are taken in."""
        return Run(self.rules, tx, self.entropy, self.clock.now(), self.login, self.checker)


def rules_of(workflows: Iterable[Workflow], read_profile: Callable[[Facts], PinnedRules]) -> Rules:
    """The rules over a set of workflows."""
    return Rules({(w.name, w.version): w for w in workflows}, read_profile)
