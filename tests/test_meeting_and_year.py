"""The annual meeting and the council's year: notice, agenda, minutes, and a breach that is never rolled over."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from engine.errors import Refused
from tests.refusing import refusal
from tests.seasons import implemented, owed, tick_on
from tests.world import COUNCIL, World
from workflows.profile import AGENDA

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def in_force(world: World) -> World:
    """A council whose agreement came into force on 2 January 2019."""
    world.clock.move_to(date(2019, 1, 2))
    world.in_force()
    return world


def planned(world: World, day: str | None = "2019-06-12") -> str:
    """A planned meeting with a full agenda."""
    case = world.take("meeting", "plan", title="Årsmøte 2019", date=day).step.event.case
    world.take("meeting", "add_item", case, item=AGENDA)
    return case


def held(world: World) -> str:
    """A meeting held on 12 June 2019."""
    case = planned(world)
    world.clock.move_to(date(2019, 5, 20))
    world.take("meeting", "summon", case)
    world.clock.move_to(date(2019, 6, 12))
    world.take("meeting", "hold", case, present=("ordforer_melhus", "slt_melhus"))
    return case


def year_facts(world: World, year: int = 2019) -> dict[str, object]:
    """The facts of the council's year."""
    return dict(world.case(f"Y-{year}").facts)


def test_a_meeting_is_summoned_held_minuted_and_approved(in_force: World) -> None:
    case = held(in_force)
    document, files = in_force.document_of("referat.md", "Referat")
    in_force.take("meeting", "minute", case, documents=(document,), files=files, new_measure=("Felles øvelse",))
    in_force.take("meeting", "approve", case, version="1", decider="politiradet")
    assert in_force.state(case) == "approved"
    assert in_force.state("M-1") == "proposed"


def test_corrected_minutes_are_a_new_version_and_the_old_one_cannot_be_approved(in_force: World) -> None:
    case = held(in_force)
    for text in ("Referat", "Bedre referat"):
        document, files = in_force.document_of("referat.md", text)
        in_force.take("meeting", "minute", case, documents=(document,), files=files)
    assert refusal(in_force, "meeting", "approve", case, version="1", decider="politiradet") == {"version_outdated"}


@pytest.mark.parametrize(("day", "flags"), [(29, []), (30, ["short_notice"]), (31, ["short_notice"])])
def test_a_notice_shorter_than_usual_is_marked(in_force: World, day: int, flags: list[str]) -> None:
    case = planned(in_force)
    in_force.clock.move_to(date(2019, 5, day))
    assert in_force.take("meeting", "summon", case).step.event.data["flags"] == flags


def test_a_notice_below_the_floor_is_refused_with_the_days_it_lacks(in_force: World) -> None:
    case = planned(in_force)
    in_force.clock.move_to(date(2019, 6, 6))
    assert refusal(in_force, "meeting", "summon", case) == {"notice_too_short"}


def test_a_meeting_is_planned_before_its_date_or_as_of_the_day_it_was_planned(in_force: World) -> None:
    in_force.clock.move_to(date(2019, 6, 13))
    late = {"title": "Årsmøte", "date": "2019-06-12"}
    with pytest.raises(Refused, match="planned_too_late"):
        in_force.take("meeting", "plan", **late)
    for known in ({"on": date(2019, 5, 2)}, {"on_unknown": True, "reason": "Protokollen nevner den ikke."}):
        in_force.take("meeting", "plan", **late, **known)
    in_force.take("meeting", "plan", title="Møte", date="2019-06-13")


def test_a_notice_needs_a_date_and_a_whole_agenda(in_force: World) -> None:
    case = in_force.take("meeting", "plan", title="Årsmøte").step.event.case
    assert refusal(in_force, "meeting", "summon", case) == {"no_date", "agenda_incomplete"}


def test_a_meeting_is_not_held_before_its_date(in_force: World) -> None:
    case = planned(in_force)
    in_force.clock.move_to(date(2019, 5, 20))
    in_force.take("meeting", "summon", case)
    assert refusal(in_force, "meeting", "hold", case, present=("slt_melhus",)) == {"meeting_not_yet"}


def test_only_the_leader_moves_a_meeting_and_it_is_summoned_anew(in_force: World) -> None:
    case = planned(in_force)
    in_force.take("meeting", "reschedule", case, date="2019-09-04", reason="Kollisjon", decider="leder_regionrad")
    assert in_force.state(case) == "planned"
    assert year_facts(in_force)["meetings"] == [{"id": case, "date": "2019-09-04", "held": False}]


def test_the_year_is_opened_with_the_agreement(in_force: World) -> None:
    assert in_force.state("Y-2019") == "running"


def test_the_clock_opens_each_new_year_and_misses_none_in_a_long_outage(in_force: World) -> None:
    in_force.clock.move_to(date(2022, 2, 1))
    in_force.tick()
    with in_force.store.read(COUNCIL) as reader:
        assert [case.id for case in reader.cases("year")] == ["Y-2019", "Y-2020", "Y-2021", "Y-2022"]


def test_a_tick_that_has_nothing_to_do_writes_nothing(in_force: World) -> None:
    in_force.clock.move_to(date(2022, 2, 1))
    while in_force.tick():
        pass
    with in_force.store.read(COUNCIL) as reader:
        before = sum(1 for _ in reader.events())
    in_force.tick()
    with in_force.store.read(COUNCIL) as reader:
        assert sum(1 for _ in reader.events()) == before


def test_a_year_without_a_meeting_is_a_breach_on_new_years_day_and_not_before(in_force: World) -> None:
    in_force.clock.move_to(date(2019, 12, 31))
    in_force.tick()
    assert "breach" not in year_facts(in_force)
    in_force.clock.move_to(date(2020, 1, 1))
    in_force.tick()
    assert year_facts(in_force)["breach"] == {"held": 0, "agreed": 1}


def test_the_new_year_begins_at_midnight_in_oslo(in_force: World) -> None:
    in_force.clock.instant = in_force.clock.instant.replace(year=2019, month=12, day=31, hour=22, minute=59)
    in_force.tick()
    assert "breach" not in year_facts(in_force)
    in_force.clock.instant = in_force.clock.instant.replace(hour=23, minute=0)
    in_force.tick()
    assert "breach" in year_facts(in_force)


def test_a_meeting_held_in_time_leaves_no_breach(in_force: World) -> None:
    held(in_force)
    in_force.clock.move_to(date(2020, 1, 1))
    in_force.tick()
    assert "breach" not in year_facts(in_force)


def test_two_meetings_a_year_are_asked_of_a_council_that_agreed_on_two(tmp_path: Path) -> None:
    world = World(tmp_path, meetings_per_year=2)
    world.clock.move_to(date(2019, 1, 2))
    world.in_force()
    held(world)
    world.clock.move_to(date(2020, 1, 1))
    world.tick()
    assert year_facts(world)["breach"] == {"held": 1, "agreed": 2}


def test_a_breach_is_lifted_by_a_meeting_registered_late(in_force: World) -> None:
    case = planned(in_force)
    in_force.clock.move_to(date(2019, 5, 20))
    in_force.take("meeting", "summon", case)
    in_force.clock.move_to(date(2020, 1, 2))
    in_force.tick()
    assert refusal(in_force, "year", "lift_breach", "Y-2019", reason="Var avholdt") == {"still_too_few_meetings"}
    in_force.take("meeting", "hold", case, on=date(2019, 6, 12), present=("slt_melhus",))
    in_force.take("year", "lift_breach", "Y-2019", reason="Var avholdt")
    assert "breach" not in year_facts(in_force)


def test_the_year_closes_only_when_every_implemented_measure_is_evaluated(in_force: World) -> None:
    measure = in_force.measure()
    in_force.take("measure", "recommend", measure, decider="politiradet")
    in_force.take("measure", "anchor", measure, decider="kommunedirektor_melhus")
    in_force.take("measure", "implement", measure, decider="kommunedirektor_melhus", done="Ferdig")
    in_force.clock.move_to(date(2019, 12, 31))
    in_force.tick()
    in_force.tick()
    assert in_force.state("Y-2019") == "evaluating"
    found = {
        "effect": "cannot_be_measured",
        "assessment": "For kort tid",
        "method": "Samtale",
        "evaluator": "slt_melhus",
    }
    in_force.take("measure", "evaluate", measure, decider="slt_melhus", **found)
    in_force.tick()
    assert in_force.state("Y-2019") == "reporting"


def test_a_year_is_closed_after_its_report_and_the_councils_own_review(in_force: World) -> None:
    in_force.clock.move_to(date(2020, 1, 1))
    in_force.tick()
    in_force.tick()
    assert refusal(in_force, "year", "close", "Y-2019") == {"report_not_sent", "not_self_evaluated"}
    in_force.take("year", "report", "Y-2019")
    in_force.take("year", "evaluate_council", "Y-2019", assessment="Godt samarbeid", decider="leder_regionrad")
    in_force.take("year", "close", "Y-2019")
    assert in_force.state("Y-2019") == "closed"


def test_no_year_is_kept_after_the_term_however_late_the_clock_comes_by(tmp_path: Path) -> None:
    world = World(tmp_path, term_years=1)
    world.in_force()
    world.clock.move_to(date(2022, 2, 1))
    while world.tick():
        pass
    with world.store.read(COUNCIL) as reader:
        assert [case.id for case in reader.cases("year")] == ["Y-2018", "Y-2019"]


def test_a_meeting_held_on_an_unknown_date_was_held(in_force: World) -> None:
    case = planned(in_force)
    in_force.clock.move_to(date(2019, 5, 20))
    in_force.take("meeting", "summon", case)
    in_force.clock.move_to(date(2019, 6, 20))
    in_force.take("meeting", "hold", case, present=("slt_melhus",), on_unknown=True, reason="Ikke ført")
    assert year_facts(in_force)["meetings"] == [{"id": case, "date": "2019-06-12", "held": True}]


def test_nobody_owes_the_year_an_evaluation_that_is_done(in_force: World) -> None:
    measure = in_force.measure()
    in_force.take("measure", "recommend", measure, decider="politiradet")
    in_force.take("measure", "anchor", measure, decider="kommunedirektor_melhus")
    in_force.take("measure", "implement", measure, decider="kommunedirektor_melhus", done="Ferdig")
    in_force.clock.move_to(date(2019, 10, 2))
    in_force.tick()
    found = {"effect": "achieved", "assessment": "Bra", "method": "Samtale", "evaluator": "slt_melhus"}
    in_force.take("measure", "evaluate", measure, decider="slt_melhus", **found)
    with in_force.store.read(COUNCIL) as reader:
        assert "slt_melhus" not in {item.office for item in reader.todo()}


def test_the_report_is_owed_while_an_evaluation_is_missing(in_force: World) -> None:
    case = implemented(in_force)
    for day in ("2019-10-01", "2020-04-20"):
        tick_on(in_force, day)
    assert in_force.state("Y-2019") == "evaluating"
    assert in_force.state(case) == "implemented"
    found = owed(in_force, "Y-2019")["report"]
    assert (found.office, found.on, found.ladder) == ("politiradssekretar", date(2020, 3, 31), "duty")
