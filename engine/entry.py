"""What every entry on the council's own case `C` shares: who makes it, through which office, and how it is appended."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from engine.authority import EVERYONE
from engine.calendar import format_instant, local_date
from engine.chain import COUNCIL_CASE
from engine.errors import Reason, Refused, UsageError, because
from engine.event import FIRST, Actor, Event, Facts, Json
from engine.holdings import CouncilState
from engine.judge import Check, Verdict
from engine.ports import Recorded
from engine.register import Id
from engine.run import Run

QUALIFIED = "council/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What every entry on case C shares: who registers it, in which office, when (local) and by which reference.

    `key` is `{id, command}`: the idempotency key and the hash of what was asked with it. `decision` and `point` name a
    recorded decision it rests on.
    """

    person: str | None = None
    office: Id | None = None
    on: date | None = None
    ref: str | None = None
    decider: Id | None = None
    key: Facts | None = None
    reason: str | None = None
    decision: str | None = None
    point: int | None = None


def same_command(answer: Recorded, key: Facts) -> None:
    """A key answers one command only. Raises `UsageError` where it answered another."""
    if (answer.event.key or {}).get("command") != key["command"]:
        raise UsageError(
            f"The key {key['id']!r} has already answered another command ({answer.event.type} on {answer.event.case}). "
            "Use a new key for a new command."
        )


def id_or_none(text: str | None) -> str | None:
    """A text that can only be an id, a number or a hash; None for anything else."""
    return text if text and re.fullmatch(r"[a-z0-9_]{1,64}", text) else None


@dataclass(frozen=True, slots=True)
class Head:
    """Where case C has come to: the number and leaf of its newest event."""

    n: int
    head: str


def append(run: Run, head: CouncilState | Head | None, done: str, data: Facts, entry: Entry) -> Recorded:
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
        on=entry.on.isoformat() if entry.on else None, ref=entry.ref, decision=_cited(run, entry), cause=None,
        key=entry.key, profile=None, workflow=QUALIFIED,
        data={**envelope, **data},
    )  # fmt: skip
    return run.append(event)


def _cited(run: Run, entry: Entry) -> Facts | None:
    if entry.decision is None:
        return None
    decision = run.tx.decision(entry.decision)
    return {"id": decision.id, "leaf": decision.leaf, "point": entry.point or 1}


def keepers_office(run: Run, entry: Entry) -> Id:
    """The office through which a person may keep the record: one that registers for everyone. Raises `Refused`."""
    return authorized(run, entry)[1].office or ""


def authorized(run: Run, entry: Entry) -> tuple[CouncilState, Entry]:
    """The council, and the entry with the office it is made in, if its person may keep the record."""
    state = run.tx.council()
    keepers = {o for o, whom in state.register.registers_for.items() if EVERYONE in whom} | {state.register.secretariat}
    return state, acting(run, state, entry, frozenset(keepers))


class AlreadyAnsweredError(Exception):
    """An entry with this key and content stands already. Says so before anything is written twice."""

    def __init__(self, answer: Recorded) -> None:
        self.answer = answer
        super().__init__(answer.leaf)


def acting(run: Run, state: CouncilState, entry: Entry, allowed: frozenset[Id]) -> Entry:
    """The entry with the office its person acts in, one of those allowed.

    Raises `Refused` where they hold none of them, `AlreadyAnsweredError` where the entry's key was answered.
    """
    if entry.key and (answer := run.tx.answered(str(entry.key["id"]))):
        same_command(answer, entry.key)
        raise AlreadyAnsweredError(answer)
    held = [h.office for h in state.holdings.held(entry.person or "", local_date(run.now)) if h.reaches("council")]
    fitting = [office for office in held if office in allowed and entry.office in (None, office)]
    if not fitting:
        who = entry.decider or COUNCIL_CASE
        raise refused("register", because("may_not_act_for", decider=who, held=", ".join(held) or None))
    return replace(entry, office=fitting[0])


def refused(step: str, reason: Reason) -> Refused:
    """The refusal of an entry, with its one reason."""
    check = Check(step, passed=False, reason=reason)
    return Refused(Verdict(allowed=False, step=step, state="open", to=None, row=None, checks=(check,), possible=()))
