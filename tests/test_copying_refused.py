"""What is not copied, and where nothing is copied to: one clear line, an exit code, and nothing changed."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from engine.database_url import DatabaseUrl
from engine.errors import StoreUnavailableError
from store import SqlStore
from store.sqlite import driver
from tests.archive import Archive
from tests.postgres_server import new_database, stating, url_of
from tests.world import COUNCIL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from store.rebuild import Progress


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """A sealed council with a backup of it, `backup.db`."""
    made = Archive(tmp_path)
    made.world.propose()
    made.seal()
    made.backed_up()
    return made


@pytest.fixture
def server() -> Iterator[str]:
    """An empty database on a server."""
    with new_database() as url:
        yield url


def refused(archive: Archive, source: object, target: object) -> tuple[int, str]:
    """The exit code of a copy that is meant to be refused, and its one line."""
    answer = archive.types("db", "copy", str(source), str(target))
    assert answer.out == ""
    (line,) = answer.err.splitlines()
    return answer.code, line


@pytest.mark.parametrize(
    ("harm", "code", "said"),
    [
        ("UPDATE event SET body = replace(body, '2018-10-04', '2018-10-03') WHERE pos = 3", 10, "event 3"),
        ("DELETE FROM checkpoint_sig", 12, "checkpoint"),
        ("UPDATE cases SET title = 'Noe annet' WHERE id = 'A-1'", 13, "title is"),
        ("UPDATE chunk SET bytes = x'00'", 14, "document"),
    ],
)
def test_a_damaged_source_is_refused_with_the_exit_code_of_verify_and_nothing_is_made(
    archive: Archive, server: str, harm: str, code: int, said: str
) -> None:
    archive.harm(archive.database, harm)
    answer = refused(archive, archive.database, server)
    assert answer[0] == code
    assert f"{COUNCIL} in {archive.database} is not in order" in answer[1]
    assert said in answer[1]
    with SqlStore.open(server, create=True) as store:
        assert store.councils() == ()


def test_a_destination_that_holds_anything_is_refused_and_stays_as_it_is(archive: Archive, server: str) -> None:
    archive.does("db", "copy", str(archive.database), server)
    archive.world.measure()
    for target in (server, str(archive.folder / "backup.db")):
        before = sizes(target)
        code, line = refused(archive, archive.database, target)
        assert (code, "holds a database already" in line) == (2, True)
        assert sizes(target) == before


def sizes(where: str) -> int:
    """How many events a database has."""
    with SqlStore.open(where) as store, store.read(COUNCIL) as reader:
        return reader.size()


def test_a_file_or_a_schema_of_another_program_is_refused(archive: Archive, server: str) -> None:
    other = archive.folder / "other.db"
    with closing(driver.connect(other)) as made:
        made.execute("CREATE TABLE mine (x)")
    assert refused(archive, archive.database, other)[0] == 5
    with SqlStore.open(server, create=True) as store, store._file.writing() as link:  # noqa: SLF001  # an owner's hands
        link.connection.execute("UPDATE alembic_version SET version_num = 'ab12cd34'")
    assert refused(archive, archive.database, server)[0] == 2


def test_the_source_itself_is_refused_by_whatever_name(archive: Archive, server: str) -> None:
    alias = archive.folder / "alias.db"
    alias.symlink_to(archive.database)
    archive.does("db", "copy", str(archive.database), server)
    for source, target in (
        (archive.database, archive.database),
        (archive.database, alias),
        (server, stating(server, "prepare=off")),
    ):
        code, line = refused(archive, source, target)
        assert (code, "is the database itself" in line) == (2, True), line


@pytest.mark.parametrize(
    ("target", "code", "said"),
    [
        ("{server}", 5, "there is no such database"),
        ("postgresql://postgres@localhost:1/x", 5, "cannot be reached"),
        ("postgresql://postgres@localhost:notaport/x", 2, "no URL"),
        ("postgresql://postgres@/x?prepare=perhaps", 2, "neither prepare=on nor prepare=off"),
        ("{folder}", 5, "is a folder"),
        ("{folder}/nowhere/new.db", 5, "does not exist. Make it first"),
    ],
)
def test_a_place_that_cannot_be_is_said_in_one_line(archive: Archive, target: str, code: int, said: str) -> None:
    there_is_none = url_of("politirad_not_there")
    answer = refused(archive, archive.database, target.format(server=there_is_none, folder=archive.folder))
    assert (answer[0], said in answer[1]) == (code, True), answer[1]


def test_a_source_that_is_not_there_is_said_in_one_line(archive: Archive, server: str) -> None:
    assert refused(archive, archive.folder / "nothing.db", server) == (
        5, f"There is no database {archive.folder / 'nothing.db'}. Run `politirad init` to make one.",
    )  # fmt: skip
    assert refused(archive, server, archive.folder / "new.db")[0] == 5
    assert not (archive.folder / "new.db").exists()


def test_while_a_clock_serves_either_end_nothing_is_copied(archive: Archive, server: str) -> None:
    with SqlStore.open(archive.database) as store, store.clock_lock() as alone:
        assert alone()
        code, line = refused(archive, archive.database, server)
        assert (code, f"A clock serves {archive.database}" in line) == (5, True)
    with SqlStore.open(server, create=True) as store, store.clock_lock(shared=True) as ours:
        assert ours()
        assert f"A clock serves {DatabaseUrl(server)}" in refused(archive, archive.database, server)[1]
    archive.does("db", "copy", str(archive.database), server)


def test_what_was_written_to_the_source_meanwhile_is_missed_and_the_copy_stays_unfinished(
    archive: Archive, server: str
) -> None:
    if archive.world.store.describe().journal != "WAL":
        pytest.skip("with a rollback journal writers wait until the copy is done")
    written: list[int] = []

    def bars(label: str) -> Progress:
        def told(_: int, __: int) -> None:
            if label == "copy" and not written:
                written.append(1)
                archive.world.measure()

        return told

    with (
        SqlStore.open(archive.database) as store,
        pytest.raises(StoreUnavailableError, match="events are not in the copy"),
    ):
        store.copy_into(server, bars)
    archive.does("db", "copy", str(archive.database), server)
    assert sizes(server) == len(archive.events())


def test_a_password_is_never_shown(archive: Archive) -> None:
    answer = archive.types("db", "copy", str(archive.database), "postgresql://postgres:hemmelig@localhost:1/x")
    assert "hemmelig" not in answer.out + answer.err


def test_a_text_that_a_server_cannot_keep_is_told_and_the_half_stays_nobodys_database(
    archive: Archive, server: str
) -> None:
    archive.does("person add Nora --handle nora")
    archive.harm(archive.database, "UPDATE person SET email = 'a' || char(0) WHERE handle = 'nora'")
    code, line = refused(archive, archive.database, server)
    assert (code, "A text holds a character that" in line) == (2, True), line
    with pytest.raises(StoreUnavailableError, match="broken off"):
        SqlStore.open(server)
    archive.does("db", "copy", str(archive.database), str(archive.folder / "file.db"))
