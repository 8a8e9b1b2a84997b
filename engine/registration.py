"""The council's own case `C`: its rules, its people in their offices, its decisions and refused attempts.

Every entry here is an event like any other, with the same chain and bytes. Only what is about a person (name,
address) stays outside, in the erasable table; the event knows a random id.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import msgspec

from engine.approval import Ballot, Status, count
from engine.authority import EVERYONE, registrars
from engine.calendar import format_instant, local_date
from engine.errors import NotFoundError, Parameter, Reason, Refused, UsageError, because
from engine.event import FIRST, Actor, Event, Facts, Json
from engine.field import given, parse_text
from engine.holdings import CouncilState
from engine.judge import Check, Verdict
from engine.ports import Person, Recorded
from engine.register import Body, Holding, Id
from engine.run import COUNCIL_CASE, Run
from engine.situation import Decision, Point

QUALIFIED = "council/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What every entry on case C shares: who registers it, in which office, when (local) and by which reference.

    `key` is `{id, command}`: the idempotency key and the hash of what was asked with it.
    """

    person: str | None = None
    office: Id | None = None
    on: date | None = None
    ref: str | None = None
    decider: Id | None = None
    key: Facts | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PointVote:
    """One point as it is registered: votes for, against, blank where known, else the outcome alone.

    `leader_for` says how the leader voted where a tie is to be broken.
    """

    text: str
    votes: tuple[int, int, int] | None = None
    leader_for: bool | None = None
    carried: bool = True


@dataclass(frozen=True, slots=True)
class Sitting:
    """A body's sitting: members present (None where the record does not say) and those recused."""

    body: Id
    present: tuple[Id, ...] | None
    recused: tuple[Id, ...]
    points: tuple[PointVote, ...]


def open_council(run: Run, document: Facts, person: Person, secretariat: Id, since: date) -> None:
    """Open a council: its origin, its register and rules, and the person who keeps its papers from a local date."""
    opened = _append(run, None, "opened", {"origin": document["origin"]}, Entry())
    after = _Head(opened.event.n, opened.leaf)
    profiled = _append(run, after, "profile_set", {"profile": document}, Entry())
    after = _Head(profiled.event.n, profiled.leaf)
    run.tx.keep_person(person)
    added = _append(run, after, "person_added", {"person": {"id": person.id}}, Entry(person=person.id))
    after = _Head(added.event.n, added.leaf)
    holding = Holding(secretariat, person.id, since)
    _append(run, after, "office_assigned", {"holding": _holding_json(holding)}, Entry(person=person.id))


def set_profile(run: Run, document: Facts, entry: Entry) -> Recorded:
    """Record a new register and rules. Open cases keep the rules they were opened under."""
    state, entry = _authorized(run, entry)
    return _append(run, state, "profile_set", {"profile": document}, entry)


def add_person(run: Run, person: Person, entry: Entry) -> Recorded:
    """Record that there is a person; name and address stay in the erasable table."""
    state, entry = _authorized(run, entry)
    run.tx.keep_person(person)
    return _append(run, state, "person_added", {"person": {"id": person.id}}, entry)


def assign(run: Run, holding: Holding, entry: Entry) -> Recorded:
    """Record who holds an office from when to when. Raises `NotFoundError`, `UsageError`, `Refused`."""
    state, entry = _authorized(run, entry)
    if holding.office not in state.register.offices:
        raise NotFoundError(f"There is no office {holding.office!r}. `politirad office list` shows them.")
    if holding.until is not None and holding.until < holding.since:
        raise UsageError(f"--until {holding.until} is before --from {holding.since}.")
    clash = [h for h in state.holdings.all if _overlap(h, holding)]
    if clash and holding.capacity == "holder":
        raise UsageError(
            f"{holding.office} is held by another from {clash[0].since} to {clash[0].until or 'further notice'}. "
            f"End that first: politirad office end {holding.office} --on DATE"
        )
    return _append(run, state, "office_assigned", {"holding": _holding_json(holding)}, entry)


def end_holding(run: Run, office: Id, until: date, entry: Entry) -> Recorded:
    """Record the last day (local) of whoever acts in an office: the acting one first, then its holder.

    Raises `NotFoundError`, `Refused`.
    """
    state, entry = _authorized(run, entry)
    if (current := state.holdings.of(office, until)) is None:
        raise NotFoundError(f"Nobody holds {office!r} on {until}.")
    if office == state.register.secretariat and until < run.today:
        raise UsageError(
            f"Without {office} nobody could keep the record any more. End it today or later, and assign the next one."
        )
    return _append(run, state, "office_ended", {"ends": {"holding": current.leaf, "until": until.isoformat()}}, entry)


def decide(run: Run, sitting: Sitting, entry: Entry) -> Recorded:
    """Record a body's decision, point by point. Raises `NotFoundError`, `Refused` for a vote that cannot be."""
    state = run.tx.council()
    if (body := state.register.bodies.get(sitting.body)) is None:
        known = ", ".join(state.register.bodies)
        raise NotFoundError(f"There is no body {sitting.body!r}. There are: {known}.")
    entry = _acting(run, state, replace(entry, decider=sitting.body), registrars(state, sitting.body))
    today = local_date(run.now)
    if entry.on is not None and entry.on > today:
        raise _refused("decide", because("date_in_future", on=entry.on.isoformat(), today=today.isoformat()))
    if not entry.ref:
        raise _refused("decide", because("needs_reference"))
    if entry.on is None and not entry.reason:
        raise _refused("decide", because("unknown_date_needs_reason"))
    roster = roster_of(state, body)
    data: dict[str, Json] = {
        "id": f"D-{run.tx.next_number('D')}", "body": sitting.body, "roster": list(roster),
        "present": None if sitting.present is None else list(sitting.present), "recused": list(sitting.recused),
        "points": [_point(body, roster, sitting, point) for point in sitting.points],
    }  # fmt: skip
    rule: dict[str, Json] = {"body": sitting.body, "rule": body.rule, "quorum": body.quorum, "tie": body.tie}
    flags: list[Json] = [] if entry.on else ["date_unknown"]
    why = given("--reason", parse_text, entry.reason) if entry.reason else None
    form: Json = {"reason": {"remark": run.keep_remark(why)}} if why else {}
    return _append(run, state, "decided", {"decision": data, "rule": rule, "flags": flags, "form": form}, entry)


def decision_of(recorded: Recorded) -> Decision:
    """The decision an event has put on record."""
    data, event = recorded.event.data["decision"], recorded.event
    document = dict(data) if isinstance(data, Mapping) else {}
    return msgspec.convert({**document, "leaf": recorded.leaf, "on": event.on, "ref": event.ref}, Decision)


def vote_of(point: Point) -> Reason:
    """How a point fell, in votes where they are known."""
    for_, against, blank = point.votes or (0, 0, 0)
    return because("vote_fell", votes_for=for_, against=against, blank=blank)


def annul_entry(run: Run, entry: Entry, reason: str) -> Recorded:
    """Take back the newest decision or assignment, if nothing rests on it. Raises `Refused`, `UsageError`."""
    state, entry = _authorized(run, entry)
    newest = list(run.tx.events(COUNCIL_CASE))[-1]
    if newest.event.type not in {"council.decided", "council.office_assigned"}:
        raise _refused("annul", because("annul_only_steps_by_people", step=newest.event.type))
    citing = [r for r in run.tx.events() if r.position > newest.position and newest.leaf in r.body]
    if citing:
        raise _refused("annul", because("annul_cited", case=citing[0].event.case, n=citing[0].event.n))
    form: Json = {"reason": {"remark": run.keep_remark(reason)}}
    return _append(run, state, "annulled", {"annuls": newest.leaf, "form": form}, entry)


def refuse(run: Run, verdict: Verdict, attempt: Facts, entry: Entry) -> Recorded:
    """Put a refused binding attempt on record: what was tried and each reason why not.

    Of what the person typed only ids are kept; anything else could name somebody for ever.
    """
    reasons: list[Json] = [{"code": r.code, "parameters": _kept(r.parameters)} for r in verdict.reasons]
    return _append(run, run.tx.council(), "step_refused", {"attempt": attempt, "reasons": reasons}, entry)


def same_command(answer: Recorded, key: Facts) -> None:
    """A key answers one command only. Raises `UsageError` where it answered another."""
    if (answer.event.key or {}).get("command") != key["command"]:
        raise UsageError(
            f"The key {key['id']!r} has already answered another command ({answer.event.type} on {answer.event.case}). "
            "Use a new key for a new command."
        )


def roster_of(state: CouncilState, body: Body) -> tuple[Id, ...]:
    """A body's members: its own, or the permanent seats of the agreement's current version."""
    if body.members is not None:
        return body.members
    seated = (office for seat in state.seats if seat.permanent for office in seat.filled_by)
    return tuple(dict.fromkeys(seated))


def id_or_none(text: str | None) -> str | None:
    """A text that can only be an id, a number or a hash; None for anything else."""
    return text if text and re.fullmatch(r"[a-z0-9_]{1,64}", text) else None


def _kept(parameters: Mapping[str, Parameter]) -> dict[str, Json]:
    return {name: id_or_none(str(value)) if name == "given" else value for name, value in parameters.items()}


@dataclass(frozen=True, slots=True)
class _Head:
    n: int
    head: str


def _append(run: Run, head: CouncilState | _Head | None, done: str, data: Facts, entry: Entry) -> Recorded:
    """Append an event to case C after its head."""
    n, prev = (head.n, head.head) if head else (0, FIRST)
    envelope: dict[str, Json] = {
        "step": done,
        "from": "open" if n else None,
        "to": "open",
        "form": {},
        "facts": {},
        "flags": [],
    }
    event = Event(
        type=f"council.{done}", case=COUNCIL_CASE, n=n + 1, prev=prev, at=format_instant(run.now),
        actor=Actor(entry.person, entry.office, "declared"), decider=entry.decider,
        on=entry.on.isoformat() if entry.on else None, ref=entry.ref, decision=None, cause=None,
        key=entry.key, profile=None, workflow=QUALIFIED,
        data={**envelope, **data},
    )  # fmt: skip
    return run.append(event)


def keepers_office(run: Run, entry: Entry) -> Id:
    """The office through which a person may keep the record: one that registers for everyone. Raises `Refused`."""
    return _authorized(run, entry)[1].office or ""


def _authorized(run: Run, entry: Entry) -> tuple[CouncilState, Entry]:
    """The council, and the entry with the office it is made in, if its person may keep the record."""
    state = run.tx.council()
    keepers = {o for o, whom in state.register.registers_for.items() if EVERYONE in whom} | {state.register.secretariat}
    return state, _acting(run, state, entry, frozenset(keepers))


class AlreadyAnsweredError(Exception):
    """An entry with this key and content stands already. Says so before anything is written twice."""

    def __init__(self, answer: Recorded) -> None:
        self.answer = answer
        super().__init__(answer.leaf)


def _acting(run: Run, state: CouncilState, entry: Entry, allowed: frozenset[Id]) -> Entry:
    if entry.key and (answer := run.tx.answered(str(entry.key["id"]))):
        same_command(answer, entry.key)
        raise AlreadyAnsweredError(answer)
    held = [h.office for h in state.holdings.held(entry.person or "", local_date(run.now))]
    fitting = [office for office in held if office in allowed and entry.office in (None, office)]
    if not fitting:
        who = entry.decider or COUNCIL_CASE
        raise _refused("register", because("may_not_act_for", decider=who, held=", ".join(held) or None))
    return replace(entry, office=fitting[0])


def _refused(step: str, reason: Reason) -> Refused:
    check = Check("authority", passed=False, reason=reason)
    return Refused(Verdict(allowed=False, step=step, state="open", to=None, row=None, checks=(check,), possible=()))


def _point(body: Body, roster: tuple[Id, ...], sitting: Sitting, point: PointVote) -> dict[str, Json]:
    text = given("--point", parse_text, point.text)
    if point.votes is None:
        return {"text": text, "outcome": "carried" if point.carried else "fell", "votes": None}
    if sitting.present is None:
        raise _refused("decide", because("present_needed"))
    finding = count(body, Ballot(roster, sitting.present, sitting.recused, point.votes), point.leader_for)
    if finding.what.code not in {"vote_carried", "vote_fell"}:
        raise _refused("decide", finding.what)
    outcome = "carried" if finding.status is Status.MET else "fell"
    return {"text": text, "outcome": outcome, "votes": list(point.votes)}


def _holding_json(holding: Holding) -> Json:
    document: dict[str, Json] = msgspec.to_builtins(replace_leaf(holding))
    return {"until": None, "capacity": "holder", "basis": "", **document}


def replace_leaf(holding: Holding) -> Holding:
    """The holding without its leaf, which only its own event can give it."""
    return msgspec.structs.replace(holding, leaf="")


def _overlap(held: Holding, new: Holding) -> bool:
    same = (held.office, held.capacity) == (new.office, new.capacity)
    return same and held.since <= (new.until or date.max) and new.since <= (held.until or date.max)
