"""Whoever owns the tables on a server can give them other triggers and definitions; `verify` names each of them."""

from __future__ import annotations

import pytest

from tests.contract.products import on_a_server
from tests.contract.raw import CHECK, Hand, be_superuser, made_of, raw
from tests.contract.scribe import COUNCIL, Scribe

pytestmark = on_a_server

IDLE = "LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$"
ELSEWHERE = f"CREATE SCHEMA other; CREATE FUNCTION other.politirad_append_only() RETURNS trigger {IDLE}"
STAYS = "CREATE TRIGGER event_stays BEFORE DELETE OR UPDATE OR TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION"
PLAIN = "ALTER TABLE event ALTER COLUMN case_id DROP EXPRESSION"

GUARDS = [
    (["DROP TRIGGER event_is_next ON event"], "event_is_next is missing"),
    (
        ["DROP TRIGGER checkpoint_stays ON checkpoint", "DROP TRIGGER event_stays ON event"],
        "checkpoint_stays is missing, event_stays is missing",
    ),
    (["ALTER TABLE event DISABLE TRIGGER event_stays"], "event_stays is switched off"),
    (["ALTER TABLE event ENABLE TRIGGER event_stays"], "event_stays is switched off"),
    (["ALTER TABLE event ENABLE REPLICA TRIGGER event_is_next"], "event_is_next is switched off"),
    (
        ["DROP TRIGGER event_stays ON event", f"{STAYS.replace(' OR TRUNCATE', '')} politirad_append_only('the log')",
         "ALTER TABLE event ENABLE ALWAYS TRIGGER event_stays"],
        "event_stays is changed",
    ),
    (
        [ELSEWHERE, "DROP TRIGGER event_stays ON event", f"{STAYS} other.politirad_append_only('the log')",
         "ALTER TABLE event ENABLE ALWAYS TRIGGER event_stays"],
        "event_stays is changed",
    ),
    (
        [f"CREATE OR REPLACE FUNCTION politirad_append_only() RETURNS trigger {IDLE}"],
        "politirad_append_only is changed",
    ),
    (
        ["ALTER FUNCTION politirad_event_is_next() SET search_path = pg_temp, public"],
        "politirad_event_is_next is changed",
    ),
    (["ALTER FUNCTION politirad_append_only() SECURITY DEFINER"], "politirad_append_only is changed"),
    (
        ["CREATE FUNCTION politirad_append_only(x int) RETURNS int LANGUAGE sql AS 'SELECT 1'"],
        "politirad_append_only(x integer) is none of ours",
    ),
    (
        ["CREATE TRIGGER \"it's new\" AFTER INSERT ON cases FOR EACH ROW EXECUTE FUNCTION politirad_append_only('x')"],
        "it's new is none of ours",
    ),
    (
        ["CREATE TRIGGER event_stays AFTER INSERT ON cases FOR EACH ROW EXECUTE FUNCTION politirad_append_only('x')"],
        "event_stays is none of ours",
    ),
    (["CREATE RULE quiet AS ON INSERT TO checkpoint DO INSTEAD NOTHING"], "quiet is none of ours"),
    (["CREATE RULE quiet AS ON DELETE TO event DO INSTEAD NOTHING"], "quiet is none of ours"),
]  # fmt: skip

SHAPES = [
    (["ALTER TABLE event DROP CONSTRAINT is_of_body"], ["constraint is_of_body"]),
    (
        ["ALTER TABLE event DROP CONSTRAINT is_of_body", "ALTER TABLE event ADD CONSTRAINT is_of_body CHECK (true)"],
        ["constraint is_of_body"],
    ),
    (
        ["ALTER TABLE event DROP CONSTRAINT is_of_body",
         f"{CHECK} NOT VALID"],
        ["constraint is_of_body"],
    ),
    ([PLAIN], ["column case_id"]),
    (["ALTER TABLE event ALTER COLUMN council TYPE text COLLATE \"default\""], ["column council"]),
    (["ALTER TABLE event ALTER COLUMN leaf SET DEFAULT '\\x00'"], ["column leaf"]),
    (["ALTER TABLE event ADD COLUMN remark text"], ["column remark"]),
    (["DROP INDEX ix_event_council_key"], ["index ix_event_council_key"]),
    (
        ["DROP INDEX ix_event_council_key", "CREATE INDEX ix_event_council_key ON event (council, key)"],
        ["index ix_event_council_key"],
    ),
    (["CREATE INDEX mine ON event (at)"], ["index mine"]),
    (["CREATE TABLE heir () INHERITS (event)"], ["heir heir"]),
    (["ALTER TABLE event ENABLE ROW LEVEL SECURITY"], ["row security of event"]),
    (["ALTER TABLE deadline ENABLE ROW LEVEL SECURITY"], ["row security of deadline"]),
]  # fmt: skip


def harm(scribe: Scribe, statements: list[str]) -> None:
    """Do something as the owner of the tables."""
    with raw(scribe.store) as hand:
        for statement in statements:
            hand.execute(statement)


def named(scribe: Scribe) -> list[tuple[int, str]]:
    """The faults `verify` finds, each with its exit code."""
    return [(fault.exit_code, fault.where) for fault in scribe.store.verify(COUNCIL).faults]


@pytest.mark.parametrize(("statements", "said"), GUARDS)
def test_a_guard_that_is_not_as_it_was_made_is_named_and_a_rebuild_mends_it(
    scribe: Scribe, statements: list[str], said: str
) -> None:
    before = made_of(scribe.store)
    harm(scribe, statements)
    (fault,) = scribe.store.verify(COUNCIL).faults
    assert (fault.exit_code, fault.where) == (13, "the triggers that guard the log")
    assert fault.what.startswith(f"{said}: ")
    scribe.store.rebuild(COUNCIL)
    assert scribe.store.verify(COUNCIL).faults == []
    assert made_of(scribe.store) == before
    scribe.write("C", "decided", {})


@pytest.mark.parametrize(("statements", "names"), SHAPES)
def test_a_log_that_is_defined_in_another_way_is_named(scribe: Scribe, statements: list[str], names: list[str]) -> None:
    harm(scribe, statements)
    assert named(scribe) == [(13, f"definition of {name}") for name in names]


@pytest.mark.parametrize("index", ["pk_event", "uq_event_council_case_id_n", "ix_event_council_key"])
def test_an_index_that_is_not_used_any_more_is_named(scribe: Scribe, index: str) -> None:
    with raw(scribe.store) as hand:
        be_superuser(hand)
        hand.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = ?::regclass", [index])
    assert named(scribe) == [(13, f"definition of index {index}")]


def test_a_key_that_lets_two_events_have_one_number_is_named(scribe: Scribe) -> None:
    harm(scribe, ["ALTER TABLE event DROP CONSTRAINT uq_event_council_case_id_n"])
    assert named(scribe) == [
        (13, "definition of constraint uq_event_council_case_id_n"),
        (13, "definition of index uq_event_council_case_id_n"),
    ]


def test_a_column_that_says_something_else_than_the_bytes_is_named_with_its_event(scribe: Scribe) -> None:
    scribe.open_measure("M-1")
    move_aside(scribe, "UPDATE event SET case_id = 'M-2' WHERE pos = 2")
    (fault, *_) = scribe.store.verify(COUNCIL).faults
    assert (fault.exit_code, fault.where) == (10, "the database file is damaged")
    assert "the columns of the events at 2 are not what their bytes say" in fault.what


def test_bytes_that_are_no_event_any_more_stop_neither_verify_nor_whoever_reads_its_report(scribe: Scribe) -> None:
    scribe.open_measure("M-1")
    plain = [f"ALTER TABLE event ALTER COLUMN {name} DROP EXPRESSION" for name in ("n", "prev", "type", "at", "key")]
    harm(scribe, [*plain, "ALTER TABLE event DROP CONSTRAINT is_of_body"])
    move_aside(scribe, "UPDATE event SET body = 'no event' WHERE pos = 1")
    report = scribe.store.verify(COUNCIL)
    told = {(fault.exit_code, fault.where.split(" (")[0]) for fault in report.faults}
    assert {(10, "the database file is damaged"), (10, "event 1"), (13, "definition of column n")} <= told
    assert (report.exit_code, report.events) == (10, 3)


def test_a_table_that_fails_whoever_reads_it_is_named_and_the_rest_looked_at(scribe: Scribe) -> None:
    """A statement that fails ends a transaction on a server; `verify` goes on in the same moment all the same."""
    scribe.live_a_little()
    fails = "SELECT council, case_id, 1 / (number - number) AS number, name, office, due, ladder, fires FROM own"
    harm(scribe, ["ALTER TABLE deadline RENAME TO own", f"CREATE VIEW deadline AS {fails}"])
    harm(scribe, ["UPDATE snooze SET until = '2020-01-01'"])
    report = scribe.store.verify(COUNCIL)
    told = [f"{fault.where}: {fault.what}" for fault in report.faults]
    assert "deadline: cannot be read: division by zero" in told
    assert any(line.startswith("snooze ") and "until is '2020-01-01'" in line for line in told)
    assert (report.exit_code, report.views_compared) == (13, True)


def move_aside(scribe: Scribe, statement: str) -> None:
    """Make the number of the case a column like any other, and change it past the triggers."""
    harm(scribe, [PLAIN, "ALTER TABLE event DISABLE TRIGGER USER", statement])
    with raw(scribe.store) as hand:
        enable(hand)


def enable(hand: Hand) -> None:
    """Switch the triggers on again."""
    for trigger in ("event_is_next", "event_stays"):
        hand.execute(f"ALTER TABLE event ENABLE ALWAYS TRIGGER {trigger}")


def test_a_rebuild_leaves_other_programs_triggers_alone(scribe: Scribe) -> None:
    """A queue of work may live in the same schema."""
    job = "CREATE TRIGGER notify AFTER INSERT ON job FOR EACH ROW EXECUTE FUNCTION told()"
    harm(scribe, ["CREATE TABLE job (id int)", f"CREATE FUNCTION told() RETURNS trigger {IDLE}", job])
    assert named(scribe) == []
    harm(scribe, ["DROP TRIGGER event_is_next ON event"])
    scribe.store.rebuild(COUNCIL)
    with raw(scribe.store) as hand:
        assert hand.execute("SELECT count(*) FROM pg_trigger WHERE tgname = 'notify'").fetchone()[0] == 1
