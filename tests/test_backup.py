"""A backup: of one moment, whole or not there, while others go on writing, and never with the private key."""

from __future__ import annotations

import base64
import os
import sqlite3
from contextlib import closing
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from engine.checkpoint import checkpoint_of
from engine.errors import StoreUnavailableError
from engine.note import note_of
from store import SqlStore
from store.sqlite import Sqlite
from tests.archive import JOURNALS, SEED, Archive, kept
from tests.world import COUNCIL

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=JOURNALS)
def archive(tmp_path: Path, request: pytest.FixtureRequest) -> Archive:
    """A sealed council, in each journal mode."""
    made = Archive(tmp_path, journal=request.param)
    made.world.propose()
    made.seal()
    return made


def test_a_backup_holds_everything_and_says_what_it_holds(archive: Archive) -> None:
    said = archive.does("backup", str(archive.folder / "backup.db"))
    events = archive.events()
    assert [r.body for r in archive.events(archive.folder / "backup.db")] == [r.body for r in events]
    assert f"{COUNCIL} (politirad.example/trondelag-sor): {len(events)} events." in said
    assert f"Newest checkpoint: over {len(events)} events." in said
    assert "the private key, the folder of letters" in said


def test_a_backup_is_one_file_for_its_owner_alone(archive: Archive) -> None:
    backup = archive.backed_up()
    assert backup.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(backup)) as opened:
        assert opened.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert kept(archive.folder, ["backup.db.trondelag_sor.note"]) == set()


def test_the_newest_checkpoint_lies_beside_the_backup_as_an_anchor(archive: Archive) -> None:
    archive.backed_up()
    note = archive.folder / f"backup.db.{COUNCIL}.note"
    assert checkpoint_of(note_of(note.read_bytes()).text).size == len(archive.events())
    assert archive.types("verify", "--against", str(note)).code == 0


def test_a_backup_never_holds_the_private_key(archive: Archive) -> None:
    backup = archive.backed_up()
    content, pem = backup.read_bytes(), (archive.folder / "log.key").read_text().splitlines()[1]
    for secret in (SEED, SEED.hex().encode(), base64.b64encode(SEED), pem.encode()):
        assert secret not in content


def test_a_backup_made_while_others_write_is_a_whole_log_of_one_moment(archive: Archive) -> None:
    done, world = Event(), archive.world
    before = len(archive.events())

    def write() -> None:
        while not done.is_set():
            world.measure()

    writer = Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            with SqlStore.open(archive.database) as store:
                store.back_up(archive.folder / f"{number}.db")
    finally:
        done.set()
        writer.join()
    sizes = [len(archive.events(archive.folder / f"{number}.db")) for number in range(5)]
    assert sizes == sorted(sizes)
    assert before <= sizes[0] <= sizes[-1] <= len(archive.events())
    assert sizes[-1] > before
    for number in range(5):
        with SqlStore.open(archive.folder / f"{number}.db") as store:
            assert store.verify(COUNCIL).faults == []


def test_in_wal_mode_nobody_waits_for_a_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.backup.PAGES", 8)
    if "WAL" not in JOURNALS:
        pytest.skip("this SQLite has no safe WAL")
    archive = Archive(tmp_path, journal="WAL")
    seen: list[int] = []

    def written_meanwhile(_: int, __: int) -> None:
        if not seen:
            archive.world.measure()
            seen.append(len(archive.events()))

    with SqlStore.open(archive.database) as store:
        (head,) = store.back_up(tmp_path / "backup.db", written_meanwhile)
    assert head.events < seen[0]


def test_an_earlier_backup_is_replaced_only_when_asked_and_only_by_a_whole_one(archive: Archive) -> None:
    backup = archive.backed_up()
    before = backup.read_bytes()
    answer = archive.types("backup", str(backup))
    assert (answer.code, "--replace" in answer.err, backup.read_bytes() == before) == (2, True, True)
    archive.world.measure()
    archive.does("backup", "--replace", str(backup))
    assert len(archive.events(backup)) == len(archive.events())


def test_a_log_that_does_not_fit_its_checkpoint_replaces_no_backup(archive: Archive) -> None:
    backup = archive.backed_up()
    before = backup.read_bytes()
    archive.harm(archive.database, "DELETE FROM event WHERE pos = (SELECT max(pos) FROM event)")
    answer = archive.types("backup", "--replace", str(backup))
    assert answer.code == 10
    assert "does not fit its log" in answer.err
    assert backup.read_bytes() == before
    assert kept(archive.folder, ["backup.db.trondelag_sor.note"]) == set()


def test_a_backup_that_fails_leaves_nothing_and_the_earlier_one_as_it_was(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = archive.backed_up()
    before = backup.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    answer = archive.types("backup", "--replace", str(backup))
    assert (answer.code, "No space left" in answer.err) == (5, True)
    assert backup.read_bytes() == before
    assert kept(archive.folder, ["backup.db.trondelag_sor.note"]) == set()


def test_a_disk_without_room_is_told_in_one_line(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.sqlite._THROWN_AWAY", ("synchronous = OFF", "max_page_count = 20"))
    with pytest.raises(StoreUnavailableError, match="is full"), SqlStore(Sqlite(archive.database)) as store:
        store.back_up(archive.folder / "small.db")
    assert not (archive.folder / "small.db").exists()


@pytest.mark.parametrize(
    ("target", "code", "said"),
    [
        ("", 2, "is a folder"),
        ("nowhere/backup.db", 2, "does not exist. Make it first"),
        ("politirad.db", 2, "is the database itself"),
    ],
)
def test_a_place_that_takes_no_backup_is_told(archive: Archive, target: str, code: int, said: str) -> None:
    answer = archive.types("backup", "--replace", str(archive.folder / target))
    assert (answer.code, said in answer.err) == (code, True), answer.err


def test_a_council_without_a_checkpoint_is_backed_up_and_it_is_said(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    assert "No checkpoint yet" in archive.does("backup", str(tmp_path / "backup.db"))
    assert not list(tmp_path.glob("*.note"))
