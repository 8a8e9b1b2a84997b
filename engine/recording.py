"""What an event says of a step that was judged: the envelope, and all that follows from the row. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date

import msgspec
from msgspec.structs import replace

from engine.authority import acts_for, decides_for
from engine.calendar import format_instant
from engine.definition import Workflow
from engine.errors import Reason
from engine.event import Actor, Event, Facts, Json, canonical, leaf_of
from engine.evidence import ActForm, VersionForm, act_json, rule_for, version_json
from engine.field import Kind
from engine.form import Form, questions, to_json
from engine.judge import OVERRIDE, Verdict, due_of
from engine.register import VoteRule
from engine.rule import Rule
from engine.signing import signature_json
from engine.situation import Authority, Command, Situation


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
        key={"id": command.key, "command": command.asked} if command.key else None,
        profile=s.case.profile, workflow=workflow.qualified, data=data,
    )  # fmt: skip


def _recorded_later(authority: Authority, on: date) -> bool:
    """Whether the delegation, or the acting or deputy's holding, was put on record after its use."""
    held = authority.decided_by
    named = authority.mandate or (held if held and held.capacity != "holder" else None)
    return named is not None and named.recorded is not None and named.recorded > on


def overriding(workflow: Workflow, verdict: Verdict, s: Situation, reason: str) -> tuple[Event, Facts]:
    """The event of an override before the step it allows, and the facts it changes.

    It names the step, the office that overrode and every requirement it set aside; `reason` is the commitment to the
    erasable text.
    """
    office = s.profile.overrider(s.case.workflow, s.command.step) or ""
    acting = acts_for(office, s)
    if isinstance(acting, Reason):
        raise ValueError("an override is recorded only after it was judged")  # noqa: TRY004  # a fault of ours
    s = replace(s, authority=acting)
    said: list[Json] = [
        {"code": check.name, "reason": check.reason.code, "parameters": dict(check.reason.parameters)}
        for check in verdict.set_aside
        if check.reason is not None
    ]
    before = s.case.facts.get("overrides") or ()
    mark: dict[str, Json] = {"step": s.command.step, "on": s.dated, "office": office, "n": s.case.n + 1}
    facts: dict[str, Json] = {"overrides": [*(before if isinstance(before, list | tuple) else ()), mark]}
    event = Event(
        type=f"{workflow.name}.overridden", case=s.case.id, n=s.case.n + 1, prev=s.case.head, at=format_instant(s.now),
        actor=Actor(s.command.person, acting.office, s.command.via), decider=office, on=s.dated, ref=s.command.ref,
        decision=None, cause=s.command.cause, key=None, profile=s.case.profile, workflow=workflow.qualified,
        data={
            "step": OVERRIDE, "from": s.case.state, "to": s.case.state, "form": {"reason": {"remark": reason}},
            "facts": facts, "due": due_of(workflow, s), "rule": {"office": office}, "authority": _authority_json(s),
            "flags": [OVERRIDE, *(["registered_by_another"] if acting.registered else [])],
            "override": {"step": s.command.step, "office": office, "set_aside": said},
        },
    )  # fmt: skip
    return event, facts


def digest_of(command: Command, form: type[Form], vote: object = None) -> str:
    """What tells two commands apart under the same idempotency key: hex SHA-256 of what was asked, a vote included.

    Only what was stated is hashed, so that an option of a later version changes no old command. Without the key itself,
    and without remarks: those are erasable, and a hash of a short text can be guessed.
    """
    left_out = {"key", "asked", "seen", "override"}
    asked = {name: to_json(getattr(command, name)) for name in Command.__dataclass_fields__ if name not in left_out}
    asked["override"] = command.override is not None
    remarks = {question.name for question in questions(form) if question.kind is Kind.REMARK}
    asked["form"] = {name: to_json(answer) for name, answer in command.form.items() if name not in remarks}
    return leaf_of(canonical(_stated({**asked, "vote": to_json(vote)}))).hex()


def _stated(value: Json) -> Json:
    """A value without what was left at its default: nothing, no, an empty list."""
    if isinstance(value, Mapping):
        told = {name: _stated(inner) for name, inner in value.items()}
        return {name: inner for name, inner in told.items() if inner not in (None, False, [], {})}
    return [_stated(inner) for inner in value] if isinstance(value, list | tuple) else value


def flags_of(s: Situation) -> list[Json]:
    """What a report must not hide about an act."""
    flags: list[Json] = []
    if s.command.on_unknown:
        flags.append("date_unknown")
    if s.authority and s.authority.registered:
        flags.append("registered_by_another")
    if s.authority and _recorded_later(s.authority, s.on):
        flags.append("mandate_recorded_later")
    return [*flags, *s.form.flags(s)]


def rule_of(s: Situation, decider: str) -> dict[str, Json]:
    """The rule a decider decided by: the office, or the body with how its votes are counted.

    On a version it is the one fixed when it was proposed, else the one of the day.
    """
    decides, fixed = decides_for(decider, s), rule_for(s)
    if (body := s.council.register.bodies.get(decides)) is None:
        return {"office": decides}
    return {"body": decides, **vote_json((fixed and fixed.vote) or body.vote_rule)}


def vote_json(rule: VoteRule) -> dict[str, Json]:
    """How votes are counted, in full, as an event says it."""
    document: dict[str, Json] = msgspec.to_builtins(rule)
    return document


def following(
    workflow: Workflow, s: Situation, state: str, changes: Facts
) -> tuple[Situation, Facts, dict[str, Json]]:  # fmt: skip
    """The situation after the row with the version or act its form makes; all changed facts; what the event adds."""
    facts, data = dict(changes), dict[str, Json]()
    if state != s.case.state:
        facts["since"] = s.on.isoformat()
    version = s.form.version(s) if isinstance(s.form, VersionForm) else None
    if version is not None:
        version = dataclasses.replace(version, rules=fixed_rules(workflow, s))
        facts["version"], data["version"] = version.number, version_json(version)
    after = s.after(state, facts)
    if version is not None:
        after = replace(after, versions=(*s.versions, version))
    elif isinstance(s.form, ActForm):
        act = s.form.act(s)
        after, data["approval"] = replace(after, approvals=(*s.approvals, act)), act_json(act)
        data |= {"signature": signature_json(s)} if s.command.signature else {}
    if s.authority and s.authority.decider:
        data["rule"] = rule_of(s, s.authority.decider)
        data["authority"] = _authority_json(s)
    return after, facts, data


def fixed_rules(workflow: Workflow, s: Situation) -> dict[str, Rule]:
    """Whose acts of each kind a version needs, by the case's rules and the register of the day."""
    return {kind: rule(s) for kind, rule in workflow.fixes.items()}


def _authority_json(s: Situation) -> dict[str, Json]:
    authority = s.authority
    holding = authority.decided_by if authority else None
    return {
        "office": holding.office if holding else _office_of(s), "person": holding.person if holding else None,
        "capacity": authority.capacity if authority else None, "holding": holding.leaf if holding else None,
        "mandate": authority.mandate.leaf if authority and authority.mandate else None,
        "registered": bool(authority and authority.registered),
    }  # fmt: skip


def _office_of(s: Situation) -> str | None:
    """The office that decided, where it is not known who held it."""
    by = decides_for(s.authority.decider, s) if s.authority else None
    return None if by in s.council.register.bodies or by in s.council.register.organisations else by or None


def _cited(s: Situation) -> Facts | None:
    if s.decision is None:
        return None
    return {"id": s.decision.id, "leaf": s.decision.leaf, "point": s.command.point or 1}
