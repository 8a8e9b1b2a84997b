"""Taking back and putting right, by new events only. Both stay visible; nothing is ever overwritten.

`correct` amends the reference, the date or a public text of an event. `annul` takes back the newest event of a
case, if a person took that step, nothing cites it and it is not a signature; the case then stands as it stood
before. `apply_profile` pins the council's newest rules to an open case, which otherwise keeps its own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date

from msgspec.structs import replace

from engine.calendar import format_instant
from engine.definition import Workflow
from engine.errors import NotFoundError, Reason, Refused, UsageError, because
from engine.event import Actor, Event, Facts, Json
from engine.field import Field, Kind, given, option, parse_day, parse_text
from engine.form import Form, questions, to_json
from engine.judge import Check, Verdict, due_of
from engine.ports import Recorded
from engine.registration import Entry, keepers_office
from engine.run import Run, situate
from engine.situation import NEW, Case, Command, Situation, merged


def correct(run: Run, case_id: str, n: int, changes: Mapping[str, str], entry: Entry) -> Recorded:
    """Amend event `n` of a case: `on`, `ref`, or public text fields of its form.

    Raises `NotFoundError`, `UsageError` for a field that has nothing to amend, `Refused` without authority.
    """
    case, office = _open_to(run, case_id, entry)
    wrong = _event_of(run, case_id, n)
    amended = _amended(run, case, wrong, changes)
    facts = {name: value for name, value in amended.items() if name in case.facts} | _redated(case, wrong, amended)
    corrected: dict[str, Json] = {"leaf": wrong.leaf, "n": n, **amended}
    changed = replace(case, facts=merged(case.facts, facts))
    data = _data(run, changed, "correct", facts) | {"corrects": corrected}
    return _append(run, case, "corrected", data, dataclasses.replace(entry, office=office))


def annul(run: Run, case_id: str, entry: Entry) -> Recorded:
    """Take back the newest event of a case. Raises `NotFoundError`, `Refused` with the reason why it must stay."""
    case, office = _open_to(run, case_id, entry)
    history = tuple(run.tx.events(case_id))
    newest = history[-1]
    if reason_against := _must_stay(run, newest):
        raise _refusal("annul", case.state, reason_against)
    before = _replayed(history[:-1], case)
    removed = {name: None for name in case.facts if name not in before.facts}
    changed = {name: value for name, value in before.facts.items() if case.facts.get(name) != value}
    facts: dict[str, Json] = {**removed, **changed}
    data = _data(run, before, "annul", facts, annulled=newest.leaf)
    if "seats" in newest.event.data:
        data["seats"] = _seats_before(run, before, newest)
    return _append(run, case, "annulled", data | {"annuls": newest.leaf}, dataclasses.replace(entry, office=office))


def apply_profile(run: Run, case_id: str, entry: Entry) -> Recorded:
    """Pin the council's newest rules to a case. Raises `NotFoundError`, `Refused`."""
    case, office = _open_to(run, case_id, entry)
    newest = run.tx.council().profile
    if case.profile == newest:
        raise UsageError(f"{case_id} already runs under the council's newest rules.")
    case = replace(case, profile=newest)
    data = _data(run, case, "apply_profile", {}) | {"profile_applied": newest}
    return _append(run, case, "profile_applied", data, dataclasses.replace(entry, office=office))


def _open_to(run: Run, case_id: str, entry: Entry) -> tuple[Case, str]:
    return run.tx.case(case_id), keepers_office(run, entry)


def _event_of(run: Run, case_id: str, n: int) -> Recorded:
    for recorded in run.tx.events(case_id):
        if recorded.event.n == n:
            return recorded
    raise NotFoundError(f"{case_id} has no event {n}. `politirad log {case_id}` numbers them.")


def _amended(run: Run, case: Case, wrong: Recorded, changes: Mapping[str, str]) -> dict[str, Json]:
    """The new values, each parsed like the field it amends."""
    form = _form_of(run.rules.of(case), wrong.event.data)
    public = {q.name: q for q in questions(form) if q.kind in {Kind.TEXT, Kind.DAY} and not q.many}
    amended: dict[str, Json] = {}
    for name, value in changes.items():
        if name == "on":
            amended["on"] = _past_day(run, value).isoformat()
        elif name == "ref":
            amended["ref"] = given("--ref", parse_text, value)
        elif name in public:
            amended[name] = _like(public[name], value)
        else:
            fields = ", ".join(("on", "ref", *public))
            raise UsageError(f"Event {wrong.event.n} has no text field {name!r} to correct. It has: {fields}.")
    if not amended:
        raise UsageError("Say what to correct: --on DATE, --ref TEXT or --text FIELD=VALUE.")
    return amended


def _like(question: Field, value: str) -> str:
    name = f"--{option(question.name)}"
    return given(name, parse_day, value).isoformat() if question.kind is Kind.DAY else given(name, parse_text, value)


def _redated(case: Case, wrong: Recorded, amended: Facts) -> dict[str, Json]:
    """The facts that were dated by the event and still are, with its corrected date."""
    old, new = wrong.event.on, amended.get("on")
    made = wrong.event.data["facts"]
    dated = (name for name, value in made.items() if value == old) if isinstance(made, Mapping) else ()
    form = wrong.event.data["form"]
    asked = form if isinstance(form, Mapping) else {}
    return {name: new for name in dated if new and name not in asked and case.facts.get(name) == old}


def _past_day(run: Run, value: str) -> date:
    day, today = given("--on", parse_day, value), run.today
    if day > today:
        raise UsageError(f"{day} is in the future; a decision cannot be dated after today, {today}.")
    return day


def _form_of(workflow: Workflow, data: Facts) -> type[Form]:
    step = str(data["step"])
    return workflow.form(step) if step in workflow.by_step else Form


def _must_stay(run: Run, newest: Recorded) -> Reason | None:
    event = newest.event
    approval = event.data.get("approval")
    if event.n == 1:
        return because("annul_opening", case=event.case)
    if event.actor.person is None or event.data["step"] in {"annul", "correct", "apply_profile"}:
        return because("annul_only_steps_by_people", step=str(event.data["step"]))
    if isinstance(approval, Mapping) and approval["kind"] == "signature":
        return because("annul_signed")
    citing = next((r for r in run.tx.events() if r.position > newest.position and newest.leaf in r.body), None)
    return because("annul_cited", case=citing.event.case, n=citing.event.n) if citing else None


def _replayed(history: tuple[Recorded, ...], case: Case) -> Case:
    """The case as it stood after these events: state and facts, from the log alone."""
    state, facts = NEW, dict[str, Json]()
    for recorded in history:
        data = recorded.event.data
        patch = data["facts"]
        state, facts = str(data["to"]), merged(facts, patch if isinstance(patch, Mapping) else {})
    return replace(case, state=state, facts=facts)


def _data(run: Run, case: Case, step: str, facts: Facts, *, annulled: str | None = None) -> dict[str, Json]:
    """What these events say: where the case stands with the given facts, and what it owes there."""
    workflow = run.rules.of(case)
    due = due_of(workflow, _situation(run, case, annulled)) if workflow.is_open(case.state) else []
    current = run.tx.case(case.id).state
    return {
        "step": step, "from": current, "to": case.state, "facts": facts, "due": due, "flags": [],
    }  # fmt: skip


def _seats_before(run: Run, before: Case, newest: Recorded) -> Json:
    """The council's seats as they were before the step that changed them."""
    seats = run.rules.of(before).seats
    decided = seats(_situation(run, before, newest.leaf)) if seats else None
    return to_json(decided if decided is not None else run.tx.council().seats)


def _situation(run: Run, case: Case, annulled: str | None) -> Situation:
    """The case as it will stand, with its links, without what was annulled."""
    workflow = run.rules.of(case)
    step = next(iter(workflow.by_step))
    command = Command(workflow=case.workflow, step=step, case=case.id)
    s = situate(run.rules, run.tx, command, run.now, lenient=True)
    return replace(
        s, case=case, profile=run.rules.profile(run.tx, case.profile or s.council.profile),
        versions=tuple(v for v in s.versions if v.leaf != annulled),
        approvals=tuple(a for a in s.approvals if a.leaf != annulled),
    )  # fmt: skip


def _append(run: Run, case: Case, done: str, data: Facts, entry: Entry) -> Recorded:
    workflow = run.rules.of(case)
    data = {**data, "form": {"reason": {"remark": run.keep_remark(_reason(entry))}}}
    event = Event(
        type=f"{case.workflow}.{done}", case=case.id, n=case.n + 1, prev=case.head, at=format_instant(run.now),
        actor=Actor(entry.person, entry.office, "declared"), decider=None, on=run.today.isoformat(), ref=entry.ref,
        decision=None, cause=None, key=entry.key, profile=case.profile, workflow=workflow.qualified, data=data,
    )  # fmt: skip
    return run.append(event)


def _reason(entry: Entry) -> str:
    if entry.reason is None:
        raise UsageError("--reason is missing: say why the record is put right.")
    return given("--reason", parse_text, entry.reason)


def _refusal(step: str, state: str, reason: Reason) -> Refused:
    check = Check(step, passed=False, reason=reason)
    return Refused(Verdict(allowed=False, step=step, state=state, to=None, row=None, checks=(check,), possible=()))
