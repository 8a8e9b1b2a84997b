"""The one place that knows `transitions`: a shared, model-less machine per workflow version.

A registered model costs kilobytes and a machine per record tens of them; one shared `Machine` fired on a small
slotted subject costs microseconds and is safe across threads (pitfalls.md, measured). Auto transitions stay off:
they would lead past every guard. Each row has exactly one condition, which tries everything the row requires and
writes it down, so that a refusal can name all of its reasons and not only the first.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from transitions import EventData, Machine, Transition

from engine.situation import NEW

if TYPE_CHECKING:
    from engine.definition import Row, Workflow

logging.getLogger("transitions").setLevel(logging.WARNING)  # at DEBUG a trigger is twelve times slower


class Trial(Protocol):
    """What trying a row leaves behind."""

    @property
    def passed(self) -> bool:
        """Whether the row may be taken."""


T = TypeVar("T", bound=Trial)


@dataclass(slots=True)
class Subject:
    """What the machine moves: a state, how to try a row, and the rows tried so far."""

    state: str
    attempt: Callable[[Row], Trial]
    tried: list[Trial] = field(default_factory=list)


def fire(workflow: Workflow, step: str, state: str, attempt: Callable[[Row], T]) -> tuple[str | None, list[T]]:
    """Take a step from a state: the new state (None if every row refused) and the trials, the last one decisive.

    The step must have a row from the state.
    """
    subject = Subject(state, attempt)
    moved = _machine(workflow).events[step].trigger(subject)
    return (subject.state if moved else None), subject.tried  # type: ignore[return-value]  # filled by attempt


class Move(Transition):
    """A transition of a table: its condition and the new state, without the callbacks that none of ours has.

    Looking for those in six places, and saying so at DEBUG, is nearly half of what the library costs a step.
    """

    def execute(self, event_data: EventData) -> bool:
        """Move the subject if the row may be taken; whether it was."""
        if not self._eval_conditions(event_data):
            return False
        event_data.machine.set_state(self.dest or self.source, event_data.model)
        return True


class Table(Machine):
    """A machine of such transitions."""

    transition_cls = Move


_MACHINES: dict[int, tuple[Workflow, Machine]] = {}


def _machine(workflow: Workflow) -> Machine:
    """The workflow's machine; kept by identity, because hashing a whole table would cost more than a step."""
    if id(workflow) not in _MACHINES:
        _MACHINES[id(workflow)] = (workflow, _build(workflow))
    return _MACHINES[id(workflow)][1]


def _build(workflow: Workflow) -> Machine:
    """States go in as plain strings: an enum member would be looked up by its name, not its value."""
    transitions = [
        {"trigger": row.step, "source": str(source), "dest": str(row.target or "="), "conditions": partial(_try, row)}
        for row in workflow.rows
        for source in row.sources
    ]
    states = [NEW, *(str(state) for state in workflow.states)]
    return Table(
        model=None,
        states=states,
        initial=NEW,
        transitions=transitions,
        auto_transitions=False,
        send_event=True,
    )


def _try(row: Row, event: object) -> bool:
    subject: Subject = event.model  # type: ignore[attr-defined]  # EventData, untyped by the library
    trial = subject.attempt(row)
    subject.tried.append(trial)
    return trial.passed is True
