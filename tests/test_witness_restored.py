"""A log that was restored, at the witness: what was vouched for under an earlier name is held against it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from engine.announcing import announce_key
from engine.continuation import continue_log
from engine.entry import Entry
from engine.exporting import export
from engine.key import Kind, Signer
from engine.memory import recall
from engine.origin import Life, left
from engine.ports import Person
from engine.sealer import Sealer
from tests.archive import ORIGIN, SECOND, SEED, Archive
from tests.notary import folder_in
from tests.office import Office
from tests.world import COUNCIL

if TYPE_CHECKING:
    from pathlib import Path

    from engine.key import Verifier
    from tests.desk import Answer

THIRD = f"{ORIGIN}/3"


def key_of(origin: str) -> Verifier:
    """The public key of an archive's log under one of its names."""
    return Signer(origin, Kind.LOG, SEED).verifier()


def exported(archive: Archive, name: str) -> Path:
    """The whole record of an archive in a folder."""
    with archive.world.store.read(COUNCIL) as reader:
        export(reader, archive.folder / name)
    return archive.folder / name


def restored(archive: Archive, name: str = "restored") -> Path:
    """The backup is put in place, its log goes on under a new name, announces its key and signs; its export."""
    archive.does("restore", str(archive.folder / "backup.db"), "--replace", "--reason", "Disken er ødelagt")
    archive.does("keys announce")
    archive.seal()
    return exported(archive, name)


def cosigns(office: Office, folder: Path, origin: str, *more: str) -> Answer:
    """The witness cosigns with the key of a name; what it is told, in one line."""
    return office.cosigns(folder, "--log-key", str(key_of(origin)), *more)


def said(text: str) -> str:
    """What was said, however it was wrapped."""
    return " ".join(text.split())


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """A council with a backup, and a checkpoint over all that is in it."""
    archive = Archive(folder_in(tmp_path, "council"))
    archive.world.propose()
    archive.seal()
    archive.backed_up()
    return archive


@pytest.fixture
def office(tmp_path: Path, archive: Archive) -> Office:
    """A witness that has cosigned everything in the backup."""
    office = Office(folder_in(tmp_path, "witness"), archive.world)
    assert cosigns(office, exported(archive, "backed-up"), ORIGIN).code == 0
    return office


@pytest.fixture
def lost(archive: Archive, office: Office) -> Path:
    """Two events came after the backup, and the witness cosigned them; then the backup was restored. Its export."""
    for _ in range(2):
        archive.world.measure()
    archive.seal()
    assert office.cosigns(exported(archive, "before")).code == 0
    return restored(archive)


def test_where_nothing_that_was_vouched_for_is_lost_it_is_there_unchanged(archive: Archive, office: Office) -> None:
    archive.world.measure()
    archive.seal()  # which the witness never saw
    folder, size = restored(archive), office.seen[0]
    answer = office.cosigns(folder)
    kept = (
        f"It was restored and continues {ORIGIN}, of which you vouched for {size} events: those are in it, unchanged."
    )
    assert (answer.code, kept in answer.err) == (12, True)
    answer = cosigns(office, folder, SECOND)
    told = said(answer.out)
    assert (answer.code, f"The {size} events that you vouched for before are in it, unchanged" in told) == (0, True)
    assert f"{SECOND} was restored, and takes the place of {ORIGIN}." in told
    assert "what you remember" not in answer.out


def test_where_vouched_events_are_lost_a_person_must_say_that_they_know(office: Office, lost: Path) -> None:
    size = office.seen[0]
    answer = cosigns(office, lost, SECOND)
    assert answer.code == 11
    assert f"you vouched for {size} events: at least 2 of those are gone from it" in answer.err
    assert f"goes on from the first {size - 2}: nothing you have shows whether these are the same" in answer.err
    assert "Ask the council which copy it restored" in answer.err
    assert "cosign it with --lost-events 2" in answer.err
    assert set(recall(office.memory)) == {ORIGIN}
    assert not (lost / "cosigned").exists()


def test_without_a_key_it_is_told_beside_whose_key_to_compare(office: Office, lost: Path) -> None:
    answer = office.cosigns(lost)
    assert (answer.code, "at least 2 of those are gone from it" in answer.err) == (12, True)
    assert f"names the key {key_of(SECOND)}" in answer.err


@pytest.mark.parametrize("number", ["0", "1", "3"])
def test_another_number_than_what_is_lost_is_no_word_for_it(office: Office, lost: Path, number: str) -> None:
    assert cosigns(office, lost, SECOND, "--lost-events", number).code == 11


def test_said_so_it_is_cosigned_and_what_is_printed_claims_no_more(office: Office, lost: Path) -> None:
    size = office.seen[0]
    answer = cosigns(office, lost, SECOND, "--lost-events", "2")
    assert answer.code == 0, answer.err
    assert f"Of the {size} events that you vouched for before, at least 2 are gone from it." in said(answer.out)
    assert f"does not show whether the {size - 2} that it goes on from are the same" in said(answer.out)
    assert "own cosignature" not in said(answer.out)
    assert "unchanged" not in answer.out
    assert "what you remember" not in answer.out
    assert set(recall(office.memory)) == {ORIGIN, SECOND}


def test_what_the_witness_cosigned_and_the_council_took_in_shows_that_its_beginning_is_the_same(
    tmp_path: Path,
) -> None:
    archive = Archive(folder_in(tmp_path, "council"))
    office = Office(folder_in(tmp_path, "witness"), archive.world)
    archive.does("keys", "trust", str(office.public))
    archive.seal()
    assert cosigns(office, exported(archive, "first"), ORIGIN).code == 0
    (note,), shown = (archive.folder / "first" / "cosigned").iterdir(), office.seen[0]
    archive.does("import-cosignature", str(note))
    archive.backed_up()
    archive.world.measure()
    archive.seal()
    assert office.cosigns(exported(archive, "second")).code == 0
    folder = restored(archive)
    sure = f"your own cosignature shows that the first {shown} are the same"
    assert sure in cosigns(office, folder, SECOND).err
    answer = cosigns(office, folder, SECOND, "--lost-events", "1")
    assert f"Your own cosignature shows that the first {shown} are." in said(answer.out)


def test_once_it_is_cosigned_under_its_new_name_that_is_what_it_continues(
    archive: Archive, office: Office, lost: Path
) -> None:
    assert cosigns(office, lost, SECOND, "--lost-events", "2").code == 0
    archive.world.measure()
    archive.seal()
    answer = office.cosigns(exported(archive, "later"))
    assert (answer.code, f"{SECOND} continues what you remember:" in answer.out) == (0, True)


def test_lost_once_more_it_is_the_name_remembered_last_that_counts(
    archive: Archive, office: Office, lost: Path
) -> None:
    assert cosigns(office, lost, SECOND, "--lost-events", "2").code == 0
    size = recall(office.memory)[SECOND].checkpoint.size
    archive.world.clock.pass_days(1)
    again = restored(archive, "again")
    answer = cosigns(office, again, THIRD)
    assert (answer.code, f"takes the place of {SECOND}, of which you vouched for {size} events" in answer.err) == (
        11,
        True,
    )
    assert cosigns(office, again, THIRD, "--lost-events", "2").code == 0


def forged(folder: Path, *names: str) -> Archive:
    """Whoever has the stolen key makes the whole log anew, and lets it go on under other names one after another."""
    forger = Archive(folder)
    for _ in range(9):
        forger.world.measure(title="Noe annet")
    forger.seal()
    for name in names:
        known, entry = forger.seal(), forger.world.entry(reason="Disken er ødelagt")
        forger.world.register(lambda run, name=name, known=known, entry=entry: continue_log(run, name, known, entry))
        forger.world.register(lambda run, name=name: announce_key(run, str(key_of(name)), forger.world.entry()))
    forger.seal()
    return forger


@pytest.mark.parametrize("names", [(SECOND,), (THIRD,), (SECOND, THIRD), ("annet.example/rad",)])
def test_a_log_made_anew_with_the_stolen_key_is_refused_whatever_name_it_goes_on_under(
    office: Office, tmp_path: Path, names: tuple[str, ...]
) -> None:
    forger = forged(folder_in(tmp_path, "forger"), *names)
    folder = exported(forger, "export")
    assert forger.world.store.verify(COUNCIL).exit_code == 0  # our own check of the database sees nothing
    assert office.types("verify", str(folder), "--key", str(key_of(names[-1]))).code == 0
    seen = recall(office.memory)
    for more in ((), ("--lost-events", "1")):
        answer = cosigns(office, folder, names[-1], *more)
        assert answer.code == 10
        assert f"The log of {ORIGIN} was rewritten: its first {office.seen[0]} events" in answer.err
    assert (recall(office.memory), (folder / "cosigned").exists()) == (seen, False)


def test_the_same_is_refused_where_the_name_that_is_remembered_was_passed_over(
    archive: Archive, lost: Path, tmp_path: Path
) -> None:  # fmt: skip
    newer = Office(folder_in(tmp_path, "newer"), archive.world)  # has seen the log under its second name alone
    assert cosigns(newer, lost, SECOND).code == 0
    forger = forged(folder_in(tmp_path, "forger"), THIRD)
    answer = cosigns(newer, exported(forger, "export"), THIRD)
    assert (answer.code, f"The log of {SECOND} was rewritten" in answer.err) == (10, True)


def test_a_copy_from_before_the_log_took_the_name_that_is_remembered_is_an_old_one(
    archive: Archive, office: Office, lost: Path
) -> None:
    assert cosigns(office, lost, SECOND, "--lost-events", "2").code == 0
    answer = office.cosigns(archive.folder / "before")
    assert (answer.code, f"the log of {SECOND} as it was before it took that name" in answer.err) == (11, True)


def test_a_log_that_has_signed_nothing_under_its_new_name_does_not_set_the_memory_back(
    archive: Archive, office: Office
) -> None:
    archive.world.measure()
    archive.seal()
    archive.does("restore", str(archive.folder / "backup.db"), "--replace", "--reason", "Disken er ødelagt")
    seen = recall(office.memory)
    answer = cosigns(office, exported(archive, "unsigned"), ORIGIN)
    said_so = f"goes on as {SECOND}, and has signed nothing under that name yet" in answer.err
    assert (answer.code, said_so) == (12, True)
    assert recall(office.memory) == seen


LIVES = (Life("a", 0), Life("a/3", 10), Life("b", 20), Life("a/4", 30))


@pytest.mark.parametrize(
    ("name", "after"), [("a", 10), ("a/2", 10), ("a/3", 20), ("b", 30), ("a/4", None), ("a/5", None)]
)
def test_a_name_is_left_where_the_next_one_is_taken_or_where_it_is_passed_over(name: str, after: int | None) -> None:
    assert left(LIVES, "a", name) == after


def opened(archive: Archive, origin: str) -> Path:
    """Whoever runs the database opens a log of another name, without a word of the one that was there; its export."""
    world, council, secretary = archive.world, "other", Person("p_other", "ola", "Ola Nordmann", None)
    document = {**world.document, "origin": origin}
    world.service.open(council, document, secretary, "politiradssekretar", date(2017, 1, 1))
    entry = Entry(person=secretary.id, office="politiradssekretar")
    world.service.register(council, lambda run: announce_key(run, str(key_of(origin)), entry))
    with world.store.write(council) as tx:
        Sealer(world.service.rules, (SEED,)).seal(tx, world.clock.now())
    with world.store.read(council) as reader:
        export(reader, archive.folder / council)
    return archive.folder / council


def test_a_log_that_is_opened_under_the_next_name_has_lost_everything_that_was_vouched_for(
    archive: Archive, office: Office
) -> None:
    folder, size = opened(archive, SECOND), office.seen[0]
    answer = cosigns(office, folder, SECOND)
    assert (answer.code, f"at least {size} of those are gone from it" in answer.err) == (11, True)
    answer = cosigns(office, folder, SECOND, "--lost-events", str(size))
    assert f"Of the {size} events that you vouched for before, none is in it." in said(answer.out)


def test_a_log_of_another_name_is_told_apart_from_all_that_are_remembered(archive: Archive, office: Office) -> None:
    folder = opened(archive, "annet.example/rad")
    assert f"You remember {ORIGIN}, and it says of none that it continues it." in office.cosigns(folder).err
    answer = cosigns(office, folder, "annet.example/rad")
    assert (answer.code, f"What you remember is of other logs: {ORIGIN}." in said(answer.out)) == (0, True)
