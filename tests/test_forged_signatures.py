"""A signature in the database's log is checked as `ssh-keygen` sees it, even where chain and views were made to fit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from engine.event import leaf_of
from tests.contract.raw import unguarded
from tests.signing import BY_CHIEF, SigningDesk, needs_ssh_keygen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

pytestmark = needs_ssh_keygen


@pytest.fixture
def desk(tmp_path: Path) -> SigningDesk:
    """A council whose newest event is a signed approval."""
    desk = SigningDesk.set_up(tmp_path)
    assert desk.signs(desk.pen_of("siri"), "A-1", "approve", *BY_CHIEF).code == 0
    assert desk.types("verify").code == 0
    return desk


def forged(desk: SigningDesk, forge: Callable[[dict[str, Any]], object]) -> None:
    """Rewrite the newest event, and make leaf and views fit."""
    desk.world.store.close()
    with unguarded(desk.world.folder / "politirad.db") as connection:
        ((pos, body),) = connection.execute("SELECT pos, body FROM event ORDER BY pos DESC LIMIT 1").fetchall()
        document = json.loads(body)
        forge(document["data"])
        text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        connection.execute("UPDATE event SET body = ?, leaf = ? WHERE pos = ?", (text, leaf_of(text), pos))
    desk.does("rebuild")


def _other_bytes(data: dict[str, Any]) -> None:
    said = data["signature"]
    at = len(said["sig"]) // 2
    said["sig"] = said["sig"][:at] + ("A" if said["sig"][at] != "A" else "B") + said["sig"][at + 1 :]


@pytest.mark.parametrize(
    "forge",
    [
        _other_bytes,
        lambda data: data["signature"].update(sig="x"),
        lambda data: data["signature"].update(by="p_leader"),
        lambda data: data["signature"]["statement"].update(ref="brev 4"),
        lambda data: data["approval"].update(outcome="rejected"),
        lambda data: data.update(signature={}),
    ],
    ids=["other bytes", "no signature", "another's", "over something else", "another act", "nothing"],
)
def test_a_signature_that_does_not_hold_is_told_with_its_event(
    desk: SigningDesk, forge: Callable[[dict[str, Any]], object]
) -> None:
    forged(desk, forge)
    answer = desk.types("verify")
    assert answer.code == 12, answer
    assert "(A-1 number 2): its signature " in answer.err
    (fault,) = desk.types("verify --json").json["faults"]
    assert fault["exit_code"] == 12


def test_where_nothing_can_check_a_signature_it_does_not_pass_for_good(
    desk: SigningDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    answer = desk.types("verify")
    assert (answer.code, "Install OpenSSH" in answer.err) == (12, True)
