"""The roots of a log's blocks, as they are kept: made when the log is sealed, held against its events, and mended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.blocks import BLOCK
from engine.merkle import root_of
from tests.desk import Desk
from tests.notary import Notary
from tests.world import COUNCIL

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def notary(tmp_path: Path) -> Notary:
    """A council whose log has a complete block, sealed in two steps, and some events more."""
    notary = Notary(tmp_path)
    world = notary.world
    case = world.in_force()
    measures = [
        world.command("measure", "propose", title=f"Tiltak {n}", decider="politiradssekretar") for n in range(BLOCK)
    ]
    world.service.advance_all(COUNCIL, measures[: BLOCK // 2])
    notary.seal()
    world.service.advance_all(COUNCIL, measures[BLOCK // 2 :])
    notary.seal()
    assert case == "A-1"
    return notary


def test_a_block_is_kept_when_the_log_that_completed_it_is_sealed(notary: Notary) -> None:
    with notary.world.store.read(COUNCIL) as reader:
        assert reader.blocks() == (root_of(reader.leaves(0, BLOCK)),)


def test_a_proof_is_made_from_it_and_holds(notary: Notary, tmp_path: Path) -> None:
    desk = Desk(notary.world)
    desk.does(f"prove A-1 1 --output {tmp_path / 'a.tlog-proof'}")
    vkey = str(notary.key.verifier())
    told = desk.does(
        "check-proof", str(tmp_path / "a.tlog-proof"), "--event", str(tmp_path / "a.event.json"), "--key", vkey
    )
    assert "A-1" in told


def test_a_log_from_before_blocks_were_kept_is_proved_all_the_same(notary: Notary, tmp_path: Path) -> None:
    proofs = [tmp_path / f"{name}.tlog-proof" for name in ("with", "without")]
    Desk(notary.world).does(f"prove A-1 1 --output {proofs[0]}")
    notary.break_in("DELETE FROM block")
    desk = Desk(notary.world)
    desk.does(f"prove A-1 1 --output {proofs[1]}")
    assert proofs[0].read_text() == proofs[1].read_text()
    assert desk.types("verify").code == 0


def test_a_false_root_is_told_gives_no_proof_and_is_mended_by_a_rebuild(notary: Notary, tmp_path: Path) -> None:
    notary.break_in("UPDATE block SET root = zeroblob(32)")
    desk = Desk(notary.world)
    answer = desk.types("verify")
    assert (answer.code, "block: the kept roots of its blocks are not those of the events" in answer.err) == (13, True)
    refused = desk.types("prove", "M-1000", "1", "--output", str(tmp_path / "m.tlog-proof"))
    assert refused.code == 10
    assert not (tmp_path / "m.tlog-proof").exists()
    desk.does("rebuild")
    assert desk.types("verify").code == 0
