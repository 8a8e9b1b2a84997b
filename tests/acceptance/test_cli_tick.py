"""What a round tells of the letters that wait: how many, until when, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.desk import Desk
from tests.letterbox import Letterbox
from tests.outgoing import posts

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def box(tmp_path: Path) -> Letterbox:
    """A council whose clock turned on Friday 2 August 2019."""
    box = Letterbox(tmp_path)
    box.at("2019-08-02")
    return box


@pytest.mark.parametrize(
    ("number", "said"), [(1, "1 letter waits until 2019-08-05 07:00."), (3, "3 letters wait until 2019-08-05 07:00.")]
)
def test_outside_office_hours_letters_wait_and_that_is_said(box: Letterbox, number: int, said: str) -> None:
    box.set("2019-08-02", "16:30")
    posts(box, number)
    desk = Desk(box.world)
    assert desk.does("tick").splitlines() == [said]
    told = desk.types("tick --json").json
    assert (told["waiting"], told["waiting_until"]) == (number, "2019-08-05T05:00:00Z")


def test_where_mail_cannot_go_all_that_waits_is_counted(box: Letterbox, tmp_path: Path) -> None:
    posts(box, 2)
    (tmp_path / "mail").write_text("no folder")
    told = Desk(box.world).types("tick", mail=f"file:{tmp_path / 'mail'}").out.splitlines()
    assert told[-2].endswith("File exists. What waits goes with a later round.")
    assert told[-1] == "2 letters wait for the next round."


def test_without_letters_the_clock_owes_nothing(box: Letterbox) -> None:
    assert Desk(box.world).does("tick") == "The clock owes nothing.\n"


@pytest.mark.parametrize("command", ["tick", "tick --dry-run", "serve"])
def test_the_clock_does_not_turn_for_a_council_that_is_not_there(box: Letterbox, command: str) -> None:
    refused = Desk(box.world).types(command, council="trondelag")
    assert (refused.code, "There is no council 'trondelag'" in refused.err) == (3, True), refused.err


def test_the_first_round_is_rehearsed_with_all_that_is_owed_by_then(tmp_path: Path) -> None:
    box = Letterbox(tmp_path)
    box.world.in_force()
    box.measure("2018-10-05")
    box.set("2018-10-05", "06:00")
    told = Desk(box.world).does("remind --dry-run")
    assert "2018-10-05 07:00" in told
    assert "Natteravner" in told
