"""When the clock seals: after what binds somebody, daily, and after so much that nobody looks through it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from engine import sealer
from engine.ports import Person
from engine.registration import add_person
from engine.sealer import Sealer
from tests.notary import LOG, Notary
from tests.world import COUNCIL

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


@pytest.fixture
def notary(tmp_path: Path) -> Notary:
    """A council whose log is sealed to its end."""
    notary = Notary(tmp_path)
    notary.seal()
    return notary


def is_due(notary: Notary, at: datetime | None = None) -> bool:
    """Whether the clock would seal now, or at another time."""
    with notary.world.store.read(COUNCIL) as reader:
        return Sealer(notary.world.service.rules, (LOG.seed,)).is_due(reader, at or notary.world.clock.now())


def add_persons(notary: Notary, number: int) -> None:
    """So many events that bind nobody."""
    for n in range(number):
        person = Person(f"p_{n}", f"h{n}", f"Ny {n}", None)
        notary.world.register(lambda run, new=person: add_person(run, new, notary.world.entry()))


def test_more_new_events_than_are_looked_through_are_sealed_unseen(
    notary: Notary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealer, "MOST", 3)
    add_persons(notary, 3)
    assert not is_due(notary), "three were looked through, and none binds anybody"
    add_persons(notary, 1)
    assert is_due(notary), "the fourth may be anything"
    notary.seal()
    assert not is_due(notary)


def test_so_a_binding_event_is_never_missed_behind_many_that_bind_nobody(
    notary: Notary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealer, "MOST", 3)
    add_persons(notary, 5)
    notary.world.propose()
    assert is_due(notary)


def test_no_more_than_that_is_read_to_decide_it(notary: Notary, monkeypatch: pytest.MonkeyPatch) -> None:
    add_persons(notary, 2)
    monkeypatch.setattr(sealer, "MOST", 2)
    asked: list[tuple[int, int]] = []

    def nothing_from(position: int, limit: int) -> tuple[()]:
        asked.append((position, limit))
        return ()

    with notary.world.store.read(COUNCIL) as reader:
        monkeypatch.setattr(reader, "events_from", nothing_from)
        Sealer(notary.world.service.rules, (LOG.seed,)).is_due(reader, notary.world.clock.now())
        newest = reader.newest_checkpoint()
    assert newest is not None
    assert asked == [(newest.size, 2)]


@pytest.mark.parametrize("hours", [24, 48, -24, -365 * 24])
def test_what_binds_nobody_is_sealed_where_the_clock_is_a_day_from_the_last_checkpoint(
    notary: Notary, hours: int
) -> None:
    add_persons(notary, 1)
    now = notary.world.clock.now()
    assert is_due(notary, now + timedelta(hours=hours))
    assert not is_due(notary, now + timedelta(hours=23))
    assert not is_due(notary, now - timedelta(hours=23))
