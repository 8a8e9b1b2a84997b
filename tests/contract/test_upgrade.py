"""A database of the first schema is brought to today's: its views made anew from the log, all or nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING

import pytest

from engine.ballot import Ballot
from engine.errors import BytesChangedError, ViewsDifferError
from engine.event import encode, leaf_of
from engine.register import VoteRule
from store import SqlStore
from store.schema import REVISION
from tests.contract.elder import FIRST_SCHEMA, NEIGHBOUR, lived_before
from tests.contract.raw import raw, unguarded
from tests.contract.scribe import COUNCIL, Scribe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from store.reader import SqlReader

ENOUGH = 3
"""Events into the upgrade, some views are made and some are not."""


@pytest.fixture(params=["WAL", "DELETE"])
def journal(request: pytest.FixtureRequest) -> str:
    """Either journal."""
    return str(request.param)


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A database of revision 0001 in which a council has lived."""
    path = tmp_path / "politirad.db"
    lived_before(path)
    return path


@pytest.fixture
def upgraded(older: Path, journal: str) -> Iterator[SqlStore]:
    """The same database, opened by this program."""
    with SqlStore.open(older, journal=journal) as store:
        yield store


@pytest.fixture
def reader(upgraded: SqlStore) -> Iterator[SqlReader]:
    """A reader of the upgraded council."""
    with upgraded.read(COUNCIL) as reading:
        yield reading


def everything_in(path: Path) -> list[object]:
    """The schema with its number, and every row of every table."""
    with raw(path) as connection:
        schema = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2").fetchall()
        tables = [name for kind, name, _ in schema if kind == "table"]
        return [*schema, *(connection.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in tables)]  # noqa: S608  # ours


def tampered(path: Path, *statements: str) -> list[object]:
    """What is in the database after somebody has changed it past the triggers."""
    with unguarded(path) as connection:
        for statement in statements:
            connection.execute(statement)
    return everything_in(path)


def test_it_is_announced_and_leaves_nothing_for_verify_to_find(older: Path, journal: str) -> None:
    told: list[tuple[str, str]] = []
    for _ in range(2):
        with SqlStore.open(older, journal=journal, upgrading=lambda *revisions: told.append(revisions)) as store:
            report = store.verify(COUNCIL)
    assert told == [(FIRST_SCHEMA, REVISION)]
    assert (report.faults, report.views_compared, report.events) == ([], True, 9)


def test_an_older_decision_keeps_its_votes_and_the_rule_it_was_counted_by(reader: SqlReader) -> None:
    decision = reader.decision("D-1")
    assert (decision.roster, decision.present, decision.on) == (("mayor", "chief"),) * 2 + (date(2019, 1, 9),)
    assert [(point.outcome, point.votes) for point in decision.points] == [("carried", (2, 0, 0)), ("fell", None)]
    assert decision.rule == VoteRule("majority", quorum=2, tie="falls")
    assert (decision.deputies, decision.persons) == ({}, None)


def test_an_older_approval_gains_the_ballot_it_cites(reader: SqlReader) -> None:
    by_office, by_body = reader.approvals("A-1")
    assert (by_office.person, by_office.capacity, by_office.mandate) == ("p_2", None, None)
    assert (by_office.assurance, by_office.ballot) == ("declared", None)
    assert (by_body.decision, by_body.point) == ("D-1", 1)
    assert by_body.ballot == Ballot(
        ("mayor", "chief"), ("mayor", "chief"), votes=(2, 0, 0), outcome="carried",
        rule=VoteRule("majority", quorum=2, tie="falls"),
    )  # fmt: skip


def test_an_older_version_and_holding_are_bound_to_nothing_new(reader: SqlReader) -> None:
    (version,), (holding,) = reader.versions("A-1"), reader.council().holdings.all
    assert (version.number, version.proposer, dict(version.rules)) == (1, "slt", {})
    assert (holding.person, holding.scope) == ("p_1", ())


def test_the_seats_of_earlier_days_are_known_from_the_log(reader: SqlReader) -> None:
    assert [seat.id for seat in reader.seats_on(date(2019, 1, 9))] == ["mayor"]
    assert [seat.id for seat in reader.seats_on(date(2019, 1, 10))] == ["chief"]


def test_records_are_carried_over(reader: SqlReader) -> None:
    assert reader.remarks(["c" * 64]) == {"c" * 64: "why"}
    assert reader.logins() == {}


def test_life_goes_on_in_an_upgraded_database(upgraded: SqlStore) -> None:
    scribe = Scribe(upgraded)
    with upgraded.read(COUNCIL) as reading:
        scribe.heads = {case.id: (case.n, case.head) for case in reading.cases()}
    scribe.delegate()
    scribe.decide(id="D-2")
    assert upgraded.verify(COUNCIL).faults == []


def test_every_councils_views_are_made_from_its_log_and_not_carried_over(older: Path) -> None:
    with raw(older) as connection:
        connection.execute("UPDATE cases SET state = 'forged'")
        connection.execute("UPDATE profile SET rules = '{}'")
        connection.execute("DELETE FROM council")
    with SqlStore.open(older) as store:
        assert set(store.councils()) == {COUNCIL, NEIGHBOUR}
        assert [store.verify(council).faults for council in (COUNCIL, NEIGHBOUR)] == [[], []]


def test_a_broken_log_is_not_upgraded(older: Path, journal: str) -> None:
    before = tampered(older, "UPDATE event SET body = replace(body, 'Vedtas', 'Avvist')")
    with pytest.raises(BytesChangedError, match=r"of roros is broken at position 5: .* restore a backup, and keep"):
        SqlStore.open(older, journal=journal)
    assert everything_in(older) == before


def test_a_log_that_makes_no_sense_is_not_upgraded(tmp_path: Path, journal: str) -> None:
    path = tmp_path / "politirad.db"
    body = encode(lived_before(path).event("C", "decided", {"decision": {"id": "D-2"}}))
    with raw(path) as connection:
        connection.execute(
            "INSERT INTO event (council, pos, body, leaf) VALUES (?, 9, ?, ?)", (COUNCIL, body, leaf_of(body))
        )
    before = everything_in(path)
    with pytest.raises(
        ViewsDifferError, match=r"Event 9 of roros \(C number 5\) cannot be projected: KeyError 'roster'"
    ):
        SqlStore.open(path, journal=journal)
    assert everything_in(path) == before


def test_an_upgrade_somebody_interrupts_leaves_the_database_as_it_was(
    older: Path, journal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def watched(done: int, total: int) -> None:
        if done == ENOUGH < total:
            raise KeyboardInterrupt

    before = everything_in(older)
    monkeypatch.setattr("store.upgrade.ignored", watched)
    with pytest.raises(KeyboardInterrupt):
        SqlStore.open(older, journal=journal)
    assert everything_in(older) == before
    monkeypatch.undo()
    with SqlStore.open(older, journal=journal) as store:
        assert store.verify(COUNCIL).faults == []


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system cannot kill a process at once")
def test_a_process_that_dies_in_an_upgrade_leaves_the_database_as_it_was(older: Path, journal: str) -> None:
    dying = f"""
import os, signal
import store.upgrade
from store import SqlStore
def die(done, total):
    if done == {ENOUGH}:
        os.kill(os.getpid(), signal.SIGKILL)
store.upgrade.ignored = die
SqlStore.open({str(older)!r}, journal={journal!r})
"""
    before = everything_in(older)
    died = subprocess.run([sys.executable, "-c", dying], check=False, capture_output=True, text=True)
    assert (died.returncode, died.stderr) == (-signal.SIGKILL, "")
    assert everything_in(older) == before
    with SqlStore.open(older, journal=journal) as store:
        assert store.verify(COUNCIL).faults == []
