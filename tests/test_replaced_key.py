"""A key of the log that was replaced: whoever still has it cannot sign for the log any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from engine.checkpoint import Checkpoint
from engine.entry import append
from engine.exported import verify_export
from engine.key import Kind, Signer
from engine.keyfile import read
from engine.merkle import root_of
from engine.note import Note, sign
from engine.succession import LOG_KEY_SET, Succession
from tests.archive import SECOND, SEED, Archive, continued, gone_on
from tests.desk import Desk
from tests.notary import LOG, NEXT, ORIGIN, STRANGER, Notary, codes, forged, told
from tests.world import COUNCIL

if TYPE_CHECKING:
    from pathlib import Path


def announced(notary: Notary, key: Signer) -> None:
    """Whoever has the database announces a key in the log, past the door that would refuse it."""
    vkey = str(key.verifier())
    notary.world.register(
        lambda run: append(run, run.tx.council(), "log_key_set", {"vkey": vkey}, notary.world.entry())
    )


def size_of(notary: Notary) -> int:
    """How many events the log has."""
    with notary.world.store.read(COUNCIL) as reader:
        return reader.size()


@pytest.fixture
def notary(tmp_path: Path) -> Notary:
    """A council whose log has changed its key: the event that says so stands at position 36."""
    notary = Notary(tmp_path)
    notary.seal(LOG)
    assert size_of(notary) == 36
    notary.announce(NEXT.verifier())
    notary.seal(LOG, NEXT)
    notary.world.measure()
    return notary


REPLACED = "the key it is signed with was replaced at event 36, and signs alone nothing after that"


def test_an_honest_change_of_the_key_is_in_order_for_everybody(notary: Notary) -> None:
    notary.seal(NEXT)
    assert notary.world.store.verify(COUNCIL).faults == []
    folder = notary.export()
    assert codes(folder) == codes(folder, [LOG.verifier()]) == codes(folder, [NEXT.verifier()]) == []


def test_a_checkpoint_by_the_old_key_alone_counts_nowhere_once_it_is_replaced(notary: Notary) -> None:
    size = forged(notary.world, LOG)
    faults = notary.world.store.verify(COUNCIL).faults
    assert [(fault.exit_code, fault.where, fault.what) for fault in faults] == [(12, f"checkpoint {size}", REPLACED)]
    folder = notary.export()
    for keys in ((), (NEXT.verifier(),), (LOG.verifier(),)):
        report = verify_export(folder, keys)
        assert (report.exit_code, REPLACED in told(report)) == (12, True)
        assert report.checkpoints[-1].checkpoint.size < size


def test_the_old_key_is_welcome_beside_the_new_one(notary: Notary) -> None:
    forged(notary.world, LOG, NEXT)
    assert notary.world.store.verify(COUNCIL).exit_code == 0
    assert codes(notary.export(), [NEXT.verifier()]) == []


def test_the_new_key_signs_nothing_over_events_before_it_was_announced(tmp_path: Path) -> None:
    notary = Notary(tmp_path)
    forged(notary.world, NEXT)
    notary.announce(NEXT.verifier())
    notary.seal(LOG, NEXT)
    (fault,) = notary.world.store.verify(COUNCIL).faults
    assert fault.what == "none of the first 36 events announces the key it is signed with"
    assert codes(notary.export()) == [12]


def test_a_checkpoint_from_elsewhere_by_the_old_key_alone_is_no_anchor(notary: Notary) -> None:
    with notary.world.store.read(COUNCIL) as reader:
        leaves = list(reader.leaves())
    text = str(Checkpoint(ORIGIN, len(leaves), root_of(leaves)))
    desk = Desk(notary.world)
    answer = desk.types("verify", "--against", desk.file("x.note", str(Note(text, (sign(text, LOG),)))))
    assert (answer.code, f"x.note: {REPLACED}" in answer.err) == (12, True)


def test_a_backup_is_not_made_over_a_checkpoint_by_the_old_key_alone(notary: Notary) -> None:
    forged(notary.world, LOG)
    answer = Desk(notary.world).types("backup", str(notary.world.folder / "copy.db"))
    assert (answer.code, "was replaced at event 36" in answer.err) == (10, True)


def test_a_key_that_was_replaced_does_not_come_back_by_being_announced_again(notary: Notary) -> None:
    announced(notary, LOG)
    forged(notary.world, LOG)
    (fault,) = notary.world.store.verify(COUNCIL).faults
    assert fault.what == REPLACED


def test_a_replaced_key_brings_in_no_further_one(notary: Notary) -> None:
    notary.seal(NEXT)
    announced(notary, STRANGER)
    size = forged(notary.world, LOG, STRANGER)
    folder = notary.export()
    assert codes(folder, [LOG.verifier()]) == codes(folder, [NEXT.verifier()]) == [12]
    for note in (folder / "checkpoints").iterdir():
        if str(size) not in note.name:
            note.unlink()  # so that nothing shows that it was replaced, but the log
    assert 12 in codes(folder, [LOG.verifier()])


@pytest.mark.parametrize("vkey", ["nonsense", str(Signer(ORIGIN, Kind.WITNESS, bytes(32)).verifier()), None])
def test_what_is_announced_and_is_no_key_of_a_log_replaces_nothing(notary: Notary, vkey: str | None) -> None:
    with notary.world.store.read(COUNCIL) as reader:
        event = next(iter(reader.events())).event
    keys = Succession()
    for position, said in enumerate((str(LOG.verifier()), vkey)):
        keys.meet(replace(event, type=LOG_KEY_SET, data={"vkey": said}), position)
    assert keys.at(Checkpoint(ORIGIN, 2, bytes(32))) == LOG.verifier()


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """A log that was restored, goes on under its second name, and has changed its key there."""
    archive = Archive(tmp_path)
    archive.world.propose()
    archive.seal()
    archive.backed_up()
    gone_on(archive)
    continued(archive)
    archive.does("keys announce")
    archive.seal()
    archive.does("keys", "rotate", "--file", str(tmp_path / "second.key"))
    archive.world.measure()
    return archive


def test_a_log_that_goes_on_changes_its_key_under_its_new_name(archive: Archive) -> None:
    archive.seal(read(archive.folder / "second.key"))
    assert archive.world.store.verify(COUNCIL).faults == []


def test_the_replaced_key_of_a_log_that_goes_on_signs_nothing_alone_either(archive: Archive) -> None:
    forged(archive.world, Signer(SECOND, Kind.LOG, SEED))
    (fault,) = archive.world.store.verify(COUNCIL).faults
    assert (fault.exit_code, "was replaced at event" in fault.what) == (12, True)
