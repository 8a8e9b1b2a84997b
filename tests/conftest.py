"""What every test may ask for: a council in a fresh database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.world import World

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> World:
    """The shipped council with people in its offices; amendments come before adoption."""
    return World(tmp_path)


@pytest.fixture
def adopt_first(tmp_path: Path) -> World:
    """The same council with the other order: adopt first, pursue the amendment afterwards."""
    return World(tmp_path, amend_before_adoption=False)
