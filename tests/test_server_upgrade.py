"""An older database on a server is brought up to date, all or nothing, and ends as one that is made at once."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from procrastinate.schema import SchemaManager

from engine.database_url import DatabaseUrl
from engine.errors import BytesChangedError, StoreUnavailableError
from store import SqlStore
from store.queue_schema import STAMP
from store.schema import REVISION
from tests.contract.scribe import COUNCIL, Scribe
from tests.desk import Desk
from tests.postgres_server import MAY_LOG_IN, for_user, new_database
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

OLDER = "0005"
CATALOG = """\
SELECT 'column', c.relname || '.' || a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull,
    a.attgenerated, pg_get_expr(d.adbin, d.adrelid), (SELECT collname FROM pg_collation WHERE oid = a.attcollation))
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'trigger', tgname, concat_ws(' ', pg_get_triggerdef(oid), tgenabled) FROM pg_trigger
WHERE NOT tgisinternal
UNION ALL SELECT 'function', proname, concat_ws(' ', prosrc, proconfig) FROM pg_proc
WHERE pronamespace = 'public'::regnamespace
ORDER BY 1, 2, 3
"""


@pytest.fixture
def url() -> Iterator[str]:
    with new_database() as url:
        yield url


def lived_before(url: str) -> None:
    """A council with a log in it, in a database of an older revision."""
    with SqlStore.open(url, create=True) as store:
        scribe = Scribe(store)
        scribe.open_council()
        scribe.open_measure("M-1")
    with psycopg.connect(url) as connection:
        make_older(connection)


def make_older(connection: psycopg.Connection) -> None:
    """Take away what has come since."""
    connection.execute("DROP TABLE turned_away")
    connection.execute("CREATE INDEX ix_deadline_council_due ON deadline (council, due)")
    connection.execute("UPDATE alembic_version SET version_num = %s", [OLDER])


def schema_of(url: str) -> list[tuple[str, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(CATALOG).fetchall()


def all_of(url: str) -> list[tuple[str, ...]]:
    """The schema with its revision, and what stands in the log and in the views."""
    with psycopg.connect(url) as connection:
        stamp = connection.execute("SELECT 'revision', version_num FROM alembic_version").fetchall()
        return [
            *schema_of(url),
            *stamp,
            *connection.execute("SELECT id, state, leaf FROM cases ORDER BY id").fetchall(),
        ]


def test_an_older_database_is_upgraded_after_saying_so_and_is_like_a_new_one(url: str) -> None:
    lived_before(url)
    told: list[tuple[str, str]] = []
    with SqlStore.open(url, upgrading=lambda found, newest: told.append((found, newest))) as store:
        assert store.verify(COUNCIL).faults == []
    assert told == [(OLDER, REVISION)]
    with new_database() as fresh:
        SqlStore.open(fresh, create=True).close()
        assert schema_of(url) == schema_of(fresh)


def test_the_views_of_every_council_are_made_from_its_log(url: str) -> None:
    lived_before(url)
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE cases SET state = 'forged'")
    with SqlStore.open(url) as store:
        assert store.verify(COUNCIL).faults == []


def test_a_broken_log_is_not_upgraded(url: str) -> None:
    lived_before(url)
    with psycopg.connect(url) as connection:
        connection.execute("ALTER TABLE event DISABLE TRIGGER ALL")
        connection.execute("ALTER TABLE event DROP CONSTRAINT is_of_body")
        connection.execute("UPDATE event SET leaf = sha256('x') WHERE pos = 1")
    before = all_of(url)
    with pytest.raises(BytesChangedError, match="broken at position 1"):
        SqlStore.open(url)
    assert all_of(url) == before


def test_an_upgrade_that_fails_leaves_the_database_as_it_was(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lived_before(url)
    before = all_of(url)

    def broken_off(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("store.postgres_upgrade.rebuild", broken_off)
    with pytest.raises(KeyboardInterrupt):
        SqlStore.open(url)
    assert all_of(url) == before


def test_an_upgrade_waits_for_whoever_writes_a_councils_log(url: str) -> None:
    with SqlStore.open(url, create=True) as writing:
        Scribe(writing).open_council()
        with writing.write(COUNCIL) as tx:
            assert tx.size()
            with psycopg.connect(url, autocommit=True) as connection:
                make_older(connection)
            with pytest.raises(StoreUnavailableError, match=r"waited 0\.2 s for another transaction"):
                SqlStore.open(url, timeout=0.2)
    SqlStore.open(url).close()


@pytest.mark.parametrize(
    ("revision", "said"),
    [("9999", "Install a newer politirad"), ("0004", "another program's"), ("x", "another program's")],
)
def test_a_schema_this_program_does_not_know_is_refused(url: str, revision: str, said: str) -> None:
    lived_before(url)
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = %s", [revision])
    before = all_of(url)
    with pytest.raises(StoreUnavailableError, match=said):
        SqlStore.open(url)
    assert all_of(url) == before


@contextmanager
def roles(url: str) -> Iterator[tuple[str, str]]:
    """The roles made over a database, and the URLs of an owner and a writer."""
    prefix = f"test_{uuid4().hex[:8]}"
    names = [f"{prefix}_{role}" for role in ("owner", "writer", "reader")]
    with SqlStore.open(url) as store:
        store.grant_roles(prefix)
    with psycopg.connect(url, autocommit=True) as server:
        for name in names:
            server.execute(f"CREATE ROLE {name}_user {MAY_LOG_IN} IN ROLE {name}")
        owner, writer, _ = (for_user(url, f"{name}_user") for name in names)
        yield owner, writer
        server.execute(f"REASSIGN OWNED BY {names[0]} TO CURRENT_USER")
        for name in names:
            server.execute(f"DROP OWNED BY {name}")
            server.execute(f"DROP ROLE {name}_user, {name}")


def test_only_the_owner_upgrades_and_new_tables_are_the_owners_with_every_right_given(url: str, tmp_path: Path) -> None:
    desk = Desk(World(tmp_path, url=url))
    with roles(url) as (owner, writer):
        with psycopg.connect(url) as server:
            make_older(server)
        refused = desk.types("todo", database=DatabaseUrl(writer))
        assert (refused.code, refused.err.count("\n")) == (5, 1)
        assert "Run `politirad db upgrade` as the user who owns its tables" in refused.err
        upgraded = desk.types("db upgrade", database=DatabaseUrl(owner))
        assert (upgraded.code, upgraded.err) == (0, f"Upgrading the database from schema {OLDER} to {REVISION} …\n")
        with psycopg.connect(url) as server:
            rows = server.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'").fetchall()
        assert [name.rpartition("_")[2] for (name,) in rows] == ["owner"]
        assert desk.types("tick", database=DatabaseUrl(writer)).err == ""
        assert desk.types("verify", database=DatabaseUrl(writer)).code == 0


def test_a_database_that_is_up_to_date_is_left_as_it_is(url: str, tmp_path: Path) -> None:
    desk = Desk(World(tmp_path, url=url))
    before = all_of(url)
    answer = desk.types("db upgrade", database=DatabaseUrl(url))
    assert (answer.code, answer.err) == (0, "")
    assert all_of(url) == before


def test_a_file_is_upgraded_by_the_same_command(tmp_path: Path) -> None:
    assert Desk(World(tmp_path)).types("db upgrade").code == 0


def queue_of(url: str) -> list[tuple[str, ...]]:
    """What the queue's tables, functions and triggers are."""
    return [row for row in schema_of(url) if "procrastinate" in row[1]]


def note(connection: psycopg.Connection, migration: str) -> None:
    """Say that the files up to one were run."""
    connection.execute(f"COMMENT ON TABLE procrastinate_jobs IS '{STAMP}{migration}'")


def test_the_queue_is_made_where_it_is_missing_and_workers_may_use_it(url: str) -> None:
    SqlStore.open(url, create=True).close()
    with roles(url) as (owner, writer):
        with SqlStore.open(owner) as store:
            assert store.upgrade_queue()
            assert not store.upgrade_queue()
        with SqlStore.open(writer) as store:
            assert not store.upgrade_queue()
        with psycopg.connect(writer) as worker:
            job = "ROW('mail', 'deliver', 0, NULL, NULL, '{}', NULL)::procrastinate_job_to_defer_v1"
            worker.execute(f"SELECT procrastinate_defer_jobs_v1(ARRAY[{job}])")
            worker.execute("SELECT procrastinate_register_worker_v1()")
            worker.rollback()


def test_the_queue_of_an_older_procrastinate_is_upgraded_by_the_files_that_came_since(url: str) -> None:
    files = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    of_then = [file for file in files if file.name < "03.02"]
    with SqlStore.open(url, create=True) as store:
        with psycopg.connect(url, autocommit=True) as connection:
            for file in of_then:
                connection.execute(file.read_text())
            note(connection, of_then[-1].name)
        assert store.upgrade_queue()
        assert not store.upgrade_queue()
    with new_database() as fresh:
        with SqlStore.open(fresh, create=True) as store:
            store.upgrade_queue()
        assert {row[:2] for row in queue_of(url)} == {row[:2] for row in queue_of(fresh)}


def test_a_queue_that_somebody_else_made_is_believed_where_it_is_whole(url: str) -> None:
    with SqlStore.open(url, create=True) as store:
        with psycopg.connect(url) as connection:
            connection.execute(SchemaManager.get_schema())
        assert not store.upgrade_queue()
        with psycopg.connect(url) as connection:
            connection.execute("DROP FUNCTION procrastinate_retry_job_v2")
        with pytest.raises(StoreUnavailableError, match="nobody noted of which"):
            store.upgrade_queue()


def test_a_queue_of_a_newer_procrastinate_is_refused(url: str) -> None:
    with SqlStore.open(url, create=True) as store:
        store.upgrade_queue()
        with psycopg.connect(url) as connection:
            note(connection, "99.00.00_01_pre_x.sql")
        with pytest.raises(StoreUnavailableError, match="newer procrastinate"):
            store.upgrade_queue()
