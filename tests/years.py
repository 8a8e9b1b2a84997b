"""Five years of a council in tests: its clock jumps, sleeps, is without mail; people act meanwhile; all is noted.

In between it jumps from one due instant to the next, as `politirad simulate` does, while the real outbox and delivery
work. Letters are worded in their subjects alone.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import cycle
from typing import TYPE_CHECKING, Literal, TypeAlias

from engine.ahead import next_instant, unrendered
from engine.calendar import CLOSES, OPENS, instant_of, is_working_day, local_date
from engine.errors import NotFoundError, Refused
from engine.letter import Delivery
from tests.letterbox import TAKEN, Letterbox
from tests.world import COUNCIL
from workflows.letters.subjects import SubjectWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from engine.reminder import Told

OWNER = "kommunedirektor_melhus"
CHANGING = (OWNER, "kommunedirektor_roros", "slt_melhus")
"""The offices that change hands: those of whoever carries the measures out and follows them up."""
END = datetime(2023, 10, 4, 10, tzinfo=UTC)
"""Five years after the beginning."""
ONE_DAY = timedelta(days=1)

Outage: TypeAlias = Literal["unreachable", "deferred"]
Deadline: TypeAlias = tuple[str, date]
"""A measure and the day by which it is to be carried out."""


@dataclass(frozen=True)
class Stretch:
    """So many days of work; so many more in which no mail is taken, and why; so many asleep. Then somebody acts.

    It is done to a measure or an office, by its number, and with a day so many days from then.
    """

    awake: int
    muted: int
    outage: Outage
    asleep: int
    act: str
    which: int
    days: int


@dataclass(frozen=True)
class Span:
    """From when to when the clock was awake, and whether mail was taken."""

    since: datetime
    until: datetime
    mail: bool

    def days(self) -> Iterator[date]:
        """Its working days, those included of which it has but an hour in which offices are open."""
        for number in range(local_date(self.since).toordinal(), local_date(self.until).toordinal() + 1):
            day = date.fromordinal(number)
            if is_working_day(day) and self.since < instant_of(day, CLOSES) and instant_of(day, OPENS) < self.until:
                yield day

    def takes_mail_from_morning(self, day: date) -> bool:
        """Whether mail is taken when offices open."""
        return self.mail and self.since <= instant_of(day, OPENS)


@dataclass(frozen=True)
class Owing:
    """A deadline, and from which day until which it was owed."""

    deadline: Deadline
    since: date
    until: date = date.max


@dataclass
class Years:
    """A council whose clock jumps; when it was awake, what was owed, and when in its day an office changed hands."""

    box: Letterbox
    spans: list[Span] = field(default_factory=list)
    owed: dict[Deadline, date] = field(default_factory=dict)
    past: list[Owing] = field(default_factory=list)
    changed: dict[tuple[str, date], datetime] = field(default_factory=dict)
    persons: int = 0

    def live(self, stretches: Iterable[Stretch]) -> None:
        """Let five years pass; what is drawn for them comes again and again."""
        for stretch in cycle(stretches):
            self.note()
            self.turn_for(stretch.awake, TAKEN)
            self.turn_for(stretch.muted, Delivery(stretch.outage, "451 not now"))
            if self.now >= END:
                return
            self.box.world.clock.instant = min(self.now + timedelta(days=stretch.asleep), END)
            with suppress(Refused, NotFoundError):  # such as a measure that is done
                self.act(stretch)

    def turn_for(self, days: int, answer: Delivery) -> None:
        """Let days pass, in which the mailer answers every letter alike."""
        clock, since = self.box.world.clock, self.now
        ends, self.box.mail.answer = min(since + timedelta(days=days), END), answer
        while clock.instant < ends:
            assert not self.box.clockwork.turn().done.failed
            clock.instant = min(next_instant(self.box.world.store, clock.instant), ends)
        self.spans.append(Span(since, max(ends, since), answer == TAKEN))

    def note(self) -> None:
        """Keep which measures are owed now, and which no more."""
        with self.box.world.store.read(COUNCIL) as reader:
            owed = {(item.case, item.on) for item in reader.todo() if item.name == "implement"}
        self.past += [Owing(done, self.owed.pop(done), self.today) for done in self.owed.keys() - owed]
        self.owed |= dict.fromkeys(owed - self.owed.keys(), self.today)

    def deadlines(self) -> list[Owing]:
        """Every deadline of a measure that there was, and is."""
        return self.past + [Owing(deadline, since) for deadline, since in self.owed.items()]

    def act(self, stretch: Stretch) -> None:
        """What somebody does."""
        case, day = f"M-{1 + stretch.which}", (self.today + timedelta(days=stretch.days)).isoformat()
        office, take = CHANGING[stretch.which], self.box.world.take
        match stretch.act:
            case "move":
                decision = self.box.world.decide("Fristen flyttes.", body="politiradet", on=self.today)
                take(
                    "measure", "move_deadline", case, decider="politiradet", decision=decision, deadline=day, reason="X"
                )
            case "hand over":
                self.hand_over(office)
            case "leave" if self.holder(office, self.today):
                self.changed[office, self.today] = self.now
                self.box.vacate(office, str(self.today - ONE_DAY))
            case "implement":
                implementer = self.box.world.case(case).offices["implementer"]
                take("measure", "implement", case, decider=implementer, done="Gjort.")
            case "propose":
                self.box.measure(day)
            case _:
                pass

    def hand_over(self, office: str) -> None:
        """Somebody new takes an office over today."""
        self.persons += 1
        person, address = f"p_ny{self.persons}", f"ny{self.persons}@example.no"
        self.changed[office, self.today] = self.now
        if self.holder(office, self.today):
            self.box.move_in(office, person, str(self.today), address)
        else:
            self.box.introduce(person, address)
            self.box.world.fill(office, person, self.today)

    def holder(self, office: str, day: date) -> str | None:
        """Who holds an office on a day."""
        with self.box.world.store.read(COUNCIL) as reader:
            holding = reader.council().holdings.of(office, day)
        return holding.person if holding else None

    def held_by(self, office: str, instant: datetime) -> str | None:
        """Who held an office at an instant, as far as anybody knew then."""
        day = local_date(instant)
        return self.holder(office, day - ONE_DAY if instant < self.changed.get((office, day), instant) else day)

    def evidence(self) -> list[Told]:
        """Every rung that was climbed."""
        with self.box.world.store.read(COUNCIL) as reader:
            return [told for case in reader.cases() for told in reader.evidence(case.id)]

    @property
    def now(self) -> datetime:
        """The instant."""
        return self.box.world.clock.instant

    @property
    def today(self) -> date:
        """The local date."""
        return local_date(self.now)

    def awake_days(self) -> list[date]:
        """The working days on which the clock was awake, in order."""
        return sorted({day for span in self.spans for day in span.days()})

    def days_with_mail(self) -> list[date]:
        """The working days on which the clock was awake and mail was taken, both from the morning on, in order."""
        return sorted({day for span in self.spans for day in span.days() if span.takes_mail_from_morning(day)})


def begun(folder: Path) -> Years:
    """October 2018: an agreement in force and three measures under way."""
    box = Letterbox(folder)
    box.world.in_force()
    box.measure("2019-01-05")
    box.measure("2019-06-17", title="Lys", implementer="kommunedirektor_roros")
    box.measure("2019-06-24", title="Vakter", follow_up="slt_roros")
    with box.world.store as kept:
        box.world.store = kept.copy_to(folder / "years.db")  # one to throw away, which waits for no disk
    box.world.service = replace(box.world.service, store=box.world.store)
    box.stationery = replace(box.stationery, writer=SubjectWriter(), render=unrendered)
    box.clockwork = box.with_mailer(box.mail)
    return Years(box)
