"""A restore forgets again: whoever was erased or blocked after the backup was made stays so, down to the bytes."""

from __future__ import annotations

from pathlib import Path

from engine.erasure import block, erase
from engine.ports import Person
from engine.registration import add_person
from tests.archive import KEEPING, Archive, continued, restore
from tests.world import COUNCIL


def introduced(archive: Archive) -> Person:
    """Somebody without an office, known when the backup is made."""
    person = Person("p_gjest", "gjest", "Gunnvor Gjestestad", "gunnvor@example.no")
    archive.world.register(lambda run: add_person(run, person, archive.world.entry()))
    archive.does("backup", str(archive.folder / "backup.db"), "--replace")
    assert b"Gjestestad" in (archive.folder / "backup.db").read_bytes()
    return person


def test_whoever_was_erased_after_the_backup_is_erased_again_down_to_the_bytes(archive: Archive) -> None:
    person = introduced(archive)
    name = "INSERT INTO slack SELECT printf('Gunnvor Gjestestad %3000d', pos) FROM event"
    archive.harm(archive.folder / "backup.db", "CREATE TABLE slack (x)", name, "DROP TABLE slack")  # on free pages
    archive.world.register(lambda run: erase(run, person, (), archive.world.entry()))
    said = restore(archive)
    assert said.code == 0, said.err
    assert "erased or blocked again" in said.out
    assert "p_gjest" in said.out
    archive.world.store.close()
    for path in archive.folder.glob("politirad.db*"):
        if path.name != KEEPING:
            assert b"Gjestestad" not in path.read_bytes()
    assert archive.types("verify").code == 0
    assert archive.events()[-1].event.type == "council.person_erased"


def test_an_erasure_is_recorded_again_after_the_event_that_renames_the_log(archive: Archive) -> None:
    person = introduced(archive)
    archive.world.register(lambda run: erase(run, person, (), archive.world.entry()))
    archive.seal()
    continued(archive)
    assert [r.event.type for r in archive.events()][-2:] == ["council.continued", "council.person_erased"]
    archive.world.clock.pass_days(1)
    gone_on_twice = restore(archive, "--reason", "Igjen")
    assert "p_gjest" in gone_on_twice.out, "the same old backup forgets again"


def test_whoever_was_blocked_after_the_backup_is_blocked_again(archive: Archive) -> None:
    person = introduced(archive)
    archive.world.register(lambda run: block(run, person, archive.world.entry()))
    assert "p_gjest" in restore(archive).out
    with archive.world.store.read(COUNCIL) as reader:
        assert reader.person("p_gjest").blocked


def test_a_remark_that_was_erased_is_erased_again(archive: Archive) -> None:
    from engine.erasure import traces_of

    person = introduced(archive)
    case = archive.world.measure()
    archive.world.take("measure", "drop", case, reason="Gunnvor Gjestestad vil ikke")
    archive.does("backup", str(archive.folder / "backup.db"), "--replace")
    with archive.world.store.read(COUNCIL) as reader:
        naming = traces_of(reader, person).naming
    assert naming
    archive.world.register(lambda run: erase(run, person, naming, archive.world.entry()))
    restore(archive)
    with archive.world.store.read(COUNCIL) as reader:
        assert reader.remarks(said.commitment for said in naming) == {}


def lost_with_its_erasures(archive: Archive) -> Path:
    """Somebody is erased after the backup, an export is made, and then the database is gone; the export."""
    person = introduced(archive)
    archive.world.register(lambda run: erase(run, person, (), archive.world.entry()))
    archive.seal()
    export = archive.folder / "export"
    archive.does("export", str(export))
    archive.world.store.close()
    for path in archive.folder.glob("politirad.db*"):
        path.unlink()
    return export


def test_where_the_database_is_gone_an_export_knows_what_was_erased(archive: Archive) -> None:
    export = lost_with_its_erasures(archive)
    said = restore(archive, "--export", str(export), "--reason", "Disken er ødelagt")
    assert said.code == 0, said.err
    assert "p_gjest" in said.out
    assert b"Gjestestad" not in (archive.folder / "politirad.db").read_bytes()
    assert [r.event.type for r in archive.events()][-2:] == ["council.continued", "council.person_erased"]


def test_an_export_made_after_the_backup_shows_that_it_is_behind(archive: Archive) -> None:
    export = lost_with_its_erasures(archive)
    said = restore(archive, "--export", str(export))
    assert said.code == 11
    assert "say why with --reason" in said.err


def test_where_nobody_knows_what_was_erased_it_is_said(archive: Archive) -> None:
    lost_with_its_erasures(archive)
    said = restore(archive)
    assert said.code == 0, said.err
    assert "is not known here. Give a newer export with --export" in " ".join(said.out.split())


def test_an_export_that_is_not_in_order_is_believed_nothing(archive: Archive) -> None:
    export = lost_with_its_erasures(archive)
    events = export / "events.jsonl"
    events.write_bytes(events.read_bytes().replace(b"p_gjest", b"p_roros"))
    said = restore(archive, "--export", str(export), "--reason", "Disken er ødelagt")
    assert said.code == 10
    assert "Give another export, or go on without one." in said.err
    assert not (archive.folder / "politirad.db").exists()
