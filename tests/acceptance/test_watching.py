"""Watching the clock: its heartbeat, what `politirad doctor` says of it, and the units that start it."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import cli
from commands.findings import BAD, GOOD, NOTE
from engine.letter import Delivery
from engine.scheduler import GRACE
from tests.desk import Desk
from tests.letterbox import Letterbox
from tests.outgoing import posts
from tests.world import COUNCIL

if TYPE_CHECKING:
    from collections.abc import Callable

DEPLOY = Path(__file__).parents[2] / "deploy"
OWNER = "kommunedirektor_melhus"


@pytest.fixture
def box(tmp_path: Path) -> Letterbox:
    """A council whose offices have addresses, with a measure, and a clock that turned on 2 August 2019."""
    box = Letterbox(tmp_path)
    box.world.in_force()
    box.measure("2019-09-03")
    box.at("2018-10-05")
    box.at("2019-08-02")
    return box


@pytest.mark.parametrize(("age", "code"), [(0, 0), (301, 5), (-301, 5)])
def test_a_heartbeat_is_fresh_for_five_minutes(box: Letterbox, age: int, code: int) -> None:
    box.at("2019-08-02")
    box.world.clock.instant += timedelta(seconds=age)
    answer = Desk(box.world).types("heartbeat")
    assert (answer.code, answer.err) == (code, "")


@pytest.mark.parametrize(("age", "code"), [(3601, 0), (7100, 0), (7300, 5)])
def test_a_clock_that_turns_once_an_hour_is_given_two_turns(box: Letterbox, age: int, code: int) -> None:
    box.clockwork.every = timedelta(hours=1)
    turned = box.at("2019-08-02")
    assert turned.line.endswith(" every=3600s")
    box.world.clock.instant += timedelta(seconds=age)
    assert Desk(box.world).types("heartbeat").code == code
    assert (found(box)["clock"] == GOOD) == (code == 0)


def test_where_the_clock_never_turned_there_is_no_heartbeat(tmp_path: Path) -> None:
    answer = Desk(Letterbox(tmp_path).world).types("heartbeat")
    assert (answer.code, answer.out) == (
        5, "The clock has never turned here. Start it: `politirad serve`, or `politirad tick` from cron.\n",
    )  # fmt: skip


def test_a_file_has_no_workers_to_wait_for(tmp_path: Path) -> None:
    answer = Desk(Letterbox(tmp_path).world).types("queue status")
    assert (answer.code, answer.lines) == (0, [
        "No letters have been made yet.",
        "`politirad serve` does all the work here; no workers are called.",
        "The clock has never turned here. Start it: `politirad serve`, or `politirad tick` from cron.",
    ])  # fmt: skip


def found(box: Letterbox) -> dict[str, str]:
    """What doctor says of the clock: the worst mark of each topic."""
    answer = Desk(box.world).types("doctor --json")
    marks: dict[str, str] = {}
    for finding in answer.json:
        if finding["topic"] in {"clock", "mail", "letters", "addresses", "plans"}:
            marks[finding["topic"]] = max(
                marks.get(finding["topic"], GOOD), finding["mark"], key=(GOOD, NOTE, BAD).index
            )
    assert answer.code == int(BAD in {finding["mark"] for finding in answer.json})
    return marks


def test_doctor_finds_a_clock_that_turns_in_order(box: Letterbox) -> None:
    assert found(box) == dict.fromkeys(("clock", "mail", "letters", "addresses", "plans"), GOOD)


def test_a_clock_that_never_turned_is_worth_knowing(tmp_path: Path) -> None:
    box = Letterbox(tmp_path)
    box.world.in_force()
    assert (found(box)["clock"], found(box)["plans"]) == (NOTE, NOTE)


def test_a_clock_that_stopped_is_bad_once_something_waits_for_it(box: Letterbox) -> None:
    box.set("2019-08-02", "09:00")
    assert found(box)["clock"] == NOTE
    posts(box, 1)
    assert found(box)["clock"] == BAD
    box.at("2019-08-02", "09:01")
    assert found(box)["clock"] == GOOD
    box.set("2019-08-20")
    assert found(box)["clock"] == BAD, "a reminder is due"


def test_doctor_names_the_mail_server_and_never_the_password(box: Letterbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLITIRAD_SMTP_PASSWORD", "s3cret")
    desk = Desk(box.world)
    named = desk.types("doctor", mail="smtps://ola@mail.example.no", mail_from="p@example.no")
    assert "smtps://ola@mail.example.no" in named.out
    assert "s3cret" not in named.out
    wrong = desk.types("doctor", mail="smtps://ola:s3cret@mail.example.no")
    assert (wrong.code, "s3cret" in wrong.out) == (1, False)


def test_doctor_tells_of_a_folder_that_takes_no_letters(box: Letterbox, tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("no folder")
    told = Desk(box.world).types("doctor", mail=f"file:{tmp_path / 'mail'}")
    assert (told.code, "no file can be written there" in " ".join(told.out.split())) == (1, True)


def test_doctor_tells_everything_that_is_wrong_with_mail_at_once(box: Letterbox) -> None:
    told = " ".join(Desk(box.world).types("doctor", mail="smtps://ola@mail.example.no").out.split())
    assert "no password is there" in told
    assert "mail_from is missing" in told


@pytest.mark.parametrize(
    ("later", "said"),
    [
        ({"seconds": 1}, "08:00, 1 second ago."),
        ({"seconds": 59}, "08:00, 59 seconds ago."),
        ({"minutes": 3}, "08:00, 3 min ago."),
        ({"hours": 5, "minutes": 7}, "08:00, 5 h 7 min ago."),
        ({"days": 4, "hours": 20}, "08:00, 4 d 20 h ago."),
        ({"hours": -2}, "08:00, 2 h 0 min from now: somebody has set the clock since."),
    ],
)
def test_how_long_ago_the_clock_turned_is_told_as_people_count(
    box: Letterbox, later: dict[str, int], said: str
) -> None:
    box.at("2019-08-02")
    box.world.clock.instant += timedelta(**later)
    assert said in Desk(box.world).types("heartbeat").out


def moved(box: Letterbox, stage: str) -> None:
    """A letter that came to some end."""
    (letter,) = posts(box, 1)
    statement(box, f"UPDATE letter SET stage = '{stage}' WHERE number = {letter.number}")  # noqa: S608  # a word of ours


def put_off(box: Letterbox) -> None:
    """A letter that the server does not take for now."""
    (letter,) = posts(box, 1)
    box.mail.answers[letter.address or ""] = Delivery("deferred", "451 later")
    box.clockwork.turn()


def late(box: Letterbox) -> None:
    """A letter that might have gone for more than four hours."""
    posts(box, 1)
    box.set("2019-08-02", "12:01")


def unreachable(box: Letterbox) -> None:
    """Nobody can be reached, and then a reminder comes due."""
    for office in ("politiradssekretar", "leder_regionrad", OWNER):
        box.readdress(f"p_{box.to(office).partition('@')[0]}", None)
    box.at("2019-08-20")


def statement(box: Letterbox, sql: str) -> None:
    """Change the database behind everybody's back."""
    with box.world.store.write(COUNCIL) as tx:
        tx._link.connection.execute(sql)  # noqa: SLF001  # there is no other way in, and should be none


@pytest.mark.parametrize(
    ("harm", "topic", "mark", "said"),
    [
        (lambda box: moved(box, "dead"), "letters", BAD, "politirad letters retry"),
        (lambda box: moved(box, "stranded"), "letters", BAD, "nobody can be reached"),
        (lambda box: moved(box, "bounced"), "letters", NOTE, "politirad person edit"),
        (put_off, "letters", NOTE, "451 later"),
        (late, "letters", BAD, "should have gone more than 4 hours ago"),
        (lambda box: box.readdress(f"p_{OWNER}", None), "addresses", NOTE, OWNER),
        (unreachable, "addresses", BAD, OWNER),
        (lambda box: statement(box, "DELETE FROM plan WHERE case_id = 'M-1'"), "plans", BAD, "M-1"),
        (lambda box: statement(box, "DELETE FROM deadline WHERE case_id = 'M-1'"), "plans", BAD, "no longer owe"),
        (lambda box: statement(box, "UPDATE plan SET due = '2019-09-04'"), "plans", BAD, "M-1"),
    ],
)
def test_doctor_says_what_is_wrong_and_what_to_do(
    box: Letterbox, harm: Callable[[Letterbox], None], topic: str, mark: str, said: str
) -> None:
    harm(box)
    assert found(box)[topic] == mark
    assert said in " ".join(Desk(box.world).types("doctor").out.split())


def test_an_address_that_was_replaced_is_no_trouble_any_more(box: Letterbox) -> None:
    moved(box, "bounced")
    (letter,) = [letter for letter in box.letters() if letter.stage == "bounced"]
    box.readdress(letter.person or "", "ny@example.no")
    assert found(box)["letters"] == GOOD


UNITS = sorted(path.name for path in DEPLOY.glob("politirad*"))


def test_the_units_are_there() -> None:
    assert UNITS == ["politirad-tick.service", "politirad-tick.timer", "politirad-worker@.service", "politirad.service"]


@pytest.mark.parametrize("unit", UNITS)
def test_every_command_in_a_unit_exists(unit: str) -> None:
    commands = re.findall(r"^Exec\w+=\S+/politirad (.+)$", (DEPLOY / unit).read_text(), re.MULTILINE)
    assert commands or unit.endswith(".timer")
    for command in commands:
        assert cli.run([*command.split(), "--help"]) == 0
        assert command.split()[0] in cli.COMMANDS


def test_systemd_waits_longer_for_the_end_than_the_clock_lets_it_wait() -> None:
    text = (DEPLOY / "politirad.service").read_text()
    waits = re.search(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)
    assert waits is not None
    assert int(waits[1]) > GRACE + 5


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for unit in UNITS:  # it looks for the program, which is installed elsewhere here
        text = (DEPLOY / unit).read_text().replace("/opt/politirad/bin/politirad", "/bin/true")
        (tmp_path / unit).write_text(text)
    verified = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / unit) for unit in UNITS)],  # noqa: S607  # wherever it is installed
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (verified.returncode, verified.stderr) == (0, "")
