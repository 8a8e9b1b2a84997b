"""Reminding: the rungs whose day has come are climbed, and what is to be told goes into one letter a day.

Two halves, so that neither can lose what the other has done. *Climbing* turns plans whose day has come into evidence:
what is to be told to which office, what was overtaken, and the next plan. *Telling* gathers what is to be told by the
person who is reached today, and puts it into one digest of their own duties and one letter of what is escalated to
them, never more than one of each a day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from itertools import islice

from msgspec.structs import replace

from engine.addressing import Directory
from engine.follow import above_of
from engine.ladder import Call, Duty, climb
from engine.letter import Collected, Line, Recipient
from engine.ports import Owed, Reader, Transaction
from engine.register import Id
from engine.reminder import OVERTAKEN, Come, Pending, Plan, Told
from engine.rulebook import Rules

DIGEST, ESCALATION = "digest", "escalation"

MANY = 20
"""Offices to tell from which on their holders are read at once, and not one by one."""
AT_ONCE = 50
"""Persons for whom what they are to be told is read at once; of more, some may get their letters in the next piece."""
MOST_NAMES = 1_000
"""Characters of names in a letter's key; PostgreSQL indexes no text beyond 2,704 bytes."""

SameDuty = tuple[str, str, str, date]


@dataclass(frozen=True, slots=True)
class Bundle:
    """What one person is told in one letter: its kind, its lines, and the rungs it tells."""

    kind: str
    collected: Collected
    rungs: tuple[Told, ...]

    @property
    def told(self) -> frozenset[tuple[Id, bool]]:
        """The offices it tells, each as the owner or as somebody above."""
        return frozenset((told.office, told.audience == "owner") for told in self.rungs)

    @property
    def offices(self) -> str:
        """The offices it tells, for its key; what stands for them where they are many, since an index takes no more."""
        names = ",".join(sorted({told.office for told in self.rungs}))
        return names if len(names) <= MOST_NAMES else sha256(names.encode()).hexdigest()


def climb_due(rules: Rules, tx: Transaction, today: date, most: int) -> int:
    """Climb at most so many ladders whose rung has come by a local date; how many there were."""
    come = tx.come(today, most)
    told, plans, closed = list[Told](), list[Plan](), tx.council().register.closed_days
    for found in come:
        duty = duty_of(rules, tx, found)
        if duty is None:
            tx.drop_plan(found.plan.case, found.plan.name, found.plan.office)
            continue
        climbed = climb(duty, found.plan.progress, today, closed)
        told += (_told(duty, call, today) for call in climbed.calls)
        plans.append(replace(found.plan, progress=climbed.progress, coming=climbed.coming))
    tx.keep_told(told)
    tx.keep_plans(plans)
    return len(come)


def bundles(tx: Transaction, directory: Directory) -> Iterator[Bundle]:
    """What is to be told today, a bundle for each letter; whom nobody can reach waits, and so does a second letter."""
    left = iter(_by_person(tx, directory).items())
    while some := dict(islice(left, AT_ONCE)):
        had = tx.digested(some, directory.today)
        untold = tx.untold(office for reached in some.values() for office in reached)
        for person, reached in some.items():
            entries = list(_entries(tx, directory, reached, untold))
            for kind in (DIGEST, ESCALATION):
                mine = [entry for entry in entries if _kind(*entry) == kind]
                if mine and (person, kind) not in had:
                    yield _bundle(kind, mine, tx, directory)


def _by_person(tx: Transaction, directory: Directory) -> Mapping[str, Mapping[Id, Recipient]]:
    """The offices that are to be told something, by the person who is reached today."""
    found: dict[str, dict[Id, Recipient]] = defaultdict(dict)
    offices = tx.untold_offices()
    if len(offices) > MANY:
        directory.read_everybody()
    for office in offices:
        recipient = directory.recipient(office)
        if recipient is not None and recipient.person is not None:
            found[recipient.person][office] = recipient
    return found


def _entries(
    tx: Transaction, directory: Directory, reached: Mapping[Id, Recipient], untold: Mapping[Id, Sequence[Pending]]
) -> Iterator[tuple[Recipient, Pending]]:
    """What a person is to be told through these offices. Nobody is told as somebody above of what they owe."""
    for office, recipient in reached.items():
        for pending in untold.get(office, ()):
            if _is_their_own(pending.told, recipient, directory):
                tx.supersede(pending.told, OVERTAKEN)
            else:
                yield recipient, pending


def _is_their_own(told: Told, recipient: Recipient, directory: Directory) -> bool:
    """Whether a rung for somebody above reaches, in another office, the very person who owes it."""
    if told.audience in {"owner", "agenda"}:
        return False
    owner = directory.recipient(told.owner)
    return owner is not None and owner.detour is None and owner.person == recipient.person


def _kind(recipient: Recipient, pending: Pending) -> str:
    """A reader's own duties are a digest; what is escalated, or meant for an office nobody reaches, is not theirs."""
    own = pending.told.audience == "owner" and recipient.detour is None
    return DIGEST if own else ESCALATION


def _bundle(kind: str, entries: Iterable[tuple[Recipient, Pending]], tx: Transaction, directory: Directory) -> Bundle:
    """One letter's worth: of several rungs of the same duty the highest is told, the others are overtaken."""
    highest: dict[SameDuty, tuple[Recipient, Pending]] = {}
    for recipient, pending in sorted(entries, key=lambda entry: entry[1].told.rung):
        if (lower := highest.get(_same(pending.told))) is not None:
            tx.supersede(lower[1].told, OVERTAKEN)
        highest[_same(pending.told)] = (recipient, pending)
    recipient, register = next(iter(highest.values()))[0], tx.council().register
    pendings = sorted((pending for _, pending in highest.values()), key=lambda pending: pending.told.due)
    lines = tuple(_line(pending, recipient, directory) for pending in pendings)
    council = directory.title(register.council, recipient.language)
    secretariat = directory.title(register.secretariat, recipient.language)
    collected = Collected(lines, recipient, directory.today, council, secretariat)
    return Bundle(kind, collected, tuple(pending.told for pending in pendings))


def _line(pending: Pending, recipient: Recipient, directory: Directory) -> Line:
    told = pending.told
    owed = Owed(
        told.case, told.name, told.owner, told.due, None, "", pending.workflow, pending.state, pending.title,
    )  # fmt: skip
    late = (directory.today - told.due).days
    return Line(owed, told.rung, told.audience, late, directory.title(told.owner, recipient.language))


def _told(duty: Duty, call: Call, today: date) -> Told:
    """The evidence of a rung that was climbed."""
    return Told(
        duty.case, duty.name, duty.owner, duty.due, call.rung, call.office, call.audience, today,
        "superseded" if call.overtaken else "due", OVERTAKEN if call.overtaken else None,
    )  # fmt: skip


def _same(told: Told) -> SameDuty:
    return told.case, told.name, told.owner, told.due


def duty_of(rules: Rules, reader: Reader, come: Come) -> Duty | None:
    """What a plan is a rung of; None where nobody is reminded of it any more."""
    plan, register = come.plan, reader.council().register
    ladder = rules.profile(reader, come.profile).ladder(plan.ladder)
    if ladder is None:
        return None
    above = above_of(register, plan.office, come.follow_up)
    return Duty(plan.case, plan.name, plan.office, plan.due, ladder, plan.known, above, come.snoozed)
