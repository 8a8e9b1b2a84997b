"""Letters and those who are erased or blocked: rows stay as evidence, words and addresses go."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.desk import Desk
from tests.leaving import in_files
from tests.letterbox import Letterbox
from tests.world import COUNCIL, SECRETARY

if TYPE_CHECKING:
    from pathlib import Path


OWNER, OWNERS = "kommunedirektor_melhus", "p_kommunedirektor_melhus"


@pytest.fixture
def box(tmp_path: Path) -> Letterbox:
    """A council that writes letters, after a first week of them; the measure is due soon."""
    box = Letterbox(tmp_path / "box")
    box.world.in_force()
    box.measure("2019-02-01")
    return box


def test_letters_to_an_erased_person_keep_their_row_and_lose_their_words(box: Letterbox) -> None:
    box.at("2019-01-28")
    (mine,) = [letter for letter in box.letters("digest") if letter.person == OWNERS]
    box.move_in(OWNER, "p_new", "2019-01-29", "new@example.no")
    box.set("2019-01-29")
    desk = Desk(box.world)
    desk.does(f"person erase {OWNERS}")
    with box.world.store.read(COUNCIL) as reader:
        kept, body = reader.letter(mine.number), reader.letter_body(mine.number)
    assert (kept.stage, kept.office, kept.made) == (mine.stage, mine.office, mine.made)
    assert (kept.address, kept.said, body) == (None, None, b"")
    assert "@" not in kept.key
    assert in_files(box.world.folder, "kommunedirektor_melhus@example.no") == []
    assert "(erased)" in desk.does(f"letters show L-{mine.number}")
    assert "has no address any more" in desk.types(f"letters retry L-{mine.number}").err


def test_a_letter_that_came_back_from_an_erased_person_is_nobodys_trouble_any_more(box: Letterbox) -> None:
    desk = Desk(box.world)
    box.at("2019-01-28")
    (mine,) = [letter for letter in box.letters("digest") if letter.person == OWNERS]
    desk.does(f"bounced L-{mine.number}")
    assert f"L-{mine.number}" in desk.types("doctor").out
    box.at("2019-01-28", "09:00")
    box.move_in(OWNER, "p_new", "2019-01-28", "new@example.no")
    (returned,) = box.letters("returned")
    desk.does(f"person erase {OWNERS}")
    assert f"L-{mine.number}" not in desk.types("doctor").out
    with box.world.store.read(COUNCIL) as reader:
        assert reader.letter_body(returned.number) == b""


def test_a_letter_that_came_back_is_not_quoted_any_more_once_its_reader_is_erased(box: Letterbox) -> None:
    box.at("2019-01-28")
    (mine,) = [letter for letter in box.letters("digest") if letter.person == OWNERS]
    box.move_in(OWNER, "p_new", "2019-01-28", "new@example.no")
    desk = Desk(box.world)
    desk.does(f"bounced L-{mine.number}")
    desk.does(f"person erase {OWNERS}")
    box.at("2019-01-28", "09:00")
    assert box.letters("returned") == []


def test_a_letter_that_waits_for_an_erased_person_goes_to_whoever_followed(box: Letterbox) -> None:
    box.set("2019-01-28")
    box.clockwork.round.once()
    (mine,) = [letter for letter in box.letters("digest") if letter.person == OWNERS]
    assert mine.stage == "pending"
    box.move_in(OWNER, "p_new", "2019-01-28", "new@example.no")
    Desk(box.world).does(f"person erase {OWNERS}")
    box.at("2019-01-28", "09:00")
    assert [mail.address for mail in box.mail.sent if not mail.body] == []
    assert box.addressed("new@example.no")


def test_the_address_of_a_former_secretary_is_overwritten_in_letters_to_others(box: Letterbox) -> None:
    box.at("2019-01-28")
    others = [letter for letter in box.letters() if letter.person not in {SECRETARY, None}]
    assert others
    box.move_in("politiradssekretar", "p_new", "2019-01-29", "new@example.no")
    box.world.fill("politiradssekretar", "p_next", date(2019, 1, 29), capacity="acting")
    box.set("2019-01-29")
    introduce = Desk(box.world)
    answer = introduce.types("person erase kari --person new")
    assert answer.code == 0, answer.err
    with box.world.store.read(COUNCIL) as reader:
        bodies = [reader.letter_body(letter.number) for letter in others]
    assert all(b"erased@erased.invalid" in body for body in bodies)
    assert in_files(box.world.folder, "secretary@example.no") == []


def test_a_blocked_person_gets_no_letter_and_the_secretariat_gets_it_instead(box: Letterbox) -> None:
    desk = Desk(box.world)
    desk.does(f"person block {OWNERS}")
    box.at("2019-01-28")
    assert box.addressed("kommunedirektor_melhus@example.no") == []
    assert {letter.person for letter in box.letters() if letter.office == OWNER} == {SECRETARY}


def test_letters_to_a_blocked_person_are_shown_to_nobody(box: Letterbox) -> None:
    box.at("2019-01-28")
    (mine,) = [letter for letter in box.letters("digest") if letter.person == OWNERS]
    desk = Desk(box.world)
    desk.does(f"person block {OWNERS}")
    assert "kommunedirektor_melhus@example.no" not in desk.does("letters") + desk.types("letters --json").out
    answer = desk.types(f"letters show L-{mine.number}")
    assert (answer.code, "who is blocked" in answer.err) == (2, True)
