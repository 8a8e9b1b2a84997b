"""Damage to the file itself, below SQL: `verify` tells where, under its own exit code, and goes on to the end."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from engine.errors import BytesChangedError, DamagedError, PolitiradError
from store import SqlStore
from tests.contract.raw import raw, unguarded
from tests.contract.scribe import COUNCIL, Scribe
from tests.pages import rows_of

if TYPE_CHECKING:
    from pathlib import Path

    from engine.event import Json
    from store.verification import Report

TEXT = b"Avtale om politiraad"
SHA256 = hashlib.sha256(TEXT).hexdigest()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A closed database with five events, of which the last names a document whose bytes are changed."""
    path = tmp_path / "politirad.db"
    (tmp_path / "avtale.md").write_bytes(TEXT)
    with SqlStore.open(path, create=True, journal="DELETE") as store:
        scribe = Scribe(store)
        scribe.open_council()
        for case in ("M-1", "M-2"):
            scribe.open_measure(case)
        with store.write(COUNCIL) as tx:
            tx.keep_document(SHA256, tmp_path / "avtale.md")
            document: Json = {"sha256": SHA256, "name": "avtale.md", "role": "text", "size": len(TEXT)}
            scribe.append(tx, "M-1", "started", {"to": "started", "form": {"documents": [document]}})
    with raw(path) as connection:
        connection.execute("UPDATE chunk SET bytes = x'00'")
    return path


def put(file: Path, old: bytes, new: bytes, row: int) -> None:
    """Change bytes in a row of the log, in the file."""
    (span, *_), content = rows_of(file, "event")[row], bytearray(file.read_bytes())
    at = content.index(old, span.start, span.stop)
    content[at : at + len(new)] = new
    file.write_bytes(content)


def verified(file: Path) -> Report:
    """What `verify` finds."""
    with SqlStore.open(file, journal="DELETE") as store:
        return store.verify(COUNCIL)


def told(report: Report) -> str:
    """What a report says, a line for each fault."""
    return "\n".join(f"{fault.exit_code} {fault.where}: {fault.what}" for fault in report.faults)


@pytest.mark.parametrize(("old", "new"), [(b"roros", b"xoros"), (b"roros\x03", b"roros\x07")])
def test_a_council_or_position_that_no_index_has_is_damage_of_the_file(file: Path, old: bytes, new: bytes) -> None:
    put(file, old, new, row=3)
    report = verified(file)
    assert report.exit_code == 10
    (line,) = [line for line in told(report).splitlines() if "the database file is damaged" in line]
    assert line.startswith("10 the database file is damaged: row 4 missing from index")
    assert "Restore a backup" in line
    assert report.views_compared, "what can be looked at is looked at"
    assert "14 document" in told(report)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (b"proposed", b"\xffroposed", "it is not UTF-8 at byte"),
        (b'{"actor"', b'("actor"', "not a well-formed event"),
        (b'"case":"M-2"', b'"case":"M-3"', "the bytes do not have the hash that was recorded"),
        (b'"data":{', b'"data":[', "not a well-formed event"),
    ],
)
def test_bytes_of_an_event_that_were_changed_are_told_by_its_position_and_never_quoted(
    file: Path, old: bytes, new: bytes, what: str
) -> None:
    put(file, old, new, row=3)
    report = verified(file)
    assert report.exit_code == 10
    assert any(fault.where.startswith("event 3") and what in fault.what for fault in report.faults), told(report)
    assert "Title of" not in told(report)
    assert "14 document" in told(report), "it goes on to the end"
    assert (report.events, report.documents) == (5, 1)


@pytest.mark.parametrize(
    ("new", "said"), [(b"\xffroposed", DamagedError), (b"qroposed", BytesChangedError)], ids=["no text", "other text"]
)
def test_every_reader_of_a_damaged_event_is_told_so_and_sent_to_verify(
    file: Path, new: bytes, said: type[PolitiradError]
) -> None:
    put(file, b"proposed", new, row=3)
    with (
        SqlStore.open(file, journal="DELETE") as store,
        pytest.raises(said, match="verify") as raised,
        store.read(COUNCIL) as reader,
    ):
        list(reader.events())
    assert raised.value.exit_code == BytesChangedError.exit_code
    assert "Title" not in str(raised.value)


def test_no_views_are_made_from_a_damaged_log(file: Path) -> None:
    put(file, b"proposed", b"\xffroposed", row=3)
    with SqlStore.open(file, journal="DELETE") as store, pytest.raises(BytesChangedError, match=r"position 3: .*UTF-8"):
        store.rebuild(COUNCIL)


def test_a_page_that_was_torn_out_is_told_and_the_rest_looked_at(file: Path) -> None:
    span, content = rows_of(file, "event")[0][0], bytearray(file.read_bytes())
    page = span.start // 4096 * 4096
    content[page : page + 4096] = bytes(4096)
    file.write_bytes(content)
    report = verified(file)
    assert report.exit_code == 10
    assert "the database file is damaged" in told(report)
    assert "14 document" in told(report)


def test_a_gap_of_any_size_is_told_in_a_line(file: Path) -> None:
    with unguarded(file) as connection:
        connection.execute("UPDATE event SET pos = ? WHERE pos = 4", (2**62,))
    assert f"positions 4 to {2**62 - 1} are missing" in told(verified(file))
