"""A workflow is a table: rows, forms, roles, guards and deadlines, checked while it is built.

    Row("propose", (NEW, S.WISHED), S.PROPOSED, PARTY, VersionForm, (is_complete,))
         step       from             to          by     form         only if

A row whose target is None stays where it is and is still an event. Roles and guards are objects, never strings,
so a misspelt one cannot even be written; everything else that can be wrong in a table is refused here, with a
message that names the row: unknown and unreachable states, dead ends, shadowed rows, an open state that nobody
owes anything in, a deadline that fires nowhere. A wrong table fails at import, not three surfaces away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import cast

from engine.approval import Finding
from engine.errors import DefinitionError, Reason
from engine.event import Facts
from engine.form import Form
from engine.register import Id, Seat
from engine.situation import NEW, Case, Command, Situation

Guard = Callable[[Situation], "bool | Reason | Finding"]
"""A pure condition; a `Reason` or an unmet `Finding` says why not."""

Effect = Callable[[Situation], tuple[Command, ...]]
"""Commands for other cases, computed from the situation after the row; a refused one refuses all."""

Sets = Callable[[Situation], Facts]
"""Facts a row changes beyond those of its form (null removes one), computed before the row."""

PERSONS = "declared"
CLOCK_DRIVES = "clock"
AUTO_DRIVES = "auto"
EFFECT_DRIVES = "effect"


@dataclass(frozen=True, slots=True)
class Role:
    """Who may decide a step: resolved from a situation to offices, bodies or parties.

    `drivers` says who may take it at all: a person (`declared`), the clock, the engine itself (`auto`), another
    case (`effect`). Roles join with `|`.
    """

    name: str
    deciders: Callable[[Situation], tuple[Id, ...]]
    drivers: frozenset[str] = frozenset({PERSONS})

    def __or__(self, other: Role) -> Role:
        """Either role."""
        return Role(
            f"{self.name} | {other.name}",
            lambda s: (*self.deciders(s), *other.deciders(s)),
            self.drivers | other.drivers,
        )


def _nobody(_: Situation) -> tuple[Id, ...]:
    return ()


AUTO = Role("auto", _nobody, frozenset({AUTO_DRIVES}))
"""Taken by itself as soon as its guards hold."""
CLOCK = Role("clock", _nobody, frozenset({CLOCK_DRIVES}))
"""Taken by the tick when a deadline that fires it has come."""
EFFECT = Role("effect", _nobody, frozenset({EFFECT_DRIVES}))
"""Taken only as the effect of a step of another case."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table. `source` is a state, several, or NEW; `target` None stays.

    `binding`: a refused attempt is put on record too, on the council's own case.
    """

    step: str
    source: str | tuple[str, ...]
    target: str | None
    by: Role
    form: type[Form] = Form
    only_if: tuple[Guard, ...] = ()
    sets: Sets | None = None
    effects: tuple[Effect, ...] = ()
    binding: bool = False

    @property
    def sources(self) -> tuple[str, ...]:
        """The states it leaves from."""
        return (self.source,) if isinstance(self.source, str) else self.source

    def __str__(self) -> str:
        """How messages name the row."""
        return f"{self.step}: {', '.join(self.sources)} → {self.target or '='}"


@dataclass(frozen=True, slots=True)
class Deadline:
    """What is owed while a case is in a state: to which local date, by which offices, on which ladder.

    `due` returns None where nothing is owed (yet, or any more). `fires` names the clock's or an automatic step
    that is taken when the date has come. Overdue begins the day after the date.
    """

    name: str
    states: str | tuple[str, ...]
    due: Callable[[Situation], date | None]
    owed_by: Role
    ladder: str = "duty"
    fires: str | None = None

    @property
    def while_in(self) -> tuple[str, ...]:
        """The states it belongs to."""
        return (self.states,) if isinstance(self.states, str) else self.states


@dataclass(frozen=True, slots=True)
class Link:
    """Other cases a workflow's guards may look at, read in the same transaction.

    `scope`: `parent`, `children` (cases whose parent is this one) or `council` (all of them); `states` narrows.
    `needed_in`: the states of this case in which it is read at all; none named means always.
    """

    name: str
    workflow: str
    scope: str
    states: tuple[str, ...] = ()
    needed_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Cases the clock opens by a step: their ids, computed from the cases of a link and the local date."""

    step: str
    link: Link
    ids: Callable[[tuple[Case, ...], date], tuple[str, ...]]


@dataclass(frozen=True)
class Workflow:
    """A whole state machine. `prefix` names its cases (`M` → M-14); `versioned` ones have versions and approvals.

    `irregular` gives past participles the rule does not (`hold` → held). `recurs` says which cases the clock must
    have opened. `seats` answers with the council's seats where a case of this workflow decides them.
    """

    name: str
    version: int
    prefix: str
    states: type[StrEnum]
    final: frozenset[str]
    rows: tuple[Row, ...]
    deadlines: tuple[Deadline, ...]
    reads: tuple[Link, ...] = ()
    versioned: bool = False
    irregular: Mapping[str, str] = field(default_factory=dict)
    recurs: Recurrence | None = None
    seats: Callable[[Situation], tuple[Seat, ...] | None] | None = None

    def __post_init__(self) -> None:
        """Refuse a wrong table. Raises `DefinitionError` listing every fault."""
        faults = tuple(_defined_parts(self)) or tuple(fault for check in _CHECKS for fault in check(self))
        if faults:
            raise DefinitionError("\n".join(f"{self.name}: {fault}" for fault in faults))

    @cached_property
    def by_step(self) -> Mapping[str, tuple[Row, ...]]:
        """The rows of each step, in the order of the table."""
        return {row.step: tuple(r for r in self.rows if r.step == row.step) for row in self.rows}

    @cached_property
    def automatic(self) -> Mapping[str, tuple[str, ...]]:
        """For each state the steps that are taken by themselves."""
        rows = [row for row in self.rows if AUTO_DRIVES in row.by.drivers]
        return {str(s): tuple(dict.fromkeys(r.step for r in rows if s in r.sources)) for s in self.states}

    @cached_property
    def deadlines_in(self) -> Mapping[str, tuple[Deadline, ...]]:
        """The deadlines that belong to each state."""
        return {str(s): tuple(d for d in self.deadlines if s in d.while_in) for s in self.states}

    @cached_property
    def opening(self) -> tuple[str, ...]:
        """The steps that open a case."""
        return tuple(step for step, rows in self.by_step.items() if any(NEW in r.sources for r in rows))

    @cached_property
    def _from(self) -> Mapping[tuple[str, str], tuple[Row, ...]]:
        """The rows by step and state."""
        pairs = [((row.step, str(source)), row) for row in self.rows for source in row.sources]
        return {key: tuple(row for known, row in pairs if known == key) for key, _ in pairs}

    @cached_property
    def _by_hand(self) -> Mapping[str, tuple[str, ...]]:
        """For each state the steps a person can take."""
        taken = [(row.step, str(s)) for row in self.rows if PERSONS in row.by.drivers for s in row.sources]
        return {state: tuple(dict.fromkeys(step for step, s in taken if s == state)) for _, state in taken}

    def rows_from(self, step: str, state: str) -> tuple[Row, ...]:
        """The rows of a step that leave from a state."""
        return self._from.get((step, state), ())

    def steps_from(self, state: str) -> tuple[str, ...]:
        """The steps a person can take in a state, in the order of the table."""
        return self._by_hand.get(state, ())

    def form(self, step: str) -> type[Form]:
        """The form of a step (the same in all its rows)."""
        return self.by_step[step][0].form

    def is_open(self, state: str) -> bool:
        """Whether a state still owes something."""
        return state not in self.final and state != NEW

    @cached_property
    def event_types(self) -> Mapping[str, str]:
        """The type of the event each step leaves: `propose` → `agreement.proposed`."""
        return {step: f"{self.name}.{self.irregular.get(step) or past(step)}" for step in self.by_step}

    @property
    def qualified(self) -> str:
        """`name/version`, as events pin it."""
        return f"{self.name}/{self.version}"


def past(step: str) -> str:
    """The past participle of a regular step, object first: `request_amendment` → `amendment_requested`."""
    verb, _, rest = step.partition("_")
    if verb.endswith("e"):
        done = f"{verb}d"
    elif verb.endswith("y") and verb[-2:-1] not in "aeiou":
        done = f"{verb[:-1]}ied"
    else:
        done = f"{verb}ed"
    return f"{rest}_{done}" if rest else done


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
        elif all(d.owed_by.deciders is _nobody for d in deadlines):
            yield f"the open state {state!r} has no responsible role"


def _firing(workflow: Workflow) -> Iterable[str]:
    for deadline in workflow.deadlines:
        if deadline.fires is None:
            continue
        rows = workflow.by_step.get(deadline.fires, ())
        for state in deadline.while_in:
            if not any(state in r.sources and r.by.drivers & {CLOCK_DRIVES, AUTO_DRIVES} for r in rows):
                yield f"deadline “{deadline.name}” fires {deadline.fires!r}, which the clock cannot take in '{state}'"


_CHECKS = (_known_states, _reachable, _no_dead_ends, _no_shadows, _one_form_per_step, _owed, _firing)
