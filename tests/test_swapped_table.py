"""The log's table swapped for another of the same name, definition and triggers included: what `verify` makes of it.

Whoever can write the file can do this (audit.md §5), and no trigger or lock is left that would show it. What shows it
are the bytes: hashes, chains, views, and above all the checkpoints. Who takes those along too leaves nothing to be seen
from inside; an anchor from outside tells.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from store.sqlite import driver
from tests.desk import Desk
from tests.notary import Notary, folder_in, rewritten, whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from sqlite3 import Connection

EDITED = """CASE pos WHEN 38 THEN replace(body, '"outcome":"approved"', '"outcome":"rejected"') ELSE body END"""
TURNED = "CASE pos WHEN 36 THEN 37 WHEN 37 THEN 36 ELSE pos END"

ROWS = {
    "the same rows": ("pos, body", "main.event", 0, ""),
    "one act edited": (f"pos, {EDITED}", "main.event", 10, "do not have the hash"),
    "two events of different cases in each other's place": (
        f"{TURNED}, body", "main.event", 10, "are not those it was signed over",
    ),
    "the last events left out": ("pos, body", "main.event WHERE pos < 40", 11, "and the log has 40"),
    "no row at all": ("pos, body", "main.event WHERE 0", 11, "it was signed over 45 events, and the log has 0"),
    "another past": ("pos, body", "other.event", 10, "are not those it was signed over"),
}  # fmt: skip
"""With which positions and bodies, from where, and what `verify` says of it, with which exit code."""


@pytest.fixture
def notary(tmp_path: Path) -> Notary:
    """A council with an agreement in force, sealed and cosigned; beside it another past of it, `other/politirad.db`."""
    rewritten(folder_in(tmp_path, "other")).world.store.close()
    return whole(folder_in(tmp_path, "council"))


def break_in(notary: Notary, attack: Callable[[Connection], object]) -> None:
    """Change the file behind everybody's back, the other past at hand."""
    notary.world.store.close()
    folder = notary.world.folder
    with closing(driver.connect(folder / "politirad.db", isolation_level=None)) as link:
        link.execute("ATTACH ? AS other", (str(folder.parent / "other" / "politirad.db"),))
        attack(link)


def fill_another(link: Connection, name: str) -> str:
    """Make another table like that of the log, with some rows; how the log's is defined."""
    what, source, *_ = ROWS[name]
    ((table,),) = link.execute("SELECT sql FROM main.sqlite_master WHERE type = 'table' AND name = 'event'")
    link.execute(table.replace("TABLE event", "TABLE another", 1))
    link.execute(f"INSERT INTO another (council, pos, body, leaf) SELECT council, {what}, leaf FROM {source}")  # noqa: S608  # the attack itself
    return str(table)


def swapped(name: str) -> Callable[[Connection], object]:
    """Make another table with some rows, and have it take the log's name, definition, indexes and triggers."""

    def attack(link: Connection) -> None:
        more = link.execute(
            "SELECT sql FROM main.sqlite_master WHERE tbl_name = 'event' AND sql > '' AND type <> 'table'"
        )
        statements = [sql for (sql,) in more.fetchall()]
        table = fill_another(link, name)
        link.execute("DROP TABLE main.event")
        link.execute("ALTER TABLE another RENAME TO event")
        for statement in statements:
            link.execute(statement)
        link.execute("PRAGMA writable_schema = ON")
        link.execute("UPDATE main.sqlite_master SET sql = ? WHERE type = 'table' AND name = 'event'", (table,))

    return attack


def schema(notary: Notary) -> list[tuple[str, str]]:
    """Everything the database is made of, by name."""
    with closing(driver.connect(notary.world.folder / "politirad.db")) as link:
        return link.execute("SELECT name, sql FROM sqlite_master ORDER BY 1").fetchall()


@pytest.mark.parametrize("name", ROWS)
def test_a_swapped_table_is_known_by_its_bytes(notary: Notary, name: str) -> None:
    *_, code, said = ROWS[name]
    before = schema(notary)
    break_in(notary, swapped(name))
    assert schema(notary) == before, "the swap shows: this test has lost its point"
    answer = Desk(notary.world).types("verify")
    assert (answer.code, said in answer.err) == (code, True), answer.err


def test_another_past_shows_even_where_the_views_were_made_anew_from_it(notary: Notary) -> None:
    break_in(notary, swapped("another past"))
    desk = Desk(notary.world)
    desk.does("rebuild")
    answer = desk.types("verify --json")
    assert (answer.code, {fault["exit_code"] for fault in answer.json["faults"]}) == (10, {10, 14})


def test_who_swaps_the_checkpoints_too_is_seen_by_an_anchor_from_outside_alone(notary: Notary) -> None:
    export = notary.export()
    (anchor,) = (export / "checkpoints").iterdir()

    def attack(link: Connection) -> None:
        swapped("another past")(link)
        theirs = "SELECT name, sql FROM main.sqlite_master WHERE tbl_name LIKE 'checkpoint%' AND type = 'trigger'"
        guards = link.execute(theirs).fetchall()
        for name, _ in guards:
            link.execute(f"DROP TRIGGER main.{name}")
        for table in ("checkpoint_sig", "checkpoint", "tree", "chunk", "document"):
            link.execute(f"DELETE FROM main.{table}")  # noqa: S608  # ours
            link.execute(f"INSERT INTO main.{table} SELECT * FROM other.{table}")  # noqa: S608  # ours
        for _, statement in guards:
            link.execute(statement)

    before = schema(notary)
    break_in(notary, attack)
    assert schema(notary) == before
    desk = Desk(notary.world)
    desk.does("rebuild")
    assert desk.types("verify").code == 0, "from inside nothing can be seen"
    assert "Nobody else has cosigned the log" in " ".join(desk.does("verify").split())
    answer = desk.types("verify", "--against", str(anchor))
    assert (answer.code, "are not those it was signed over" in answer.err) == (10, True)


def test_a_table_that_was_pointed_at_other_pages_is_known_by_its_bytes(notary: Notary) -> None:
    def attack(link: Connection) -> None:
        fill_another(link, "another past")
        pages = dict(link.execute("SELECT name, rootpage FROM main.sqlite_master WHERE type = 'table'").fetchall())
        link.execute("PRAGMA writable_schema = ON")
        for name, page in (("event", pages["another"]), ("another", pages["event"])):
            link.execute("UPDATE main.sqlite_master SET rootpage = ? WHERE name = ?", (page, name))

    break_in(notary, attack)
    answer = Desk(notary.world).types("verify")
    assert (answer.code, "are not those it was signed over" in answer.err) == (10, True), answer.err


PLAIN = """\
CREATE TABLE event (
    council TEXT, pos INTEGER, body TEXT, leaf BLOB, case_id TEXT, n INTEGER, prev TEXT, type TEXT, at TEXT, key TEXT
)"""
"""A table in which what is looked up stands beside the bytes."""


def lying(link: Connection) -> None:
    """The same bytes, in a table in which one approval is looked up under another case."""
    link.execute("CREATE TABLE main.another AS SELECT * FROM main.event")
    link.execute("UPDATE another SET case_id = 'X-1' WHERE pos = 38")
    link.execute("DROP TABLE main.event")
    link.execute(PLAIN)
    link.execute("INSERT INTO main.event SELECT * FROM another")
    link.execute("DROP TABLE another")


def computing_otherwise(link: Connection) -> None:
    """The same table, in which the case is computed another way."""
    link.execute("PRAGMA writable_schema = ON")
    link.execute(
        "UPDATE main.sqlite_master SET sql = replace(sql, 'json_extract(body, ''$.case'')', "
        "'iif(pos = 38, ''X-1'', json_extract(body, ''$.case''))') WHERE name = 'event'"
    )


@pytest.mark.parametrize(("attack", "code"), [(lying, 13), (computing_otherwise, 10)])  # 10: an index says otherwise
def test_a_table_that_is_looked_up_by_something_else_than_its_bytes_is_told_of(
    notary: Notary, attack: Callable[[Connection], object], code: int
) -> None:
    break_in(notary, attack)
    desk = Desk(notary.world)
    answer = desk.types("verify")
    assert (answer.code, "definition of event: it is not defined as it was made" in answer.err) == (code, True)
