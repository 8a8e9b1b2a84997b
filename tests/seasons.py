"""A council's year in tests: meetings, measures and a clock that ticks, whatever the profile says of the season."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from tests.world import COUNCIL, World
from workflows.profile import AGENDA

if TYPE_CHECKING:
    from pathlib import Path

    from engine.ports import Owed

SECRETARIAT, LEADER, FOLLOW_UP, IMPLEMENTER = (
    "politiradssekretar", "leder_regionrad", "slt_melhus", "kommunedirektor_melhus",
)  # fmt: skip
FOUND = {"effect": "partly_achieved", "assessment": "Færre anmeldelser", "method": "Statistikk", "evaluator": FOLLOW_UP}


def two_meetings_and_spring(folder: Path) -> World:
    """A council with two meetings a year and evaluation in spring; its agreement in force since 2 November 2026."""
    world = World(folder, meetings_per_year=2, evaluation_opens="03-01", evaluation_due="05-31")
    world.clock.move_to(date(2026, 11, 2))
    world.in_force()
    return world


def tick_at(world: World, instant: str) -> None:
    """Let the clock tick at a UTC instant, until it owes nothing."""
    world.clock.instant = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    while world.tick():
        pass


def tick_on(world: World, day: str) -> None:
    """Let the clock tick at noon UTC of a day, until it owes nothing."""
    tick_at(world, f"{day}T12:00:00")


def planned(world: World, day: str | None) -> str:
    """A meeting with a full agenda, planned today."""
    case = world.take("meeting", "plan", title="Møte", date=day).step.event.case
    world.take("meeting", "add_item", case, item=AGENDA)
    return case


def held(world: World, day: str) -> str:
    """A meeting summoned today and held on a day, which it is then."""
    case = planned(world, day)
    world.take("meeting", "summon", case)
    tick_on(world, day)
    world.take("meeting", "hold", case, present=("ordforer_melhus", FOLLOW_UP), absent=("ordforer_roros",))
    return case


def recommended(world: World, title: str = "Natteravner", deadline: str = "2028-10-01") -> str:
    """A measure that the council recommends today."""
    case = world.measure(title=title, deadline=deadline)
    world.take("measure", "recommend", case, decider="politiradet", ref="PS 12/27")
    return case


def implemented(world: World, title: str = "Natteravner") -> str:
    """A measure recommended, accepted and carried out today."""
    case = recommended(world, title)
    world.take("measure", "anchor", case, decider=IMPLEMENTER, ref="FO 39/27")
    world.take("measure", "implement", case, decider=IMPLEMENTER, done="To kvelder i uken")
    return case


def owed(world: World, case: str) -> dict[str, Owed]:
    """What a case owes, by the name of the deadline."""
    with world.store.read(COUNCIL) as reader:
        return {item.name: item for item in reader.todo() if item.case == case}


def due(world: World, case: str) -> dict[str, str]:
    """The dates by which a case owes something, by the name of the deadline."""
    return {name: item.on.isoformat() for name, item in owed(world, case).items()}


def two_meetings(folder: Path) -> World:
    """A council with two meetings a year; its agreement in force since 2 January 2027."""
    world = World(folder, meetings_per_year=2)
    world.clock.move_to(date(2027, 1, 2))
    world.in_force()
    return world


def a_year_with_a_breach(folder: Path) -> World:
    """Its year 2027, in February 2028: one meeting, one measure evaluated, one left, a breach, its own review."""
    world = two_meetings(folder)
    tick_on(world, "2027-05-20")
    held(world, "2027-06-10")
    decision = world.decide("Tiltakene tilrås.", body="politiradet")
    done, left = world.measure(deadline="2027-11-01"), world.measure(title="Flomanalyse", deadline="2027-12-01")
    for case in (done, left):
        world.take("measure", "recommend", case, decider="politiradet", decision=decision, ref="PS 12/27")
        world.take("measure", "anchor", case, decider=IMPLEMENTER, ref="FO 39/27")
    tick_on(world, "2027-08-28")
    world.take("measure", "implement", done, decider=IMPLEMENTER, done="24 frivillige går")
    tick_on(world, "2027-10-15")
    world.take("measure", "report", left, decider=IMPLEMENTER, progress="Kartene mangler", plan="Samles i januar")
    world.take("measure", "evaluate", done, decider=FOLLOW_UP, **FOUND)
    tick_on(world, "2028-02-10")
    world.take("year", "evaluate_council", "Y-2027", assessment="For lite oppfølging", decider=LEADER)
    return world
