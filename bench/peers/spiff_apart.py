"""SpiffWorkflow as its guide optimizes it: the process is kept apart from the workflows that follow it.

That halves what a step reads and writes; all else is `spiff`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.serializer import DEFAULT_CONFIG, BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.default import BpmnWorkflowConverter

from bench.peers.spiff import process, race_with

if TYPE_CHECKING:
    from bench.peers.lap import Done, Job


class Apart(BpmnWorkflowConverter):
    """Serializes a workflow without its process, and puts that back when it restores it."""

    spec: Any

    def to_dict(self, workflow: Any) -> dict[str, Any]:  # noqa: ANN401  # untyped
        """All but the process."""
        state: dict[str, Any] = super(BpmnWorkflowConverter, self).to_dict(workflow)
        return {**state, "subprocesses": {}, "bpmn_events": self.registry.convert(workflow.bpmn_events)}

    def from_dict(self, dct: dict[str, Any]) -> Any:  # noqa: ANN401  # untyped
        """A workflow of the one process."""
        return super().from_dict({**dct, "spec": self.spec})


def race(job: Job) -> Done:
    """Take the steps with that serializer."""
    Apart.spec = process()
    registry = BpmnWorkflowSerializer.configure({**DEFAULT_CONFIG, BpmnWorkflow: Apart})
    return race_with(BpmnWorkflowSerializer(registry), Apart.spec, job)
