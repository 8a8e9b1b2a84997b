"""The workflows of a police council, each imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.definition import Workflow

NAMES = ("agreement", "amendment", "measure", "meeting", "year")


def workflow(name: str) -> Workflow:
    """The workflow of a name: `workflows.measure.MEASURE`. The name must be one of `NAMES`."""
    found: Workflow = getattr(import_module(f"workflows.{name}"), name.upper())
    return found


def workflow_of(case: str) -> str:
    """The name of the workflow that gives a case its id (`MT-1` → meeting); empty where none does."""
    return next((found.name for found in workflows() if found.prefix == case.rpartition("-")[0]), "")


def workflows() -> tuple[Workflow, ...]:
    """All of them."""
    return tuple(map(workflow, NAMES))
