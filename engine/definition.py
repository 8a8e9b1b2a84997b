"""A workflow is a table: rows, forms, roles, guards and deadlines, checked while it is built.

    Row("propose", (NEW, S.WISHED), S.PROPOSED, PARTY, VersionForm, (is_complete,))
         step       from             to          by     form         only if

A row whose target is None stays where it is and is still an event. Roles and guards are objects, never strings,
so a misspelt one cannot even be written; everything else that can be wrong in a table is refused here, with a
message that names the row: unknown and unreachable states, dead ends, shadowed rows, an open state that nobody
owes anything in, a deadline that fires nowhere. A wrong table fails at import, not three surfaces away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from engine.errors import DefinitionError, Reason
from engine.event import Facts
from engine.finding import Finding
from engine.form import Form
from engine.register import Delegation, Seat
from engine.role import AUTO_DRIVES, PERSONS, Role
from engine.rule import Rule
from engine.situation import NEW, Case, Command, Situation
from engine.soundness import faults

Guard = Callable[[Situation], "bool | Reason | Finding"]
"""A pure condition; a `Reason` or an unmet `Finding` says why not."""

Effect = Callable[[Situation], tuple[Command, ...]]
"""Commands for other cases, computed from the situation after the row; a refused one refuses all."""

Sets = Callable[[Situation], Facts]
"""Facts a row changes beyond those of its form (null removes one), computed before the row."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table. `source` is a state, several, or NEW; `target` None stays.

    `binding`: a refused attempt is put on record too, on the council's own case. `overridable`: the guards that the
    office a profile names may set aside, with a reason; none, and the step has no override.
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
    overridable: tuple[Guard, ...] = ()

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
    `needed_in`: the states of this case in which it is read at all, `needed_by` steps that read it in any state; none
    named means always.
    """

    name: str
    workflow: str
    scope: str
    states: tuple[str, ...] = ()
    needed_in: tuple[str, ...] = ()
    needed_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Cases the clock opens by a step: their ids, computed from the cases of a link and the local date."""

    step: str
    link: Link
    ids: Callable[[tuple[Case, ...], date], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter owed after a step: which kind (the name of its folder), and to which offices.

    `to` and `only_if` are asked of the case as it stands when the letter is made, at the next tick: a letter about
    something that has been taken back meanwhile is not written. `taken_in`: the step must have left these states.
    """

    step: str
    kind: str
    to: Role
    only_if: tuple[Guard, ...] = ()
    taken_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Agenda:
    """Where a duty goes that has been overdue for too long: a step of a case of this workflow takes it up.

    `states` are those in which a case can; of several the first by `order` does, which is None (on a local date) for
    one that no longer can. In the states `lost` what stood on it is to be taken up by another one. `form` answers the
    step's form from the duty's case id and title.
    """

    step: str
    states: tuple[str, ...]
    order: Callable[[Case, date], str | None]
    form: Callable[[str, str], Mapping[str, object]]
    lost: tuple[str, ...] = ()


@dataclass(frozen=True)
class Workflow:
    """A whole state machine. `prefix` names its cases (`M` → M-14); `versioned` ones have versions and approvals.

    `irregular` gives past participles the rule does not (`hold` → held). `recurs` says which cases the clock must
    have opened. `tells` are effects that only tell others what stands; they follow a correction too. `seats` answers
    with the council's seats where a case of this workflow decides them. `fixes` are the rules by which each kind of
    act on a version is judged, fixed in the version's own event; `mandates` the authority given in the case itself.
    `letters` are those owed after steps, beside the reminders of what is owed; `agenda` takes up what lies too long.
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
    tells: tuple[Effect, ...] = ()
    seats: Callable[[Situation], tuple[Seat, ...] | None] | None = None
    fixes: Mapping[str, Callable[[Situation], Rule]] = field(default_factory=dict)
    mandates: Callable[[Situation], tuple[Delegation, ...]] | None = None
    letters: tuple[Letter, ...] = ()
    agenda: Agenda | None = None

    def __post_init__(self) -> None:
        """Refuse a wrong table. Raises `DefinitionError` listing every fault."""
        if found := faults(self):
            raise DefinitionError("\n".join(f"{self.name}: {fault}" for fault in found))

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
    def letters_after(self) -> Mapping[str, tuple[Letter, ...]]:
        """The letters owed after the event of each type."""
        after = {letter.step for letter in self.letters}
        return {self.event_types[step]: tuple(x for x in self.letters if x.step == step) for step in after}

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
