"""A bar for work that takes a while: on a terminal somebody looks at, and nowhere else."""

from __future__ import annotations

import re
from contextlib import redirect_stderr
from datetime import date
from io import StringIO
from typing import TYPE_CHECKING

import pytest

from commands.simulating import foreseen_by
from commands.wiring import Setup
from tests.desk import Desk
from tests.letterbox import Letterbox

if TYPE_CHECKING:
    from pathlib import Path

UNTIL = date(2019, 3, 15)


class Terminal(StringIO):
    """What errors are printed on while somebody looks."""

    def isatty(self) -> bool:
        """It is one."""
        return True


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    """A council with a measure, whose next months can be looked at."""
    box = Letterbox(tmp_path)
    box.world.in_force()
    box.measure("2018-12-03")
    box.at("2018-10-05")
    return Setup(Desk(box.world).settings, box.world.clock, box.world.service.entropy)


def seen_on(screen: StringIO, setup: Setup) -> str:
    """What is seen while somebody looks ahead."""
    with redirect_stderr(screen):
        assert foreseen_by(setup, UNTIL).letters
    return screen.getvalue()


def test_looking_ahead_shows_how_far_it_has_come(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commands.upkeep.PATIENCE", 0.0)
    seen = seen_on(Terminal(), setup)
    shares = [int(share) for share in re.findall(r"(\d+)%", seen)]
    assert "simulate  [#" in seen
    assert (shares[0] < 50, shares[-1], shares == sorted(shares)) == (True, 100, True)
    assert len(set(shares)) > 5


def test_nothing_is_shown_of_what_is_soon_done(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commands.upkeep.PATIENCE", 60.0)
    assert seen_on(Terminal(), setup) == ""


def test_nothing_is_shown_where_nobody_looks(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commands.upkeep.PATIENCE", 0.0)
    assert seen_on(StringIO(), setup) == ""
