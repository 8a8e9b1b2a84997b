"""SpiffWorkflow: a BPMN process of six user tasks; a step loads the workflow, runs the task it waits at, and stores it.

SpiffWorkflow has no store: as in its guide, its own serializer, as it comes, puts workflows into a database of one's
own; and the audit record is the application's.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.util.task import TaskState

from bench.peers.lap import Done, asker, sync_of
from bench.peers.life import ACTOR, LIFE
from bench.peers.mode import SYNCHRONOUS

if TYPE_CHECKING:
    from bench.peers.lap import Job
    from bench.peers.life import Step

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
SCHEMA = (
    "CREATE TABLE workflow (id INTEGER PRIMARY KEY, completed INTEGER NOT NULL, serialization TEXT NOT NULL)",
    """\
CREATE TABLE audit (id INTEGER PRIMARY KEY, workflow_id INTEGER NOT NULL REFERENCES workflow, event TEXT NOT NULL,
                    source TEXT NOT NULL, target TEXT NOT NULL, actor TEXT NOT NULL, at TEXT NOT NULL)""",
    "CREATE INDEX ix_audit ON audit (workflow_id)",
)
LOAD = "SELECT serialization FROM workflow WHERE id = ?"
STORE = "UPDATE workflow SET completed = ?, serialization = ? WHERE id = ?"
NOTE = "INSERT INTO audit (workflow_id, event, source, target, actor, at) VALUES (?, ?, ?, ?, ?, ?)"


def race(job: Job) -> Done:
    """Take the steps with the serializer as it comes."""
    return race_with(BpmnWorkflowSerializer(), process(), job)


def race_with(serializer: Any, spec: Any, job: Job) -> Done:  # noqa: ANN401  # untyped
    """Load, run, store and record, in one transaction a step."""
    connection = _made(job, serializer, spec)
    with job.watch:
        for number in range(1, job.records + 1):
            for step in LIFE:
                _take(connection, serializer, number, step)
    done = _counted(connection)
    connection.close()
    return done


def process() -> Any:  # noqa: ANN401  # untyped
    """The process: its steps as user tasks in a row."""
    names = ["begin", *(step.event for step in LIFE), "end"]
    tasks = "".join(f'<userTask id="{name}" name="{name}"/>' for name in names[1:-1])
    flows = "".join(f'<sequenceFlow id="to_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairwise(names))
    body = f'<startEvent id="begin"/>{tasks}<endEvent id="end"/>{flows}'
    parser = BpmnParser()
    parser.add_bpmn_str(
        f'<definitions xmlns="{BPMN}"><process id="measure" isExecutable="true">{body}</process></definitions>'.encode()
    )
    return parser.get_spec("measure")


def _made(job: Job, serializer: Any, spec: Any) -> sqlite3.Connection:  # noqa: ANN401  # untyped
    """A database with the workflows, each waiting at its first task."""
    connection = sqlite3.connect(job.database, isolation_level=None)
    for statement in (f"PRAGMA journal_mode = {job.journal}", f"PRAGMA synchronous = {SYNCHRONOUS}", *SCHEMA):
        connection.execute(statement)
    workflow = BpmnWorkflow(spec)
    workflow.do_engine_steps()
    first = serializer.serialize_json(workflow)
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO workflow VALUES (?, 0, ?)", ((n, first) for n in range(1, job.records + 1)))
    connection.execute("COMMIT")
    return connection


def _take(connection: sqlite3.Connection, serializer: Any, number: int, step: Step) -> None:  # noqa: ANN401  # untyped
    connection.execute("BEGIN IMMEDIATE")
    ((stored,),) = connection.execute(LOAD, (number,))
    workflow = serializer.deserialize_json(stored)
    task = workflow.get_next_task(state=TaskState.READY, manual=True)
    assert task.task_spec.name == step.event
    task.set_data(actor=ACTOR)
    task.run()
    workflow.do_engine_steps()
    connection.execute(STORE, (workflow.is_completed(), serializer.serialize_json(workflow), number))
    connection.execute(NOTE, (number, *step, ACTOR, datetime.now(UTC).isoformat()))
    connection.execute("COMMIT")


def _counted(connection: sqlite3.Connection) -> Done:
    ask = asker(connection)
    ended = int(str(ask("SELECT count(*) FROM workflow WHERE completed")))
    return Done(ended * len(LIFE), int(str(ask("SELECT count(*) FROM audit"))), sync_of(ask))
