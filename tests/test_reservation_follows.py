"""What follows a reservation: no letter goes to whom no agreement binds, and its offices answer for no measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.errors import Refused
from engine.rule import AllOf, BodyVote, Party
from engine.sitting import PointVote, Sitting, decide
from tests.letterbox import Letterbox, texts
from tests.refusing import refusal
from tests.test_reservation import ITS_OFFICES, OUT, answered
from tests.world import COUNCIL, MAYORS, World
from workflows.profile import AGENDA, Approvals

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from engine.event import Json
    from engine.ports import Owed
    from engine.run import Run

ITS = {"implementer": f"kommunedirektor_{OUT}", "follow_up": f"slt_{OUT}"}
ANOTHER = {"implementer": "kommunedirektor_melhus", "follow_up": "slt_melhus"}
SECRETARIAT = "politiradssekretar"


@pytest.fixture
def box(tmp_path: Path) -> Letterbox:
    """An agreement in force for all six municipalities, each of which has answered for itself."""
    box = Letterbox(tmp_path, ratifies=dict.fromkeys(MAYORS, True), enough_acceded=5)
    answered(box.world)
    box.at("2019-01-07")
    return box


def left(box: Letterbox) -> None:
    """A new agreement takes the old one's place, and Oppdal has reserved itself against it; what is told is told."""
    answered(box.world, oppdal="reserved")
    box.at("2019-01-08")
    assert [box.world.state(case) for case in ("A-1", "A-2")] == ["superseded", "in_force"]


def owed(world: World, case: str) -> dict[str, Owed]:
    """What a case owes, by name."""
    with world.store.read(COUNCIL) as reader:
        return {item.name: item for item in reader.owed(case)}


def offices_told(box: Letterbox, since: int = 0) -> set[tuple[str, str]]:
    """Kind and office of the letters made after so many."""
    return {(letter.kind, letter.office) for letter in box.letters()[since:]}


def take_over(world: World, agreement: str = "A-2") -> set[str]:
    """The council takes over what was left behind; the measures that moved."""
    decision = world.decide("Åpne tiltak videreføres", body="politiradet")
    receipt = world.take("agreement", "take_over_measures", agreement, decider="politiradet", decision=decision)
    return {r.event.case for r in receipt.events if r.event.type == "measure.moved"}


def test_entering_into_force_is_told_to_those_it_binds_and_its_predecessors_end_to_those_that_bound(
    box: Letterbox,
) -> None:
    before = len(box.letters())
    left(box)
    told = {letter.office for letter in box.letters()[before:] if letter.case == "A-2"}
    assert not ITS_OFFICES & told
    assert "kommunedirektor_melhus" in told
    (farewell,) = (letter for letter in box.letters()[before:] if letter.office in ITS_OFFICES)
    assert (farewell.case, farewell.kind) == ("A-1", "decision")


def test_a_meeting_called_under_the_old_agreement_moves_and_is_minuted_without_them(box: Letterbox) -> None:
    world = box.world
    case = world.take("meeting", "plan", title="Årsmøte", date="2019-03-20").step.event.case
    world.take("meeting", "add_item", case, item=AGENDA)
    world.take("meeting", "summon", case)
    box.at("2019-01-07", "10:00")
    assert ("notice", f"ordforer_{OUT}") in offices_told(box)
    left(box)
    before = len(box.letters())
    world.take("meeting", "reschedule", case, decider="leder_regionrad", date="2019-03-27", reason="Sykdom")
    box.at("2019-01-08", "10:00")
    assert ("moved", "ordforer_melhus") in offices_told(box, before)
    assert not ITS_OFFICES & {office for _, office in offices_told(box, before)}


def test_minutes_go_to_those_who_still_sit(box: Letterbox) -> None:
    world = box.world
    case = world.take("meeting", "plan", title="Årsmøte", date="2019-01-31").step.event.case
    world.take("meeting", "add_item", case, item=AGENDA)
    world.take("meeting", "summon", case)
    box.at("2019-01-31", "14:00")
    world.take("meeting", "hold", case, present=("ordforer_melhus",))
    answered(world, oppdal="reserved")
    before = len(box.letters())
    paper, files = world.document_of("referat.md", "Referat")
    world.take("meeting", "minute", case, documents=(paper,), files=files)
    box.at("2019-02-01")
    assert ("minutes", "ordforer_melhus") in offices_told(box, before)
    assert not {("minutes", office) for office in ITS_OFFICES} & offices_told(box, before)


def test_a_cancellation_goes_to_everybody_who_has_the_meeting_in_their_calendar(box: Letterbox) -> None:
    world = box.world
    case = world.take("meeting", "plan", title="Årsmøte", date="2019-03-20").step.event.case
    world.take("meeting", "add_item", case, item=AGENDA)
    world.take("meeting", "summon", case)
    left(box)
    world.take("meeting", "cancel", case, decider="leder_regionrad", reason="Flom")
    box.at("2019-01-08", "10:00")
    assert {office for kind, office in offices_told(box) if kind == "cancelled"} >= ITS_OFFICES


def test_a_late_accession_is_told_to_everybody_bound_and_to_whom_it_binds_now(tmp_path: Path) -> None:
    box = Letterbox(tmp_path, ratifies=dict.fromkeys(MAYORS, True), enough_acceded=5)
    answered(box.world, oppdal="reserved")
    box.at("2019-01-07")
    before = len(box.letters())
    box.world.take("agreement", "ratify", "A-1", version="1", decider=OUT, answer="acceded")
    box.at("2019-01-08")
    told = {office for kind, office in offices_told(box, before) if kind == "decision"}
    assert {ITS["implementer"], ANOTHER["implementer"], "politiets_sekretar"} <= told
    assert "En kommune som hadde reservert seg, har sluttet seg til avtalen" in texts(
        box.addressed(box.to(ITS["implementer"]))
    )


def test_its_offices_are_released_and_the_secretariat_owes_what_they_owed(box: Letterbox) -> None:
    case = box.measure("2019-02-01", **ITS)
    left(box)
    facts = box.world.case(case).facts
    assert (facts["released"], facts["offices"]) == (ITS, {})
    assert {name: item.office for name, item in owed(box.world, case).items()} == {
        "implement": SECRETARIAT, "move": SECRETARIAT,
    }  # fmt: skip
    assert not box.world.store.verify(COUNCIL).faults


def test_no_reminder_and_no_escalation_reaches_an_office_that_was_released(box: Letterbox) -> None:
    box.measure("2019-02-01", **ITS)
    other = box.measure("2019-02-01", title="Øvelse", implementer=ANOTHER["implementer"], follow_up=ITS["follow_up"])
    left(box)
    before = len(box.letters())
    box.through("2019-01-09", "2019-03-20")
    kinds = {kind for kind, _ in offices_told(box, before)}
    assert {"digest", "escalation"} <= kinds
    assert not ITS_OFFICES & {office for _, office in offices_told(box, before)}
    assert box.world.case(other).offices == {"implementer": ANOTHER["implementer"]}


def test_a_measure_is_taken_over_once_somebody_answers_for_it(box: Letterbox) -> None:
    world = box.world
    its, other = box.measure("2019-06-01", **ITS), box.measure("2019-06-01")
    left(box)
    assert take_over(world) == {other}
    decision = world.decide("Tiltaket videreføres", body="politiradet")
    again = {"decider": "politiradet", "decision": decision}
    assert refusal(world, "measure", "move", its, **again) == {"nobody_answers"}
    assert refusal(world, "agreement", "take_over_measures", "A-2", **again) == {"nobody_answers_for_any"}
    world.take("measure", "reassign", its, decider="politiradet", ref="PS 3/19", **ANOTHER)
    world.take("measure", "move", its, **again)
    facts = world.case(its).facts
    assert (facts["agreement"], facts["offices"]) == ("A-2", ANOTHER)
    assert not {"released", "left_behind"} & facts.keys()


def test_what_is_evaluated_is_taken_over_although_its_offices_are_released(box: Letterbox) -> None:
    world, case = box.world, box.measure("2019-06-01", **ITS)
    world.take("measure", "implement", case, decider=ITS["implementer"], done="Ferdig")
    found = {"effect": "achieved", "assessment": "Ro", "method": "Statistikk", "evaluator": ITS["follow_up"]}
    world.take("measure", "evaluate", case, decider=ITS["follow_up"], **found)
    left(box)
    assert take_over(world) == {case}
    world.take("measure", "close", case, decider="politiradet", ref="PS 4/19", result="ended")


def test_a_released_office_is_named_wherever_the_measure_is_told_of(box: Letterbox) -> None:
    case = box.measure("2019-06-01", **ITS)
    left(box)
    with box.world.store.read(COUNCIL) as reader:
        newest = list(reader.events(case))[-1].event
    assert (newest.type, newest.data["flags"]) == ("measure.left_behind", ["office_released"])


def test_its_offices_answer_for_it_again_after_acceding_once_the_council_says_so(box: Letterbox) -> None:
    world, case = box.world, box.measure("2019-06-01", **ITS)
    left(box)
    assert refusal(world, "measure", "reassign", case, decider="politiradet", ref="PS 3/19", **ITS) == {
        "office_outside"
    }
    world.take("agreement", "ratify", "A-2", version="1", decider=OUT, answer="acceded")
    world.take("measure", "reassign", case, decider="politiradet", ref="PS 3/19", **ITS)
    assert take_over(world) == {case}
    assert owed(world, case)["implement"].office == ITS["implementer"]


@pytest.mark.parametrize("role", ITS)
def test_no_measure_is_proposed_described_or_recommended_for_whom_the_agreement_does_not_bind(
    box: Letterbox, role: str
) -> None:
    world, its = box.world, {role: ITS[role]}
    old = world.measure(**{**ANOTHER, **its})
    left(box)
    new = world.measure()
    details = {"title": "Nytt", "decider": SECRETARIAT}
    with pytest.raises(Refused, match="office_outside"):
        world.take("measure", "propose", **details, **its)
    assert refusal(world, "measure", "edit", new, decider=SECRETARIAT, **its) == {"office_outside"}
    assert refusal(world, "measure", "recommend", old, decider="politiradet", ref="PS 1/19") == {"incomplete"}


def test_a_measure_from_before_the_agreement_is_left_behind_if_it_binds_its_offices_not(tmp_path: Path) -> None:
    world = World(tmp_path, ratifies=dict.fromkeys(MAYORS, True), enough_acceded=5, amend_before_adoption=False)
    its, other = world.measure(**ITS), world.measure()
    answered(world, oppdal="reserved")
    assert world.case(its).facts["released"] == ITS
    assert "left_behind" not in world.case(other).facts


def test_an_amendment_against_which_a_member_reserves_itself_releases_its_offices(tmp_path: Path) -> None:
    rule = AllOf((BodyVote("regionrad", rule="consensus_with_reservation"), Party("politiet")))
    world = World(tmp_path, amend_before_adoption=False, rules=Approvals(adoption=rule))
    world.in_force()
    its, other = world.measure(**ITS), world.measure()
    amended(world)
    assert world.case("A-1").facts["reserved"] == [OUT]
    assert world.case(its).facts["released"] == ITS
    assert "left_behind" not in world.case(other).facts


def amended(world: World) -> None:
    """The agreement's second version comes into force, without Oppdal."""

    def opting_out(run: Run) -> Any:  # noqa: ANN401  # a recorded decision
        members = run.tx.council().register.bodies["regionrad"].members
        point = PointVote("Endringen vedtas", (5, 0, 0), reserved=(f"ordforer_{OUT}",))
        return decide(run, Sitting("regionrad", members, (), (point,)), world.entry(on=world.today, ref="PS 9/18"))

    change: dict[str, Json] = {"change": "Politimesteren blir fast medlem", "add_seat": ("politimester",)}
    world.take("agreement", "request_amendment", "A-1", decider="regionen", **change)
    decision = world.decide("Lederen slutter.")
    mandate = {"holder": "leder_regionrad", "scope": "conclude", "decision": decision}
    world.take("amendment", "mandate", "E-1", decider="regionen", **mandate)
    world.take("amendment", "start", "E-1", decider="leder_regionrad")
    world.take("amendment", "accept", "E-1", decider="politiet")
    paper, files = world.document_of("v2.md", "Med politimester")
    world.take("amendment", "draft", "E-1", documents=(paper,), files=files, decider="politiet")
    said = world.register(opting_out).step.event.data["decision"]
    assert isinstance(said, dict)
    world.take("amendment", "approve", "E-1", version="1", decider="regionen", decision=str(said["id"]))
    world.take("amendment", "approve", "E-1", version="1", decider="politiet")
    world.sign("E-1", "1", "amendment")
