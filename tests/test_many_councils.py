"""Thousands of councils on one server: what is looked up for one of them is not looked for among the others."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import RawCursor

from bench.nation import Nation, name_of
from engine.database_url import DatabaseUrl
from tests.contract.listening import listen
from tests.postgres_server import new_database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from store import SqlStore
    from store.transaction import SqlTransaction

NOW = datetime(2019, 1, 2, tzinfo=UTC)
COUNCILS = 20
TOLD = """\
INSERT INTO told (council, case_id, name, owner, due, rung, office, audience, day, fate, reason, letter, agenda)
SELECT council, 'M-' || n % 60, 'implement', 'o', '2019-01-01', n, 'o',
    CASE n % 20 WHEN 0 THEN 'agenda' ELSE 'owner' END, '2019-01-01',
    CASE n % 50 WHEN 0 THEN 'due' ELSE 'told' END, NULL, CASE n % 50 WHEN 0 THEN NULL ELSE n END, NULL
FROM council, generate_series(1, 500) AS n"""
LETTERS = """\
INSERT INTO letter (council, number, key, kind, office, person, subject, message_id, made, stage, attempts, not_before,
    changed, uncertain, body)
SELECT council, n, n, 'digest', 'o', 'p' || n % 30, 's', n, made, CASE n % 50 WHEN 0 THEN 'pending' ELSE 'sent' END, 1,
    made, made, 0, '' FROM council, generate_series(1, 500) AS n, (VALUES ('2019-01-01T08:00:00Z')) AS instant (made)"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    """A database on a server with many councils, each with evidence and letters."""
    with new_database() as url:
        nation = Nation(tmp_path_factory.mktemp("nation"), url, events=0, deadlines=60)
        nation.grow_to(COUNCILS)
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in (TOLD, LETTERS, "VACUUM ANALYZE"):
                connection.execute(statement)
        yield nation.box.world.store
        nation.box.world.store.close()


@pytest.mark.parametrize(
    ("act", "index"),
    [
        (lambda tx: tx.untold(["o"]), "ix_told_due"),
        (lambda tx: tx.untold_offices(), "ix_told_due"),
        (lambda tx: tx.told_in([(3, "o", True)]), "ix_told_due"),
        (lambda tx: tx.supersede_done(), "ix_told_due"),
        (lambda tx: tx.told_offices(3), "ix_told_letter"),
        (lambda tx: tx.tell_anew(3), "ix_told_letter"),
        (lambda tx: list(tx.off_agenda()), "ix_told_off_agenda"),
        (lambda tx: tx.sendable(NOW), "ix_letter_waiting"),
        (lambda tx: tx.first_sendable(), "ix_letter_waiting"),
        (lambda tx: tx.digested(["p1"], date(2019, 1, 1)), "ix_letter_person"),
    ],
    ids=("to tell an office", "offices to tell", "tell", "superseded", "whom it told", "tell anew", "off the agenda",
         "to send", "when to send", "who had one"),
)  # fmt: skip
def test_what_waits_in_one_council_is_found_by_the_index_of_what_waits(
    store: SqlStore, act: Callable[[SqlTransaction], object], index: str
) -> None:
    with store.write(name_of(7)) as tx:
        asked = listen(tx.link)
        act(tx)
    statement = next(text for text in asked if " told " in text or " letter " in text)
    plan = planned(store, statement)
    at = next(at for at, line in enumerate(plan) if index in line)
    assert "council" in next(line for line in plan[at:] if "Index Cond" in line)


def test_a_check_of_one_council_looks_at_no_events_of_another(tmp_path: Path) -> None:
    with new_database() as url:
        nation = Nation(tmp_path / "nation", url, events=0, deadlines=0)
        nation.grow_to(2)
        with psycopg.connect(url) as connection:
            connection.execute("ALTER TABLE event DISABLE TRIGGER USER, ALTER COLUMN type DROP EXPRESSION")
            connection.execute("UPDATE event SET type = 'another' WHERE council = %s AND pos = 3", [name_of(1)])
        blamed = [str(nation.box.world.store.verify(name_of(number)).faults) for number in (0, 1)]
        nation.box.world.store.close()
    told_so = "the columns of the events at 3 are not what their bytes say"
    assert [told_so in faults for faults in blamed] == [False, True]


def planned(store: SqlStore, statement: str) -> list[str]:
    """How a server goes about a statement whatever its values are, line by line."""
    place = store.describe().place
    assert isinstance(place, DatabaseUrl)
    values = ", ".join(["NULL"] * len(set(re.findall(r"\$\d+", statement))))
    with psycopg.connect(place.conninfo, cursor_factory=RawCursor, prepare_threshold=None) as connection:
        connection.execute("SET plan_cache_mode = force_generic_plan")
        connection.execute(f"PREPARE asked AS {statement}")
        return [line for (line,) in connection.execute(f"EXPLAIN EXECUTE asked({values})")]
