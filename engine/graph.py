"""A workflow as a picture in words: its states and steps, read off the table, as mermaid text.

Drawn from our own rows, never by the library that drives them (pitfalls.md): rows between the same two states
become one arrow, rows that stay become a list inside their state. What nobody has to do (automatic, by the clock,
as an effect) is marked in words, and so is the state a case is in: never by colour alone.

Pure. Words come from the caller, who knows the reader's language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from engine.definition import Row, Workflow
from engine.role import AUTO_DRIVES, CLOCK_DRIVES, EFFECT_DRIVES, PERSONS
from engine.situation import NEW

Label: TypeAlias = Callable[[str, str], str]
"""The words for something named: `label("state", "proposed")`. Kinds: `workflow`, `state`, `step`, `mark`."""

UNATTENDED = (AUTO_DRIVES, CLOCK_DRIVES, EFFECT_DRIVES)
"""The drivers that are not a person, in the order marks are written."""

MARKS: Mapping[str, str] = MappingProxyType(
    {
        "auto": "auto", "clock": "clock", "effect": "effect", "also": "also",
        "current": "now here", "visited": "passed",
        "auto_means": "auto: by itself, as soon as its conditions hold",
        "clock_means": "clock: when its date has come",
        "effect_means": "effect: follows from a step of another case",
        "stays_mean": "below a line in a box: steps that stay there",
        "ends_mean": "double frame: the case ends there",
        "described": "States and steps of the workflow",
    }
)  # fmt: skip
"""The marks of a picture in English; a caller's catalogue words them in other languages."""

_UNPRINTABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff\ud800-\udfff]+"
)
_SPECIAL_TO_MERMAID = re.compile(r"[^\w ,./()+-]", re.ASCII)


@dataclass(frozen=True, slots=True)
class Step:
    """One step on an arrow, and who drives it there."""

    name: str
    drivers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Edge:
    """Every step that leads from one state to another (or back to the same one), in the order of the table."""

    source: str
    target: str
    steps: tuple[Step, ...]


def plain(kind: str, name: str) -> str:
    """Words without a catalogue: the table's own names, and English marks."""
    return MARKS[name] if kind == "mark" else name.replace("_", " ")


def edges_of(workflow: Workflow) -> tuple[Edge, ...]:
    """The table as arrows: one for each pair of states, in the order in which the table first joins them."""
    rows: dict[tuple[str, str], list[Row]] = {}
    for row in workflow.rows:
        for source in row.sources:
            rows.setdefault((str(source), str(row.target or source)), []).append(row)
    return tuple(Edge(source, target, _steps(joined)) for (source, target), joined in rows.items())


def step_text(step: Step, label: Label) -> str:
    """A step in words, with what drives it where that is not (only) a person: `end (clock)`."""
    unattended = [label("mark", driver) for driver in UNATTENDED if driver in step.drivers]
    also = [label("mark", "also")] if PERSONS in step.drivers and unattended else []
    marked = f" ({' '.join([*also, ', '.join(unattended)])})" if unattended else ""
    return printable(label("step", step.name) + marked)


def state_marks(state: str, label: Label, current: str | None, visited: Collection[str]) -> tuple[str, ...]:
    """What a picture says of a state in words: that a case is in it now, or has passed it."""
    if state == current:
        return (printable(label("mark", "current")),)
    return (printable(label("mark", "visited")),) if state in visited else ()


def printable(text: str) -> str:
    """A text without control and direction characters, which neither XML nor a reader can do anything with."""
    return _UNPRINTABLE.sub(" ", text).strip()


def mermaid(workflow: Workflow, label: Label = plain, current: str | None = None, visited: Collection[str] = ()) -> str:
    """The workflow as mermaid text (`stateDiagram-v2`), the state a case is in marked by a class and in words."""
    edges = edges_of(workflow)
    title = _escaped(label("workflow", workflow.name))
    lines = ["stateDiagram-v2", "    direction TB", f"    accTitle: {title}"]
    lines += [f"    accDescr: {_escaped(label('mark', 'described'))} {title}"]
    for state in map(str, workflow.states):
        lines += _mermaid_state(state, label, state_marks(state, label, current, visited), edges)
    lines += [line for edge in edges if edge.source != edge.target for line in _mermaid_edge(edge, label)]
    lines += [f"    {state} --> [*]" for state in map(str, workflow.states) if state in workflow.final]
    lines += _mermaid_classes(current, [str(s) for s in workflow.states if s in visited and s != current])
    return "\n".join(lines) + "\n"


def _steps(rows: Iterable[Row]) -> tuple[Step, ...]:
    drivers: dict[str, frozenset[str]] = {}
    for row in rows:
        drivers[row.step] = drivers.get(row.step, frozenset()) | row.by.drivers
    return tuple(Step(name, driven) for name, driven in drivers.items())


def _mermaid_state(state: str, label: Label, marks: tuple[str, ...], edges: tuple[Edge, ...]) -> list[str]:
    """A state with its name, its marks and the steps that stay in it."""
    stays = [step_text(step, label) for e in edges if e.source == e.target == state for step in e.steps]
    named = f'    state "{_escaped(label("state", state))}" as {state}'
    return [named, *(f"    {state} : {_escaped(line)}" for line in (*(f"({m})" for m in marks), *stays))]


def _mermaid_edge(edge: Edge, label: Label) -> list[str]:
    words = "<br/>".join(_escaped(step_text(step, label)) for step in edge.steps)
    source = "[*]" if edge.source == NEW else edge.source
    return [f"    {source} --> {edge.target} : {words}"]


def _mermaid_classes(current: str | None, visited: list[str]) -> list[str]:
    lines: list[str] = []
    if visited:
        lines += ["    classDef visited fill:#e6efe9,stroke:#2f5d43,color:#111111"]
        lines += [f"    class {','.join(visited)} visited"]
    if current is not None and current != NEW:
        lines += ["    classDef current fill:#ffe9a8,stroke:#5c3d00,stroke-width:4px,color:#111111"]
        lines += [f"    class {current} current"]
    return lines


def _escaped(text: str) -> str:
    """A text mermaid shows as it is: everything with a meaning of its own becomes an entity code."""
    clean = printable(text)
    return _SPECIAL_TO_MERMAID.sub(lambda m: m[0] if m[0].isalnum() else f"#{ord(m[0])};", clean)
