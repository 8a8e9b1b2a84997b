"""Approve against a new version: two processes behind a barrier, and never an approval of a text nobody saw."""

from __future__ import annotations

import time
from multiprocessing import get_context
from typing import TYPE_CHECKING, NamedTuple

from engine.errors import Refused
from engine.service import Service, rules_of
from engine.situation import Command
from store import SqlStore
from tests.world import COUNCIL, SECRETARY, WORKFLOWS, FakeClock, SeededEntropy, World
from workflows.profile import Profile

if TYPE_CHECKING:
    from multiprocessing.queues import Queue
    from multiprocessing.synchronize import Barrier
    from pathlib import Path

    from engine.field import Document

ROUNDS = 200
HEAD_START = 0.002
"""Seconds that the two give each other in turn, so that each comes first in about half of the rounds."""


class Told(NamedTuple):
    """How an approval came out: the outcome or the reason, its act (a leaf), and the leaf of the version seen."""

    outcome: str
    act: str | None
    seen: str


def service_on(path: Path, clock: FakeClock) -> Service:
    """The engine of a process of its own, with a connection of its own."""
    return Service(SqlStore.open(path), rules_of(WORKFLOWS, Profile.from_json), clock, SeededEntropy())


def approve(path: Path, clock: FakeClock, case: str, barrier: Barrier, told: Queue[Told]) -> None:
    """Each round: look at the current version, and approve what was seen; how that came out, the act, what was seen."""
    service = service_on(path, clock)
    for at in range(ROUNDS):
        barrier.wait()
        with service.store.read(COUNCIL) as reader:
            seen = reader.versions(case)[-1].leaf
        command = Command(
            workflow="agreement", step="approve", case=case, person=SECRETARY, ref="sak 1", decider="politiet",
            version=seen[:16],
        )  # fmt: skip
        barrier.wait()
        time.sleep(HEAD_START * (at % 2))
        try:
            told.put(Told("approved", service.advance(COUNCIL, command).step.leaf, seen))
        except Refused as refused:
            told.put(Told(refused.verdict.reasons[0].code, None, seen))


def revise(path: Path, clock: FakeClock, case: str, barrier: Barrier, text: Document) -> None:
    """Each round: a new version, with the same text or not, at the same moment."""
    service = service_on(path, clock)
    command = Command(
        workflow="agreement", step="revise", case=case, person=SECRETARY, ref="sak 2", form={"documents": (text,)}
    )
    for at in range(ROUNDS):
        barrier.wait()
        barrier.wait()
        time.sleep(HEAD_START * (1 - at % 2))
        service.advance(COUNCIL, command)


def raced(world: World, case: str, text: Document) -> list[Told]:
    """Run the two processes against each other; how each approval came out."""
    context, path = get_context("spawn"), world.folder / "politirad.db"
    barrier, told = context.Barrier(2), context.Queue()
    hands = [
        context.Process(target=approve, args=(path, world.clock, case, barrier, told)),
        context.Process(target=revise, args=(path, world.clock, case, barrier, text)),
    ]
    for hand in hands:
        hand.start()
    outcomes = [told.get(timeout=60) for _ in range(ROUNDS)]
    for hand in hands:
        hand.join(timeout=60)
        assert hand.exitcode == 0
    return outcomes


def test_an_approval_is_never_of_a_text_its_approver_did_not_see(world: World) -> None:
    case = world.propose()
    text, _ = world.document_of("avtale.md", "Avtale")
    rounds = raced(world, case, text)
    assert {told.outcome for told in rounds} == {"approved", "version_outdated"}
    seen = {told.act: told.seen for told in rounds if told.act}
    with world.store.read(COUNCIL) as reader:
        events = list(reader.events(case))
        acts = {act.leaf: act for act in reader.approvals(case)}
    current = ""
    for recorded in events:
        current = recorded.leaf if "version" in recorded.event.data else current
        if recorded.leaf in acts:
            assert acts[recorded.leaf].version_leaf == current == seen[recorded.leaf]
    assert acts.keys() == seen.keys()
    assert not world.store.verify(COUNCIL).faults
