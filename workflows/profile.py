"""A council's rules: how much notice, how many days, who must ratify, when to remind.

A profile is pinned when a case opens (its event is cited by the case), so a change of rule touches no open
case unless an entry says so. For the same reason its JSON is written in full: were defaults
left out, an upgrade that changes one would silently change the rules of old cases.

Days are calendar days and dates are local (Europe/Oslo) unless a field says otherwise. Each field names its
source: [seed] the case presentation, [read] a public source, [choice] our reading, for a council to change.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal, Self, TypeAlias

import msgspec
from msgspec import Meta

from engine.calendar import next_working_day, previous_working_day
from engine.ladder import BUILT_IN, SILENT, DayCount, Ladder
from engine.register import Id
from engine.rule import Rule

if TYPE_CHECKING:
    from engine.event import Json

MonthDay: TypeAlias = Annotated[
    str,
    Meta(
        pattern=r"^(02-(0[1-9]|[12][0-9])|(0[13-9]|1[0-2])-(0[1-9]|[12][0-9]|30)|(0[13578]|1[02])-31)\Z",
        description='a month and day that exist, such as "10-01"',
    ),
]
"""A day of every year, `MM-DD`. 02-29 means the 28th in common years (see `engine.calendar.month_day`)."""

Count: TypeAlias = Annotated[int, Meta(ge=0, le=100)]
"""A small number that may be nought."""

Word: TypeAlias = Annotated[
    str, Meta(pattern=r"^[a-z0-9_]+\Z", description="a name of small letters a-z, digits and _")
]
"""A key of a table: a workflow, a step, a ladder. The log's JSON knows no other keys."""

AgendaItem: TypeAlias = Literal[
    "notice_and_agenda",
    "previous_minutes",
    "crime_picture",
    "open_measures",
    "evaluation",
    "action_plan",
    "next_meeting",
]
"""An item the agenda of a meeting may be required to hold."""

AGENDA: tuple[AgendaItem, ...] = (
    "notice_and_agenda",
    "previous_minutes",
    "crime_picture",
    "open_measures",
    "evaluation",
    "action_plan",
    "next_meeting",
)


class _Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of every table of rules: a misspelt key is a mistake, never a silent default."""


class Days(_Rules, frozen=True):
    """How long each duty may take, counted from the event that began it. All [choice]."""

    convey: DayCount = 30
    """From the wish until the secretariat has conveyed it to the other side."""

    answer: DayCount = 60
    """From the letter until the other side has proposed or declined."""

    approve: DayCount = 90
    """From a version until each required party has decided on it."""

    amend: DayCount = 90
    """From a mandatory amendment's wish until the agreement is proposed anew."""

    sign: DayCount = 30
    """From adoption until each party has signed and each ratifying municipality has decided."""

    accepted: DayCount = 30
    """From an amendment's wish, acceptance or adoption until its next step."""

    mandate_report: DayCount = 30
    """From a mandate or its last report until the holder reports again."""

    mandate_agenda: DayCount = 90
    """From a mandate until it stands on the body's own agenda."""

    anchor: DayCount = 60
    """From a recommended measure until its implementer has accepted it."""

    minutes: DayCount = 14
    """From a meeting held until its draft minutes."""

    minutes_approval: DayCount = 30
    """From draft minutes until the council has approved them."""


class Approvals(_Rules, frozen=True):
    """Whose acts an agreement needs. Written in full into each version's event, as it is when the version is proposed.

    Left out: the party rule for each required party. A rule is a table with its `kind`: office, party, signatory,
    body, all_of, at_least, by_organisation (see `engine.rule`).
    """

    adoption: Rule | None = None
    """Whose approval adopts a version. [choice]"""

    signature: Rule | None = None
    """Whose signature brings it into force. [choice]"""


class Profile(_Rules, frozen=True):
    """The rules of a council as they are from one entry in its log to the next."""

    amend_before_adoption: bool = True
    """Whether a requested change must be settled before the agreement is adopted [choice; both orders fit the
    seed]. Off: it is adopted as it stands and the amendment pursued alongside."""

    four_eyes: Literal["not_only", "strict"] = "not_only"
    """Whoever prepared a text may not be its only approver (`not_only`), or not approve it at all (`strict`).
    [choice]"""

    required_parties: tuple[Id, ...] = ()
    """The parties whose approval and signature an agreement needs; none named: all of them. [choice]"""

    rules: Approvals = Approvals()
    """Whose acts an agreement needs, where more is to be said than `required_parties`."""

    ratifies: Mapping[Id, bool] = {}
    """Municipality → whether it must decide for itself before the agreement is in force. [choice; the seed is
    silent]"""

    enough_acceded: Count = 0
    """How many ratifying municipalities must have acceded, once each has answered; one in any case. [choice]"""

    meetings_per_year: Count = 1
    """Meetings that must be held each calendar year; fewer is a breach. [seed]"""

    notice_days: DayCount = 14
    """Days from the notice to the meeting. [choice]"""

    notice_floor: DayCount = 7
    """The shortest notice; between it and `notice_days` the notice is marked as short, less needs an override.
    [read: 7 to 13 days in practice]"""

    evaluation_opens: MonthDay = "10-01"
    """When the year's evaluation begins. [choice]"""

    evaluation_due: MonthDay = "12-31"
    """When every implemented measure is to be evaluated: the year's end. [seed]"""

    report_due: MonthDay = "03-31"
    """When the annual report is due, in the following year. [choice]"""

    meeting_date_alert: MonthDay = "05-01"
    """From when the missing date of a meeting is an alert. [choice]"""

    meeting_date_escalate: MonthDay = "09-01"
    """From when it is escalated to the leader. [choice]"""

    term_years: Count = 0
    """Years the agreement is in force; 0: until terminated. [choice; the seed is silent]"""

    notice_months: Count = 3
    """Months from a party's notice until the agreement ends; a term's end is taken up as long before.
    [choice]"""

    review_months: Annotated[int, Meta(ge=1, le=120)] = 12
    """Months between reviews of an agreement without a term. [choice]"""

    days: Days = Days()
    """How long each duty may take."""

    agenda_required: tuple[AgendaItem, ...] = AGENDA
    """What a meeting's agenda must hold before it can be summoned. [choice]"""

    ladders: Mapping[Word, Ladder] = msgspec.field(default_factory=dict)
    """Ladders by name (see `engine.ladder`). `duty` is the one deadlines use unless they name another, `alert` that of
    dates which are told on the day itself; those left out are built in."""

    due_on_closed_day: Literal["keep", "next_working_day", "previous_working_day"] = "keep"
    """A due date that falls on a day when offices are closed: kept (only the reminder moves), or moved itself. [choice;
    whether an agreed date moves is the council's to say]"""

    overrides: Mapping[Word, Mapping[Word, Id]] = {}
    """Workflow → step → the office that may set the step's guards aside, with a reason every report shows
    (`meeting.summon = "leder"`). Empty by default: nobody may. [choice]"""

    def __post_init__(self) -> None:
        """Write the ladders in full, so that a new one built in changes no old case."""
        msgspec.structs.force_setattr(self, "ladders", {**BUILT_IN, **self.ladders})

    def ladder(self, name: str) -> Ladder | None:
        """The ladder of a name; None for the one nobody is reminded by."""
        return None if name == SILENT else self.ladders.get(name) or self.ladders["duty"]

    def falls_due(self, day: date, closed: Collection[date]) -> date:
        """The local date on which something due on a day is due, by what the council says of closed days."""
        match self.due_on_closed_day:
            case "next_working_day":
                return next_working_day(day, closed)
            case "previous_working_day":
                return previous_working_day(day, closed)
        return day

    def overrider(self, workflow: str, step: str) -> Id | None:
        """The office that may set aside the guards of a step, or None where nobody may."""
        return self.overrides.get(workflow, {}).get(step)

    def to_json(self) -> dict[str, Json]:
        """Every rule, defaults included, as JSON for the log: no floats, no tuples."""
        document: dict[str, Json] = msgspec.json.decode(msgspec.json.encode(self))
        return document

    @classmethod
    def from_json(cls, value: Mapping[str, object]) -> Self:
        """The rules in an event. Raises `msgspec.ValidationError` with the path of what does not fit."""
        return msgspec.convert(value, cls)
