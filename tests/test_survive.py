"""The clock killed at random points. Ten times here; `make survive` does it two hundred times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.survive import campaign

if TYPE_CHECKING:
    from pathlib import Path


def test_whoever_kills_the_clock_loses_no_letter_and_changes_none(tmp_path: Path) -> None:
    outcome = campaign(tmp_path, kills=10, measures=12, seed=10)
    assert outcome.faults == [], outcome.line
    assert outcome.letters > 12
    assert any(outcome.orphans), "no kill came in the middle of a letter: this test has lost its point"
