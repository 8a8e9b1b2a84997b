"""A database that cannot be used says so in one line: what is wrong, and what to do next."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import StoreUnavailableError, UsageError
from engine.ports import Person
from store import SqlStore
from store.schema import REVISION
from store.sqlite import driver, has_safe_wal
from tests.contract.raw import raw
from tests.contract.scribe import COUNCIL, Scribe


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where there may be a database."""
    return tmp_path / "politirad.db"


def refusal(path: Path | str, *, create: bool = False, code: int = 5) -> str:
    """What opening says, under an exit code."""
    with pytest.raises(StoreUnavailableError) as caught:
        SqlStore.open(path, create=create, timeout=0.1)
    assert caught.value.exit_code == code
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_missing_database_is_made_only_on_request(path: Path) -> None:
    assert refusal(path) == f"There is no database {path}. Run `politirad init` to make one."
    assert not path.exists()
    with SqlStore.open(path, create=True) as store:
        assert store.councils() == ()
    with SqlStore.open(f"sqlite:///{path}") as store:
        assert store.councils() == ()


def test_making_what_is_already_there_opens_it(path: Path) -> None:
    with SqlStore.open(path, create=True) as store:
        Scribe(store).open_council()
    with SqlStore.open(path, create=True) as store:
        assert store.councils() == (COUNCIL,)


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path} is a folder. Name the database file inside it."


def test_a_path_that_no_system_takes(tmp_path: Path) -> None:
    assert "cannot be opened: File name too long" in refusal(tmp_path / ("x" * 300), create=True)


def test_a_database_is_not_made_in_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    assert "does not exist. Make it first." in refusal(tmp_path / "nowhere" / "politirad.db", create=True)


def test_a_file_that_is_not_a_database(path: Path) -> None:
    path.write_text("Dette er en avtale, ikke en database. " * 100)
    assert refusal(path) == f"{path} is not a database. Name the file that `politirad init` made."


def test_an_empty_file_is_no_database_of_ours(path: Path) -> None:
    path.touch()
    assert "is empty" in refusal(path)


def test_a_database_of_another_program(path: Path) -> None:
    with raw(path) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    assert "is another program's database" in refusal(path)
    assert "is another program's database" in refusal(path, create=True)


def test_a_database_of_a_newer_schema(path: Path) -> None:
    SqlStore.open(path, create=True).close()
    with raw(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    expected = f"{path} has schema 9999, and this politirad knows up to {REVISION}. Install a newer politirad."
    assert refusal(path) == expected


def test_a_damaged_database(path: Path) -> None:
    with SqlStore.open(path, create=True, journal="DELETE") as store:
        Scribe(store).open_council()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))
    assert "is damaged. Restore a backup" in refusal(path, code=10)


def test_a_database_of_another_kind_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="not a database politirad can open"):
        SqlStore.open("mysql://localhost/politirad")


def test_wal_is_used_only_where_its_race_is_mended(path: Path) -> None:
    assert [has_safe_wal(version) for version in ((3, 40, 1), (3, 44, 5), (3, 44, 6), (3, 45, 3))] == [
        False, False, True, False,
    ]  # fmt: skip
    assert [has_safe_wal(version) for version in ((3, 50, 6), (3, 50, 7), (3, 51, 2), (3, 51, 3), (4, 0, 0))] == [
        False, True, False, True, True,
    ]  # fmt: skip
    with SqlStore.open(path, create=True) as store:
        described = store.describe()
    assert described.wal_is_safe == has_safe_wal(driver.sqlite_version_info)
    assert described.journal == ("WAL" if described.wal_is_safe else "DELETE")
    assert (described.place, described.version) == (path, driver.sqlite_version)


def test_pythons_own_sqlite_reads_the_file_and_writes_it(path: Path) -> None:
    """In a process of its own, where the other driver cannot be imported."""
    with SqlStore.open(path, create=True, journal="DELETE") as store:
        Scribe(store).open_council()
    other = f"""
import sqlite3, sys
sys.modules["pysqlite3"] = None
from store import SqlStore
from store.sqlite import driver
from tests.contract.scribe import COUNCIL, Scribe
assert driver is sqlite3.dbapi2 or driver is sqlite3
with SqlStore.open({str(path)!r}) as store:
    scribe = Scribe(store)
    with store.read(COUNCIL) as reader:
        scribe.heads["C"] = (reader.council().n, reader.council().head)
    scribe.open_measure("M-1")
    scribe.write("C", "decided", {{}})
    store.rebuild(COUNCIL)
    print(store.describe().journal, store.verify(COUNCIL).exit_code)
"""
    done = subprocess.run([sys.executable, "-c", other], capture_output=True, text=True, check=True)
    assert done.stdout.split()[1] == "0"
    with SqlStore.open(path) as store, store.read(COUNCIL) as reader:
        assert reader.case("M-1").state == "proposed"
        assert store.verify(COUNCIL).exit_code == 0


def test_what_is_erased_is_not_left_in_the_file(path: Path) -> None:
    with SqlStore.open(path, create=True, journal="DELETE") as store:
        Scribe(store).open_council()
        for name in ("Kari Nordli " * 1000, None):
            with store.write(COUNCIL) as tx:
                tx.keep_person(Person("p_1", "kari", name, None))
    assert b"Nordli" not in path.read_bytes()


def test_reading_does_without_alembic_and_holidays() -> None:
    code = "import sys, store; print(*(m for m in ('alembic', 'holidays', 'rich', 'click') if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
