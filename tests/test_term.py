"""An agreement for a term: taken up with notice before its end, expired by the clock, its last year seen through."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.desk import Desk
from tests.seasons import LEADER, SECRETARIAT, due, owed, tick_at, tick_on
from tests.world import COUNCIL, World
from workflows.due import last_day

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def leap(tmp_path: Path) -> World:
    """An agreement for four years, in force since 29 February 2020."""
    world = World(tmp_path, term_years=4)
    world.clock.move_to(date(2020, 2, 29))
    world.in_force()
    return world


def years(world: World) -> list[str]:
    """The years that are kept."""
    with world.store.read(COUNCIL) as reader:
        return [case.id for case in reader.cases("year")]


@pytest.mark.parametrize(
    ("start", "term", "end"),
    [
        ("2018-10-04", 4, "2022-10-03"),
        ("2019-01-01", 1, "2019-12-31"),
        ("2020-02-29", 4, "2024-02-28"),
        ("2020-02-29", 1, "2021-02-28"),
        ("2019-03-01", 1, "2020-02-29"),
        ("2020-03-01", 1, "2021-02-28"),
    ],
)
def test_a_term_ends_the_day_before_its_anniversary_and_loses_no_day_to_february(
    start: str, term: int, end: str
) -> None:
    assert last_day(date.fromisoformat(start), term) == date.fromisoformat(end)


def test_the_end_of_a_term_is_taken_up_with_notice_and_reminded_of(leap: World) -> None:
    assert due(leap, "A-1") == {"review": "2023-11-28", "term": "2024-02-28"}
    assert {item.office for item in owed(leap, "A-1").values()} == {SECRETARIAT}
    assert {item.ladder for item in owed(leap, "A-1").values()} == {"duty"}


def test_a_review_in_the_notice_period_is_the_one_owed_and_an_earlier_one_is_not(leap: World) -> None:
    tick_on(leap, "2022-05-01")
    leap.take("agreement", "review", "A-1")
    assert due(leap, "A-1") == {"review": "2023-11-28", "term": "2024-02-28"}
    tick_on(leap, "2023-12-01")
    leap.take("agreement", "review", "A-1")
    assert due(leap, "A-1") == {"term": "2024-02-28"}


def test_the_clock_ends_the_term_at_midnight_after_its_last_day_and_not_before(leap: World) -> None:
    tick_at(leap, "2024-02-28T22:59:59")
    assert leap.state("A-1") == "in_force"
    tick_at(leap, "2024-02-28T23:00:00")
    assert (leap.state("A-1"), leap.case("A-1").facts["since"]) == ("expired", "2024-02-28")


def test_the_year_in_which_the_term_ends_is_opened_and_brought_to_its_end(leap: World) -> None:
    tick_on(leap, "2024-01-02")
    assert leap.state("Y-2024") == "running"
    tick_on(leap, "2025-01-01")
    assert (leap.state("Y-2024"), leap.case("Y-2024").facts["breach"]) == ("reporting", {"held": 0, "agreed": 1})
    assert years(leap)[-1] == "Y-2024"
    leap.take("year", "report", "Y-2024")
    leap.take("year", "evaluate_council", "Y-2024", assessment="Siste år", decider=LEADER)
    leap.take("year", "close", "Y-2024")
    assert leap.state("Y-2024") == "closed"


def test_an_agreement_renewed_before_its_term_is_up_leaves_no_year_out_and_none_twice(leap: World) -> None:
    tick_on(leap, "2024-02-10")
    leap.in_force()
    assert (leap.state("A-1"), leap.state("A-2")) == ("superseded", "in_force")
    assert due(leap, "A-1") == {}
    assert due(leap, "A-2") == {"review": "2027-11-09", "term": "2028-02-09"}
    tick_on(leap, "2025-01-02")
    assert years(leap) == [f"Y-{year}" for year in range(2020, 2026)]


def test_an_agreement_renewed_after_its_term_begins_years_anew(leap: World) -> None:
    tick_on(leap, "2025-06-01")
    assert leap.state("A-1") == "expired"
    leap.clock.move_to(date(2026, 4, 1))
    leap.in_force()
    tick_on(leap, "2027-01-02")
    assert years(leap) == [*(f"Y-{year}" for year in range(2020, 2025)), "Y-2026", "Y-2027"]
    Desk(leap).does("verify")
