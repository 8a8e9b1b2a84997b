"""Snoozing: an office asks not to be reminded of a duty before a day. The duty stays, and so does every escalation.

Up to the due date an office may do so itself; beyond it only with the leader's consent [choice, time.md §3]: whoever
is over a deadline has had reminders for a month, and a longer quiet is a decision about the duty.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from engine.authority import registrars
from engine.entry import Entry, acting, append, refused
from engine.errors import NotFoundError, UsageError, because
from engine.event import Json
from engine.ports import Owed, Recorded
from engine.register import Id
from engine.run import Run


@dataclass(frozen=True, slots=True)
class Snooze:
    """Which duty, and until which local date its owner is left in peace; that day reminders begin again.

    `name` and `office` may be left out where only one duty of the case can be meant.
    """

    case: str
    until: date
    name: str | None = None
    office: Id | None = None


def snooze(run: Run, asked: Snooze, entry: Entry) -> Recorded:
    """Record that an office is not to be reminded of a duty before a day.

    Raises `NotFoundError` where nothing such is owed, `UsageError` for a day that is not to come, `Refused`.
    """
    duty = _meant(run, asked)
    if asked.until <= run.today:
        raise UsageError(f"--until {asked.until} is not to come. Name the day on which reminders begin again.")
    state = run.tx.council()
    decider = _decider(entry, duty, asked.until, state.register.leader)
    entry = acting(run, state, replace(entry, decider=decider), registrars(state, decider) | {decider})
    if entry.office != decider and not entry.ref:
        raise refused("snooze", because("registrar_needs_reference", decider=decider))
    data: dict[str, Json] = {
        "case": duty.case, "deadline": duty.name, "office": duty.office, "due": duty.on.isoformat(),
        "until": asked.until.isoformat(),
    }  # fmt: skip
    return append(run, state, "snoozed", {"snooze": data}, entry)


def _decider(entry: Entry, duty: Owed, until: date, leader: Id) -> Id:
    """Who asks for quiet: the office that owes it, or the leader. Raises `Refused`."""
    decider = entry.decider or duty.office
    if decider not in {duty.office, leader}:
        raise refused("snooze", because("snooze_of_another", office=duty.office, holder=leader))
    if until > duty.on and decider != leader:
        raise refused("snooze", because("snooze_needs_leader", on=duty.on.isoformat(), holder=leader))
    return decider


def _meant(run: Run, asked: Snooze) -> Owed:
    """The one duty that is meant. Raises `UsageError` where nothing is owed or several things are, `NotFoundError`."""
    owed = run.tx.owed(run.tx.case(asked.case).id)
    meant = [d for d in owed if asked.name in {None, d.name} and asked.office in {None, d.office}]
    listed = ", ".join(f"{duty.name} ({duty.office})" for duty in owed)
    if not owed:
        raise UsageError(f"{asked.case} owes nothing; there is nothing to put off.")
    if not meant:
        raise NotFoundError(f"{asked.case} does not owe that. It owes: {listed}.")
    if len(meant) > 1:
        raise UsageError(f"{asked.case} owes several things: {listed}. Say which with --deadline and --owner.")
    return meant[0]
