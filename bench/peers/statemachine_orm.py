"""`python-statemachine` and SQLAlchemy's ORM: a machine over each record's `state`, the audit in `after_transition`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statemachine import State, StateMachine

from bench.peers.life import LIFE, method_of
from bench.peers.records import Measure, counted, measures, note

if TYPE_CHECKING:
    from bench.peers.lap import Done, Job


class Life(StateMachine):
    """The states of a measure and the steps between them."""

    proposed, recommended, anchored = State(initial=True), State(), State()
    started, implemented = State(), State()
    recommend = proposed.to(recommended)
    anchor = recommended.to(anchored)
    start = anchored.to(started)
    report = started.to.itself()
    implement = started.to(implemented)
    send_back = implemented.to(started)

    def after_transition(self, event: str, source: Any, target: Any) -> None:  # noqa: ANN401  # the library's State
        """Record a step that was taken."""
        note(self.model, str(event), source.id, target.id)


def race(job: Job) -> Done:
    """Load the record, put a machine over it, send the event, commit."""
    with measures(job) as sessions:
        with job.watch:
            for number in range(1, job.records + 1):
                for step in LIFE:
                    with sessions.begin() as session:
                        Life(session.get_one(Measure, number)).send(method_of(step))
        return counted(sessions)
