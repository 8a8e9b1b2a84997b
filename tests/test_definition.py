"""A workflow table refuses to be wrong, and its message names the row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import pytest

from engine.definition import Deadline, Row, Workflow, past
from engine.errors import DefinitionError
from engine.field import Kind
from engine.form import Form, ask
from engine.role import AUTO, CLOCK, EFFECT, Role
from engine.situation import NEW
from workflows.agreement import AGREEMENT
from workflows.amendment import AMENDMENT
from workflows.measure import MEASURE
from workflows.meeting import MEETING
from workflows.year import YEAR

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.situation import Situation


class S(StrEnum):
    """The states of a request."""

    ASKED = "asked"
    GRANTED = "granted"


class Wider(StrEnum):
    """The same with a state nothing leads to."""

    ASKED = "asked"
    GRANTED = "granted"
    LOST = "lost"


@dataclass(frozen=True, kw_only=True)
class Note(Form):
    """A form of its own."""

    note: str = ask(Kind.TEXT, "A note.")


def is_fair(_: Situation) -> bool:
    """A guard."""
    return True


def one_day(_: Situation) -> date:
    """A due date."""
    return date(2019, 1, 1)


CLERK = Role("clerk", lambda _: ("clerk",))
ASK = Row("ask", NEW, S.ASKED, CLERK)
GRANT = Row("grant", S.ASKED, S.GRANTED, CLERK, only_if=(is_fair,))
OWED = Deadline("answer", S.ASKED, one_day, CLERK)


def request(*rows: Row, deadlines: tuple[Deadline, ...] = (OWED,), states: type[StrEnum] = S) -> Workflow:
    """A small table with the given rows."""
    return Workflow(
        name="request",
        version=1,
        prefix="R",
        states=states,
        final=frozenset({S.GRANTED}),
        rows=rows,
        deadlines=deadlines,
    )


def test_a_right_table_constructs() -> None:
    assert request(ASK, GRANT).opening == ("ask",)


WRONG: dict[str, tuple[Callable[[], Workflow], str]] = {
    "unknown target": (
        lambda: request(ASK, replace(GRANT, target="grnted")),
        "row “grant: asked → grnted” names the unknown state 'grnted'",
    ),
    "unknown source": (
        lambda: request(ASK, GRANT, Row("withdraw", "askd", S.GRANTED, CLERK)),
        "row “withdraw: askd → granted” names the unknown state 'askd'",
    ),
    "unreachable state": (lambda: request(ASK, GRANT, states=Wider), "the state 'lost' can never be reached"),
    "dead end": (lambda: request(ASK, replace(GRANT, target=None)), "the state 'asked' is a dead end"),
    "leaving a final state": (
        lambda: request(ASK, GRANT, Row("reopen", S.GRANTED, S.ASKED, CLERK)),
        "row “reopen: granted → asked” leaves the final state 'granted'",
    ),
    "shadowed row": (
        lambda: request(ASK, replace(GRANT, only_if=()), GRANT),
        "row “grant: asked → granted” is shadowed by the earlier row “grant: asked → granted”",
    ),
    "no deadline": (lambda: request(ASK, GRANT, deadlines=()), "the open state 'asked' has no deadline"),
    "no responsible role": (
        lambda: request(ASK, GRANT, deadlines=(replace(OWED, owed_by=CLOCK),)),
        "the open state 'asked' has no responsible role",
    ),
    "deadline in an unknown state": (
        lambda: request(ASK, GRANT, deadlines=(OWED, replace(OWED, name="late", states="gone"))),
        "deadline “late” names the unknown state 'gone'",
    ),
    "deadline that fires nowhere": (
        lambda: request(ASK, GRANT, deadlines=(replace(OWED, fires="expire"),)),
        "deadline “answer” fires 'expire', which the clock cannot take in 'asked'",
    ),
    "deadline that fires a step of people": (
        lambda: request(ASK, GRANT, deadlines=(replace(OWED, fires="grant"),)),
        "deadline “answer” fires 'grant', which the clock cannot take in 'asked'",
    ),
    "two forms for one step": (
        lambda: request(ASK, GRANT, replace(GRANT, form=Note, by=EFFECT)),
        "the rows of 'grant' ask for different forms",
    ),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_table_is_refused_and_the_row_is_named(fault: str) -> None:
    build, message = WRONG[fault]
    with pytest.raises(DefinitionError) as error:
        build()
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"by": "clerk"}, "nobody defines the role 'clerk'"),
        ({"only_if": ("is_fair",)}, "nobody defines the guard 'is_fair'"),
        ({"form": "Note"}, "'Note' is not a form"),
    ],
)
def test_a_name_in_place_of_a_part_is_refused(part: dict[str, Any], message: str) -> None:
    with pytest.raises(DefinitionError) as error:
        request(ASK, replace(GRANT, **part))
    assert f"row “grant: asked → granted”: {message}" in str(error.value)


def test_every_fault_of_a_table_is_named_at_once() -> None:
    with pytest.raises(DefinitionError) as error:
        request(ASK, replace(GRANT, target="grnted"), deadlines=())
    assert len(str(error.value).splitlines()) > 1


@pytest.mark.parametrize(
    ("step", "done"),
    [
        ("propose", "proposed"),
        ("ratify", "ratified"),
        ("review", "reviewed"),
        ("request_amendment", "amendment_requested"),
    ],
)
def test_an_event_is_named_by_the_past_participle_of_its_step(step: str, done: str) -> None:
    assert past(step) == done


@pytest.mark.parametrize("workflow", [AGREEMENT, AMENDMENT, MEASURE, MEETING, YEAR], ids=lambda w: w.name)
def test_every_automatic_step_asks_for_nothing(workflow: Workflow) -> None:
    automatic = [row for row in workflow.rows if AUTO.drivers & row.by.drivers or CLOCK.drivers & row.by.drivers]
    assert all(row.form.parse({}) for row in automatic)
