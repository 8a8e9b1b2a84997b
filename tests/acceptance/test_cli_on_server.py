"""A council kept on a PostgreSQL server, as whoever runs it has it: the command in processes, and the clock service."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from engine.database_url import DatabaseUrl
from tests.moving import ROOT
from tests.postgres_server import for_user, new_database
from tests.serve_at import running
from tests.world import EXAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

COMMAND = (sys.executable, str(ROOT / "cli.py"))
WHO = ("--name", "Kari Nordli", "--handle", "kari", "--email", "kari@example.no", "--since", "2017-01-01")


@pytest.fixture
def url() -> Iterator[str]:
    """An empty database on a server."""
    with new_database() as made:
        yield made


def politirad(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command of this checkout in a folder to its end."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("POLITIRAD_", "PG"))}
    return subprocess.run(
        [*COMMAND, *words], cwd=folder, env=clean | environment, capture_output=True, text=True, check=False
    )


def does(folder: Path, *words: str, **environment: str) -> str:
    """Run a command that is meant to succeed; what it answers."""
    done = politirad(folder, *words, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def serving(folder: Path) -> AbstractContextManager[subprocess.Popen[str]]:
    """`politirad serve` in a folder."""
    return running(folder, *COMMAND, "serve", "--every", "1")


def turned(process: subprocess.Popen[str]) -> str:
    """The next line of a clock."""
    assert process.stdout is not None
    return process.stdout.readline()


def test_a_council_is_opened_on_a_server_by_an_option_and_found_there_ever_after(tmp_path: Path, url: str) -> None:
    said = does(tmp_path, "--database", url, "init", str(EXAMPLE), *WHO)
    assert f"Opened trondelag_sor (politirad.example/trondelag-sor) in {DatabaseUrl(url)}." in said
    assert f'database = "{DatabaseUrl(url)}"' in (tmp_path / "politirad.toml").read_text()
    assert "kari" in does(tmp_path, "person", "list")
    assert "PostgreSQL" in politirad(tmp_path, "doctor").stdout
    assert [path.name for path in tmp_path.iterdir()] == ["politirad.toml"], "nothing of a file database lies about"


def test_it_is_also_named_by_the_environment_whose_password_goes_into_no_file_and_no_message(
    tmp_path: Path, url: str
) -> None:
    if DatabaseUrl(url).has_password:
        pytest.skip("another server, with a password of its own")
    named = {"POLITIRAD_DATABASE": for_user(url, "postgres", "hemmelig")}
    said = does(tmp_path, "init", str(EXAMPLE), *WHO, **named)
    said += does(tmp_path, "verify", **named) + politirad(tmp_path, "doctor", **named).stdout
    said += politirad(tmp_path, "restore", "nothing.db", **named).stderr
    assert "hemmelig" not in said + (tmp_path / "politirad.toml").read_text()
    assert does(tmp_path, "verify", **named) == does(tmp_path, "verify")


def test_a_database_that_has_no_council_yet_says_what_to_do(tmp_path: Path, url: str) -> None:
    answer = politirad(tmp_path, "--database", url, "todo")
    assert (answer.returncode, answer.stderr) == (
        5, f"{DatabaseUrl(url)} has no tables of politirad. `politirad init` makes them.\n",
    )  # fmt: skip


def test_the_clock_serves_a_server_alone_and_lets_go_however_it_ends(tmp_path: Path, url: str) -> None:
    does(tmp_path, "--database", url, "init", str(EXAMPLE), *WHO)
    for end, code in ((signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)):
        with serving(tmp_path) as clock:
            assert "failed" not in turned(clock) + turned(clock)
            assert does(tmp_path, "heartbeat", "--json").startswith("{")
            second = politirad(tmp_path, "serve")
            assert second.returncode == 5
            assert f"Another politirad already serves {DatabaseUrl(url)}" in second.stderr
            assert politirad(tmp_path, "tick").returncode == 0, "a round by hand goes on beside it"
            clock.send_signal(end)
            assert clock.wait() == code, clock.communicate()[1]
    assert politirad(tmp_path, "verify").returncode == 0


def test_letters_of_a_council_on_a_server_go_into_the_folder_once(tmp_path: Path, url: str) -> None:
    does(tmp_path, "--database", url, "init", str(EXAMPLE), *WHO)
    with serving(tmp_path) as clock:
        lines = [turned(clock) for _ in range(3)]
        clock.send_signal(signal.SIGTERM)
        clock.wait()
    assert not [line for line in lines if "failed" in line]
    does(tmp_path, "tick")
    listed = does(tmp_path, "letters", "--json", "--all", "--limit", "1000")
    sent = listed.count('"stage": "sent"')
    kept = [path for path in (tmp_path / "mail").rglob("*") if path.is_file()] if (tmp_path / "mail").exists() else []
    assert len(kept) == sent


def test_a_second_council_is_opened_in_the_same_database(tmp_path: Path, url: str) -> None:
    does(tmp_path, "--database", url, "init", str(EXAMPLE), *WHO)
    other = EXAMPLE.read_text().replace("politirad.example/trondelag-sor", "politirad.example/nord")
    (tmp_path / "nord.toml").write_text(other)
    does(tmp_path, "init", "nord.toml", *WHO, "--id", "nord")
    for council in ("nord", "trondelag_sor"):
        assert f"{council}: " in does(tmp_path, "--council", council, "verify")
    copied = does(tmp_path, "db", "copy", url, "both.db")
    assert "nord: " in copied
    assert "trondelag_sor: " in copied
    assert "nord: " in does(tmp_path, "--database", "both.db", "--council", "nord", "verify")
