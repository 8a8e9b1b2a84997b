"""`transitions` and SQLAlchemy's ORM: one machine for all records, a session a step, the audit in a callback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transitions import EventData, Machine

from bench.peers.life import INITIAL, LIFE, STATES
from bench.peers.records import Measure, counted, measures, note

if TYPE_CHECKING:
    from bench.peers.lap import Done, Job


def race(job: Job) -> Done:
    """Load the record, trigger the step, commit."""
    machine = Machine(
        model=None,
        states=list(STATES),
        initial=INITIAL,
        transitions=[[step.event, step.source, step.target] for step in LIFE],
        after_state_change=audit,
        auto_transitions=False,
        send_event=True,
    )
    with measures(job) as sessions:
        with job.watch:
            for number in range(1, job.records + 1):
                for step in LIFE:
                    with sessions.begin() as session:
                        machine.events[step.event].trigger(session.get_one(Measure, number))
        return counted(sessions)


def audit(data: EventData) -> None:
    """Record a step that was taken."""
    assert data.transition is not None
    assert isinstance(data.model, Measure)
    note(data.model, data.event.name, data.transition.source, str(data.transition.dest))
