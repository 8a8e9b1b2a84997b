"""The race against the neighbours is fair: everybody takes the same six steps, records each and commits it to the disk.

A lap of two records of whoever is installed; `make race` installs them all and measures.
"""

from __future__ import annotations

import pytest

import bench.steps
from bench.peers.field import DBOS_STEPS, DBOS_WAITING, DJANGO, FIELD, OURS, RAW, TRANSITIONS, Contestant
from bench.peers.heats import Entry, LapFailedError, entries, lap_of, turns
from bench.peers.lap import Done, Lap, check
from bench.peers.life import LIFE
from bench.peers.mode import SYNC, Mode
from bench.peers.score import Target, table
from workflows.measure import MEASURE

RECORDS, STEPS = 2, 12
NOBODY = Contestant("nobody", "nobody", ("no-such-package",), (Mode.WAL,), "is not there")
FALLER = Contestant("faller", "no_such_module", (), (Mode.WAL,), "falls")


def where(contestant: Contestant) -> Mode:
    """Where a contestant's commits can be counted, if it races there."""
    return Mode.DELETE if Mode.DELETE in contestant.modes else contestant.modes[0]


def entry(contestant: Contestant, mode: Mode, *paces: float) -> Entry:
    """A contestant that has raced, at so many steps per second a round."""
    laps = [Lap(STEPS / pace, STEPS, STEPS, STEPS, "DELETE/EXTRA") for pace in paces]
    return Entry(contestant, mode, laps)


def test_the_steps_are_those_that_ours_takes_and_our_table_has() -> None:
    assert [step.event for step in LIFE] == [event for event, _ in bench.steps.LIFE]
    rows = {(row.step, source, row.target or source) for row in MEASURE.rows for source in row.sources}
    assert rows.issuperset(LIFE)


@pytest.mark.parametrize("contestant", FIELD, ids=[one.module for one in FIELD])
def test_everybody_takes_six_steps_a_record_and_writes_an_audit_record_of_each(contestant: Contestant) -> None:
    if missing := contestant.missing:
        pytest.skip(f"{missing} is not installed; `make race` installs it")
    mode = where(contestant)
    lap = lap_of(contestant, mode, RECORDS)
    assert (lap.steps, lap.audits) == (STEPS, STEPS)
    assert lap.sync == SYNC[mode]
    assert lap.seconds > 0
    if mode is Mode.DELETE:
        assert lap.commits == STEPS + (RECORDS if contestant is DBOS_STEPS else 0)  # where the end is one more


def test_whoever_is_always_installed_races() -> None:
    assert [one.missing for one in (OURS, RAW, TRANSITIONS)] == [None, None, None]


@pytest.mark.parametrize(
    ("done", "complaint"),
    [
        (Done(11, 12, "WAL/FULL"), "took 11 steps"),
        (Done(12, 11, "WAL/FULL"), "wrote 11 audit records"),
        (Done(12, 12, "WAL/NORMAL"), "synced its commits as WAL/NORMAL, not as WAL/FULL"),
    ],
)
def test_a_lap_that_did_less_than_was_asked_does_not_count(done: Done, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        check(done, Mode.WAL, RECORDS)


def test_a_lap_may_sync_as_it_ships_where_everybody_does() -> None:
    check(Done(12, 12, "DELETE/EXTRA"), Mode.SHIPPED, RECORDS)


def test_whoever_is_not_installed_is_named_and_the_others_go_on() -> None:
    field = entries((NOBODY, OURS))
    assert {one.contestant for one in turns(field, 1)} == {OURS}
    assert ("nobody", "not installed (no-such-package)", "", "", "", "") in table(field, Mode.WAL)


def test_whoever_falls_is_out_with_the_reason() -> None:
    fallen = Entry(FALLER, Mode.WAL)
    fallen.race(RECORDS)
    assert fallen.out is not None
    assert fallen.out.startswith("failed: ModuleNotFoundError")
    assert not list(turns([fallen], 3))
    with pytest.raises(LapFailedError):
        lap_of(FALLER, Mode.WAL, RECORDS)


def test_rounds_go_back_and_forth() -> None:
    field = [entry(one, Mode.WAL) for one in (OURS, RAW)]
    assert [one.contestant.name for one in turns(field, 2)] == ["ours", "raw sqlite3", "raw sqlite3", "ours"]


def test_a_ratio_is_the_median_of_rounds_in_which_both_raced_and_decides_the_target() -> None:
    field = [entry(OURS, Mode.WAL, 100, 200, 300), entry(TRANSITIONS, Mode.WAL, 100, 100, 100)]
    assert table(field, Mode.WAL)[2] == (TRANSITIONS.name, "100", "100", "100", "2.00", "1")
    assert Target(TRANSITIONS, Mode.WAL, 2.0).verdict(field) == "2.00: reached"
    assert Target(TRANSITIONS, Mode.WAL, 2.1).verdict(field) == "2.00: missed"


def test_a_target_whose_contestant_did_not_race_is_neither_reached_nor_missed() -> None:
    fallen = entry(DJANGO, Mode.WAL, 10)
    fallen.out = "failed"
    field = [entry(OURS, Mode.WAL, 100), fallen, entry(DBOS_WAITING, Mode.SHIPPED, 10)]
    assert Target(DJANGO, Mode.WAL, 1.4).verdict(field) == "not raced"
    assert Target(DBOS_WAITING, Mode.SHIPPED, 10).verdict(field) == "not raced"
