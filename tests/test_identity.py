"""Identity, honestly labelled: declared, with the operating system's user beside it; a rule may demand more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from engine.event import commitment_of
from engine.rule import AllOf, Office
from engine.service import Service
from tests.chamber import Chamber
from tests.contract.raw import raw
from tests.world import CHIEF, COUNCIL, SECRETARY, World

if TYPE_CHECKING:
    from pathlib import Path

LOGIN = "siri (1000)"


@pytest.fixture
def world(world: World) -> World:
    """A council whose steps come from a user of an operating system."""
    world.service = replace(world.service, login=LOGIN)
    return world


def logins(world: World) -> list[object]:
    """What each event of the log says of the user behind it."""
    with world.store.read(COUNCIL) as reader:
        return [recorded.event.data.get("login") for recorded in reader.events()]


def test_every_event_a_person_enters_names_the_user_behind_it_by_a_commitment(world: World) -> None:
    before = len(logins(world))
    case = world.propose()
    world.agree(case, "1")
    with world.store.read(COUNCIL) as reader:
        new = list(reader.events())[before:]
        known = reader.logins()
    by_hand = [r for r in new if r.event.actor.person is not None]
    assert {known[str(r.event.data["login"])] for r in by_hand} == {LOGIN}
    assert all("login" not in r.event.data for r in new if r.event.actor.person is None)
    assert {r.event.actor.via for r in by_hand} == {"declared"}
    assert not any(LOGIN in r.body for r in new)


def test_the_user_is_kept_once_for_each_person_and_can_be_checked_against_the_log(world: World) -> None:
    case = world.propose()
    world.take("agreement", "approve", case, version="1", person=CHIEF, ref=None)
    world.take("agreement", "withdraw_approval", case, version="1", decider="politiet", reason="x")
    with raw(world.folder / "politirad.db") as connection:
        rows = connection.execute("SELECT person, text, salt, commitment FROM login ORDER BY person").fetchall()
    assert [(person, text) for person, text, _, _ in rows] == [(CHIEF, LOGIN), (SECRETARY, LOGIN)]
    assert all(commitment == commitment_of(salt, text) for _, text, salt, commitment in rows)


def test_another_user_behind_the_same_person_is_told_apart(world: World) -> None:
    world.propose()
    world.service = replace(world.service, login="root (0)")
    world.propose()
    with world.store.read(COUNCIL) as reader:
        assert sorted(reader.logins().values()) == ["root (0)", LOGIN]


def test_a_refused_step_leaves_no_trace_of_the_user_but_on_the_attempt(world: World) -> None:
    case = world.propose()
    count = len(logins(world))
    with pytest.raises(Exception, match="no_such_version"):
        world.take("agreement", "approve", case, version="7", decider="politiet")
    assert len(logins(world)) == count + 1
    assert not world.store.verify(COUNCIL).faults


def test_without_a_known_user_the_log_says_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    assert isinstance(world.service, Service)
    assert logins(world) == [None] * len(logins(world))


def test_a_declared_identity_is_refused_where_the_rule_demands_a_signature(tmp_path: Path) -> None:
    chamber = Chamber(tmp_path, AllOf((Office("politimester", "sshsig"), Office("leder_regionrad"))))
    chamber.yes("politimester", "leder_regionrad")
    assert chamber.refusals == ["assurance_too_low"]
    assert [leaf.who for leaf in chamber.found().missing()] == ["politimester"]


def test_an_approval_says_how_sure_its_identity_is(world: World) -> None:
    case = world.propose()
    event = world.take("agreement", "approve", case, version="1", decider="politiet").step.event
    assert event.data["approval"]["assurance"] == "declared"  # type: ignore[index, call-overload]  # an act
