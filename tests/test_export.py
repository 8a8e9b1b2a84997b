"""Writing an export: its layout, the same bytes each time, and never a half one under a whole one's name."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from engine.errors import DocumentDiffersError, UsageError
from engine.exporting import export
from engine.merkle import inclusion_proof
from engine.proof import check, proof_of
from engine.terms import Signers
from tests.desk import Desk
from tests.notary import LOG, WITNESS, Notary, leaves_of, lines_of, whole
from tests.world import COUNCIL


@pytest.fixture
def notary(tmp_path: Path) -> Notary:
    return whole(tmp_path)


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_export_is_laid_out_as_it_says(notary: Notary) -> None:
    names = sorted(files_of(notary.export()))
    keys = [f"log-{LOG.verifier().key_id.hex()}.vkey", f"witness-{WITNESS.verifier().key_id.hex()}.vkey"]
    proofs = [f"proofs/A-1-{n}.tlog-proof" for n in (2, 3, 5, 6)]
    blobs = [name for name in names if name.startswith("blobs/")]
    assert [len(name) for name in blobs] == [len("blobs/") + 64]
    assert names == sorted(["allowed_signers", *blobs, "checkpoints/000000000045.note", "events.jsonl", *keys, *proofs])


def test_a_line_is_the_bytes_of_an_event(notary: Notary) -> None:
    with notary.world.store.read(COUNCIL) as reader:
        assert lines_of(notary.export()) == [f"{made.body}\n".encode() for made in reader.events()]


def test_the_same_record_gives_the_same_bytes(notary: Notary) -> None:
    first = files_of(notary.export())
    notary.world.clock.pass_days(30)
    assert files_of(notary.export()) == first


def test_every_act_comes_with_its_proof(notary: Notary) -> None:
    folder, keys = notary.export(), (LOG.verifier(), WITNESS.verifier())
    bodies, leaves = lines_of(folder), leaves_of(folder)
    proofs = sorted((folder / "proofs").iterdir())
    assert proofs
    for path in proofs:
        proof = proof_of(path.read_bytes())
        proven = check(bodies[proof.index].removesuffix(b"\n"), proof, keys)
        assert (proof.index, len(proven.by.witnesses)) == (proven.index, 1)
        assert proof.hashes == inclusion_proof(proof.index, len(leaves), leaves)


def test_no_name_of_a_person_is_in_an_export(notary: Notary) -> None:
    content = b"".join(files_of(notary.export()).values())
    assert b"Kari" not in content
    assert b"Nordli" not in content
    assert b"p_secretary" in content


def test_what_is_not_sealed_yet_is_exported_without_a_proof(tmp_path: Path) -> None:
    notary = Notary(tmp_path)
    assert notary.case
    names = files_of(notary.export())
    assert not [name for name in names if name.startswith(("proofs/", "checkpoints/"))]


def test_an_export_is_written_into_an_empty_folder_too(notary: Notary, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert files_of(notary.export("empty")) == files_of(notary.export())


def test_an_export_is_never_mixed_with_anything(notary: Notary, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter").write_text("mine")
    with pytest.raises(UsageError, match=r"full is not empty.*name a new folder"):
        notary.export("full")
    assert os.listdir(tmp_path / "full") == ["letter"]  # noqa: PTH208  # the names alone


@pytest.mark.parametrize(("name", "why"), [("politirad.db", "is a file"), ("no/where", "There is no folder")])
def test_where_no_folder_can_be_that_is_said(notary: Notary, name: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        notary.export(name)


def test_an_interrupted_export_leaves_nothing_under_its_name(notary: Notary, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(Signers, "file", interrupted)
    with pytest.raises(KeyboardInterrupt):
        notary.export("half")
    assert not [path for path in notary.world.folder.iterdir() if "half" in path.name]


def test_what_was_killed_midway_does_not_bear_the_name(notary: Notary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.rmtree", lambda *_, **__: None)  # as if the process were gone
    monkeypatch.setattr(Signers, "file", lambda _: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        notary.export("half")
    (left,) = [path.name for path in notary.world.folder.iterdir() if "half" in path.name]
    assert re.fullmatch(r"\.half\.[0-9a-f]{8}\.partial", left)


def test_a_document_that_is_not_what_it_was_stops_the_export(notary: Notary) -> None:
    notary.break_in("UPDATE chunk SET bytes = x'00'")
    with pytest.raises(DocumentDiffersError):
        notary.export("half")
    assert not (notary.world.folder / "half").exists()


def test_progress_is_told_to_the_end(notary: Notary, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    with notary.world.store.read(COUNCIL) as reader:
        export(reader, tmp_path / "out", lambda done, total: seen.append((done, total)))
    assert seen == [(done, len(seen)) for done in range(1, len(seen) + 1)]


def test_the_command_says_what_it_wrote_and_what_is_not_sealed(notary: Notary, tmp_path: Path) -> None:
    desk = Desk(notary.world)
    notary.world.measure()
    said = desk.does("export", str(tmp_path / "out"))
    assert "46 events, 1 documents, 1 checkpoints, 4 proofs" in said
    assert "Events without a checkpoint yet: 1." in said
    again = desk.types("export", str(tmp_path / "out"))
    assert (again.code, "is not empty" in again.err) == (2, True)


def test_one_event_is_proved_by_two_files_that_show_no_other(notary: Notary, tmp_path: Path) -> None:
    desk, out = Desk(notary.world), tmp_path / "approval.tlog-proof"
    assert "A-1 2 (approved)" in desk.does("prove", "A-1", "2", "--output", str(out))
    body = tmp_path / "approval.event.json"
    bodies = [line.removesuffix(b"\n") for line in lines_of(notary.export())]
    assert [other in out.read_bytes() + body.read_bytes() for other in bodies].count(True) == 1
    checked = ("check-proof", str(out), "--event", str(body), "--key")
    answer = desk.types(*checked, str(LOG.verifier()), database=tmp_path / "none.db")
    assert answer.code == 0
    assert "It holds: event 2 of A-1 (approved, registered 2018-10-04 12:00) stands at position 38" in answer.out
    assert "vouches for it alone" in answer.out
    both = desk.types(*checked, str(LOG.verifier()), "--key", str(WITNESS.verifier()), "--json")
    assert [one["at"] for one in both.json["signed_by"]] == [None, 1538733600]


def test_an_event_is_proved_against_a_checkpoint_that_the_witness_cosigned_if_there_is_one(notary: Notary) -> None:
    notary.world.measure()
    assert notary.seal() == 46  # newer, and nobody's but ours
    out = str(notary.world.folder / "p")
    assert "against the checkpoint over 45 events" in Desk(notary.world).does("prove", "A-1", "2", "--output", out)
    assert "against the checkpoint over 46 events" in Desk(notary.world).does("prove", "M-1", "1", "--output", out)


def test_a_proof_of_another_event_is_refused(notary: Notary, tmp_path: Path) -> None:
    desk = Desk(notary.world)
    for n in ("2", "3"):
        desk.does("prove", "A-1", n, "--output", str(tmp_path / f"{n}.tlog-proof"))
    key = ("--key", str(LOG.verifier()))
    answer = desk.types("check-proof", str(tmp_path / "2.tlog-proof"), "--event", str(tmp_path / "3.event.json"), *key)
    assert (answer.code, "does not lead from the event" in answer.err) == (10, True)
    stranger = desk.types("check-proof", str(tmp_path / "2.tlog-proof"), "--event", str(tmp_path / "2.event.json"),
                          "--key", str(WITNESS.verifier()))  # fmt: skip
    assert (stranger.code, "No known key of" in stranger.err) == (12, True)


@pytest.mark.parametrize(
    ("which", "code", "why"),
    [
        ("approve", 2, "was done 2 times in A-1: name one by its number (2, 3)"),
        ("9", 3, "has no event '9'; it has 1 to 7"),
        ("fly", 3, "has no event 'fly'"),
    ],
)
def test_an_event_is_named_by_its_number_or_by_a_step_taken_once(
    notary: Notary, which: str, code: int, why: str
) -> None:  # fmt: skip
    answer = Desk(notary.world).types("prove", "A-1", which, "--output", str(notary.world.folder / "p"))
    assert (answer.code, why in answer.err) == (code, True)
    assert "A-1 4 (adopted)" in Desk(notary.world).does(
        "prove", "A-1", "adopt", "--output", str(notary.world.folder / "p")
    )


def test_what_no_checkpoint_covers_cannot_be_proved_yet(notary: Notary) -> None:
    case = notary.world.measure()
    answer = Desk(notary.world).types("prove", case, "1", "--output", str(notary.world.folder / "p"))
    assert (answer.code, "No checkpoint covers this event yet" in answer.err) == (3, True)
