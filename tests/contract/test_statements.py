"""No statement is put together from values: what people write is bound, never read as SQL (audit.md §8, row 11)."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

STORE = Path(__file__).parents[2] / "store"

CARRIES_SQL = {
    "execute": 0, "executemany": 0, "executescript": 0, "_execute": 0, "exec_driver_sql": 0, "DDL": 0, "text": 0,
    "literal_column": 0, "Computed": 0, "Member": 0, "Said": 0, "said": 1, "holds": 1,
}  # fmt: skip
"""By which argument a function takes a piece of SQL. `text` is SQLAlchemy's or a column's name; both are constants."""

REVIEWED = {
    "store/creation.py": {
        "link.connection.execute(f'PRAGMA journal_mode = {journal}')",  # WAL or DELETE, by whoever opens the store
        "link.connection.execute(statement)",  # the schema and its stamp
    },
    "store/expressions.py": {"Said(path)"},  # in `said`
    "store/guards.py": {
        "link.connection.execute(_OWN[name])",  # the triggers of that file
        "link.connection.execute(f'DROP TRIGGER \"{quoted}\"')",  # a name the file itself has, its quotes doubled
    },
    "store/copy_target.py": {  # tables and marks of ours
        "link.connection.execute(on)", "link.connection.execute(f'ALTER TABLE {table} DISABLE TRIGGER USER')",
        "link.connection.execute(f\"TRUNCATE {', '.join((table.name for table in metadata.sorted_tables))}\")",
        "link.connection.execute(f\"UPDATE alembic_version SET version_num = '{mark}'\")",
    },
    "store/hands.py": {"connection.execute(take.encode(), prepare=False)"},  # with two numbers
    "store/jobs.py": {
        "cursor.execute(query, self._wrap_json(arguments))",  # a statement of procrastinate, its values apart
    },
    "store/letters.py": {"holds(letter.c.stage, stage)"},  # in `_is_any`, see below
    "store/link.py": {
        "self._execute(text, {**constants, **values} if constants else values)",  # compiled by SQLAlchemy
        "self.connection.executemany(text, ({**constants, **row} for row in rows) if constants else rows)",
        "literal_column(f\"'{constant}'\")",  # in `holds`
    },
    "store/migrations/versions/0001_first_schema.py": {"op.execute(guard)"},
    "store/migrations/versions/0004_proof.py": {"op.execute(guard)"},
    "store/migrations/versions/0005_checkpoints_stay.py": {"op.execute(guard)"},
    "store/postgres.py": {"connection.execute(begin, prepare=False)"},  # see what is assembled, below
    "store/postgres_creation.py": {"link.connection.execute(statement, prepare=False)"},  # the schema and its stamp
    "store/postgres_guards.py": {
        "link.connection.execute(guard)",  # the triggers of that file
        "link.connection.execute(f'SET LOCAL search_path = {here}, pg_temp', prepare=False)",  # quoted by the server
        "link.connection.execute(f'DROP FUNCTION {function}')",  # quoted by the server, which names it so
        "link.connection.execute(f'DROP {kind} {_quoted(name)} ON {_quoted(table)}')",  # a name it has, quotes doubled
    },
    "store/postgres_link.py": {  # compiled by SQLAlchemy, as in link.py
        "cursor.execute(text, [given[name] for name in self._orders[text]])",
        "cursor.executemany(text, ([row[name] for name in names] for row in given))",
        "self._execute(text, [given[name] for name in self._orders[text]], prepare=self._is_prepared(text))",
    },
    "store/postgres_locks.py": {"connection.execute(self._ask, prepare=False)"},
    "store/postgres_owner.py": {  # quoted by the server
        "link.connection.execute(f'SET LOCAL ROLE {owner_of(link)}', prepare=False)",
    },
    "store/postgres_purge.py": {
        "connection.execute(_ANEW, prepare=False)", "connection.execute(f'ANALYZE {_HELD}', prepare=False)",
        "connection.execute(f'SET lock_timeout = {max(1, int(server.timeout * 1000))}', prepare=False)",  # a number
    },
    "store/postgres_roles.py": {"link.connection.execute(statement, prepare=False)"},  # see below
    "store/postgres_upgrade.py": {
        "link.connection.execute(f'SELECT pg_advisory_xact_lock({lock_of(council)})')",  # a number of a hash
        "link.connection.execute(begin)",
    },
    "store/queue_schema.py": {
        "link.connection.execute(f\"COMMENT ON TABLE procrastinate_jobs IS '{STAMP}{name}'\", prepare=False)",
        "link.connection.execute(statements, prepare=False)",  # a migration of procrastinate
    },
    "store/scratch.py": {"connection.execute(f'PRAGMA {setting}')"},
    "store/soundness.py": {"link.connection.execute(f'PRAGMA integrity_check({MOST_LINES})')"},
    "store/sqlite.py": {
        "connection.execute(f'PRAGMA {setting}')", "link.connection.execute(begin)",  # constants of that file
    },
}  # fmt: skip
"""Every other place that hands over a piece of SQL which is no constant, and why no value of a person is in it."""

ASSEMBLED = {
    "store/copy_target.py": {
        "f'ALTER TABLE {table} DISABLE TRIGGER USER'", "f\"UPDATE alembic_version SET version_num = '{mark}'\"",
    },
    "store/creation.py": {
        "f\"INSERT INTO alembic_version (version_num) VALUES ('{mark}')\"", "f'PRAGMA journal_mode = {journal}'",
        "f'PRAGMA application_id = {APPLICATION}'",
    },
    "store/expressions.py": {  # paths are those of the tables, the rest is compiled by SQLAlchemy
        "f\"(body::json #>> '{{{inner}}}')\"", "f\"json_extract(body, '$.{element.path}')\"",
        "f\"GENERATED ALWAYS AS (json_extract(body, '$.{element.path}')) VIRTUAL\"",
        "f'GENERATED ALWAYS AS ({_path(element.path)}::{kind}) STORED'",
        "f\"convert_to({compiler.process(element.text, **options)}, 'UTF8')\"",
        "f'CAST({compiler.process(element.text, **options)} AS BLOB)'",
        "f'{text} IN (SELECT value FROM json_each({listed}))'",
        "f'{text} = ANY (ARRAY(SELECT json_array_elements_text({listed}::json)))'",
        "f'instr({within}, {wanted})'", "f'position({wanted}::bytea in {within})'",
    },
    "store/guards.py": {"f'DROP TRIGGER \"{quoted}\"'"},
    "store/hands.py": {"_TAKE.format(lease=int(self._lease * 1000), lock=lock_of(in_hand(council, letter)))"},
    "store/postgres.py": {  # three numbers, the last of a hash
        (
            "f'BEGIN ISOLATION LEVEL READ COMMITTED; {_AS_EXPECTED}; SET LOCAL synchronous_commit = on; "
            "SET LOCAL lock_timeout = {{wait}}; SET LOCAL idle_in_transaction_session_timeout = {{silence}}; "
            "SELECT pg_advisory_xact_lock({{lock}})'"
        ),
    },
    "store/postgres_link.py": {"f'COPY {table.name} ({columns}) FROM STDIN'"},
    "store/postgres_locks.py": {"_HOLD.format(shared='_shared' if shared else '', lock=lock)"},
    "store/postgres_owner.py": {"f'SET LOCAL ROLE {owner_of(link)}'"},
    "store/postgres_purge.py": {"f'SET lock_timeout = {max(1, int(server.timeout * 1000))}'"},
    "store/postgres_roles.py": {  # plain names of roles, which are checked, and names that the server has quoted
        "f'{_ADDED}, UPDATE (size)'", "f'CREATE ROLE {role} NOLOGIN'", "f'ALTER {thing} OWNER TO {owner}'",
        "f\"SELECT ({', '.join((column.name for column in letter.columns if column.name != 'body'))})\"",
        "f'ALTER SCHEMA {schema} OWNER TO {owner}'", "f'REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC'",
        "f\"REVOKE ALL ON {', '.join(tables)} FROM {both}, PUBLIC\"",
        "f'GRANT CREATE ON DATABASE {database} TO {owner}'",
    },
    "store/postgres_upgrade.py": {"f'SELECT pg_advisory_xact_lock({lock_of(council)})'"},
    "store/postgres_guards.py": {
        (
            "f\"CREATE TRIGGER {table}_stays BEFORE DELETE OR UPDATE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION politirad_append_only('{what}')\""
        ),
        "f'ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}'", "f'DROP FUNCTION {function}'",
        "f'DROP {kind} {_quoted(name)} ON {_quoted(table)}'", "f'SET LOCAL search_path = {here}, pg_temp'",
    },
    "store/postgres_shape.py": {  # never run: what the server's own words are compared with
        "f\"text COLLATE C NOT NULL s ((body)::json #>> '{{{path}}}'::text[])\"",
        "f'CREATE UNIQUE INDEX {name} ON event USING btree {columns}'",
    },
    "store/scratch.py": {"f'PRAGMA {setting}'"},
    "store/soundness.py": {"f'PRAGMA integrity_check({MOST_LINES})'"},
    "store/sqlite.py": {"f'PRAGMA {setting}'"},
}  # fmt: skip
"""Texts that look like SQL and are put together, all of them from constants of the program or names in the database."""

SQL_WORD = re.compile(
    r"\b(SELECT|INSERT|UPDATE|DELETE|FROM|WHERE|VALUES|LIKE|PRAGMA|ATTACH|CREATE|DROP|ALTER|SET|COPY|CAST|GENERATED)\b"
    r"|\b(json_extract|instr|position|convert_to)\(|::"
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


def constants() -> dict[tuple[str, str], ast.Constant]:
    """The names in each file that stand for a text, and for nothing else, with that text."""
    assigned: dict[tuple[str, str], bool] = {}
    for file, node in nodes(ast.Name):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            assigned[file, node.id] = (file, node.id) not in assigned
    found = {}
    for file, node in nodes(ast.Assign):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str()) as text) if assigned[
                file, name
            ]:
                found[file, name] = text
    return found


def handed_over() -> Iterator[tuple[str, str]]:
    """Where a piece of SQL is handed over that is no constant, written there or named."""
    known = grouped(iter(constants()))
    for name, node in nodes(ast.Call):
        assert isinstance(node, ast.Call)
        at = CARRIES_SQL.get(called(node), len(node.args))
        if not all(ast.unparse(argument) in known[name] or isinstance(argument, ast.Constant)
                   for argument in node.args[at : at + 1]):  # fmt: skip
            yield name, ast.unparse(node)


def put_together() -> Iterator[tuple[str, str]]:
    """Texts that hold a word of SQL and are made with `f"…"`, `+`, `%` or `.format`."""
    known = constants()
    for name, node in nodes(ast.AST):
        match node:
            case ast.JoinedStr(values=parts):
                pass
            case ast.BinOp(left=left, op=ast.Add() | ast.Mod(), right=right):
                parts = [left, right]
            case ast.Call(func=ast.Attribute(value=ast.Constant() as value, attr="format" | "join" | "replace")):
                parts = [value]
            case ast.Call(func=ast.Attribute(value=ast.Name(id=used), attr="format" | "join" | "replace")):
                parts = [known[name, used]] if (name, used) in known else []
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
