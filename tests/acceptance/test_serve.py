"""The clock service as an operator has it: the installed command in a process of its own, with real signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.scheduler import GRACE
from store.sqlite import driver
from tests.letterbox import SENDER, Letterbox
from tests.post_office import PostOffice
from tests.serve_at import command_at, running, shift_to
from tests.world import COUNCIL, EXAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

COMMAND = str(Path(sys.executable).with_name("politirad"))
MORNING = datetime(2019, 8, 2, 6, 30, tzinfo=UTC)
"""Half past eight in Oslo, on a day when something is due."""

Process = subprocess.Popen[str]


def politirad(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command in a folder to its end."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("POLITIRAD_")}
    return subprocess.run([COMMAND, *words], cwd=folder, env=clean, capture_output=True, text=True, check=False)


def serving(folder: Path, *words: str) -> AbstractContextManager[Process]:
    """`politirad serve` in a folder."""
    return running(folder, COMMAND, "serve", *words)


def line_of(process: Process) -> str:
    """The next line a process prints."""
    assert process.stdout is not None
    return process.stdout.readline()


def ended(process: Process, number: int) -> tuple[int, float, str]:
    """End a process by a signal: its exit code, how many seconds it took, and what it said on stderr."""
    began = time.monotonic()
    process.send_signal(number)
    _, err = process.communicate()
    return process.returncode, time.monotonic() - began, err


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a council in it, made by the installed command."""
    made = tmp_path_factory.mktemp("council")
    answer = politirad(made, "init", str(EXAMPLE), "--name", "Kari Nordli")
    assert answer.returncode == 0, answer.stderr
    return made


@pytest.fixture
def box(tmp_path: Path) -> Letterbox:
    """A council whose offices have addresses, with a measure that somebody is reminded of on `MORNING`."""
    box = Letterbox(tmp_path)
    box.world.in_force()
    box.measure("2019-09-03")
    box.at("2018-10-05")
    return box


@pytest.fixture
def post() -> Iterator[PostOffice]:
    """A server that takes everything."""
    with PostOffice() as office:
        yield office


def posting_to(box: Letterbox, post: PostOffice) -> AbstractContextManager[Process]:
    """`politirad serve` on a morning when something is due, sending to a server."""
    settings = f'council = "{COUNCIL}"\nmail = "{post.url}"\nmail_from = "{SENDER}"\n'
    (box.world.folder / "politirad.toml").write_text(settings)
    box.world.store.close()
    return running(box.world.folder, *command_at(shift_to(MORNING), "serve", "--every", "1"))


def wait_for(post: PostOffice, letters: int) -> None:
    """Wait until a server has so many letters."""
    latest = time.monotonic() + 20
    while len(post.letters) < letters:
        assert time.monotonic() < latest, "the letters do not come"
        time.sleep(0.02)


def test_the_clock_turns_at_once_says_so_in_one_line_and_leaves_a_heartbeat(folder: Path) -> None:
    with serving(folder) as process:
        line = line_of(process)
        beat = politirad(folder, "heartbeat")
        code, seconds, err = ended(process, signal.SIGTERM)
    assert " events=" in line
    assert line.endswith("\n")
    assert beat.returncode == 0, beat.stdout
    assert (code, err) == (0, "")
    assert seconds < GRACE


def test_the_clock_turns_again_and_again(folder: Path) -> None:
    with serving(folder, "--every", "1") as process:
        instants = [line_of(process).partition(" ")[0] for _ in range(3)]
        assert ended(process, signal.SIGTERM)[0] == 0
    assert instants == sorted(instants)
    assert len(set(instants)) > 1


def test_a_second_clock_on_the_same_database_is_refused_and_a_tick_beside_it_is_not(folder: Path) -> None:
    with serving(folder) as process:
        assert line_of(process)
        second, tick = politirad(folder, "serve"), politirad(folder, "tick")
        assert process.poll() is None
        assert ended(process, signal.SIGINT)[0] == 0
    assert (second.returncode, second.stdout, len(second.stderr.splitlines())) == (5, "", 1)
    assert "Another politirad already serves" in second.stderr
    assert (tick.returncode, tick.stderr) == (0, "")
    with serving(folder) as process:
        assert line_of(process), "the lock outlived the process that held it"


@pytest.mark.parametrize("command", ["serve", "tick"])
def test_where_there_is_no_database_nothing_is_made(tmp_path: Path, command: str) -> None:
    answer = politirad(tmp_path, "--database", "elsewhere/politirad.db", command)
    assert (answer.returncode, answer.stdout, len(answer.stderr.splitlines())) == (5, "", 1)
    assert list(tmp_path.iterdir()) == []


def test_a_clock_knows_another_one_by_the_file_whatever_it_is_called(folder: Path) -> None:
    link = folder / "link.db"
    link.symlink_to(folder / "politirad.db")
    with serving(folder) as process:
        assert line_of(process)
        assert politirad(folder, "--database", str(link), "serve").returncode == 5
        assert ended(process, signal.SIGTERM)[0] == 0


def test_a_tick_beside_the_clock_leaves_the_letters_to_it(box: Letterbox, post: PostOffice) -> None:
    post.delay = 2.0
    with posting_to(box, post) as process:
        wait_for(post, 1)
        beside = subprocess.run(
            command_at(shift_to(MORNING), "tick", "--json"), cwd=box.world.folder, capture_output=True, check=True
        )
        assert b'"delivered": {}' in beside.stdout
        assert line_of(process)
        code, _, err = ended(process, signal.SIGTERM)
    assert (code, err) == (0, ""), "a turn that takes longer than its pause is no reason for noise"
    assert {letter.attempts for letter in box.letters() if letter.made >= MORNING} <= {0, 1}


def test_a_sender_in_the_middle_of_a_letter_finishes_it(box: Letterbox, post: PostOffice) -> None:
    post.delay = 2.0
    with posting_to(box, post) as process:
        wait_for(post, 1)
        code, seconds, err = ended(process, signal.SIGTERM)
    assert (code, err) == (0, "")
    assert seconds < GRACE
    stages = [letter.stage for letter in box.letters() if letter.made >= MORNING]
    assert "sending" not in stages
    assert stages.count("sent") == len(post.letters) > 0


def test_a_mail_server_that_does_not_answer_holds_the_end_up_for_seconds_only(box: Letterbox, post: PostOffice) -> None:
    post.delay = 300.0
    with posting_to(box, post) as process:
        wait_for(post, 1)
        code, seconds, err = ended(process, signal.SIGTERM)
    assert code == 0
    assert GRACE - 1 < seconds < GRACE + 5
    assert err.endswith("a letter the mail server still had is sent again, as it is\n")
    stages = [letter.stage for letter in box.letters() if letter.made >= MORNING]
    assert stages.count("sending") == len(post.letters) > 0


def test_a_turn_that_fails_is_one_line_and_no_heartbeat_and_the_clock_goes_on(box: Letterbox, post: PostOffice) -> None:
    with posting_to(box, post) as process:
        assert line_of(process)
        harm(box, "ALTER TABLE deadline RENAME TO gone")
        while " failed=" not in (said := line_of(process)):
            assert said
        beat = box.world.store.heartbeat()
        assert " failed=" in line_of(process)
        assert box.world.store.heartbeat() == beat
        harm(box, "ALTER TABLE gone RENAME TO deadline")
        while box.world.store.heartbeat() == beat:
            assert line_of(process)
        code, _, err = ended(process, signal.SIGTERM)
    assert (code, err) == (0, "")


def harm(box: Letterbox, statement: str) -> None:
    """Do something to the database behind everybody's back."""
    with closing(driver.connect(box.world.folder / "politirad.db", timeout=10, isolation_level=None)) as connection:
        connection.execute(statement)


def test_a_fault_of_ours_is_told_by_its_name_and_the_clock_goes_on(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    turns: list[int] = []

    def turn(_: object) -> None:
        turns.append(len(turns))
        if len(turns) > 1:
            os.kill(os.getpid(), signal.SIGTERM)
        raise ZeroDivisionError

    monkeypatch.chdir(folder)
    monkeypatch.setattr("engine.clockwork.Clockwork.turn", turn)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        import cli

        code = cli.run(["serve", "--every", "1"])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    err = capsys.readouterr().err.splitlines()
    assert (code, len(turns), len(err)) == (0, 2, 2)
    assert err[0].endswith(
        " failed: a fault of politirad itself (ZeroDivisionError); `politirad tick --debug` shows where"
    )


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_that_nobody_reads_the_log_is_no_reason_to_stop(
    folder: Path, unbuffered: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    with serving(folder, "--every", "1") as process:
        assert line_of(process)
        assert process.stdout is not None
        process.stdout.close()
        time.sleep(2.5)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0
