"""Checking an export from its files alone: what is attacked is detected, under the exit code of its kind."""

from __future__ import annotations

import os
import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from engine import folder as folders
from engine.errors import NotFoundError
from engine.exported import verify_export
from engine.folder import note_name
from engine.key import Kind, Signer
from engine.note import Note, Signature, cosign, note_of, sign
from tests.attack import database_of, row_changes, undetected, undetected_in_rows
from tests.desk import Desk
from tests.forging import resign
from tests.notary import (
    AT,
    LOG,
    NEXT,
    STRANGER,
    WITNESS,
    Notary,
    blob_in,
    codes,
    edit,
    folder_in,
    lines_of,
    put_lines,
    rewritten,
    told,
    whole,
)

KEYS = (LOG.verifier(), WITNESS.verifier())
NOTE = f"checkpoints/{note_name(45)}"
LOG_VKEY = f"log-{LOG.verifier().key_id.hex()}.vkey"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole export, which nobody changes."""
    return whole(tmp_path_factory.mktemp("council")).export("export")


@pytest.fixture
def export(original: Path, tmp_path: Path) -> Path:
    """A copy of it to play with."""
    shutil.copytree(original, tmp_path / "export")
    return tmp_path / "export"


def test_a_whole_export_is_in_order_and_says_how_far_the_witness_covers_it(export: Path) -> None:
    report = verify_export(export, KEYS)
    assert (report.exit_code, report.events, report.documents, report.proofs) == (0, 45, 1, 4)
    assert report.covered is not None
    assert (report.covered.at, report.uncovered, report.given) == (AT, 0, True)


def test_events_after_the_last_cosigned_checkpoint_are_counted(tmp_path: Path) -> None:
    notary = whole(tmp_path)
    notary.world.measure()
    notary.seal()
    assert verify_export(notary.export()).uncovered == 1


def test_without_a_cosignature_nothing_is_covered(tmp_path: Path) -> None:
    notary = Notary(tmp_path)
    size = notary.seal()
    report = verify_export(notary.export())
    assert (report.exit_code, report.covered, report.uncovered) == (0, None, size)


def test_keys_from_elsewhere_decide_whose_log_it_is(export: Path) -> None:
    assert codes(export, [LOG.verifier()]) == codes(export, [WITNESS.verifier()]) == []
    assert codes(export, [STRANGER.verifier()]) == [12]
    assert codes(export, [Signer("annet.example", Kind.WITNESS, bytes(32)).verifier()]) == [12]
    assert verify_export(export, [LOG.verifier()]).covered is None  # no witness whose key was given


def test_after_a_rotation_the_old_key_and_the_new_one_lead_to_the_newest_checkpoint(tmp_path: Path) -> None:
    notary = Notary(tmp_path)
    notary.seal(LOG)
    notary.announce(NEXT.verifier())
    notary.seal(LOG, NEXT)
    notary.world.measure()
    notary.seal(NEXT)
    folder = notary.export()
    assert codes(folder) == codes(folder, [LOG.verifier()]) == codes(folder, [NEXT.verifier()]) == []


def test_a_new_key_that_the_old_one_never_signed_with_is_not_trusted(tmp_path: Path) -> None:
    notary = Notary(tmp_path)
    notary.seal(LOG)
    notary.announce(NEXT.verifier())
    notary.seal(NEXT)
    assert codes(notary.export(), [LOG.verifier()]) == [12]


def cut_short(folder: Path) -> None:
    """The last event goes, and with it half of the one before."""
    path = folder / "events.jsonl"
    path.write_bytes(b"".join(lines_of(folder)[:-1])[:-20])


def renamed(folder: Path) -> None:
    """The checkpoint claims another size by its name."""
    (folder / NOTE).rename(folder / "checkpoints" / note_name(44))


def in_other_order(folder: Path) -> None:
    """Two neighbours of different cases change places, so that every chain still fits."""
    lines = lines_of(folder)
    put_lines(folder, [*lines[:36], lines[37], lines[36], *lines[38:]])


def with_another_name(folder: Path) -> None:
    """A signature line is given a name nobody knows."""
    edit(folder / NOTE, f"— {WITNESS.name}".encode(), f"— {WITNESS.name}x".encode())


def with_two_keys(folder: Path) -> None:
    """A key nobody announced is added."""
    key = STRANGER.verifier()
    (folder / f"log-{key.key_id.hex()}.vkey").write_text(f"{key}\n")


def of_another_log(folder: Path) -> None:
    """A checkpoint of another log, by a key with the same seed, takes the place of ours."""
    other = Signer("annet.example/rad", Kind.LOG, LOG.seed)
    text = note_of((folder / NOTE).read_bytes()).text.replace(LOG.name, other.name)
    (folder / NOTE).write_text(str(Note(text, (sign(text, other), cosign(text, WITNESS, AT)))))


def linked(folder: Path) -> None:
    """A file is replaced by a link to what it was."""
    (folder / NOTE).rename(folder.parent / "note")
    (folder / NOTE).symlink_to(folder.parent / "note")


def folder_linked(folder: Path) -> None:
    """A folder is replaced by a link to what it was."""
    (folder / "blobs").rename(folder.parent / "blobs")
    (folder / "blobs").symlink_to(folder.parent / "blobs")


def nested(line: bytes, depth: int) -> bytes:
    """An event whose data names a document, so many lists deep."""
    inside = b"[" * depth + b'{"sha256":"x"}' + b"]" * depth
    return line.replace(b'"data":{', b'"data":{"a":' + inside + b",")


def made_a_folder(folder: Path) -> None:
    """A folder takes the place of the events."""
    (folder / "events.jsonl").unlink()
    (folder / "events.jsonl").mkdir()


def made_a_pipe(folder: Path) -> None:
    """A pipe, which would keep a reader waiting, takes the place of a document."""
    blob_in(folder).rename(folder / "x")
    os.mkfifo(folder / "blobs" / "pipe")


ATTACKS: dict[str, tuple[Callable[[Path], object], int, str]] = {
    "an event is edited": (lambda f: edit(f / "events.jsonl", b"Avtale om", b"Avtale av"), 10, "the first 45 events"),
    "the last event is cut": (lambda f: put_lines(f, lines_of(f)[:-1]), 11, "over 45 events, and the log has 44"),
    "an event is cut in two": (cut_short, 10, "event 43: it is cut short"),
    "the first event is cut": (lambda f: put_lines(f, lines_of(f)[1:]), 10, "number 2 of C, and number 1 was expected"),
    "an event is taken out": (lambda f: put_lines(f, lines_of(f)[:38] + lines_of(f)[39:]), 10, "number 2 was expected"),
    "an event stands twice": (lambda f: put_lines(f, [*lines_of(f), lines_of(f)[-1]]), 10, "and number 2 was expected"),
    "two cases' events are swapped": (in_other_order, 10, "the first 45 events are not those"),
    "all events are gone": (lambda f: put_lines(f, []), 11, "the log has 0"),
    "events.jsonl is missing": (lambda f: (f / "events.jsonl").unlink(), 10, "events.jsonl: is missing"),
    "events.jsonl is a folder": (made_a_folder, 10, "is no regular file"),
    "a blank line": (lambda f: put_lines(f, [b"\n", *lines_of(f)]), 10, "event 0: not a well-formed event"),
    "a key stands twice": (lambda f: edit(f / "events.jsonl", b'"n":1,', b'"n":1,"n":1,'), 10, "a key stands twice"),
    "white space": (lambda f: edit(f / "events.jsonl", b'"n":1,', b'"n": 1,'), 10, "not in canonical form"),
    "a float": (lambda f: edit(f / "events.jsonl", b'"n":1,', b'"n":1.0,'), 10, "float is outside the profile"),
    "no number": (lambda f: edit(f / "events.jsonl", b'"n":1,', b'"n":NaN,'), 10, "outside the profile"),
    "a number as a text": (lambda f: edit(f / "events.jsonl", b'"n":1,', b'"n":"1",'), 10, "Expected `int`"),
    "a case that is a list": (lambda f: edit(f / "events.jsonl", b'"case":"C"', b'"case":[]'), 10, "Expected `str`"),
    "not UTF-8": (lambda f: edit(f / "events.jsonl", b"Avtale om", b"Avtale\xff"), 10, "not UTF-8 at byte"),
    "half a character": (lambda f: edit(f / "events.jsonl", b"Avtale om", b"\\ud800"), 10, "not a well-formed event"),
    "no JSON": (lambda f: put_lines(f, [*lines_of(f), b"hello\n"]), 10, "event 45: not a well-formed event"),
    "nested without end": (lambda f: put_lines(f, [*lines_of(f), b"[" * 200_000 + b"\n"]), 10, "too deeply"),
    "documents nested without end": (
        lambda f: put_lines(f, [*lines_of(f), nested(lines_of(f)[-1], 980)]), 10, "too deeply"
    ),
    "the first event is nested without end": (lambda f: put_lines(f, [b"[" * 200_000 + b"\n"]), 10, "too deeply"),
    "the checkpoint is missing": (lambda f: (f / NOTE).unlink(), 12, "no checkpoint is signed"),
    "the checkpoint is cut short": (lambda f: (f / NOTE).write_bytes((f / NOTE).read_bytes()[:-9]), 12, "cut short"),
    "the checkpoint is empty": (lambda f: (f / NOTE).write_bytes(b""), 12, "no blank line"),
    "the checkpoint is huge": (lambda f: (f / NOTE).write_bytes(b"x" * 2_000_000), 12, "larger than 1,000,000 bytes"),
    "the checkpoint is renamed": (renamed, 12, "must be called 000000000045.note"),
    "the size is edited": (lambda f: edit(f / NOTE, b"\n45\n", b"\n44\n"), 12, "must be called 000000000044.note"),
    "a signature's name is changed": (with_another_name, 12, "with a key that is not in the export"),
    "it is signed by a stranger": (lambda f: resign(f, STRANGER), 12, "a key that is not in the export"),
    "the checkpoint of another log": (of_another_log, 12, "with a key that is not in the export"),
    "a letter among the checkpoints": (lambda f: (f / "checkpoints" / "a.txt").write_text("Hei"), 12, "no blank line"),
    "the key is missing": (lambda f: (f / LOG_VKEY).unlink(), 12, "its file is missing"),
    "the key is renamed": (lambda f: (f / LOG_VKEY).rename(f / "log.vkey"), 12, f"must be called {LOG_VKEY}"),
    "the key is of an unknown kind": (
        lambda f: (f / LOG_VKEY).write_text("a+00000000+AgAA\n"), 12, "key type 0x02 is unknown"
    ),
    "the key is no text": (lambda f: (f / LOG_VKEY).write_bytes(b"\xff\xfe"), 12, "no public key"),
    "a key is added": (with_two_keys, 12, "no event of the log announces this key"),
    "a document is changed": (lambda f: blob_in(f).write_text("Noe annet"), 14, "are not those"),
    "a document is missing": (lambda f: blob_in(f).unlink(), 14, "event 36 (A-1 number 1): document"),
    "all documents are missing": (lambda f: shutil.rmtree(f / "blobs"), 14, "is missing"),
    "a document under no hash": (lambda f: (f / "blobs" / "avtale.md").write_text("Avtale"), 14, "blobs/avtale.md"),
    "a proof is missing": (lambda f: (f / "proofs" / "A-1-3.tlog-proof").unlink(), 10, "A-1-3.tlog-proof: is missing"),
    "a proof is of another event": (
        lambda f: shutil.copy(f / "proofs" / "A-1-3.tlog-proof", f / "proofs" / "A-1-2.tlog-proof"), 10, "not the proof"
    ),
    "a proof of what is no act": (lambda f: (f / "proofs" / "x").write_text("x"), 10, "proofs/x"),
    "who may sign is changed": (lambda f: (f / "allowed_signers").write_text("* ssh-rsa AAAA\n"), 10, "of offices"),
    "who may sign is missing": (lambda f: (f / "allowed_signers").unlink(), 10, "allowed_signers: is missing"),
    "a note is a link": (linked, 12, "is a link"),
    "the documents are a link": (folder_linked, 14, "a link"),
    "a pipe in place of a document": (made_a_pipe, 14, "blobs/pipe: is no regular file"),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_wrong_with_an_export_is_told_in_a_line_each_under_its_exit_code(export: Path, attack: str) -> None:
    change, code, why = ATTACKS[attack]
    change(export)
    report = verify_export(export, KEYS)
    assert report.exit_code == code, told(report)
    assert why in told(report)
    assert all("\n" not in fault.what and len(fault.what) < 300 for fault in report.faults)


def test_a_line_without_an_end_is_not_read_to_it(export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "LONGEST_LINE", 20_000)
    put_lines(export, [*lines_of(export), b"[" * 30_000])
    report = verify_export(export)
    assert (report.exit_code, report.events) == (10, 45)
    assert "more than 20,000 bytes, which no event has" in told(report)


def test_a_line_of_any_length_is_read_within_bounds(export: Path) -> None:
    with (export / "events.jsonl").open("ab") as file:
        file.truncate(200_000_000)
    tracemalloc.start()
    assert codes(export, KEYS)[0] == 10
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 50_000_000


def test_no_name_in_an_event_leads_out_of_the_folder(export: Path) -> None:
    (export.parent / "secret").write_text("Avtale")
    blob = blob_in(export)
    outside = b"../../secret".ljust(64, b"x")
    edit(export / "events.jsonl", blob.name.encode(), outside)
    assert f"document {outside[:12].decode()} is missing" in told(verify_export(export))


def test_an_empty_folder_is_no_export_and_no_folder_is_not_found(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert codes(tmp_path / "empty") == [10, 12]
    with pytest.raises(NotFoundError, match="There is no folder"):
        verify_export(tmp_path / "none")


def test_faults_are_named_up_to_a_number(export: Path) -> None:
    put_lines(export, [b"hello\n"] * 1000)
    assert len(verify_export(export).faults) < 50


def test_an_edit_signed_anew_with_a_stolen_key_still_breaks_the_chain(export: Path) -> None:
    """Whoever makes the whole log anew is stopped by a witness alone: see test_witness.py."""
    edit(export / "events.jsonl", b"Avtale om", b"Avtale av")
    resign(export)
    report = verify_export(export, [LOG.verifier()])
    assert "its link to the event before it in A-1 does not fit" in told(report)


def test_two_exports_of_one_size_with_different_roots_cannot_both_stand(tmp_path: Path) -> None:
    mine, yours = whole(folder_in(tmp_path, "a")), rewritten(folder_in(tmp_path, "b"))
    one, other = mine.export(), yours.export()
    assert codes(one) == codes(other) == []
    desk = Desk(mine.world)
    answer = desk.types("verify", str(other), "--against", str(one / NOTE), database=tmp_path / "none.db")
    assert (answer.code, "the first 45 events are not those" in answer.err) == (10, True)


def test_an_anchor_from_elsewhere_shows_that_the_end_was_cut(tmp_path: Path) -> None:
    notary = whole(tmp_path)
    before = notary.export()
    notary.world.measure()
    notary.seal()
    anchor = notary.export() / "checkpoints" / note_name(46)
    assert codes(before) == []
    answer = Desk(notary.world).types("verify", str(before), "--against", str(anchor))
    assert (answer.code, "signed over 46 events, and the log has 45" in answer.err) == (11, True)


def test_no_bit_or_byte_of_an_export_can_be_changed(export: Path) -> None:
    assert undetected(export, 500) == []


def test_every_signature_of_an_unknown_key_is_noticed(export: Path) -> None:
    note = note_of((export / NOTE).read_bytes()).add(Signature("siden.example", b"ffff", b"of a kind to come"))
    (export / NOTE).write_text(str(note))
    assert verify_export(export).exit_code == 12


def test_the_command_tells_with_whose_keys_it_was_checked(export: Path, tmp_path: Path) -> None:
    desk = Desk(whole(tmp_path).world)
    desk.world.clock.instant = desk.world.clock.instant.replace(day=15)
    own = desk.types("verify", str(export), database=tmp_path / "none.db")
    assert own.code == 0
    assert "Checked with the keys in the export itself" in own.out
    assert "45 events, 1 documents, 1 checkpoints, 4 proofs" in own.out
    assert "0 events after the last cosigned checkpoint are not protected yet" in own.out
    assert "10 days old" in own.out
    given = desk.types("verify", str(export), "--key", str(LOG.verifier()), "--json").json
    assert (given["ok"], given["keys_given"], given["cosigned_at"], given["uncovered"]) == (True, True, None, 45)
    bad = desk.types("verify", str(export), "--key", "hello")
    assert (bad.code, "no public key" in bad.err) == (2, True)


def test_a_broken_export_ends_with_the_code_of_its_fault(export: Path, tmp_path: Path) -> None:
    put_lines(export, lines_of(export)[:-1])
    answer = Desk(whole(tmp_path).world).types("verify", str(export))
    assert (answer.code, "is not in order" in answer.out) == (11, True)


def test_random_changes_of_the_logs_rows_in_the_database_file_are_all_detected(tmp_path: Path) -> None:
    database = database_of(tmp_path)
    assert len({change.at for change in row_changes(database, 200)}) > 100, "the rows were found"
    assert undetected_in_rows(database, 500) == []
