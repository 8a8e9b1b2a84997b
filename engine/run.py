"""One transaction's worth of steps: the step asked for, its effects on other cases, and what follows by itself.

Order: step, effects, automatic rows of the touched cases until none applies. Each is its own event, with the leaf
that caused it. A refused effect refuses all, because the transaction is only committed by the caller.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from msgspec.structs import replace

from engine.calendar import local_date
from engine.chain import COUNCIL_CASE
from engine.definition import Workflow
from engine.errors import ChangedMeanwhileError, NotFoundError, Refused
from engine.event import Event, Json, commitment_of
from engine.field import Kind
from engine.form import Form, questions, to_json
from engine.judge import Verdict, changes_of, due_of, judge
from engine.ports import Entropy, Recorded, SignatureChecker, Transaction
from engine.privacy import public_words, refuse_names
from engine.reading import situate
from engine.recording import event_of, flags_of, following, overriding
from engine.role import AUTO_DRIVES, EFFECT_DRIVES
from engine.rulebook import Rules
from engine.sequel import with_sequel
from engine.signing import with_signing
from engine.situation import NEW, Case, Command, Situation, merged

MOST_AUTOMATIC = 50
"""Automatic steps in one transaction; more means two workflows keep pushing each other."""


@dataclass(slots=True)
class Run:
    """The steps of one transaction. `recorded` are its events in order; nothing is sent from here.

    `login` is the operating system's user behind this process, kept beside what persons enter. Without a `checker` no
    signature is good enough.
    """

    rules: Rules
    tx: Transaction
    entropy: Entropy
    now: datetime
    login: str | None = None
    checker: SignatureChecker | None = None
    recorded: list[Recorded] = field(default_factory=list)

    @property
    def today(self) -> date:
        """The local date of this transaction."""
        return local_date(self.now)

    def take(self, command: Command) -> Recorded:
        """Take a step with all that follows from it. Raises `Refused` with the whole verdict."""
        touched: dict[str, None] = {}
        first = self._take(command, touched)
        self._settle(touched)
        return first

    def _take(self, command: Command, touched: dict[str, None]) -> Recorded:
        situation = situate(self.rules, self.tx, command, self.now)
        if self.checker is not None:
            situation = with_signing(situation, self.tx, self.checker)
        if command.via == AUTO_DRIVES:
            situation = replace(situation, on=situation.latest)
        _unchanged(situation.case, command)
        workflow = self.rules.of(situation.case)
        verdict = judge(workflow, situation)
        if not verdict.allowed:
            raise Refused(with_sequel(verdict, workflow, situation))
        situation = self._named(workflow, situation)
        if verdict.set_aside:
            situation = self._override(workflow, verdict, situation)
        recorded, after = self._record(workflow, verdict, situation)
        touched |= dict.fromkeys([after.case.id, *([after.case.parent] if after.case.parent else [])])
        for effect in verdict.row.effects if verdict.row else ():
            for consequence in effect(after):
                self._take(self._effect(consequence, command, recorded), touched)
        return recorded

    def _override(self, workflow: Workflow, verdict: Verdict, s: Situation) -> Situation:
        """Put the override on record, an event of its own before the step; the situation the step is then taken in."""
        event, facts = overriding(workflow, verdict, s, self.keep_remark(s.command.override or ""))
        recorded = self.append(event)
        case = replace(s.case, n=recorded.event.n, head=recorded.leaf, facts=merged(s.case.facts, facts))
        return replace(s, case=case, command=dataclasses.replace(s.command, cause=recorded.leaf))

    def _effect(self, consequence: Command, command: Command, cause: Recorded) -> Command:
        """An effect's command: dated, or undated, as the step it follows from."""
        unknown = command.on_unknown
        return dataclasses.replace(consequence, via=EFFECT_DRIVES, cause=cause.leaf, on_unknown=unknown)

    def _named(self, workflow: Workflow, s: Situation) -> Situation:
        """The situation with the id of a case that is being opened."""
        if s.case.n or s.case.id:
            return s
        case = replace(s.case, id=f"{workflow.prefix}-{self.tx.next_number(workflow.prefix)}")
        return replace(s, case=case)

    def _settle(self, touched: dict[str, None]) -> None:
        """Automatic rows of the touched cases, until none applies."""
        for _ in range(MOST_AUTOMATIC):
            if not any(self._automatic(case, touched) for case in tuple(touched)):
                return
        raise RuntimeError(f"automatic steps of {', '.join(touched)} never come to rest")

    def _automatic(self, case_id: str, touched: dict[str, None]) -> bool:
        case = self.tx.case(case_id)
        if case.id == COUNCIL_CASE:
            return False
        for step in self.rules.of(case).automatic[case.state]:
            cause = self.recorded[-1]
            on = date.fromisoformat(cause.event.on) if cause.event.on else None
            command = Command(
                workflow=case.workflow, step=step, case=case_id, via=AUTO_DRIVES, cause=cause.leaf, on=on,
                on_unknown=on is None,
            )  # fmt: skip
            if self._allowed(command):
                self._take(command, touched)
                return True
        return False

    def _allowed(self, command: Command) -> bool:
        """Whether an automatic row applies; once it does, a refused effect of it refuses all."""
        situation = situate(self.rules, self.tx, command, self.now)
        return judge(self.rules.of(situation.case), replace(situation, on=situation.latest)).allowed

    def _record(self, workflow: Workflow, verdict: Verdict, s: Situation) -> tuple[Recorded, Situation]:
        row, authority = verdict.row, verdict.authority
        if row is None or verdict.to is None:
            raise ValueError("only an allowed verdict is recorded")
        s = replace(s, authority=authority)
        after, facts, data = following(workflow, s, verdict.to, changes_of(row, s))
        due = due_of(workflow, after)
        if workflow.is_open(verdict.to) and not due:
            raise RuntimeError(f"{workflow.name}: nobody owes anything in {verdict.to!r} after “{row}”")
        data |= {
            "step": row.step, "from": None if s.case.state == NEW else s.case.state, "to": verdict.to,
            "form": self.keep_form(s.form), "facts": facts, "due": due,
            "flags": [*flags_of(s), *(["overridden"] if verdict.set_aside else [])],
        }  # fmt: skip
        if s.case.n == 0:
            data["opens"] = {"parent": s.case.parent}
        if workflow.seats and (seats := workflow.seats(after)) is not None and seats != s.council.seats:
            data["seats"] = to_json(seats)
        recorded = self.append(event_of(workflow, s, data))
        return recorded, replace(after, case=replace(after.case, n=recorded.event.n, head=recorded.leaf))

    def append(self, event: Event) -> Recorded:
        """Append an event to the log and remember it as part of this run.

        Raises `UsageError` where a public text of it names a person on record.
        """
        self._keep_names_out(public_words(event))
        recorded = self.tx.append(self._with_login(event))
        self.recorded.append(recorded)
        return recorded

    def _with_login(self, event: Event) -> Event:
        """The event with the commitment to the user behind it, where a person acted; the name itself is erasable."""
        if self.login is None or event.actor.person is None:
            return event
        person, login = event.actor.person, self.login
        if (commitment := self.tx.login(person, login)) is None:
            salt = self.entropy.token(16)
            commitment = commitment_of(salt, login)
            self.tx.keep_login(commitment, person, salt, login)
        return replace(event, data={**event.data, "login": commitment})

    def keep_form(self, form: Form) -> dict[str, Json]:
        """A form as the event carries it: remarks stay in their erasable table, only commitments go in."""
        for document in form.documents:
            if not self.tx.has_document(document.sha256):
                raise NotFoundError(f"The document {document.name} is not kept here. Hand it over with the step.")
        answers = form.dump()
        for question in questions(type(form)):
            if question.kind is Kind.REMARK and question.name in answers:
                answers[question.name] = {"remark": self.keep_remark(str(answers[question.name]))}
        return answers

    def _keep_names_out(self, texts: Mapping[str, Iterable[str]]) -> None:
        if any(texts.values()):
            refuse_names(texts, self.rules.names_on_record(self.tx))

    def keep_remark(self, text: str) -> str:
        """Keep a free text in the erasable table; its commitment."""
        salt = self.entropy.token(16)
        commitment = commitment_of(salt, text)
        self.tx.keep_remark(commitment, salt, text)
        return commitment


def _unchanged(case: Case, command: Command) -> None:
    """Nobody acts on a case that moved on since they looked. Raises `ChangedMeanwhileError`."""
    if command.seen is not None and case.n != command.seen:
        raise ChangedMeanwhileError(
            f"{case.id} changed meanwhile: you saw event {command.seen}, it now has {case.n} and is {case.state}. "
            f"Nothing was written. Look at it again: politirad show {case.id}"
        )
