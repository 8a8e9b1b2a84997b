"""Many councils in one database, each as full as planned: one lives through real steps, the others are its copies.

An event's bytes do not name its council, so a log copied row by row under another council's name is a whole log: the
chains hold, the database checks every row as it always does, and `verify` finds nothing. Views, persons and plans are
copied with it. What differs from a real nation: the logs have one name, and of what happened while the first council
was filled no letters are kept.
"""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, NoReturn

import psycopg

from bench.driver import sqlite
from engine.database_url import is_server
from engine.follow import Follower
from store.log import event
from store.tables import RECORDS, VIEWS
from tests.letterbox import Letterbox
from tests.world import COUNCIL, MAYORS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from sqlalchemy import Table

    from engine.situation import Command
    from tests.world import World

    Step = tuple[str, str | None, Mapping[str, str]]

TODAY = date(2018, 10, 9)
"""A Tuesday, on which the first measures of each council are to be carried out."""
DUE_EACH = 2
"""So many of them, each by another office."""
AHEAD, SPREAD = 40, 700
"""The other measures under way are to be carried out from so many days after that on, spread over so many."""
AT_ONCE = 100
"""Measures in one transaction."""
OPEN: tuple[Step, ...] = (("recommend", "politiradet", {}), ("anchor", None, {}), ("start", None, {}))
"""The steps of a measure under way after its proposal: who decides, its implementer where nobody is named; the form."""
EVALUATION = {"effect": "achieved", "assessment": "Roligere", "method": "Egen telling", "evaluator": "slt_melhus"}
CLOSED: tuple[Step, ...] = (
    *OPEN,
    ("report", None, {"progress": "To kvelder i uken"}),
    ("implement", None, {"done": "Gjennomført hver helg"}),
    ("evaluate", "slt_melhus", EVALUATION),
    ("close", "politiradet", {"result": "ended"}),
)
AGAIN = (
    "DELETE FROM letter",
    "DELETE FROM told",
    """\
UPDATE plan SET owner_rung = -3, above_rung = NULL, warned = NULL, rung = 0, audience = 'owner', to_office = office,
                day = due WHERE name = 'implement' AND due = '2018-10-09'""",
)
"""A day that has been told is untold again, so that the same turn can be measured again."""


@dataclass
class Nation:
    """Councils in one database: the first, and copies of it. `events` and `deadlines` are what each is to have."""

    folder: Path
    where: str
    events: int
    deadlines: int
    councils: int = 1
    box: Letterbox = field(init=False)

    def __post_init__(self) -> None:
        """Found the first council, in a database that is empty, and plan its reminders."""
        self.box = Letterbox(self.folder, database=self.where)
        world = self.box.world
        world.in_force()
        self._live(1, self.deadlines, OPEN)
        with world.store.read(COUNCIL) as reader:
            missing = self.events - reader.size()
        self._live(1 + self.deadlines, max(0, missing // (len(CLOSED) + 1)), CLOSED)
        with world.store.write(COUNCIL) as tx:
            Follower(world.service.rules, tx, world.today, _never).plan(tx.todo())
            tx.follow(tx.size())

    def grow_to(self, councils: int) -> None:
        """Copy the first council until there are so many."""
        copy_council(self.where, [name_of(number) for number in range(self.councils, councils)])
        self.councils = councils

    def again(self) -> None:
        """Untell what was told, so that the same rungs come today once more."""
        with beside(self.where) as execute:
            for statement in AGAIN:
                execute(statement, ())

    def _live(self, first: int, count: int, life: tuple[Step, ...]) -> None:
        """Let so many measures live through the same steps, from a number on."""
        world = self.box.world
        for begin in range(first, first + count, AT_ONCE):
            numbers = range(begin, min(begin + AT_ONCE, first + count))
            world.service.advance_all(COUNCIL, (step for number in numbers for step in _measure(world, number, life)))


def name_of(number: int) -> str:
    """The name of the first council (0), or of a copy."""
    return f"{COUNCIL}_{number:04}" if number else COUNCIL


def implementer_of(number: int) -> str:
    """The office that carries out a measure."""
    return f"kommunedirektor_{MAYORS[number % len(MAYORS)]}"


def copy_council(where: str, names: Iterable[str]) -> None:
    """Copy the first council of a database, a file's path or a server's URL, under other names."""
    statements = [_copying(table, "%s" if is_server(where) else "?") for table in (*RECORDS, *VIEWS)]
    for name in names:
        with beside(where) as execute:
            for statement in statements:
                execute(statement, (name, COUNCIL))
    if is_server(where):
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")  # as the server does by itself, a minute later


@contextmanager
def beside(where: str) -> Iterator[Callable[[str, tuple[str, ...]], object]]:
    """A transaction beside the store, which nobody waits for to be on disk; it yields what executes in it."""
    if is_server(where):
        with psycopg.connect(where) as server:
            server.execute("SET synchronous_commit = off")
            yield server.execute
    else:
        with closing(sqlite.connect(where, isolation_level=None)) as file:
            file.execute("PRAGMA synchronous = OFF")
            file.execute("BEGIN IMMEDIATE")
            yield file.execute
            file.execute("COMMIT")


def _copying(table: Table, mark: str) -> str:
    """The statement that copies a council's rows of a table: with its new name, and the old one."""
    names = ", ".join(column.name for column in table.columns if column.computed is None and column.name != "council")
    order = " ORDER BY pos" if table is event else ""
    rows = f"SELECT {mark}, {names} FROM {table.name} WHERE council = {mark}{order}"  # noqa: S608  # names of ours
    return f"INSERT INTO {table.name} (council, {names}) {rows}"


def _measure(world: World, number: int, life: tuple[Step, ...]) -> Iterator[Command]:
    """A measure's steps, from its proposal on."""
    implementer = implementer_of(number)
    deadline = TODAY if number <= DUE_EACH else TODAY + timedelta(days=AHEAD + number * 37 % SPREAD)
    yield world.command(
        "measure", "propose", decider="politiradssekretar", title=f"Tiltak {number}", theme="crime_prevention",
        challenge="Uro ved stasjonen", goal="Færre hendelser", implementer=implementer, follow_up="slt_melhus",
        deadline=deadline.isoformat(), plan="To kvelder i uken",
    )  # fmt: skip
    for step, decider, form in life:
        yield world.command("measure", step, f"M-{number}", decider=decider or implementer, **form)


def _never(_: Command) -> NoReturn:
    """Planning judges nothing."""
    raise AssertionError
