"""The README's transcripts are what the program prints: each block is played, in order, in one empty folder."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.signing import needs_ssh_keygen

if TYPE_CHECKING:
    from collections.abc import Iterator

README = Path(__file__).parents[2] / "README.md"
ELIDED = "…"
"""A line of its own in a transcript: any number of lines are left out here."""


def transcripts() -> Iterator[tuple[str, list[str]]]:
    """Each command of the README's console blocks with the output shown for it."""
    for block in re.findall(r"^```console\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *expected = part.rstrip().splitlines()
            yield command, expected


def first_steps() -> list[str]:
    """The commands that begin a council of one's own."""
    return shell_blocks()[0]


def shell_blocks() -> list[list[str]]:
    """The commands of each block of a shell, without what is said of them."""
    blocks = re.findall(r"^```sh\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE)
    return [[line.partition("  #")[0] for line in block.splitlines()] for block in blocks]


def play(folder: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """Each command with the output shown for it and the output it gives; `cd` changes the folder for the rest."""
    for command, expected in transcripts():
        if command.startswith("cd "):
            folder /= command.removeprefix("cd ")
        else:
            yield command, expected, run(command, folder)


def run(command: str, folder: Path) -> list[str]:
    """What the installed command prints in a folder."""
    words = shlex.split(command)
    assert words[0] == "politirad"
    installed = Path(sys.executable).with_name("politirad")
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "COLUMNS": "100", "NO_COLOR": "1", "LANG": "C.UTF-8"}
    done = subprocess.run([installed, *words[1:]], cwd=folder, env=env, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).rstrip().splitlines()


def matches(expected: list[str], printed: list[str]) -> bool:
    """Whether the output is as shown; `…` stands for any lines."""
    pattern = "\n".join(".*?" if line.strip() == ELIDED else re.escape(line.rstrip()) for line in expected)
    return re.fullmatch(pattern, "\n".join(line.rstrip() for line in printed), re.DOTALL) is not None


@needs_ssh_keygen  # the chief of police signs in the demo
def test_every_transcript_is_what_the_program_prints(tmp_path: Path) -> None:
    played = list(play(tmp_path))
    assert len(played) >= 3
    for command, expected, printed in played:
        assert matches(expected, printed), f"$ {command}\n" + "\n".join(printed)


def test_the_first_steps_of_a_council_of_ones_own_work_as_written(tmp_path: Path) -> None:
    (tmp_path / "avtale.md").write_text("# Avtale")
    printed = [run(command, tmp_path) for command in first_steps()]
    assert any("A-1" in line for line in printed[-1]), printed


def test_every_command_the_readme_names_exists(tmp_path: Path) -> None:
    named = set(re.findall(r"politirad ([a-z]+(?:-[a-z]+)*)", README.read_text()))
    help_text = "\n".join(run("politirad --help", tmp_path))
    unknown = {name for name in named if not re.search(rf"^  {name} ", help_text, re.MULTILINE)}
    assert unknown == set()
