"""Whoever changes the record behind the program's back is found out, each kind with its own exit code."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from engine.errors import BytesChangedError
from engine.event import leaf_of
from tests.contract.raw import unguarded
from tests.contract.scribe import COUNCIL, Scribe, owed

if TYPE_CHECKING:
    from pathlib import Path

    from engine.event import Json
    from store.verification import Report

TEXT = b"Avtale om politiraad"
SHA256 = hashlib.sha256(TEXT).hexdigest()


@pytest.fixture
def record(scribe: Scribe, tmp_path: Path) -> Scribe:
    """A council with two measures and a document: events 0 to 4."""
    (tmp_path / "avtale.md").write_bytes(TEXT)
    document: Json = {"sha256": SHA256, "name": "avtale.md", "role": "text", "size": len(TEXT)}
    scribe.open_measure("M-1")
    scribe.open_measure("M-2")
    with scribe.store.write(COUNCIL) as tx:
        tx.keep_document(SHA256, tmp_path / "avtale.md")
        scribe.append(tx, "M-1", "started", {"to": "started", "form": {"documents": [document]}})
    return scribe


def tampered(record: Scribe, *statements: str | tuple[str, *tuple[object, ...]]) -> Report:
    """What `verify` says once somebody has changed the file past the triggers."""
    with unguarded(record.store) as hand:
        for statement in statements:
            words, *values = [statement] if isinstance(statement, str) else statement
            hand.execute(words, values)
    return record.store.verify(COUNCIL)


def what_it_says(report: Report) -> list[tuple[int, str, str]]:
    """The faults of a report."""
    return [(fault.exit_code, fault.where, fault.what) for fault in report.faults]


def test_a_record_nobody_touched_verifies(record: Scribe) -> None:
    seen: list[tuple[int, int]] = []
    report = record.store.verify(COUNCIL, lambda done, total: seen.append((done, total)))
    assert (report.exit_code, report.faults, report.events, report.documents) == (0, [], 5, 1)
    assert report.views_compared
    assert seen == [(done, 6) for done in range(1, 7)]


def test_an_edited_event_does_not_have_its_hash(record: Scribe) -> None:
    report = tampered(record, "UPDATE event SET body = replace(body, 'M-2\"', 'M-2 \"') WHERE pos = 3")
    assert report.exit_code == 10
    assert (10, "event 3 (M-2 number 1)", "the bytes do not have the hash that was recorded") not in what_it_says(
        report
    )
    assert report.faults[0].what == "the bytes do not have the hash that was recorded"
    assert not report.views_compared


def test_an_edited_event_with_its_hash_made_to_fit_breaks_the_chain(record: Scribe) -> None:
    with record.store.read(COUNCIL) as reader:
        body = next(iter(reader.events("M-1"))).body.replace("Title of", "Story of")
    report = tampered(record, ("UPDATE event SET body = ?, leaf = ? WHERE pos = 2", body, leaf_of(body)))
    assert what_it_says(report) == [
        (10, "event 4 (M-1 number 2)", "its link to the event before it in M-1 does not fit"),
    ]


def test_an_event_in_other_bytes_of_the_same_meaning_is_not_ours(record: Scribe) -> None:
    with record.store.read(COUNCIL) as reader:
        body = next(iter(reader.events("M-2"))).body.replace('"case":', '"case": ')
    report = tampered(record, ("UPDATE event SET body = ?, leaf = ? WHERE pos = 3", body, leaf_of(body)))
    assert report.faults[0].where == "event 3"
    assert "canonical form" in report.faults[0].what


def test_an_event_that_is_none_any_more_is_not_read_as_one(record: Scribe) -> None:
    body = '{"case":"M-2","n":1,"prev":"","type":"","at":""}'
    report = tampered(record, ("UPDATE event SET body = ? WHERE pos = 3", body))
    assert report.exit_code == 10
    with record.store.read(COUNCIL) as reader, pytest.raises(BytesChangedError, match="position 3 is not what it was"):
        list(reader.events())


def test_a_deleted_event_leaves_a_gap(record: Scribe) -> None:
    report = tampered(record, "DELETE FROM event WHERE pos = 2")
    assert what_it_says(report) == [
        (10, "event 3 (M-2 number 1)", "position 2 is missing"),
        (10, "event 4 (M-1 number 2)", "it is number 2 of M-1, and number 1 was expected"),
        (10, "event 4 (M-1 number 2)", "its link to the event before it in M-1 does not fit"),
    ]


def test_an_edited_view_differs_from_the_log(record: Scribe) -> None:
    report = tampered(record, "UPDATE cases SET state = 'closed' WHERE id = 'M-1'")
    assert what_it_says(report) == [(13, "cases M-1", "state is 'closed', the log says 'started'")]
    assert report.exit_code == 13


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE version SET rules = '{}'", ("version", "rules is '{}', the log says '{\"approval\":")),
        ("UPDATE approval SET capacity = 'acting' WHERE office = 'chief'", ("approval", "capacity is 'acting'")),
        ("UPDATE approval SET mandate = NULL WHERE office = 'chief'", ("approval", "mandate is None")),
        ("UPDATE approval SET assurance = 'sshsig' WHERE office = 'chief'", ("approval", "assurance is 'sshsig'")),
        ("UPDATE approval SET decision = NULL WHERE party = 'region'", ("approval", "decision is None")),
        ("UPDATE approval SET point = 2 WHERE party = 'region'", ("approval", "point is 2, the log says 1")),
        ("UPDATE decision SET persons = 'null'", ("decision", "persons is 'null'")),
        ('UPDATE decision SET deputies = \'{"chief":"p_1"}\'', ("decision", "deputies is")),
        ("UPDATE decision SET rule = '{}'", ("decision", "rule is '{}'")),
        ("UPDATE holding SET scope = '[]'", ("holding", "scope is '[]', the log says '[\"agreement\"]'")),
        ("UPDATE delegation SET taker = 'mayor'", ("delegation", "taker is 'mayor', the log says 'slt'")),
        ("UPDATE delegation SET until = NULL", ("delegation", "until is None, the log says '2019-06-30'")),
        ("DELETE FROM delegation", ("delegation", "is missing in the view")),
        ("UPDATE seating SET day = '2018-01-01'", ("seating", "day is '2018-01-01', the log says '2019-01-10'")),
        ("UPDATE seating SET annulled = leaf", ("seating", "annulled is")),
    ],
)
def test_nobody_edits_unseen_what_an_approval_rests_on(scribe: Scribe, change: str, found: tuple[str, str]) -> None:
    scribe.live_a_little()
    report = tampered(scribe, change)
    ((where, what),) = [(where, what) for code, where, what in what_it_says(report) if code == 13]
    assert (where.split()[0], what[: len(found[1])]) == found


def test_a_row_taken_from_a_view_or_added_to_it_is_named(record: Scribe) -> None:
    report = tampered(
        record, "DELETE FROM deadline WHERE case_id = 'M-1'",
        "INSERT INTO deadline SELECT council, 'C', 0, name, office, due, ladder, fires FROM deadline",
    )  # fmt: skip
    assert what_it_says(report) == [
        (13, "deadline C 0", "stands in the view and not in the log"),
        (13, "deadline M-1 0", "is missing in the view"),
    ]


def test_a_rebuild_puts_edited_views_right(record: Scribe) -> None:
    assert tampered(record, "UPDATE cases SET facts = '{}'").exit_code == 13
    record.store.rebuild(COUNCIL)
    assert record.store.verify(COUNCIL).exit_code == 0


def test_an_edited_document_is_found(record: Scribe) -> None:
    report = tampered(record, ("UPDATE chunk SET bytes = ?", b"\0"))
    assert what_it_says(report) == [
        (14, f"document {SHA256[:12]}", "its bytes are not those that were recorded"),
    ]
    assert report.exit_code == 14


def test_a_missing_document_is_named_with_the_event_that_names_it(record: Scribe) -> None:
    report = tampered(record, "DELETE FROM chunk", "DELETE FROM document")
    assert what_it_says(report) == [(14, "event 4 (M-1 number 2)", f"document {SHA256[:12]} is missing")]


def test_changed_bytes_are_the_gravest_of_several_faults(record: Scribe) -> None:
    report = tampered(
        record, ("UPDATE chunk SET bytes = ?", b"\0"), ("UPDATE event SET leaf = ? WHERE pos = 0", bytes(32))
    )
    assert {fault.exit_code for fault in report.faults} == {10, 14}
    assert report.exit_code == 10


def test_only_the_first_faults_of_a_kind_are_named(record: Scribe) -> None:
    for number in range(3, 20):
        record.write(f"M-{number}", "proposed", {"to": "proposed", "due": [owed("slt", "2019-02-01")]})
    assert len(tampered(record, "UPDATE cases SET title = 'forged'").faults) == 10
