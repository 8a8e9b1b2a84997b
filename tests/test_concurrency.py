"""Many hands at once: one success per step, the others told that it changed, no gap in any chain."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING

from engine.errors import ChangedMeanwhileError
from engine.service import Service, rules_of
from store import SqlStore
from tests.world import COUNCIL, WORKFLOWS, FakeClock, SeededEntropy, World
from workflows.profile import Profile

if TYPE_CHECKING:
    from pathlib import Path

    from engine.situation import Command

THREADS = 8
PROCESSES = 4
ROUNDS = 12
CASES = 3


def compete(service: Service, commands: list[Command]) -> Counter[str]:
    """Take every step and count how it went."""
    outcomes: Counter[str] = Counter()
    for command in commands:
        try:
            service.advance(COUNCIL, command)
            outcomes[f"{command.case} {command.seen}"] += 1
        except ChangedMeanwhileError:
            outcomes["changed meanwhile"] += 1
    return outcomes


def compete_in_a_process(path: Path, commands: list[Command], clock: FakeClock) -> Counter[str]:
    """The same from a process of its own, with a connection of its own."""
    with SqlStore.open(path) as store:
        return compete(Service(store, rules_of(WORKFLOWS, Profile.from_json), clock, SeededEntropy()), commands)


def started(world: World) -> list[str]:
    """Measures under way, on which progress can be reported."""
    world.in_force()
    cases = [world.measure() for _ in range(CASES)]
    for case in cases:
        world.take("measure", "recommend", case, decider="politiradet")
        world.take("measure", "anchor", case, decider="kommunedirektor_melhus")
    return cases


def reports(world: World, cases: list[str]) -> list[Command]:
    """For each round and case the report that everybody tries to make, having seen the same newest event."""
    return [
        world.command("measure", "report", case, seen=n, progress=f"Runde {n}", decider="kommunedirektor_melhus")
        for n in range(3, 3 + ROUNDS)
        for case in cases
    ]


def chains_are_whole(world: World) -> bool:
    """Positions without a gap, each case's n without a gap, and the whole record verifies."""
    with world.store.read(COUNCIL) as reader:
        log = list(reader.events())
    numbers: dict[str, list[int]] = {}
    for recorded in log:
        numbers.setdefault(recorded.event.case, []).append(recorded.event.n)
    whole = all(ns == list(range(1, len(ns) + 1)) for ns in numbers.values())
    return whole and [r.position for r in log] == list(range(len(log))) and not world.store.verify(COUNCIL).faults


def test_of_eight_threads_one_succeeds_at_each_step(world: World) -> None:
    commands = reports(world, started(world))
    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = sum(pool.map(lambda _: compete(world.service, commands), range(THREADS)), Counter())
    assert outcomes.pop("changed meanwhile") == len(commands) * (THREADS - 1)
    assert set(outcomes.values()) == {1}
    assert len(outcomes) == len(commands)
    assert chains_are_whole(world)


def test_of_four_processes_one_succeeds_at_each_step(world: World) -> None:
    commands = reports(world, started(world))
    path = world.folder / "politirad.db"
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        runs = [pool.submit(compete_in_a_process, path, commands, world.clock) for _ in range(PROCESSES)]
        outcomes = sum((run.result() for run in runs), Counter())
    assert outcomes.pop("changed meanwhile") == len(commands) * (PROCESSES - 1)
    assert set(outcomes.values()) == {1}
    assert len(outcomes) == len(commands)
    assert chains_are_whole(world)


def test_a_key_that_many_send_is_answered_once(world: World) -> None:
    case = started(world)[0]
    command = world.command(
        "measure", "report", case, progress="Én gang", decider="kommunedirektor_melhus", key="nøkkel-1"
    )
    with ThreadPoolExecutor(THREADS) as pool:
        receipts = list(pool.map(lambda _: world.service.advance(COUNCIL, command), range(THREADS)))
    assert Counter(receipt.repeated for receipt in receipts) == {False: 1, True: THREADS - 1}
    assert len({receipt.step.leaf for receipt in receipts}) == 1
