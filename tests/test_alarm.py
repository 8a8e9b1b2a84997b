"""The alarm clock behind `politirad serve`: what it keeps, and that neither time nor trouble silences it."""

from __future__ import annotations

import ast
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Event

from apscheduler.jobstores.memory import MemoryJobStore

from engine.scheduler import Alarm

ROOT = Path(__file__).parents[1]


def test_jobs_live_in_memory_alone() -> None:
    alarm = Alarm(lambda: None, timedelta(seconds=60))
    alarm.start()
    try:
        assert [type(store) for store in alarm.scheduler._jobstores.values()] == [MemoryJobStore]  # noqa: SLF001  # it has no other window
        assert len(alarm.scheduler.get_jobs()) == 1
    finally:
        assert alarm.stop(1)


def imported() -> set[str]:
    """The modules that what we wrote imports."""
    sources = [path for name in ("engine", "workflows", "store", "commands") for path in (ROOT / name).rglob("*.py")]
    nodes = [node for path in sources for node in ast.walk(ast.parse(path.read_text()))]
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


def test_nothing_we_wrote_pickles() -> None:
    names = imported()
    assert {name.partition(".")[0] for name in names} & {"pickle", "shelve", "marshal", "dill", "yaml"} == set()
    assert not any("sqlalchemy" in name for name in names if name.startswith("apscheduler"))


def test_no_cell_of_a_spreadsheet_is_a_formula_because_none_is_written() -> None:
    """Whoever begins to write one puts `'` before what a spreadsheet would work out (audit.md §8, 15), and tests it."""
    assert {name.partition(".")[0] for name in imported()} & {"csv", "openpyxl", "xlsxwriter", "odf"} == set()


def test_a_clock_set_back_years_does_not_silence_the_alarm() -> None:
    turned = Event()
    alarm = Alarm(turned.set, timedelta(seconds=60))
    alarm.start()
    try:
        assert turned.wait(10)
        turned.clear()
        (job,) = alarm.scheduler.get_jobs()
        job.modify(next_run_time=datetime.now(UTC) + timedelta(days=1000))  # what it was before the clock was set back
        assert not turned.wait(0.2)
        alarm.set_back()
        assert turned.wait(10)
    finally:
        assert alarm.stop(1)


def test_a_turn_longer_than_its_pause_is_late_and_never_runs_beside_another() -> None:
    turns: list[float] = []

    def turn() -> None:
        turns.append(time.monotonic())
        time.sleep(0.25)

    alarm = Alarm(turn, timedelta(seconds=0.1))
    alarm.start()
    time.sleep(1)
    assert alarm.stop(1)
    assert len(turns) >= 2
    assert all(later - earlier >= 0.25 for earlier, later in pairwise(turns))


def test_a_turn_that_does_not_end_is_told_so() -> None:
    going_on = Event()

    def turn() -> None:
        going_on.wait(10)

    alarm = Alarm(turn, timedelta(seconds=60))
    alarm.start()
    time.sleep(0.1)
    assert not alarm.stop(0.1)
    going_on.set()
    assert alarm.stop(10)


def test_what_is_told_to_stop_begins_nothing_more() -> None:
    turns: list[int] = []
    alarm = Alarm(lambda: turns.append(1), timedelta(seconds=0.05))
    alarm.start()
    time.sleep(0.2)
    assert alarm.stop(1)
    so_far = len(turns)
    alarm._ring()  # noqa: SLF001  # one that was about to begin
    time.sleep(0.2)
    assert len(turns) == so_far > 0
