"""A measure from a proposal to its evaluation, with two offices and a deadline that is never lost."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.refusing import refusal
from tests.world import COUNCIL, World

if TYPE_CHECKING:
    from pathlib import Path

IMPLEMENTER = "kommunedirektor_melhus"
FOLLOW_UP = "slt_melhus"
FOUND = {"effect": "achieved", "assessment": "Halvert", "method": "Statistikk", "evaluator": FOLLOW_UP}


def owed(world: World, case: str) -> dict[str, tuple[str, date]]:
    """What the case owes: deadline name to office and date."""
    with world.store.read(COUNCIL) as reader:
        return {item.name: (item.office, item.on) for item in reader.todo() if item.case == case}


@pytest.fixture
def anchored(world: World) -> tuple[World, str]:
    """A council with an agreement in force and an anchored measure."""
    world.in_force()
    case = world.measure()
    world.take("measure", "recommend", case, decider="politiradet")
    world.take("measure", "anchor", case, decider=IMPLEMENTER)
    return world, case


def implemented(world: World, case: str) -> str:
    """The measure, carried out on 1 September 2019."""
    world.clock.move_to(date(2019, 9, 1))
    world.take("measure", "implement", case, decider=IMPLEMENTER, done="Gjennomført")
    return case


def test_it_goes_from_proposed_to_evaluated_and_is_closed(anchored: tuple[World, str]) -> None:
    world, case = anchored
    world.take("measure", "start", case, decider=IMPLEMENTER)
    implemented(world, case)
    world.take("measure", "evaluate", case, decider=FOLLOW_UP, **FOUND)
    world.take("measure", "close", case, decider="politiradet", result="ended")
    assert world.state(case) == "closed"
    assert owed(world, case) == {}


@pytest.mark.parametrize("missing", ["theme", "challenge", "goal", "implementer", "follow_up", "deadline", "plan"])
def test_an_incomplete_measure_is_not_recommended(world: World, missing: str) -> None:
    world.in_force()
    case = world.measure(**{missing: None})
    assert refusal(world, "measure", "recommend", case, decider="politiradet") == {"incomplete"}


def test_what_was_missing_can_be_added(world: World) -> None:
    world.in_force()
    case = world.measure(challenge=None)
    world.take("measure", "edit", case, challenge="Uro", decider="politiradssekretar")
    world.take("measure", "recommend", case, decider="politiradet")
    assert world.state(case) == "recommended"


def test_each_state_is_owed_by_the_office_whose_turn_it_is(anchored: tuple[World, str]) -> None:
    world, case = anchored
    assert owed(world, case) == {"implement": (IMPLEMENTER, date(2019, 9, 1))}
    implemented(world, case)
    assert owed(world, case) == {"evaluate": (FOLLOW_UP, date(2019, 12, 31))}
    world.take("measure", "evaluate", case, decider=FOLLOW_UP, **FOUND)
    assert owed(world, case) == {"close": ("politiradssekretar", date(2019, 12, 31))}


def test_a_proposal_is_due_at_the_next_meeting(world: World) -> None:
    world.in_force()
    world.take("meeting", "plan", title="Årsmøte", date="2018-11-20")
    assert owed(world, world.measure()) == {"recommend": ("politiradssekretar", date(2018, 11, 20))}


def test_if_that_meeting_is_moved_or_cancelled_so_is_the_date(world: World) -> None:
    world.in_force()
    meeting = world.take("meeting", "plan", title="Årsmøte", date="2018-11-20").step.event.case
    waiting, done = world.measure(), world.measure()
    world.take("measure", "reject", done, decider="politiradet")
    by_leader = {"decider": "leder_regionrad", "reason": "Sykdom"}
    world.take("meeting", "reschedule", meeting, date="2018-12-04", **by_leader)
    assert owed(world, waiting) == {"recommend": ("politiradssekretar", date(2018, 12, 4))}
    world.take("meeting", "cancel", meeting, **by_leader)
    assert owed(world, waiting) == {"recommend": ("politiradssekretar", date(2018, 12, 31))}
    assert world.state(done) == "rejected"
    assert not world.store.verify(COUNCIL).faults


def test_a_meeting_it_does_not_wait_for_moves_nothing(world: World) -> None:
    world.in_force()
    world.take("meeting", "plan", title="Årsmøte", date="2018-11-20")
    later = world.take("meeting", "plan", title="Ekstra", date="2018-12-04").step.event.case
    case = world.measure()
    world.take("meeting", "cancel", later, decider="leder_regionrad", reason="Sykdom")
    assert owed(world, case) == {"recommend": ("politiradssekretar", date(2018, 11, 20))}
    assert world.case(case).n == 1


def test_the_implementer_cannot_be_an_office_nobody_knows(world: World) -> None:
    world.in_force()
    case = world.measure()
    codes = refusal(world, "measure", "edit", case, implementer="ukjent", decider="politiradssekretar")
    assert codes == {"unknown_office"}


def test_an_earlier_deadline_is_the_follow_ups_and_a_later_one_the_councils(anchored: tuple[World, str]) -> None:
    world, case = anchored
    world.take("measure", "move_deadline", case, decider=FOLLOW_UP, deadline="2019-08-01")
    codes = refusal(world, "measure", "move_deadline", case, decider=FOLLOW_UP, deadline="2019-10-01")
    assert codes == {"later_needs_the_council"}
    world.take("measure", "move_deadline", case, decider="politiradet", deadline="2019-10-01")
    assert owed(world, case) == {"implement": (IMPLEMENTER, date(2019, 10, 1))}


def test_a_measure_on_hold_is_looked_at_again_and_goes_on_where_it_was(anchored: tuple[World, str]) -> None:
    world, case = anchored
    world.take("measure", "put_on_hold", case, decider=FOLLOW_UP, review="2019-03-01", reason="Budsjett")
    assert owed(world, case) == {"review": (FOLLOW_UP, date(2019, 3, 1))}
    world.take("measure", "resume", case, decider=FOLLOW_UP)
    assert world.state(case) == "anchored"


def test_only_what_was_implemented_is_evaluated(anchored: tuple[World, str]) -> None:
    world, case = anchored
    assert refusal(world, "measure", "evaluate", case, decider=FOLLOW_UP, **FOUND) == {"step_not_allowed_now"}


def test_an_evaluation_that_is_put_off_has_a_date_of_its_own(anchored: tuple[World, str]) -> None:
    world, case = anchored
    implemented(world, case)
    world.take("measure", "postpone_evaluation", case, decider=FOLLOW_UP, until="2020-03-01", reason="Data mangler")
    assert owed(world, case) == {"evaluate": (FOLLOW_UP, date(2020, 3, 1))}


def test_what_is_implemented_after_the_season_is_evaluated_in_the_next_one(tmp_path: Path) -> None:
    world = World(tmp_path, evaluation_opens="04-01", evaluation_due="05-31")
    world.in_force()
    case = world.measure()
    world.take("measure", "recommend", case, decider="politiradet")
    world.take("measure", "anchor", case, decider=IMPLEMENTER)
    implemented(world, case)
    assert owed(world, case) == {"evaluate": (FOLLOW_UP, date(2020, 5, 31))}


def test_an_evaluator_who_is_the_implementer_is_flagged(anchored: tuple[World, str]) -> None:
    world, case = anchored
    implemented(world, case)
    receipt = world.take("measure", "evaluate", case, decider=FOLLOW_UP, **{**FOUND, "evaluator": IMPLEMENTER})
    assert "evaluated_by_its_implementer" in list(receipt.step.event.data["flags"])  # type: ignore[arg-type]  # a list


@pytest.mark.parametrize(("result", "successors"), [("ended", 0), ("continued", 1), ("adjusted", 1)])
def test_a_continued_measure_opens_its_successor(anchored: tuple[World, str], result: str, successors: int) -> None:
    world, case = anchored
    implemented(world, case)
    world.take("measure", "evaluate", case, decider=FOLLOW_UP, **FOUND)
    world.take("measure", "close", case, decider="politiradet", result=result, next_deadline="2020-09-01")
    with world.store.read(COUNCIL) as reader:
        assert len(reader.cases("measure", ("proposed",), parent=case)) == successors


def test_an_idempotency_key_answers_the_same_command_once(anchored: tuple[World, str]) -> None:
    world, case = anchored
    first = world.take("measure", "report", case, decider=IMPLEMENTER, progress="I gang", key="k1")
    again = world.take("measure", "report", case, decider=IMPLEMENTER, progress="I gang", key="k1")
    assert (again.repeated, again.step.leaf) == (True, first.step.leaf)
    assert world.case(case).n == first.step.event.n


def test_a_free_text_reason_never_enters_the_log(anchored: tuple[World, str]) -> None:
    world, case = anchored
    private = "Inhabil fordi hun er gift med lederen"
    world.take("measure", "put_on_hold", case, decider=FOLLOW_UP, review="2019-03-01", reason=private)
    with world.store.read(COUNCIL) as reader:
        newest = list(reader.events(case))[-1]
        form = newest.event.data["form"]
        assert private not in newest.body
        assert isinstance(form, dict)
        assert isinstance(form["reason"], dict)
        commitment = str(form["reason"]["remark"])
        assert reader.remarks([commitment]) == {commitment: private}


def test_a_rehearsal_writes_nothing(anchored: tuple[World, str]) -> None:
    world, case = anchored
    command = world.command("measure", "start", case, decider=IMPLEMENTER)
    receipt = world.service.advance(COUNCIL, command, dry_run=True)
    assert (receipt.rehearsed, receipt.step.event.type, world.state(case)) == (True, "measure.started", "anchored")
