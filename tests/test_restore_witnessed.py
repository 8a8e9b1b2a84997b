"""A restored log and the other party: nobody follows it under its old name, and under its new one it is a new log."""

from __future__ import annotations

from base64 import b64encode
from datetime import date
from typing import TYPE_CHECKING

import pytest

from engine.anchoring import Anchor
from engine.errors import PolitiradError
from engine.exported import lives_of, verify_export
from engine.exporting import export
from engine.folder import Folder
from engine.key import Kind, Signer
from engine.key_entries import register_key
from engine.memory import Remembered
from engine.note import note_of
from engine.signers import SigningKey
from engine.witness import look
from tests.archive import ORIGIN, SEED, Archive
from tests.world import CHIEF, COUNCIL

if TYPE_CHECKING:
    from pathlib import Path

    from engine.key import Verifier

SECOND = f"{ORIGIN}/2"


def key_of(origin: str) -> Verifier:
    """The public key under one of the names of the log."""
    return Signer(origin, Kind.LOG, SEED).verifier()


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """A council that went on after its backup, was lost, and restored; its key is announced anew and has signed."""
    archive = Archive(tmp_path)
    archive.world.propose()
    archive.seal()
    archive.backed_up()
    archive.world.measure()
    archive.seal()
    archive.note("witnessed.note")
    archive.does("restore", str(tmp_path / "backup.db"), "--replace", "--reason", "Disken er ødelagt")
    archive.does("keys announce")
    for _ in range(3):
        archive.world.measure()
    archive.seal()
    return archive


def exported(archive: Archive) -> Path:
    """The whole record in a folder."""
    folder = archive.folder / "export"
    with archive.world.store.read(COUNCIL) as reader:
        export(reader, folder)
    return folder


def remembered(archive: Archive) -> Remembered:
    """What the witness remembers: the checkpoint over the part that was lost."""
    return Remembered(note_of((archive.folder / "witnessed.note").read_bytes()), (key_of(ORIGIN),))


def test_an_export_of_a_restored_log_is_in_order_with_checkpoints_of_both_names(archive: Archive) -> None:
    report = verify_export(exported(archive), (key_of(ORIGIN), key_of(SECOND)))
    assert report.faults == []
    assert report.origin == SECOND
    assert {one.checkpoint.origin for one in report.checkpoints} == {ORIGIN, SECOND}


def test_the_export_does_not_fit_what_was_signed_over_the_lost_part(archive: Archive) -> None:
    lost = Anchor("witnessed", remembered(archive).note)
    report = verify_export(exported(archive), (key_of(ORIGIN), key_of(SECOND)), (lost,))
    assert [(fault.exit_code, fault.where) for fault in report.faults] == [(11, "witnessed")]


def test_a_witness_of_the_old_name_takes_the_restored_log_for_a_new_one_and_asks_whose_it_is(archive: Archive) -> None:
    folder, logs = exported(archive), {ORIGIN: remembered(archive)}
    assert lives_of(Folder(folder))[-1].name == SECOND
    with pytest.raises(PolitiradError, match="You have not seen the log of"):
        look(folder, logs, ())
    with pytest.raises(PolitiradError, match="--lost-events 1"):
        look(folder, logs, (key_of(SECOND),))
    seen = look(folder, logs, (key_of(SECOND),), lost=1)
    assert seen.newest.origin == SECOND


def test_signatures_of_persons_count_under_every_name_the_log_has_had(archive: Archive) -> None:
    blob = b"".join(len(part).to_bytes(4, "big") + part for part in (b"ssh-ed25519", bytes(range(32))))
    key = SigningKey(CHIEF, f"ssh-ed25519 {b64encode(blob).decode()}", date(2018, 1, 1))
    archive.world.register(lambda run: register_key(run, key, archive.world.entry()))
    archive.seal()
    line = (exported(archive) / "allowed_signers").read_text()
    assert f'namespaces="politirad@{ORIGIN},politirad@{SECOND}"' in line
    assert verify_export(archive.folder / "export", (key_of(SECOND),)).faults == []


def test_a_witness_refuses_a_log_that_goes_on_under_its_old_name_behind_what_it_saw(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.world.propose()
    archive.seal()
    archive.backed_up()
    archive.world.measure()
    archive.seal()
    archive.note("witnessed.note")
    archive.world.store.close()
    (tmp_path / "backup.db").replace(archive.database)
    archive.world.reopen(archive.database)
    for _ in range(2):
        archive.world.measure(title="Noe annet")
    archive.seal()
    with pytest.raises(PolitiradError, match="rewritten"):
        look(exported(archive), {ORIGIN: remembered(archive)}, ())
