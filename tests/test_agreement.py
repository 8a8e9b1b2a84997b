"""The agreement's life, in both orders of the seed's two points, through declines, reservations and notice."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from engine import recording
from engine.errors import NotFoundError
from engine.evidence import version_json
from engine.field import Document
from tests.refusing import refusal
from tests.world import CHIEF, COUNCIL, LEADER, SECRETARY, World

if TYPE_CHECKING:
    from pathlib import Path

CHANGE = {"change": "Politimesteren blir fast medlem", "add_seat": ("politimester",)}


def permanent_offices(world: World, case: str) -> set[str]:
    """The offices on the permanent seats of the agreement's current version."""
    with world.store.read(COUNCIL) as reader:
        seats = reader.versions(case)[-1].seats
    return {office for seat in seats if seat.permanent for office in seat.filled_by}


def requested(world: World) -> str:
    """An agreement whose amendment was requested and mandated, and is in dialogue."""
    case = world.propose()
    return in_dialogue(world, case)


def in_dialogue(world: World, case: str, scope: str = "dialogue") -> str:
    """Request the amendment and open the dialogue."""
    world.take("agreement", "request_amendment", case, decider="regionen", **CHANGE)
    decision = world.decide("Avtalen vedtas.", "Leder oppretter dialog.")
    world.take(
        "amendment",
        "mandate",
        "E-1",
        decider="regionen",
        holder="leder_regionrad",
        scope=scope,
        decision=decision,
        point=2,
    )
    world.take("amendment", "start", "E-1", decider="leder_regionrad")
    return case


def incorporate(world: World) -> None:
    """The police accept the change and bring the next proposal."""
    world.take("amendment", "accept", "E-1", decider="politiet")
    document, files = world.document_of("v2.md", "Avtale med politimester")
    world.take("amendment", "incorporate", "E-1", documents=(document,), files=files)


def test_a_wish_is_conveyed_and_answered_with_a_proposal(world: World) -> None:
    case = world.take("agreement", "wish", title="Regionalt politiråd", decider="regionrad").step.event.case
    world.take("agreement", "convey", case)
    document, files = world.document_of("v1.md", "Forslag")
    world.take("agreement", "propose", case, decider="politiet", documents=(document,), files=files)
    assert world.state(case) == "proposed"
    assert world.case(case).facts["initiator"] == "regionen"
    assert world.case(case).facts["proposer"] == "politiet"


def test_amend_first_the_parties_approve_version_2_once_and_the_chief_is_seated(world: World) -> None:
    case = requested(world)
    assert world.state(case) == "amending"
    incorporate(world)
    assert (world.state(case), world.state("E-1")) == ("proposed", "incorporated")
    world.agree(case, "2")
    assert world.state(case) == "adopted"
    world.sign(case, "2")
    assert world.state(case) == "in_force"
    assert "politimester" in permanent_offices(world, case)


def test_adopt_first_version_1_is_in_force_without_the_chief_then_version_2_with(adopt_first: World) -> None:
    world = adopt_first
    case = world.in_force()
    assert "politimester" not in permanent_offices(world, case)
    in_dialogue(world, case)
    world.take("amendment", "accept", "E-1", decider="politiet")
    document, files = world.document_of("v2.md", "Avtale med politimester")
    world.take("amendment", "draft", "E-1", documents=(document,), files=files)
    assert world.state(case) == "in_force"
    world.take(
        "amendment", "approve", "E-1", version="1", decider="regionen", decision=world.decide("Endringen vedtas.")
    )
    world.take("amendment", "approve", "E-1", version="1", decider="politiet")
    world.sign("E-1", "1", "amendment")
    assert (world.state(case), world.state("E-1")) == ("in_force", "incorporated")
    assert "politimester" in permanent_offices(world, case)


@pytest.mark.parametrize("amend_first", [True, False])
def test_in_both_orders_both_versions_stay_readable(tmp_path: Path, amend_first: bool) -> None:  # noqa: FBT001  # drawn
    world = World(tmp_path, amend_before_adoption=amend_first)
    case = requested(world) if amend_first else in_dialogue(world, world.in_force())
    world.take("amendment", "accept", "E-1", decider="politiet")
    document, files = world.document_of("v2.md", "Avtale med politimester")
    world.take("amendment", "incorporate" if amend_first else "draft", "E-1", documents=(document,), files=files)
    if not amend_first:
        world.take("amendment", "approve", "E-1", version="1", decider="regionen", decision=world.decide("Vedtas."))
        world.take("amendment", "approve", "E-1", version="1", decider="politiet")
        world.sign("E-1", "1", "amendment")
    with world.store.read(COUNCIL) as reader:
        read = [(v.number, b"".join(reader.document(v.documents[0].sha256))) for v in reader.versions(case)]
    assert read == [(1, b"Avtale"), (2, b"Avtale med politimester")]


def test_before_adoption_a_mandatory_change_comes_first(world: World) -> None:
    case = requested(world)
    assert refusal(world, "agreement", "approve", case, version="1", decider="politiet") == {"step_not_allowed_now"}


def test_an_optional_change_leaves_the_proposal_open_for_approval(adopt_first: World) -> None:
    case = requested(adopt_first)
    assert adopt_first.state(case) == "proposed"
    adopt_first.agree(case, "1")
    assert adopt_first.state(case) == "adopted"


def test_a_declined_amendment_brings_the_proposal_back_as_it_was(world: World) -> None:
    case = requested(world)
    world.take("amendment", "decline", "E-1", decider="politiet")
    assert world.state(case) == "proposed"
    assert world.case(case).facts["version"] == 1


def test_a_rejection_stands_until_the_same_party_changes_its_mind(world: World) -> None:
    case = world.propose()
    world.take("agreement", "reject", case, version="1", decider="politiet")
    world.take("agreement", "approve", case, version="1", decider="regionen", decision=world.decide("Avtalen vedtas."))
    assert world.state(case) == "proposed"
    world.take("agreement", "approve", case, version="1", decider="politiet")
    assert world.state(case) == "adopted"


def test_giving_up_needs_a_party_that_said_no_and_lapses_the_amendment(world: World) -> None:
    case = world.propose()
    assert refusal(world, "agreement", "give_up", case, decider="regionen") == {"nobody_said_no"}
    world.take("agreement", "reject", case, version="1", decider="politiet")
    world.take("agreement", "request_amendment", case, decider="regionen", **CHANGE)
    world.take("agreement", "give_up", case, decider="politiet")
    assert (world.state(case), world.state("E-1")) == ("rejected", "lapsed")


def test_an_approval_may_be_withdrawn_while_it_counts(world: World) -> None:
    case = world.propose()
    world.take("agreement", "approve", case, version="1", decider="politiet")
    world.take("agreement", "withdraw_approval", case, version="1", decider="politiet", reason="Må drøftes")
    codes = refusal(world, "agreement", "withdraw_approval", case, version="1", decider="politiet", reason="Igjen")
    assert codes == {"nothing_to_withdraw"}


def test_a_revised_text_makes_approvals_outdated_and_deletes_none(world: World) -> None:
    case = world.propose()
    world.take("agreement", "approve", case, version="1", decider="politiet")
    document, files = world.document_of("v2.md", "Bedre avtale")
    world.take("agreement", "revise", case, documents=(document,), files=files)
    with world.store.read(COUNCIL) as reader:
        assert [act.version for act in reader.approvals(case)] == [1]
    codes = refusal(world, "agreement", "approve", case, version="1", decider="politiet")
    assert codes == {"version_outdated"}


@pytest.mark.parametrize(
    ("version", "code"), [(None, "version_needed"), ("7", "no_such_version"), ("ffffff", "no_such_version")]
)
def test_an_approval_names_the_version_it_is_for(world: World, version: str | None, code: str) -> None:
    case = world.propose()
    assert refusal(world, "agreement", "approve", case, version=version, decider="politiet") == {code}


def test_a_version_may_be_named_by_the_beginning_of_its_leaf(world: World) -> None:
    case = world.propose()
    with world.store.read(COUNCIL) as reader:
        leaf = reader.versions(case)[0].leaf
    world.take("agreement", "approve", case, version=leaf[:8], decider="politiet")
    with world.store.read(COUNCIL) as reader:
        assert reader.approvals(case)[0].version_leaf == leaf


def test_a_body_approves_by_a_vote_on_record(world: World) -> None:
    case = world.propose()
    assert refusal(world, "agreement", "approve", case, version="1", decider="regionen") == {"needs_vote"}
    fell = world.decide("Avtalen vedtas.", votes=(1, 5, 0))
    codes = refusal(world, "agreement", "approve", case, version="1", decider="regionen", decision=fell)
    assert codes == {"point_fell"}


def test_another_bodys_decision_is_not_this_ones(world: World) -> None:
    case = world.in_force()
    decision = world.decide("Vedtas.", body="politiradet")
    world.take("agreement", "request_amendment", case, decider="regionen", **CHANGE)
    codes = refusal(
        world,
        "amendment",
        "mandate",
        "E-1",
        decider="regionen",
        decision=decision,
        holder="leder_regionrad",
        scope="dialogue",
    )
    assert codes == {"decision_of_another"}


def test_a_refused_binding_attempt_is_put_on_record_and_a_plain_one_is_not(world: World) -> None:
    case = world.propose()
    council = world.case("C").n
    refusal(world, "agreement", "approve", case, version="7", decider="politiet")
    assert world.case("C").n == council + 1
    refusal(world, "agreement", "take_up", case)
    assert world.case("C").n == council + 1


def test_the_office_is_judged_on_the_date_of_the_decision(world: World) -> None:
    case = world.propose()
    world.clock.pass_days(60)
    with world.store.read(COUNCIL) as reader:
        held = reader.council().holdings.of("politimester", world.today)
    assert held is not None
    assert held.person == CHIEF
    codes = refusal(
        world, "agreement", "approve", case, version="1", decider="politiet", on=date(2016, 1, 1), person=CHIEF
    )
    assert "office_vacant" in codes


def test_a_registrar_must_show_what_the_registration_rests_on(world: World) -> None:
    case = world.propose()
    codes = refusal(world, "agreement", "approve", case, version="1", decider="politiet", ref=None)
    assert codes == {"registrar_needs_reference"}
    world.take("agreement", "approve", case, version="1", decider="politiet", ref=None, person=CHIEF)


def test_a_stranger_may_not_register_for_a_party(world: World) -> None:
    case = world.propose()
    codes = refusal(world, "agreement", "approve", case, version="1", decider="politiet", person="p_slt_melhus")
    assert codes == {"may_not_act_for"}


def test_a_decision_dated_in_the_future_is_refused(world: World) -> None:
    case = world.propose()
    tomorrow = world.today + timedelta(days=1)
    codes = refusal(world, "agreement", "approve", case, version="1", decider="politiet", on=tomorrow)
    assert codes == {"date_in_future"}


def test_an_approval_dated_before_the_version_existed_is_refused(world: World) -> None:
    world.clock.move_to(date(2018, 12, 10))
    case = world.propose()
    codes = refusal(world, "agreement", "approve", case, version="1", decider="politiet", on=date(2018, 12, 9))
    assert codes == {"before_the_version"}


def test_the_author_alone_cannot_carry_the_text(tmp_path: Path) -> None:
    world = World(tmp_path, required_parties=("politiet",))
    case = world.propose(person=CHIEF, ref=None)
    assert refusal(world, "agreement", "approve", case, version="1", person=CHIEF, ref=None) == {"author_alone"}


def test_strict_four_eyes_keep_the_author_from_approving_at_all(tmp_path: Path) -> None:
    world = World(tmp_path, four_eyes="strict")
    case = world.propose(person=CHIEF, ref=None)
    codes = refusal(world, "agreement", "approve", case, version="1", person=CHIEF, ref=None)
    assert codes == {"author_may_not_approve"}


def test_municipalities_ratify_one_by_one_and_one_may_reserve_itself(tmp_path: Path) -> None:
    towns = ("melhus", "midtre_gauldal", "holtalen", "roros", "rennebu", "oppdal")
    world = World(tmp_path, ratifies=dict.fromkeys(towns, True), enough_acceded=5)
    case = world.in_force()
    assert world.state(case) == "adopted"
    for town in towns[:5]:
        world.take("agreement", "ratify", case, version="1", decider=town, answer="acceded")
    assert world.state(case) == "adopted"
    world.take("agreement", "ratify", case, version="1", decider="oppdal", answer="reserved")
    assert world.state(case) == "in_force"
    world.take("agreement", "ratify", case, version="1", decider="oppdal", answer="acceded")


def test_it_does_not_take_effect_before_its_start_date(world: World) -> None:
    case = world.propose(starts="2019-01-01")
    world.agree(case, "1")
    world.sign(case, "1")
    assert world.state(case) == "adopted"
    with world.store.read(COUNCIL) as reader:
        assert {item.name for item in reader.owed(case)} == {"start"}, "nobody is asked to sign what is signed"
    world.clock.move_to(date(2019, 1, 1))
    world.tick()
    assert world.state(case) == "in_force"


def test_a_postponed_proposal_is_taken_up_again_by_the_clock(world: World) -> None:
    case = world.propose()
    world.take("agreement", "postpone", case, decider="regionen", until="2019-03-01", reason="Budsjettet først")
    world.clock.move_to(date(2019, 3, 1))
    world.tick()
    assert world.state(case) == "proposed"


def test_notice_ends_it_after_the_notice_period(world: World) -> None:
    case = world.in_force()
    world.take("agreement", "terminate", case, decider="regionen")
    assert refusal(world, "agreement", "terminate", case, decider="politiet") == {"notice_already_given"}
    world.clock.move_to(date(2019, 1, 4))
    world.tick()
    assert world.state(case) == "terminated"


def test_it_expires_with_its_term_and_its_open_amendment_lapses(tmp_path: Path) -> None:
    world = World(tmp_path, term_years=4)
    case = world.in_force()
    world.take("agreement", "request_amendment", case, decider="regionen", **CHANGE)
    world.clock.move_to(date(2022, 10, 5))
    world.tick()
    assert (world.state(case), world.state("E-1")) == ("expired", "lapsed")


def test_a_new_agreement_supersedes_the_old_one(world: World) -> None:
    old = world.in_force()
    new = world.in_force()
    assert (world.state(old), world.state(new)) == ("superseded", "in_force")


def test_who_decided_and_who_registered_are_kept_apart(world: World) -> None:
    case = world.propose()
    event = world.take("agreement", "approve", case, version="1", decider="politiet").step.event
    authority = event.data["authority"]
    assert isinstance(authority, dict)
    assert (event.decider, authority["person"], authority["registered"]) == ("politiet", CHIEF, True)
    assert (event.actor.person, event.actor.office) == (SECRETARY, "politiradssekretar")


def test_what_follows_by_itself_is_dated_by_what_it_follows_from(world: World) -> None:
    world.clock.move_to(date(2020, 1, 2))
    case = world.propose(on=date(2019, 3, 1))
    world.take("agreement", "approve", case, version="1", decider="politiet", on=date(2019, 4, 11))
    decision = world.decide("Vedtas.", on=date(2019, 4, 4))
    world.take("agreement", "approve", case, version="1", decider="regionen", decision=decision)
    world.take("agreement", "sign", case, version="1", decider="politimester", on=date(2019, 4, 26))
    world.take("agreement", "sign", case, version="1", decider="leder_regionrad", on=date(2019, 4, 25))
    assert world.case(case).facts["in_force_on"] == "2019-04-26"
    assert world.state("Y-2019") == "running"
    with world.store.read(COUNCIL) as reader:
        assert {r.event.type: r.event.on for r in reader.events(case)}["agreement.adopted"] == "2019-04-11"


def test_an_unknown_date_is_never_invented(world: World) -> None:
    world.clock.move_to(date(2020, 1, 2))
    case = world.propose(on=date(2019, 3, 1))
    world.agree(case, "1")
    codes = refusal(world, "agreement", "sign", case, version="1", decider="politimester", on_unknown=True)
    assert codes == {"unknown_date_needs_reason"}
    for office in ("leder_regionrad", "politimester"):
        world.take("agreement", "sign", case, version="1", decider=office, on_unknown=True, reason="Udatert kopi")
    assert "in_force_on" not in world.case(case).facts
    with world.store.read(COUNCIL) as reader:
        newest = list(reader.events(case))[-2:]
    assert [(r.event.type, r.event.on) for r in newest] == [
        ("agreement.signed", None),
        ("agreement.entered_into_force", None),
    ]


def test_a_point_that_fell_carries_no_step_but_a_refusal(world: World) -> None:
    case = world.in_force()
    fell = world.decide("Si opp avtalen.", votes=(0, 6, 0))
    assert refusal(world, "agreement", "terminate", case, decider="regionen", decision=fell) == {"point_fell"}
    other = world.propose()
    fell = world.decide("Avtalen vedtas.", votes=(0, 6, 0))
    world.take("agreement", "reject", other, version="1", decider="regionen", decision=fell)


def test_a_decision_of_another_date_is_not_this_steps(world: World) -> None:
    world.clock.move_to(date(2018, 9, 1))
    decision = world.decide("Avtalen vedtas.")
    world.clock.move_to(date(2018, 10, 4))
    case = world.propose()
    codes = refusal(
        world, "agreement", "approve", case, version="1", decider="regionen", decision=decision, on=date(2018, 10, 4)
    )
    assert codes == {"decision_dated"}
    codes = refusal(world, "agreement", "approve", case, version="1", decider="regionen", decision=decision)
    assert codes == {"before_the_version"}


def test_another_bodys_decision_is_no_evidence_for_an_office(world: World) -> None:
    case = world.propose()
    decision = world.decide("Avtalen vedtas.")
    codes = refusal(world, "agreement", "approve", case, version="1", decider="politiet", decision=decision)
    assert codes == {"decision_of_another"}


def test_of_an_unknown_date_it_is_unknown_who_held_the_office(world: World) -> None:
    case = world.propose(on=date(2017, 3, 1))
    options = {"version": "1", "decider": "politiet", "on_unknown": True, "reason": "Udatert"}
    event = world.take("agreement", "approve", case, **options).step.event
    authority = event.data["authority"]
    assert isinstance(authority, dict)
    assert (authority["office"], authority["person"], event.on) == ("politimester", None, None)


def test_a_ratification_of_an_earlier_version_does_not_count(tmp_path: Path) -> None:
    world = World(tmp_path, ratifies={"melhus": True})
    case = world.in_force()
    world.take("agreement", "ratify", case, version="1", decider="melhus", answer="acceded")
    other = world.propose()
    world.agree(other, "1")
    world.take("agreement", "ratify", other, version="1", decider="melhus", answer="acceded")
    document, files = world.document_of("v2.md", "Endret")
    world.take("agreement", "revise", other, documents=(document,), files=files)
    world.agree(other, "2")
    world.sign(other, "2")
    assert world.state(other) == "adopted"


def test_the_author_alone_cannot_turn_a_rejection_into_approval(tmp_path: Path) -> None:
    world = World(tmp_path, required_parties=("politiet",))
    case = world.propose(person=CHIEF, ref=None)
    world.fill("politimester", "p_acting", date(2018, 10, 4), date(2018, 10, 4), capacity="acting")
    world.take("agreement", "reject", case, version="1", person="p_acting", ref="x")
    world.clock.pass_days(1)
    assert refusal(world, "agreement", "approve", case, version="1", person=CHIEF, ref=None) == {"author_alone"}


def test_the_author_of_an_incorporated_text_is_still_its_author(tmp_path: Path) -> None:
    world = World(tmp_path, four_eyes="strict")
    case = requested(world)
    world.take("amendment", "accept", "E-1", decider="politiet")
    document, files = world.document_of("v2.md", "Med politimester")
    world.take("amendment", "incorporate", "E-1", documents=(document,), files=files, person=CHIEF, ref=None)
    codes = refusal(world, "agreement", "approve", case, version="2", person=CHIEF, ref=None)
    assert codes == {"author_may_not_approve"}


def test_signatures_are_owed_by_those_who_sign(world: World) -> None:
    case = world.propose()
    world.agree(case, "1")
    with world.store.read(COUNCIL) as reader:
        assert {item.office for item in reader.todo() if item.case == case} == {"leder_regionrad", "politimester"}


def test_unknown_seats_are_refused_wherever_they_are_named(world: World) -> None:
    case = requested(world)
    codes = refusal(world, "amendment", "counter", "E-1", decider="politiet", change="x", add_seat=("sjef",))
    assert codes == {"unknown_office"}
    incorporate(world)
    document, files = world.document_of("v3.md", "Uten")
    options = {"documents": (document,), "files": files, "remove_seat": ("finnes_ikke",)}
    assert refusal(world, "agreement", "revise", case, **options) == {"unknown_seat"}


def test_what_is_put_off_is_put_off_to_a_later_day(world: World) -> None:
    case = world.propose()
    codes = refusal(world, "agreement", "postpone", case, decider="politiet", until="1999-01-01", reason="x")
    assert codes == {"not_later"}


def test_a_text_that_is_not_kept_cannot_be_proposed(world: World) -> None:
    text = Document("ab" * 32, "a.md", "text", 1)
    with pytest.raises(NotFoundError, match="not kept"):
        world.take("agreement", "propose", decider="politiet", title="Avtale", documents=(text,))


def test_a_version_from_before_rules_were_fixed_is_judged_by_those_of_its_case(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(recording, "version_json", lambda version: {**version_json(version), "rules": {}})
        case = world.propose()
    with world.store.read(COUNCIL) as reader:
        assert reader.versions(case)[-1].rules == {}
    world.agree(case, "1")
    world.sign(case, "1")
    assert world.state(case) == "in_force"
    with world.store.read(COUNCIL) as reader:
        assert {act.person for act in reader.approvals(case) if act.kind == "signature"} == {CHIEF, LEADER}
