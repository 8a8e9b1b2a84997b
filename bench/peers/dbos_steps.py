"""DBOS steps: each record is a workflow of six steps, run one after another; DBOS checkpoints each step as it returns.

Recording that a workflow starts is left out, as opening a record is for the others. That it ended is timed: only then
does its state say that the steps were taken, which the others write along with each step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dbos import DBOS

from bench.peers.dbos_app import counted, launched
from bench.peers.life import ACTOR, LIFE

if TYPE_CHECKING:
    from bench.peers.lap import Done, Job


@DBOS.step()
def take(event: str, source: str, target: str, actor: str) -> dict[str, str]:
    """A step: what it returns is its record."""
    return {"event": event, "source": source, "target": target, "actor": actor}


def race(job: Job) -> Done:
    """Run the workflows."""

    @DBOS.workflow()
    def measure(number: int) -> int:
        job.watch.start()
        for step in LIFE:
            take(*step, ACTOR)
        return number

    with launched(job) as sync:
        for number in range(job.records):
            measure(number)
            job.watch.stop()
        return counted(take.__qualname__, sync)
