"""`politirad keys rotate`: the new key is announced and both sign one checkpoint, whatever breaks off in between."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from engine.announcing import announce_key
from engine.checkpoint import attested
from engine.key import Kind, Signer
from engine.keyfile import read
from engine.sealer import Sealer
from tests.desk import Desk
from tests.letterbox import Letterbox
from tests.notary import ORIGIN, WITNESS
from tests.world import COUNCIL

if TYPE_CHECKING:
    from pathlib import Path

    from engine.key import Verifier


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk whose settings name the key that the log announces."""
    desk = Desk(Letterbox(tmp_path).world)
    desk.does("keys", "new", "--file", str(tmp_path / "old.key"))
    desk.settings = replace(desk.settings, log_key=tmp_path / "old.key")
    desk.does("tick")
    return desk


def key_in(desk: Desk, name: str) -> Verifier:
    """The public half of a key in a file."""
    return Signer(ORIGIN, Kind.LOG, read(desk.world.folder / name)).verifier()


def announced(desk: Desk) -> tuple[Verifier, ...]:
    """The keys of the log."""
    with desk.world.store.read(COUNCIL) as reader:
        return reader.announced().log


def signing(desk: Desk) -> set[Verifier]:
    """Whose signatures of the log stand on the newest checkpoint."""
    with desk.world.store.read(COUNCIL) as reader:
        newest = reader.newest_checkpoint()
        assert newest is not None
        return {one.key for one in attested(newest.note, reader.announced().all).log}


def rotate(desk: Desk, name: str = "new.key", *more: str) -> tuple[str, ...]:
    """The words that change the key to the one in a file."""
    return ("keys", "rotate", "--file", str(desk.world.folder / name), *more)


def broken_off(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change of the key is killed before the checkpoint is made."""
    with monkeypatch.context() as patched:
        patched.setattr(Sealer, "seal", lambda *_: 1 / 0)
        assert desk.types(*rotate(desk)).code == 70


def test_a_change_that_was_broken_off_leaves_no_key_announced_that_nobody_can_follow(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken_off(desk, monkeypatch)
    assert (desk.world.folder / "new.key").exists()
    assert announced(desk) == (key_in(desk, "old.key"),)
    desk.world.propose()
    desk.world.clock.pass_days(2)
    desk.does("tick")
    assert signing(desk) == {key_in(desk, "old.key")}
    assert desk.types("verify").code == 0


def test_repeated_with_the_same_file_it_goes_on_where_it_was_broken_off(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken_off(desk, monkeypatch)
    made = key_in(desk, "new.key")
    assert "Both keys have signed" in " ".join(desk.does(*rotate(desk)).split())
    assert announced(desk) == (key_in(desk, "old.key"), made)
    assert signing(desk) == {key_in(desk, "old.key"), made}
    assert (desk.world.folder / "new.key.vkey").read_text() == f"{made}\n"
    assert desk.types("verify").code == 0


def test_a_key_that_was_announced_and_never_signed_with_is_taken_up(desk: Desk) -> None:
    seed = bytes([9]) * 32
    from engine.keyfile import create

    create(desk.world.folder / "new.key", seed)
    vkey = str(key_in(desk, "new.key"))
    desk.world.register(lambda run: announce_key(run, vkey, desk.world.entry()))
    desk.does(*rotate(desk))
    assert signing(desk) == set(announced(desk)) == {key_in(desk, "old.key"), key_in(desk, "new.key")}


def test_done_already_it_says_so_again_and_writes_nothing(desk: Desk) -> None:
    first = desk.does(*rotate(desk))
    before = announced(desk)
    again = desk.does(*rotate(desk))
    assert again in first
    assert "Both keys have signed" in again
    assert announced(desk) == before


def test_in_json_it_is_a_receipt_alone(desk: Desk) -> None:
    (event,) = desk.types(*rotate(desk, "new.key", "--json")).json["events"]
    assert event["type"] == "council.log_key_set"
    assert desk.types(*rotate(desk, "new.key", "--json")).json["events"] == []


def test_neither_the_present_key_nor_a_replaced_one_is_a_new_one(desk: Desk) -> None:
    answer = desk.types(*rotate(desk, "old.key"))
    assert (answer.code, "Name another file" in answer.err) == (2, True)
    desk.does(*rotate(desk))
    desk.settings = replace(desk.settings, log_key=desk.world.folder / "new.key")
    answer = desk.types(*rotate(desk, "old.key"))
    assert (answer.code, "never signs again" in answer.err) == (2, True)


def test_a_clock_that_still_has_the_old_key_makes_no_checkpoint_and_says_why(desk: Desk) -> None:
    desk.does(*rotate(desk))
    both = signing(desk)
    desk.world.propose()
    desk.world.clock.pass_days(2)
    answer = desk.types("tick")
    assert (answer.code, "this key was replaced" in answer.err) == (2, True)
    assert signing(desk) == both
    desk.settings = replace(desk.settings, log_key=desk.world.folder / "new.key")
    desk.does("tick")
    assert signing(desk) == {key_in(desk, "new.key")}
    assert desk.types("verify").code == 0


def test_the_key_of_a_witness_is_no_key_of_the_log(desk: Desk) -> None:
    from engine.keyfile import create

    desk.does("keys", "trust", str(WITNESS.verifier()))
    create(desk.world.folder / "new.key", WITNESS.seed)
    answer = desk.types(*rotate(desk))
    assert (answer.code, "is the key of a witness" in answer.err) == (2, True)
    assert announced(desk) == (key_in(desk, "old.key"),)
