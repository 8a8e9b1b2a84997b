"""How often a step waits for a server, all included: what takes a file microseconds takes a network milliseconds.

The protocol itself is counted: each time the server says that it is ready for the next query.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.contract.listening import round_trips
from tests.contract.products import on_a_server
from tests.contract.scribe import COUNCIL as ROROS
from tests.contract.scribe import Scribe, owed
from tests.postgres_server import new_database
from tests.world import COUNCIL, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from store import SqlStore

MOST = 12
IMPLEMENTER = "kommunedirektor_melhus"
STEPS = {"recommend": "politiradet", "anchor": IMPLEMENTER, "start": IMPLEMENTER}


@contextmanager
def counting(store: SqlStore, council: str) -> Iterator[list[str]]:
    """Counts from now on; a store whose transactions come one after another has a single connection."""
    with store.read(council) as reader:
        link = reader._link  # noqa: SLF001  # only the driver knows
    with round_trips(link) as trips:
        yield trips


@on_a_server
def test_to_begin_with_the_lock_and_to_commit_takes_two_and_a_plain_step_six_more(scribe: Scribe) -> None:
    scribe.open_measure("M-1")
    with scribe.store.write(ROROS) as tx:
        tx.council()
    with counting(scribe.store, ROROS) as nothing, scribe.store.write(ROROS):
        pass
    assert len(nothing) == 2
    with counting(scribe.store, ROROS) as trips, scribe.store.write(ROROS) as tx:
        tx.council()
        tx.case("M-1")
        scribe.append(tx, "M-1", "started", {"to": "started", "facts": {}, "due": [owed("slt", "2019-02-01")]})
    assert len(trips) == 2 + 6


@pytest.mark.parametrize("query", ["", "prepare=off"])
def test_a_step_somebody_takes_costs_at_most_twelve(tmp_path: Path, query: str) -> None:
    """To prepare a statement costs one more, once for each in the life of a connection: not all in one step."""
    with new_database() as url:
        world = World(tmp_path, url=f"{url}{'&' if '?' in url else '?'}{query}")
        taken = [cost for _ in range(8) for cost in costs(world, world.measure())]
        world.store.close()
    assert max(taken) <= MOST, taken
    assert query or min(taken[-len(STEPS) :]) < max(taken), "statements were prepared on the way"
    assert min(taken) > len(("BEGIN", "INSERT", "COMMIT")), "it is counted at all"


def costs(world: World, measure: str) -> Iterator[int]:
    """How many round trips each step of a measure takes."""
    for step, decider in STEPS.items():
        with counting(world.store, COUNCIL) as trips:
            world.take("measure", step, measure, decider=decider)
        yield len(trips)
