"""A backup made after an erasure holds none of the erased bytes: not in rows, not on free pages, not in a journal."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING

import pytest

from store import SqlStore
from store.sqlite import driver
from tests.archive import JOURNALS, Archive
from tests.leaving import ADDRESS, FULL, LOGIN, known, settle
from tests.world import COUNCIL

if TYPE_CHECKING:
    from pathlib import Path

WRITTEN_TO = "kommunedirektor_melhus"
SAID = "Slik ville jeg det ikke, sier jeg"


@pytest.fixture(params=JOURNALS)
def archive(tmp_path: Path, request: pytest.FixtureRequest) -> Archive:
    """A council with an address book, letters and remarks, that a chief of police has left, in each journal mode."""
    made = Archive(tmp_path, journal=request.param)
    settle(made.desk)
    made.desk.does(f"office end {WRITTEN_TO} --on 2018-09-30")
    made.desk.does(f"office assign {WRITTEN_TO} olav --from 2018-10-01 --until 2018-11-30")
    made.world.in_force()
    made.box.measure("2019-02-01")
    case = made.world.measure()
    made.world.take("measure", "drop", case, decider="politiradet", reason=f"{SAID}, {FULL}")
    made.box.at("2018-10-05")
    assert ADDRESS in {letter.address for letter in made.box.letters()}
    made.world.clock.move_to(date(2018, 12, 1))
    made.does("backup", str(tmp_path / "before.db"))
    assert found_beside(tmp_path / "before.db", secrets(made)) == secrets(made), "a backup from before holds all of it"
    return made


def secrets(archive: Archive) -> list[bytes]:
    """Everything that is kept of him beside the log: name, address, handle, login, his remark, and their salts."""
    with closing(driver.connect(archive.database)) as link:
        own = link.execute("SELECT salt, text FROM remark WHERE text LIKE ?", (f"{SAID}%",)).fetchall()
        own += link.execute("SELECT salt, text FROM login WHERE text = ?", (LOGIN,)).fetchall()
    salts = [bytes(salt) for salt, _ in own]
    assert len(salts) == 2
    return [*(text.encode() for text in (FULL, ADDRESS, "olav", LOGIN, SAID)), *salts]


def left_on_free_pages(archive: Archive, what: list[bytes]) -> None:
    """Copies of it that rows once left behind as they moved: in pages that no table has any more."""
    archive.harm(archive.database, "PRAGMA secure_delete = OFF", "CREATE TABLE slack (x BLOB)",
                 *(f"INSERT INTO slack VALUES (x'{text.hex()}' || zeroblob(5000))" for text in what),  # noqa: S608  # ours
                 "DROP TABLE slack")  # fmt: skip
    archive.world.reopen(archive.database, journal=journal_of(archive))
    assert found_beside(archive.database, what) == what


def journal_of(archive: Archive) -> str:
    """The journal mode of the database."""
    with SqlStore.open(archive.database) as store:
        return store.describe().journal


def found_beside(path: Path, what: list[bytes]) -> list[bytes]:
    """What of it stands in the bytes of a file, or of those that SQLite keeps beside it."""
    content = b"".join(file.read_bytes() for file in path.parent.iterdir() if file.name.startswith(path.name))
    return [text for text in what if text in content]


def test_a_backup_made_after_an_erasure_holds_nothing_of_the_erased(archive: Archive, tmp_path: Path) -> None:
    what = secrets(archive)
    left_on_free_pages(archive, what)
    archive.does("person erase olav --remarks --naming")
    archive.does("backup", str(tmp_path / "after.db"))
    assert found_beside(tmp_path / "after.db", what) == []
    with SqlStore.open(tmp_path / "after.db") as copy:
        assert copy.verify(COUNCIL).faults == []


def test_nor_does_one_that_replaces_a_backup_from_before(archive: Archive, tmp_path: Path) -> None:
    what = secrets(archive)
    archive.does("person erase olav --remarks --naming")
    archive.does("backup", "--replace", str(tmp_path / "before.db"))
    assert found_beside(tmp_path / "before.db", what) == []
    assert not list(tmp_path.glob(".*.partial"))


def test_nor_one_made_while_somebody_who_reads_keeps_the_journal_from_being_emptied(tmp_path: Path) -> None:
    if "WAL" not in JOURNALS:
        pytest.skip("this SQLite has no safe WAL")
    archive = Archive(tmp_path, journal="WAL")
    id_ = settle(archive.desk)
    archive.world.clock.move_to(date(2018, 12, 1))
    what = [text.encode() for text in (FULL, ADDRESS, LOGIN)]
    with SqlStore.open(archive.database, timeout=0.1) as other, other.read(COUNCIL) as reader:
        reader.size()
        erased = archive.desk.types("person erase olav")
        backed_up = archive.desk.types("backup", str(tmp_path / "after.db"))
    assert (erased.code, "still holds traces" in erased.err, backed_up.code) == (5, True, 0)
    assert found_beside(archive.database, what), "nobody held the journal: this test has lost its point"
    assert found_beside(tmp_path / "after.db", what) == []
    assert known(archive.desk, id_).name is None
