"""A restore: what is whole and not behind is put in place; what is behind goes on under a name that says so."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.checkpoint import Checkpoint, checkpoint_of
from engine.errors import StoreUnavailableError
from engine.key import Kind, Signer, base64_of
from engine.merkle import root_of
from engine.note import Note, sign
from engine.origin import continued_as, names_in
from tests.archive import KEEPING, ORIGIN, SECOND, SEED, Archive, continued, gone_on, kept, restore
from tests.world import COUNCIL, SECRETARY, World


def test_a_backup_that_is_not_behind_is_put_in_place_as_it_is(archive: Archive) -> None:
    before = [r.body for r in archive.events()]
    said = restore(archive)
    assert said.code == 0, said.err
    assert [r.body for r in archive.events()] == before
    assert archive.origin() == ORIGIN
    assert archive.types("verify").code == 0


def test_what_was_there_is_kept_under_a_name_with_the_time(archive: Archive) -> None:
    archive.world.measure()
    before = len(archive.events())
    said = restore(archive)
    assert KEEPING in said.out
    assert "1 events more" in said.out
    assert len(archive.events(archive.folder / KEEPING)) == before
    assert len(archive.events()) == before - 1


def test_a_backup_is_restored_where_there_is_nothing(archive: Archive) -> None:
    anchor = archive.note()
    archive.world.store.close()
    archive.database.unlink()
    said = archive.types("restore", str(archive.folder / "backup.db"), "--against", anchor)
    assert said.code == 0, said.err
    assert archive.types("verify").code == 0
    assert archive.database.stat().st_mode & 0o777 == 0o600


def test_that_nothing_was_compared_is_said(archive: Archive) -> None:
    archive.world.store.close()
    archive.database.unlink()
    assert "held against no checkpoint" in archive.does("restore", str(archive.folder / "backup.db"))


def test_a_rehearsal_changes_nothing(archive: Archive) -> None:
    gone_on(archive)
    before = [r.body for r in archive.events()]
    said = restore(archive, "--dry-run", "--reason", "Øvelse")
    assert (said.code, SECOND in said.out) == (0, True)
    assert [r.body for r in archive.events()] == before
    assert kept(archive.folder, ["backup.db.trondelag_sor.note"]) == set()


def test_a_backup_behind_a_checkpoint_of_the_database_is_refused_without_a_reason(archive: Archive) -> None:
    known = gone_on(archive)
    before = [r.body for r in archive.events()]
    said = restore(archive)
    assert said.code == 11
    assert f"a checkpoint over {known.size} of {ORIGIN} is known" in said.err
    assert "--reason" in said.err
    assert [r.body for r in archive.events()] == before
    assert kept(archive.folder, ["backup.db.trondelag_sor.note"]) == set()


def test_a_rolled_back_copy_is_seen_by_an_anchor_from_outside_alone(archive: Archive) -> None:
    gone_on(archive)
    anchor = archive.note()
    archive.world.store.close()
    archive.database.unlink()
    backup = str(archive.folder / "backup.db")
    assert archive.types("restore", backup, "--against", anchor).code == 11
    assert archive.types("restore", backup).code == 0, "without the anchor nobody can tell"


def test_with_a_reason_the_log_goes_on_under_a_new_name_and_its_first_event_says_so(archive: Archive) -> None:
    known = gone_on(archive)
    old = archive.events(archive.folder / "backup.db")
    said = continued(archive)
    assert f"goes on as {SECOND}" in " ".join(said.split())
    assert "keys announce" in said
    events = archive.events()
    assert [r.body for r in events[: len(old)]] == [r.body for r in old]
    first = events[len(old)]
    leaves = [bytes.fromhex(r.leaf) for r in old]
    told = continued_as(first.event)
    assert told is not None
    assert told.origin == SECOND
    assert told.left == Checkpoint(ORIGIN, len(old), root_of(leaves))
    assert first.event.data["continues"]["known"] == {  # type: ignore[index, call-overload]  # it is there
        "origin": ORIGIN, "size": known.size, "root": base64_of(known.root)
    }  # fmt: skip
    assert first.event.actor.person == SECRETARY
    assert archive.origin() == SECOND
    assert "Disken er ødelagt" in archive.does("log C")


def test_the_reason_is_erasable_and_not_in_the_log(archive: Archive) -> None:
    gone_on(archive)
    continued(archive)
    assert not any("ødelagt" in r.body for r in archive.events())


def test_a_restored_log_verifies_is_rebuilt_and_has_a_past(archive: Archive) -> None:
    gone_on(archive)
    continued(archive)
    assert archive.types("verify").code == 0
    archive.does("rebuild")
    assert archive.origin() == SECOND
    assert archive.types("verify").code == 0
    archive.world.clock.pass_days(2)
    archive.world.measure()
    with archive.world.store.as_of(COUNCIL, date(2018, 10, 4)) as past:
        assert past.council().origin == SECOND


def test_checkpoints_of_both_names_hold_and_the_new_ones_need_a_key_announced_for_the_new_name(
    archive: Archive,
) -> None:
    gone_on(archive)
    continued(archive)
    assert "keys announce" in archive.types("tick").err
    archive.does("keys announce")
    archive.world.measure()
    sealed = archive.seal()
    assert sealed.origin == SECOND
    with archive.world.store.read(COUNCIL) as reader:
        assert {checkpoint_of(one.note.text).origin for one in reader.checkpoints()} == {ORIGIN, SECOND}
    answer = archive.types("verify --json")
    assert (answer.code, answer.json["checkpoints"]) == (0, 2)


def test_what_was_signed_over_the_lost_part_does_not_fit_the_log_any_more(archive: Archive) -> None:
    gone_on(archive)
    anchor = archive.note()
    continued(archive)
    answer = archive.types("verify", "--against", anchor)
    assert answer.code == 11
    assert f"the log goes on as {SECOND}" in answer.err


def test_the_log_cannot_go_on_under_the_old_name(archive: Archive) -> None:
    gone_on(archive)
    continued(archive)
    for _ in range(3):
        archive.world.measure()
    size = len(archive.events())
    with archive.world.store.read(COUNCIL) as reader:
        text = str(Checkpoint(ORIGIN, size, root_of(reader.leaves())))
    forked = archive.desk.file("forked.note", str(Note(text, (sign(text, Signer(ORIGIN, Kind.LOG, SEED)),))))
    assert archive.types("verify", "--against", forked).code == 11


def test_a_log_that_claims_to_continue_another_past_is_not_believed(archive: Archive) -> None:
    gone_on(archive)
    continued(archive)
    changed = next(r for r in archive.events() if continued_as(r.event))
    body = changed.body.replace(f'"size":{changed.position}', f'"size":{changed.position - 1}')
    from engine.event import leaf_of

    leaf = leaf_of(body).hex()
    rewrite = f"UPDATE event SET body = '{body}', leaf = x'{leaf}' WHERE pos = {changed.position}"  # noqa: S608  # ours
    archive.harm(archive.database, rewrite)
    answer = archive.types("verify")
    assert (answer.code, "continues another log" in answer.err) == (10, True)


def test_a_log_restored_twice_takes_a_third_name_even_from_the_first_backup(archive: Archive) -> None:
    gone_on(archive)
    continued(archive)
    archive.does("keys announce")
    archive.seal()
    anchor = archive.note()
    archive.world.clock.pass_days(1)
    archive.world.store.close()
    archive.database.unlink()
    refused = archive.types("restore", str(archive.folder / "backup.db"), "--against", anchor)
    assert refused.code == 11
    assert f"of {SECOND} is known" in refused.err
    archive.does("restore", str(archive.folder / "backup.db"), "--against", anchor, "--reason", "Igjen")
    assert archive.origin() == f"{ORIGIN}/3"
    assert names_in((r.event for r in archive.events()), "") == (ORIGIN, f"{ORIGIN}/3")


def test_a_backup_made_under_the_new_name_is_held_against_what_was_signed_under_it(archive: Archive) -> None:
    gone_on(archive)
    old = archive.note("old.note")
    continued(archive)
    archive.does("keys announce")
    archive.seal()
    archive.does("backup", str(archive.folder / "backup.db"), "--replace")
    archive.world.clock.pass_days(1)
    assert restore(archive, "--against", old).code == 0, "its loss stands in the log already"
    archive.world.clock.pass_days(1)
    gone_on(archive)
    assert restore(archive).code == 11


def test_whoever_opened_the_database_before_it_was_replaced_writes_nothing_into_the_file_put_aside(
    tmp_path: Path,
) -> None:
    world = World(tmp_path, journal="DELETE")
    world.propose()
    place, aside, copy = (tmp_path / name for name in ("politirad.db", "aside.db", "copy.db"))
    world.store.back_up(copy)
    place.rename(aside)
    copy.rename(place)
    before = aside.read_bytes()
    with pytest.raises(StoreUnavailableError, match="was replaced by another file meanwhile; nothing was written"):
        world.measure()
    assert aside.read_bytes() == before
    world.reopen(place, "DELETE")
    assert world.measure() == "M-1"
