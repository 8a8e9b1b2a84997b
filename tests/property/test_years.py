"""Up to five years with outages, changes of office, moved deadlines and duties done: nobody is told too much or late.

Hypothesis draws what people do and how long the clock sleeps; in between it jumps from one due instant to the next, as
`politirad simulate` does, while the real outbox and delivery work.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.ahead import next_instant, unrendered
from engine.calendar import in_office_hours, local_date, next_working_day
from engine.errors import NotFoundError, Refused
from engine.ladder import Ladder
from tests.letterbox import Letterbox
from tests.world import COUNCIL
from workflows.letters.subjects import SubjectWriter

if TYPE_CHECKING:
    from engine.outbox import Posted
    from engine.reminder import Told

LEADER = "leder_regionrad"
CHANGING = ("kommunedirektor_melhus", "kommunedirektor_roros", "slt_melhus")
"""The offices that change hands: those of whoever carries the measures out and follows them up."""
END = date(2023, 10, 1)
ONE_DAY = timedelta(days=1)


PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Without shrinking, which would take minutes for years like these."""


@dataclass(frozen=True)
class Stretch:
    """So many days the clock works, so many it sleeps; then somebody acts, on a measure or an office by its number."""

    awake: int
    asleep: int
    act: str
    which: int
    days: int


STRETCHES = st.lists(
    st.builds(
        Stretch,
        awake=st.integers(1, 240),
        asleep=st.sampled_from([0, 0, 1, 9, 60]),
        act=st.sampled_from(["move", "move", "hand over", "leave", "implement", "propose"]),
        which=st.integers(0, 2),
        days=st.integers(-40, 120),
    ),
    min_size=3,
    max_size=9,
)


@dataclass
class Years:
    """A council whose clock jumps, and the days on which it was awake in office hours."""

    box: Letterbox
    awake: list[date] = field(default_factory=list)
    persons: int = 0

    def live(self, stretch: Stretch) -> None:
        """Let a stretch of time pass, then act."""
        clock = self.box.world.clock
        ends = clock.instant + timedelta(days=stretch.awake)
        while clock.instant < ends and self.today < END:
            turned = self.box.clockwork.turn()
            assert not turned.done.failed
            if in_office_hours(clock.instant):
                self.awake.append(self.today)
            clock.instant = next_instant(self.box.world.store, clock.instant)
        clock.instant += timedelta(days=stretch.asleep)
        with suppress(Refused, NotFoundError):  # such as a measure nobody has proposed yet
            self.act(stretch)

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
            case "leave" if self.held(office):
                self.box.vacate(office, str(self.today - ONE_DAY))
            case "implement":
                take("measure", "implement", case, decider=self.implementer(case), done="Gjort.")
            case "propose":
                self.box.measure(day)
            case _:
                pass

    def hand_over(self, office: str) -> None:
        """Somebody new takes an office over today."""
        self.persons += 1
        person, address = f"p_ny{self.persons}", f"ny{self.persons}@example.no"
        if self.held(office):
            self.box.move_in(office, person, str(self.today), address)
        else:
            self.box.introduce(person, address)
            self.box.world.fill(office, person, self.today)

    def implementer(self, case: str) -> str:
        """Who is to carry a measure out."""
        return self.box.world.case(case).offices["implementer"]

    def held(self, office: str) -> bool:
        """Whether somebody holds an office today."""
        return self.holder(office, self.today) is not None

    def holder(self, office: str, day: date) -> str | None:
        """Who holds an office on a day."""
        with self.box.world.store.read(COUNCIL) as reader:
            holding = reader.council().holdings.of(office, day)
        return holding.person if holding else None

    @property
    def today(self) -> date:
        """The local date."""
        return local_date(self.box.world.clock.instant)

    def first_awake(self, day: date) -> date:
        """The first day from one on, on which the clock was awake in office hours."""
        return next((one for one in self.awake if one >= day), date.max)


@given(stretches=STRETCHES)
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True, phases=PHASES)
def test_through_the_years_everybody_is_told_in_time_and_nobody_too_often(stretches: list[Stretch]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        years = begun(Path(folder))
        for stretch in stretches:
            years.live(stretch)
        sent = years.box.letters("digest") + years.box.letters("escalation")
        nothing_goes_twice(years.box)
        nobody_gets_two_of_a_kind_a_day([letter for letter in sent if letter.stage == "sent"])
        nothing_goes_outside_office_hours(years.box)
        only_holders_are_written_to(years)
        the_leader_learns_of_what_is_overdue(years)
        years.box.world.store.close()


def begun(folder: Path) -> Years:
    """October 2018: an agreement in force and two measures under way; letters are worded in their subjects alone."""
    box = Letterbox(folder)
    box.world.in_force()
    box.measure("2019-01-05")
    box.measure("2019-06-17", title="Lys", implementer="kommunedirektor_roros")
    box.stationery = replace(box.stationery, writer=SubjectWriter(), render=unrendered)
    box.clockwork = box.with_mailer(box.mail)
    return Years(box)


def nothing_goes_twice(box: Letterbox) -> None:
    """No letter is handed to the mailer twice, and no rung stands in two letters."""
    assert max(Counter(mail.message_id for mail in box.mail.sent).values(), default=0) <= 1
    told = [(t.case, t.name, t.owner, t.due, t.rung, t.office) for t in evidence(box)]
    assert max(Counter(told).values(), default=0) <= 1


def nobody_gets_two_of_a_kind_a_day(daily: list[Posted]) -> None:
    """One reminder of one's own duties, and one letter of others', at most."""
    gone = Counter((letter.person, letter.kind, local_date(letter.changed)) for letter in daily)
    assert max(gone.values(), default=0) <= 1


def nothing_goes_outside_office_hours(box: Letterbox) -> None:
    """Working days, seven to four."""
    assert all(in_office_hours(letter.changed) for letter in box.letters() if letter.stage == "sent")


def only_holders_are_written_to(years: Years) -> None:
    """Whoever gets a letter holds its office that day, or the one that sees to it instead."""
    for letter in (letter for letter in years.box.letters() if letter.stage == "sent"):
        day = local_date(letter.changed)
        offices = (letter.office, "politiradssekretar", LEADER)
        assert letter.person in {years.holder(office, day) for office in offices}, letter


def the_leader_learns_of_what_is_overdue(years: Years) -> None:
    """Within the ladder's days, once the owner has had a working day; an outage puts it off to its end."""
    raised = {(t.case, t.due): t for t in evidence(years.box) if t.audience == "leader" and t.name == "implement"}
    for case, due, warned in warnings(years.box):
        late = years.first_awake(next_working_day(max(due + timedelta(days=Ladder().leader), warned + ONE_DAY)))
        if (case, due) in raised:
            assert raised[case, due].day == late
            assert raised[case, due].fate == "told"
        elif years.today > late:
            assert (case, due) not in still_owed(years.box), (case, due, warned, late)


def warnings(box: Letterbox) -> list[tuple[str, date, date]]:
    """Each measure's deadline whose owner was warned on the day or after, and when first."""
    first: dict[tuple[str, date], date] = {}
    for told in evidence(box):
        if (told.name, told.audience) == ("implement", "owner") and told.rung >= 0:
            first[told.case, told.due] = min(told.day, first.get((told.case, told.due), date.max))
    return [(case, due, day) for (case, due), day in first.items()]


def still_owed(box: Letterbox) -> set[tuple[str, date]]:
    """The measures to be carried out, and by when."""
    with box.world.store.read(COUNCIL) as reader:
        return {(item.case, item.on) for item in reader.todo() if item.name == "implement"}


def evidence(box: Letterbox) -> list[Told]:
    """Every rung that was climbed."""
    with box.world.store.read(COUNCIL) as reader:
        return [told for case in reader.cases() for told in reader.evidence(case.id)]
