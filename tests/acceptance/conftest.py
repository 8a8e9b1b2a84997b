"""What the tests of the command line may ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.demo import tell
from tests.desk import Desk

if TYPE_CHECKING:
    from tests.demo import Told
    from tests.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    """A desk in the shipped council, with people in its offices."""
    return Desk(world)


@pytest.fixture(scope="session")
def told_amend_first(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The demo as it is played by default: the agreement is changed before it is adopted. Nobody changes it."""
    return tell(tmp_path_factory.mktemp("amend"))


@pytest.fixture(scope="session")
def told_adopt_first(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The other order: it is adopted as it stands, and the change pursued afterwards. Nobody changes it either."""
    return tell(tmp_path_factory.mktemp("adopt"), "--order", "adopt-first")


@pytest.fixture(params=["told_amend_first", "told_adopt_first"])
def told(request: pytest.FixtureRequest) -> Told:
    """Either order."""
    story: Told = request.getfixturevalue(request.param)
    return story
