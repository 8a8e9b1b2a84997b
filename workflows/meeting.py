"""A meeting of the police council: planned, summoned with notice and agenda, held, minuted, approved.

Minutes are versions like any text: whoever approves them names the version, and once approved they are locked.
Each change of a meeting's date, and its being held, is told to the council's year, which counts meetings. Whoever was
invited gets letters of what happens to it; who that is, and when, is `workflows.invitations`'.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from textwrap import shorten
from typing import TYPE_CHECKING, ClassVar

from engine.calendar import month_day
from engine.definition import Agenda, Deadline, Letter, Link, Row, Workflow
from engine.errors import because
from engine.evidence import ActForm, VersionForm, version_is_current
from engine.field import Document, Kind
from engine.form import Form, ask, to_json
from engine.role import EFFECT
from engine.situation import NEW, Command
from workflows import roles as by
from workflows.due import within
from workflows.forms import ReasonForm
from workflows.invitations import (
    guests_are_known,
    invites,
    lies_ahead,
    lies_not_behind,
    moved,
    renumbered,
    somebody_invited,
    times_fit,
)
from workflows.measure import WAITING
from workflows.votes import vote_not_spent
from workflows.year import HELD, YEAR_OPEN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.errors import Reason
    from engine.event import Facts
    from engine.situation import Case, Situation


class S(StrEnum):
    """The states of a meeting."""

    PLANNED = "planned"
    SUMMONED = "summoned"
    HELD = "held"
    MINUTED = "minuted"
    APPROVED = "approved"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Planned(Form):
    """A meeting that is to take place."""

    title: str = ask(Kind.TEXT, "What kind of meeting, for instance: Annual meeting 2019.")
    date: dt.date | None = ask(Kind.DAY, "Its date, if there is one already.", required=False)
    begins: dt.time | None = ask(Kind.TIME, "When it begins.", required=False)
    ends: dt.time | None = ask(Kind.TIME, "When it ends.", required=False)
    place: str | None = ask(Kind.TEXT, "Where.", required=False)

    def facts(self) -> Facts:
        """Title, date, time of day and place as far as they are known."""
        given = {
            "title": self.title,
            "date": self.date.isoformat() if self.date else None,
            **hours(self.begins, self.ends),
            "place": self.place,
        }
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class DateForm(Form):
    """A date for the meeting. What is left out of time of day and place stays as it was."""

    date: dt.date = ask(Kind.DAY, "The meeting's date.")
    begins: dt.time | None = ask(Kind.TIME, "When it begins; as before if left out.", required=False)
    ends: dt.time | None = ask(Kind.TIME, "When it ends; open if only --begins is given.", required=False)
    place: str | None = ask(Kind.TEXT, "Where; as before if left out.", required=False)

    def facts(self) -> Facts:
        """Date, and time of day and place where they are given."""
        placed = {"place": self.place} if self.place else {}
        return {"date": self.date.isoformat(), **hours(self.begins, self.ends), **placed}


@dataclass(frozen=True, kw_only=True)
class NewDate(DateForm):
    """Another date, and why."""

    reason: str = ask(Kind.REMARK, "Why it is moved.")


@dataclass(frozen=True, kw_only=True)
class Item(Form):
    """Items of the agenda: the required ones by their id, others as text."""

    item: tuple[str, ...] = ask(
        Kind.TEXT,
        "notice_and_agenda, previous_minutes, crime_picture … or a title; may be repeated.",
        many=True,
    )


@dataclass(frozen=True, kw_only=True)
class Summons(Form):
    """The notice with its agenda, to everybody who sits in the council and to guests."""

    also: tuple[str, ...] = ask(
        Kind.ID, "An office that is invited as a guest; may be repeated.", required=False, many=True
    )
    documents: tuple[Document, ...] = ask(
        Kind.DOCUMENT, "A document that goes out with the notice; may be repeated.", required=False, many=True
    )

    def flags(self, situation: Situation) -> tuple[str, ...]:
        """A notice shorter than usual is marked, even where it is long enough."""
        days = notice_given(situation)
        return ("short_notice",) if days is not None and days < by.rules(situation).notice_days else ()


@dataclass(frozen=True, kw_only=True)
class Attendance(Form):
    """Who came, by office; registered again, it replaces what was registered before."""

    present: tuple[str, ...] = ask(Kind.ID, "An office that was present; may be repeated.", many=True)
    absent: tuple[str, ...] = ask(Kind.ID, "An office that was absent; may be repeated.", required=False, many=True)
    stand_in: tuple[str, ...] = ask(
        Kind.TEXT, "Who stood in for whom: `office=for_office`; may be repeated.", required=False, many=True
    )

    def facts(self) -> Facts:
        """Who was there and who was not."""
        return {"present": list(self.present), "absent": list(self.absent), "stand_ins": list(self.stand_in) or None}


@dataclass(frozen=True, kw_only=True)
class Minutes(VersionForm):
    """The minutes as a document, with the measures the meeting put forward."""

    points: tuple[str, ...] = ask(
        Kind.TEXT,
        "A point as it was concluded; no names of persons; may be repeated.",
        required=False,
        many=True,
    )
    recused: tuple[str, ...] = ask(
        Kind.TEXT, "`office: point` of a recusal; may be repeated.", required=False, many=True
    )
    new_measure: tuple[str, ...] = ask(
        Kind.TEXT, "Title of a measure the meeting proposed; may be repeated.", required=False, many=True
    )


@dataclass(frozen=True, kw_only=True)
class MinutesApproval(ActForm):
    """The council approves the minutes it names, in writing or at the next meeting."""

    needs: ClassVar[tuple[str, ...]] = ("version", "ref")


def hours(begins: dt.time | None, ends: dt.time | None) -> Facts:
    """A time of day as facts: given at all, it is given as a whole, so an end on record goes with its beginning."""
    return {"begins": to_json(begins), "ends": to_json(ends)} if begins else {}


def has_date(s: Situation) -> bool | Reason:
    """A notice names a date."""
    return bool(s.case.day("date")) or because("no_date")


def notice_given(s: Situation) -> int | None:
    """Calendar days from the notice to the meeting; None without a date."""
    held = s.case.day("date")
    return (held - s.on).days if held else None


def notice_long_enough(s: Situation) -> bool | Reason:
    """The notice goes out at least as many calendar days before as the profile's floor."""
    days, needed = notice_given(s), by.rules(s).notice_floor
    return days is None or days >= needed or because("notice_too_short", days=days, needed=needed)


def agenda_complete(s: Situation) -> bool | Reason:
    """The agenda holds every item the profile requires."""
    missing = [item for item in by.rules(s).agenda_required if item not in agenda(s)]
    return because("agenda_incomplete", missing=", ".join(missing)) if missing else True


def date_reached(s: Situation) -> bool | Reason:
    """A meeting is held on its date, not before."""
    planned = s.case.day("date")
    return planned is None or s.on >= planned or because("meeting_not_yet", on=planned.isoformat())


def attendance_is_known(s: Situation) -> bool | Reason:
    """Those present and absent are offices of the register, and nobody is both."""
    form = s.form if isinstance(s.form, Attendance) else None
    pairs = [tuple(pair.partition("=")[::2]) for pair in (form.stand_in if form else ())]
    named = (*(form.present if form else ()), *(form.absent if form else ()), *(o for pair in pairs for o in pair))
    unknown = [office for office in named if office not in s.council.register.offices]
    both = sorted(set(form.present if form else ()) & set(form.absent if form else ()))
    if unknown:
        return because("unknown_office", office=unknown[0])
    return because("present_and_absent", office=both[0]) if both else True


def is_summoned(s: Situation) -> bool:
    """It stands summoned."""
    return s.case.state == S.SUMMONED


def is_expected(s: Situation) -> bool:
    """It is still to take place."""
    return s.case.state in {S.PLANNED, S.SUMMONED}


def is_minuted(s: Situation) -> bool:
    """Its minutes wait for approval."""
    return s.case.state == S.MINUTED


def is_cancelled(s: Situation) -> bool:
    """It will not take place."""
    return s.case.state == S.CANCELLED


def agenda(s: Situation) -> tuple[str, ...]:
    """The items so far."""
    items = s.case.facts.get("agenda")
    return tuple(str(item) for item in items) if isinstance(items, list | tuple) else ()


def with_items(s: Situation) -> Facts:
    """The agenda with the new items, none twice."""
    new = s.form.item if isinstance(s.form, Item) else ()
    return {"agenda": list(dict.fromkeys((*agenda(s), *new)))}


def overdue_item(case: str, title: str) -> Mapping[str, object]:
    """The item by which the clock puts a duty that has been overdue for too long onto the agenda."""
    return {"item": (f"{case}: {shorten(title, 200, placeholder=' …')}",)}


def date_or_last(case: Case, today: date) -> str | None:
    """Orders meetings by date; one without a date comes last, one that should have been held takes nothing up."""
    day = case.text("date")
    return None if day and day < today.isoformat() else day or "9999"


def held_on(s: Situation) -> Facts:
    """The day it was held."""
    return {"held_on": s.dated}


def approved_on(s: Situation) -> Facts:
    """The day the minutes were approved."""
    return {"approved_on": s.dated}


def tells_the_year(s: Situation) -> tuple[Command, ...]:
    """Every open year learns the meeting's date and whether it was held."""
    counts = s.case.state != S.CANCELLED
    told = {
        "meeting": s.case.id,
        "date": (s.case.text("held_on") or s.case.text("date") or None) if counts else None,
        "held": s.case.state in HELD,
    }
    return tuple(
        Command(workflow="year", step="note_meeting", case=year.id, on=s.on, form=told) for year in s.linked("years")
    )


def proposes_measures(s: Situation) -> tuple[Command, ...]:
    """Measures the meeting put forward become cases, to be described and recommended."""
    titles = s.form.new_measure if isinstance(s.form, Minutes) else ()
    return tuple(
        Command(workflow="measure", step="propose", parent=s.case.id, on=s.on, form={"title": title})
        for title in titles
    )


def notice_due(s: Situation) -> date:
    """The last day for the notice; without a date, the day by which the meeting must have one."""
    held = s.case.day("date")
    if held is None:
        return month_day(s.case.opened.year, by.rules(s).meeting_date_alert)
    return held - timedelta(days=by.rules(s).notice_days)


def day_after(s: Situation) -> date | None:
    """The day after the meeting."""
    held = s.case.day("date")
    return held + timedelta(days=1) if held else None


def tells_the_measures(s: Situation) -> tuple[Command, ...]:
    """Measures that wait for this meeting learn that it has another date, or none: theirs is the next meeting's."""
    stood = next((m.day("date") for m in s.linked("meetings") if m.id == s.case.id), None)
    stands = s.case.day("date") if is_expected(s) else None
    others = (m.day("date") for m in s.linked("meetings") if m.id != s.case.id)
    if stood is None or stood == stands or any(day and s.today <= day < stood for day in others):
        return ()
    return tuple(Command(workflow="measure", step="note_meeting", case=m.id, on=s.on) for m in s.linked("measures"))


TELLS = (tells_the_year,)
MOVES = (tells_the_year, tells_the_measures)
MOVING = ("set_date", "reschedule", "cancel")
"""The steps that may give a meeting another date, or none."""


MEETING = Workflow(
    name="meeting", version=1, prefix="MT", states=S, final=frozenset({S.APPROVED, S.CANCELLED}), versioned=True,
    irregular={"plan": "planned", "set_date": "date_set", "hold": "held", "cancel": "cancelled"},
    tells=TELLS,
    agenda=Agenda("add_item", (S.PLANNED,), date_or_last, overdue_item, lost=(S.CANCELLED,)),
    reads=(Link("years", "year", "council", YEAR_OPEN),
           Link("meetings", "meeting", "council", (S.PLANNED, S.SUMMONED), needed_by=MOVING),
           Link("measures", "measure", "council", WAITING, needed_by=MOVING),
           Link("agreements", "agreement", "council", ("in_force",), needed_in=(S.PLANNED, S.SUMMONED, S.MINUTED))),
    rows=(
        #   step          from                     to           by              form             only if
        Row("plan",       NEW,                     S.PLANNED,   by.SECRETARIAT, Planned,         (times_fit, lies_not_behind), effects=TELLS),
        Row("set_date",   S.PLANNED,               None,        by.SECRETARIAT, DateForm,        (times_fit,), sets=renumbered, effects=MOVES),
        Row("add_item",   (S.PLANNED, S.SUMMONED), None,        by.SECRETARIAT | EFFECT, Item,   sets=with_items),
        Row("summon",     S.PLANNED,               S.SUMMONED,  by.SECRETARIAT, Summons,         (has_date, notice_long_enough, agenda_complete, guests_are_known), sets=invites, overridable=(notice_long_enough, agenda_complete)),
        Row("reschedule", (S.PLANNED, S.SUMMONED), S.PLANNED,   by.LEADER,      NewDate,         (times_fit,), sets=moved, effects=MOVES),
        Row("hold",       S.SUMMONED,              S.HELD,      by.SECRETARIAT, Attendance,      (date_reached, attendance_is_known), sets=held_on, effects=TELLS),
        Row("hold",       S.HELD,                  None,        by.SECRETARIAT, Attendance,      (date_reached, attendance_is_known), sets=held_on, effects=TELLS),
        Row("minute",     (S.HELD, S.MINUTED),     S.MINUTED,   by.SECRETARIAT, Minutes,         effects=(proposes_measures,)),
        Row("approve",    S.MINUTED,               S.APPROVED,  by.COUNCIL,     MinutesApproval, (version_is_current, vote_not_spent), sets=approved_on, binding=True),
        Row("cancel",     (S.PLANNED, S.SUMMONED), S.CANCELLED, by.LEADER,      ReasonForm,      sets=renumbered, effects=MOVES),
    ),
    deadlines=(
        #        name        while in    due                         owed by
        Deadline("summon",   S.PLANNED,  notice_due,                 by.SECRETARIAT),
        Deadline("hold",     S.SUMMONED, day_after,                  by.SECRETARIAT),
        Deadline("minute",   S.HELD,     within("minutes"),          by.SECRETARIAT),
        Deadline("approve",  S.MINUTED,  within("minutes_approval"), by.COUNCIL),
    ),
    letters=(
        #      after         kind         to          only if, when it is written
        # whoever was called once may have it in their calendar, so a cancellation goes to those who opted out since, too
        Letter("summon",     "notice",    by.STILL_CALLED, (is_summoned, lies_ahead)),
        Letter("add_item",   "notice",    by.STILL_CALLED, (is_summoned, lies_ahead), taken_in=(S.SUMMONED,)),
        Letter("reschedule", "moved",     by.STILL_CALLED, (is_expected, somebody_invited, lies_ahead)),
        Letter("cancel",     "cancelled", by.INVITED,      (is_cancelled, somebody_invited, lies_ahead)),
        Letter("minute",     "minutes",   by.STILL_CALLED, (is_minuted,)),
    ),
)  # fmt: skip
