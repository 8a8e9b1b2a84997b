"""Attacks on approvals, each by the same service calls that people make, and none of them succeeds.

Votes used twice, votes nobody could check, unknown dates, authority given or taken too far, a no undone through the
back door, amendments, reservations and corrections.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from engine.entry import Entry
from engine.errors import DefinitionError, PolitiradError, Refused, UsageError
from engine.finding import Status
from engine.register import Delegation
from engine.registration import delegate, end_delegation, set_profile
from engine.rule import AllOf, AtLeast, BodyVote, Office, Party
from engine.sitting import PointVote, Sitting, decide
from tests.chamber import OPENING, SEATS, Chamber
from tests.refusing import refusal
from tests.world import CHIEF, COUNCIL, LEADER, MAYORS, SECRETARY, World, as_document, example
from workflows.profile import AGENDA, Approvals

if TYPE_CHECKING:
    from pathlib import Path

    from engine.event import Json

LIAISON = "politikontakt_melhus"
"""An office that has no say in any agreement."""

HOLDER = f"p_{LIAISON}"
"""Who holds it."""

PARTIES = ["regionen", "politiet"]
UNDATED: dict[str, Any] = {"on_unknown": True, "reason": "Ikke i protokollen"}
OPTING_OUT = AllOf((BodyVote("regionrad", rule="consensus_with_reservation"), Party("politiet")))
OVERRIDING = {"overrides": {"agreement": {"set_aside": "leder_regionrad"}}}
LIFTED = {
    "decider": "leder_regionrad", "version": "1", "rejected_by": "politiet", "ref": None, "override": "Feil",
}  # fmt: skip


@pytest.fixture
def chamber(tmp_path: Path) -> Chamber:
    """An agreement under the ordinary rule, both parties, proposed by the regional council."""
    return Chamber(tmp_path)


@pytest.fixture
def strict(tmp_path: Path) -> Chamber:
    """An agreement that the chief of police wrote and therefore may not approve at all."""
    return Chamber(tmp_path, rules={"four_eyes": "strict"}, proposer="politiet")


def missing(chamber: Chamber) -> list[str]:
    """Whose approval the current version still lacks."""
    return [str(leaf.who) for leaf in chamber.found().missing()]


def newest(world: World, case: str) -> dict[str, Any]:
    """The data of a case's newest event."""
    with world.store.read(COUNCIL) as reader:
        return dict(list(reader.events(case))[-1].event.data)


def sat(chamber: Chamber, votes: tuple[int, int, int] | None = (6, 0, 0), **attending: Any) -> str | None:  # noqa: ANN401  # of a sitting
    """A sitting as the secretary registers it, however little is known; the decision's id, None where it is refused."""
    on, person = attending.pop("on", chamber.world.today), attending.pop("person", SECRETARY)
    reserved = attending.pop("reserved", ())
    how = {"present": SEATS, "recused": (), **attending}
    sitting = Sitting("regionrad", points=(PointVote("Avtalen vedtas", votes, reserved=reserved),), **how)
    entry = Entry(person=person, on=on, ref="FO 39/19", reason=None if on else "Ikke i protokollen")
    try:
        decided = chamber.world.register(lambda run: decide(run, sitting, entry)).step.event.data["decision"]
    except Refused:
        return None
    assert isinstance(decided, dict)
    return str(decided["id"])


def carried(chamber: Chamber, decision: str | None, **options: Any) -> Chamber:  # noqa: ANN401  # of a command
    """The regional council's approval is registered, resting on a decision, if there is one."""
    return chamber.yes("regionen", decision=decision, **options) if decision else chamber


def delegated(chamber: Chamber, of: str, to: str, *scope: str, **rest: Any) -> None:  # noqa: ANN401  # of a delegation
    """An office or body delegates, by somebody who registers it; a refusal is let pass."""
    by = {"person": rest.pop("person", SECRETARY), "ref": "delegert 1/18", "decision": rest.pop("decision", None)}
    new, entry = Delegation(of, to, scope, rest.pop("since", OPENING), **rest), Entry(**by)
    with suppress(PolitiradError):
        chamber.world.register(lambda run: delegate(run, new, entry))


def annulled(chamber: Chamber, case: str | None = None, person: str = SECRETARY) -> None:
    """The newest event is taken back; a refusal is let pass."""
    entry = chamber.world.entry(reason="Feil", person=person)
    with suppress(Refused):
        chamber.world.service.annul(COUNCIL, case or chamber.case, entry=entry)


def redated(chamber: Chamber, n: int, day: date) -> None:
    """The secretary corrects an event's date. Raises `Refused`."""
    entry = chamber.world.entry(reason="Feil dato")
    chamber.world.service.correct(COUNCIL, chamber.case, n, {"on": day.isoformat()}, entry=entry)


def accepted(world: World, case: str, amendment: str = "E-1", seat: str = "politimester", **mandate: Any) -> None:  # noqa: ANN401  # of the step
    """A change to an agreement in force that the other party has accepted."""
    change = {"change": f"Fast medlem: {seat}", "add_seat": (seat,)}
    world.take("agreement", "request_amendment", case, decider="regionen", **change)
    mandate = {"holder": "leder_regionrad", "scope": "dialogue", **mandate}
    world.take("amendment", "mandate", amendment, decider="regionen", **mandate)
    world.take("amendment", "start", amendment, decider="leder_regionrad")
    world.take("amendment", "accept", amendment, decider="politiet")


def drafted(world: World, amendment: str = "E-1") -> None:
    """The full next version of an agreement, drafted in an amendment."""
    document, files = world.document_of(f"{amendment}.md", f"Neste {world.case(amendment).n}")
    world.take("amendment", "draft", amendment, documents=(document,), files=files)


def concluded(world: World, amendment: str = "E-1", version: str = "1") -> None:
    """Both parties approve and sign the draft."""
    vote = world.decide(f"Endringen vedtas: {amendment}")
    world.take("amendment", "approve", amendment, version=version, decider="regionen", decision=vote)
    world.take("amendment", "approve", amendment, version=version, decider="politiet")
    world.sign(amendment, version, "amendment")


@pytest.fixture
def in_force(tmp_path: Path) -> World:
    """An agreement in force, A-1, whose amendments are pursued beside it."""
    world = World(tmp_path, amend_before_adoption=False)
    world.in_force()
    return world


# ── Votes used twice ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_vote_on_one_agreement_approves_no_other(chamber: Chamber) -> None:
    vote = chamber.decide((6, 0, 0))
    carried(chamber, vote)
    other = chamber.world.propose("Noe helt annet", decider="regionen", title="En annen avtale")
    assert refusal(
        chamber.world, "agreement", "approve", other, version="1", decider="regionen", decision=vote
    )  # fmt: skip


def test_a_vote_on_an_agreement_approves_no_amendment_of_it(in_force: World) -> None:
    accepted(in_force, "A-1")
    drafted(in_force)
    assert refusal(in_force, "amendment", "approve", "E-1", version="1", decider="regionen", decision="D-1")


def test_one_decision_does_not_approve_the_minutes_of_two_meetings(in_force: World) -> None:
    meetings = [in_force.take("meeting", "plan", title="M", date=f"2018-10-{day}").step.event.case for day in (20, 21)]
    for meeting in meetings:
        in_force.take("meeting", "add_item", meeting, item=AGENDA)
        in_force.take("meeting", "summon", meeting)
    in_force.clock.move_to(date(2018, 10, 22))
    for meeting in meetings:
        in_force.take("meeting", "hold", meeting, present=("slt_melhus",))
        document, files = in_force.document_of(f"{meeting}.md", meeting)
        in_force.take("meeting", "minute", meeting, documents=(document,), files=files)
    cited = {"decider": "politiradet", "decision": in_force.decide("Godkjent", body="politiradet")}
    in_force.take("meeting", "approve", meetings[0], version="1", **cited)
    assert refusal(in_force, "meeting", "approve", meetings[1], version="1", **cited)


def test_a_party_and_its_body_are_not_two_of_three(tmp_path: Path) -> None:
    with suppress(DefinitionError):
        rule = AtLeast(2, (Party("regionen"), BodyVote("regionrad"), Office("politimester")))
        chamber = Chamber(tmp_path, rule, proposer="politiet")
        chamber.yes("regionen", "regionrad", decision=chamber.decide((6, 0, 0)))
        assert chamber.world.state(chamber.case) == "proposed"


def test_a_party_and_its_office_are_not_two_of_three(tmp_path: Path) -> None:
    with suppress(DefinitionError):
        chamber = Chamber(tmp_path, AtLeast(2, (Party("politiet"), Office("politimester"), BodyVote("regionrad"))))
        chamber.yes("politiet", "politimester")
        assert chamber.world.state(chamber.case) == "proposed"


def test_one_act_is_not_two_parts_of_all_of() -> None:
    chief, leader, mayor = Office("politimester"), Office("leder_regionrad"), Office("ordforer_melhus")
    with pytest.raises(DefinitionError):
        AllOf((AtLeast(1, (chief, leader)), AtLeast(1, (chief, mayor))))


def test_a_vote_from_before_the_bodys_no_does_not_lift_it(chamber: Chamber) -> None:
    first = chamber.decide((6, 0, 0))
    carried(chamber, first).vote_no((0, 6, 0))
    carried(chamber, first).yes("politiet")
    assert chamber.world.state(chamber.case) == "proposed"


def test_a_body_that_took_its_approval_back_votes_again(chamber: Chamber) -> None:
    first = chamber.decide((6, 0, 0))
    carried(chamber, first)
    again = chamber.tomorrow().decide((6, 0, 0))
    chamber.take("withdraw_approval", decider="regionen", version="1", decision=again, reason="Ny behandling")
    assert missing(carried(chamber, first)) == PARTIES


@pytest.mark.parametrize("cited", [False, True])
def test_a_vote_on_version_1_approves_no_version_2_of_the_same_day(chamber: Chamber, cited: bool) -> None:  # noqa: FBT001  # drawn
    vote = chamber.decide((6, 0, 0))
    if cited:
        carried(chamber, vote)
        annulled(chamber)
    chamber.revise()
    assert missing(carried(chamber, vote)) == PARTIES


def test_a_version_is_not_older_than_the_one_it_was_made_from(chamber: Chamber) -> None:
    document, files = chamber.world.document_of("neste.md", "Neste")
    chamber.take("revise", documents=(document,), files=files, on=OPENING - timedelta(days=30))
    carried(chamber, sat(chamber, on=OPENING - timedelta(days=20)))
    assert missing(chamber) == PARTIES


# ── Votes that nobody could check ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("present", [SEATS[:1], (), (LIAISON,)], ids=["below quorum", "nobody", "a stranger"])
def test_an_attendance_that_cannot_be_carries_nothing(chamber: Chamber, present: tuple[str, ...]) -> None:
    assert missing(carried(chamber, sat(chamber, None, present=present))) == PARTIES


@pytest.mark.parametrize("unknown", [{"votes": None, "present": None}, {"on": None}], ids=["attendance", "date"])
def test_where_somebody_is_recused_a_vote_that_does_not_tell_who_took_part_is_no_approval(
    chamber: Chamber, unknown: dict[str, Any]
) -> None:
    chamber.recuse("ordforer_rennebu")
    assert missing(carried(chamber, sat(chamber, **unknown))) == PARTIES


@pytest.mark.parametrize(
    ("votes", "reserved"), [((4, 0, 0), ("ordforer_oppdal", "ordforer_oppdal")), ((8, -2, 0), ())]
)  # fmt: skip
def test_votes_that_only_seem_to_add_up_are_refused(
    tmp_path: Path, votes: tuple[int, int, int], reserved: tuple[str, ...]
) -> None:
    how = {"rule": "consensus_with_reservation" if reserved else "majority", "counts": "seats"}
    chamber = Chamber(tmp_path)
    register_changed(chamber.world, lambda register: register["bodies"]["regionrad"].update(how))
    assert sat(chamber.revise(), votes, reserved=reserved) is None


def test_where_nobody_may_opt_out_opting_out_is_no_way_not_to_vote(tmp_path: Path) -> None:
    chamber = Chamber(tmp_path, BodyVote("regionrad", rule="majority"))
    chamber.vote((1, 0, 0), reserved=SEATS[1:])
    assert chamber.world.state(chamber.case) == "proposed"


# ── Unknown dates ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("gone", ["recused", "vacant"])
def test_an_unknown_date_does_not_bring_an_office_back(chamber: Chamber, gone: str) -> None:
    without = chamber.recuse("politimester") if gone == "recused" else chamber.vacate("politimester")
    assert missing(without.yes("politiet", **UNDATED)) == PARTIES


def test_an_unknown_date_does_not_hide_the_strict_author(strict: Chamber) -> None:
    strict.yes("politiet", **UNDATED).vote((6, 0, 0))
    assert strict.world.state(strict.case) == "proposed"


def test_an_unknown_date_does_not_hide_who_wrote_a_version(tmp_path: Path) -> None:
    world = World(tmp_path, rules=Approvals(adoption=Office("politimester")))
    case = world.propose(**UNDATED)
    with suppress(Refused):
        world.take("agreement", "approve", case, version="1", decider="politimester")
    assert world.state(case) == "proposed"


def test_an_unknown_date_does_not_let_an_older_vote_approve_a_newer_text(chamber: Chamber) -> None:
    vote = sat(chamber, on=OPENING - timedelta(days=30))
    assert missing(carried(chamber, vote, **UNDATED)) == PARTIES


def test_a_vote_of_unknown_date_gives_an_approval_of_unknown_date(chamber: Chamber) -> None:
    carried(chamber, sat(chamber, on=None))
    with chamber.world.store.read(COUNCIL) as reader:
        assert all(act.on is None for act in reader.approvals(chamber.case))


# ── Authority given too far ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_leader_does_not_give_themselves_the_bodys_vote(chamber: Chamber) -> None:
    delegated(chamber, "regionrad", "leder_regionrad", "agreement.approve", person=LEADER)
    assert missing(chamber.yes("regionen", person=LEADER, ref=None)) == PARTIES


def test_a_leader_does_not_give_themselves_a_mandate_to_conclude(in_force: World) -> None:
    with suppress(Refused):
        accepted(in_force, "A-1", scope="conclude", person=LEADER, ref="muntlig")
        drafted(in_force)
        in_force.take("amendment", "approve", "E-1", version="1", decider="regionen", person=LEADER, ref=None)
    with in_force.store.read(COUNCIL) as reader:
        assert reader.approvals("E-1") == ()


def test_a_mandate_for_dialogue_binds_its_holder_in_person_as_through_a_registrar(in_force: World) -> None:
    new = Delegation("regionrad", "leder_regionrad", ("amendment",), OPENING)
    decision = in_force.decide("Lederen handler i hastesaker.")
    in_force.register(lambda run: delegate(run, new, Entry(person=SECRETARY, ref="FO 1/18", decision=decision)))
    accepted(in_force, "A-1", scope="dialogue")
    drafted(in_force)
    registered = refusal(in_force, "amendment", "approve", "E-1", version="1", decider="leder_regionrad")
    own = {"decider": "regionen", "person": LEADER, "ref": None}
    assert refusal(in_force, "amendment", "approve", "E-1", version="1", **own) == registered


@pytest.mark.parametrize(("capacity", "person"), [("deputy", "p_stand_in"), ("acting", HOLDER)])
def test_only_who_is_in_charge_of_an_office_uses_what_was_delegated_to_it(
    chamber: Chamber, capacity: str, person: str
) -> None:
    delegated(chamber, "politimester", LIAISON, "agreement.approve")
    chamber.hold(LIAISON, "p_stand_in", capacity=capacity)
    assert missing(chamber.yes("politiet", person=person, ref=None)) == PARTIES


def test_who_acts_for_other_things_passes_nothing_on(chamber: Chamber) -> None:
    delegated(chamber, "politimester", LIAISON, "agreement", further=True)
    chamber.hold(LIAISON, "p_acting", capacity="acting", scope=("measure",))
    delegated(chamber, "politimester", "politikontakt_roros", "agreement.approve", person="p_acting")
    assert missing(chamber.yes("politikontakt_roros")) == PARTIES


def test_who_is_recused_does_not_decide_through_a_delegate(chamber: Chamber) -> None:
    chamber.recuse("politimester")
    delegated(chamber, "politimester", LIAISON, "agreement.approve", person=CHIEF)
    assert missing(chamber.yes(LIAISON)) == PARTIES


def test_who_is_recused_in_an_agreement_is_so_in_its_amendments(in_force: World) -> None:
    second = in_force.propose(decider="regionen")
    in_force.take("agreement", "recuse", second, decider="politiet", disqualified="politimester", reason="Inhabil")
    in_force.fill("politimester", "p_deputy", OPENING, capacity="deputy")
    in_force.agree(second, "1")
    in_force.sign(second, "1")
    accepted(in_force, second)
    drafted(in_force)
    in_force.take("amendment", "approve", "E-1", version="1", decider="politiet")
    assert newest(in_force, "E-1")["approval"]["person"] == "p_deputy"


def test_a_recusal_is_of_the_person_who_would_decide_in_the_case(chamber: Chamber) -> None:
    chamber.hold("politimester", "p_acting", capacity="acting", scope=("agreement",)).recuse("politimester")
    chamber.yes("politiet")
    with chamber.world.store.read(COUNCIL) as reader:
        assert "p_acting" not in {act.person for act in reader.approvals(chamber.case)}


def test_only_the_office_itself_overrides_and_no_delegate_of_it(tmp_path: Path) -> None:
    chamber = Chamber(tmp_path, rules=OVERRIDING)
    delegated(chamber, "leder_regionrad", LIAISON, "agreement")
    chamber.no("politiet").take("set_aside", **LIFTED, person=HOLDER)
    assert chamber.found().status is Status.LOST


def test_the_strict_author_votes_on_no_seat(strict: Chamber) -> None:
    strict.hold("ordforer_melhus", CHIEF, capacity="acting").vote((6, 0, 0))
    assert missing(strict) == PARTIES


def test_an_acting_holding_recorded_after_its_use_is_flagged(chamber: Chamber) -> None:
    chamber.world.clock.pass_days(5)
    chamber.hold("politimester", "p_acting", capacity="acting").yes("politiet", on=OPENING + timedelta(days=1))
    assert "mandate_recorded_later" in newest(chamber.world, chamber.case)["flags"]


def test_a_vote_registered_by_an_outsider_is_an_attempt_on_record(chamber: Chamber) -> None:
    assert sat(chamber, person=HOLDER) is None
    with chamber.world.store.read(COUNCIL) as reader:
        assert len(list(reader.refusals())) == 1


# ── A no undone, or given, through the back door ─────────────────────────────────────────────────────────────────────


def test_an_older_approval_registered_late_does_not_lift_a_newer_rejection(chamber: Chamber) -> None:
    chamber.world.clock.pass_days(6)
    chamber.no("politiet").yes("politiet", on=OPENING + timedelta(days=1))
    assert chamber.found().status is Status.LOST


def test_a_delegate_does_not_lift_the_rejection_of_who_delegated(chamber: Chamber) -> None:
    delegated(chamber, "politimester", LIAISON, "agreement.approve")
    chamber.no("politiet", person=CHIEF, ref="brev 1").yes(LIAISON)
    assert chamber.found().status is Status.LOST


@pytest.mark.parametrize("said", ["rejection", "withdrawal", "recusal"])
def test_nobody_annuls_what_another_did_in_person(chamber: Chamber, said: str) -> None:
    own = {"decider": "politiet", "person": CHIEF, "ref": "brev 1"}
    if said == "recusal":
        chamber.take("recuse", **own, disqualified="politimester", reason="Inhabil")
    elif said == "withdrawal":
        chamber.take("approve", **own, version="1").take("withdraw_approval", **own, version="1", reason="Nei")
    else:
        chamber.take("reject", **own, version="1")
    before = chamber.world.case(chamber.case)
    annulled(chamber)
    assert chamber.world.case(chamber.case) == before


@pytest.mark.parametrize("step", ["reject", "withdraw_approval"])
def test_a_bodys_yes_is_not_undone_without_a_vote(chamber: Chamber, step: str) -> None:
    reason = {"reason": "Ombestemt"} if step == "withdraw_approval" else {}
    chamber.vote((6, 0, 0)).take(step, decider="regionen", version="1", person=LEADER, ref="muntlig", **reason)
    assert [leaf.act.outcome for leaf in chamber.found().leaves() if leaf.act] == ["approved"]


def test_a_minority_does_not_give_up_what_can_still_be_adopted(tmp_path: Path) -> None:
    offices = ("politimester", "leder_regionrad", "ordforer_melhus")
    chamber = Chamber(tmp_path, AtLeast(2, tuple(Office(office) for office in offices)))
    chamber.no("ordforer_melhus").take("give_up", decider="ordforer_melhus")
    assert chamber.world.state(chamber.case) == "proposed"


# ── The agreement and its amendments ─────────────────────────────────────────────────────────────────────────────────


def test_what_was_approved_on_the_amendment_stands_on_the_agreements_version(in_force: World) -> None:
    accepted(in_force, "A-1")
    drafted(in_force)
    concluded(in_force)
    assert in_force.case("A-1").facts["version"] == 2
    assert refusal(in_force, "agreement", "reject", "A-1", version="2", decider="politiet")


def test_a_second_draft_keeps_the_seats_the_agreement_got_meanwhile(in_force: World) -> None:
    for amendment, seat in (("E-1", "politimester"), ("E-2", "politiets_sekretar")):
        accepted(in_force, "A-1", amendment, seat)
        drafted(in_force, amendment)
    concluded(in_force, "E-1")
    drafted(in_force, "E-2")
    concluded(in_force, "E-2", "2")
    with in_force.store.read(COUNCIL) as reader:
        assert {"politimester", "politiets_sekretar"} <= {seat.id for seat in reader.versions("A-1")[-1].seats}


# ── Reservations ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def ratified(tmp_path: Path) -> World:
    """An agreement in force for five of six municipalities; Oppdal reserved itself."""
    rules: dict[str, Any] = {"ratifies": dict.fromkeys(MAYORS, True), "enough_acceded": 5}
    world = World(tmp_path, amend_before_adoption=False, **rules)
    case = world.in_force()
    for town in MAYORS:
        answer = "reserved" if town == "oppdal" else "acceded"
        world.take("agreement", "ratify", case, version="1", decider=town, answer=answer)
    return world


def test_who_acceded_to_an_agreement_in_force_leaves_it_by_notice_only(ratified: World) -> None:
    assert ratified.state("A-1") == "in_force"
    assert refusal(ratified, "agreement", "ratify", "A-1", version="1", decider="melhus", answer="reserved")


def test_who_accedes_after_an_amendment_still_gets_its_seats(ratified: World) -> None:
    accepted(ratified, "A-1")
    drafted(ratified)
    concluded(ratified)
    ratified.take("agreement", "ratify", "A-1", version="2", decider="oppdal", answer="acceded")
    with ratified.store.read(COUNCIL) as reader:
        assert "ordforer_oppdal" in {office for seat in reader.council().seats for office in seat.filled_by}


def test_a_reservation_goes_with_the_vote_it_was_made_in(tmp_path: Path) -> None:
    chamber = Chamber(tmp_path, OPTING_OUT).vote((5, 0, 0), reserved=("ordforer_oppdal",))
    again = chamber.tomorrow().decide((6, 0, 0))
    chamber.take("withdraw_approval", decider="regionrad", version="1", decision=again, reason="Ny behandling")
    assert not chamber.world.case(chamber.case).facts.get("reserved")


def test_a_late_vote_reserves_nothing(tmp_path: Path) -> None:
    rule = AtLeast(1, (Office("politimester"), BodyVote("regionrad", rule="consensus_with_reservation")))
    chamber = Chamber(tmp_path, rule).yes("politimester")
    chamber.world.sign(chamber.case, "1")
    chamber.vote((5, 0, 0), reserved=("ordforer_oppdal",))
    assert not chamber.world.case(chamber.case).facts.get("reserved")


# ── Corrections ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_delegates_act_is_not_corrected_to_before_the_delegation(chamber: Chamber) -> None:
    chamber.world.clock.pass_days(10)
    delegated(chamber, "politimester", LIAISON, "agreement.approve", since=OPENING + timedelta(days=5))
    chamber.yes(LIAISON)
    with pytest.raises(Refused):
        redated(chamber, 2, OPENING + timedelta(days=1))


def test_an_approval_is_not_corrected_away_from_its_vote(chamber: Chamber) -> None:
    chamber.vote((6, 0, 0)).world.clock.pass_days(10)
    with pytest.raises(Refused):
        redated(chamber, 2, OPENING + timedelta(days=7))


def test_a_version_is_not_corrected_to_after_what_was_said_of_it(chamber: Chamber) -> None:
    chamber.yes("politiet").world.clock.pass_days(10)
    with pytest.raises(Refused):
        redated(chamber, 1, OPENING + timedelta(days=7))


def test_a_recusal_is_not_corrected_to_another_person(chamber: Chamber) -> None:
    chamber.hold("politimester", "p_before", capacity="acting", until=OPENING).world.clock.pass_days(3)
    chamber.take("recuse", decider="politiet", disqualified="politimester", reason="Inhabil")
    with suppress(Refused):
        redated(chamber, 2, OPENING)
    assert missing(chamber.yes("politiet")) == PARTIES


def test_an_act_is_not_corrected_to_a_day_on_which_another_acted_for_that_step(chamber: Chamber) -> None:
    acting = {"capacity": "acting", "scope": ("agreement.approve",), "until": OPENING}
    chamber.hold("politimester", "p_acting", **acting).world.clock.pass_days(3)
    chamber.yes("politiet")
    with pytest.raises(Refused):
        redated(chamber, 2, OPENING)


def test_a_deputys_act_may_be_corrected_too(chamber: Chamber) -> None:
    chamber.hold("politimester", "p_deputy", capacity="deputy").recuse("politimester").world.clock.pass_days(3)
    chamber.yes("politiet")
    redated(chamber, 3, OPENING + timedelta(days=1))


# ── What holds ───────────────────────────────────────────────────────────────────────────────────────────────────────


def register_changed(world: World, change: Any) -> None:  # noqa: ANN401  # a callable over a register
    """A new register, changed in one place."""
    document: dict[str, Json] = as_document(example())
    change(document["register"])
    world.register(lambda run: set_profile(run, document, world.entry()))


def test_an_office_that_left_the_register_hands_its_frozen_vote_to_nobody(chamber: Chamber) -> None:
    def without_the_chief(register: Any) -> None:  # noqa: ANN401  # as JSON
        del register["offices"]["politimester"]
        register["parties"]["politiet"] |= {"decides": LIAISON, "signs": LIAISON}

    register_changed(chamber.vacate("politimester").world, without_the_chief)
    chamber.yes("politiet", LIAISON, "politimester")
    assert chamber.refusals == ["office_vacant", "outside_electorate", "office_vacant"]


def test_rules_applied_after_adoption_excuse_no_municipality(tmp_path: Path) -> None:
    chamber = Chamber(tmp_path, rules={"ratifies": {"melhus": True}}).adopt()
    register_changed(chamber.world, lambda _: None)
    chamber.world.service.apply_profile(COUNCIL, chamber.case, entry=chamber.world.entry(reason="Ny ordning"))
    chamber.world.sign(chamber.case, "1")
    assert chamber.world.state(chamber.case) == "adopted"


def test_a_delegate_who_decided_already_is_no_second_person(tmp_path: Path) -> None:
    rule = AtLeast(2, (Office("politimester"), Office("leder_regionrad"), Office("ordforer_melhus")), counts="persons")
    chamber = Chamber(tmp_path, rule)
    delegated(chamber, "leder_regionrad", "politimester", "agreement.approve")
    chamber.yes("politimester").yes("leder_regionrad", person=CHIEF, ref=None)
    assert (chamber.refusals, chamber.found().status) == ([], Status.OPEN)


def test_the_author_who_is_the_bodys_delegate_too_is_still_alone(tmp_path: Path) -> None:
    chamber = Chamber(tmp_path, proposer="politiet")
    decision = chamber.world.decide("Politimesteren handler for rådet.")
    delegated(chamber, "regionrad", "politimester", "agreement", decision=decision)
    chamber.yes(*PARTIES, person=CHIEF, ref=None)
    assert chamber.refusals == ["author_alone"]


def test_who_is_recused_neither_delegates_to_an_own_office_nor_registers_for_the_deputy(chamber: Chamber) -> None:
    chamber.hold(LIAISON, CHIEF, capacity="acting").hold("politiets_sekretar", CHIEF, capacity="acting")
    delegated(chamber, "politimester", LIAISON, "agreement")
    chamber.hold("politimester", "p_deputy", capacity="deputy").recuse("politimester")
    chamber.yes("politiet", LIAISON, person=CHIEF)
    assert chamber.refusals == ["recused", "recused"]


def test_authority_to_approve_is_none_to_reject_to_withdraw_or_to_sign(chamber: Chamber) -> None:
    delegated(chamber, "politimester", LIAISON, "agreement.approve")
    chamber.yes(LIAISON).no(LIAISON)
    chamber.take("withdraw_approval", decider=LIAISON, version="1", reason="Nei")
    carried(chamber, chamber.decide((6, 0, 0))).take("sign", decider=LIAISON, version="1")
    assert set(chamber.refusals) == {"outside_scope", "nothing_to_withdraw"}


def test_a_delegation_of_the_delegates_own_office_carries_nothing_on(chamber: Chamber) -> None:
    delegated(chamber, "politimester", LIAISON, "agreement")
    delegated(chamber, LIAISON, "politikontakt_roros", "agreement")
    assert chamber.yes("politikontakt_roros").refusals == ["outside_electorate"]


def test_a_chain_of_three_ends_with_its_first_link(chamber: Chamber) -> None:
    chain, further = ("politimester", LIAISON, "politikontakt_roros", "politikontakt_oppdal"), {"further": True}
    for giver, taker in pairwise(chain):
        person = SECRETARY if giver == "politimester" else f"p_{giver}"
        delegated(chamber, "politimester", taker, "agreement.approve", person=person, **further)
    assert missing(chamber.yes(chain[-1]).revise()) == PARTIES
    entry = chamber.world.entry(ref="trukket tilbake")
    chamber.world.register(lambda run: end_delegation(run, "politimester", LIAISON, OPENING, entry))
    assert chamber.tomorrow().yes(chain[-1]).refusals == ["outside_period"]


def test_an_override_lifts_nothing_where_nothing_stands_and_annulled_lifts_no_more(tmp_path: Path) -> None:
    chamber = Chamber(tmp_path, rules=OVERRIDING)
    chamber.take("set_aside", **LIFTED, person=LEADER).no("politiet")
    chamber.take("set_aside", **LIFTED, person=LEADER).take("set_aside", **LIFTED, person=LEADER)
    assert chamber.refusals == ["no_rejection", "no_rejection"]
    chamber.no("politiet").take("set_aside", **LIFTED | {"ref": "sak 3/19"})
    annulled(chamber)
    assert chamber.found().status is Status.LOST
    assert chamber.world.case(chamber.case).facts["overrides"]


def test_a_refused_approval_leaves_no_vote_behind_and_is_on_record(chamber: Chamber) -> None:
    world = chamber.recuse("ordforer_rennebu").world
    command = world.command("agreement", "approve", chamber.case, decider="regionen", version="1")
    sitting = Sitting("regionrad", SEATS, (), (PointVote("Avtalen vedtas", (6, 0, 0)),))
    entry = Entry(person=SECRETARY, on=world.today, ref="FO 39/19")
    with pytest.raises(Refused, match="recused_voted"):
        world.service.advance(COUNCIL, command, ballot=(sitting, entry))
    with world.store.read(COUNCIL) as reader:
        assert (list(reader.decisions()), len(list(reader.refusals()))) == ([], 1)


def test_the_key_of_one_approval_is_no_key_to_another(chamber: Chamber) -> None:
    chamber.yes("politiet", key="k")
    with pytest.raises(UsageError, match="already answered"):
        carried(chamber, chamber.decide((6, 0, 0)), key="k")
    assert missing(chamber) == ["regionen"]


def test_a_vote_that_was_cited_stays_even_when_the_approval_is_taken_back(chamber: Chamber) -> None:
    vote = chamber.decide((6, 0, 0))
    carried(chamber, vote)
    annulled(chamber)
    annulled(chamber, "C")
    with chamber.world.store.read(COUNCIL) as reader:
        assert [decision.id for decision in reader.decisions()] == [vote]


def test_an_amendment_of_a_version_that_has_gone_waits_though_everybody_signed(in_force: World) -> None:
    for amendment, seat in (("E-1", "politimester"), ("E-2", "politiets_sekretar")):
        accepted(in_force, "A-1", amendment, seat)
        drafted(in_force, amendment)
    concluded(in_force, "E-1")
    concluded(in_force, "E-2")
    assert (in_force.state("E-2"), in_force.case("A-1").facts["version"]) == ("adopted", 2)


def test_signatures_of_two_versions_bring_neither_into_force(chamber: Chamber) -> None:
    chamber.adopt().take("sign", decider="politimester", version="1").revise().adopt()
    chamber.take("sign", decider="leder_regionrad", version="2").take("sign", decider="politimester", version="1")
    assert (chamber.refusals, chamber.world.state(chamber.case)) == (["version_outdated"], "adopted")


def test_the_other_sides_secretary_says_nothing_for_a_party(chamber: Chamber) -> None:
    other = {"person": "p_sekretar_regionrad", "decider": "politiet", "version": "1"}
    chamber.take("approve", **other).take("reject", **other).yes("politiet")
    chamber.take("withdraw_approval", **other, reason="Nei")
    assert chamber.refusals == ["may_not_act_for"] * 3
    assert missing(chamber) == ["regionen"]
