"""What a person is told who reads an event whose row was changed: one line, under the exit code of changed bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.desk import Desk
from tests.notary import Notary, whole

if TYPE_CHECKING:
    from pathlib import Path

    from tests.desk import Answer


@pytest.fixture
def notary(tmp_path: Path) -> Notary:
    return whole(tmp_path)


def read(notary: Notary, command: str) -> Answer:
    """Type a command, with a new place for what it writes."""
    return Desk(notary.world).types(command.format(out=notary.world.folder / "out"))


def is_told(answer: Answer) -> bool:
    """Whether it is one line that names the event and what to do, and no fault of ours."""
    (line,) = answer.err.splitlines()
    return answer.code == 10 and "The event at position" in line and "`politirad verify` shows" in line


OF_THE_AGREEMENT = (
    "log A-1", "audit", "report follow-up", "prove A-1 2 --output {out}", "certificate A-1 --output {out}",
    "export {out}", "show A-1 --as-of 2018-10-04", "todo --as-of 2018-10-04", "backup {out}",
)  # fmt: skip


@pytest.mark.parametrize("command", OF_THE_AGREEMENT)
def test_whoever_reads_a_changed_act_is_told_where_it_is(notary: Notary, command: str) -> None:
    notary.break_in("UPDATE event SET body = replace(body, 'approved', 'rejected') WHERE case_id = 'A-1' AND n = 2")
    assert is_told(read(notary, command))
    assert not (notary.world.folder / "out").exists(), "nothing is written from a record that was changed"


@pytest.mark.parametrize("command", ["log C", "audit", "export {out}"])
def test_whoever_reads_a_changed_entry_of_the_council_is_told_where_it_is(notary: Notary, command: str) -> None:
    notary.break_in("""UPDATE event SET body = replace(body, '"data":', '"data":{"x":1},"y":') WHERE pos = 5""")
    assert is_told(read(notary, command))


@pytest.mark.parametrize("command", ["todo", "list", "show A-1", "doctor"])
def test_whoever_reads_the_views_alone_goes_on(notary: Notary, command: str) -> None:
    notary.break_in("UPDATE event SET body = replace(body, 'approved', 'rejected') WHERE case_id = 'A-1' AND n = 2")
    assert not read(notary, command).err
