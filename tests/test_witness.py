"""The witness: at the other party, with its own key and memory, without any database. It cosigns what continues."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.announcing import trust_witness
from engine.checkpoint import attested, checkpoint_of
from engine.cosignature import cosignatures
from engine.key import Kind, Signer
from engine.memory import recall
from engine.note import Note, Signature, cosign, note_of, sign
from tests.notary import (
    AT,
    LOG,
    NEXT,
    ORIGIN,
    STRANGER,
    WITNESS,
    Notary,
    edit,
    folder_in,
    forged,
    lines_of,
    put_lines,
    rewritten,
)
from tests.office import Office
from tests.world import COUNCIL


@pytest.fixture
def notary(tmp_path: Path) -> Notary:
    notary = Notary(folder_in(tmp_path, "council"))
    notary.seal()
    return notary


@pytest.fixture
def office(tmp_path: Path, notary: Notary) -> Office:
    office = Office(folder_in(tmp_path, "witness"), notary.world)
    notary.world.register(lambda run: trust_witness(run, str(office.public), notary.world.entry()))
    assert notary.case
    notary.seal()
    return office


def cosigned_in(export: Path) -> Path:
    (path,) = (export / "cosigned").iterdir()
    return path


def test_the_key_is_for_its_owner_alone_and_its_public_half_is_printed(office: Office) -> None:
    assert office.key.stat().st_mode & 0o777 == 0o600
    assert (office.folder / "vitne.key.vkey").read_text() == f"{office.public}\n"
    again = office.types("witness", "new", "--name", WITNESS.name, "--key", str(office.key))
    assert (again.code, "never overwritten" in again.err) == (2, True)


def test_a_name_that_no_note_can_hold_makes_no_key(office: Office) -> None:
    answer = office.types("witness", "new", "--name", "a b", "--key", str(office.folder / "b.key"))
    assert (answer.code, (office.folder / "b.key").exists()) == (2, False)


def test_the_council_takes_in_what_the_witness_cosigned(office: Office, notary: Notary) -> None:
    export = notary.export()
    office.knows(export)
    file = cosigned_in(export)
    taken = office.desk.does("import-cosignature", str(file))
    assert f"{WITNESS.name} has cosigned 46 events" in taken
    with notary.world.store.read(COUNCIL) as reader:
        newest = reader.newest_checkpoint()
        assert newest is not None
        (witness,) = attested(newest.note, reader.announced().all).witnesses
    assert (witness.key, witness.at) == (office.public, int(notary.world.clock.now().timestamp()))
    assert "0 events after the last cosigned checkpoint" in office.desk.does("verify", str(notary.export()))


def test_taking_it_in_again_changes_nothing(office: Office, notary: Notary) -> None:
    export = notary.export()
    office.knows(export)
    file = str(cosigned_in(export))
    assert "Nothing was written" in office.desk.does("import-cosignature", file, "--dry-run")
    assert "Taken in" in office.desk.does("import-cosignature", file)
    assert "Known already" in office.desk.does("import-cosignature", file)
    with notary.world.store.read(COUNCIL) as reader:
        newest = reader.newest_checkpoint()
        assert newest is not None
        assert len(newest.note.signatures) == 2


def test_the_first_time_the_key_must_come_from_elsewhere(office: Office, notary: Notary) -> None:
    export = notary.export()
    answer = office.cosigns(export)
    assert answer.code == 12
    assert f"names the key {LOG.verifier()} Compare it with the annex" in answer.err
    assert not (export / "cosigned").exists()
    assert not office.memory.exists()


def test_the_first_time_with_another_key_is_refused(office: Office, notary: Notary) -> None:
    answer = office.cosigns(notary.export(), "--log-key", str(STRANGER.verifier()))
    assert (answer.code, office.memory.exists()) == (12, False)


def test_a_log_that_goes_on_is_cosigned_again(office: Office, notary: Notary) -> None:
    office.knows(notary.export())
    before = office.seen
    notary.world.measure()
    notary.seal()
    answer = office.cosigns(notary.export())
    assert (answer.code, before[0], office.seen[0]) == (0, 46, 47)
    assert f"{ORIGIN} continues what you remember: 47 events" in answer.out


def test_the_same_log_may_be_cosigned_again(office: Office, notary: Notary) -> None:
    office.knows(notary.export())
    assert office.cosigns(notary.export()).code == 0


def test_events_without_a_checkpoint_are_not_vouched_for(office: Office, notary: Notary) -> None:
    notary.world.measure()
    answer = office.cosigns(notary.export(), "--log-key", str(LOG.verifier()))
    assert "because no checkpoint covers them yet: 1" in answer.out
    assert office.seen[0] == 46


def test_a_whole_log_made_anew_with_the_stolen_key_passes_our_own_checks_and_the_witness_refuses_it(
    office: Office, notary: Notary, tmp_path: Path
) -> None:
    office.knows(notary.export())
    forger = rewritten(folder_in(tmp_path, "forger"))
    for _ in range(2):
        forger.world.measure()
    forger.seal()
    forged = forger.export()
    assert forger.world.store.verify(COUNCIL).exit_code == 0  # our own check of the database sees nothing
    assert office.types("verify", str(forged), "--key", str(LOG.verifier())).code == 0  # nor does one of the export
    seen, answer = office.seen, office.cosigns(forged)
    assert (answer.code, office.seen) == (10, seen)
    assert f"The log of {ORIGIN} was rewritten: its first 46 events are not those you vouched for" in answer.err
    assert not (forged / "cosigned").exists()


def test_a_log_that_signed_two_pasts_of_one_length_was_forked(office: Office, notary: Notary, tmp_path: Path) -> None:
    office.knows(notary.export())
    forger = rewritten(folder_in(tmp_path, "forger"))
    while forger.seal() < 46:
        forger.world.measure()
    answer = office.cosigns(forger.export())
    assert answer.code == 10
    assert "was forked: its first 46 events are not those you vouched for, and it has signed both" in answer.err


def test_an_old_copy_is_a_shortened_log(office: Office, notary: Notary) -> None:
    old = notary.export()
    notary.world.measure()
    notary.seal()
    office.knows(notary.export())
    answer = office.cosigns(old)
    assert (answer.code, office.seen[0]) == (11, 47)
    assert "was shortened: you vouched for 47 events, this export has 46" in answer.err


def test_a_log_whose_newest_checkpoints_are_gone_is_shortened_too(office: Office, notary: Notary) -> None:
    export = notary.export()
    office.knows(export)
    (export / "checkpoints" / "000000000046.note").unlink()
    shutil.rmtree(export / "proofs")
    answer = office.cosigns(export)
    assert (answer.code, "its newest checkpoint covers 36" in answer.err) == (11, True)


def test_an_export_that_is_not_in_order_is_not_cosigned(office: Office, notary: Notary) -> None:
    export = notary.export()
    (blob,) = (export / "blobs").iterdir()
    blob.write_text("Noe annet")
    answer = office.cosigns(export, "--log-key", str(LOG.verifier()))
    assert (answer.code, "Not cosigned. The export is not in order: blobs/" in answer.err) == (14, True)
    edit(export / "events.jsonl", b"Avtale om", b"Avtale av")
    assert office.cosigns(export, "--log-key", str(LOG.verifier())).code == 10


def test_a_changed_key_is_followed_where_the_old_one_signed_with_it(office: Office, notary: Notary) -> None:
    office.knows(notary.export())
    notary.announce(NEXT.verifier())
    notary.seal(LOG, NEXT)
    notary.world.measure()
    notary.seal(NEXT)
    answer = office.cosigns(notary.export())
    assert (answer.code, "signs with another key than last time" in answer.out) == (0, True)
    assert recall(office.memory)[ORIGIN].keys == (NEXT.verifier(),)


def test_a_new_key_that_the_old_one_never_signed_with_needs_a_word_from_a_person(
    office: Office, notary: Notary
) -> None:  # fmt: skip
    office.knows(notary.export())
    notary.announce(NEXT.verifier())
    notary.seal(NEXT)
    export = notary.export()
    assert office.cosigns(export).code == 12
    assert office.cosigns(export, "--log-key", str(NEXT.verifier())).code == 0


def test_a_replaced_key_that_signs_alone_is_refused_though_it_was_once_remembered(
    office: Office, notary: Notary
) -> None:  # fmt: skip
    office.knows(notary.export())
    notary.announce(NEXT.verifier())
    notary.seal(LOG, NEXT)
    assert office.cosigns(notary.export()).code == 0
    assert recall(office.memory)[ORIGIN].keys == (NEXT.verifier(),)
    notary.world.measure()
    forged(notary.world, LOG)
    seen, answer = office.seen, office.cosigns(notary.export())
    assert (answer.code, office.seen) == (12, seen)
    assert "the key it is signed with was replaced at event 46" in answer.err
    assert office.cosigns(notary.export(), "--log-key", str(LOG.verifier())).code == 12


def test_a_log_that_is_seen_for_the_first_time_continues_nothing(office: Office, notary: Notary) -> None:
    answer = office.cosigns(notary.export(), "--log-key", str(LOG.verifier()))
    assert f"You see {ORIGIN} for the first time" in answer.out
    assert f"You vouch for 46 events of {ORIGIN}" in answer.out
    assert "continues" not in answer.out


def test_a_memory_whose_note_is_of_another_log_is_not_believed(office: Office, notary: Notary) -> None:
    office.knows(notary.export())
    changed = office.memory.read_text().replace(f'"{ORIGIN}":', '"annet.example/rad":')
    office.memory.write_text(changed)
    assert office.cosigns(notary.export()).code == 2
    assert office.memory.read_text() == changed


@pytest.mark.parametrize(
    "content",
    ["", "{}", "[]", "hello", '{"logs": {"a": {"note": "x", "keys": []}}}', '{"logs": {}, "more": 1}', "\xff"],
)
def test_a_memory_that_cannot_be_read_cosigns_nothing_and_is_left_as_it_is(
    office: Office, notary: Notary, content: str
) -> None:  # fmt: skip
    office.memory.write_text(content, encoding="latin-1")
    answer = office.cosigns(notary.export(), "--log-key", str(LOG.verifier()))
    assert (answer.code, "is not the memory of a witness" in answer.err) == (2, True)
    assert office.memory.read_text(encoding="latin-1") == content


def test_what_is_remembered_is_on_the_disk_before_anything_is_cosigned(office: Office, notary: Notary) -> None:
    export = notary.export()
    (export / "cosigned").write_text("in the way")
    answer = office.cosigns(export, "--log-key", str(LOG.verifier()))
    assert (answer.code, office.seen[0]) == (2, 46)
    assert "Name another file with --output" in answer.err
    assert office.cosigns(export, "--output", str(office.folder / "out.note")).code == 0
    assert checkpoint_of(note_of((office.folder / "out.note").read_bytes()).text).size == 46


def test_a_memory_that_cannot_be_written_cosigns_nothing(office: Office, notary: Notary) -> None:
    export = notary.export()
    (office.folder / "minne.json.new").mkdir()
    answer = office.cosigns(export, "--log-key", str(LOG.verifier()))
    assert (answer.code, (export / "cosigned").exists()) == (5, False)


def test_a_rehearsal_writes_nothing(office: Office, notary: Notary) -> None:
    export = notary.export()
    answer = office.cosigns(export, "--log-key", str(LOG.verifier()), "--dry-run")
    assert (answer.code, "Nothing was written" in answer.out) == (0, True)
    assert not office.memory.exists()
    assert not (export / "cosigned").exists()


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda o: o.key.chmod(0o644), "and `politirad witness new` if somebody may have read it"),
        (lambda o: o.key.unlink(), "cannot be read"),
        (lambda o: (o.folder / "vitne.key.vkey").unlink(), "holds your name and public key"),
        (lambda o: (o.folder / "vitne.key.vkey").write_text(f"{WITNESS.verifier()}\n"), "not the public half"),
    ],
    ids=["open to others", "missing", "without its public half", "with another's"],
)
def test_a_key_that_is_not_in_order_cosigns_nothing(office: Office, notary: Notary, spoil: object, why: str) -> None:
    assert callable(spoil)
    spoil(office)
    answer = office.cosigns(notary.export(), "--log-key", str(LOG.verifier()))
    assert (answer.code, why in answer.err) == (2, True)


def test_the_key_of_a_witness_is_not_one_of_a_log(office: Office, notary: Notary) -> None:
    answer = office.cosigns(notary.export(), "--log-key", str(WITNESS.verifier()))
    assert (answer.code, "names the key of a witness" in answer.err) == (2, True)


def note_at(notary: Notary, size: int = 46) -> Note:
    """The checkpoint of a size as the council has it."""
    with notary.world.store.read(COUNCIL) as reader:
        return next(sealed.note for sealed in reader.checkpoints() if sealed.size == size)


def test_what_was_cosigned_under_an_earlier_name_of_the_log_is_taken_in(office: Office, notary: Notary) -> None:
    office.knows(notary.export())
    note = note_of(cosigned_in(notary.world.folder / "export-1").read_bytes())
    with notary.world.store.read(COUNCIL) as reader:
        assert len(cosignatures(reader, f"{ORIGIN}/2", note).new) == 1


def test_a_cosignature_of_another_log_is_not_taken_in(office: Office, notary: Notary) -> None:
    text = note_at(notary).text.replace(ORIGIN, "annet.example/rad")
    file = office.desk.file("other.note", str(Note(text, (cosign(text, WITNESS, AT),))))
    answer = office.desk.types("import-cosignature", file)
    assert (answer.code, f"and this log is {ORIGIN}" in answer.err) == (12, True)


def test_a_cosignature_over_another_past_is_not_taken_in_and_is_an_alarm(
    office: Office, tmp_path: Path
) -> None:  # fmt: skip
    forger = rewritten(folder_in(tmp_path, "forger"))
    while forger.seal() < 46:
        forger.world.measure()
    text = note_at(forger).text
    file = office.desk.file("forked.note", str(Note(text, (cosign(text, WITNESS, AT),))))
    answer = office.desk.types("import-cosignature", file)
    assert (answer.code, "was forked or rewritten" in answer.err) == (10, True)


def test_a_cosignature_over_more_than_we_have_tells_that_we_were_restored(office: Office, notary: Notary) -> None:
    text = note_at(notary).text.replace("\n46\n", "\n99\n")
    file = office.desk.file("later.note", str(Note(text, (cosign(text, WITNESS, AT),))))
    answer = office.desk.types("import-cosignature", file)
    assert (answer.code, "the witness has seen more than it holds" in answer.err) == (3, True)


def test_only_witnesses_that_are_trusted_count_and_forgeries_never(office: Office, notary: Notary) -> None:
    note = note_at(notary)
    for line, why in (
        (sign(note.text, STRANGER), "No witness that this log trusts"),
        (Signature(WITNESS.name, WITNESS.verifier().key_id, bytes(72)), "does not fit the text"),
    ):
        answer = office.desk.types("import-cosignature", office.desk.file("x.note", str(Note(note.text, (line,)))))
        assert (answer.code, why in answer.err) == (12, True)


def test_a_signature_that_is_not_taken_in_is_told_of_beside_one_that_is(office: Office, notary: Notary) -> None:
    note, other = note_at(notary), Signer("vitne.example/nord", Kind.WITNESS, bytes([9]) * 32)
    both = Note(note.text, (*note.signatures, cosign(note.text, WITNESS, AT), cosign(note.text, other, AT)))
    said = office.desk.does("import-cosignature", office.desk.file("x.note", str(both)))
    assert f"Taken in: {WITNESS.name} has cosigned" in said
    assert f"Not taken in is the signature of {other.name}, a key that this log does not know" in " ".join(said.split())
    assert LOG.name not in said


@pytest.mark.parametrize(
    ("content", "code"), [(b"", 12), (b"hello", 12), (b"\xff\n\n\xff", 12), (b"x" * 2_000_000, 12)]
)
def test_a_file_that_is_no_note_is_not_taken_in(office: Office, content: bytes, code: int) -> None:
    answer = office.desk.types("import-cosignature", office.desk.file("x.note", content))
    assert (answer.code, answer.err.count("\n")) == (code, 1)


def test_a_file_that_is_not_there_is_named(office: Office) -> None:
    answer = office.desk.types("import-cosignature", "none.note")
    assert (answer.code, "none.note cannot be read" in answer.err) == (2, True)


def test_an_empty_export_is_not_cosigned(office: Office, tmp_path: Path) -> None:
    answer = office.cosigns(folder_in(tmp_path, "empty"), "--log-key", str(LOG.verifier()))
    assert (answer.code, "events.jsonl: is missing" in answer.err) == (10, True)
    assert office.cosigns(tmp_path / "none").code == 3


def test_a_cut_after_what_was_vouched_for_is_seen_by_nobody_but_the_checkpoint(office: Office, notary: Notary) -> None:
    """What no checkpoint covers can be cut without a trace: this is why their number is always told."""
    notary.world.measure()
    export = notary.export()
    put_lines(export, lines_of(export)[:-1])
    assert office.cosigns(export, "--log-key", str(LOG.verifier())).code == 0
