"""Names stay out of the log, because nobody can erase it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from engine.errors import Refused, UsageError
from engine.ports import Person
from engine.registration import add_person
from engine.sitting import PointVote, Sitting, decide
from tests.world import COUNCIL, World

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_public_text_that_names_a_person_is_refused_and_nothing_is_written(world: World) -> None:
    with pytest.raises(UsageError, match=r"--title names kari nordli\. .* name the office instead"):
        world.measure(title="Møte med kari nordli")
    with world.store.read(COUNCIL) as reader:
        assert reader.cases("measure") == ()


def test_a_longer_word_that_contains_a_name_is_none(world: World) -> None:
    assert world.measure(title="Kari Nordlis vei") == "M-1"


def test_a_person_added_later_is_known_at_once(world: World) -> None:
    world.measure(title="Befaring med Ola Vik")
    person = Person("p_ola", "ola", "Ola Vik", None)
    world.register(lambda run: add_person(run, person, world.entry()))
    with pytest.raises(UsageError):
        world.measure(title="Befaring med Ola Vik")


def test_a_remark_may_name_people(world: World) -> None:
    case = world.measure()
    world.in_force()
    world.take("measure", "drop", case, decider="politiradet", reason="Kari Nordli har sluttet")
    assert world.state(case) == "dropped"


@pytest.mark.parametrize("place", ["point", "reference"])
def test_a_decision_names_nobody_either(world: World, place: str) -> None:
    texts = {"point": "Vedtas", "reference": "sak 1/19", place: "Kari Nordli leder dialogen"}
    sitting = Sitting("regionrad", None, (), (PointVote(texts["point"]),))
    with pytest.raises(UsageError):
        world.register(lambda run: decide(run, sitting, world.entry(on=world.today, ref=texts["reference"])))


def test_no_name_on_record_stands_in_the_log(world: World) -> None:
    world.in_force()
    with world.store.read(COUNCIL) as reader:
        names = [person.name for person in reader.persons() if person.name]
        assert names
        assert not [body for body in (r.body for r in reader.events()) if any(name in body for name in names)]


def test_the_hash_under_a_key_gives_no_remark_away(world: World) -> None:
    world.in_force()
    case = world.measure()
    first = world.take("measure", "drop", case, decider="politiradet", reason="Sykdom", key="k1").step.event.key
    again = world.take("measure", "drop", case, decider="politiradet", reason="Noe annet", key="k1")
    assert again.repeated
    assert first == again.step.event.key


@pytest.mark.parametrize("place", ["ref", "file", "basis", "correction"])
def test_no_other_way_leads_a_name_into_the_log(world: World, place: str) -> None:
    case = world.measure()
    with pytest.raises(UsageError, match="Kari"):
        NAMING[place](world, case)
    with world.store.read(COUNCIL) as reader:
        assert not [r for r in reader.events() if "Nordli" in r.body]


def a_file(world: World, case: str) -> None:
    """A document whose file is named for a person."""
    document, files = world.document_of("Kari_Nordli.md", "x")
    world.take("measure", "edit", case, decider="politiradssekretar", documents=(document,), files=files, goal="Færre")


NAMING: dict[str, Callable[[World, str], object]] = {
    "ref": lambda world, case: world.take(
        "measure", "edit", case, decider="politiradssekretar", goal="Færre", ref="av Kari Nordli"
    ),
    "file": a_file,
    "basis": lambda world, _: world.fill(
        "politimester", "p_x", date(2030, 1, 1), capacity="acting", basis="Kari Nordli sa det"
    ),
    "correction": lambda world, case: world.service.correct(
        COUNCIL, case, 1, {"ref": "brev fra Kari Nordli"}, entry=world.entry(reason="x")
    ),
}


def test_a_refused_attempt_keeps_nothing_that_was_typed_but_ids(world: World) -> None:
    case = world.propose()
    for typed in ({"decider": "Kari Nordli"}, {"version": "Kari Nordli"}, {"ref": "Kari Nordli", "version": "9"}):
        with pytest.raises(Refused):
            world.take("agreement", "approve", case, **{"decider": "politiet", "version": "1", **typed})
    with world.store.read(COUNCIL) as reader:
        assert len(list(reader.refusals())) == 3
        assert not [r for r in reader.events() if "Nordli" in r.body]
