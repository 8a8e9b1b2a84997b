"""Moving a database: file to server, back again, file to file, server to server. Every row, verified at both ends."""

from __future__ import annotations

from contextlib import ExitStack
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from engine.clockwork import Clockwork
from engine.delivery import Deliverer
from engine.round import Round
from engine.service import Service
from store import SqlStore
from store.copying import MOST_BYTES, MOST_ROWS, TABLES, load
from store.documents import CHUNK
from store.rebuild import ignored
from tests.letterbox import Recorder
from tests.moving import LOADED, NUL, copies, letters, loaded, rows
from tests.postgres_server import new_database
from tests.world import COUNCIL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Table

    from store.copying import Row
    from store.link import Link
    from tests.archive import Archive


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """A council with something in every table. Nobody changes it."""
    return loaded(tmp_path_factory.mktemp("full"))


@pytest.fixture
def server() -> Iterator[str]:
    """An empty database on a server."""
    with new_database() as url:
        yield url


def test_every_table_has_a_row_to_move(full: Archive) -> None:
    found = rows(full.database)
    assert {table.name for table in TABLES if not found[table.name]} <= {"block", "delegation", "seating"}
    assert {letter.stage for letter, _ in letters(full.database).values()} >= {"sent", "pending"}
    assert any(letter.attempts for letter, _ in letters(full.database).values())
    assert NUL in {body for _, body in letters(full.database).values()}


def test_a_database_goes_from_a_file_to_a_server_and_back_row_by_row(
    full: Archive, server: str, tmp_path: Path
) -> None:
    back = tmp_path / "back.db"
    there, home = copies(tmp_path, str(full.database), server), copies(tmp_path, server, str(back))
    assert (there.returncode, home.returncode) == (0, 0), there.stderr + home.stderr
    assert rows(full.database) == rows(server) == rows(back)
    assert letters(full.database) == letters(server) == letters(back)
    for place in (server, back):
        with SqlStore.open(place) as store:
            assert store.verify(COUNCIL).faults == []


@pytest.mark.parametrize("product", ["file", "server"])
def test_it_also_goes_to_another_of_its_kind(full: Archive, product: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        places = [str(full.database), *(_new(stack, product, tmp_path, name) for name in ("one.db", "two.db"))]
        for source, target in pairwise(places):
            ended = copies(tmp_path, source, target)
            assert ended.returncode == 0, ended.stderr
        assert rows(places[0]) == rows(places[-1])


def _new(stack: ExitStack, product: str, folder: Path, name: str) -> str:
    return str(folder / name) if product == "file" else stack.enter_context(new_database())


def test_it_is_said_where_the_record_is_now_and_that_nobody_may_write_to_the_old_one(
    full: Archive, server: str, tmp_path: Path
) -> None:
    said = copies(tmp_path, str(full.database), server).stdout
    assert "every row, verified at both ends" in said
    with SqlStore.open(server) as store, store.read(COUNCIL) as reader:
        assert f"{COUNCIL}: {reader.size()} events, root " in said
    assert f"Nothing may go on writing to {full.database}" in said


def test_letters_that_waited_go_out_once_from_where_they_were_moved_to(
    full: Archive, server: str, tmp_path: Path
) -> None:
    assert copies(tmp_path, str(full.database), server).returncode == 0
    waiting = [body for letter, body in letters(server).values() if letter.stage == "pending"]
    assert len(waiting) >= len(LOADED)
    world, mail = full.box.world, Recorder()
    with SqlStore.open(server) as store:
        service = Service(store, world.service.rules, world.clock, world.service.entropy)
        deliverer = Deliverer(store, service.rules, full.box.stationery, mail, world.clock, 1)
        clockwork = Clockwork(store, world.clock, Round(service, full.box.stationery), deliverer)
        full.box.set("2019-08-06", "14:00")
        clockwork.turn()
        sent = [one.body for one in mail.sent]
        assert [sent.count(body) for body in waiting] == [1] * len(waiting)
        clockwork.turn()
        assert len(mail.sent) == len(sent)
        assert store.verify(COUNCIL).faults == []


def test_no_more_is_held_in_memory_than_a_batch(full: Archive, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[tuple[int, int]] = []

    def weighed(link: Link, table: Table, batch: list[Row]) -> None:
        texts = [value for row in batch for value in row if isinstance(value, str | bytes)]
        sizes.append((len(batch), sum(map(len, texts))))
        load(link, table, batch)

    monkeypatch.setattr("store.copying.load", weighed)
    with SqlStore.open(full.database) as store:
        store.copy_into(server, lambda _: ignored)
    assert max(rows for rows, _ in sizes) <= MOST_ROWS
    assert MOST_BYTES < max(size for _, size in sizes) < MOST_BYTES + CHUNK + 1000
