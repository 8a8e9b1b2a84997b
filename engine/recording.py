"""What an event says of a step that was judged: the envelope, and all that follows from the row. Pure."""

from __future__ import annotations

from msgspec.structs import replace

from engine.authority import deciding_office
from engine.calendar import format_instant
from engine.definition import Workflow
from engine.event import Actor, Event, Facts, Json, canonical, leaf_of
from engine.evidence import ActForm, VersionForm, act_json, version_json
from engine.field import Kind
from engine.form import Form, questions, to_json
from engine.register import Register
from engine.situation import Command, Situation


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


def digest_of(command: Command, form: type[Form], vote: object = None) -> str:
    """What tells two commands apart under the same idempotency key: hex SHA-256 of what was asked, a vote included.

    Without the key itself, and without remarks: those are erasable, and a hash of a short text can be guessed.
    """
    left_out = {"key", "asked", "seen"}
    asked = {name: to_json(getattr(command, name)) for name in Command.__dataclass_fields__ if name not in left_out}
    remarks = {question.name for question in questions(form) if question.kind is Kind.REMARK}
    asked["form"] = {name: to_json(answer) for name, answer in command.form.items() if name not in remarks}
    return leaf_of(canonical({**asked, "vote": to_json(vote)})).hex()


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


def following(s: Situation, state: str, changes: Facts) -> tuple[Situation, Facts, dict[str, Json]]:
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
        "office": holding.office if holding else _office_of(s), "person": holding.person if holding else None,
        "capacity": holding.capacity if holding else None, "holding": holding.leaf if holding else None,
        "registered": bool(authority and authority.registered),
    }  # fmt: skip


def _office_of(s: Situation) -> str | None:
    """The office that decided, where it is not known who held it."""
    return deciding_office(s.council.register, s.authority.decider) if s.authority else None


def _cited(s: Situation) -> Facts | None:
    if s.decision is None:
        return None
    return {"id": s.decision.id, "leaf": s.decision.leaf, "point": s.command.point or 1}
