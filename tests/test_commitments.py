"""Texts that can be erased cannot be replaced: each is held against the event that commits to it.

That what an event erased is not missed is seen in test_erasure.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.raw import unguarded
from tests.desk import Desk
from tests.world import World

if TYPE_CHECKING:
    from pathlib import Path

WHY = "Ordføreren var syk"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A council in which a step was put right for a reason, by somebody whose login is on record."""
    world = World(tmp_path)
    desk = Desk(world)
    world.propose()
    desk.does("correct", "A-1", "1", "--ref", "sak 2/18", "--reason", WHY)
    desk.does("person", "add", "Ola Dal", "--handle", "ola")
    assert desk.types("verify").code == 0
    return desk


def harmed(desk: Desk, statement: str) -> str:
    """What `verify` says, in exit code 10, once the database was changed behind its back."""
    desk.world.store.close()
    with unguarded(desk.world.folder / "politirad.db") as connection:
        connection.execute(statement)
    answer = desk.types("verify")
    assert answer.code == 10, answer
    return answer.err


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE remark SET text = 'Saken var avtalt'",
        "UPDATE remark SET salt = zeroblob(16)",
        "UPDATE remark SET text = CAST(x'ff' AS TEXT)",
        "UPDATE remark SET text = text || ' '",
    ],
)
def test_a_remark_that_was_replaced_is_told_with_its_event(desk: Desk, harm: str) -> None:
    said = harmed(desk, harm)
    assert "(A-1 number 2): the text of its remark is not the one that was written" in said
    assert WHY not in said


@pytest.mark.parametrize("harm", ["DELETE FROM remark", "UPDATE remark SET text = NULL"])
def test_a_remark_that_is_gone_and_was_not_erased_is_told_with_its_event(desk: Desk, harm: str) -> None:
    assert "(A-1 number 2): the text of its remark is gone, and no event erased it" in harmed(desk, harm)


def test_a_users_name_that_was_replaced_is_told_once(desk: Desk) -> None:
    said = harmed(desk, "UPDATE login SET text = 'siri (1001)'")
    assert said.count("the system's user behind it is not the one that was written") == 1


def test_a_users_name_that_is_gone_and_was_not_erased_is_told(desk: Desk) -> None:
    said = harmed(desk, "DELETE FROM login")
    assert "the text of the system's user behind it is gone, and no event erased it" in said
