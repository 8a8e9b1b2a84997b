"""A database on a server: backed up into a file, foreseen on a copy, and erasures that reach its tables' files."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest

from engine.checkpoint import checkpoint_of
from engine.database_url import DatabaseUrl
from engine.errors import StoreUnavailableError
from engine.note import note_of
from store import SqlStore
from tests.archive import Archive
from tests.desk import Answer
from tests.leaving import ADDRESS, FULL, LOGIN, settle
from tests.moving import loaded, rows
from tests.postgres_server import MAY_LOG_IN, for_user, new_database
from tests.world import COUNCIL

if TYPE_CHECKING:
    from collections.abc import Iterator

HELD = ("person", "remark", "login", "letter")
FILES = """\
SELECT pg_relation_filepath(c.oid) FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
WHERE c.relname = ANY(%(tables)s) OR i.indrelid::regclass::text = ANY(%(tables)s)
"""


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """A council with something in every table, in a file. Nobody changes it."""
    return loaded(tmp_path_factory.mktemp("full"))


@pytest.fixture
def server(full: Archive) -> Iterator[str]:
    """The same on a server."""
    with new_database() as url:
        assert full.desk.types("db", "copy", str(full.database), url).code == 0
        yield url


def typed(archive: Archive, url: str, *words: str) -> Answer:
    """What a command answers over a database on a server."""
    return archive.desk.types(*words, database=DatabaseUrl(url))


def test_a_backup_of_a_server_is_a_file_with_every_row_and_the_newest_checkpoint_beside_it(
    full: Archive, server: str, tmp_path: Path
) -> None:
    answer = typed(full, server, "backup", str(tmp_path / "backup.db"))
    assert answer.code == 0, answer.err
    assert f"Backed up to {tmp_path / 'backup.db'}" in answer.out
    assert "the private key, the folder of letters" in answer.out
    assert (tmp_path / "backup.db").stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(tmp_path / "backup.db")) as opened:
        assert opened.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    note = note_of((tmp_path / f"backup.db.{COUNCIL}.note").read_bytes())
    with SqlStore.open(server) as store, store.read(COUNCIL) as reader:
        newest = reader.newest_checkpoint()
        assert newest is not None
    assert checkpoint_of(note.text).size == newest.size
    assert {path.name for path in tmp_path.iterdir()} == {"backup.db", f"backup.db.{COUNCIL}.note"}
    assert rows(tmp_path / "backup.db") == rows(server)


def test_a_backup_of_a_server_is_of_one_moment_and_nobody_waits_for_it(
    full: Archive, server: str, tmp_path: Path
) -> None:
    before, written = rows(server), list[Answer]()

    def meanwhile(_: int, __: int) -> None:
        if not written:
            written.append(typed(full, server, "person add Nora --handle nora"))

    with SqlStore.open(server) as store:
        (head,) = store.back_up(tmp_path / "backup.db", meanwhile)
    assert written[0].code == 0, written[0].err
    assert len(rows(server)["event"]) > head.events
    assert rows(tmp_path / "backup.db") == before


def test_an_earlier_backup_is_replaced_only_when_asked_and_never_by_one_that_does_not_fit(
    full: Archive, server: str, tmp_path: Path
) -> None:
    target = tmp_path / "backup.db"
    assert typed(full, server, "backup", str(target)).code == 0
    before = target.read_bytes()
    assert typed(full, server, "backup", str(target)).code == 2
    with psycopg.connect(server) as owner:
        owner.execute("ALTER TABLE checkpoint DISABLE TRIGGER ALL")
        owner.execute("UPDATE checkpoint SET text = replace(text, E'\n', E'A\n')")
    answer = typed(full, server, "backup", "--replace", str(target))
    assert answer.code in {10, 12}, answer.err
    assert target.read_bytes() == before


def test_what_is_foreseen_is_the_same_on_a_server_and_in_a_file(full: Archive, server: str) -> None:
    asked = ("simulate", "--until", "2019-12-31", "--json")
    there, here = typed(full, server, *asked), full.desk.types(*asked)
    assert there.code == 0, there.err
    assert len(here.json["letters"]) > 10
    assert there.json == here.json


def test_a_backup_of_a_server_is_restored_into_a_file_and_not_over_the_server(
    full: Archive, server: str, tmp_path: Path
) -> None:
    backup = tmp_path / "backup.db"
    assert typed(full, server, "backup", str(backup)).code == 0
    answer = typed(full, server, "restore", str(backup))
    assert (answer.code, "is on a server. Restore into a file" in answer.err) == (2, True)
    restored = full.desk.types("restore", str(backup), database=tmp_path / "restored.db")
    assert restored.code == 0, restored.err
    assert rows(tmp_path / "restored.db")["event"] == rows(server)["event"]


@pytest.fixture
def leaving(tmp_path: Path) -> Iterator[tuple[Archive, str]]:
    """A council on a server whose chief of police has left."""
    archive = Archive(tmp_path)
    settle(archive.desk)
    archive.world.clock.move_to(date(2018, 12, 1))
    archive.world.store.close()
    with new_database() as url:
        assert archive.desk.types("db", "copy", str(archive.database), url).code == 0
        yield archive, url


def found_in_files(url: str, *texts: str) -> set[str]:
    """Which of some texts stand in the files of the tables that hold personal data."""
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("CHECKPOINT")
        ((folder,),) = owner.execute("SHOW data_directory").fetchall()
        if not Path(folder).is_dir():
            pytest.skip("the server is on another machine")
        content = b"".join(
            Path(folder, file).read_bytes() for (file,) in owner.execute(FILES, {"tables": list(HELD)}) if file
        )
    return {text for text in texts if text.encode() in content}


def test_an_erased_person_is_in_no_file_of_the_tables_any_more(leaving: tuple[Archive, str]) -> None:
    archive, url = leaving
    everything = {FULL, ADDRESS, LOGIN, "olav"}
    assert found_in_files(url, *everything) == everything
    answer = typed(archive, url, "person erase olav")
    assert answer.code == 0, answer.err
    assert found_in_files(url, *everything) == set()
    assert f"The tables that held it in {DatabaseUrl(url)} are written anew" in answer.out
    assert "write-ahead log, replicas and backups still have them" in answer.out
    assert typed(archive, url, "verify").code == 0


@contextmanager
def another_user(url: str) -> Iterator[str]:
    """The URL of a user who may write and owns nothing."""
    name = f"writer_{uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {name} {MAY_LOG_IN}")
        owner.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}")
        try:
            yield for_user(url, name)
        finally:
            owner.execute(f"DROP OWNED BY {name}")
            owner.execute(f"DROP ROLE {name}")


def test_whoever_does_not_own_the_tables_is_told_what_the_owner_must_run(leaving: tuple[Archive, str]) -> None:
    archive, url = leaving
    with another_user(url) as writer:
        answer = typed(archive, writer, "person erase olav")
        assert answer.code == 5
        assert "is erased from the record, but the database still holds traces of it" in answer.err
        assert (
            "the tables belong to postgres, who must run in psql: VACUUM (FULL, VERBOSE) person, remark" in answer.err
        )
    (id_,) = (row[1] for row in rows(url)["person"] if row[1] == row[2])
    assert typed(archive, url, "person", "erase", str(id_)).code == 0
    assert found_in_files(url, FULL, ADDRESS, LOGIN) == set()


def test_somebody_who_reads_all_the_while_is_waited_for_and_told_of(leaving: tuple[Archive, str]) -> None:
    _, url = leaving
    with SqlStore.open(url, timeout=0.3) as store, psycopg.connect(url) as reader:
        reader.execute("SELECT count(*) FROM person")
        with pytest.raises(StoreUnavailableError, match=r"is busy: waited 0.3 s"):
            store.purge()
        reader.rollback()
        store.purge()


def test_an_erasure_waits_for_whoever_still_sees_the_rows_as_they_were(
    leaving: tuple[Archive, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, url = leaving
    with SqlStore.open(url, timeout=0.3) as store, psycopg.connect(url) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.execute("SELECT count(*) FROM council")
        with psycopg.connect(url) as owner:
            owner.execute("UPDATE person SET name = NULL")
        monkeypatch.setattr("store.postgres_purge.PATIENCE", 0.3)
        with pytest.raises(StoreUnavailableError, match="a transaction goes on that is older than the erasure"):
            store.purge()
        assert found_in_files(url, FULL) == {FULL}
        reader.rollback()
        monkeypatch.setattr("store.postgres_purge.PATIENCE", 60.0)
        store.purge()
        assert found_in_files(url, FULL) == set()
