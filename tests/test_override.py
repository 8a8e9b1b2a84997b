"""An override: only for steps that know one, only by the office the profile names, with a reason, on record."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from engine.definition import Deadline, Row, Workflow
from engine.errors import DefinitionError, Refused
from engine.form import Form
from engine.role import AUTO
from engine.situation import NEW
from tests.refusing import refusal
from tests.world import CHIEF, COUNCIL, LEADER, SECRETARY, World
from workflows import roles as by
from workflows.measure import S
from workflows.meeting import notice_long_enough
from workflows.profile import AGENDA

if TYPE_CHECKING:
    from pathlib import Path

OVERRIDES = {"meeting": {"summon": "leder_regionrad"}}
HURRY = {"override": "Flom i Gaula; møtet kan ikke vente"}


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A council whose leader may set aside what a summons lacks, six days before its meeting."""
    world = World(tmp_path, overrides=OVERRIDES)
    world.in_force()
    case = world.take("meeting", "plan", title="Årsmøte", date="2019-06-12").step.event.case
    world.take("meeting", "add_item", case, item=AGENDA)
    world.clock.move_to(date(2019, 6, 6))
    return world


def summon(world: World, person: str = LEADER, **options: Any) -> list[str]:  # noqa: ANN401  # of a command
    """Summon the meeting; the types of the events written."""
    own = {"person": person, "decider": "politiradssekretar", "ref": "sak 2/19"}
    receipt = world.take("meeting", "summon", "MT-1", **{**own, **options})
    return [recorded.event.type for recorded in sorted(receipt.events, key=lambda r: r.position)]


@pytest.fixture
def registering(tmp_path: Path) -> World:
    """The same, where the leader may register for the secretariat too."""
    world = World(tmp_path, overrides=OVERRIDES)
    world.in_force()
    world.fill("politiradssekretar", LEADER, date(2019, 1, 1), capacity="acting")
    case = world.take("meeting", "plan", title="Årsmøte", date="2019-06-12").step.event.case
    world.take("meeting", "add_item", case, item=AGENDA)
    world.clock.move_to(date(2019, 6, 6))
    return world


def test_an_override_is_an_event_of_its_own_before_the_step_it_allows(registering: World) -> None:
    assert summon(registering, **HURRY) == ["meeting.overridden", "meeting.summoned"]
    with registering.store.read(COUNCIL) as reader:
        override, step = list(reader.events("MT-1"))[-2:]
        remarks = reader.remarks([str(override.event.data["form"]["reason"]["remark"])])  # type: ignore[index, call-overload]  # a form
    assert override.event.data["override"] == {
        "step": "summon", "office": "leder_regionrad",
        "set_aside": [
            {"code": "notice_long_enough", "reason": "notice_too_short", "parameters": {"days": 6, "needed": 7}}
        ],
    }  # fmt: skip
    assert list(remarks.values()) == [HURRY["override"]]
    assert HURRY["override"] not in override.body
    assert (override.event.actor.person, override.event.actor.office) == (LEADER, "leder_regionrad")
    assert (step.event.cause, step.event.data["flags"]) == (override.leaf, ["short_notice", "overridden"])


def test_an_override_stays_visible_on_its_case(registering: World) -> None:
    summon(registering, **HURRY)
    marked = {"step": "summon", "on": "2019-06-06", "office": "leder_regionrad", "n": 3}
    assert registering.case("MT-1").facts["overrides"] == [marked]
    assert not registering.store.verify(COUNCIL).faults


def test_the_step_alone_can_be_taken_back_and_the_override_stays(registering: World) -> None:
    summon(registering, **HURRY)
    registering.service.annul(COUNCIL, "MT-1", entry=registering.entry(reason="Feil møte", person=LEADER))
    assert registering.state("MT-1") == "planned"
    assert registering.case("MT-1").facts["overrides"]
    with pytest.raises(Refused, match="annul_only_steps_by_people"):
        registering.service.annul(COUNCIL, "MT-1", entry=registering.entry(reason="Også det", person=LEADER))


def test_only_the_office_the_profile_names_may_override(tmp_path: Path) -> None:
    world = World(tmp_path, overrides={"agreement": {"set_aside": "leder_regionrad"}})
    case = world.propose()
    world.take("agreement", "reject", case, version="1", decider="politiet")
    codes = refusal(
        world, "agreement", "set_aside", case, version="1", rejected_by="politiet", person=CHIEF, **HURRY
    )  # fmt: skip
    assert {"only_by_override", "override_of_another"} <= codes


def test_the_secretary_may_register_the_leaders_override_with_a_reference(world: World) -> None:
    with pytest.raises(Refused, match="registrar_needs_reference"):
        summon(world, person=SECRETARY, ref=None, **HURRY)
    assert summon(world, person=SECRETARY, **HURRY) == ["meeting.overridden", "meeting.summoned"]
    with world.store.read(COUNCIL) as reader:
        event = list(reader.events("MT-1"))[-2].event
    assert (event.decider, event.actor.office) == ("leder_regionrad", "politiradssekretar")
    assert event.data["flags"] == ["override", "registered_by_another"]
    assert event.data["authority"]["person"] == LEADER  # type: ignore[index, call-overload]  # an object


def test_where_the_profile_names_nobody_nobody_may_override(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.in_force()
    world.take("meeting", "plan", title="Årsmøte", date="2018-10-06")
    codes = refusal(world, "meeting", "summon", "MT-1", **HURRY)
    assert codes == {"notice_too_short", "agenda_incomplete", "override_nobody"}


def test_a_step_that_knows_no_override_has_none(tmp_path: Path) -> None:
    world = World(tmp_path, overrides={"agreement": {"approve": "leder_regionrad"}})
    case = world.propose()
    codes = refusal(world, "agreement", "approve", case, version="1", decider="regionen", person=LEADER, **HURRY)
    assert codes == {"needs_vote", "override_unknown"}


def test_an_override_of_nothing_is_refused(registering: World) -> None:
    registering.clock.move_to(date(2019, 5, 1))
    with pytest.raises(Refused, match="nothing_to_override"):
        summon(registering, **HURRY)


def test_an_override_sets_aside_no_more_than_the_step_allows(tmp_path: Path) -> None:
    world = World(tmp_path, overrides=OVERRIDES)
    world.in_force()
    world.fill("politiradssekretar", LEADER, date(2018, 10, 1), capacity="acting")
    world.take("meeting", "plan", title="Årsmøte", person=LEADER)
    codes = refusal(world, "meeting", "summon", "MT-1", person=LEADER, **HURRY)
    assert codes == {"no_date"}


def test_a_refused_override_is_put_on_record(world: World) -> None:
    before = world.case("C").n
    refusal(world, "meeting", "summon", "MT-1", person=CHIEF, **HURRY)
    assert world.case("C").n == before + 1


def test_a_rehearsed_override_writes_nothing(registering: World) -> None:
    before = registering.case("MT-1")
    command = registering.command("meeting", "summon", "MT-1", person=LEADER, decider="politiradssekretar", **HURRY)
    receipt = registering.service.advance(COUNCIL, command, dry_run=True)
    assert (receipt.rehearsed, len(receipt.events)) == (True, 2)
    assert registering.case("MT-1") == before


def test_explain_shows_what_an_override_would_set_aside(registering: World) -> None:
    command = registering.command("meeting", "summon", "MT-1", person=LEADER, decider="politiradssekretar", **HURRY)
    verdict = registering.service.explain(COUNCIL, command).verdict
    assert verdict.allowed
    assert [(check.name, check.reason and check.reason.code) for check in verdict.set_aside] == [
        ("notice_long_enough", "notice_too_short")
    ]


def test_the_same_key_with_an_override_is_another_command(registering: World) -> None:
    with pytest.raises(Refused):
        summon(registering, key="k")
    assert summon(registering, key="k", **HURRY) == ["meeting.overridden", "meeting.summoned"]
    assert summon(registering, key="k", **HURRY) == ["meeting.summoned"]


def table(*rows: Row) -> Workflow:
    """A small table with these rows after its opening."""
    return Workflow(
        name="x", version=1, prefix="X", states=S, final=frozenset(set(S) - {S.PROPOSED}),
        rows=(Row("open", NEW, S.PROPOSED, by.SECRETARIAT), *(Row(f"go_{s}", S.PROPOSED, s, AUTO) for s in S), *rows),
        deadlines=(Deadline("d", S.PROPOSED, lambda _: None, by.SECRETARIAT),),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (Row("a", S.PROPOSED, None, by.SECRETARIAT, Form, (), overridable=(notice_long_enough,)), "no guard of it"),
        (Row("b", NEW, S.PROPOSED, by.SECRETARIAT, Form, (notice_long_enough,), overridable=(notice_long_enough,)),
         "opens a case"),
    ],
)  # fmt: skip
def test_a_table_cannot_let_an_override_set_aside_what_is_not_there(row: Row, why: str) -> None:
    with pytest.raises(DefinitionError, match=why):
        table(row)
