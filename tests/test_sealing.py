"""Checkpoints: made by the clock with a key it alone can read, held against the log by whoever verifies it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from engine.announcing import announce_key, trust_witness
from engine.checkpoint import Checkpoint, attested, checkpoint_of
from engine.errors import ConfigurationError
from engine.key import Kind, Signer
from engine.merkle import root_of
from engine.note import Note, cosign, sign
from engine.round import Round
from engine.sealer import Sealer
from store.sqlite import driver
from tests.contract.raw import unguarded
from tests.desk import Desk
from tests.letterbox import Letterbox
from tests.world import COUNCIL, World

if TYPE_CHECKING:
    from pathlib import Path

SEED, NEW_SEED, WITNESS_SEED = (bytes([n]) * 32 for n in (1, 2, 3))
ORIGIN = "politirad.example/trondelag-sor"
LOG = Signer(ORIGIN, Kind.LOG, SEED)
WITNESS = Signer("vitne.politiet.example/sor", Kind.WITNESS, WITNESS_SEED)


@pytest.fixture
def box(tmp_path: Path) -> Letterbox:
    """A council whose log announces a key and a witness, and whose clock has the key."""
    box = Letterbox(tmp_path)
    box.world.register(lambda run: announce_key(run, str(LOG.verifier()), box.world.entry()))
    box.world.register(lambda run: trust_witness(run, str(WITNESS.verifier()), box.world.entry()))
    give_key(box, SEED)
    return box


def give_key(box: Letterbox, *seeds: bytes) -> None:
    """Let the clock sign with these keys."""
    sealer = Sealer(box.world.service.rules, seeds)
    box.clockwork.round = Round(box.world.service, box.stationery, lambda: sealer)


def sizes(world: World) -> list[int]:
    """Over how many events there are checkpoints."""
    with world.store.read(COUNCIL) as reader:
        return [sealed.size for sealed in reader.checkpoints()]


def size(world: World) -> int:
    """How many events the log has."""
    with world.store.read(COUNCIL) as reader:
        return reader.size()


def cosigned(world: World, at: int) -> None:
    """The witness cosigns the newest checkpoint at a time (seconds since 1970)."""
    with world.store.write(COUNCIL) as tx:
        newest = tx.newest_checkpoint()
        assert newest is not None
        tx.add_signature(newest.size, cosign(newest.note.text, WITNESS, at))


def break_in(world: World, statement: str, *values: object) -> None:
    """Change the file behind everybody's back."""
    world.store.close()
    with unguarded(world.folder / "politirad.db") as connection:
        connection.execute(statement, values)


def test_the_clock_seals_the_log_after_binding_events_and_a_step_never_does(box: Letterbox) -> None:
    case = box.world.propose()
    assert sizes(box.world) == []
    box.at("2018-10-05")
    assert sizes(box.world) == [size(box.world)]
    box.world.agree(case, "1")
    assert len(sizes(box.world)) == 1
    box.at("2018-10-05", "08:01")
    assert sizes(box.world)[1:] == [size(box.world)]


def test_what_binds_nobody_is_sealed_after_a_day(box: Letterbox) -> None:
    box.at("2018-10-05")
    box.introduce("p_ny", None)
    box.at("2018-10-05", "12:00")
    assert len(sizes(box.world)) == 1
    box.at("2018-10-06", "12:00")
    assert sizes(box.world)[1:] == [size(box.world)]


def test_nothing_new_is_not_sealed_again(box: Letterbox) -> None:
    box.world.propose()
    box.at("2018-10-05")
    before = sizes(box.world)
    for minute in range(1, 5):
        box.at("2018-10-05", f"08:0{minute}")
    box.at("2018-10-07")
    assert sizes(box.world) == before


def test_a_checkpoint_states_the_root_over_all_events_and_is_signed_by_the_log(box: Letterbox) -> None:
    box.world.in_force()
    box.at("2018-10-05")
    with box.world.store.read(COUNCIL) as reader:
        newest, leaves = reader.newest_checkpoint(), list(reader.leaves())
        by = attested(newest.note, reader.announced().all)  # type: ignore[union-attr]  # there is one
    assert newest is not None
    assert checkpoint_of(newest.note.text) == Checkpoint(ORIGIN, len(leaves), root_of(leaves))
    assert [signed.key for signed in by.log] == [LOG.verifier()]


def test_the_tree_that_grew_round_by_round_has_the_root_of_all_its_leaves(box: Letterbox) -> None:
    for day in range(5, 12):
        box.measure("2019-09-03", title=f"Tiltak {day}")
        box.at(f"2018-10-{day:02}")
    with box.world.store.read(COUNCIL) as reader:
        for sealed in reader.checkpoints():
            assert checkpoint_of(sealed.note.text).root == root_of(reader.leaves(0, sealed.size))


def test_a_key_that_the_log_does_not_announce_signs_nothing(box: Letterbox) -> None:
    give_key(box, NEW_SEED)
    assert "keys announce" in box.at("2018-10-05").line
    assert sizes(box.world) == []
    with box.world.store.write(COUNCIL) as tx, pytest.raises(ConfigurationError, match="does not announce"):
        Sealer(box.world.service.rules, (NEW_SEED,)).seal(tx, box.world.clock.now())


def test_verify_tells_how_many_events_no_witness_covers_and_since_when(box: Letterbox) -> None:
    box.at("2018-10-05")
    desk = Desk(box.world)
    assert "Nobody else has cosigned the log yet" in " ".join(desk.does("verify").split())
    cosigned(box.world, int(box.world.clock.instant.timestamp()))
    assert "0 events after the last cosigned checkpoint" in desk.does("verify")
    box.measure("2019-09-03")
    box.world.clock.pass_days(3)
    assert "the last cosignature is 3 days old" in " ".join(desk.does("verify").split())
    assert desk.types("verify --json").json["uncovered"] > 0


def test_a_rewritten_event_does_not_fit_the_checkpoint_even_where_chain_and_views_were_mended(box: Letterbox) -> None:
    box.at("2018-10-05")
    with box.world.store.read(COUNCIL) as reader:
        last = list(reader.events())[-1]
    forged = last.body.replace(last.event.at[:10], "2018-10-03")
    from engine.event import leaf_of

    break_in(box.world, "UPDATE event SET body = ?, leaf = ? WHERE pos = ?", forged, leaf_of(forged), last.position)
    answer = Desk(box.world).types("verify")
    assert answer.code == 10
    assert "are not those it was signed over" in answer.err


def test_a_log_that_was_cut_is_shorter_than_its_checkpoint(box: Letterbox) -> None:
    box.at("2018-10-05")
    break_in(box.world, "DELETE FROM event WHERE pos = (SELECT max(pos) FROM event)")
    answer = Desk(box.world).types("verify --json")
    assert answer.code == 11
    assert 11 in {fault["exit_code"] for fault in answer.json["faults"]}


def test_a_cut_that_takes_the_checkpoint_along_is_seen_by_an_anchor_from_outside_alone(
    box: Letterbox, tmp_path: Path
) -> None:
    box.at("2018-10-05")
    box.world.propose()
    box.at("2018-10-06")
    with box.world.store.read(COUNCIL) as reader:
        (tmp_path / "anchor.note").write_text(str(list(reader.checkpoints())[-1].note))
        first = next(iter(reader.checkpoints())).size
    for table, column in (("checkpoint_sig", "size"), ("checkpoint", "size"), ("event", "pos + 1")):
        break_in(box.world, f"DELETE FROM {table} WHERE {column} > ?", first)  # noqa: S608  # names of ours
    desk = Desk(box.world)
    desk.does("rebuild")
    assert desk.types("verify").code == 0, "from inside nothing can be seen"
    answer = desk.types(f"verify --against {tmp_path / 'anchor.note'}")
    assert answer.code == 11
    assert "anchor.note: it was signed over" in answer.err


def test_a_signature_that_was_changed_or_taken_away_is_seen(box: Letterbox) -> None:
    box.at("2018-10-05")
    break_in(box.world, "DELETE FROM checkpoint_sig")
    assert Desk(box.world).types("verify").code == 12


def test_a_checkpoint_of_another_log_is_no_anchor_of_this_one(box: Letterbox, tmp_path: Path) -> None:
    other = Signer("politirad.example/nord", Kind.LOG, SEED)
    text = str(Checkpoint(other.name, 1, bytes(32)))
    (tmp_path / "other.note").write_text(str(Note(text, (sign(text, other),))))
    answer = Desk(box.world).types(f"verify --against {tmp_path / 'other.note'}")
    assert (answer.code, "another log" in answer.err) == (12, True)


def test_checkpoints_are_append_only(box: Letterbox) -> None:
    box.at("2018-10-05")
    box.world.store.close()
    with closing(driver.connect(box.world.folder / "politirad.db")) as connection:
        for statement in ("UPDATE checkpoint SET made = ''", "DELETE FROM checkpoint", "DELETE FROM checkpoint_sig"):
            with pytest.raises(driver.DatabaseError, match="append-only"):
                connection.execute(statement)


def test_keys_are_made_shown_and_changed_from_the_command_line(tmp_path: Path) -> None:
    box = Letterbox(tmp_path)
    desk, file, newer = Desk(box.world), tmp_path / "log.key", tmp_path / "newer.key"
    assert "Announced in the log" in desk.does("keys", "new", "--file", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    desk.settings = replace(desk.settings, log_key=file)
    assert "the clock signs" in desk.does("keys show")
    box.set("2018-10-05")
    desk.does("tick")
    desk.does("keys", "rotate", "--file", str(newer))
    with box.world.store.read(COUNCIL) as reader:
        newest = reader.newest_checkpoint()
        assert newest is not None
        assert len(attested(newest.note, reader.announced().all).log) == 2
    desk.settings = replace(desk.settings, log_key=newer)
    box.world.propose()
    box.set("2018-10-06")
    desk.does("tick")
    assert desk.types("verify").code == 0


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("keys new --file {folder}", 2, "exists already"),
        ("keys rotate --file {folder}/new.key", 2, "log_key is missing"),
        ("keys trust nonsense", 2, "is no public key"),
        ("keys trust {log}", 2, "key of a log"),
        ("keys trust {witness}", 2, "announces this key already"),
        ("verify --against {folder}/none", 2, "cannot be read"),
    ],
)
def test_what_is_asked_wrongly_of_keys_is_told(box: Letterbox, line: str, code: int, said: str) -> None:
    if line.startswith("keys new"):
        box = Letterbox(box.world.folder / "fresh")
    typed = line.format(folder=box.world.folder, log=LOG.verifier(), witness=WITNESS.verifier())
    answer = Desk(box.world).types(*typed.split())
    assert (answer.code, said in answer.err) == (code, True), answer.err


def test_a_key_that_others_can_read_signs_nothing(tmp_path: Path) -> None:
    box = Letterbox(tmp_path)
    desk, file = Desk(box.world), tmp_path / "log.key"
    desk.does("keys", "new", "--file", str(file))
    file.chmod(0o644)
    desk.settings = replace(desk.settings, log_key=file)
    answer = desk.types("tick")
    assert answer.code == 2
    assert "chmod 600" in answer.err
