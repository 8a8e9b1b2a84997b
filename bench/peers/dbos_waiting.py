"""DBOS waiting for a human, as its guide has it: a workflow waits in `recv` for each step, and the person `send`s.

All workflows wait at once. Each is sent its message, and the next step begins when all have taken this one. What
`recv` returned is the audit record. The state is not published for others to see (`set_event`), which would be a commit
more a step.
"""

from __future__ import annotations

from threading import Semaphore
from typing import TYPE_CHECKING

from dbos import DBOS

from bench.peers.dbos_app import counted, launched
from bench.peers.life import ACTOR, LIFE

if TYPE_CHECKING:
    from bench.peers.lap import Done, Job

TOPIC = "step"
PATIENCE = 600.0
"""Seconds that a workflow waits for a person."""


def race(job: Job) -> Done:
    """Let the workflows wait, and send them their steps."""
    taken = Semaphore(0)

    @DBOS.workflow()
    def measure(number: int) -> int:
        for step in LIFE:
            told = DBOS.recv(TOPIC, timeout_seconds=PATIENCE)
            assert told["event"] == step.event
            taken.release()
        return number

    with launched(job) as sync:
        waiting = [DBOS.start_workflow(measure, number) for number in range(job.records)]
        with job.watch:
            for step in LIFE:
                for one in waiting:
                    DBOS.send(one.workflow_id, {**step._asdict(), "actor": ACTOR}, TOPIC)
                for _ in waiting:
                    assert taken.acquire(timeout=PATIENCE), "a workflow did not take its step"
            for one in waiting:
                one.get_result()
        return counted("DBOS.recv", sync)
