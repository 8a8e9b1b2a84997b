"""How the shipped story ends: cosigned by the other party, and in an export that a stranger's tools find in order."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.asking import stranger
from tests.demo import FOLDER, run, tell
from tests.test_stranger import PROGRAMS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.demo import Told

COSIGNED = "0 events after the last cosigned checkpoint are not protected yet"
needs_programs = pytest.mark.skipif(
    not all(map(shutil.which, PROGRAMS)), reason=f"needs {', '.join(PROGRAMS)} of a Linux system"
)


def one_line(text: str) -> str:
    """A text as it reads, wherever it was wrapped."""
    return " ".join(text.split())


@needs_programs
def test_a_stranger_finds_the_demos_export_in_order_with_tools_that_are_not_ours(told: Told) -> None:
    size, documents = len(told.events()), len(list((told.home / FOLDER / "export" / "blobs").iterdir()))
    in_order = (
        f"{size} events, 1 checkpoints with 2 signatures, {documents} documents and 1 signed acts are in order.\n"
    )
    assert stranger(told.home / FOLDER / "export") == (0, in_order)
    assert documents


@needs_programs
def test_a_stranger_sees_a_vote_that_was_changed_in_the_demos_export(told_amend_first: Told, tmp_path: Path) -> None:
    export = shutil.copytree(told_amend_first.home / FOLDER / "export", tmp_path / "export")
    events = (export / "events.jsonl").read_bytes()
    assert events.count(b'"votes":[3,1,0]') == 1
    (export / "events.jsonl").write_bytes(events.replace(b'"votes":[3,1,0]', b'"votes":[4,0,0]'))
    code, said = stranger(export)
    assert (code, "NOT in order" in said) == (1, True)


@needs_programs
def test_a_stranger_sees_that_another_key_than_the_exports_signed(told: Told, tmp_path: Path) -> None:
    export = shutil.copytree(told.home / FOLDER / "export", tmp_path / "export")
    signers = (export / "allowed_signers").read_text()
    assert signers.count("ssh-ed25519") == 1
    (export / "allowed_signers").write_text(re.sub(r"(AAAAC3NzaC1lZDI1NTE5AAAAI)\w", r"\1A", signers))
    code, said = stranger(export)
    assert (code, re.findall(r"the signature of \S+ \d+ does not hold", said) != []) == (1, True), said


def test_without_ssh_keygen_the_story_is_told_and_says_that_nothing_is_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nothing").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    told = tell(tmp_path)
    assert "No `ssh-keygen` of OpenSSH 8.9 or newer works here" in told.transcript
    assert not [event for event in told.events() if "signature" in event["data"]]
    assert run(told.home / FOLDER, "verify", "export").returncode == 0


def test_the_demos_export_is_cosigned_by_the_other_party(told: Told) -> None:
    answer = run(told.home / FOLDER, "verify", "export", "--json")
    report = json.loads(answer.stdout)
    assert (answer.returncode, report["ok"], report["uncovered"]) == (0, True, 0)
    assert report["size"] == report["events"] == len(told.events())
    assert report["cosigned_at"] is not None
    assert [key.split("+")[0] for key in report["keys"]] == [
        "politirad.example/trondelag-sor", "vitne.politiet.example/sor",
    ]  # fmt: skip
    assert COSIGNED in one_line(run(told.home / FOLDER, "verify", "export").stdout)


def test_the_demos_log_holds_the_cosigned_checkpoint_and_nothing_after_it(told: Told) -> None:
    report = json.loads(run(told.home / FOLDER, "verify", "--json").stdout)
    assert (report["ok"], report["uncovered"]) == (True, 0)
    assert report["cosigned_at"] is not None


MEANING = {
    "en": (
        "At last the other party vouches for the log.",
        "Cosigned. Send this file back: cosigned.note",
        "Taken in: vitne.politiet.example/sor has cosigned 122 events.",
        "What does it mean? From now on neither party can rewrite what stands there without the other seeing it.",
        "122 events and 5 documents are in order: bytes, chains, views, documents.",
        COSIGNED,
        "Anybody can check that folder with openssl, sha256sum and ssh-keygen, without this program and without the",
        "Written to export: 122 events, 5 documents, 1 checkpoints, 5 proofs.",
        "Try it yourself:",
    ),
    "nb": (
        "Til slutt: den andre parten går god for loggen.",
        "Hva betyr det? Fra nå av kan ingen av partene skrive om det som står, uten at den andre ser det.",
        "0 hendelser etter det siste medsignerte",
        "Loggen skrives ut en gang til, nå med medsignaturen.",
        "Prøv selv:",
    ),
}


@pytest.mark.parametrize("language", MEANING)
def test_it_ends_with_a_cosigned_checkpoint_and_says_what_that_means(language: str, tmp_path: Path) -> None:
    said = one_line(tell(tmp_path, "--language", language).transcript)
    places = [said.find(words) for words in MEANING[language]]
    assert -1 not in places, [words for words in MEANING[language] if words not in said]
    assert places == sorted(places)
