"""A copy that is broken off, wherever: nobody takes the half for a database, and the same command does it again."""

from __future__ import annotations

import signal
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from engine.errors import StoreUnavailableError
from store import SqlStore
from store.copying import Copied, load
from store.link import Memory
from store.reader import SqlReader
from store.rebuild import ignored
from tests.desk import Desk
from tests.moving import copies, loaded, rows
from tests.postgres_server import new_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Table

    from store.copying import Row
    from store.link import Link
    from tests.archive import Archive

GRANTED = (
    "SELECT table_name FROM information_schema.role_table_grants WHERE grantee = 'PUBLIC' AND table_name = 'letter'"
)
KILLED = """\
import os, signal, sys
import cli, store.copying, store.verification
where, left = {where!r}, {left}
def die():
    global left
    left -= 1
    if left == -1:
        os.kill(os.getpid(), signal.SIGKILL)
def before(owner, name):
    true = getattr(owner, name)
    def call(*given):
        die()
        return true(*given)
    setattr(owner, name, call)
if where == "batch":
    load = store.copying.load
    def killed(*batch):
        load(*batch)
        die()
    store.copying.load = killed
else:
    before(store.copying, "begin")
    before(store.verification.Verification, "report")
    before(store.copying, "finish")
sys.exit(cli.run(sys.argv[1:]))
"""
"""The command in a process that kills itself: in the n-th batch, or before the n-th of its larger parts, which are
verifying the source, making the tables, verifying the copy and taking the mark off."""


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """A council with something in every table. Nobody changes it."""
    return loaded(tmp_path_factory.mktemp("full"))


@pytest.fixture(params=["file", "server"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty place."""
    if request.param == "file":
        yield str(tmp_path / "target.db")
        return
    with new_database() as url:
        yield url


@pytest.mark.parametrize(("where", "left"), [("batch", 0), ("batch", 9), ("batch", 24), ("part", 2), ("part", 3)])
def test_killed_in_the_middle_the_half_is_nobodys_database_and_the_same_command_does_it_again(
    full: Archive, target: str, where: str, left: int, tmp_path: Path
) -> None:
    killed = copies(tmp_path, str(full.database), target, code=KILLED.format(where=where, left=left))
    assert killed.returncode == -signal.SIGKILL, killed.stdout + killed.stderr
    with pytest.raises(StoreUnavailableError, match=r"broken off\. Run the same command again: politirad db copy SRC"):
        SqlStore.open(target)
    with pytest.raises(StoreUnavailableError, match="broken off"):
        SqlStore.open(target, create=True)
    again = copies(tmp_path, str(full.database), target)
    assert again.returncode == 0, again.stderr
    assert rows(target) == rows(full.database)


@pytest.mark.parametrize("left", [0, 1])
def test_killed_before_the_source_was_looked_through_nothing_is_there(
    full: Archive, target: str, left: int, tmp_path: Path
) -> None:
    killed = copies(tmp_path, str(full.database), target, code=KILLED.format(where="part", left=left))
    assert killed.returncode == -signal.SIGKILL
    with pytest.raises(StoreUnavailableError, match=r"no database|no tables"):
        SqlStore.open(target)


def counted(link: Link, council: str, *_: object) -> Copied:
    """What a council's log comes to, taken on trust."""
    return Copied(council, SqlReader(link, council, Memory()).size(), b"")


def failing_at(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the n-th batch from now on fail, and no other."""
    left = [batch]

    def doomed(link: Link, table: Table, rows: list[Row]) -> None:
        load(link, table, rows)
        left[0] -= 1
        if left[0] == -1:
            raise StoreUnavailableError("the disk fails")

    monkeypatch.setattr("store.copying.load", doomed)


def test_it_may_fail_at_every_batch_one_after_another_and_is_whole_in_the_end(
    full: Archive, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.copying.verified", counted)  # what is in order stays so, and looking takes long
    batches = 0
    with SqlStore.open(full.database) as source:
        while True:
            with monkeypatch.context() as patched, suppress(StoreUnavailableError):
                failing_at(batches, patched)
                source.copy_into(target, lambda _: ignored)
                break
            batches += 1
            with pytest.raises(StoreUnavailableError, match="broken off"):
                SqlStore.open(target)
    assert batches > 25
    assert rows(target) == rows(full.database)


def test_whoever_interrupts_it_does_it_again(full: Archive, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    desk = Desk(full.world)
    with monkeypatch.context() as patched:
        patched.setattr("store.copying.finish", interrupt)
        assert desk.types("db", "copy", str(full.database), target).code == 130
    assert "broken off" in desk.types("db", "copy", target, "elsewhere.db").err
    assert desk.types("db", "copy", str(full.database), target).code == 0


def test_a_row_that_did_not_arrive_as_it_was_leaves_the_copy_unfinished(
    full: Archive, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def altered(link: Link, table: Table, rows: list[Row]) -> None:
        load(link, table, [(*row[:-1], b"Other bytes") for row in rows] if table.name == "letter" else rows)

    desk = Desk(full.world)
    with monkeypatch.context() as patched:
        patched.setattr("store.copying.load", altered)
        answer = desk.types("db", "copy", str(full.database), target)
    assert (answer.code, "is not what was copied (letter" in answer.err) == (10, True), answer.err
    with pytest.raises(StoreUnavailableError, match="broken off"):
        SqlStore.open(target)
    assert desk.types("db", "copy", str(full.database), target).code == 0


def test_what_was_granted_on_the_tables_outlives_a_copy_that_starts_over(
    full: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    with new_database() as url:
        with SqlStore.open(url, create=True) as made, made._file.writing() as link:  # noqa: SLF001  # an owner's hands
            link.connection.execute("GRANT SELECT ON letter TO PUBLIC")
        with SqlStore.open(full.database) as source:
            with monkeypatch.context() as patched:
                failing_at(5, patched)
                with pytest.raises(StoreUnavailableError):
                    source.copy_into(url, lambda _: ignored)
            source.copy_into(url, lambda _: ignored)
        with SqlStore.open(url) as store, store._file.reading() as link:  # noqa: SLF001  # an owner's eyes
            assert link.connection.execute(GRANTED).fetchall() == [("letter",)]
