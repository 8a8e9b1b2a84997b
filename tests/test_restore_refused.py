"""What is not restored: another history, what is no backup or not in order, and over whom it may not be done."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.announcing import announce_key
from engine.checkpoint import Checkpoint
from engine.key import Kind, Signer
from engine.note import Note, sign
from engine.ports import Person
from store.clock_lock import file_lock
from tests.archive import KEEPING, ORIGIN, SEED, Archive, continued, gone_on, kept, restore
from tests.world import COUNCIL

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_a_backup_of_another_history_is_refused_and_nothing_begins(archive: Archive) -> None:
    archive.world.measure()
    archive.seal()
    anchor = archive.note()
    archive.world.store.close()
    (archive.folder / "backup.db").replace(archive.database)
    archive.world.reopen(archive.database)
    archive.world.measure(title="Noe annet")
    archive.world.measure(title="Og mer")
    archive.seal()
    archive.backed_up("other.db")
    before = [r.body for r in archive.events()]
    for words in ((), ("--reason", "Vi vil")):
        answer = archive.types(
            "restore", str(archive.folder / "other.db"), "--replace", "--against", anchor, *words
        )  # fmt: skip
        assert answer.code == 10
        assert "two histories" in answer.err
        assert "ask the other party" in answer.err
    assert [r.body for r in archive.events()] == before


def test_a_checkpoint_of_another_log_is_refused(archive: Archive) -> None:
    other = Signer("politirad.example/nord", Kind.LOG, SEED)
    text = str(Checkpoint(other.name, 1, bytes(32)))
    note = archive.desk.file("other.note", str(Note(text, (sign(text, other),))))
    answer = restore(archive, "--against", note)
    assert (answer.code, "another log" in answer.err) == (12, True)


def test_a_checkpoint_that_nobody_known_has_signed_is_refused(archive: Archive) -> None:
    stranger = Signer(ORIGIN, Kind.LOG, bytes(32))
    text = str(Checkpoint(ORIGIN, 10_000, bytes(32)))
    note = archive.desk.file("forged.note", str(Note(text, (sign(text, stranger),))))
    answer = restore(archive, "--against", note, "--reason", "Ja")
    assert (answer.code, "None of the known keys" in answer.err) == (12, True)


def test_the_key_at_hand_vouches_for_a_checkpoint_that_is_newer_than_its_announcement(archive: Archive) -> None:
    newer = bytes([8]) * 32
    vkey = str(Signer(ORIGIN, Kind.LOG, newer).verifier())
    archive.world.register(lambda run: announce_key(run, vkey, archive.world.entry()))
    archive.seal(newer)
    anchor = archive.note()
    archive.world.store.close()
    archive.database.unlink()
    backup = str(archive.folder / "backup.db")
    assert archive.types("restore", backup, "--against", anchor).code == 12
    from engine.keyfile import create

    create(archive.folder / "newer.key", newer)
    answer = archive.types("restore", backup, "--against", anchor, log_key=archive.folder / "newer.key")
    assert answer.code == 11


@pytest.mark.parametrize(
    ("name", "content", "code", "said"),
    [
        ("notes.txt", b"This is no database at all, however long it may be." * 100, 5, "is not a database"),
        ("empty.db", b"", 5, "another program's database"),
    ],
)
def test_what_is_no_backup_is_told(archive: Archive, name: str, content: bytes, code: int, said: str) -> None:
    archive.desk.file(name, content)
    before = [r.body for r in archive.events()]
    answer = archive.types("restore", str(archive.folder / name), "--replace")
    assert (answer.code, said in answer.err) == (code, True), answer.err
    assert [r.body for r in archive.events()] == before


def test_a_folder_a_missing_file_and_the_database_itself_are_no_backups(archive: Archive) -> None:
    for name, code, said in (("", 2, "is a folder"), ("none", 3, "There is no file"), ("politirad.db", 2, "itself")):
        answer = archive.types("restore", str(archive.folder / name), "--replace")
        assert (answer.code, said in answer.err) == (code, True), answer.err


def test_another_programs_database_and_a_newer_schema_are_no_backups(archive: Archive) -> None:
    with closing(sqlite3.connect(archive.folder / "other.db")) as other, other:
        other.execute("CREATE TABLE mine (x)")
    answer = archive.types("restore", str(archive.folder / "other.db"), "--replace")
    assert (answer.code, "another program's" in answer.err) == (5, True)
    archive.harm(archive.folder / "backup.db", "UPDATE alembic_version SET version_num = '9999'")
    answer = restore(archive)
    assert (answer.code, "Install a newer politirad" in answer.err) == (5, True)


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        ("UPDATE event SET body = replace(body, '2018-10-04', '2018-10-03') WHERE pos = 3", 10),
        ("DELETE FROM event WHERE pos = (SELECT max(pos) FROM event)", 11),
        ("UPDATE checkpoint_sig SET line = replace(line, 'trondelag', 'sunndal')", 12),
        ("UPDATE cases SET state = 'adopted' WHERE id = 'A-1'", 13),
        ("UPDATE chunk SET bytes = x'00'", 14),
    ],
)
def test_a_backup_that_is_not_in_order_is_refused_with_the_exit_code_of_verify(
    archive: Archive, harm: str, code: int
) -> None:
    archive.harm(archive.folder / "backup.db", harm)
    answer = restore(archive, "--reason", "Vi har ingen annen")
    assert answer.code == code, answer.err
    assert answer.err.startswith("Not restored, and nothing was changed: ")


def test_a_damaged_database_still_says_what_it_has_signed(archive: Archive) -> None:
    gone_on(archive)
    archive.harm(archive.database, "UPDATE event SET body = replace(body, '2018', '2017') WHERE pos = 0")
    answer = restore(archive)
    assert (answer.code, "Restore a newer backup" in answer.err) == (11, True), answer.err


def test_a_database_that_is_there_is_not_replaced_unasked(archive: Archive) -> None:
    answer = archive.types("restore", str(archive.folder / "backup.db"))
    assert (answer.code, "--replace" in answer.err) == (2, True)


def test_an_empty_reason_is_none(archive: Archive) -> None:
    answer = restore(archive, "--reason", " ")
    assert (answer.code, "--reason: is empty" in answer.err) == (2, True)


def test_while_a_clock_serves_nothing_is_restored(archive: Archive) -> None:
    with file_lock(archive.database) as alone:
        assert alone()
        answer = restore(archive)
    assert (answer.code, "Stop `politirad serve`" in answer.err) == (5, True)


@contextmanager
def busy(path: Path) -> Iterator[None]:
    """Somebody else writes into the database meanwhile."""
    code = (
        "import sys\nfrom store.sqlite import driver\nc = driver.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('BEGIN IMMEDIATE')\nprint('busy', flush=True)\nsys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == b"busy\n"
        yield
        other.stdin.close()


def test_while_somebody_writes_nothing_is_restored(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.restore.PATIENCE", 0.2)
    archive.world.store.close()
    with busy(archive.database):
        answer = restore(archive)
    assert (answer.code, "is locked" in answer.err) == (5, True), answer.err
    assert kept(archive.folder, ["backup.db.trondelag_sor.note"]) == set()


def test_a_database_that_cannot_be_read_is_replaced_and_kept_and_it_is_said(archive: Archive) -> None:
    archive.world.store.close()
    archive.database.write_bytes(b"Not a database any more. " * 500)
    answer = restore(archive, "--against", str(archive.folder / f"backup.db.{COUNCIL}.note"))
    assert answer.code == 0, answer.err
    assert "could not be read" in answer.out
    assert (archive.folder / KEEPING).read_bytes().startswith(b"Not a database any more.")
    assert archive.types("verify").code == 0


def test_a_journal_left_behind_by_a_broken_database_is_not_taken_for_the_new_ones(archive: Archive) -> None:
    archive.world.store.close()
    archive.database.write_bytes(b"Not a database any more. " * 500)
    left = archive.folder / "politirad.db-wal"
    left.write_bytes(b"left behind")
    restore(archive)
    assert (archive.folder / f"{KEEPING}-wal").read_bytes() == b"left behind"
    assert archive.types("verify").code == 0


def test_a_council_opened_after_the_backup_is_not_lost_without_a_reason(archive: Archive) -> None:
    world = archive.world
    document = {**world.document, "origin": "politirad.example/nord"}
    world.service.open("nord", document, Person("p_n", "n", "N N", None), "politiradssekretar", date(2018, 1, 1))
    answer = restore(archive)
    assert (answer.code, "does not have nord" in answer.err) == (2, True)
    assert "nord is not in the backup" in continued(archive)
