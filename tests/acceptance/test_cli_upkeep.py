"""Keeping the record whole, and the manners of the installed command: start-up, signals, pipes, no traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import cli
from commands.findings import BAD, NOTE
from tests.contract.raw import unguarded
from tests.world import EXAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.desk import Answer, Desk

COMMAND = str(Path(sys.executable).with_name("politirad"))
HEAVY = {"sqlalchemy", "alembic", "transitions", "holidays", "rich"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a council in it, made by the installed command."""
    answer = politirad(tmp_path, "init", str(EXAMPLE), "--name", "Kari Nordli")
    assert answer.returncode == 0, answer.stderr
    return tmp_path


def politirad(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command in a folder."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("POLITIRAD_")}
    return subprocess.run(
        [COMMAND, *words], cwd=folder, env=clean | environment, capture_output=True, text=True, check=False
    )  # fmt: skip


def imported(folder: Path, *words: str) -> set[str]:
    """The heavy packages that a command imports."""
    report = subprocess.run(
        [sys.executable, "-X", "importtime", COMMAND, *words], cwd=folder, capture_output=True, text=True, check=True
    ).stderr  # fmt: skip
    modules = (line.rpartition("|")[2].strip() for line in report.splitlines() if line.startswith("import time:"))
    return {module.partition(".")[0] for module in modules} & (HEAVY | {"engine", "store", "workflows"})


def test_help_imports_nothing_but_click(folder: Path) -> None:
    assert imported(folder, "--help") == set()


@pytest.mark.parametrize("words", [("todo",), ("list",), ("office", "list"), ("log", "C"), ()])
def test_reading_imports_no_machine_calendar_migrations_or_tables_for_terminals(
    folder: Path, words: tuple[str, ...]
) -> None:
    assert imported(folder, *words) & HEAVY == {"sqlalchemy"}


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_every_command_of_the_list_is_there_and_explains_itself(desk: Desk, command: str) -> None:
    explained = desk.does(f"{command} --help")
    assert explained.startswith(f"Usage: politirad {command}")
    assert len(explained.splitlines()) > len(("usage", "", "options", "help"))


@pytest.mark.parametrize("group", ["agreement", "amendment", "measure", "meeting", "year", "office", "profile"])
def test_every_step_and_subcommand_explains_itself(desk: Desk, group: str) -> None:
    listed = desk.does(f"{group} --help").partition("Commands:\n")[2]
    names = [line.split()[0] for line in listed.splitlines() if line.startswith("  ") and line[2] != " "]
    assert names
    assert all(desk.does(f"{group} {name} --help").startswith("Usage:") for name in names)


def test_the_installed_command_works_from_any_folder(folder: Path) -> None:
    plan = politirad(folder, "meeting", "plan", "--title", "Årsmøte", POLITIRAD_LANGUAGE="en")
    assert plan.stdout.startswith("MT-1 planned\n")
    other = politirad(Path("/"), "list", "--json", POLITIRAD_CONFIG=str(folder / "politirad.toml"))
    assert '"title": "Årsmøte"' in other.stdout


def test_no_traceback_reaches_a_person_unless_asked_for(folder: Path) -> None:
    plain = politirad(folder, "show", "A-1")
    asked = politirad(folder, "show", "A-1", "--debug")
    assert (plain.returncode, len(plain.stderr.splitlines())) == (3, 1)
    assert asked.returncode == 3
    assert "Traceback (most recent call last)" in asked.stderr
    assert "Traceback" not in plain.stderr


def test_a_fault_of_ours_is_one_line_that_says_how_to_see_more(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commands.listing.table", None)
    desk.world.propose()
    answer = desk.types("list")
    assert answer.code == 70
    assert answer.err == (
        "A fault of politirad itself (TypeError). Run it again with --debug to see where; `politirad verify` tells "
        "whether the record was changed.\n"
    )


def test_an_interrupted_command_says_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("commands.listing.table", interrupted)
    desk.world.propose()
    answer = desk.types("list")
    assert (answer.code, answer.out, answer.err.strip()) == (128 + signal.SIGINT, "", "")


def test_a_reader_that_goes_away_is_no_error(folder: Path) -> None:
    with subprocess.Popen(
        [COMMAND, "office", "list"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == cli.CLOSED_PIPE


def test_output_is_the_same_wherever_it_is_piped(folder: Path) -> None:
    narrow = politirad(folder, "office", "list", COLUMNS="40", TERM="dumb")
    assert narrow.stdout == politirad(folder, "office", "list", COLUMNS="300", FORCE_COLOR="1").stdout
    assert "\x1b" not in narrow.stdout
    assert max(map(len, narrow.stdout.splitlines())) <= 100


@pytest.mark.parametrize(("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_gets_emphasis_unless_it_wants_none(
    folder: Path, environment: dict[str, str], *, coloured: bool
) -> None:
    shown = in_a_terminal(folder, "office", "list", TERM="xterm", **environment)
    assert ("\x1b[1m" in shown) == coloured
    assert "politimester" in shown


def in_a_terminal(folder: Path, *words: str, **environment: str) -> str:
    """What the installed command prints where its output is a terminal."""
    ours, theirs = os.openpty()
    clean = {n: v for n, v in os.environ.items() if n not in {"NO_COLOR", "TERM"} and not n.startswith("POLITIRAD_")}
    with subprocess.Popen([COMMAND, *words], cwd=folder, env=clean | environment, stdout=theirs, stdin=theirs):
        os.close(theirs)
        return b"".join(pieces(ours)).decode()


def pieces(terminal: int) -> Iterator[bytes]:
    """What comes out of a terminal until its other end is closed, which Linux reports as an error."""
    with suppress(OSError):
        while piece := os.read(terminal, 4096):
            yield piece
    os.close(terminal)


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_a_completion_script_is_printed(folder: Path, shell: str) -> None:
    assert "_POLITIRAD_COMPLETE" in politirad(folder, "completion", shell).stdout


def test_steps_are_completed(folder: Path) -> None:
    answer = politirad(
        folder, _POLITIRAD_COMPLETE="bash_complete", COMP_WORDS="politirad measure impl", COMP_CWORD="2"
    )  # fmt: skip
    assert answer.stdout == "plain,implement\n"


def test_verify_finds_a_sound_record_in_order(desk: Desk) -> None:
    desk.world.in_force()
    answer = desk.types("verify")
    assert (answer.code, answer.err) == (0, "")
    assert "are in order: bytes, chains, views, documents." in answer.out
    assert desk.types("verify --json").json["ok"] is True


@pytest.mark.parametrize(
    ("harm", "code", "said"),
    [
        ("UPDATE event SET body = replace(body, 'Avtale', 'avtale') WHERE pos = 31", 10, "event 31"),
        ("UPDATE cases SET state = 'adopted' WHERE id = 'A-1'", 13, "cases A-1"),
        ("UPDATE chunk SET bytes = x'00'", 14, "document"),
        ("DELETE FROM chunk", 14, "document"),
    ],
)
def test_verify_tells_what_is_not_in_order_by_its_exit_code(desk: Desk, harm: str, code: int, said: str) -> None:
    desk.world.propose()
    position = len(desk.types("log C --json").json)
    harmed(desk, harm.replace("31", str(position)))
    answer = desk.types("verify")
    assert answer.code == code
    assert said.replace("31", str(position)) in answer.err
    assert "NOT in order" in answer.out


def harmed(desk: Desk, harm: str) -> None:
    """Change the database behind the program's back."""
    desk.world.store.close()
    with unguarded(desk.world.folder / "politirad.db") as connection:
        connection.execute(harm)


def test_rebuild_makes_the_views_anew(desk: Desk) -> None:
    desk.world.propose()
    harmed(desk, "UPDATE cases SET state = 'adopted' WHERE id = 'A-1'")
    assert desk.types("verify").code == 13
    assert desk.does("rebuild").startswith("The views are made anew from ")
    assert desk.types("verify").code == 0
    assert desk.case("A-1").state == "proposed"


def test_a_council_that_the_views_know_nothing_of_is_found_through_its_log(desk: Desk) -> None:
    desk.world.propose()
    harmed(desk, "DELETE FROM council")
    answer = desk.types("verify", council=None)
    assert (answer.code, "council: is missing in the view" in answer.err) == (13, True)
    assert desk.types("verify").code == 13
    desk.does("rebuild")
    assert desk.types("verify").code == 0


def test_a_log_that_was_emptied_is_not_taken_for_none(desk: Desk) -> None:
    harmed(desk, "DELETE FROM event")
    answer = desk.types("verify")
    assert (answer.code, "stands in the view and not in the log" in answer.err) == (13, True)


def test_the_clock_signs_no_log_that_was_changed_and_ends_with_the_code_of_changed_bytes(desk: Desk) -> None:
    desk.settings = replace(desk.settings, log_key=desk.world.folder / "log.key")
    desk.does("keys", "new", "--file", str(desk.settings.log_key))
    desk.does("tick")
    desk.world.propose()
    desk.world.clock.pass_days(2)
    harmed(desk, "UPDATE event SET leaf = zeroblob(32) WHERE pos = 3")
    harmed(desk, "DELETE FROM tree")
    answer = desk.types("tick")
    assert (answer.code, "so no other is signed" in answer.err) == (10, True)


def test_the_clock_does_what_is_owed_and_tells_it(desk: Desk) -> None:
    desk.world.in_force()
    desk.world.clock.move_to(date(2019, 1, 1))
    assert desk.types("tick").lines == [
        "Y-2019 opened, by the clock",
        "Y-2018 evaluation started, by the clock",
        "Y-2018 evaluation finished, by itself",
        "Y-2018 breach recorded, by the clock",
        "Reaches nobody yet: decision letter (10). Give somebody an address: `politirad person edit HANDLE --email …`",
        "Reaches nobody yet: notice of breach (4). Give somebody an address: `politirad person edit HANDLE --email …`",
    ]
    assert desk.does("tick") == "The clock owes nothing.\n"


def marks(answer: Answer) -> dict[str, str]:
    """What doctor found, by topic."""
    return {finding["topic"]: finding["mark"] for finding in answer.json}


def test_doctor_finds_a_council_in_order(desk: Desk) -> None:
    desk.world.in_force()
    answer = desk.types("doctor --json")
    assert BAD not in marks(answer).values()
    assert answer.code == 0
    database = {"database", "journal", "lock", "installation", "log"}
    assert set(marks(answer)) == database | {"offices", "cases"} | {"clock", "mail", "letters", "addresses", "plans"}


def test_doctor_tells_of_vacant_offices_and_whether_they_owe_something(desk: Desk) -> None:
    desk.does("office end slt_melhus --on 2018-10-03")
    idle = desk.types("doctor --json")
    assert (idle.code, marks(idle)["offices"]) == (0, NOTE)
    desk.world.propose()
    desk.does("office end sekretar_regionrad --on 2018-10-03")
    pressing = desk.types("doctor")
    assert pressing.code == 1
    assert "✗ These offices owe something and nobody holds them: sekretar_regionrad." in pressing.out


def test_doctor_names_an_open_case_that_owes_nothing(desk: Desk) -> None:
    desk.world.propose()
    harmed(desk, "DELETE FROM deadline")
    answer = desk.types("doctor")
    assert answer.code == 1
    assert "✗ These open cases owe nothing to any date: A-1." in answer.out


def test_doctor_names_who_holds_the_write_lock(desk: Desk) -> None:
    with desk.world.store.write("trondelag_sor"):
        answer = desk.types("doctor --json")
    assert (answer.code, marks(answer)["lock"]) == (1, BAD)
