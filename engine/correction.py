"""Taking back and putting right, by new events only. Both stay visible; nothing is ever overwritten.

`correct` amends the reference, the date or a public text of an event. `annul` takes back the newest event of a
case, if a person took that step, nothing cites it and it is not a signature; the case then stands as it stood
before. `apply_profile` pins the council's newest rules to an open case, which otherwise keeps its own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from datetime import date

from msgspec.structs import replace

from engine.amended import amended_by
from engine.calendar import format_instant
from engine.chain import COUNCIL_CASE
from engine.entry import Entry, keepers_office
from engine.errors import NotFoundError, Reason, Refused, UsageError, because
from engine.event import Actor, Event, Facts, Json
from engine.field import given, parse_text
from engine.form import to_json
from engine.judge import Check, Verdict, changes_of, due_of
from engine.ports import Recorded
from engine.reading import linked, situate
from engine.redating import undated
from engine.registration import annul_entry
from engine.role import EFFECT_DRIVES
from engine.run import Run
from engine.situation import NEW, Authority, Case, Command, Situation, merged

NOT_ASKED = frozenset({"leaf", "n", "on", "ref"})
"""What a correction names besides the fields of the form."""


def correct(run: Run, case_id: str, n: int, changes: Mapping[str, str], entry: Entry) -> Recorded:
    """Amend event `n` of a case: `on`, `ref`, or public texts of its form. What followed from them follows.

    Raises `NotFoundError`, `UsageError` for a field that has nothing to amend, `Refused` without authority, or where
    another held the office on the corrected date.
    """
    case, office = _open_to(run, case_id, entry)
    history = tuple(run.tx.events(case_id))
    wrong = _event_of(history, case_id, n)
    amended = amended_by(run, case, wrong, changes)
    if "on" in amended and (against := undated(run, wrong, date.fromisoformat(str(amended["on"])))):
        raise _refusal("correct", case.state, against)
    facts = _refigured(run, case, history, wrong, amended)
    changed = replace(case, facts=merged(case.facts, facts))
    data = _data(run, changed, "correct", facts) | {"corrects": {"leaf": wrong.leaf, "n": n, **amended}}
    recorded = _append(run, case, "corrected", data, dataclasses.replace(entry, office=office))
    for effect in run.rules.of(case).tells:
        for told in effect(_situation(run, changed)):
            run.take(dataclasses.replace(told, via=EFFECT_DRIVES, cause=recorded.leaf))
    return recorded


def annul(run: Run, case_id: str, entry: Entry) -> Recorded:
    """Take back the newest event of a case. Raises `NotFoundError`, `Refused` with the reason why it must stay."""
    if case_id == COUNCIL_CASE:
        return annul_entry(run, entry, _reason(entry))
    case, office = _open_to(run, case_id, entry)
    history = tuple(run.tx.events(case_id))
    newest = history[-1]
    if reason_against := _must_stay(run, newest, entry.person):
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
    if not run.rules.of(case).is_open(case.state):
        raise UsageError(f"{case_id} is {case.state}; only an open case can be given other rules.")
    if case.profile == newest:
        raise UsageError(f"{case_id} already runs under the council's newest rules.")
    case = replace(case, profile=newest)
    data = _data(run, case, "apply_profile", {}) | {"profile_applied": newest}
    return _append(run, case, "profile_applied", data, dataclasses.replace(entry, office=office))


def _open_to(run: Run, case_id: str, entry: Entry) -> tuple[Case, str]:
    if case_id == COUNCIL_CASE:
        raise UsageError(
            "Entries of the council's own case are not amended. Annul the newest one, or record it anew: "
            "politirad decide, politirad office assign."
        )
    return run.tx.case(case_id), keepers_office(run, entry)


def _event_of(history: tuple[Recorded, ...], case_id: str, n: int) -> Recorded:
    if not 1 <= n <= len(history):
        raise NotFoundError(f"{case_id} has no event {n}. `politirad log {case_id}` numbers them.")
    return history[n - 1]


def _refigured(
    run: Run, case: Case, history: tuple[Recorded, ...], wrong: Recorded, amended: Facts
) -> dict[str, Json]:  # fmt: skip
    """The facts that come out differently with the event amended, where no later event has set them since."""
    event = wrong.event
    earlier = [r.event.data["corrects"] for r in history if _corrects(r, wrong)]
    total = {name: value for part in (*earlier, amended) if isinstance(part, Mapping) for name, value in part.items()}
    before = _replayed(history[: event.n - 1], case)
    workflow = run.rules.of(case)
    step, target = str(event.data["step"]), str(event.data["to"])
    row = next((r for r in workflow.rows_from(step, before.state) if target in (r.target or before.state, "")), None)
    if row is None:
        return {}
    s = _as_it_was(run, before, wrong, total)
    now = {**changes_of(row, s), **({"since": s.on.isoformat()} if target != before.state else {})}
    later = {name for r in history[event.n :] if not _corrects(r, wrong) for name in _set_by(r)}
    return {name: value for name, value in now.items() if name not in later and case.facts.get(name) != value}


def _corrects(recorded: Recorded, wrong: Recorded) -> bool:
    corrects = recorded.event.data.get("corrects")
    return isinstance(corrects, Mapping) and corrects["leaf"] == wrong.leaf


def _set_by(recorded: Recorded) -> Iterable[str]:
    facts = recorded.event.data["facts"]
    return facts if isinstance(facts, Mapping) else ()


def _as_it_was(run: Run, before: Case, wrong: Recorded, amended: Facts) -> Situation:
    """The situation of an event, with what has been amended since."""
    event = wrong.event
    workflow = run.rules.of(before)
    step, form = str(event.data["step"]), event.data["form"]
    asked = {name: value for name, value in form.items() if name != "reason"} if isinstance(form, Mapping) else {}
    asked |= {name: value for name, value in amended.items() if name not in NOT_ASKED}
    on = amended.get("on") or event.on
    cited = event.decision or {}
    command = Command(
        workflow=before.workflow, step=step, case=before.id, ref=str(amended.get("ref") or event.ref or "") or None,
        on_unknown=on is None, via=event.actor.via, point=int(str(cited["point"])) if cited else None,
        decision=str(cited["id"]) if cited else None,
    )  # fmt: skip
    s = _situation(run, before)
    return replace(
        s, command=command, form=workflow.form(step).lenient(asked)[0],
        decision=run.tx.decision(command.decision) if command.decision else None,
        on=date.fromisoformat(str(on)) if on else run.today,
        authority=Authority(event.decider or "", event.actor.office, None, None, registered=False),
    )  # fmt: skip


def _must_stay(run: Run, newest: Recorded, person: str | None) -> Reason | None:
    event = newest.event
    approval = event.data.get("approval")
    if event.n == 1:
        return because("annul_opening", case=event.case)
    if event.actor.person is None or event.data["step"] in {"annul", "correct", "apply_profile", "override"}:
        return because("annul_only_steps_by_people", step=str(event.data["step"]))
    if "signature" in event.data or (isinstance(approval, Mapping) and approval["kind"] == "signature"):
        return because("annul_signed")
    authority = event.data.get("authority")
    in_person = isinstance(authority, Mapping) and not authority["registered"]
    if (isinstance(approval, Mapping) or event.data["step"] == "recuse") and in_person and event.actor.person != person:
        return because("annul_of_another", office=event.actor.office)
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


def _situation(run: Run, case: Case, annulled: str | None = None) -> Situation:
    """The case as it will stand, with the links of that state, without what was annulled."""
    workflow = run.rules.of(case)
    command = Command(workflow=case.workflow, step=next(iter(workflow.by_step)), case=case.id)
    s = situate(run.rules, run.tx, command, run.now, lenient=True)
    return replace(
        s, case=case, profile=run.rules.profile(run.tx, case.profile or s.council.profile),
        links={link.name: linked(run.tx, case, link) for link in workflow.reads},
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
