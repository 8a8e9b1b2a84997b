"""Five years with outages, changes of office, moved deadlines and duties done: nobody is told too much or late.

Hypothesis draws what people do, how long the clock sleeps and how long no mail is taken.
"""

from __future__ import annotations

import tempfile
from bisect import bisect_left
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.calendar import in_office_hours, local_date, next_working_day, previous_working_day
from engine.ladder import Ladder
from tests.years import END, ONE_DAY, Owing, Stretch, Years, begun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.outbox import Posted
    from engine.reminder import Told
    from tests.years import Deadline

LEADER = "leder_regionrad"
OVERDUE = timedelta(days=Ladder().leader)

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Without shrinking, which would take minutes for years like these."""

STRETCHES = st.lists(
    st.builds(
        Stretch,
        awake=st.integers(60, 200),
        muted=st.sampled_from([0, 1, 5, 15, 25]),
        outage=st.sampled_from(["unreachable", "unreachable", "deferred"]),
        asleep=st.sampled_from([0, 0, 1, 9, 60]),
        act=st.sampled_from(["move", "move", "hand over", "leave", "implement", "propose"]),
        which=st.integers(0, 2),
        days=st.integers(-40, 90),
    ),
    min_size=5,
    max_size=12,
)


@given(stretches=STRETCHES)
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True, phases=PHASES)
def test_through_five_years_everybody_is_told_in_time_and_nobody_too_often(stretches: list[Stretch]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        years = begun(Path(folder))
        years.live(stretches)
        assert years.now == END
        made, told = years.box.letters(), years.evidence()
        letters = [letter for letter in made if letter.stage == "sent"]
        nothing_goes_twice(years, told)
        what_was_told_is_on_its_way(made, told)
        nobody_gets_two_of_a_kind_a_day(letters)
        nothing_goes_outside_office_hours(letters)
        only_holders_are_written_to(years, letters)
        nobody_above_is_told_too_early(told)
        the_leader_learns_in_time_of_what_is_overdue(years, letters, told)
        years.box.world.store.close()


def nothing_goes_twice(years: Years, told: list[Told]) -> None:
    """No letter is taken from us twice, and no rung stands in two letters."""
    assert max(Counter(mail.message_id for mail in years.box.mail.sent).values(), default=0) <= 1
    rungs = [(t.case, t.name, t.owner, t.due, t.rung, t.office) for t in told]
    assert max(Counter(rungs).values(), default=0) <= 1


def what_was_told_is_on_its_way(made: list[Posted], told: list[Told]) -> None:
    """Every rung that was told stands in a letter that went out or still waits, whatever outages it had to outlive."""
    stages = {letter.number: letter.stage for letter in made}
    assert [t for t in told if t.fate == "told" and stages[t.letter or 0] not in {"sent", "pending"}] == []


def nobody_gets_two_of_a_kind_a_day(letters: list[Posted]) -> None:
    """One reminder of one's own duties, and one letter of others', at most."""
    daily = [letter for letter in letters if letter.kind in {"digest", "escalation"}]
    gone = Counter((letter.person, letter.kind, local_date(letter.changed)) for letter in daily)
    assert max(gone.values(), default=0) <= 1


def nothing_goes_outside_office_hours(letters: list[Posted]) -> None:
    """Working days, seven to four."""
    assert all(in_office_hours(letter.changed) for letter in letters)


def only_holders_are_written_to(years: Years, letters: list[Posted]) -> None:
    """Whoever gets a letter holds its office when it goes, or the one that sees to it instead."""
    for letter in letters:
        offices = (letter.office, "politiradssekretar", LEADER)
        assert letter.person in {years.held_by(office, letter.changed) for office in offices}, letter


def nobody_above_is_told_too_early(told: list[Told]) -> None:
    """The leader hears of nothing before its day, nor before its owner has had a day to act on a warning."""
    for high in (t for t in told if t.audience == "leader"):
        own = [t for t in told if (t.case, t.name, t.due, t.audience) == (high.case, high.name, high.due, "owner")]
        assert high.day >= next_working_day(high.due + timedelta(days=high.rung))
        assert any(t.rung >= 0 and t.day < high.day for t in own), high


def the_leader_learns_in_time_of_what_is_overdue(years: Years, letters: list[Posted], told: list[Told]) -> None:
    """Of every deadline that is owed for so long; an outage puts it off to its end."""
    reached = days_reached(years, letters, told)
    awake, with_mail = years.awake_days(), years.days_with_mail()
    for owing in years.deadlines():
        day = first_from(with_mail, latest_escalation(owing, awake))
        if day < min(owing.until, years.today):
            assert reached.get(owing.deadline, date.max) <= day, (owing, day)


def days_reached(years: Years, letters: list[Posted], told: list[Told]) -> dict[Deadline, date]:
    """The day on which the leader got the letter that tells of a measure."""
    leader = years.holder(LEADER, years.today)
    sent = {letter.number: local_date(letter.changed) for letter in letters if letter.person == leader}
    escalated = (t for t in told if (t.name, t.audience) == ("implement", "leader"))
    return {(t.case, t.due): sent[t.letter] for t in escalated if t.letter in sent}


def latest_escalation(owing: Owing, awake: Sequence[date]) -> date:
    """The day by which a deadline is told to the leader: its own, or the one after its owner's warning.

    The owner of what came on record too late to be warned on its last day is warned within a week, and not at once.
    """
    (_, due), last = owing.deadline, previous_working_day(owing.deadline[1])
    late = next_working_day(max(due + timedelta(days=7), owing.since + ONE_DAY))
    warned = first_from(awake, last if owing.since <= last else late)
    return date.max if warned == date.max else first_from(awake, next_working_day(max(due + OVERDUE, warned + ONE_DAY)))


def first_from(days: Sequence[date], day: date) -> date:
    """The first of some days from one on, or the end of days."""
    at = bisect_left(days, day)
    return days[at] if at < len(days) else date.max
