"""One transaction's worth of steps: the step asked for, its effects on other cases, and what follows by itself.

Order: step, effects, automatic rows of the touched cases until none applies. Each is its own event, with the leaf
that caused it. A refused effect refuses all, because the transaction is only committed by the caller.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from msgspec.structs import replace

from engine.calendar import format_instant, local_date
from engine.definition import Link, Workflow
from engine.errors import ChangedMeanwhileError, NotFoundError, Refused
from engine.event import FIRST, Actor, Event, Facts, Json, canonical, commitment_of, leaf_of
from engine.evidence import ActForm, VersionForm, act_json, version_json
from engine.form import Form, Kind, questions, to_json
from engine.judge import Verdict, changes_of, due_of, judge
from engine.ports import Entropy, Reader, Recorded, Transaction
from engine.register import Register
from engine.situation import NEW, Case, Command, Situation

MOST_AUTOMATIC = 50
"""Automatic steps in one transaction; more means two workflows keep pushing each other."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What every council shares: the workflows by name and version, and how rules are read from the log."""

    workflows: Mapping[tuple[str, int], Workflow]
    read_profile: Callable[[Facts], object]
    profiles: dict[str, object] = field(default_factory=dict)

    def newest(self, name: str) -> Workflow:
        """The version of a workflow new cases open under. Raises `NotFoundError`."""
        versions = [version for known, version in self.workflows if known == name]
        if not versions:
            names = ", ".join(sorted({known for known, _ in self.workflows}))
            raise NotFoundError(f"There is no workflow {name!r}. There are: {names}.")
        return self.workflows[name, max(versions)]

    def of(self, case: Case) -> Workflow:
        """The workflow version a case is pinned to. Raises `NotFoundError` where this program lost it."""
        if (found := self.workflows.get((case.workflow, case.version))) is None:
            raise NotFoundError(
                f"{case.id} runs under {case.workflow}/{case.version}, which this program does not know. "
                "Use a newer politirad, or the one that opened the case."
            )
        return found

    def profile(self, reader: Reader, leaf: str) -> object:
        """The rules in a profile event, read once per process."""
        if leaf not in self.profiles:
            self.profiles[leaf] = self.read_profile(reader.profile(leaf))
        return self.profiles[leaf]


def situate(rules: Rules, reader: Reader, command: Command, now: datetime, *, lenient: bool = False) -> Situation:
    """Read everything a command is judged by. Raises `NotFoundError`, and `UsageError` for the form.

    `lenient` fills in the form only as far as it was given, for explaining a step.
    """
    council, today = reader.council(), local_date(now)
    decision = reader.decision(command.decision) if command.decision else None
    on = command.on or (decision.on if decision else None) or today
    case = reader.case(command.case) if command.case else _unopened(rules, command, council.profile, on)
    workflow = rules.of(case)
    form = workflow.form(_known_step(workflow, command.step))
    read = form.lenient(command.form)[0] if lenient else form.parse(command.form)
    return Situation(
        case, command, read, council, rules.profile(reader, case.profile or council.profile), now, today, on,
        links={link.name: _linked(reader, case, link) for link in workflow.reads},
        versions=reader.versions(case.id) if workflow.versioned and case.n else (),
        approvals=reader.approvals(case.id) if workflow.versioned and case.n else (),
        decision=decision,
    )  # fmt: skip


@dataclass(slots=True)
class Run:
    """The steps of one transaction. `recorded` are its events in order; nothing is sent from here."""

    rules: Rules
    tx: Transaction
    entropy: Entropy
    now: datetime
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
        _unchanged(situation.case, command)
        workflow = self.rules.of(situation.case)
        verdict = judge(workflow, situation)
        if not verdict.allowed:
            raise Refused(verdict)
        situation = self._named(workflow, situation)
        recorded, after = self._record(workflow, verdict, situation)
        touched |= dict.fromkeys([after.case.id, *([after.case.parent] if after.case.parent else [])])
        for effect in verdict.row.effects if verdict.row else ():
            for consequence in effect(after):
                self._take(dataclasses.replace(consequence, via="effect", cause=recorded.leaf), touched)
        return recorded

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
            command = Command(workflow=case.workflow, step=step, case=case_id, via="auto", cause=self.recorded[-1].leaf)
            try:
                self._take(command, touched)
            except Refused:
                continue
            return True
        return False

    def _record(self, workflow: Workflow, verdict: Verdict, s: Situation) -> tuple[Recorded, Situation]:
        row, authority = verdict.row, verdict.authority
        if row is None or verdict.to is None:
            raise ValueError("only an allowed verdict is recorded")
        s = replace(s, authority=authority)
        after, facts, data = _following(s, verdict.to, changes_of(row, s))
        due = due_of(workflow, after)
        if workflow.is_open(verdict.to) and not due:
            raise RuntimeError(f"{workflow.name}: nobody owes anything in {verdict.to!r} after “{row}”")
        data |= {
            "step": row.step, "from": None if s.case.state == NEW else s.case.state, "to": verdict.to,
            "form": self.keep_form(s.form), "facts": facts, "due": due, "flags": flags_of(s),
        }  # fmt: skip
        if s.case.n == 0:
            data["opens"] = {"parent": s.case.parent}
        if workflow.seats and (seats := workflow.seats(after)) is not None and seats != s.council.seats:
            data["seats"] = to_json(seats)
        recorded = self.append(event_of(workflow, s, data))
        return recorded, replace(after, case=replace(after.case, n=recorded.event.n, head=recorded.leaf))

    def append(self, event: Event) -> Recorded:
        """Append an event to the log and remember it as part of this run."""
        recorded = self.tx.append(event)
        self.recorded.append(recorded)
        return recorded

    def keep_form(self, form: Form) -> dict[str, Json]:
        """A form as the event carries it: remarks stay in their erasable table, only commitments go in."""
        answers = form.dump()
        for question in questions(type(form)):
            if question.kind is Kind.REMARK and question.name in answers:
                answers[question.name] = {"remark": self.keep_remark(str(answers[question.name]))}
        return answers

    def keep_remark(self, text: str) -> str:
        """Keep a free text in the erasable table; its commitment."""
        salt = self.entropy.token(16)
        commitment = commitment_of(salt, text)
        self.tx.keep_remark(commitment, salt, text)
        return commitment


COUNCIL_CASE = "C"
"""The council itself: profiles, holdings, decisions, refused attempts, corrections of the register."""


def event_of(workflow: Workflow, s: Situation, data: Facts) -> Event:
    """The event of a step judged in a situation."""
    command, authority = s.command, s.authority
    ref = command.ref or (s.decision.ref if s.decision else None)
    actor = Actor(command.person, authority.office if authority else None, command.via)
    return Event(
        type=workflow.event_types[command.step], case=s.case.id, n=s.case.n + 1, prev=s.case.head,
        at=format_instant(s.now), actor=actor, decider=(authority.decider or None) if authority else None,
        on=None if command.on_unknown else s.on.isoformat(), ref=ref,
        decision=_cited(s), cause=command.cause,
        key={"id": command.key, "command": digest_of(command)} if command.key else None,
        profile=s.case.profile, workflow=workflow.qualified, data=data,
    )  # fmt: skip


def _unchanged(case: Case, command: Command) -> None:
    """Nobody acts on a case that moved on since they looked. Raises `ChangedMeanwhileError`."""
    if command.seen is not None and case.n != command.seen:
        raise ChangedMeanwhileError(
            f"{case.id} changed meanwhile: you saw event {command.seen}, it now has {case.n} and is {case.state}. "
            f"Nothing was written. Look at it again: politirad show {case.id}"
        )


def digest_of(command: Command) -> str:
    """What tells two commands apart under the same idempotency key: hex SHA-256 of all but the key."""
    asked = {name: to_json(getattr(command, name)) for name in Command.__dataclass_fields__ if name != "key"}
    return leaf_of(canonical(asked)).hex()


def flags_of(s: Situation) -> list[Json]:
    """What a report must not hide about an act."""
    flags: list[Json] = []
    if s.command.on_unknown:
        flags.append("date_unknown")
    if s.authority and s.authority.registered:
        flags.append("registered_by_another")
    return [*flags, *s.form.flags(s)]


def rule_of(register: Register, decider: str) -> dict[str, Json]:
    """The rule a decider decided by, as it was that day: the office, or the body with its decision rule."""
    decides = register.parties[decider].decides if decider in register.parties else decider
    if (body := register.bodies.get(decides)) is None:
        return {"office": decides}
    return {"body": decides, "rule": body.rule, "quorum": body.quorum, "tie": body.tie}


def _following(s: Situation, state: str, changes: Facts) -> tuple[Situation, Facts, dict[str, Json]]:
    """The situation after the row with the version or act its form makes; all changed facts; what the event adds."""
    facts, data = dict(changes), dict[str, Json]()
    if state != s.case.state:
        facts["since"] = s.on.isoformat()
    version = s.form.version(s) if isinstance(s.form, VersionForm) else None
    if version is not None:
        facts["version"], data["version"] = version.number, version_json(version)
    after = s.after(state, facts)
    if version is not None:
        after = replace(after, versions=(*s.versions, version))
    elif isinstance(s.form, ActForm):
        act = s.form.act(s)
        after, data["approval"] = replace(after, approvals=(*s.approvals, act)), act_json(act)
    if s.authority and s.authority.decider:
        data["rule"] = rule_of(s.council.register, s.authority.decider)
        data["authority"] = _authority_json(s)
    return after, facts, data


def _authority_json(s: Situation) -> dict[str, Json]:
    authority = s.authority
    holding = authority.decided_by if authority else None
    return {
        "office": holding.office if holding else None, "person": holding.person if holding else None,
        "capacity": holding.capacity if holding else None, "holding": holding.leaf if holding else None,
        "registered": bool(authority and authority.registered),
    }  # fmt: skip


def _cited(s: Situation) -> Facts | None:
    if s.decision is None:
        return None
    return {"id": s.decision.id, "leaf": s.decision.leaf, "point": s.command.point or 1}


def _known_step(workflow: Workflow, step: str) -> str:
    if step not in workflow.by_step:
        known = ", ".join(workflow.by_step)
        raise NotFoundError(f"{workflow.name} has no step {step!r}. Its steps: {known}.")
    return step


def _unopened(rules: Rules, command: Command, profile: str, on: date) -> Case:
    workflow = rules.newest(command.workflow)
    return Case(command.id_ or "", workflow.name, workflow.version, NEW, 0, FIRST, profile, command.parent, on, {})


def _linked(reader: Reader, case: Case, link: Link) -> tuple[Case, ...]:
    if link.needed_in and case.state not in link.needed_in:
        return ()
    if link.scope == "parent":
        return (reader.case(case.parent),) if case.parent else ()
    if link.scope == "children":
        return reader.cases(link.workflow, link.states, parent=case.id) if case.n else ()
    return reader.cases(link.workflow, link.states)
