"""What lies on one office's table, on a PostgreSQL server, while a hundred thousand measures lie on others'.

The others are one measure's rows again and again under other numbers, since taking the steps would take minutes.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from bench.desk import measures, put_on_the_desk, timed, todo
from bench.server import new_database
from bench.table import Row
from store.cases import case_office, cases
from store.deadlines import deadline
from tests.world import COUNCIL, World

if TYPE_CHECKING:
    from sqlalchemy import Table

OFFSET = 1_000
"""The number before that of the first of them."""


def desk_postgres(others: int) -> list[Row]:
    """The rows of the table: `todo` for one office before and after."""
    with tempfile.TemporaryDirectory() as name, new_database() as url:
        world = World(Path(name), url=url)
        world.in_force()
        put_on_the_desk(world)
        (one,) = world.service.advance_all(COUNCIL, measures(world, 1, "kommunedirektor_melhus"))
        few = timed(lambda: todo(world))
        _multiply(url, one.event.case, others)
        many = timed(lambda: todo(world))
        world.store.close()
    ratio = f"{many / few:.2f} times as long as alone (at most 50 ms)"
    return [Row(f"todo on PostgreSQL, {others:,} others", f"{many * 1e3:.2f} ms", ratio)]


def _multiply(url: str, case: str, times: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for table, id_ in ((cases, "id"), (case_office, "case_id"), (deadline, "case_id")):
            connection.execute(_multiplying(table, id_), (OFFSET + 1, OFFSET + times, COUNCIL, case))
        connection.execute("VACUUM ANALYZE")


def _multiplying(table: Table, id_: str) -> str:
    """The statement that adds a case's rows of a table under so many other numbers."""
    new = {"number": "at", "pos": "at"} if table is cases else {}
    said = {column.name: new.get(column.name, column.name) for column in table.columns} | {id_: "'M-' || at"}
    return (
        f"INSERT INTO {table.name} ({', '.join(said)}) SELECT {', '.join(said.values())} "  # noqa: S608  # names of ours
        f"FROM {table.name}, generate_series(%s, %s) AS at WHERE council = %s AND {id_} = %s"
    )
