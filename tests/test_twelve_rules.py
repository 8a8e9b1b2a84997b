"""The twelve rules of an approval that holds (audit.md §3), each under its number, at a real council."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from engine.approval import outcome
from engine.errors import Refused
from engine.evidence import named_version
from engine.finding import Status
from engine.register import Delegation
from engine.registration import delegate, end_delegation, set_profile
from engine.rule import AllOf, AtLeast, BodyVote, Office, Party, Signatory
from store.creation import create_schema
from store.link import Memory
from store.log import INSERT
from store.projection import Views
from store.reader import SqlReader
from store.scratch import scratch
from tests.attacks import newest
from tests.chamber import OPENING, SEATS, Chamber
from tests.refusing import refusal
from tests.situations import naming
from tests.world import CHIEF, COUNCIL, LEADER, SECRETARY, World, as_document, example

if TYPE_CHECKING:
    from pathlib import Path

    from engine.finding import Finding
    from engine.ports import Recorded

BOTH = AllOf((Party("politiet"), BodyVote("regionrad")))
TWO_OF_THREE = AtLeast(2, (Office("politimester"), Office("leder_regionrad"), Office("ordforer_melhus")))
CITIZEN = "politikontakt_melhus"
"""An office that has no say in any agreement."""


@pytest.fixture
def chamber(tmp_path: Path) -> Chamber:
    """An agreement under the ordinary rule: both parties."""
    return Chamber(tmp_path)


def delegated(world: World, of: str, to: str, *scope: str, **rest: Any) -> None:  # noqa: ANN401  # of a delegation
    """Delegate from the opening day on, registered by the secretary."""
    person, decision = rest.pop("person", SECRETARY), rest.pop("decision", None)
    new = Delegation(of, to, scope, rest.pop("since", OPENING), **rest)
    entry = world.entry(ref="delegert 1/18", decision=decision)
    world.register(lambda run: delegate(run, new, entry if person == SECRETARY else type(entry)(person=person)))


def refused_attempts(world: World) -> list[str]:
    """The first reason of every refused attempt on record."""
    with world.store.read(COUNCIL) as reader:
        return [str(r.event.data["reasons"][0]["code"]) for r in reader.refusals()]  # type: ignore[index, call-overload]  # as `refuse` wrote them


def test_1_an_approval_names_the_version_event_so_the_same_text_again_revives_nothing(chamber: Chamber) -> None:
    world = chamber.world
    chamber.yes("politiet")
    for text in ("B", "Avtale"):
        document, files = world.document_of("avtale.md", text)
        world.take("agreement", "revise", chamber.case, documents=(document,), files=files)
    with world.store.read(COUNCIL) as reader:
        first, _, third = reader.versions(chamber.case)
    assert first.documents == third.documents
    assert [leaf.who for leaf in chamber.found().missing()] == ["regionen", "politiet"]


def test_2_an_approval_must_name_its_version_and_may_not_name_one_that_is_gone(chamber: Chamber) -> None:
    chamber.take("approve", decider="politiet").revise().take("approve", decider="politiet", version="1")
    assert chamber.refusals == ["version_needed", "version_outdated"]


def test_2_whoever_names_an_outdated_version_is_told_what_changed_since(chamber: Chamber) -> None:
    world = chamber.world
    document, files = world.document_of("ny.md", "Ny")
    world.take("agreement", "revise", chamber.case, documents=(document,), files=files, add_seat=("politimester",))
    with pytest.raises(Refused) as refused:
        world.take("agreement", "approve", chamber.case, decider="politiet", version="1")
    (reason,) = refused.value.verdict.reasons
    assert reason.parameters["changed"] == "avtale.md → ny.md, + politimester"


def test_2_a_beginning_that_fits_two_versions_names_neither() -> None:
    assert naming(named_version, "abcdef", leaves=("abcdef1", "abcdef2")) == "version_ambiguous"
    assert naming(named_version, "abcdef2", leaves=("abcdef1", "abcdef2")) is None


def test_3_a_new_version_outdates_every_approval_and_deletes_none(chamber: Chamber) -> None:
    chamber.yes("politiet").revise()
    assert chamber.found().status is Status.OPEN
    with chamber.world.store.read(COUNCIL) as reader:
        assert [(act.party, act.version) for act in reader.approvals(chamber.case)] == [("politiet", 1)]


def test_4_four_eyes_compare_persons_so_another_office_of_the_author_is_no_other_eyes(tmp_path: Path) -> None:
    chamber = Chamber(tmp_path, AllOf((Office("politimester"), Office("leder_regionrad"))), proposer="politiet")
    chamber.hold("leder_regionrad", CHIEF, capacity="acting").yes("politimester", "leder_regionrad")
    assert chamber.refusals == ["author_alone"]
    assert chamber.world.state(chamber.case) == "proposed"


def test_4_one_person_in_three_offices_counts_once_where_the_rule_counts_persons(tmp_path: Path) -> None:
    offices = ("politimester", "leder_regionrad", "ordforer_melhus")
    rule = AtLeast(2, (*(Office(office) for office in offices), Office(CITIZEN)), counts="persons")
    chamber = Chamber(tmp_path, rule)
    for office in offices[1:]:
        chamber.hold(office, CHIEF, capacity="acting")
    assert chamber.yes(*offices).found().status is Status.OPEN
    assert chamber.yes(CITIZEN).found().status is Status.MET


def test_4_who_wrote_a_version_that_was_adopted_may_approve_the_next_that_others_wrote(tmp_path: Path) -> None:
    world = World(tmp_path, four_eyes="strict")
    case = world.propose()
    assert refusal(world, "agreement", "approve", case, version="1", decider="politiet") == {"author_may_not_approve"}
    world.fill("politimester", "p_acting", OPENING, OPENING, capacity="acting")
    world.agree(case, "1")
    assert world.state(case) == "adopted"
    document, files = world.document_of("v2.md", "Versjon 2")
    world.take("agreement", "revise", case, documents=(document,), files=files)
    world.clock.pass_days(1)
    world.take("agreement", "approve", case, version="2", decider="politiet")
    assert newest(world, case)["approval"]["person"] == CHIEF


def test_5_exclusion_beats_inclusion_the_strict_author_approves_in_no_office(tmp_path: Path) -> None:
    chamber = Chamber(tmp_path, TWO_OF_THREE, rules={"four_eyes": "strict"}, proposer="politiet")
    chamber.hold("ordforer_melhus", CHIEF, capacity="acting").yes("ordforer_melhus", "politimester")
    assert chamber.refusals == ["author_may_not_approve"] * 2


def test_5_exclusion_beats_inclusion_whoever_is_recused_votes_on_no_seat(chamber: Chamber) -> None:
    chamber.hold("ordforer_oppdal", "p_rennebu", capacity="acting")
    assert chamber.decide((5, 0, 0), recused=("ordforer_rennebu",)) is None
    assert chamber.refusals == ["recused_elsewhere"]


def test_5_a_vote_in_which_somebody_disqualified_in_the_case_took_part_is_no_approval(chamber: Chamber) -> None:
    chamber.recuse("ordforer_rennebu")
    chamber.yes("regionen", decision=chamber.decide((6, 0, 0)))
    assert chamber.refusals == ["recused_voted"]
    chamber.yes("regionen", decision=chamber.decide((5, 0, 0), recused=("ordforer_rennebu",)))
    assert [leaf.who for leaf in chamber.found().missing()] == ["politiet"]


def test_6_authority_is_of_its_day_and_a_later_resignation_changes_nothing(chamber: Chamber) -> None:
    chamber.yes("politiet").vacate("politimester")
    chamber.world.fill("politimester", "p_new", chamber.world.today)
    assert [leaf.who for leaf in chamber.found().missing()] == ["regionen"]
    with chamber.world.store.read(COUNCIL) as reader:
        assert [act.person for act in reader.approvals(chamber.case)] == [CHIEF]


def test_6_a_mandate_recorded_after_its_use_is_flagged(chamber: Chamber) -> None:
    world = chamber.world
    world.clock.pass_days(5)
    delegated(world, "politimester", CITIZEN, "agreement.approve")
    chamber.yes(CITIZEN, on=OPENING + timedelta(days=1))
    assert "mandate_recorded_later" in newest(world, chamber.case)["flags"]
    assert not chamber.refusals


def test_7_acting_has_a_scope_and_a_period_and_the_capacity_is_in_the_approval(chamber: Chamber) -> None:
    chamber.hold("politimester", "p_acting", capacity="acting", until=OPENING, scope=("agreement.approve",))
    chamber.yes("politiet")
    assert newest(chamber.world, chamber.case)["approval"]["capacity"] == "acting"
    chamber.tomorrow().revise().yes("politiet", person="p_acting", ref=None)
    assert chamber.refusals == ["outside_period"]


def test_7_an_acting_office_holder_does_nothing_outside_the_scope(chamber: Chamber) -> None:
    chamber.hold("politimester", "p_acting", capacity="acting", scope=("measure",))
    chamber.yes("politiet", person="p_acting", ref=None)
    assert chamber.refusals == ["outside_scope"]
    chamber.yes("politiet", person=CHIEF, ref=None)
    assert [leaf.who for leaf in chamber.found().missing()] == ["regionen"]


def test_7_a_delegate_decides_in_person_or_through_a_registrar_and_the_delegation_is_named(chamber: Chamber) -> None:
    delegated(chamber.world, "politimester", CITIZEN, "agreement.approve")
    for options in ({"decider": "politiet", "person": f"p_{CITIZEN}", "ref": None}, {"decider": CITIZEN}):
        chamber.take("approve", version=chamber.version, **options)
        act = newest(chamber.world, chamber.case)["approval"]
        assert isinstance(act, dict)
        assert (act["party"], act["office"], act["person"], act["capacity"]) == (
            "politiet", CITIZEN, f"p_{CITIZEN}", "delegate"
        )  # fmt: skip
        with chamber.world.store.read(COUNCIL) as reader:
            mandate = reader.event(str(act["mandate"]))
        assert mandate is not None
        assert mandate.event.type == "council.delegated"
        chamber.revise()
    assert not chamber.refusals


@pytest.mark.parametrize(
    ("scope", "until", "code"),
    [
        ("agreement.sign", None, "outside_scope"),
        ("measure", None, "outside_scope"),
        ("agreement", OPENING, "outside_period"),
    ],
)
def test_7_a_delegation_reaches_no_further_than_its_scope_and_period(
    chamber: Chamber, scope: str, until: date | None, code: str
) -> None:
    delegated(chamber.world, "politimester", CITIZEN, scope, until=until)
    chamber.tomorrow().yes(CITIZEN).yes("politiet", person=f"p_{CITIZEN}", ref=None)
    assert chamber.refusals == [code, code]
    assert refused_attempts(chamber.world) == [code, code]


def test_7_a_delegation_is_passed_on_only_where_it_says_so(chamber: Chamber) -> None:
    world, third = chamber.world, "politikontakt_roros"
    delegated(world, "politimester", CITIZEN, "agreement")
    with pytest.raises(Refused):
        delegated(world, "politimester", third, "agreement.approve", person=f"p_{CITIZEN}")
    world.register(lambda run: end_delegation(run, "politimester", CITIZEN, OPENING, world.entry(ref="1")))
    chamber.tomorrow()
    further = {"since": world.today, "until": world.today + timedelta(days=30)}
    delegated(world, "politimester", CITIZEN, "agreement", further=True, **further)
    delegated(world, "politimester", third, "agreement.approve", person=f"p_{CITIZEN}", **further)
    chamber.yes(third)
    assert not chamber.refusals


def test_7_what_was_passed_on_ends_with_the_delegation_it_came_from(chamber: Chamber) -> None:
    world, third = chamber.world, "politikontakt_roros"
    delegated(world, "politimester", CITIZEN, "agreement", further=True)
    delegated(world, "politimester", third, "agreement.approve", person=f"p_{CITIZEN}")
    world.register(lambda run: end_delegation(run, "politimester", CITIZEN, OPENING, world.entry(ref="1")))
    chamber.tomorrow().yes(third)
    assert chamber.refusals == ["outside_period"]


def test_7_a_body_may_delegate_and_then_no_vote_is_needed(chamber: Chamber) -> None:
    chamber.yes("regionen")
    vote = chamber.world.decide("Lederen godkjenner avtalen.")
    delegated(chamber.world, "regionrad", "leder_regionrad", "agreement.approve", decision=vote)
    chamber.yes("regionen", person=LEADER, ref=None)
    assert chamber.refusals == ["needs_vote"]
    assert [leaf.who for leaf in chamber.found().missing()] == ["politiet"]


def test_8_a_decision_keeps_that_days_roster_and_who_sat_on_the_seats(chamber: Chamber) -> None:
    chamber.hold("ordforer_rennebu", "p_deputy", capacity="deputy")
    decision = chamber.decide((6, 0, 0), recused=("ordforer_rennebu",), deputies=("ordforer_rennebu",))
    chamber.vacate("ordforer_melhus")
    with chamber.world.store.read(COUNCIL) as reader:
        decided = reader.decision(decision or "")
    ballot = decided.ballot(1)
    assert ballot is not None
    assert (decided.roster, decided.recused) == (SEATS, ("ordforer_rennebu",))
    assert ballot.sitter("ordforer_rennebu") == "p_deputy"
    assert ballot.sitter("ordforer_melhus") == "p_melhus"
    assert chamber.yes("regionen", decision=decision).found().leaves()
    assert not chamber.refusals


def test_8_a_deputy_steps_in_only_where_there_is_one(chamber: Chamber) -> None:
    assert chamber.decide((6, 0, 0), recused=("ordforer_rennebu",), deputies=("ordforer_rennebu",)) is None
    assert chamber.refusals == ["no_deputy"]


def test_8_a_decision_registered_late_is_counted_with_the_members_of_its_day(chamber: Chamber) -> None:
    world = chamber.world
    document = as_document(example())
    document["register"]["bodies"]["regionrad"]["members"] = list(SEATS[:3])  # type: ignore[index, call-overload]  # a register
    world.clock.pass_days(3)
    world.register(lambda run: set_profile(run, document, world.entry()))
    world.clock.pass_days(3)
    late = chamber.decide((6, 0, 0), on=OPENING)
    with world.store.read(COUNCIL) as reader:
        assert reader.decision(late or "").roster == SEATS
    assert chamber.decide((3, 0, 0), present=SEATS[:3])


@pytest.mark.parametrize("leader_for", [True, False])
def test_8_the_leader_breaks_a_tie_and_only_by_voting(chamber: Chamber, leader_for: bool) -> None:  # noqa: FBT001  # drawn
    decision = chamber.decide((3, 3, 0), leader_for=leader_for)
    with chamber.world.store.read(COUNCIL) as reader:
        assert reader.decision(decision or "").points[0].outcome == ("carried" if leader_for else "fell")
    without_the_leader = tuple(seat for seat in SEATS if seat != "ordforer_holtalen")
    assert chamber.decide((2, 2, 1), present=without_the_leader, leader_for=True) is None
    assert chamber.refusals == ["leader_did_not_vote"]


def test_9_the_rule_in_force_is_in_the_version_and_a_new_one_touches_no_version_proposed(chamber: Chamber) -> None:
    world = chamber.world
    document = as_document(example(), rules={"adoption": {"kind": "office", "office": CITIZEN}})
    world.register(lambda run: set_profile(run, document, world.entry()))
    assert [leaf.who for leaf in chamber.found().missing()] == ["regionen", "politiet"]
    world.service.apply_profile(COUNCIL, chamber.case, entry=world.entry(reason="Ny ordning"))
    assert [leaf.who for leaf in chamber.found().missing()] == ["regionen", "politiet"]
    chamber.revise()
    assert [leaf.who for leaf in chamber.found().missing()] == [CITIZEN]


def test_9_the_electorate_is_frozen_when_the_version_is_proposed(chamber: Chamber) -> None:
    world = chamber.world
    document = as_document(example())
    document["register"]["parties"]["politiet"]["decides"] = CITIZEN  # type: ignore[index, call-overload]  # a register
    world.register(lambda run: set_profile(run, document, world.entry()))
    chamber.yes(CITIZEN).yes("politiet", person=f"p_{CITIZEN}", ref=None)
    assert chamber.refusals == ["outside_electorate", "may_not_act_for"]
    chamber.yes("politimester")
    assert [leaf.who for leaf in chamber.found().missing()] == ["regionen"]
    chamber.revise().yes(CITIZEN)
    assert [leaf.who for leaf in chamber.found().missing()] == ["regionen"]


def test_9_the_way_a_bodys_votes_are_counted_is_frozen_too(tmp_path: Path) -> None:
    chamber = Chamber(tmp_path, BodyVote("regionrad"))
    document = as_document(example())
    document["register"]["bodies"]["regionrad"]["rule"] = "consensus"  # type: ignore[index, call-overload]  # a register
    chamber.world.register(lambda run: set_profile(run, document, chamber.world.entry()))
    chamber.vote((4, 2, 0))
    assert (chamber.refusals, chamber.found().status) == ([], Status.MET)


def test_10_an_approval_is_withdrawn_until_the_last_one_is_in_and_not_after(chamber: Chamber) -> None:
    chamber.yes("politiet").take("withdraw_approval", decider="politiet", version="1", reason="Må drøftes")
    assert chamber.refusals == []
    chamber.adopt().take("withdraw_approval", decider="politiet", version="1", reason="For sent")
    assert chamber.refusals == ["step_not_allowed_now"]
    chamber.world.sign(chamber.case, "1")
    chamber.take("terminate", decider="politiet")
    assert chamber.world.case(chamber.case).facts["ends_on"]


def test_10_a_rejection_stands_until_the_same_office_changes_it(chamber: Chamber) -> None:
    chamber.no("politiet").yes("regionen", decision=chamber.decide((6, 0, 0)))
    assert chamber.found().status is Status.LOST
    assert chamber.yes("politiet").found().status is Status.MET


def test_10_an_override_lifts_a_rejection_and_never_stands_in_for_an_approval(tmp_path: Path) -> None:
    chamber = Chamber(tmp_path, rules={"overrides": {"agreement": {"set_aside": "leder_regionrad"}}})
    chamber.no("politiet").yes("regionen", decision=chamber.decide((6, 0, 0)))
    lifting = {"decider": "leder_regionrad", "version": "1", "rejected_by": "politiet", "person": LEADER, "ref": None}
    chamber.take("set_aside", **lifting)
    assert chamber.refusals == ["only_by_override"]
    chamber.take("set_aside", **lifting, override="Avvist ved en feil; ny politimester")
    assert chamber.found().status is Status.OPEN
    assert [leaf.who for leaf in chamber.found().missing()] == ["politiet"]
    assert chamber.world.state(chamber.case) == "proposed"


def test_11_the_outcome_at_a_position_is_the_same_whenever_it_is_worked_out(chamber: Chamber) -> None:
    seen, vote = {}, {"decision": chamber.decide((6, 0, 0))}
    steps: list[tuple[str, str, dict[str, Any]]] = [
        ("reject", "politiet", {}), ("approve", "politiet", {}), ("approve", "regionen", vote)
    ]  # fmt: skip
    for step, who, rest in steps:
        seen[len(whole_log(chamber))] = chamber.found()
        chamber.take(step, decider=who, version="1", **rest)
        if step == "reject":
            chamber.world.service.annul(COUNCIL, chamber.case, entry=chamber.world.entry(reason="Feil"))
    log = whole_log(chamber)
    assert {size: replayed(chamber, log[:size]) for size in seen} == seen


def whole_log(chamber: Chamber) -> list[Recorded]:
    """Every event of the council."""
    with chamber.world.store.read(COUNCIL) as reader:
        return list(reader.events())


def replayed(chamber: Chamber, events: list[Recorded]) -> Finding:
    """Where the rule stands by the beginning of a log alone, projected into an empty database."""
    with scratch() as memory:
        create_schema(memory)
        views = Views(memory, COUNCIL)
        for recorded in events:
            leaf = bytes.fromhex(recorded.leaf)
            memory.run(INSERT, council=COUNCIL, pos=recorded.position, body=recorded.body, leaf=leaf)
            views.project(recorded)
        reader = SqlReader(memory, COUNCIL, Memory())
        version, acts = reader.versions(chamber.case)[-1], reader.approvals(chamber.case)
    return outcome(version.rules["approval"], version, acts)


def test_12_an_approval_by_a_recused_an_expired_or_a_wrong_office_is_refused_and_logged(chamber: Chamber) -> None:
    chamber.hold("politimester", "p_acting", capacity="acting", until=OPENING).tomorrow()
    chamber.yes("politiet", person="p_acting", ref=None).yes(CITIZEN).recuse("politimester").yes("politiet")
    expected = ["outside_period", "outside_electorate", "recused"]
    assert (chamber.refusals, refused_attempts(chamber.world)) == (expected, expected)


def test_12_a_recused_person_is_refused_in_person_and_the_deputy_steps_in(chamber: Chamber) -> None:
    chamber.hold("politimester", "p_deputy", capacity="deputy").recuse("politimester")
    chamber.yes("politiet", person=CHIEF, ref=None)
    assert chamber.refusals == ["recused"]
    chamber.yes("politiet", person="p_deputy", ref=None)
    assert newest(chamber.world, chamber.case)["approval"]["capacity"] == "deputy"


def test_12_a_vote_that_cannot_be_is_refused_and_the_attempt_is_on_record(chamber: Chamber) -> None:
    before = chamber.world.case(chamber.case)
    chamber.decide((2, 0, 0), present=SEATS[:2])
    chamber.decide((3, 1, 0))
    assert refused_attempts(chamber.world) == ["no_quorum", "votes_do_not_add_up"]
    assert chamber.world.case(chamber.case) == before


def test_a_vote_after_the_threshold_is_recorded_too_and_changes_nothing(tmp_path: Path) -> None:
    chamber = Chamber(tmp_path, TWO_OF_THREE)
    chamber.yes("politimester", "leder_regionrad")
    assert chamber.world.state(chamber.case) == "adopted"
    chamber.no("ordforer_melhus")
    assert newest(chamber.world, chamber.case)["flags"] == ["registered_by_another", "after_the_threshold"]
    assert (chamber.found().status, chamber.world.state(chamber.case)) == (Status.MET, "adopted")


def test_the_seeds_rule_joins_a_bodys_vote_with_a_signatory(tmp_path: Path) -> None:
    chamber = Chamber(tmp_path, AllOf((BodyVote("regionrad"), Signatory("politiet"))))
    chamber.vote((4, 2, 0)).yes("politiet")
    assert chamber.world.state(chamber.case) == "adopted"


def test_consensus_with_reservation_binds_those_who_did_not_opt_out(tmp_path: Path) -> None:
    rule = AllOf((BodyVote("regionrad", rule="consensus_with_reservation"), Party("politiet")))
    chamber = Chamber(tmp_path, rule)
    chamber.vote((5, 0, 0), reserved=("ordforer_oppdal",)).yes("politiet")
    assert chamber.world.case(chamber.case).facts["reserved"] == ["oppdal"]
    chamber.world.sign(chamber.case, "1")
    assert chamber.world.state(chamber.case) == "in_force"
    with chamber.world.store.read(COUNCIL) as reader:
        seated = {office for seat in reader.council().seats for office in seat.filled_by}
    assert not {"ordforer_oppdal", "kommunedirektor_oppdal", "slt_oppdal"} & seated
    assert {"ordforer_melhus", "politikontakt_oppdal"} <= seated
