"""The shape of the annual report: frozen rows of codes, names and local dates.

Codes (states, flags, event types) are what the tables and the log write; names are already in the reader's language.
`msgspec.to_builtins` turns all of it into JSON under these names, which therefore stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.register import Id
from workflows.follow_up_rows import Breach, Evaluation, Organisation, Override, Registered, Responsible


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement that was in force in the year, as its text stood at the year's end.

    `version_on` is the date of that version; `until` the day it ended, where it has; `term_ends` and `ends_on` the last
    day of its term and of its notice period. `reserved` are those whom it does not bind.
    """

    case: str
    title: str
    state: str
    since: date | None
    until: date | None
    term_ends: date | None
    ends_on: date | None
    version: int | None
    version_on: date | None
    parties: tuple[Organisation, ...]
    reserved: tuple[Organisation, ...]


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting of the year. `on` is when it was held, or else is to be; None: it has no date.

    `present` and `absent` count offices, None while nobody has recorded who came.
    """

    case: str
    title: str
    state: str
    on: date | None
    held: bool
    present: int | None
    absent: int | None
    minutes_approved_on: date | None


@dataclass(frozen=True, slots=True)
class Season:
    """The evaluation season: its first and last day, and the cases of measures it began with.

    `missing` are the measures of this season that are not evaluated yet; `put_off` those whose evaluation waits for a
    later day, on record.
    """

    opens: date
    due: date
    to_evaluate: tuple[str, ...]
    not_implemented: tuple[str, ...]
    missing: tuple[str, ...]
    put_off: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure as the year left it. `progress_on` is the date of its newest report, `deadline` the newest one.

    `recommended_on` and `recommended_ref` tell the council's recommendation. `put_off_until`: its evaluation waits.
    `overdue_since`: it is not carried out, and its deadline has passed.
    """

    case: str
    title: str
    theme: str | None
    state: str
    challenge: str
    goal: str
    recommended_on: date | None
    recommended_ref: str | None
    responsible: tuple[Responsible, ...]
    implemented_on: date | None
    done: str
    evaluation: Evaluation | None
    put_off_until: date | None
    result: str | None
    progress: str
    progress_on: date | None
    plan: str
    deadline: date | None
    overdue_since: date | None


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a recorded decision, and how it came out."""

    text: str
    outcome: str


@dataclass(frozen=True, slots=True)
class LedTo:
    """A step that rests on a decision: in which case, the type of its event, and who put it on record."""

    case: str
    title: str
    type: str
    registered: Registered | None


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision of the year: one recorded with its points (`decision`), or one that a step names by reference.

    `led_to` are the steps it carries in agreements, amendments and measures.
    """

    on: date
    decider: Id | None
    body: str | None
    ref: str | None
    decision: str | None
    points: tuple[Point, ...]
    led_to: tuple[LedTo, ...]


@dataclass(frozen=True, slots=True)
class Owing:
    """Something owed by an office to a local date; overdue begins the day after."""

    case: str
    workflow: str
    title: str
    name: str
    office: Id
    office_title: str
    on: date
    overdue_since: date | None


@dataclass(frozen=True, slots=True)
class AnnualReport:
    """The whole report: for which council and year, as of which local date, resting on how many events.

    `state` is the year's. `recommended`, `implemented`, `evaluated` and `not_implemented` name measures by their cases;
    `breaches` are those of this year and of every year before it, lifted ones included.
    """

    council: str
    name: str
    year: int
    state: str
    on: date
    events: int
    meetings_agreed: int
    meetings_held: int
    breaches: tuple[Breach, ...]
    overrides: tuple[Override, ...]
    agreements: tuple[Agreement, ...]
    meetings: tuple[Meeting, ...]
    season: Season
    measures: tuple[Measure, ...]
    recommended: tuple[str, ...]
    implemented: tuple[str, ...]
    evaluated: tuple[str, ...]
    not_implemented: tuple[str, ...]
    decisions: tuple[Decision, ...]
    self_evaluation: str
    self_evaluated_on: date | None
    report_sent_on: date | None
    owed: tuple[Owing, ...]
