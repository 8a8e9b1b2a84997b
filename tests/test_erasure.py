"""Erasing a person and showing one to nobody: gone from tables and file, and the log as whole as before."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from engine.erasure import Erased, erase_again, erased_in
from store import SqlStore
from tests.desk import Desk
from tests.leaving import ADDRESS, FULL, LOGIN, OFFICE, in_files, known, log, settle
from tests.world import COUNCIL, SECRETARY, World

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=["WAL", "DELETE"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Desk:
    """A desk over a file with either journal."""
    return Desk(World(tmp_path, journal=request.param))


def test_the_bytes_of_an_erased_person_are_in_no_file_any_more(desk: Desk, tmp_path: Path) -> None:
    id_ = settle(desk)
    assert {text for _, text in in_files(tmp_path, FULL, ADDRESS, LOGIN, "olav")} == {FULL, ADDRESS, LOGIN, "olav"}
    desk.world.clock.move_to(date(2018, 12, 1))
    said = desk.does("person erase olav")
    assert in_files(tmp_path, FULL, ADDRESS, LOGIN, "olav") == []
    assert f"{id_} is erased" in said
    assert "politirad.db is written anew" in said


def test_the_log_is_whole_and_the_views_can_be_made_anew_after_an_erasure(desk: Desk) -> None:
    settle(desk)
    before = [recorded.body for recorded in log(desk)]
    desk.world.clock.move_to(date(2018, 12, 1))
    desk.does("person erase olav")
    assert [recorded.body for recorded in log(desk)][:-1] == before
    assert desk.world.store.verify(COUNCIL).faults == []
    desk.does("rebuild")
    assert desk.world.store.verify(COUNCIL).faults == []


def test_what_an_erased_person_did_is_shown_with_the_office(desk: Desk) -> None:
    id_ = settle(desk)
    assert f"Chief of police of Trøndelag ({OFFICE}), {FULL}" in " ".join(desk.does("log A-1").split())
    desk.world.clock.move_to(date(2018, 12, 1))
    desk.does("person erase olav")
    told = " ".join(desk.does("log A-1").split())
    assert f"(erased) (declared, operating system user (erased)), Chief of police of Trøndelag ({OFFICE})" in told
    assert desk.types("log A-1 --json").json[0]["decided_by"]["office"] == OFFICE
    assert f"{id_} (erased)" in " ".join(desk.does("person list").split())
    assert desk.types("person show olav").code == 3


def test_the_event_of_an_erasure_holds_an_id_and_no_more(desk: Desk) -> None:
    id_ = settle(desk)
    desk.world.clock.move_to(date(2018, 12, 1))
    desk.does("person erase olav")
    event = log(desk)[-1].event
    assert (event.type, event.data["person"], event.data["remarks"]) == ("council.person_erased", {"id": id_}, [])


@pytest.fixture
def one(tmp_path: Path) -> Desk:
    """A desk, where the journal makes no difference."""
    return Desk(World(tmp_path))


@pytest.mark.parametrize("until", ["2018-10-04", "2019-01-01"])
def test_whoever_holds_an_office_is_not_erased_and_is_told_what_to_do(one: Desk, until: str) -> None:
    settle(one, until=until)
    answer = one.types("person erase olav")
    assert answer.code == 1
    assert f"This person holds {OFFICE}" in answer.err
    assert "office end OFFICE --on DATE" in answer.err
    assert known(one).name == FULL


def test_an_office_to_come_counts_too(one: Desk) -> None:
    settle(one)
    one.world.clock.move_to(date(2018, 12, 1))
    one.does("office assign slt_roros olav --from 2030-01-01 --capacity deputy")
    assert "holds slt_roros" in one.types("person erase olav").err


def test_the_last_keeper_of_the_record_is_not_erased(one: Desk) -> None:
    answer = one.types("person erase kari")
    assert answer.code == 1
    assert "keeps the record" in answer.err
    assert "office assign politiradssekretar PERSON" in answer.err


def test_a_rehearsed_erasure_erases_nothing(one: Desk) -> None:
    settle(one)
    one.world.clock.move_to(date(2018, 12, 1))
    assert "Nothing was written" in one.does("person erase olav --dry-run")
    assert known(one).name == FULL


def test_an_erasure_done_again_writes_no_event_and_cleans_the_file(one: Desk) -> None:
    id_ = settle(one)
    one.world.clock.move_to(date(2018, 12, 1))
    one.does("person erase olav")
    events = len(log(one))
    assert "written anew" in one.does(f"person erase {id_}")
    assert len(log(one)) == events
    assert one.types(f"person erase {id_} --json").json["repeated"] is True


def test_an_erasure_that_cannot_clean_the_file_says_so_and_how_to_go_on(tmp_path: Path) -> None:
    desk = Desk(World(tmp_path, journal="WAL"))
    id_ = settle(desk)
    desk.world.clock.move_to(date(2018, 12, 1))
    other = SqlStore.open(tmp_path / "politirad.db", timeout=0.1)
    with other.read(COUNCIL) as reader:
        reader.size()
        answer = desk.types("person erase olav")
    assert answer.code == 5
    assert "still holds traces" in answer.err
    assert f"person erase {id_}" in answer.err
    desk.does(f"person erase {id_}")
    assert in_files(tmp_path, FULL, ADDRESS) == []


def remarked(desk: Desk) -> list[Any]:
    """Two remarks: one that Ola wrote, one of the secretary's that names him; the remarks as the log tells them."""
    world = desk.world
    world.in_force()
    for reason, person in (("Slik ville jeg det", known(desk).id), (f"Etter ønske fra {FULL}", SECRETARY)):
        case = world.measure()
        office = {"office": "politiradssekretar"}
        world.take("measure", "drop", case, decider="politiradet", reason=reason, person=person, **office)
    return said(desk)


def said(desk: Desk) -> list[Any]:
    """The remarks on the two measures."""
    return [desk.types(f"log {case} --json").json[-1]["remarks"][0] for case in ("M-1", "M-2")]


@pytest.fixture
def wordy(one: Desk) -> Desk:
    """A council with the two remarks; Ola has left."""
    settle(one)
    one.does("office assign politiradssekretar olav --from 2018-10-01 --until 2018-11-30 --capacity acting")
    assert remarked(one) == ["Slik ville jeg det", f"Etter ønske fra {FULL}"]
    one.world.clock.move_to(date(2018, 12, 1))
    return one


def test_remarks_stay_unless_asked_for_and_are_told_of(wordy: Desk) -> None:
    told = " ".join(wordy.does("person erase olav").split())
    assert "Remarks this person wrote, which stay (1): M-1 2." in told
    assert "Remarks of others that have the name in them, which stay (1): M-2 2." in told
    assert said(wordy) == ["Slik ville jeg det", f"Etter ønske fra {FULL}"]


@pytest.mark.parametrize(
    ("option", "left"),
    [("--remarks", [None, f"Etter ønske fra {FULL}"]), ("--naming", ["Slik ville jeg det", None])],
)
def test_remarks_are_erased_as_asked(wordy: Desk, option: str, left: list[str | None]) -> None:
    wordy.does(f"person erase olav {option}")
    assert said(wordy) == left
    assert wordy.world.store.verify(COUNCIL).faults == []


def test_an_erased_remark_is_gone_with_its_salt(wordy: Desk, tmp_path: Path) -> None:
    wordy.does("person erase olav --remarks --naming")
    assert in_files(tmp_path, "Slik ville jeg det", f"Etter ønske fra {FULL}") == []
    with wordy.world.store.write(COUNCIL) as tx:
        assert tx._link.connection.execute("SELECT count(*) FROM remark").fetchone() == (0,)  # noqa: SLF001  # the rows


def test_nobody_comes_back_under_an_erased_id(one: Desk) -> None:
    id_ = settle(one)
    one.world.clock.move_to(date(2018, 12, 1))
    one.does("person erase olav")
    answer = one.types("person", "edit", id_, "--name", FULL)
    assert (answer.code, "is erased for good" in answer.err) == (2, True)
    one.does("person", "add", FULL, "--handle", "olav")
    assert known(one).id != id_


def test_public_texts_with_the_name_are_told_of_because_they_stay(one: Desk) -> None:
    one.world.in_force()
    one.world.measure(title=f"Befaring med {FULL}")
    settle_again = one.types("person", "add", FULL, "--handle", "olav")
    assert settle_again.code == 0
    assert "The log itself has the name in public texts (1): M-1 1." in " ".join(one.does("person erase olav").split())


def test_what_was_erased_is_read_from_the_log_and_can_be_erased_again(wordy: Desk, tmp_path: Path) -> None:
    earlier = wordy.world.store.copy_to(tmp_path / "earlier.db")
    id_ = known(wordy).id
    wordy.does("person erase olav --remarks")
    erased = erased_in(log(wordy))
    assert (erased.persons, len(erased.remarks), erased.blocked) == ((id_,), 1, {})
    for _ in range(2):
        with earlier.write(COUNCIL) as tx:
            assert (tx.person(id_).name is None) is bool(_)
            erase_again(tx, erased, wordy.world.clock.now())
    with earlier.read(COUNCIL) as reader:
        assert [p.name for p in reader.persons() if p.id == id_] == [None]
        assert reader.remarks(erased.remarks) == {}
        assert LOGIN not in reader.logins().values()
    said = [fault.what for fault in earlier.verify(COUNCIL).faults]
    assert said, "the earlier log does not say itself what was erased: a restore records it (test_restore_erased.py)"
    assert all("is gone, and no event erased it" in what for what in said)


def test_a_person_the_copy_does_not_know_yet_is_no_hindrance(one: Desk) -> None:
    with one.world.store.write(COUNCIL) as tx:
        erase_again(tx, Erased(("p_nobody",), ("0" * 64,)), one.world.clock.now())
    assert known(one, "kari").name == "Kari Nordli"
