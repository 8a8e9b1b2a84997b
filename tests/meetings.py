"""Meetings to play with in tests: planned, summoned, moved and cancelled, and whom letters would tell."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from engine.reading import situate
from engine.situation import Command
from tests.world import COUNCIL
from workflows.invitations import invitation_to
from workflows.meeting import MEETING
from workflows.profile import AGENDA

if TYPE_CHECKING:
    from engine.letter import Invitation
    from tests.world import World

DAY = "2019-06-12"
ORIGIN = "politirad.example/trondelag-sor"


def planned(world: World, **options: Any) -> str:  # noqa: ANN401  # answers of any kind
    """A planned meeting with a full agenda, on 20 May 2019."""
    world.clock.move_to(date(2019, 5, 20))
    case = world.take("meeting", "plan", title="Årsmøte 2019", **{"date": DAY, **options}).step.event.case
    world.take("meeting", "add_item", case, item=AGENDA)
    return case


def summoned(world: World, **options: Any) -> str:  # noqa: ANN401  # answers of any kind
    """A meeting that everybody is called to."""
    case = planned(world, begins="09:00", ends="11:00", place="Melhus rådhus")
    world.take("meeting", "summon", case, **options)
    return case


def move(world: World, case: str, day: str = "2019-06-19", **options: Any) -> None:  # noqa: ANN401  # answers of any kind
    """Let the leader move a meeting."""
    world.take("meeting", "reschedule", case, date=day, reason="Kollisjon", decider="leder_regionrad", **options)


def cancel(world: World, case: str) -> None:
    """Let the leader cancel a meeting."""
    world.take("meeting", "cancel", case, reason="Flom", decider="leder_regionrad")


def told(world: World, kind: str, case: str) -> tuple[str, ...]:
    """The offices that would get a letter of a kind, were it written now."""
    letter = next(one for one in MEETING.letters if one.kind == kind)
    command = Command(workflow="meeting", step="cancel", case=case)
    with world.store.read(COUNCIL) as reader:
        s = situate(world.service.rules, reader, command, world.clock.now(), lenient=True)
    return letter.to.deciders(s) if all(guard(s) is True for guard in letter.only_if) else ()


def in_calendars(world: World, case: str) -> Invitation:
    """The meeting as calendars know it."""
    found = invitation_to(world.case(case), ORIGIN, "Saksliste")
    assert found is not None
    return found


def seated(world: World) -> set[str]:
    """The offices that sit in the council, as permanent members and otherwise."""
    with world.store.read(COUNCIL) as reader:
        return {office for seat in reader.council().seats if seat.permanent for office in seat.filled_by}
