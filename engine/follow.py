"""Following the log: what the newest events mean for reminders, and which letters they call for.

The log is the truth, so whatever must follow from it can follow a moment later and still be certain: a round reads the
events since the last one, plans the rungs of what is owed now, makes the letters, and keeps how far it has come, in
one transaction. A step therefore renders nothing, costs nothing more, and cannot fail because a letter would; and
whatever is killed in the middle begins again where the log was last followed to.

(The plan of the house had plans and letters written by the step itself. Measured, that is two more statements a step
for each duty and some milliseconds for each letter, inside the one lock of the council.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from msgspec.structs import replace

from engine.authority import keeper
from engine.calendar import local_date, parse_instant
from engine.chain import COUNCIL_CASE
from engine.definition import Letter
from engine.ladder import Audience, Duty, Progress, planned
from engine.ports import Owed, Recorded, Transaction
from engine.register import Id, Register
from engine.reminder import Plan
from engine.rulebook import Rules
from engine.situation import Command, Situation

NEW_RULES = "council.profile_set"


@dataclass(frozen=True, slots=True)
class Owing:
    """A letter that an event calls for, and the office it is owed to."""

    letter: Letter
    recorded: Recorded
    situation: Situation
    office: Id


@dataclass
class Follower:
    """Follows one council's log within a transaction. `today` is the local date of the round."""

    rules: Rules
    tx: Transaction
    today: date
    situated: Callable[[Command], Situation]

    def follow(self, most: int) -> Iterator[Owing]:
        """Plan what the next events of the log call for, at most so many, and tell the letters owed."""
        position, all_planned = self.tx.followed()
        if not all_planned:
            self.plan(self.tx.todo())
        events = self.tx.events_from(position, most)
        if not events and all_planned:
            return
        if any(recorded.event.type == NEW_RULES and recorded.event.n > 2 for recorded in events):  # noqa: PLR2004  # the first comes with the opening
            self.plan(self.tx.todo(), anew=True)
        for case, made in _touched(events).items():
            self._replan(case, local_date(parse_instant(made[-1].event.at)), anew=any(map(_changes_ladders, made)))
        self._put_off_agendas(events)
        yield from self._letters(events)
        self.tx.follow(position + len(events))

    def plan(self, owed: Iterable[Owed], *, anew: bool = False) -> None:
        """Plan everything that is owed and has no plan; with `anew`, all of it by the rules of today."""
        for case in dict.fromkeys(item.case for item in owed):
            self._replan(case, self.today, anew=anew)

    def _replan(self, case: str, known: date, *, anew: bool = False) -> None:
        """Bring a case's plans in line with what it owes now.

        `anew`: with the rules and offices it has now, too. Those above are then climbed again from the first rung: to
        whoever has been told already it is told already.
        """
        owed = {(item.name, item.office): item for item in self.tx.owed(case) if item.ladder != "none"}
        kept = {(plan.name, plan.office): plan for plan in self.tx.plans(case)}
        for name, office in kept.keys() - owed.keys():
            self.tx.drop_plan(case, name, office)
        for key, item in owed.items():
            plan = kept.get(key)
            if plan is None or plan.due != item.on:
                self._plan(item, known, None)
            elif anew or plan.ladder != item.ladder:
                self._plan(item, plan.known, replace(plan.progress, above=None))
            elif self.tx.snoozed(case, *key, item.on):
                self._plan(item, plan.known, plan.progress)

    def _plan(self, item: Owed, known: date, progress: Progress | None) -> None:
        """Plan the next rung of a duty; how far it was climbed before is told by the evidence.

        Where it is owed again after it was not, its owner is warned anew before anybody above is told.
        """
        case = self.tx.case(item.case)
        profile = self.rules.profile(self.tx, case.profile or self.tx.council().profile)
        ladder = profile.ladder(item.ladder)
        if ladder is None:
            return
        register, snoozed = self.tx.council().register, self.tx.snoozed(item.case, item.name, item.office, item.on)
        said = item.case, item.name, item.office, item.on
        climbed = progress or replace(self.tx.progress(*said), warned=None)
        above = above_of(register, item.office, case.offices.get("follow_up"))
        coming = planned(Duty(*said, ladder, known, above, snoozed), climbed, register.closed_days)
        self.tx.keep_plans((Plan(*said, item.ladder, known, climbed, coming),))

    def _letters(self, events: tuple[Recorded, ...]) -> Iterator[Owing]:
        """The letters that events call for."""
        for recorded in events:
            for letter in self._called_for(recorded):
                yield from self.owing(letter, recorded)

    def _put_off_agendas(self, events: tuple[Recorded, ...]) -> None:
        """What stood on the agenda of a meeting that will not be is to be put onto another one."""
        for recorded in events:
            workflow = self.rules.of_event(recorded.event)
            if workflow and workflow.agenda and recorded.event.data.get("to") in workflow.agenda.lost:
                self.tx.put_off_agenda(recorded.event.case)

    def owing(self, letter: Letter, recorded: Recorded) -> Iterator[Owing]:
        """To whom a letter is owed, as the case stands now; nobody where it no longer applies or was taken back."""
        event = recorded.event
        if self.tx.taken_back(recorded):
            return
        command = Command(workflow=event.workflow.partition("/")[0], step=letter.step, case=event.case)
        situation = self.situated(command)
        if any(guard(situation) is not True for guard in letter.only_if):
            return
        register = situation.council.register
        offices = dict.fromkeys(keeper(register, who) for who in letter.to.deciders(situation))
        yield from (Owing(letter, recorded, situation, office) for office in offices)

    def _called_for(self, recorded: Recorded) -> tuple[Letter, ...]:
        letters = letters_after(self.rules, recorded)
        return tuple(one for one in letters if not one.taken_in or recorded.event.data.get("from") in one.taken_in)


def above_of(register: Register, owner: Id, follow_up: Id | None) -> tuple[tuple[Audience, Id], ...]:
    """Whom a duty is escalated to; nobody is told as somebody above of what they owe themselves."""
    rising: tuple[tuple[Audience, Id | None], ...] = (
        ("follow_up", follow_up), ("secretariat", register.secretariat), ("leader", register.leader),
    )  # fmt: skip
    others = tuple((audience, office) for audience, office in rising if office and office != owner)
    return (*others, ("agenda", register.secretariat))


def letters_after(rules: Rules, recorded: Recorded) -> tuple[Letter, ...]:
    """The letters that its workflow has for an event; none where this program knows it not."""
    workflow = rules.of_event(recorded.event)
    return workflow.letters_after.get(recorded.event.type, ()) if workflow else ()


def _touched(events: Iterable[Recorded]) -> dict[str, list[Recorded]]:
    """The cases whose duties events may have changed, each with those events; a snooze touches another case."""
    touched: dict[str, list[Recorded]] = defaultdict(list)
    for recorded in events:
        snooze = recorded.event.data.get("snooze")
        case = str(snooze["case"]) if isinstance(snooze, dict) else recorded.event.case
        if case != COUNCIL_CASE:
            touched[case].append(recorded)
    return touched


def _changes_ladders(recorded: Recorded) -> bool:
    """Whether an event can change whom a case's duties are escalated to, or by which rules."""
    facts = recorded.event.data.get("facts")
    return recorded.event.type.endswith(".profile_applied") or (isinstance(facts, Mapping) and "offices" in facts)
