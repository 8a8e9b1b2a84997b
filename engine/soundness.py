"""What makes a table of a workflow wrong, each fault with a message that names the row.

A typo in a definition that surfaces months later is what users of state machines complain about most; so everything
that can be checked is checked while the table is built.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from engine.form import Form
from engine.role import AUTO_DRIVES, CLOCK_DRIVES, Role, nobody
from engine.situation import NEW

if TYPE_CHECKING:
    from engine.definition import Workflow


def faults(workflow: Workflow) -> tuple[str, ...]:
    """Every fault of a table; parts that are not what they should be come first, and alone."""
    return tuple(_defined_parts(workflow)) or tuple(fault for check in _CHECKS for fault in check(workflow))


def _defined_parts(workflow: Workflow) -> Iterable[str]:
    """Roles, guards and forms are what they should be, for tables written without a type checker too."""
    for row in workflow.rows:
        role, form, guards = cast("tuple[object, object, tuple[object, ...]]", (row.by, row.form, row.only_if))
        if not isinstance(role, Role):
            yield f"row “{row}”: nobody defines the role {role!r}"
        yield from (f"row “{row}”: nobody defines the guard {g!r}" for g in guards if not callable(g))
        if not (isinstance(form, type) and issubclass(form, Form)):
            yield f"row “{row}”: {form!r} is not a form"
    for deadline in workflow.deadlines:
        owner = cast("object", deadline.owed_by)
        if not isinstance(owner, Role):
            yield f"deadline “{deadline.name}”: nobody defines the role {owner!r}"


def _known_states(workflow: Workflow) -> Iterable[str]:
    known = {str(state) for state in workflow.states} | {NEW}
    for row in workflow.rows:
        targets = () if row.target is None else (row.target,)
        yield from (f"row “{row}” names the unknown state {s!r}" for s in (*row.sources, *targets) if s not in known)
    for deadline in workflow.deadlines:
        yield from (
            f"deadline “{deadline.name}” names the unknown state {s!r}" for s in deadline.while_in if s not in known
        )
    yield from (f"the final state {s!r} is unknown" for s in sorted(workflow.final) if s not in known)


def _edges(workflow: Workflow) -> list[tuple[str, str]]:
    return [(source, row.target or source) for row in workflow.rows for source in row.sources]


def _reached(edges: list[tuple[str, str]], start: Iterable[str]) -> set[str]:
    """Every state that can be reached along the edges."""
    found, frontier = set(start), set(start)
    while frontier:
        frontier = {target for source, target in edges if source in frontier} - found
        found |= frontier
    return found


def _reachable(workflow: Workflow) -> Iterable[str]:
    reached = _reached(_edges(workflow), {NEW})
    yield from (f"the state {str(s)!r} can never be reached" for s in workflow.states if s not in reached)


def _no_dead_ends(workflow: Workflow) -> Iterable[str]:
    backwards = [(target, source) for source, target in _edges(workflow)]
    ending = _reached(backwards, workflow.final)
    open_states = [str(s) for s in workflow.states if workflow.is_open(s)]
    yield from (f"the state {s!r} is a dead end: no final state can be reached" for s in open_states if s not in ending)
    for row in workflow.rows:
        yield from (f"row “{row}” leaves the final state '{s}'" for s in row.sources if s in workflow.final)


def _no_shadows(workflow: Workflow) -> Iterable[str]:
    for i, row in enumerate(workflow.rows):
        for earlier in workflow.rows[:i]:
            shared = set(row.sources) & set(earlier.sources)
            weaker = set(earlier.only_if) <= set(row.only_if) and earlier.by.drivers >= row.by.drivers
            if earlier.step == row.step and shared and weaker:
                yield f"row “{row}” is shadowed by the earlier row “{earlier}”"


def _one_form_per_step(workflow: Workflow) -> Iterable[str]:
    for step, rows in workflow.by_step.items():
        if len({row.form for row in rows}) > 1:
            yield f"the rows of {step!r} ask for different forms"


def _owed(workflow: Workflow) -> Iterable[str]:
    for state in (str(s) for s in workflow.states if workflow.is_open(s)):
        deadlines = workflow.deadlines_in[state]
        if not deadlines:
            yield f"the open state {state!r} has no deadline"
        elif all(d.owed_by.deciders is nobody for d in deadlines):
            yield f"the open state {state!r} has no responsible role"


def _firing(workflow: Workflow) -> Iterable[str]:
    for deadline in workflow.deadlines:
        if deadline.fires is None:
            continue
        rows = workflow.by_step.get(deadline.fires, ())
        for state in deadline.while_in:
            if not any(state in r.sources and r.by.drivers & {CLOCK_DRIVES, AUTO_DRIVES} for r in rows):
                yield f"deadline “{deadline.name}” fires {deadline.fires!r}, which the clock cannot take in '{state}'"


def _overrides(workflow: Workflow) -> Iterable[str]:
    for row in workflow.rows:
        strange = [guard.__name__ for guard in row.overridable if guard not in row.only_if]
        yield from (f"row “{row}” lets an override set aside {name}, which is no guard of it" for name in strange)
        if row.overridable and NEW in row.sources:
            yield f"row “{row}” opens a case, and there is nothing yet that an override could stand on"


_CHECKS = (_known_states, _reachable, _no_dead_ends, _no_shadows, _one_form_per_step, _owed, _firing, _overrides)
