"""A clock that is set back by a whole year: what follows is accepted and flagged, and the order stays that of the log.

`at` is only what this machine's clock said. What came first is told by positions, numbers and the tree over them, and
a witness adds a time of its own (audit.md §8, row 7).
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from engine.errors import Refused
from engine.exported import verify_export
from engine.round import Round
from engine.sealer import Sealer
from tests.desk import Desk
from tests.letterbox import Letterbox
from tests.notary import LOG, Notary, told
from tests.world import COUNCIL, World

if TYPE_CHECKING:
    from pathlib import Path

    from engine.ports import Recorded

YEAR = 365
BEFORE, BACK = "2018-10-04T10:00:00Z", "2017-10-04T10:00:00Z"


@pytest.fixture
def notary(tmp_path: Path) -> Notary:
    """An agreement adopted; a measure decided on under a clock set back by a year; then, put right, signed."""
    notary = Notary(World(tmp_path, amend_before_adoption=False))
    world = notary.world
    world.propose()
    world.agree("A-1", "1")
    world.clock.pass_days(-YEAR)
    case = world.measure()
    decision = world.decide("Tiltaket anbefales.", body="politiradet")
    world.take("measure", "recommend", case, decider="politiradet", decision=decision)
    world.clock.pass_days(YEAR)
    world.sign("A-1", "1")
    return notary


def log(world: World, case: str | None = None) -> list[Recorded]:
    """The events in their order."""
    with world.store.read(COUNCIL) as reader:
        return list(reader.events(case))


def test_the_order_is_that_in_which_it_was_put_on_record(notary: Notary) -> None:
    events = log(notary.world)
    assert [made.position for made in events] == list(range(len(events)))
    assert [(made.event.case, made.event.n) for made in events][-8:] == [
        ("A-1", 4), ("M-1", 1), ("C", events[-6].event.n), ("M-1", 2),
        ("A-1", 5), ("A-1", 6), ("A-1", 7), ("Y-2018", 1),
    ]  # fmt: skip
    assert [entry["n"] for entry in Desk(notary.world).types("log M-1 --json").json] == [1, 2]


def test_each_event_says_what_the_clock_said_and_is_dated_by_it(notary: Notary) -> None:
    events = log(notary.world)[-8:]
    assert [made.event.at for made in events] == [BEFORE] + [BACK] * 3 + [BEFORE] * 4
    assert [made.event.on for made in events] == ["2018-10-04"] + ["2017-10-04"] * 3 + ["2018-10-04"] * 4


def test_nobody_acts_on_a_version_that_by_the_clock_is_yet_to_come(notary: Notary) -> None:
    world = notary.world
    world.propose(title="Neste avtale")
    world.clock.pass_days(-YEAR)
    with pytest.raises(Refused, match="before_the_version"):
        world.take("agreement", "approve", "A-2", version="1", decider="politiet")
    with pytest.raises(Refused, match="date_in_future"):
        world.take("agreement", "approve", "A-2", version="1", decider="politiet", on=date(2018, 10, 4))
    assert log(world)[-1].event.type == "council.step_refused"
    assert Desk(world).types("verify").code == 0


def test_the_record_is_in_order_and_the_views_can_be_made_anew(notary: Notary) -> None:
    desk = Desk(notary.world)
    assert desk.types("verify").code == 0
    desk.does("rebuild")
    assert desk.types("verify").code == 0
    assert notary.world.state("A-1") == "in_force"


def test_it_is_listed_among_the_signs_of_trouble_with_the_events(notary: Notary) -> None:
    found = [sign for sign in Desk(notary.world).types("audit --json").json if sign["kind"] == "clock_back"]
    assert [[(one["case"], one["n"]) for one in sign["events"]] for sign in found] == [[("A-1", 4), ("M-1", 1)]]
    assert (found[0]["about"]["before"], found[0]["about"]["at"]) == (BEFORE, BACK)


def test_what_is_sealed_and_cosigned_meanwhile_is_in_order_with_what_was_before_and_after(notary: Notary) -> None:
    world = notary.world
    first = notary.seal()
    world.clock.pass_days(-YEAR)
    world.measure()
    second = notary.seal()
    notary.cosigned()
    world.clock.pass_days(YEAR)
    world.measure()
    notary.seal()
    assert first < second
    assert Desk(world).types("verify").code == 0
    report = verify_export(notary.export())
    assert (told(report), report.covered and report.covered.size) == ("", second)
    assert [seal.checkpoint.size for seal in report.checkpoints] == [first, second, second + 1]


def test_how_it_stood_on_an_earlier_day_is_a_whole_log_up_to_its_last_event_of_that_day(notary: Notary) -> None:
    with notary.world.store.as_of(COUNCIL, date(2017, 10, 4)) as past:
        assert [made.position for made in past.events()] == list(range(past.size()))
        assert (past.case("A-1").state, past.case("M-1").state) == ("adopted", "recommended")
        assert past.size() == len(log(notary.world)) - 4


def test_the_clock_goes_on_sealing_daily_where_it_was_set_back(tmp_path: Path) -> None:
    box = Letterbox(tmp_path)
    notary = Notary(box.world)
    sealer = Sealer(box.world.service.rules, (LOG.seed,))
    box.clockwork.round = Round(box.world.service, box.stationery, lambda: sealer)
    sizes = []
    for day in ("2018-10-05", "2017-10-05", "2017-10-06", "2017-10-07"):
        box.set(day)
        box.introduce(f"p_{day.replace('-', '')}", None)  # binds nobody
        box.at(day)
        with notary.world.store.read(COUNCIL) as reader:
            newest = reader.newest_checkpoint()
            assert newest is not None
        sizes.append((newest.size, reader.size()))
    assert all(sealed == size for sealed, size in sizes), sizes
