"""What can be wrong with a server, its address or its rights: one clear line, no password, nothing written."""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from io import StringIO
from typing import TYPE_CHECKING, TypeAlias
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors

import cli
from engine import patience
from engine.database_url import DatabaseUrl
from engine.errors import PassingError, StoreUnavailableError
from store import SqlStore
from store.postgres import Postgres
from store.postgres_creation import Found, check_server
from store.postgres_faults import explained
from store.postgres_locks import lock_of
from store.schema import REVISION
from tests.desk import Answer, Desk
from tests.postgres_server import MAY_LOG_IN, for_user, new_database, server_url, stating, url_of
from tests.world import COUNCIL, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from engine.run import Run

    Types: TypeAlias = Callable[[str], Answer]

SECRET = "hemmelig"  # noqa: S105  # what must be shown to nobody
UNAVAILABLE = 5
USAGE = 2


@pytest.fixture
def url() -> Iterator[str]:
    with new_database() as url:
        yield url


@pytest.fixture
def world(url: str, tmp_path: Path) -> Iterator[World]:
    """A council on a server."""
    world = World(tmp_path, url=url)
    yield world
    world.store.close()


@pytest.fixture
def types(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Types:
    """Type `politirad todo` in a folder, where the environment names a database."""
    monkeypatch.chdir(tmp_path)

    def typed(database: str) -> Answer:
        monkeypatch.setenv("POLITIRAD_DATABASE", database)
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = cli.run(["todo"])
        assert [path.name for path in tmp_path.iterdir() if path.name != "server"] == []
        return Answer(code, out.getvalue(), err.getvalue())

    return typed


def is_one_line(answer: Answer, code: int, *said: str) -> None:
    """Ends with the code, and says so in one line on stderr which shows no password and no traceback."""
    assert (answer.code, answer.out, answer.err.count("\n")) == (code, "", 1), answer
    assert all(words in answer.err for words in said), answer.err
    assert SECRET not in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.parametrize(
    ("database", "code", "said"),
    [
        ("mysql://kari:hemmelig@127.0.0.1/db", USAGE, "politirad opens no mysql:// address"),
        ("postgresql:kari:hemmelig@127.0.0.1/db", USAGE, "is no URL. Write postgresql://USER@HOST/DATABASE"),
        ("postgres:/kari:hemmelig@127.0.0.1/db", USAGE, "is no URL. Write postgresql://USER@HOST/DATABASE"),
        ("postgresql+psycopg://kari:hemmelig@h/db", USAGE, "opens no postgresql+psycopg:// address"),
        ("postgresql://kari:hemmelig@127.0.0.1:x/db", USAGE, "the port is a number"),
        ("postgresql://kari:hemmelig@127.0.0.1:99999/db", USAGE, "the port is a number"),
        ("postgresql://kari:hemmelig/y@127.0.0.1/db", USAGE, "in a password / ? # @"),
        ("postgresql://kari:123/hemmelig@127.0.0.1/db", USAGE, "in a password / ? # @"),
        ("postgresql://kari:123?hemmelig@127.0.0.1/db", USAGE, "in a password / ? # @"),
        ("postgresql://kari:123#hemmelig@127.0.0.1/db", USAGE, "in a password / ? # @"),
        ("postgresql://kari:hemmelig%zz@127.0.0.1/db", USAGE, "a % in it is written %25"),
        ("postgresql://kari:hemmelig@127.0.0.1/db?colour=red", USAGE, "colour"),
        ("postgresql://kari:hemmelig@127.0.0.1/db?prepare=no", USAGE, "neither prepare=on nor prepare=off"),
        ("postgresql://kari:hemmelig@127.0.0.1/db?sslmode=perhaps", UNAVAILABLE, "sslmode"),
        ("postgresql://kari:hemmelig@nowhere.invalid/db", UNAVAILABLE, "cannot be reached"),
        ("postgresql://kari:hemmelig@127.0.0.1:1/db", UNAVAILABLE, "Look whether the server runs"),
        ("postgresql://kari@127.0.0.1:1/db?password=hemmelig", UNAVAILABLE, "Look whether the server runs"),
        ("postgresql://kari:hemmelig@/db?host=/nowhere", UNAVAILABLE, "Look whether the server runs"),
    ],
)
def test_an_address_that_leads_nowhere_is_told_at_once_in_a_line(
    types: Types, database: str, code: int, said: str
) -> None:
    began = time.monotonic()
    is_one_line(types(database), code, said)
    assert time.monotonic() - began < 5


def test_a_database_that_is_not_there_is_told_with_what_makes_it(types: Types) -> None:
    missing = url_of("politirad_not_there")
    is_one_line(types(missing), UNAVAILABLE, "there is no such database", "createdb")


def test_a_user_whom_the_server_does_not_know_is_told(types: Types) -> None:
    stranger = for_user(server_url(), f"nobody_{uuid4().hex}", SECRET)
    answer = types(stranger)
    is_one_line(answer, UNAVAILABLE)
    known = ("does not let this user in", "does not exist")
    asked = ("refuses the password",)  # a server that asks for passwords tells nobody who is known to it
    assert any(all(words in answer.err for words in said) for said in (known, asked)), answer.err


def test_an_empty_database_is_told_with_what_fills_it(types: Types, url: str) -> None:
    is_one_line(types(url), UNAVAILABLE, "has no tables of politirad", "politirad init")


def test_a_newer_schema_is_told(types: Types, url: str) -> None:
    SqlStore.open(url, create=True).close()
    run(url, "UPDATE alembic_version SET version_num = '9999'")
    is_one_line(types(url), UNAVAILABLE, f"knows up to {REVISION}", "Install a newer politirad")


def test_a_database_in_another_encoding_is_told(types: Types) -> None:
    name = f"politirad_{uuid4().hex}"
    run(server_url(), f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    try:
        answer = types(url_of(name))
        is_one_line(answer, UNAVAILABLE, "is encoded in SQL_ASCII", "createdb --encoding UTF8")
    finally:
        run(server_url(), f"DROP DATABASE {name} WITH (FORCE)")


SAYS_IT_IS_OLDER = """\
CREATE FUNCTION current_setting(asked text) RETURNS text LANGUAGE sql AS $$ SELECT CASE asked
    WHEN 'server_version_num' THEN '140023' WHEN 'server_version' THEN '14.23'
    ELSE pg_catalog.current_setting(asked) END $$
"""
"""Lets a server answer as PostgreSQL 14.23 does; 14.23 and 12.22 themselves were tried by hand."""


@pytest.mark.parametrize("words", ["todo", "init council.toml --name Kari", "db copy politirad.db {url}"])
def test_a_server_that_is_older_than_what_is_tested_is_told(
    tmp_path: Path, url: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run(url, SAYS_IT_IS_OLDER)
    set_for(url, "search_path = public, pg_catalog")
    desk = Desk(World(tmp_path))
    desk.types("init --example")
    answer = desk.types(words.format(url=f"'{url}'"), database=DatabaseUrl(url))
    is_one_line(answer, UNAVAILABLE, "is PostgreSQL 14.23;", "needs 15 or newer", "Have the server upgraded")
    assert tables_in(url) == 0


def tables_in(url: str) -> int:
    """How many there are in a database beside the server's own."""
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT FROM pg_tables WHERE schemaname = 'public'").rowcount


SOUND = Found(
    major=16, version="16.4", encoding="UTF8", schema="public", stamped=True, ours=True, backend=1, owns=True
)  # fmt: skip


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (SOUND._replace(encoding="LATIN1"), "is encoded in LATIN1"),
        (SOUND._replace(schema=None), "no schema of the search_path"),
        (SOUND._replace(stamped=False), "holds another program's tables"),
    ],
)
def test_a_server_that_will_not_do_is_told(found: Found, said: str) -> None:
    check_server(DatabaseUrl("postgresql://h/db"), SOUND)
    with pytest.raises(StoreUnavailableError, match=said):
        check_server(DatabaseUrl("postgresql://h/db"), found)


def run(url: str, statement: str) -> None:
    """Past the program, as whoever keeps the server."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(statement)


def set_for(url: str, setting: str) -> None:
    """Have every later session of the database begin with a setting."""
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    run(url, f"ALTER DATABASE {name} SET {setting}")


@pytest.mark.parametrize(
    "setting",
    ["timezone = 'Asia/Kathmandu'", "default_transaction_isolation = 'serializable'", "datestyle = 'German, DMY'",
     "standard_conforming_strings = off", "bytea_output = 'escape'", "synchronous_commit = off",
     "default_transaction_deferrable = on", "intervalstyle = 'sql_standard'", "quote_all_identifiers = on"],
)  # fmt: skip
def test_what_a_server_is_set_to_changes_nothing(url: str, tmp_path: Path, setting: str) -> None:
    set_for(url, setting)
    world = World(tmp_path, url=url)
    world.propose()
    world.clock.pass_days(200)
    world.tick()
    assert world.store.verify(COUNCIL).faults == []
    assert Desk(world).types("todo", database=DatabaseUrl(url)).code == 0
    world.store.close()


def test_a_database_that_is_read_only_is_read_and_a_step_is_told(world: World, url: str) -> None:
    desk, before = Desk(world), world.store.verify(COUNCIL).events
    set_for(url, "default_transaction_read_only = on")
    assert desk.types("verify", database=DatabaseUrl(url)).code == 0
    answer = desk.types("new meeting --title Møte", database=DatabaseUrl(url))
    is_one_line(answer, UNAVAILABLE, "is read-only", "default_transaction_read_only", "Nothing was written")
    assert world.store.verify(COUNCIL).events == before


@contextmanager
def somebody(url: str, rights: str = "") -> Iterator[str]:
    """The URL of a user with no right on the tables; `rights` of the role."""
    name = f"test_{uuid4().hex[:8]}"
    run(url, f"CREATE ROLE {name} {MAY_LOG_IN} {rights}")
    try:
        yield for_user(url, name)
    finally:
        run(url, f"DROP OWNED BY {name}")
        run(url, f"DROP ROLE {name}")


def test_a_user_without_rights_is_told_who_gives_them(world: World, url: str) -> None:
    with somebody(url) as stranger:
        answer = Desk(world).types("todo", database=DatabaseUrl(stranger))
    is_one_line(answer, UNAVAILABLE, "this user has no right to do that", "politirad db roles")


def test_a_server_that_gives_a_statement_no_time_is_told(world: World, url: str) -> None:
    set_for(url, "statement_timeout = 1")
    with psycopg.connect(url) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [lock_of(COUNCIL)])
        answer = Desk(world).types("new meeting --title Møte", database=DatabaseUrl(url))
    is_one_line(answer, UNAVAILABLE, "broke it off", "Nothing was written", "statement_timeout")


def test_a_user_who_may_make_no_tables_is_told_whose_the_database_must_be(url: str, tmp_path: Path) -> None:
    with somebody(url) as stranger, pytest.raises(StoreUnavailableError, match=r"no right .* createdb --owner USER"):
        SqlStore.open(stranger, create=True)
    assert not tmp_path.joinpath("politirad.db").exists()


def test_a_full_server_is_waited_for_and_then_told(url: str) -> None:
    with somebody(url, "SUPERUSER CONNECTION LIMIT 1") as stranger:
        run(url, f"ALTER ROLE {name_of(stranger)} NOSUPERUSER")  # the limit does not hold for superusers
        with psycopg.connect(stranger):
            began = time.monotonic()
            with pytest.raises(StoreUnavailableError, match="takes no more connections"):
                SqlStore.open(stranger, timeout=0.5)
            assert time.monotonic() - began > 0.5


def name_of(url: str) -> str:
    return str(psycopg.conninfo.conninfo_to_dict(url)["user"])


def test_room_that_is_made_while_somebody_waits_is_taken(url: str) -> None:
    SqlStore.open(url, create=True).close()
    with somebody(url, "CONNECTION LIMIT 1") as stranger:
        connection = psycopg.connect(stranger)
        threading.Timer(0.5, connection.close).start()
        with pytest.raises(StoreUnavailableError, match="no right to do that"):  # so it was let in
            SqlStore.open(stranger, timeout=10).councils()


def test_a_process_has_so_many_connections_and_who_waits_too_long_is_told(url: str) -> None:
    server = Postgres(DatabaseUrl(url), timeout=0.2, most=2)
    late = pytest.raises(StoreUnavailableError, match=r"waited 0\.2 s for one of 2 connections")
    with server.reading(), server.reading(), late, server.reading():
        pass
    with server.reading(), server.reading():
        pass
    server.close()


@pytest.mark.usefixtures("world")
def test_a_council_whose_log_is_written_to_is_waited_for_and_then_told(url: str) -> None:
    impatient = SqlStore.open(url, timeout=0.3)
    with psycopg.connect(url) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [lock_of(COUNCIL)])
        late = pytest.raises(StoreUnavailableError, match=r"is busy: waited 0\.3 s for another transaction")
        with late, impatient.write(COUNCIL):
            pass
        assert impatient.verify(COUNCIL).faults == []  # who reads waits for nobody
    with impatient.write(COUNCIL):
        pass
    impatient.close()


CUT = """\
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"""
"""Cuts every connection to the database but its own."""


def test_connections_that_were_cut_between_two_commands_are_replaced_unseen(world: World, url: str) -> None:
    with world.store.read(COUNCIL), world.store.read(COUNCIL):
        pass  # so that two are kept
    run(url, CUT)
    world.propose()
    run(url, CUT)
    assert world.store.verify(COUNCIL).faults == []


def test_a_transaction_that_is_cut_in_the_middle_has_written_nothing(world: World, url: str) -> None:
    before = world.store.verify(COUNCIL).events

    def cut_off(run_: Run) -> None:
        run(url, CUT)
        run_.tx.events_from(0, 1)

    with pytest.raises(StoreUnavailableError, match=r"was shut down meanwhile\. Nothing was written"):
        world.register(cut_off)
    assert world.store.verify(COUNCIL).events == before
    assert world.propose() == "A-1"


def test_a_connection_lost_while_committing_leaves_it_open_and_says_so(world: World, url: str) -> None:
    with pytest.raises(StoreUnavailableError, match=r"may stand or not.*same --key"), world.store.write(COUNCIL):
        run(url, CUT)
    assert world.store.verify(COUNCIL).faults == []


def test_an_error_that_was_passed_over_is_never_taken_for_a_commit(world: World) -> None:
    passed_over = suppress(psycopg.Error)
    told = pytest.raises(StoreUnavailableError, match="Nothing was written")
    with told, world.store.write(COUNCIL) as tx, passed_over:
        tx._link.connection.execute("SELECT 1 / 0")  # noqa: SLF001  # what a driver's error does to a transaction


def test_two_transactions_that_wait_for_each_other_are_both_done(
    world: World, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = "options=-c%20deadlock_timeout%3D4s"  # so that both surely wait when it is looked for
    world.reopen(stating(url, slow))
    case = world.measure()
    pauses: list[float] = []

    def pause(least: float, most: float) -> float:
        pauses.append(most)
        return least

    monkeypatch.setattr(patience, "uniform", pause)
    locked = threading.Event()

    def other() -> None:
        with psycopg.connect(url, options="-c deadlock_timeout=60s") as connection:  # the other one is to give in
            connection.execute("SELECT FROM deadline WHERE case_id = %s FOR UPDATE", [case])
            locked.set()
            until_somebody_waits(url)
            connection.execute("SELECT FROM cases WHERE id = %s FOR UPDATE", [case])

    thread = threading.Thread(target=other)
    thread.start()
    locked.wait(10)
    world.take("measure", "recommend", case, decider="politiradet", ref="PS 3/19")
    thread.join()
    assert len(pauses) == 1
    assert world.store.verify(COUNCIL).faults == []


def until_somebody_waits(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as watching:
        until = time.monotonic() + 10
        while time.monotonic() < until:
            waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            if watching.execute(waiting).fetchone() is not None:
                return
            time.sleep(0.02)


@pytest.mark.parametrize("error", [errors.DeadlockDetected("x"), errors.SerializationFailure("x")])
def test_what_passes_by_itself_is_told_apart(error: Exception) -> None:
    url = DatabaseUrl("postgresql://h/db")
    assert isinstance(explained(error, url, 1), PassingError)
    assert not isinstance(explained(errors.LockNotAvailable("x"), url, 1), PassingError)
    assert not isinstance(explained(errors.AdminShutdown("x"), url, 1), PassingError)


def test_an_act_is_run_anew_three_times_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "uniform", lambda least, _: least)
    attempts: list[int] = []

    @patience.patient
    def never() -> None:
        attempts.append(len(attempts))
        raise PassingError("in the way")

    with pytest.raises(PassingError):
        never()
    assert len(attempts) == 4


@pytest.mark.parametrize(
    ("stated", "password", "shown"),
    [
        ("postgresql://k:a%2Fb@h:5/d", "a/b", "postgresql://k@h:5/d"),
        ("postgresql://k@h/d?password=a+b&prepare=off", "a+b", "postgresql://k@h/d?prepare=off"),
        ("postgresql:///d?host=/run&options=-c%20x%3D1", None, "postgresql:///d?host=/run&options=-c%20x%3D1"),
    ],
)
def test_the_driver_gets_the_address_as_it_was_written_and_nobody_the_password(
    stated: str, password: str | None, shown: str
) -> None:
    url = DatabaseUrl(stated)
    read = psycopg.conninfo.conninfo_to_dict(url.conninfo)
    assert (read["dbname"], read.get("password"), str(url)) == ("d", password, shown)
    assert read.get("options") in {None, "-c x=1"}


def test_a_forked_child_has_connections_of_its_own(world: World) -> None:
    assert world.store.councils() == (COUNCIL,)
    child = os.fork()
    if child == 0:
        os._exit(0 if world.store.councils() == (COUNCIL,) else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert world.store.councils() == (COUNCIL,)
