"""A body's sitting: its decision put on record, point by point, with that day's roster and who sat on which seat.

A decision is an event of its own that steps then cite, so its points can drive several cases. A vote that cannot be
(a stranger, too few present, votes that do not add up) is refused, and the attempt is put on record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import msgspec

from engine.acts import Decision, Point
from engine.authority import registrars
from engine.ballot import Ballot, cannot_be, count
from engine.entry import Entry, acting, append, refused
from engine.errors import NotFoundError, Reason, Refused, because
from engine.event import Facts, Json
from engine.field import given, parse_text
from engine.holdings import Holdings
from engine.ports import Recorded
from engine.recording import vote_json
from engine.register import Body, Id, Seat
from engine.run import Run

ALL = ("*",)
"""Present: every member who was not recused, and every deputy who stepped in."""


@dataclass(frozen=True, slots=True)
class PointVote:
    """One point as it is registered: votes for, against, blank where known, else the outcome alone.

    `leader_for` says how the leader voted where a tie is to be broken; `reserved` are members who opted out,
    `vetoed_by` those who stopped it.
    """

    text: str
    votes: tuple[int, int, int] | None = None
    leader_for: bool | None = None
    carried: bool = True
    reserved: tuple[Id, ...] = ()
    vetoed_by: tuple[Id, ...] = ()


@dataclass(frozen=True, slots=True)
class Sitting:
    """A body's sitting: seats present (None where the record does not say), recused, and taken by their deputies."""

    body: Id
    present: tuple[Id, ...] | None
    recused: tuple[Id, ...]
    points: tuple[PointVote, ...]
    deputies: tuple[Id, ...] = ()


def decide(run: Run, sitting: Sitting, entry: Entry) -> Recorded:
    """Record a body's decision, point by point. Raises `NotFoundError`, `Refused` for a vote that cannot be.

    Roster and seats are those of the day it was decided on, however late it is registered. A refusal is an attempt to
    be put on record.
    """
    try:
        return _decide(run, sitting, entry)
    except Refused as error:
        on = entry.on.isoformat() if entry.on else None
        tried: Facts = {
            "case": None, "workflow": "council", "step": "decide", "body": sitting.body, "on": on, "version": None
        }  # fmt: skip
        error.attempt = (tried, replace(entry, decider=sitting.body))
        raise


def _decide(run: Run, sitting: Sitting, entry: Entry) -> Recorded:
    body, state = _body(run, sitting.body, entry.on), run.tx.council()
    entry = acting(run, state, replace(entry, decider=sitting.body), registrars(state, sitting.body))
    if reason := _unfit(run, entry):
        raise refused("decide", reason)
    ballot = _attendance(run, body, sitting, entry)
    data: dict[str, Json] = {
        "id": f"D-{run.tx.next_number('D')}", "body": sitting.body, "roster": list(ballot.roster),
        "present": None if ballot.present is None else list(ballot.present), "recused": list(ballot.recused),
        "deputies": dict(ballot.deputies), "persons": dict(ballot.persons) if ballot.persons is not None else None,
        "points": [_point(run, body, ballot, point, entry) for point in sitting.points],
    }  # fmt: skip
    rule: dict[str, Json] = {"body": sitting.body, **vote_json(body.vote_rule)}
    flags: list[Json] = [] if entry.on else ["date_unknown"]
    why = given("--reason", parse_text, entry.reason) if entry.reason else None
    form: Json = {"reason": {"remark": run.keep_remark(why)}} if why else {}
    said: Facts = {"decision": data, "rule": rule, "flags": flags, "form": form}
    return append(run, state, "decided", said, entry)


def decision_of(recorded: Recorded) -> Decision:
    """The decision an event has put on record."""
    data, event = recorded.event.data["decision"], recorded.event
    document = dict(data) if isinstance(data, Mapping) else {}
    said = {**document, "leaf": recorded.leaf, "on": event.on, "ref": event.ref, "rule": event.data["rule"]}
    return msgspec.convert(said, Decision)


def vote_of(point: Point) -> Reason:
    """How a point fell, in votes where they are known."""
    for_, against, blank = point.votes or (0, 0, 0)
    return because("vote_fell", votes_for=for_, against=against, blank=blank)


def roster_of(seats: Iterable[Seat], body: Body) -> tuple[Id, ...]:
    """A body's members: its own, or the permanent seats of the agreement's version."""
    if body.members is not None:
        return body.members
    seated = (office for seat in seats if seat.permanent for office in seat.filled_by)
    return tuple(dict.fromkeys(seated))


def _body(run: Run, name: Id, on: date | None) -> Body:
    """The body as it was on the day; a body that came or went since is found too."""
    now = run.tx.council().register
    then = run.tx.register_on(on) if on is not None and on < run.today else now
    if name not in now.bodies and name not in then.bodies:
        raise NotFoundError(f"There is no body {name!r}. There are: {', '.join(now.bodies)}.")
    return then.bodies.get(name) or now.bodies[name]


def _unfit(run: Run, entry: Entry) -> Reason | None:
    if entry.on is not None and entry.on > run.today:
        return because("date_in_future", on=entry.on.isoformat(), today=run.today.isoformat())
    if not entry.ref:
        return because("needs_reference")
    return because("unknown_date_needs_reason") if entry.on is None and not entry.reason else None


def _attendance(run: Run, body: Body, sitting: Sitting, entry: Entry) -> Ballot:
    """Who was there: that day's roster, the persons on its seats, and the deputies who stepped in."""
    on, state = entry.on, run.tx.council()
    seats = run.tx.seats_on(on) if on is not None and on < run.today else state.seats
    roster = roster_of(seats, body)
    deputies = {seat: _deputy(state.holdings, seat, on) for seat in sitting.deputies}
    persons = _persons(state.holdings, roster, on)
    present = sitting.present
    if present == ALL:
        sat = Ballot(roster, roster, sitting.recused, deputies, persons)
        present = tuple(seat for seat in sat.entitled if persons is None or sat.sitter(seat))
    return Ballot(roster, present, sitting.recused, deputies, persons, rule=body.vote_rule)


def _persons(holdings: Holdings, roster: Iterable[Id], on: date | None) -> dict[Id, str] | None:
    """Who held each seat that day; vacant ones are left out, and None says that the day is unknown."""
    if on is None:
        return None
    return {seat: held.person for seat in roster if (held := holdings.of(seat, on))}


def _deputy(holdings: Holdings, seat: Id, on: date | None) -> str:
    held = holdings.deputy(seat, on) if on is not None else None
    if held is None:
        raise refused("decide", because("no_deputy", office=seat, on=on.isoformat() if on else None))
    return held.person


def _point(run: Run, body: Body, ballot: Ballot, point: PointVote, entry: Entry) -> dict[str, Json]:
    text, outcome = given("--point", parse_text, point.text), "carried" if point.carried else "fell"
    voted = msgspec.structs.replace(
        ballot, votes=point.votes, reserved=point.reserved, vetoed_by=point.vetoed_by, leader_for=point.leader_for
    )
    if fault := cannot_be(body.vote_rule, voted) or _casting_vote(run, body, voted, entry.on):
        raise refused("decide", fault)
    if point.votes is not None:
        outcome = "carried" if count(body.vote_rule, voted).met else "fell"
    return {
        "text": text, "outcome": outcome, "votes": list(point.votes) if point.votes else None,
        "reserved": list(point.reserved), "vetoed_by": list(point.vetoed_by), "leader_for": point.leader_for,
    }  # fmt: skip


def _casting_vote(run: Run, body: Body, ballot: Ballot, on: date | None) -> Reason | None:
    """A leader who did not vote breaks no tie; the leader votes as a member, perhaps through another office."""
    if ballot.leader_for is None or ballot.persons is None or on is None:
        return None
    leader = run.tx.council().holdings.of(body.leader, on)
    voted = {ballot.sitter(seat) for seat in ballot.voting}
    return None if leader and leader.person in voted else because("leader_did_not_vote", office=body.leader)
