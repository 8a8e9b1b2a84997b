"""Letters that wait while the world goes on: whose recipient changes, or whose day passes, before they are sent."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.letterbox import Letterbox, local
from tests.outgoing import DAY, bodies, sending_to
from tests.post_office import PostOffice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.outbox import Posted

OWNER = "kommunedirektor_melhus"


@pytest.fixture
def post() -> Iterator[PostOffice]:
    """A server that takes everything."""
    with PostOffice() as office:
        yield office


def reminded(tmp_path: Path, post: PostOffice) -> Letterbox:
    """A council with a measure of which its owner is told on `DAY`; the server is down when the letter is made."""
    box = Letterbox(tmp_path)
    box.world.in_force()
    box.measure("2019-09-03")
    box.at("2018-10-05")
    sending_to(box, post)
    post.close()
    box.at(DAY)
    assert [letter.stage for letter in owners(box)] == ["pending"]
    return box


def owners(box: Letterbox) -> list[Posted]:
    """The digests of the measure's owner."""
    return [letter for letter in box.letters("digest") if letter.office == OWNER]


@pytest.mark.parametrize("change", ["vacated", "another holder", "another address"])
def test_a_letter_whose_recipient_changes_before_it_is_sent_is_withdrawn_and_made_anew(
    tmp_path: Path, post: PostOffice, change: str
) -> None:
    box = reminded(tmp_path, post)
    former = box.to(OWNER)
    match change:
        case "vacated":
            box.vacate(OWNER, "2019-08-01")
        case "another holder":
            box.move_in(OWNER, "p_ny", DAY, "ny@example.no")
        case _:
            box.readdress(f"p_{OWNER}", "ny@example.no")
    post.open()
    for minute in range(1, 4):
        box.at(DAY, f"08:0{minute}")
    reached = [one.recipient for one in post.letters if b"M-1" in one.body or b"m-1" in one.body.lower()]
    assert former not in reached
    assert reached[-1] == (box.to("politiradssekretar") if change == "vacated" else "ny@example.no")
    assert [letter.stage for letter in box.letters("digest") if letter.address == former][-1] == "withdrawn"
    assert [t.fate for t in box.evidence("M-1")] == ["told"]


def test_a_letter_about_a_step_follows_the_office_to_its_new_holder(tmp_path: Path, post: PostOffice) -> None:
    box = Letterbox(tmp_path)
    box.world.in_force()
    sending_to(box, post)
    box.at("2018-10-05")
    post.close()
    box.measure("2019-09-03")
    box.at("2018-10-05", "09:00")
    former, waiting = box.to(OWNER), [letter for letter in box.letters("decision") if letter.office == OWNER]
    assert waiting[-1].stage == "pending"
    box.move_in(OWNER, "p_ny", "2018-10-05", "ny@example.no")
    post.open()
    before = len(post.letters)
    for minute in range(1, 4):
        box.at("2018-10-05", f"09:0{minute}")
    reached = {one.recipient for one in post.letters[before:]}
    assert "ny@example.no" in reached
    assert former not in reached


def test_a_digest_that_missed_its_day_is_made_anew_with_what_is_true_then(tmp_path: Path, post: PostOffice) -> None:
    box = reminded(tmp_path, post)
    post.open()
    box.at("2019-08-05")
    assert [(letter.stage, local(letter.made).date()) for letter in owners(box)] == [
        ("withdrawn", date(2019, 8, 2)), ("sent", date(2019, 8, 5)),
    ]  # fmt: skip
    assert [t.letter for t in box.evidence("M-1")] == [owners(box)[-1].number]


def test_a_digest_that_is_put_off_day_after_day_is_made_anew_each_day(tmp_path: Path, post: PostOffice) -> None:
    box = reminded(tmp_path, post)
    post.open()
    post.defers(box.to(OWNER))
    days = [date(2019, 8, day) for day in (2, 5, 6, 7, 8)]
    for day in days:
        box.at(day.isoformat(), "09:00")
    assert [local(letter.made).date() for letter in owners(box)] == days
    assert [letter.stage for letter in owners(box)] == ["withdrawn"] * 4 + ["pending"]


def test_a_digest_that_may_have_arrived_is_sent_again_as_it_is(tmp_path: Path, post: PostOffice) -> None:
    box = reminded(tmp_path, post)
    post.open()
    post.drops("content", times=20)
    box.at(DAY, "15:59")
    (letter,) = owners(box)
    assert (letter.stage, letter.uncertain) == ("pending", True)
    while post.breaks_off("content"):
        pass
    box.at("2019-08-05")
    assert [letter.stage for letter in owners(box)] == ["sent"]
    assert [one.body for one in post.letters if one.recipient == letter.address] == bodies(box, [letter]) * 2
