"""Lists over many cases: todo, listing, what the clock fires, where things stand."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.contract.listening import LABORIOUS, plan_of
from tests.contract.scribe import COUNCIL, Scribe, owed

if TYPE_CHECKING:
    from engine.event import Json
    from store.reader import SqlReader

TODAY = date(2019, 3, 1)
INDEX_OF_TODO = re.compile(r"ix_deadline_council_office_due (\(council=\? AND office=\? AND due<\?\)|on deadline)")


@pytest.fixture
def busy(scribe: Scribe) -> Scribe:
    """Four measures: overdue with the chief, due today with the coordinator, later with both, and closed."""
    due: list[list[Json]] = [
        [owed("chief", "2019-02-28")],
        [owed("slt", "2019-03-01", fires="breach")],
        [owed("chief", "2019-04-01"), owed("slt", "2019-04-02")],
    ]
    for at, theme in enumerate(("prevention", "prevention", "traffic")):
        scribe.open_measure(f"M-{at + 1}", theme=theme, offices={"keeper": "mayor"})
        scribe.move(f"M-{at + 1}", "started", due=due[at])
    scribe.open_measure("M-4")
    scribe.move("M-4", "closed", due=[])
    return scribe


def listed(reader: SqlReader, **filters: str | date | bool | int) -> list[str]:
    """The ids of the cases a filter lets through."""
    return [case.id for case in reader.listing(**filters)]  # type: ignore[arg-type]  # each by its own name


def test_todo_comes_in_the_order_it_is_due(busy: Scribe) -> None:
    with busy.store.read(COUNCIL) as reader:
        everything = list(reader.todo())
    assert [(item.case, item.office) for item in everything] == [
        ("M-1", "chief"), ("M-2", "slt"), ("M-3", "chief"), ("M-3", "slt"),
    ]  # fmt: skip
    assert everything[0].on == date(2019, 2, 28)
    assert (everything[0].name, everything[0].ladder, everything[0].fires) == ("answer", "duty", None)
    assert (everything[0].workflow, everything[0].state, everything[0].title) == ("measure", "started", "Title of M-1")


def test_todo_is_narrowed_by_office_date_and_number(busy: Scribe) -> None:
    with busy.store.read(COUNCIL) as reader:
        assert [item.case for item in reader.todo(office="slt")] == ["M-2", "M-3"]
        assert [item.case for item in reader.todo(until=TODAY)] == ["M-1", "M-2"]
        assert [item.case for item in reader.todo(office="chief", until=TODAY, limit=5)] == ["M-1"]
        assert [item.case for item in reader.todo(limit=1)] == ["M-1"]
        assert list(reader.todo(office="nobody")) == []


def test_the_clock_is_told_only_of_what_it_fires(busy: Scribe) -> None:
    with busy.store.read(COUNCIL) as reader:
        assert [(item.case, item.fires) for item in reader.due(TODAY)] == [("M-2", "breach")]
        assert reader.due(date(2019, 2, 28)) == ()


def test_a_list_is_narrowed_by_each_filter_and_by_all_together(busy: Scribe) -> None:
    with busy.store.read(COUNCIL) as reader:
        assert listed(reader) == ["M-1", "M-2", "M-3", "M-4"]
        assert listed(reader, workflow="agreement") == []
        assert listed(reader, state="closed") == ["M-4"]
        assert listed(reader, theme="traffic") == ["M-3"]
        assert listed(reader, open_only=True) == ["M-1", "M-2", "M-3"]
        assert listed(reader, overdue_on=TODAY) == ["M-1"]
        assert listed(reader, limit=2) == ["M-1", "M-2"]
        assert listed(reader, workflow="measure", state="started", office="slt", theme="traffic", limit=9) == ["M-3"]


def test_a_list_for_an_office_holds_what_it_owes_and_what_names_it(busy: Scribe) -> None:
    with busy.store.read(COUNCIL) as reader:
        assert listed(reader, office="chief") == ["M-1", "M-3"]
        assert listed(reader, office="mayor") == ["M-1", "M-2", "M-3"]


def test_the_overview_counts_what_is_due_before_today_as_overdue(busy: Scribe) -> None:
    with busy.store.read(COUNCIL) as reader:
        standings = reader.overview(TODAY)
    assert [(item.workflow, item.state, item.cases, item.overdue) for item in standings] == [
        ("measure", "closed", 1, 0),
        ("measure", "started", 3, 1),
    ]


def test_the_council_itself_is_no_item_of_a_list(busy: Scribe) -> None:
    with busy.store.read(COUNCIL) as reader:
        assert "C" not in listed(reader)
        assert {standing.workflow for standing in reader.overview(TODAY)} == {"measure"}


def test_one_offices_todo_is_read_from_an_index_alone(busy: Scribe) -> None:
    with busy.store.read(COUNCIL) as reader:
        plan = plan_of(reader._link, lambda: list(reader.todo(office="slt", until=TODAY)))  # noqa: SLF001  # the driver's to tell
    assert any(INDEX_OF_TODO.search(step) for step in plan), plan
    assert not any(LABORIOUS.search(step) for step in plan), plan
