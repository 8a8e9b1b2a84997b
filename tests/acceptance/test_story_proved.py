"""How the shipped story ends: cosigned by the other party, and in an export that a stranger's tools find in order."""

from __future__ import annotations

import json
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
        f"{size} events, 1 checkpoints with 2 signatures, {documents} documents and 0 signed acts are in order.\n"
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
        "Taken in: vitne.politiet.example/sor has cosigned 121 events.",
        "What does it mean? From now on neither party can rewrite what stands there without the other seeing it.",
        "121 events and 5 documents are in order: bytes, chains, views, documents.",
        COSIGNED,
        "Written out once more, now with the cosignature. Anybody can check that folder with openssl and sha256sum,",
        "Written to export: 121 events, 5 documents, 1 checkpoints, 5 proofs.",
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
