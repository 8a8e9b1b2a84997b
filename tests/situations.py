"""Situations made by hand, for guards whose case life would take too long to reach."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from engine.acts import Version
from engine.errors import Reason
from engine.event import FIRST
from engine.holdings import CouncilState, Holdings
from engine.situation import Case, Command, Situation
from tests.world import example
from workflows.consent import Approval
from workflows.profile import Profile

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = date(2019, 2, 14)


def situation(**parts: object) -> Situation:
    """A proposed agreement on a day, with whatever parts are given."""
    council = example()
    state = CouncilState("c", "o", "nb", 1, FIRST, council.register, Holdings(()), council.seats, "p")
    case = Case("A-1", "agreement", 1, "proposed", 1, FIRST, "p", None, DAY, {})
    command = Command(workflow="agreement", step="approve", case="A-1")
    form = object.__new__(Approval)
    settled = {
        "case": case, "command": command, "form": form, "council": state, "profile": Profile(),
        "now": datetime(2019, 2, 14, 12, tzinfo=UTC), "today": DAY, "on": DAY, **parts,
    }  # fmt: skip
    return Situation(**settled)  # type: ignore[arg-type]  # parts by name


def naming(named: Callable[[Situation], object], given: str, *, leaves: tuple[str, ...]) -> str | None:
    """Why a name fits none of the versions with these leaves; None where it does."""
    versions = tuple(Version(at, leaf, DAY, (), ()) for at, leaf in enumerate(leaves, 1))
    command = Command(workflow="agreement", step="approve", case="A-1", version=given)
    found = named(situation(versions=versions, command=command))
    return found.code if isinstance(found, Reason) else None
