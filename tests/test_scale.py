"""`make scale` on a very small scale: it builds whole councils, measures at three sizes and prints every row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.nation import name_of
from bench.scale import main
from store import SqlStore
from tests.postgres_server import new_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SMALL = ["--councils", "4", "--deadlines", "12", "--events", "480", "--samples", "3"]
ROWS = (
    "open deadlines", "events", "tick, 2 letters due in each council", "tick, nothing due",
    "memory of the process that ticks", "advance, one step", "todo of one office", "verify one council", "database",
)  # fmt: skip
"""What is printed of a file and of a server."""


@pytest.fixture(params=["file", "server"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A place for a database that is not there yet, or an empty one."""
    if request.param == "file":
        yield str(tmp_path / "politirad.db")
        return
    with new_database() as url:
        yield url


def test_what_is_built_verifies_and_every_row_is_printed(where: str, capsys: pytest.CaptureFixture[str]) -> None:
    main([*SMALL, "--database", where])
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in capsys.readouterr().out.splitlines()]
    table = {line[0]: line[1:] for line in lines if line}
    assert table["measured"] == ["1 councils", "2 councils", "4 councils", "grows x4"]
    assert set(ROWS) <= table.keys()
    assert all(len(cells) == 4 for cells in table.values())
    assert int(table["open deadlines"][2]) >= 12
    with SqlStore.open(where) as store:
        assert store.councils() == tuple(map(name_of, range(4)))
        reports = [store.verify(council) for council in store.councils()]
    assert [report.faults for report in reports] == [[]] * 4
    assert all(report.events > 120 for report in reports)
