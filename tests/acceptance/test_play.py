"""`politirad play`, as it is installed: a file of commands runs like typed ones, stops where one fails, and resumes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

INSTALLED = Path(sys.executable).with_name("politirad")
PROPOSE = 'measure propose --on 2019-05-01 --title "Natteravner"\n'


class Desk:
    """A folder with a council in it, and the installed command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the folder."""
        env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "POLITIRAD_LANGUAGE": "en"}
        command = [str(INSTALLED), *words]
        return subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, check=False)

    def play(self, text: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Play a text, from a file in a folder of its own."""
        (self.folder / "import").mkdir(exist_ok=True)
        (self.folder / "import" / "old.play").write_text(text, encoding="utf-8")
        return self.run("play", "import/old.play", *options)

    def titles(self) -> list[str]:
        """The titles of the measures there are."""
        return [case["title"] for case in json.loads(self.run("list", "--workflow", "measure", "--json").stdout)]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the shipped council in it, opened by its secretary."""
    desk = Desk(tmp_path_factory.mktemp("opened"))
    desk.run("init", "--example")
    desk.run("init", "council.toml", "--name", "Kari Nordli", "--since", "2018-01-01")
    return desk.folder


@pytest.fixture
def desk(opened: Path, tmp_path: Path) -> Desk:
    """A copy of that folder, to be written in."""
    return Desk(shutil.copytree(opened, tmp_path / "desk"))


def test_the_lines_run_as_if_they_were_typed(desk: Desk) -> None:
    played = desk.play(f"> Natteravner it is.\n{PROPOSE}measure edit M-1 --on 2019-05-02 --challenge Uro\n")
    assert played.returncode == 0
    assert played.stdout.splitlines()[:2] == ["Natteravner it is.", "M-1 proposed"]
    assert "M-1 edited" in played.stdout
    assert "old.play: 2 commands were run." in played.stdout
    assert desk.titles() == ["Natteravner"]


def test_a_failing_line_is_named_and_stops_the_play(desk: Desk) -> None:
    played = desk.play(f"{PROPOSE}measure start M-1\nmeasure drop M-1\n")
    assert played.returncode == 1
    first, second, *_ = played.stderr.splitlines()
    assert first == "old.play:2: politirad measure start M-1"
    assert second == "Refused: start."
    assert "M-1 proposed" in played.stdout
    assert desk.titles() == ["Natteravner"]


def test_it_leaves_with_the_exit_code_of_the_line_that_failed(desk: Desk) -> None:
    assert desk.play("show M-9\n").returncode == 3
    assert desk.play("measure propose --title ' '\n").returncode == 2


def test_a_corrected_file_is_played_again_without_doing_anything_twice(desk: Desk) -> None:
    desk.play(f"{PROPOSE}measure start M-1\n")
    again = desk.play(f"# put right\n{PROPOSE}measure edit M-1 --on 2019-05-02 --challenge Uro\n")
    assert again.returncode == 0
    assert "Done before under this key" in again.stdout
    assert desk.titles() == ["Natteravner"]


def test_a_refusal_that_was_expected_is_shown_and_the_play_goes_on(desk: Desk) -> None:
    played = desk.play(f"{PROPOSE}! measure start M-1\nmeasure edit M-1 --on 2019-05-02 --challenge Uro\n")
    assert played.returncode == 0
    assert "Refused: start." in played.stdout
    assert "M-1 edited" in played.stdout


def test_what_should_have_been_refused_is_not_done(desk: Desk) -> None:
    played = desk.play(f"! {PROPOSE}")
    assert played.returncode == 2
    assert "expected to be refused" in played.stderr
    assert desk.titles() == []


def test_what_cannot_be_rehearsed_cannot_be_expected_to_be_refused(desk: Desk) -> None:
    assert desk.play("! rebuild\n").stderr == "old.play:1: `!` stands before a command that takes --dry-run\n"


def test_only_the_demo_may_set_the_clock(desk: Desk) -> None:
    played = desk.play(f"at 2019-05-01 12:00\n{PROPOSE}")
    assert played.returncode == 2
    assert played.stderr == "old.play:1: only the demo may set the clock; give the commands --on DATE instead\n"
    assert desk.titles() == []


def test_only_the_demo_has_the_keys_of_others(desk: Desk) -> None:
    played = desk.play(f"pen kari\nsigned agreement approve A-1 --version 1\n{PROPOSE}")
    assert played.returncode == 2
    assert [line.split(": ")[0] for line in played.stderr.splitlines()] == ["old.play:1", "old.play:2"]
    assert played.stderr.count("only the demo has keys of others; sign with ssh-keygen") == 2
    assert desk.titles() == []


def test_another_person_can_enter(desk: Desk) -> None:
    played = desk.play("as nobody\ntick\nmeasure propose --title Lys\n")
    assert played.returncode == 3
    assert played.stderr.startswith("old.play:3: ")


def test_every_malformed_line_is_reported_before_the_first_is_run(desk: Desk) -> None:
    played = desk.play(f"{PROPOSE}measur start M-1\nmeasure strat M-1\nmeasure start M-1 --sped 3\nmeasure\n")
    assert played.returncode == 2
    lines = played.stderr.splitlines()
    assert [line.split(": ")[0] for line in lines] == [f"old.play:{n}" for n in range(2, 6)]
    assert desk.titles() == []


def test_a_dry_run_reads_every_line_and_runs_none(desk: Desk) -> None:
    played = desk.play(PROPOSE, "--dry-run")
    assert played.returncode == 0
    assert "every line reads well; 1 commands" in played.stdout
    assert desk.titles() == []


def test_documents_are_named_from_the_folder_of_the_file(desk: Desk) -> None:
    (desk.folder / "import").mkdir()
    (desk.folder / "import" / "avtale.md").write_text("# Avtale\n", encoding="utf-8")
    played = desk.play('agreement propose --for politiet --on 2018-12-10 --ref "brev" --document avtale.md\n')
    assert "(politimester) on 2018-12-10. Register who does" in played.stderr  # so the document was found
    assert "avtale.md" in desk.play("agreement propose --document gone/avtale.md --for politiet\n").stderr
