"""A judgement answers with every reason, and unknown means no."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from engine.judge import judge
from tests.world import COUNCIL, World
from workflows.measure import MEASURE

if TYPE_CHECKING:
    from engine.definition import Guard, Workflow
    from engine.situation import Situation


def always(answer: object) -> Guard:
    """A guard that gives an answer it should not."""
    return lambda _: answer  # type: ignore[return-value]  # what the test is about


def broken(_: Situation) -> bool:
    """A guard that fails."""
    raise ZeroDivisionError


def guarded_by(guard: Guard) -> Workflow:
    """The measure's table with a guard on its recommendation."""
    rows = tuple(replace(row, only_if=(guard,)) if row.step == "recommend" else row for row in MEASURE.rows)
    return replace(MEASURE, rows=rows)


@pytest.fixture
def situation(world: World) -> Situation:
    """A measure about to be recommended."""
    world.in_force()
    command = world.command("measure", "recommend", world.measure(), decider="politiradet")
    return world.service.explain(COUNCIL, command).situation


def test_a_guard_that_is_true_passes(situation: Situation) -> None:
    assert judge(guarded_by(always(answer=True)), situation).allowed


@pytest.mark.parametrize("answer", [False, None, 1, 2, "yes", [1]], ids=repr)
def test_anything_but_true_refuses(situation: Situation, answer: object) -> None:
    assert not judge(guarded_by(always(answer)), situation).allowed


def test_a_guard_that_fails_counts_as_not_met(situation: Situation, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        verdict = judge(guarded_by(broken), situation)
    assert not verdict.allowed
    assert [reason.code for reason in verdict.reasons] == ["guard_failed"]
    assert "broken" in caplog.text


def test_every_reason_is_given_at_once(world: World) -> None:
    world.in_force()
    case = world.measure(challenge=None)
    command = world.command("measure", "recommend", case, decider="politiradet", ref=None, person="p_slt_melhus")
    verdict = world.service.explain(COUNCIL, command).verdict
    assert {reason.code for reason in verdict.reasons} == {"may_not_act_for", "incomplete"}


def test_explaining_a_step_judges_it_and_writes_nothing(world: World) -> None:
    world.in_force()
    case = world.measure()
    explained = world.service.explain(COUNCIL, world.command("measure", "evaluate", case))
    assert explained.missing == ("effect", "assessment", "method", "evaluator")
    assert not explained.verdict.allowed
    assert world.case(case).n == 1
