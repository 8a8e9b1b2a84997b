"""The council's year under another profile: two meetings a year, evaluation in spring, or across New Year."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from engine.correction import correct
from tests.desk import Desk
from tests.refusing import refusal
from tests.seasons import (
    FOLLOW_UP,
    FOUND,
    LEADER,
    SECRETARIAT,
    due,
    held,
    implemented,
    owed,
    planned,
    recommended,
    tick_at,
    tick_on,
    two_meetings_and_spring,
)
from tests.world import COUNCIL, World
from workflows.agreement import AGREEMENT
from workflows.due import season
from workflows.profile import Profile
from workflows.year import YEAR

if TYPE_CHECKING:
    from pathlib import Path

    from engine.ports import Recorded


@pytest.fixture
def council(tmp_path: Path) -> World:
    """A council with two meetings a year and evaluation in spring, in January 2027."""
    world = two_meetings_and_spring(tmp_path)
    tick_on(world, "2027-01-04")
    return world


def events(world: World, case: str) -> list[Recorded]:
    """The events of a case."""
    with world.store.read(COUNCIL) as reader:
        return list(reader.events(case))


def test_the_year_is_opened_at_midnight_in_oslo_on_new_years_day(tmp_path: Path) -> None:
    world = two_meetings_and_spring(tmp_path)
    tick_at(world, "2026-12-31T22:59:59")
    assert "Y-2027" not in Desk(world).does("list --workflow year --all")
    tick_at(world, "2026-12-31T23:00:00")
    assert world.state("Y-2027") == "running"


def test_a_missing_date_is_alerted_and_escalated_while_only_one_of_two_meetings_has_one(council: World) -> None:
    planned(council, "2027-06-10")
    missing = owed(council, "Y-2027")
    assert (missing["meeting_date"].on, missing["meeting_date"].office) == (date(2027, 5, 1), SECRETARIAT)
    assert (missing["meeting_date_leader"].on, missing["meeting_date_leader"].office) == (date(2027, 9, 1), LEADER)
    second = planned(council, "2027-11-10")
    assert not {"meeting_date", "meeting_date_leader"} & set(owed(council, "Y-2027"))
    council.take("meeting", "cancel", second, decider=LEADER, reason="Kollisjon")
    assert {"meeting_date", "meeting_date_leader"} <= set(owed(council, "Y-2027"))


@pytest.mark.parametrize(("day", "state"), [("2027-03-02", "evaluating"), ("2027-06-01", "reporting")])
def test_a_missing_date_is_alerted_in_whatever_state_the_year_is(council: World, day: str, state: str) -> None:
    planned(council, "2027-02-10")
    implemented(council)
    tick_on(council, "2027-03-02")
    if state == "reporting":
        council.take("measure", "evaluate", "M-1", decider=FOLLOW_UP, **FOUND)
    tick_on(council, day)
    assert council.state("Y-2027") == state
    assert {"meeting_date", "meeting_date_leader", "breach"} <= set(owed(council, "Y-2027"))


@pytest.mark.parametrize("year", [2027, 2028], ids=["31 December is a Friday", "31 December is a Sunday"])
def test_a_breach_is_recorded_when_the_new_year_begins_in_oslo_and_not_a_second_before(
    council: World, year: int
) -> None:
    tick_on(council, f"{year}-01-15")
    held(council, f"{year}-02-10")
    tick_at(council, f"{year}-12-31T22:59:59")
    assert "breach" not in council.case(f"Y-{year}").facts
    tick_at(council, f"{year}-12-31T23:00:00")
    assert council.case(f"Y-{year}").facts["breach"] == {"held": 1, "agreed": 2}
    assert council.state(f"Y-{year}") == "reporting"


def test_a_breach_is_not_rolled_over_into_the_next_year(council: World) -> None:
    tick_on(council, "2028-01-10")
    held(council, "2028-02-10")
    for day in ("2028-04-10", "2028-06-10"):
        held(council, day)
    tick_on(council, "2029-01-10")
    assert council.case("Y-2027").facts["breach"] == {"held": 0, "agreed": 2}
    assert "breach" not in council.case("Y-2028").facts
    assert "breach" in owed(council, "Y-2029")


def test_once_a_breach_is_recorded_nobody_owes_that_years_meetings_any_more(council: World) -> None:
    tick_on(council, "2028-01-01")
    assert set(owed(council, "Y-2027")) == {"report"}


def test_a_meeting_registered_late_lets_the_breach_be_lifted_after_the_year_has_reported(council: World) -> None:
    held(council, "2027-02-10")
    case = planned(council, "2027-10-10")
    council.take("meeting", "summon", case)
    tick_on(council, "2028-01-02")
    council.take("year", "report", "Y-2027")
    council.take("meeting", "hold", case, on=date(2027, 10, 10), present=(FOLLOW_UP,))
    council.take("year", "lift_breach", "Y-2027", reason="Var avholdt")
    assert council.case("Y-2027").facts["breach_lifted"] == "2028-01-02"


def test_the_season_begins_on_its_day_with_what_is_to_be_evaluated_and_what_is_not_done(council: World) -> None:
    done, left = implemented(council), recommended(council, "Øvelse")
    council.measure(title="Bare foreslått")
    tick_on(council, "2027-02-28")
    assert council.state("Y-2027") == "running"
    tick_on(council, "2027-03-01")
    facts = council.case("Y-2027").facts
    assert (council.state("Y-2027"), facts["to_evaluate"], facts["not_implemented"]) == ("evaluating", [done], [left])
    assert due(council, done) == {"evaluate": "2027-05-31"}
    assert owed(council, done)["evaluate"].office == FOLLOW_UP
    assert owed(council, "Y-2027")["evaluate"].office == FOLLOW_UP


def test_the_lists_tell_what_the_season_began_with_whatever_happens_later(council: World) -> None:
    done, left = implemented(council), recommended(council, "Øvelse")
    tick_on(council, "2027-03-01")
    council.take("measure", "evaluate", done, decider=FOLLOW_UP, **FOUND)
    n = next(e.event.n for e in events(council, "Y-2027") if e.event.type == "year.evaluation_started")
    entry = council.entry(reason="Feil dato")
    council.register(lambda run: correct(run, "Y-2027", n, {"on": "2027-02-28"}, entry))
    facts = council.case("Y-2027").facts
    assert (facts["to_evaluate"], facts["not_implemented"]) == ([done], [left])


def test_what_is_carried_out_in_august_is_evaluated_next_spring_and_blocks_nothing_before(council: World) -> None:
    tick_on(council, "2027-05-31")
    assert council.state("Y-2027") == "reporting"
    tick_on(council, "2027-08-20")
    case = implemented(council)
    assert due(council, case) == {"evaluate": "2028-05-31"}
    tick_on(council, "2028-03-01")
    assert council.case("Y-2028").facts["to_evaluate"] == [case]
    assert "to_evaluate" not in council.case("Y-2027").facts


def test_a_late_season_waits_for_what_was_carried_out_by_its_last_day_and_for_nothing_later(council: World) -> None:
    first = implemented(council)
    tick_on(council, "2027-06-10")
    implemented(council, "Etterpå")
    assert council.state("Y-2027") == "evaluating"
    council.take("measure", "evaluate", first, decider=FOLLOW_UP, **FOUND)
    assert council.state("Y-2027") == "reporting"


def test_a_season_the_clock_comes_to_late_lists_only_what_belongs_to_it(council: World) -> None:
    first = implemented(council)
    council.clock.move_to(date(2027, 7, 1))
    implemented(council, "Etterpå")
    tick_on(council, "2027-08-01")
    assert council.case("Y-2027").facts["to_evaluate"] == [first]


def test_an_evaluation_put_off_beyond_the_season_belongs_to_the_next(council: World) -> None:
    case, other = implemented(council), implemented(council, "Øvelse")
    tick_on(council, "2027-05-20")
    council.take("measure", "postpone_evaluation", case, decider=FOLLOW_UP, until="2027-09-15", reason="Tall mangler")
    tick_on(council, "2027-10-01")
    assert council.state("Y-2027") == "evaluating"
    council.take("measure", "evaluate", other, decider=FOLLOW_UP, **FOUND)
    assert council.state("Y-2027") == "reporting"
    tick_on(council, "2028-03-01")
    assert council.case("Y-2028").facts["to_evaluate"] == [case]


def test_an_evaluation_put_off_within_the_season_is_waited_for(council: World) -> None:
    case = implemented(council)
    tick_on(council, "2027-03-10")
    council.take("measure", "postpone_evaluation", case, decider=FOLLOW_UP, until="2027-05-15", reason="Tall mangler")
    tick_on(council, "2027-05-31")
    assert council.state("Y-2027") == "evaluating"


def test_a_year_is_not_closed_before_it_is_over_though_everything_else_is_done(council: World) -> None:
    for day in ("2027-02-10", "2027-04-10"):
        held(council, day)
    tick_on(council, "2027-06-01")
    council.take("year", "report", "Y-2027")
    council.take("year", "evaluate_council", "Y-2027", assessment="Godt", decider=LEADER)
    assert refusal(council, "year", "close", "Y-2027") == {"year_not_over"}
    tick_on(council, "2028-01-01")
    council.take("year", "close", "Y-2027")
    assert council.state("Y-2027") == "closed"


def test_a_breach_the_clock_has_not_come_to_yet_keeps_the_year_from_being_closed(council: World) -> None:
    tick_on(council, "2027-06-01")
    council.take("year", "report", "Y-2027")
    council.take("year", "evaluate_council", "Y-2027", assessment="Godt", decider=LEADER)
    council.clock.move_to(date(2028, 1, 5))
    assert refusal(council, "year", "close", "Y-2027") == {"breach_not_recorded"}
    council.tick()
    council.take("year", "close", "Y-2027")
    assert council.case("Y-2027").facts["breach"] == {"held": 0, "agreed": 2}


def test_two_years_from_opening_to_closing_need_no_code_and_leave_a_record_in_order(council: World) -> None:
    for year in (2027, 2028):
        tick_on(council, f"{year}-01-10")
        held(council, f"{year}-02-10")
        case = implemented(council)
        tick_on(council, f"{year}-03-01")
        council.take("measure", "evaluate", case, decider=FOLLOW_UP, **FOUND)
        held(council, f"{year}-09-10")
        council.take("year", "report", f"Y-{year}")
        council.take("year", "evaluate_council", f"Y-{year}", assessment="Godt", decider=LEADER)
        tick_on(council, f"{year + 1}-01-01")
        council.take("year", "close", f"Y-{year}")
        assert "breach" not in council.case(f"Y-{year}").facts
    desk = Desk(council)
    desk.does("verify")
    desk.does("rebuild")
    desk.does("verify")
    assert [council.state(f"Y-{year}") for year in (2027, 2028, 2029)] == ["closed", "closed", "running"]


@pytest.mark.parametrize(
    ("opens", "last", "year", "expected"),
    [
        ("10-01", "12-31", 2027, (date(2027, 10, 1), date(2027, 12, 31))),
        ("03-01", "05-31", 2027, (date(2027, 3, 1), date(2027, 5, 31))),
        ("11-15", "01-31", 2027, (date(2027, 11, 15), date(2028, 1, 31))),
        ("02-29", "02-29", 2027, (date(2027, 2, 28), date(2027, 2, 28))),
    ],
    ids=["autumn", "spring", "across New Year", "one day"],
)
def test_a_season_ends_in_the_next_year_where_it_crosses_new_year(
    opens: str, last: str, year: int, expected: tuple[date, date]
) -> None:
    assert season(year, Profile(evaluation_opens=opens, evaluation_due=last)) == expected


@pytest.mark.parametrize(
    ("opens", "last", "done", "by"),
    [
        ("10-01", "12-31", "2027-12-31", "2027-12-31"),
        ("03-01", "05-31", "2027-05-31", "2027-05-31"),
        ("03-01", "05-31", "2027-06-01", "2028-05-31"),
        ("11-15", "01-31", "2027-12-10", "2028-01-31"),
        ("11-15", "01-31", "2027-02-01", "2028-01-31"),
        ("11-15", "01-31", "2027-01-31", "2027-01-31"),
    ],
)
def test_a_measure_is_due_on_the_last_day_of_the_season_its_year_waits_for_it(
    tmp_path: Path, opens: str, last: str, done: str, by: str
) -> None:
    world = World(tmp_path, evaluation_opens=opens, evaluation_due=last)
    world.clock.move_to(date(2026, 11, 2))
    world.in_force()
    world.clock.move_to(date.fromisoformat(done))
    case = implemented(world)
    tick_on(world, by)
    assert due(world, case) == {"evaluate": by}
    year = int(by[:4]) - (last < opens)
    assert (world.state(f"Y-{year}"), world.case(f"Y-{year}").facts["to_evaluate"]) == ("evaluating", [case])


def test_a_season_across_new_year_keeps_its_breach_and_its_report(tmp_path: Path) -> None:
    world = World(tmp_path, evaluation_opens="11-15", evaluation_due="04-30")
    world.clock.move_to(date(2026, 11, 2))
    world.in_force()
    tick_on(world, "2027-11-20")
    implemented(world)
    tick_on(world, "2028-01-01")
    assert (world.state("Y-2027"), world.state("Y-2028")) == ("evaluating", "running")
    assert world.case("Y-2027").facts["breach"] == {"held": 0, "agreed": 1}
    world.take("measure", "evaluate", "M-1", decider=FOLLOW_UP, **FOUND)
    tick_on(world, "2028-04-30")
    assert due(world, "Y-2027") == {"report": "2028-04-30"}


def test_only_what_somebody_has_to_do_reminds_anybody() -> None:
    ladders = {f"{w.name}.{d.name}": d.ladder for w in (YEAR, AGREEMENT) for d in w.deadlines}
    silent = {name for name, ladder in ladders.items() if ladder == "none"}
    assert silent == {"year.start_evaluation", "year.evaluate", "agreement.take_up", "agreement.start"}
    alerts = {name for name, ladder in ladders.items() if ladder == "alert"}
    assert alerts == {"year.meeting_date", "year.meeting_date_leader"}
