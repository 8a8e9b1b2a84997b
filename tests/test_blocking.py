"""Showing a person to nobody: the name stays where it is kept, and no output has it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from engine.erasure import Erased, erased_in
from tests.desk import Desk
from tests.leaving import ADDRESS, FULL, LOGIN, OFFICE, in_files, known, log, settle
from tests.world import World

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def one(tmp_path: Path) -> Desk:
    """A desk, where the journal makes no difference."""
    return Desk(World(tmp_path))


def test_a_blocked_person_is_shown_to_nobody_and_found_by_handle_or_id(one: Desk) -> None:
    id_ = settle(one)
    one.does("person block olav")
    for command in (
        "person list",
        "office list",
        f"office history {OFFICE}",
        "log A-1",
        "todo",
        "log C",
        "person show olav",
    ):
        told = one.types(command)
        assert (told.code, FULL in told.out, ADDRESS in told.out, LOGIN in told.out) == (0, False, False, False), (
            command
        )
    assert "(blocked)" in one.does(f"office history {OFFICE}")
    assert "(blocked) (declared, operating system user (blocked))" in " ".join(one.does("log A-1").split())
    (listed,) = [p for p in one.types("person list --json").json if p["blocked"]]
    assert (listed["id"], listed["handle"], listed["name"], listed["email"]) == (id_, id_, "(blocked)", None)
    assert one.types("person show olav --json", language="nb").json["name"] == "(sperret)"


def test_a_block_is_taken_back_by_its_id_and_the_name_was_never_gone(one: Desk) -> None:
    id_ = settle(one)
    one.does("person block olav")
    assert FULL.encode() in (one.world.folder / "politirad.db").read_bytes() + b"".join(
        path.read_bytes() for path in one.world.folder.glob("politirad.db-wal")
    )
    one.does(f"person block {id_} --undo")
    assert known(one) == known(one, id_)
    assert known(one).name == FULL


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("person block olav", "blocked already"),
        ("person edit olav --email ny@example.no", "is blocked. First take that back"),
        ("person block kari --undo", "kari is not blocked"),
    ],
)
def test_what_would_change_nothing_or_too_much_is_refused(one: Desk, command: str, why: str) -> None:
    settle(one)
    one.does("person block olav")
    answer = one.types(command)
    assert (answer.code, why in answer.err) == (2, True)


def test_a_blocked_name_stays_out_of_the_log_too(one: Desk) -> None:
    settle(one)
    one.world.in_force()
    one.does("person block olav")
    answer = one.types(
        f"measure propose --title 'Møte med {FULL}' --theme crime_prevention --for politiradssekretar --ref x"
    )
    assert answer.code == 2
    assert "--title names" in answer.err


def test_a_blocked_person_can_be_erased(one: Desk, tmp_path: Path) -> None:
    id_ = settle(one)
    one.does("person block olav")
    assert erased_in(log(one)).blocked == {id_: log(one)[-1].leaf}
    one.world.clock.move_to(date(2018, 12, 1))
    one.does("person erase olav")
    assert erased_in(log(one)) == Erased((id_,), (), {})
    assert in_files(tmp_path, FULL, ADDRESS) == []
