"""How tests look at a refusal: by its reasons, and that it changed nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.errors import Refused

if TYPE_CHECKING:
    from tests.world import World


def refusal(world: World, workflow: str, step: str, case: str, **options: object) -> set[str]:
    """The codes of the reasons a step is refused for; the case stays as it was."""
    before = world.case(case)
    with pytest.raises(Refused) as refused:
        world.take(workflow, step, case, **options)
    assert world.case(case) == before
    return {reason.code for reason in refused.value.verdict.reasons}
