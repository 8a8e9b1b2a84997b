"""What the tests of the command line may ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.desk import Desk

if TYPE_CHECKING:
    from tests.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    """A desk in the shipped council, with people in its offices."""
    return Desk(world)
