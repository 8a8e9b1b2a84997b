"""No statement is put together from values: what people write is bound, never read as SQL (audit.md §8, row 11)."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.errors import NotFoundError
from engine.ports import Person
from store.sqlite import SQLITE
from tests.contract.raw import raw
from tests.contract.scribe import COUNCIL, Scribe, owed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.event import Json
    from store import SqlStore

STORE = Path(__file__).parents[2] / "store"

CARRIES_SQL = {
    "execute": 0, "executemany": 0, "executescript": 0, "_execute": 0, "exec_driver_sql": 0, "DDL": 0, "text": 0,
    "literal_column": 0, "Computed": 0, "member": 0, "holds": 1, "_said": 1,
}  # fmt: skip
"""By which argument a function takes a piece of SQL. `text` is SQLAlchemy's or a column's name; both are constants."""

REVIEWED = {
    "store/creation.py": {
        "link.connection.execute(f'PRAGMA journal_mode = {journal}')",  # WAL or DELETE, by whoever opens the store
        "link.connection.execute(statement)",  # the schema and its stamp
    },
    "store/guards.py": {
        "link.connection.execute(_OWN[name])",  # the triggers of that file
        "link.connection.execute(f'DROP TRIGGER \"{quoted}\"')",  # a name the file itself has, its quotes doubled
    },
    "store/hands.py": {"connection.execute(take.encode(), prepare=False)"},  # with two numbers
    "store/jobs.py": {
        "connection.execute(f\"COMMENT ON TABLE procrastinate_jobs IS '{_STAMP}{name}'\")",  # the name of a migration
        "connection.execute(statements.encode(), prepare=False)",  # a migration of procrastinate
        "cursor.execute(query, self._wrap_json(arguments))",  # a statement of procrastinate, its values apart
    },
    "store/letters.py": {"holds(letter.c.stage, stage)"},  # in `_is_any`, see below
    "store/link.py": {
        "self._execute(text, {**constants, **values} if constants else values)",  # compiled by SQLAlchemy
        "self.connection.executemany(text, ({**constants, **row} for row in rows) if constants else rows)",
        "literal_column(f\"'{constant}'\")",  # in `holds`
    },
    "store/log.py": {
        "Computed(member(path), persisted=False)", "member(path)",  # in `_said`
        "literal_column(member('data.annuls'))",
    },
    "store/migrations/versions/0001_first_schema.py": {"op.execute(guard)"},
    "store/migrations/versions/0004_proof.py": {"op.execute(guard)"},
    "store/migrations/versions/0005_checkpoints_stay.py": {"op.execute(guard)"},
    "store/soundness.py": {"link.connection.execute(f'PRAGMA integrity_check({MOST_LINES})')"},
    "store/sqlite.py": {
        "connection.execute(f'PRAGMA {setting}')", "link.connection.execute(begin)",  # constants of that file
    },
}  # fmt: skip
"""Every other place that hands over a piece of SQL which is no constant, and why no value of a person is in it."""

ASSEMBLED = {
    "store/creation.py": {
        "f\"INSERT INTO alembic_version (version_num) VALUES ('{REVISION}')\"", "f'PRAGMA journal_mode = {journal}'",
        "f'PRAGMA application_id = {APPLICATION}'",
    },
    "store/soundness.py": {"f'PRAGMA integrity_check({MOST_LINES})'"},
    "store/sqlite.py": {"f\"json_extract(body, '$.{path}')\"", "f'PRAGMA {setting}'"},
}  # fmt: skip
"""Texts that look like SQL and are put together, all of them from constants of the program."""

SQL_WORD = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|FROM|WHERE|VALUES|LIKE|PRAGMA|ATTACH|json_extract)\b")

HOSTILE = (
    "'; DROP TABLE event; --",
    '"; DELETE FROM person; --',
    "' OR 1=1 --",
    "M-1' UNION SELECT name FROM person --",
    "%",
    "_-_",
    "M-%",
    "a\x00'; DROP TABLE event; --",
    "\\'; DROP TABLE event; --",
    ":council ?1 $x @y",
)


def nodes(kind: type[ast.AST]) -> Iterator[tuple[str, ast.AST]]:
    """The nodes of a kind in the sources of the store, each with its file."""
    for path in sorted(STORE.rglob("*.py")):
        name = str(path.relative_to(STORE.parent))
        yield from ((name, node) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, kind))


def called(node: ast.Call) -> str:
    """The name of what is called."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def grouped(found: Iterator[tuple[str, str]]) -> dict[str, set[str]]:
    """Pieces of source by file."""
    by_file: defaultdict[str, set[str]] = defaultdict(set)
    for name, source in found:
        by_file[name].add(source)
    return by_file


def constants() -> Iterator[tuple[str, str]]:
    """The names in each file that stand for a text, and for nothing else."""
    assigned: dict[tuple[str, str], bool] = {}
    for file, node in nodes(ast.Name):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            assigned[file, node.id] = (file, node.id) not in assigned
    for file, node in nodes(ast.Assign):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str())) if assigned[file, name]:
                yield file, name


def handed_over() -> Iterator[tuple[str, str]]:
    """Where a piece of SQL is handed over that is no constant, written there or named."""
    known = grouped(constants())
    for name, node in nodes(ast.Call):
        assert isinstance(node, ast.Call)
        at = CARRIES_SQL.get(called(node), len(node.args))
        if not all(ast.unparse(argument) in known[name] or isinstance(argument, ast.Constant)
                   for argument in node.args[at : at + 1]):  # fmt: skip
            yield name, ast.unparse(node)


def put_together() -> Iterator[tuple[str, str]]:
    """Texts that hold a word of SQL and are made with `f"…"`, `+`, `%` or `.format`."""
    for name, node in nodes(ast.AST):
        match node:
            case ast.JoinedStr(values=parts):
                pass
            case ast.BinOp(left=left, op=ast.Add() | ast.Mod(), right=right):
                parts = [left, right]
            case ast.Call(func=ast.Attribute(value=ast.Constant() as value, attr="format" | "join")):
                parts = [value]
            case _:
                continue
        texts = (part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str))
        if any(map(SQL_WORD.search, texts)):
            yield name, ast.unparse(node)


def test_no_statement_is_put_together_from_values() -> None:
    assert grouped(handed_over()) == REVIEWED
    assert grouped(put_together()) == ASSEMBLED


def test_a_stage_that_is_written_into_a_statement_is_a_constant() -> None:
    calls = [node for _, node in nodes(ast.Call) if isinstance(node, ast.Call) and called(node) == "_is_any"]
    assert calls
    assert all(isinstance(argument, ast.Constant) for call in calls for argument in call.args)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_strings_are_kept_as_they_are_and_find_nothing_but_themselves(scribe: Scribe, hostile: str) -> None:
    scribe.open_measure("M-1")
    case = f"{hostile}-7"
    data: dict[str, Json] = {
        "to": hostile, "opens": {"parent": None}, "facts": {"title": hostile, "theme": hostile},
        "due": [owed(hostile, "2019-02-01", name=hostile)],
    }  # fmt: skip
    scribe.write(case, "proposed", data, ref=hostile)
    with scribe.store.write(COUNCIL) as tx:
        tx.keep_person(Person("p_1", "kari", "Kari Nordli", "kari@example.no"))
        tx.keep_person(Person("p_2", hostile, hostile, hostile))
        tx.keep_remark("c" * 64, b"salt", hostile)
        tx.keep_login("d" * 64, "p_2", b"salt", hostile)
    with scribe.store.read(COUNCIL) as reader:
        (mine,) = reader.listing(office=hostile, theme=hostile, state=hostile)
        assert (mine.id, mine.text("title"), reader.case(case)) == (case, hostile, mine)
        assert [(owed.case, owed.name) for owed in reader.todo(hostile)] == [(case, hostile)]
        assert reader.person(hostile).name == hostile
        assert reader.remarks(["c" * 64, hostile]) == {"c" * 64: hostile}
        assert [made.event.ref for made in reader.events(case)] == [hostile]
        assert reader.login("p_2", hostile) == "d" * 64
    assert scribe.store.verify(COUNCIL).faults == []
    assert scribe.store.rebuild(COUNCIL) == 4
    assert not [text for text, _ in SQLITE.texts.values() if hostile in text and len(hostile) > 4]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_whoever_asks_for_hostile_strings_gets_nothing_of_anybody_else(
    scribe: Scribe, store: SqlStore, hostile: str
) -> None:
    scribe.open_measure("M-1")
    with store.write(COUNCIL) as tx:
        tx.keep_person(Person("p_1", "kari", "Kari Nordli", None))
    with store.read(COUNCIL) as reader:
        for asked in ({"workflow": hostile}, {"state": hostile}, {"office": hostile}, {"theme": hostile}):
            assert list(reader.listing(**asked)) == []  # type: ignore[arg-type]  # one filter at a time
        for find in (reader.case, reader.person, reader.decision):
            with pytest.raises(NotFoundError):
                find(hostile)
        assert (reader.remarks([hostile]), reader.login(hostile, hostile)) == ({}, None)
        assert (list(reader.todo(hostile)), reader.versions(hostile), reader.has_document(hostile)) == ([], (), False)
    with store.read(hostile) as reader, pytest.raises(NotFoundError):
        reader.council()


def test_the_tables_are_all_there_afterwards(scribe: Scribe, tmp_path: Path) -> None:
    database = tmp_path / "politirad.db"
    before = tables(database)
    for number, hostile in enumerate(HOSTILE):
        scribe.open_measure(f"M-{number}", goal=hostile, plan=hostile)
    assert tables(database) == before


def tables(database: Path) -> list[tuple[object, ...]]:
    """What a database is made of."""
    with raw(database) as connection:
        return connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2").fetchall()
