"""What a round tells of the letters that wait: how many, until when, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from commands.turning import turn
from commands.wiring import Setup
from engine.keyfile import create
from tests.desk import Desk
from tests.letterbox import Letterbox
from tests.outgoing import posts
from tests.world import COUNCIL

if TYPE_CHECKING:
    from collections.abc import Callable
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


def without(key: Path) -> None:
    """The key's file is not there."""


def open_to_others(key: Path) -> None:
    """Others may have read the key."""
    create(key, bytes([1]) * 32)
    key.chmod(0o644)


def of_no_log(key: Path) -> None:
    """The key is one that the log does not announce."""
    create(key, bytes([2]) * 32)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [(without, "cannot be read"), (open_to_others, "chmod 600"), (of_no_log, "keys announce")],
)
def test_a_log_key_that_is_not_in_order_stops_nothing_but_the_sealing(
    tmp_path: Path, spoil: Callable[[Path], None], why: str
) -> None:
    box, key, mail = Letterbox(tmp_path), tmp_path / "log.key", tmp_path / "mail"
    box.world.in_force()
    box.measure("2018-10-05")
    box.set("2018-10-05", "08:00")
    spoil(key)
    answer = Desk(box.world).types("tick", log_key=key, mail=f"file:{mail}")
    assert (answer.code, why in answer.err) == (2, True), answer.err
    assert box.letters("digest")
    assert any((mail / "new").iterdir())
    with box.world.store.read(COUNCIL) as reader:
        assert reader.newest_checkpoint() is None


def test_once_the_key_is_in_order_the_next_round_seals(box: Letterbox, tmp_path: Path) -> None:
    desk = Desk(box.world)
    desk.settings = replace(desk.settings, log_key=tmp_path / "log.key")
    setup = Setup(desk.settings, box.world.clock, box.world.service.entropy)
    box.world.propose()
    assert "cannot be read" in turn(setup).line
    desk.does("keys", "new", "--file", str(tmp_path / "log.key"))
    assert "failed" not in turn(setup).line
    with box.world.store.read(COUNCIL) as reader:
        assert reader.newest_checkpoint() is not None
