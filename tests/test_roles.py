"""Who may do what on a server (audit.md §5): each role logs in and tries."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors

from engine.database_url import DatabaseUrl
from store.tables import RECORDS, VIEWS
from tests.desk import Desk
from tests.postgres_server import MAY_LOG_IN, for_user, new_database, server_url
from tests.world import COUNCIL, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.desk import Answer

FORBIDDEN = errors.InsufficientPrivilege
REFUSED = errors.IntegrityConstraintViolation
"""The guards of the log say no, to whoever it is."""
WRONG_LEAF = errors.CheckViolation
DONE = None

INSERT = """\
INSERT INTO event (council, pos, body, leaf)
SELECT council, pos + 1, body, {leaf} FROM event ORDER BY pos DESC LIMIT 1"""
MATRIX = {
    #  operation                                                      owner       writer      reader
    "SELECT body FROM event":                                        (DONE,       DONE,       DONE),
    INSERT.format(leaf="'\\x00'"):                                   (WRONG_LEAF, WRONG_LEAF, FORBIDDEN),
    INSERT.format(leaf="sha256('\\x00'::bytea || body::bytea)"):     (errors.UniqueViolation,) * 2 + (FORBIDDEN,),
    "UPDATE event SET pos = pos + 1":                                (REFUSED,    FORBIDDEN,  FORBIDDEN),
    "DELETE FROM event":                                             (REFUSED,    FORBIDDEN,  FORBIDDEN),
    "TRUNCATE event":                                                (REFUSED,    FORBIDDEN,  FORBIDDEN),
    "UPDATE checkpoint SET text = ''":                               (REFUSED,    FORBIDDEN,  FORBIDDEN),
    "DELETE FROM checkpoint_sig":                                    (REFUSED,    FORBIDDEN,  FORBIDDEN),
    "DELETE FROM chunk":                                             (DONE,       FORBIDDEN,  FORBIDDEN),
    "UPDATE document SET council = council":                         (DONE,       FORBIDDEN,  FORBIDDEN),
    "ALTER TABLE event DISABLE TRIGGER event_stays":                 (DONE,       FORBIDDEN,  FORBIDDEN),
    "ALTER TABLE event DROP CONSTRAINT is_of_body":                  (DONE,       FORBIDDEN,  FORBIDDEN),
    "DROP TABLE event":                                              (DONE,       FORBIDDEN,  FORBIDDEN),
    "DROP FUNCTION politirad_append_only CASCADE":                   (DONE,       FORBIDDEN,  FORBIDDEN),
    "CREATE OR REPLACE FUNCTION politirad_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'":
                                                                     (DONE,       FORBIDDEN,  FORBIDDEN),
    "CREATE TABLE of_mine ()":                                       (DONE,       FORBIDDEN,  FORBIDDEN),
    "DROP SCHEMA public CASCADE":                                    (DONE,       FORBIDDEN,  FORBIDDEN),
    "SET session_replication_role = replica":                        (FORBIDDEN,  FORBIDDEN,  FORBIDDEN),
    "UPDATE alembic_version SET version_num = '9999'":               (DONE,       FORBIDDEN,  FORBIDDEN),
    "UPDATE cases SET state = state":                                (DONE,       DONE,       FORBIDDEN),
    "DELETE FROM deadline":                                          (DONE,       DONE,       FORBIDDEN),
    "UPDATE person SET name = NULL":                                 (DONE,       DONE,       FORBIDDEN),
    "TRUNCATE person":                                               (DONE,       FORBIDDEN,  FORBIDDEN),
    "SELECT * FROM person, remark, login":                           (DONE,       DONE,       DONE),
    "SELECT subject, address FROM letter":                           (DONE,       DONE,       DONE),
    "SELECT body FROM letter":                                       (DONE,       DONE,       FORBIDDEN),
    "SET ROLE {owner}":                                              (DONE,       FORBIDDEN,  FORBIDDEN),
}  # fmt: skip
ROLES = ("owner", "writer", "reader")


class Cast(NamedTuple):
    """A council on a server whose roles are made, and somebody who logs in for each of them."""

    world: World
    database: str
    prefix: str

    def user(self, role: str) -> str:
        """Who is a member of the role and nothing else."""
        return f"{self.prefix}_{role}_user"

    def url(self, role: str) -> str:
        """The database's URL for that user."""
        return self.database if role == "superuser" else for_user(self.database, self.user(role))

    def types(self, role: str, *words: str) -> Answer:
        """What a command answers to a user."""
        mail = f"file:{self.world.folder / 'mail'}"
        return Desk(self.world).types(*words, database=DatabaseUrl(self.url(role)), mail=mail)


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    with new_database() as url:
        cast = Cast(World(tmp_path_factory.mktemp("council"), url=url), url, f"test_{uuid4().hex[:8]}")
        desk = Desk(cast.world)
        cast.world.propose()
        cast.world.measure()
        cast.world.clock.move_to(date(2018, 12, 3))
        cast.types("superuser", "person edit kari --email kari@example.no --ref 18/1")
        cast.types("superuser", "tick")
        answer = desk.types(f"db roles --prefix {cast.prefix}", database=DatabaseUrl(url))
        assert (answer.code, answer.err) == (0, "")
        with members(cast):
            yield cast
            cast.world.store.close()


@contextmanager
def members(cast: Cast) -> Iterator[None]:
    """Login roles, taken away with the roles they are members of."""
    with psycopg.connect(cast.database, autocommit=True) as server:
        for role in ROLES:
            server.execute(f"CREATE ROLE {cast.user(role)} {MAY_LOG_IN} IN ROLE {cast.prefix}_{role}")
        yield
        server.execute(f"REASSIGN OWNED BY {cast.prefix}_owner TO CURRENT_USER")
        for role in ROLES:
            server.execute(f"DROP OWNED BY {cast.prefix}_{role}")
            server.execute(f"DROP ROLE {cast.user(role)}, {cast.prefix}_{role}")


@pytest.mark.parametrize("operation", MATRIX)
@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_what_is_its_own_and_no_more(cast: Cast, role: str, operation: str) -> None:
    expected = MATRIX[operation][ROLES.index(role)]
    with psycopg.connect(cast.url(role)) as connection:
        if expected is DONE:
            connection.execute(operation.format(owner=f"{cast.prefix}_owner"))
        else:
            with pytest.raises(expected):
                connection.execute(operation.format(owner=f"{cast.prefix}_owner"))
        connection.rollback()


def test_a_reader_sees_every_table_and_changes_none(cast: Cast) -> None:
    rights = "SELECT has_any_column_privilege($1, $2, 'SELECT'), has_table_privilege($1, $2, 'INSERT, UPDATE, DELETE')"
    with psycopg.connect(cast.database, cursor_factory=psycopg.RawCursor) as connection:
        for table in (*RECORDS, *VIEWS):
            assert connection.execute(rights, [cast.user("reader"), table.name]).fetchone() == (True, False), table.name


@pytest.mark.parametrize(
    "words",
    ["person add 'Ola Dal' --ref 15/1", "new measure --title Natteravner", "new meeting --title Årsmøte", "tick",
     "tick --dry-run", "letters show L-1", "todo", "log C", "verify", "heartbeat", "backup --help", "rebuild"],
)  # fmt: skip
def test_the_program_works_as_a_writer_who_owns_nothing(cast: Cast, words: str) -> None:
    answer = cast.types("writer", words)
    assert (answer.code, answer.err) == (0, "")


def test_a_refusal_is_put_on_record_by_a_writer(cast: Cast) -> None:
    refused = cast.types("writer", "agreement approve A-1 --version 1 --for politiet")
    assert (refused.code, refused.err.splitlines()[0]) == (1, "Refused: approve.")
    assert "attempt refused" in cast.types("reader", "log C").out


@pytest.mark.parametrize(
    "words",
    [
        "todo",
        "verify",
        "log C",
        "report follow-up",
        "approvals A-1",
        "show A-1",
        "letters",
        "audit",
        "doctor",
        "person list",
        "explain M-1 recommend",
        "certificate A-1",
        "rules",
    ],
)
def test_a_reader_checks_and_reports(cast: Cast, words: str) -> None:
    answer = cast.types("reader", words)
    assert (answer.code, answer.err) == (0, "")


@pytest.mark.parametrize("words", ["person add Per --ref 15/1", "tick", "rebuild", "letters show L-1"])
def test_a_reader_who_would_do_more_is_told_so_in_a_line(cast: Cast, words: str) -> None:
    answer = cast.types("reader", words)
    assert (answer.code, answer.err.count("\n")) == (5, 1)
    assert "this user has no right to do that" in answer.err


def test_guards_that_are_amiss_are_put_right_by_the_owner_alone(cast: Cast) -> None:
    with psycopg.connect(cast.url("owner"), autocommit=True) as connection:
        connection.execute("ALTER TABLE event DISABLE TRIGGER event_stays")
    refused = cast.types("writer", "rebuild")
    assert (refused.code, refused.err.count("\n")) == (5, 1)
    assert "this user has no right to do that" in refused.err
    assert "do it as who owns the tables" in refused.err
    with psycopg.connect(cast.url("owner"), autocommit=True) as connection:
        connection.execute("DROP FUNCTION politirad_append_only CASCADE")
    assert cast.types("owner", "rebuild").code == 0
    with psycopg.connect(cast.database) as connection:
        owner = "SELECT pg_get_userbyid(proowner) FROM pg_proc WHERE proname = 'politirad_append_only'"
        assert connection.execute(owner).fetchone() == (f"{cast.prefix}_owner",)
    assert cast.types("reader", "verify").code == 0


def test_the_roles_can_be_made_again(cast: Cast) -> None:
    again = Desk(cast.world).types(f"db roles --prefix {cast.prefix}", database=DatabaseUrl(cast.database))
    assert (again.code, again.err) == (0, "")
    assert f"GRANT {cast.prefix}_writer TO siri;" in again.out
    assert cast.types("reader", "verify").code == 0


def test_a_rehearsal_prints_the_sql_and_makes_no_role(cast: Cast) -> None:
    said = Desk(cast.world).types("db roles --dry-run --prefix never_made", database=DatabaseUrl(cast.database))
    assert "CREATE ROLE never_made_owner NOLOGIN;" in said.lines
    assert "GRANT SELECT, INSERT ON checkpoint, checkpoint_sig, chunk, event TO never_made_writer;" in said.lines
    with psycopg.connect(server_url()) as server:
        assert server.execute("SELECT FROM pg_roles WHERE rolname LIKE 'never_made%'").fetchall() == []


def test_who_may_make_no_roles_is_told_so(cast: Cast) -> None:
    answer = cast.types("writer", "db roles --prefix mine")
    assert (answer.code, answer.err.count("\n")) == (5, 1)
    assert "permission denied to create role" in answer.err
    assert "as a superuser, or as who owns the database and may create roles" in answer.err


@pytest.mark.parametrize("prefix", ["pg_mine", "Mine", "a;b", "", "x" * 60])
def test_a_prefix_is_a_plain_name(cast: Cast, prefix: str) -> None:
    answer = Desk(cast.world).types("db", "roles", "--prefix", prefix, database=DatabaseUrl(cast.database))
    assert (answer.code, answer.err.count("\n")) == (2, 1)


def test_a_file_has_no_roles(tmp_path: Path) -> None:
    answer = Desk(World(tmp_path)).types("db roles")
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert "Roles are for a server" in answer.err


def test_the_council_is_whole_after_all_of_it(cast: Cast) -> None:
    assert cast.world.store.verify(COUNCIL).faults == []
