"""A municipality that reserved itself sits in no seat and gets no notice; once it has acceded, it gets the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.meetings import planned, told
from tests.test_reservation import ITS_OFFICES, OUT, answered
from tests.world import MAYORS, World

if TYPE_CHECKING:
    from pathlib import Path


def notice(world: World) -> set[str]:
    """A meeting is called: whom the case remembers as invited, who are those the letter goes to."""
    case = planned(world)
    world.take("meeting", "summon", case)
    invited = world.case(case).facts["invited"]
    assert isinstance(invited, list)
    assert tuple(invited) == told(world, "notice", case)
    return {str(office) for office in invited}


def test_whoever_reserved_itself_is_not_called_and_is_again_after_acceding(tmp_path: Path) -> None:
    world = World(tmp_path, ratifies=dict.fromkeys(MAYORS, True), enough_acceded=5)
    case = answered(world, oppdal="reserved")
    without = notice(world)
    assert not ITS_OFFICES & without
    assert {"ordforer_melhus", "slt_roros"} <= without
    world.take("agreement", "ratify", case, version="1", decider=OUT, answer="acceded")
    assert notice(world) == without | ITS_OFFICES


def test_a_meeting_called_before_stays_with_those_who_were_called(tmp_path: Path) -> None:
    world = World(tmp_path, ratifies=dict.fromkeys(MAYORS, True), enough_acceded=5)
    case = answered(world, oppdal="reserved")
    meeting = planned(world)
    world.take("meeting", "summon", meeting)
    world.take("agreement", "ratify", case, version="1", decider=OUT, answer="acceded")
    assert not ITS_OFFICES & set(told(world, "notice", meeting))
