"""The six steps that every contestant takes: those of `bench.steps.LIFE`, in a form any state machine can be told."""

from __future__ import annotations

from typing import NamedTuple


class Step(NamedTuple):
    """One step of a measure: what it is called, and the states it goes between."""

    event: str
    source: str
    target: str


LIFE = (
    Step("recommend", "proposed", "recommended"),
    Step("anchor", "recommended", "anchored"),
    Step("start", "anchored", "started"),
    Step("report", "started", "started"),
    Step("implement", "started", "implemented"),
    Step("return", "implemented", "started"),
)
STATES = tuple(dict.fromkeys(state for step in LIFE for state in (step.source, step.target)))
INITIAL, LAST = LIFE[0].source, LIFE[-1].target
ACTOR = "kari"
"""Who takes the steps; every audit record names her."""


def method_of(step: Step) -> str:
    """The name of a step where it is a method: Python reserves `return`."""
    return "send_back" if step.event == "return" else step.event
