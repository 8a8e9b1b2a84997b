"""`politirad calendar`: deadlines and meetings for other calendars, or the invitation to a meeting; iCalendar files.

A calendar that reads the file again and again sees what changed: everything in it keeps its id.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.given import known_office
from commands.output import Printable, dump
from commands.reading import json_flag
from commands.register_names import by_id, name_of, titled
from commands.saving import OUTPUT, hand_over
from commands.wiring import setup_of
from engine.errors import UsageError
from engine.ics import Task, feed_text, invitation_text
from workflows.invitations import invitation_to, is_invited, uid_of

if TYPE_CHECKING:
    from commands.wiring import Setup
    from engine.holdings import CouncilState
    from engine.letter import Invitation
    from engine.ports import Owed, Person
    from engine.register import Id
    from engine.situation import Case
    from store.reader import SqlReader


@dataclass(frozen=True, slots=True)
class Ground:
    """What a calendar is made from: the council, who is on record, the reader's language, and today's local date."""

    setup: Setup
    council: CouncilState
    today: date

    def name(self, id_: Id) -> str:
        """What an office or a body is called today."""
        return name_of(self.council.register, id_, self.today, self.setup.language)


@click.command()
@click.option("--office", metavar="OFFICE", help="Only what this office owes, and the meetings it is called to.")
@click.option("--meeting", metavar="CASE", help="Only this meeting; with --office, as the invitation to that office.")
@click.option("--events", is_flag=True, help="Deadlines as all-day events, for programs that show no tasks.")
@OUTPUT
@json_flag
@click.pass_context
def calendar(
    ctx: click.Context, *, office: str | None, meeting: str | None, events: bool, output: Path | None, as_json: bool
) -> None:  # fmt: skip
    """Deadlines and meetings as an iCalendar file, of one office or of the whole council.

    Deadlines are tasks (VTODO), which call three days before and on the day. One meeting alone is a file that anybody
    can put into their calendar; for an office it is the invitation itself, which asks for an answer, or its
    cancellation.
    """
    setup = setup_of(ctx)
    with setup.reading() as reader:
        ground = Ground(setup, reader.council(), setup.today)
        if office is not None:
            known_office(ground.council.register, office)
        meetings = _meetings(ground, reader, office, meeting)
        owed = () if meeting else tuple(reader.todo(office))
        people = by_id(reader.persons(), setup) if meeting and office else {}
    if as_json:
        dump(_json(ground, office, owed, meetings))
    elif meeting and office:
        _hand_over(_asking(ground, office, meetings[0], people), output)
    else:
        tasks = (task_of(ground, item) for item in owed)
        _hand_over(feed_text(_called(ground, office), tasks, meetings, stamp=setup.now, as_events=events), output)


def task_of(ground: Ground, item: Owed) -> Task:
    """A deadline as calendars know it. An overdue one says so; how late it is would be wrong tomorrow."""
    words = ground.setup.words
    late = f" ({words.phrase('overdue_since', on=item.on)})" if item.on < ground.today else ""
    lines = (
        titled(ground.council.register, item.office, ground.today, ground.setup.language),
        f"{words.label('workflow', item.workflow)}, {words.state(item.workflow, item.state)}",
        f"politirad show {item.case}",
    )
    return Task(
        uid_of(ground.council.origin, item.case, item.name, item.office), item.on,
        f"{item.case} {item.title}: {words.deadline(item.workflow, item.name)}{late}", "\n".join(lines),
    )  # fmt: skip


def _meetings(ground: Ground, reader: SqlReader, office: Id | None, meeting: str | None) -> tuple[Invitation, ...]:
    """The meeting that was named, or all that have a date and concern the office, those cancelled among them.

    Raises `NotFoundError`, and `UsageError` where the meeting cannot be in a calendar, or the office has no invitation.
    """
    if meeting is None:
        concerning = (case for case in reader.cases("meeting") if office is None or _concerns(ground, case, office))
        return tuple(_dated(ground, concerning))
    case = reader.case(meeting)
    if case.workflow != "meeting":
        raise UsageError(f"{meeting} is no meeting. `politirad list --workflow meeting` shows those there are.")
    if office is not None and not is_invited(case, office):
        raise UsageError(
            f"{office} has no invitation to {meeting}. `politirad show {meeting}` tells who is invited;"
            " leave --office out for a file that invites nobody."
        )
    found = tuple(_dated(ground, (case,)))
    if not found:
        raise UsageError(f"{meeting} has no date. Set one: `politirad meeting set-date {meeting} --date DATE`.")
    return found


def _concerns(ground: Ground, case: Case, office: Id) -> bool:
    """Whether an office is invited to a meeting, or, while nobody is, sits in the council or keeps its papers."""
    seated = {one for seat in ground.council.seats if seat.permanent for one in seat.filled_by}
    return (
        office == ground.council.register.secretariat
        or is_invited(case, office)
        or ("invited" not in case.facts and office in seated)
    )


def _dated(ground: Ground, cases: Iterable[Case]) -> Iterator[Invitation]:
    for case in cases:
        if found := invitation_to(case, ground.council.origin, _about(ground, case)):
            yield found


def _about(ground: Ground, case: Case) -> str:
    """A meeting's state and agenda, as its description."""
    words, agenda = ground.setup.words, case.facts.get("agenda")
    listed = [f"{words.label('fact', 'agenda')}: {words.answer('agenda', agenda)}"] if agenda else []
    return "\n".join([f"{case.id}, {words.state('meeting', case.state)}", *listed])


def _asking(ground: Ground, office: Id, meeting: Invitation, people: dict[str, Person]) -> str:
    """The invitation of an office by the secretariat, from the address that letters come from.

    A calendar takes a change of a meeting only from whoever asked to it, so both must come from one address. Where
    there is none in the settings it is the secretary's. Raises `UsageError` where somebody cannot be reached.
    """
    setup, secretariat = ground.setup, ground.council.register.secretariat
    organizer = setup.settings.mail_from or _reached(ground, secretariat, people)[0]
    attendee, name = _reached(ground, office, people)
    return invitation_text(
        meeting, organizer=organizer, organizer_name=ground.name(secretariat), attendee=attendee, attendee_name=name,
        stamp=setup.now,
    )  # fmt: skip


def _reached(ground: Ground, office: Id, people: dict[str, Person]) -> tuple[str, str | None]:
    """The address and the name of who holds an office today."""
    held = ground.council.holdings.of(office, ground.today)
    if held is None:
        raise UsageError(f"Nobody holds {office} today. Register who does: `politirad office assign {office} PERSON`.")
    person = people.get(held.person)
    if person is None or not person.email:
        raise UsageError(
            f"No e-mail address is on record for {office}, and an invitation needs one. See `politirad person -h`;"
            " leave --office out for a file that needs none."
        )
    return person.email, person.name


def _called(ground: Ground, office: Id | None) -> str:
    return ground.name(office or ground.council.register.council)


def _json(ground: Ground, office: Id | None, owed: Iterable[Owed], meetings: Iterable[Invitation]) -> Printable:
    return {
        "name": _called(ground, office),
        "deadlines": [_task_json(item, task_of(ground, item)) for item in owed],
        "meetings": [_meeting_json(meeting) for meeting in meetings],
    }


def _task_json(item: Owed, task: Task) -> Printable:
    return {
        "uid": task.uid, "due": task.due.isoformat(), "title": task.title, "description": task.description,
        "case": item.case, "name": item.name, "office": item.office,
    }  # fmt: skip


def _meeting_json(meeting: Invitation) -> Printable:
    begins, ends = (at.isoformat("minutes") if at else None for at in (meeting.begins, meeting.ends))
    return {
        "uid": meeting.uid, "sequence": meeting.sequence, "title": meeting.title, "description": meeting.description,
        "place": meeting.place, "date": meeting.day.isoformat(), "begins": begins, "ends": ends,
        "cancelled": meeting.cancelled,
    }  # fmt: skip


def _hand_over(text: str, output: Path | None) -> None:
    """Print or write a calendar; printed in UTF-8 and with CRLF, whatever else this terminal is sent."""
    stream = getattr(sys.stdout, "buffer", None)
    if output is None and stream is not None:
        stream.write(text.encode())
    else:
        hand_over(text, output)
