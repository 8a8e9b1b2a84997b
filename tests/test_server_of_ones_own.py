"""What only a server of one's own can do: ask for a password, be started again, stand behind a pool."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import psycopg
import pytest

from engine.database_url import DatabaseUrl
from engine.errors import StoreUnavailableError
from store import SqlStore
from tests.desk import Desk
from tests.postgres_process import OwnServer, free_port
from tests.test_server_faults import UNAVAILABLE, is_one_line
from tests.world import COUNCIL, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.run import Run

PASSWORD = "hemmelig"  # noqa: S105  # what must be shown to nobody


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that other users may enter; pytest takes that away from its own whenever another run begins."""
    with TemporaryDirectory(prefix="politirad-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="module")
def server() -> Iterator[OwnServer]:
    with OwnServer() as server:
        yield server


@pytest.fixture
def url(server: OwnServer) -> str:
    """An empty database on it."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS council WITH (FORCE)")
        connection.execute("CREATE DATABASE council TEMPLATE template0")
    return server.url.removesuffix("postgres") + "council"


@pytest.fixture
def world(url: str, tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path, url=url)
    yield world
    world.store.close()


@contextmanager
def asking_for_a_password(server: OwnServer) -> Iterator[None]:
    """Let nobody in without one."""
    rules = server.folder / "pg_hba.conf"
    before = rules.read_text()
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"ALTER ROLE postgres PASSWORD '{PASSWORD}'")
        rules.write_text("host all all 127.0.0.1/32 scram-sha-256\n")
        connection.execute("SELECT pg_reload_conf()")
        yield
        rules.write_text(before)
        connection.execute("SELECT pg_reload_conf()")


def with_password(url: str, password: str) -> str:
    return url.replace("postgres@", f"postgres:{password}@")


def test_a_wrong_password_is_told_at_once_and_shown_to_nobody(server: OwnServer, url: str, tmp_path: Path) -> None:
    desk = Desk(World(tmp_path, url=url))
    with asking_for_a_password(server):
        began = time.monotonic()
        for wrong in ("hemmeligere", ""):
            answer = desk.types("todo", database=DatabaseUrl(with_password(url, wrong)))
            is_one_line(answer, UNAVAILABLE, "refuses the password", "$PGPASSWORD")
        assert time.monotonic() - began < 3
        assert desk.types("todo", database=DatabaseUrl(with_password(url, PASSWORD))).code == 0


def test_the_password_may_come_from_the_environment(
    server: OwnServer, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(World(tmp_path, url=url))
    with asking_for_a_password(server):
        monkeypatch.setenv("PGPASSWORD", PASSWORD)
        assert desk.types("todo", database=DatabaseUrl(url)).code == 0


def test_a_server_that_was_started_again_between_two_commands_is_not_even_noticed(
    server: OwnServer, world: World
) -> None:
    with world.store.read(COUNCIL), world.store.read(COUNCIL):
        pass  # so that two connections are kept
    server.kill()
    server.start()
    assert world.propose() == "A-1"
    assert world.store.verify(COUNCIL).faults == []


def test_a_server_that_is_away_is_told_and_nothing_is_lost(server: OwnServer, world: World, url: str) -> None:
    before = world.store.verify(COUNCIL).events
    server.kill()
    try:
        answer = Desk(world).types("new meeting --title Møte", database=DatabaseUrl(with_password(url, PASSWORD)))
        is_one_line(answer, UNAVAILABLE, "Look whether the server runs")
        with pytest.raises(StoreUnavailableError, match=r"cannot be reached|shut down"):
            world.propose()
    finally:
        server.start()
    assert world.store.verify(COUNCIL).events == before
    assert world.propose() == "A-1"


def test_a_server_killed_in_the_middle_of_a_step_has_none_of_it(server: OwnServer, world: World) -> None:
    before = world.store.verify(COUNCIL).events
    try:
        with pytest.raises(StoreUnavailableError, match=r"cannot be reached|was shut down|has crashed"):
            world.register(lambda run: killed(server, run))
    finally:
        server.start()
    assert world.store.verify(COUNCIL).events == before


def killed(server: OwnServer, run: Run) -> None:
    """Write something; the server dies before it is committed."""
    run.tx.turn_away(1)
    server.kill()
    run.tx.size()


@contextmanager
def pool_in_front(server: OwnServer, mode: str) -> Iterator[str]:
    """The URL of a database behind PgBouncer, which hands out servers by session or by transaction."""
    program = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
    if program is None:
        pytest.skip("pgbouncer is not installed here")
    port = free_port()
    with open_folder() as folder:
        settings = folder / "pgbouncer.ini"
        settings.write_text(
            f"[databases]\ncouncil = host=127.0.0.1 port={server.port} dbname=council user=postgres\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\npool_mode = {mode}\n"
            "default_pool_size = 3\nserver_round_robin = 1\nunix_socket_dir =\n"
        )
        user = "nobody" if os.getuid() == 0 else None  # it refuses to run as root
        process = subprocess.Popen(
            [program, "-q", settings], user=user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            url = f"postgresql://postgres@127.0.0.1:{port}/council"
            until_it_answers(url)
            yield url
        finally:
            process.terminate()
            process.wait()


def until_it_answers(url: str) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return


@pytest.mark.parametrize("mode", ["session", "transaction"])
@pytest.mark.parametrize("stated", ["", "?prepare=off"])
@pytest.mark.usefixtures("url")
def test_everything_works_behind_a_pool(server: OwnServer, tmp_path: Path, mode: str, stated: str) -> None:
    with pool_in_front(server, mode) as pooled, SqlStore.open(f"{pooled}{stated}", create=True) as neighbour:
        world = World(tmp_path, url=f"{pooled}{stated}")
        for n in range(4):
            with neighbour.read(COUNCIL) as other, world.store.read(COUNCIL) as reader:  # servers change hands
                assert (other.size(), list(reader.todo())) == (reader.size(), list(other.todo()))
            world.measure(title=f"Tiltak {n}")
        world.clock.pass_days(200)
        world.tick()
        assert world.store.verify(COUNCIL).faults == []
        assert Desk(world).types("todo", database=DatabaseUrl(f"{pooled}{stated}")).code == 0
        world.store.close()


def test_statements_that_get_mixed_up_are_told_with_the_remedy() -> None:
    from store.postgres_faults import explained

    said = str(explained(psycopg.errors.InvalidSqlStatementName("x"), DatabaseUrl("postgresql://h/db"), 1))
    assert "write ?prepare=off" in said
