"""The commands about letters: what comes, what was written, what came back, and whose address is what."""

from __future__ import annotations

import json
import sys
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING

import pytest

import cli
from commands.wiring import Setup
from engine.letter import Delivery
from tests.desk import Desk
from tests.letterbox import Letterbox
from tests.outgoing import bodies, posts
from tests.world import COUNCIL, SECRETARY
from workflows.profile import AGENDA

if TYPE_CHECKING:
    from pathlib import Path

OWNER = "kommunedirektor_melhus"


@pytest.fixture
def box(tmp_path: Path) -> Letterbox:
    """A measure due on 3 September 2019, of which its owner was reminded a month before."""
    box = Letterbox(tmp_path)
    box.world.in_force()
    box.measure("2019-09-03")
    box.at("2018-10-05")
    box.through("2019-07-31", "2019-08-02")  # the report on the year before is late: on the first two days that is told
    return box


@pytest.fixture
def desk(box: Letterbox) -> Desk:
    """The secretary's desk over it."""
    return Desk(box.world)


def newest(desk: Desk) -> str:
    """The name of the newest letter."""
    return str(desk.types("letters --json").json[0]["letter"])


def test_letters_are_listed_newest_first_with_what_came_of_them(desk: Desk) -> None:
    first = desk.types("letters").lines[1]
    assert first.split()[3] == "sent"
    assert "Natteravner" in first
    listed = desk.types("letters --json").json
    assert (listed[0]["kind"], listed[0]["office"], listed[0]["stage"]) == ("digest", OWNER, "sent")


def test_a_letter_is_shown_as_its_reader_gets_it(desk: Desk) -> None:
    shown = desk.does("letters show")
    assert f"<{OWNER}@example.no>" in shown
    assert "3. september 2019" in shown
    assert desk.does(f"letters show {newest(desk)}") == shown
    assert "Natteravner" in desk.does(f"letters show --to {OWNER}")


def test_a_letter_is_saved_byte_by_byte(desk: Desk, box: Letterbox, tmp_path: Path) -> None:
    target = tmp_path / "brev.eml"
    desk.does("letters", "save", newest(desk), "--output", str(target))
    assert target.read_bytes() == box.mail.sent[-1].body
    assert message_from_bytes(target.read_bytes(), policy=default)["Reply-To"] == "secretary@example.no"


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("letters show L-999", 3, "There is no letter L-999"),
        ("letters show brev", 2, "They are called L-1"),
        ("letters show --to nobody", 3, "There is no office 'nobody'"),
        ("letters show L-1 --to kommunedirektor_melhus", 2, "Name either L-1 or --to kommunedirektor_melhus"),
        ("letters retry 1", 2, "was not given up (“sent”). Only a letter that was given up, or that the mail server"),
        ("bounced L-999", 3, "There is no letter L-999"),
        ("bounced L-1 --undo", 2, "Only a letter that came back can have arrived after all."),
        ("snooze M-1 --until 2019-08-02", 2, "is not to come"),
        ("snooze M-1 --until 2.9.2019", 2, "write YYYY-MM-DD"),
        ("snooze M-9 --until 2019-08-20", 3, "There is no case M-9"),
        ("snooze M-1 --until 2019-08-20 --deadline sign", 3, "It owes: implement"),
        ("snooze M-1 --until 2019-08-20 --for slt_roros --ref x", 1, "can ask not to be reminded"),
        ("person edit kari", 2, "Say what changes"),
        ("person edit kari --email post", 2, "is not an address"),
    ],
)
def test_what_is_asked_wrongly_is_told_with_what_to_do(desk: Desk, line: str, code: int, said: str) -> None:
    answer = desk.types(line)
    assert (answer.code, said in answer.err) == (code, True), answer.err


def test_a_saved_letter_overwrites_nothing(desk: Desk, tmp_path: Path) -> None:
    target = tmp_path / "brev.eml"
    target.write_text("mine")
    answer = desk.types("letters", "save", "L-1", "--output", str(target))
    assert (answer.code, f"{target} is there already" in answer.err) == (2, True)
    assert target.read_text() == "mine"


def test_a_letter_is_saved_to_the_output(box: Letterbox, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    settings = Desk(box.world).settings
    assert cli.run(["letters", "save", "1", "--output", "-"], Setup(settings, box.world.clock)) == 0
    sys.stdout.buffer.flush()
    assert capfdbinary.readouterr().out == bodies(box, box.letters())[0]


def test_a_letter_is_shown_in_json_with_its_text(desk: Desk) -> None:
    shown = desk.types("letters show --json").json
    assert "3. september 2019" in shown["text"]
    assert (shown["office"], shown["stage"], shown["attached"]) == (OWNER, "sent", [])


def test_a_letter_that_waits_says_until_when_and_is_not_sent_again_by_hand(desk: Desk, box: Letterbox) -> None:
    assert desk.does("letters show").startswith(f"{newest(desk)}  sent, last change 2019-08-02 08:00\n")
    box.set("2019-08-02", "17:00")  # a Friday
    posts(box, 1)
    assert desk.does("letters show").startswith(f"{newest(desk)}  waits until 2019-08-05 07:00\n")
    refused = desk.types(f"letters retry {newest(desk)}")
    assert (refused.code, "goes by itself, not before 2019-08-05 07:00" in refused.err) == (2, True)


def test_where_no_letter_is_in_trouble_that_is_said(desk: Desk) -> None:
    assert desk.does("letters --trouble") == "No letter is in trouble.\n"


def test_only_the_newest_letters_are_shown_and_that_is_said(desk: Desk, box: Letterbox) -> None:
    posts(box, 2)
    assert desk.does("letters --limit 1").splitlines()[-1] == "Only the newest is shown; --limit shows more."


def test_letters_that_another_one_stands_for_are_listed_only_when_asked_for(desk: Desk, box: Letterbox) -> None:
    case = box.world.take("meeting", "plan", title="Høstmøte", date="2019-09-20").step.event.case
    box.world.take("meeting", "add_item", case, item=AGENDA)
    box.world.take("meeting", "summon", case, also=("leder_regionrad",))  # who is also mayor of Holtålen
    box.at("2019-08-05")
    listed, every = desk.types("letters --json").json, desk.types("letters --all --json").json
    (left_out,) = [letter for letter in every if letter not in listed]
    assert (left_out["stage"], left_out["subject"], left_out["person"]) == ("withdrawn", "", None)


def test_a_letter_for_anothers_office_names_that_office(desk: Desk, box: Letterbox) -> None:
    (letter,) = posts(box, 1)
    with box.world.store.write(COUNCIL) as tx:
        tx._link.connection.execute(  # noqa: SLF001  # as if its reader stood in for another
            "UPDATE letter SET office = ?, person = ? WHERE number = ?", (OWNER, SECRETARY, letter.number)
        )
    assert "Person secretary, for Chief executive of Melhus" in " ".join(desk.does("letters --limit 1").split())


def test_the_next_round_is_shown_before_it_comes_and_nothing_is_written(desk: Desk, box: Letterbox) -> None:
    box.set("2019-08-18", "12:00")  # a Sunday; the rung comes on Tuesday
    before = (box.world.folder / "politirad.db").read_bytes(), len(box.letters())
    shown = desk.does("remind --dry-run")
    assert "2019-08-19 07:00" in shown
    assert "Natteravner" not in shown
    box.set("2019-08-19", "18:00")
    shown = desk.does("remind --dry-run")
    assert "2019-08-20 07:00" in shown
    assert "Natteravner" in shown
    assert OWNER in [x["office"] for x in desk.types("remind --dry-run --json").json]
    assert ((box.world.folder / "politirad.db").read_bytes(), len(box.letters())) == before


def test_a_round_by_hand_tells_what_it_made(desk: Desk, box: Letterbox) -> None:
    box.set("2019-08-20")
    assert "Natteravner" in desk.does("remind")
    assert desk.does("remind") == "Nothing to send at 2019-08-20 08:00. The next reminder is planned for 2019-08-26.\n"
    kept = [message_from_bytes(path.read_bytes()) for path in (box.world.folder / "mail" / "new").iterdir()]
    assert sum(f"<{OWNER}@example.no>" in str(letter["To"]) for letter in kept) == 1


def test_a_letter_that_came_back_later_goes_to_the_secretariat_and_so_does_what_follows(
    desk: Desk, box: Letterbox
) -> None:
    desk.does(f"bounced {newest(desk)}")
    box.at("2019-08-05")
    (returned,) = box.letters("returned")
    assert returned.office == "politiradssekretar"
    box.at("2019-08-20")
    assert box.days(f"{OWNER}@example.no")[-1] == "2019-08-02"
    desk.does(f"bounced {desk.types('letters --stage bounced --json').json[0]['letter']} --undo")
    box.through("2019-08-30", "2019-09-03")
    assert box.days(f"{OWNER}@example.no")[-1] == "2019-09-03"


def test_a_new_address_makes_an_office_reachable_again(desk: Desk, box: Letterbox) -> None:
    desk.does(f"bounced {newest(desk)}")
    desk.does(f"person edit {OWNER} --email ny@example.no")
    box.at("2019-08-20")
    assert box.days("ny@example.no") == ["2019-08-20"]
    assert "name or address changed" in desk.does("log C")
    assert desk.types(f"person show {OWNER} --json").json["email"] == "ny@example.no"


def test_a_person_with_another_address_is_told_back_with_it(desk: Desk) -> None:
    assert desk.does("person edit kari --email ny@example.no").startswith("Changed: Person secretary (kari), ny@")
    assert desk.does('person edit kari --email ""').endswith("(kari), no e-mail address.\n")


def test_a_letter_given_up_is_sent_again_with_the_same_bytes(desk: Desk, box: Letterbox) -> None:
    box.mail.answers[f"{OWNER}@example.no"] = Delivery("deferred", "451 later")
    for day in range(20, 31):
        for clock in ("08:00", "15:59"):
            box.at(f"2019-08-{day}", clock)
    letter = next(x for x in desk.types("letters --json").json if x["kind"] == "digest" and x["attempts"] > 1)
    assert letter["said"] == "451 later"
    box.mail.answers.clear()
    desk.does(f"letters retry {letter['letter']}")
    box.at("2019-08-30", "15:59")
    assert next(x for x in desk.types("letters --json").json if x["letter"] == letter["letter"])["stage"] == "sent"


def test_the_tick_tells_in_json_what_it_did(desk: Desk, box: Letterbox) -> None:
    box.set("2019-08-20")
    told = desk.types("tick --json").json
    assert ("trondelag_sor", "digest", OWNER) in [(x["council"], x["kind"], x["office"]) for x in told["letters"]]
    assert told["delivered"] == {"sent": len(told["letters"])}
    assert json.dumps(told["steps"]) == "[]"


def test_what_a_snooze_puts_off_is_told_where_the_duty_is(desk: Desk) -> None:
    desk.does(f"snooze M-1 --until 2019-08-25 --for {OWNER} --ref 'epost'")
    for command in ("show M-1", "todo"):
        assert "reminders put off until 2019-08-25" in " ".join(desk.does(command).split())
    assert desk.types(f"todo --office {OWNER} --json").json[0]["put_off_until"] == "2019-08-25"
    told = " ".join(desk.does("log C").split())
    assert (
        "entry M-1: carry it out, Chief executive of Melhus (kommunedirektor_melhus), no reminders before 2019-08-25"
        in told
    )


def test_a_case_that_owes_nothing_has_nothing_to_put_off(desk: Desk) -> None:
    desk.does("measure drop M-1 --reason x --for politiradet --ref x")
    refused = desk.types("snooze M-1 --until 2019-08-25")
    assert (refused.code, refused.err) == (2, "M-1 owes nothing; there is nothing to put off.\n")


def test_a_snooze_tells_that_the_duty_stands(desk: Desk) -> None:
    said = desk.does(f"snooze M-1 --until 2019-08-25 --for {OWNER} --ref 'epost'")
    assert "The due date stands, and so does every escalation" in said
    assert "M-1" in [item["case"] for item in desk.types(f"todo --office {OWNER} --json").json]


def test_a_letter_that_came_back_is_made_anew_for_the_new_address(desk: Desk, box: Letterbox) -> None:
    box.set("2019-08-02", "10:00")
    case = box.world.measure(title="Flere lys")
    decision = box.world.decide("Tiltaket anbefales.", body="politiradet")
    box.world.take("measure", "recommend", case, decider="politiradet", decision=decision)
    box.at("2019-08-02", "10:01")
    letter = next(
        x["letter"] for x in desk.types("letters --json").json if x["kind"] == "decision" and x["office"] == OWNER
    )
    desk.does(f"bounced {letter}")
    desk.does(f"person edit {OWNER} --email ny@example.no")
    assert "made anew" in desk.does(f"letters retry {letter}")
    box.at("2019-08-02", "10:02")
    assert any("Flere lys" in str(m["Subject"]) for m in box.addressed("ny@example.no"))
