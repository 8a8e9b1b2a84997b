"""What every test may ask for: a council in a fresh database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.archive import JOURNALS, Archive
from tests.chamber import Chamber
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


@pytest.fixture
def chamber(tmp_path: Path) -> Chamber:
    """An agreement under the ordinary rule, both parties, proposed by the regional council."""
    return Chamber(tmp_path)


@pytest.fixture
def strict(tmp_path: Path) -> Chamber:
    """An agreement that the chief of police wrote and therefore may not approve at all."""
    return Chamber(tmp_path, rules={"four_eyes": "strict"}, proposer="politiet")


@pytest.fixture
def in_force(tmp_path: Path) -> World:
    """An agreement in force, A-1, whose amendments are pursued beside it."""
    world = World(tmp_path, amend_before_adoption=False)
    world.in_force()
    return world


@pytest.fixture(params=JOURNALS)
def archive(tmp_path: Path, request: pytest.FixtureRequest) -> Archive:
    """A sealed council with a backup of it, `backup.db`, in each journal mode."""
    made = Archive(tmp_path, journal=request.param)
    made.world.propose()
    made.seal()
    made.backed_up()
    return made
