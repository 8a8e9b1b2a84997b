"""The shape of the follow-up report: frozen rows of codes, names and local dates.

Codes (states, roles, flags, event types) are what the tables and the log write; names are already in the reader's
language. `msgspec.to_builtins` turns all of it into JSON under these names, which therefore stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from engine.register import Id


@dataclass(frozen=True, slots=True)
class Registered:
    """Who put a decision on record, in which office, and how that identity was established (`declared`, `sshsig`).

    `name` is None once it is erased.
    """

    office: Id | None
    title: str | None
    name: str | None
    assurance: str


@dataclass(frozen=True, slots=True)
class Act:
    """One step as it counts now: corrected, and not taken back. `on` None: nobody knows the date.

    `type` is its event's; `decider` is whose decision it is; `text` the point of a recorded decision; `outcome` what
    it said of a version (approved, reserved); `registered` None where no person took it.
    """

    step: str
    type: str
    on: date | None
    decider: Id | None
    ref: str | None
    decision: str | None
    point: int | None
    text: str | None
    outcome: str | None
    flags: tuple[str, ...]
    registered: Registered | None


@dataclass(frozen=True, slots=True)
class Directory:
    """Who is called what: offices, bodies and parties on a local date, persons, and who holds an office today.

    `holder` answers None where the office is vacant, and with an empty name where it has been erased.
    """

    name: Callable[[Id, date], str]
    person: Callable[[str | None], str | None]
    holder: Callable[[Id], str | None]

    def organisations(self, ids: Iterable[Id], on: date) -> tuple[Organisation, ...]:
        """Organisations by what they are called on a local date."""
        return tuple(Organisation(one, self.name(one, on)) for one in ids)


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision in a case: by which office, body or party, on which point of a recorded decision, with which text.

    `body` is the decider's name on that day; `outcome` and `registered` as in `Act`.
    """

    type: str
    decider: Id | None
    body: str | None
    on: date | None
    ref: str | None
    decision: str | None
    point: int | None
    text: str | None
    outcome: str | None
    registered: Registered | None


@dataclass(frozen=True, slots=True)
class Responsible:
    """An office that answers for a case in a role; `holder` as in `Directory`."""

    role: str
    office: Id
    title: str
    holder: str | None


@dataclass(frozen=True, slots=True)
class Duty:
    """Something owed by an office to a local date; overdue begins the day after."""

    name: str
    office: Id
    title: str
    holder: str | None
    on: date
    overdue_since: date | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an evaluation found, how, by which office and when."""

    effect: str
    assessment: str
    method: str
    evaluator: Id
    evaluator_title: str
    on: date | None


@dataclass(frozen=True, slots=True)
class Override:
    """A requirement of a step that was set aside: by which office, when, and why.

    `title` is the case's, `n` the number of its event that says so. `reason` is None once it is erased.
    """

    case: str
    workflow: str
    title: str
    step: str
    office: Id
    office_title: str
    on: date | None
    n: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class Flag:
    """What a report must not hide, and the types of the events it stands on."""

    code: str
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A case in the report. `opened` and `ended` are local dates; `ended` is None while it is open, or unknown.

    `plan` is empty once there is nothing left to plan.
    """

    case: str
    workflow: str
    title: str
    theme: str | None
    state: str
    is_open: bool
    opened: date
    ended: date | None
    decisions: tuple[Decided, ...]
    responsible: tuple[Responsible, ...]
    progress: str
    progress_on: date | None
    implemented: bool
    done: str
    implemented_on: date | None
    deadline: date | None
    overdue_since: date | None
    owed: tuple[Duty, ...]
    evaluation: Evaluation | None
    result: str | None
    plan: str
    flags: tuple[Flag, ...]
    overrides: tuple[Override, ...]


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation and its name."""

    id: Id
    name: str


@dataclass(frozen=True, slots=True)
class InForce:
    """An agreement in force: since when, for whom, and who reserved themselves."""

    case: str
    title: str
    since: date | None
    bound: tuple[Organisation, ...]
    reserved: tuple[Organisation, ...]


@dataclass(frozen=True, slots=True)
class Breach:
    """A year with fewer meetings than agreed; `lifted_on` where a missing one turned out to have been held."""

    year: int
    held: int | None
    agreed: int | None
    lifted_on: date | None


@dataclass(frozen=True, slots=True)
class Report:
    """The whole report: for which council, as of which local date, resting on how many events, and what was asked.

    `overrides` are those of every workflow, meetings and years too.
    """

    council: str
    name: str
    on: date
    events: int
    year: int | None
    office: Id | None
    office_title: str | None
    plan_only: bool
    agreements: tuple[InForce, ...]
    breaches: tuple[Breach, ...]
    overrides: tuple[Override, ...]
    measures: tuple[Row, ...]
    duties: tuple[Row, ...]
