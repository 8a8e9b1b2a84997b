"""Putting the record right: by new events only, and only while nothing rests on the old one."""

from __future__ import annotations

from datetime import date

import pytest

from engine.correction import apply_profile
from engine.errors import NotFoundError, Refused, UsageError
from engine.registration import set_profile
from tests.world import CHIEF, COUNCIL, World, as_document, example
from workflows.profile import AGENDA


def annulled(world: World, case: str) -> set[str]:
    """The reasons why the newest step of a case cannot be taken back."""
    with pytest.raises(Refused) as refused:
        world.service.annul(COUNCIL, case, entry=world.entry(reason="Feil"))
    return {reason.code for reason in refused.value.verdict.reasons}


def test_a_wrong_reference_is_amended_and_the_first_one_stays_in_the_log(world: World) -> None:
    case = world.propose(ref="sak 1/18")
    world.service.correct(COUNCIL, case, 1, {"ref": "sak 2/18"}, entry=world.entry(reason="Skrivefeil"))
    with world.store.read(COUNCIL) as reader:
        log = list(reader.events(case))
    assert (log[0].event.ref, log[1].event.type) == ("sak 1/18", "agreement.corrected")


def test_a_corrected_date_moves_the_approval_with_it(world: World) -> None:
    case = world.propose(on=date(2018, 9, 1))
    world.take("agreement", "approve", case, version="1", decider="politiet", on=date(2018, 9, 20))
    world.service.correct(COUNCIL, case, 2, {"on": "2018-09-21"}, entry=world.entry(reason="Feil dato"))
    with world.store.read(COUNCIL) as reader:
        assert reader.approvals(case)[0].on == date(2018, 9, 21)


def test_a_corrected_date_moves_what_was_dated_by_it(world: World) -> None:
    world.in_force()
    case = world.measure()
    world.take("measure", "recommend", case, decider="politiradet")
    world.take("measure", "anchor", case, decider="kommunedirektor_melhus")
    world.take("measure", "implement", case, decider="kommunedirektor_melhus", done="Ferdig")
    world.service.correct(COUNCIL, case, 4, {"on": "2017-12-30"}, entry=world.entry(reason="Feil år"))
    assert world.case(case).facts["implemented_on"] == "2017-12-30"
    with world.store.read(COUNCIL) as reader:
        assert [item.on for item in reader.todo() if item.case == case] == [date(2017, 12, 31)]


def test_a_corrected_title_is_the_cases_title(world: World) -> None:
    case = world.measure(title="Natterawner")
    world.service.correct(COUNCIL, case, 1, {"title": "Natteravner"}, entry=world.entry(reason="Skrivefeil"))
    assert world.case(case).facts["title"] == "Natteravner"


@pytest.mark.parametrize(
    ("n", "changes", "error"),
    [
        (9, {"ref": "x"}, NotFoundError),
        (1, {"reason": "x"}, UsageError),
        (1, {}, UsageError),
        (1, {"on": "i går"}, UsageError),
        (1, {"on": "2099-01-01"}, UsageError),
        (1, {"title": " "}, UsageError),
    ],
)
def test_a_correction_that_means_nothing_is_refused(
    world: World, n: int, changes: dict[str, str], error: type[Exception]
) -> None:
    case = world.measure()
    with pytest.raises(error):
        world.service.correct(COUNCIL, case, n, changes, entry=world.entry(reason="Skrivefeil"))
    assert world.case(case).n == 1


def test_the_newest_step_is_taken_back_and_the_case_stands_as_before(world: World) -> None:
    world.in_force()
    case = world.measure()
    before = world.case(case)
    world.take("measure", "recommend", case, decider="politiradet")
    world.service.annul(COUNCIL, case, entry=world.entry(reason="Feil sak"))
    after = world.case(case)
    assert (after.state, dict(after.facts)) == (before.state, dict(before.facts))
    with world.store.read(COUNCIL) as reader:
        assert [r.event.type for r in reader.events(case)][1:] == ["measure.recommended", "measure.annulled"]
        assert [item.name for item in reader.todo() if item.case == case] == ["recommend"]


def test_an_annulled_approval_no_longer_counts(world: World) -> None:
    case = world.propose()
    world.take("agreement", "approve", case, version="1", decider="politiet")
    world.service.annul(COUNCIL, case, entry=world.entry(reason="Feil versjon"))
    world.take("agreement", "approve", case, version="1", decider="regionen", decision=world.decide("Vedtas."))
    assert world.state(case) == "proposed"


def test_an_opening_a_signature_and_what_others_cite_stay(world: World) -> None:
    case = world.propose()
    assert annulled(world, case) == {"annul_opening"}
    world.agree(case, "1")
    assert annulled(world, case) == {"annul_only_steps_by_people"}
    world.take("agreement", "sign", case, version="1", decider="politimester")
    assert annulled(world, case) == {"annul_signed"}


def test_a_step_with_an_effect_on_another_case_is_cited_by_it(world: World) -> None:
    case = world.propose()
    world.take("agreement", "request_amendment", case, decider="regionen", change="Politimesteren blir fast medlem")
    assert annulled(world, case) == {"annul_cited"}


def test_only_those_who_keep_the_record_may_put_it_right(world: World) -> None:
    case = world.measure()
    with pytest.raises(Refused):
        world.service.correct(
            COUNCIL, case, 1, {"ref": "x"}, entry=world.entry(reason="x").__class__(person=CHIEF, reason="x")
        )


def test_a_new_profile_touches_no_open_case_until_it_is_applied_to_it(world: World) -> None:
    case = world.take("meeting", "plan", title="Årsmøte", date="2018-11-01").step.event.case
    before = world.case(case).profile
    document = as_document(example(), notice_days=20)
    world.register(lambda run: set_profile(run, document, world.entry()))
    assert world.case(case).profile == before
    world.register(lambda run: apply_profile(run, case, world.entry(reason="Ny forretningsorden")))
    assert world.case(case).profile != before
    with world.store.read(COUNCIL) as reader:
        assert {item.on for item in reader.todo() if item.case == case} == {date(2018, 10, 12)}


def test_seats_that_were_changed_by_an_annulled_version_are_as_before(world: World) -> None:
    case = world.propose()
    document, files = world.document_of("v2.md", "Med politimester")
    world.take("agreement", "revise", case, documents=(document,), files=files, add_seat=("politimester",))
    world.service.annul(COUNCIL, case, entry=world.entry(reason="Feil fil"))
    with world.store.read(COUNCIL) as reader:
        assert "politimester" not in {seat.id for seat in reader.council().seats}
    assert not world.store.verify(COUNCIL).faults


def test_an_old_text_that_is_corrected_does_not_undo_a_newer_one(world: World) -> None:
    case = world.measure(title="Ravner")
    world.take("measure", "edit", case, title="Natteravner", decider="politiradssekretar")
    world.service.correct(COUNCIL, case, 1, {"title": "Ravnene"}, entry=world.entry(reason="Skrivefeil"))
    assert world.case(case).facts["title"] == "Natteravner"


def implemented(world: World, **options: object) -> str:
    """A measure that was carried out."""
    world.in_force()
    case = world.measure()
    world.take("measure", "recommend", case, decider="politiradet")
    world.take("measure", "anchor", case, decider="kommunedirektor_melhus")
    world.take("measure", "implement", case, decider="kommunedirektor_melhus", done="Ferdig", **options)
    return case


def test_a_date_that_is_corrected_twice_ends_at_the_second(world: World) -> None:
    case = implemented(world)
    for day in ("2018-10-01", "2018-10-02"):
        world.service.correct(COUNCIL, case, 4, {"on": day}, entry=world.entry(reason="Feil dato"))
    assert world.case(case).facts["implemented_on"] == "2018-10-02"


def test_a_date_that_was_unknown_is_found_and_nothing_else_moves(world: World) -> None:
    case = implemented(world, on_unknown=True, reason="Ikke i protokollen")
    world.service.correct(COUNCIL, case, 4, {"on": "2018-10-01"}, entry=world.entry(reason="Funnet"))
    facts = world.case(case).facts
    assert (facts["implemented_on"], facts.get("until")) == ("2018-10-01", None)


def test_what_was_reckoned_from_a_date_is_reckoned_anew(world: World) -> None:
    case = world.in_force()
    n = world.case(case).n
    world.take("agreement", "terminate", case, decider="politiet")
    world.service.correct(COUNCIL, case, n + 1, {"on": "2018-09-04"}, entry=world.entry(reason="Feil dato"))
    assert world.case(case).facts["ends_on"] == "2018-12-04"


def test_a_corrected_reference_reaches_what_quotes_it(world: World) -> None:
    world.in_force()
    case = world.measure()
    world.take("measure", "recommend", case, decider="politiradet", ref="sak 6/18")
    world.service.correct(COUNCIL, case, 2, {"ref": "sak 7/18"}, entry=world.entry(reason="Skrivefeil"))
    recommended = world.case(case).facts["recommended"]
    assert isinstance(recommended, dict)
    assert recommended["ref"] == "sak 7/18"


def test_an_act_is_not_dated_before_its_office_was_held_or_its_version_existed(world: World) -> None:
    case = world.propose(on=date(2018, 9, 1))
    world.take("agreement", "approve", case, version="1", decider="politiet")
    for day, code in (("2010-01-01", "held_by_another"), ("2018-08-31", "before_the_version")):
        with pytest.raises(Refused) as refused:
            world.service.correct(COUNCIL, case, 2, {"on": day}, entry=world.entry(reason="Feil dato"))
        assert [reason.code for reason in refused.value.verdict.reasons] == [code]


def test_a_corrected_meeting_is_counted_in_the_year_it_was_held(world: World) -> None:
    world.in_force()
    world.tick()
    case = world.take("meeting", "plan", title="Årsmøte", date="2018-10-04").step.event.case
    world.take("meeting", "add_item", case, item=AGENDA)
    world.take("meeting", "summon", case, on=date(2018, 9, 1))
    world.clock.move_to(date(2019, 2, 1))
    world.tick()
    world.take("meeting", "hold", case, present=("slt_melhus",))
    n = world.case(case).n
    world.service.correct(COUNCIL, case, n, {"on": "2018-10-04"}, entry=world.entry(reason="Feil år"))
    world.take("year", "lift_breach", "Y-2018", reason="Var avholdt")
    assert "breach" not in world.case("Y-2018").facts


def test_the_newest_decision_is_taken_back_while_nothing_rests_on_it(world: World) -> None:
    world.decide("Feil punkt.")
    world.service.annul(COUNCIL, "C", entry=world.entry(reason="Feil møte"))
    with world.store.read(COUNCIL) as reader:
        assert list(reader.decisions()) == []
    case = world.propose()
    world.take("agreement", "approve", case, version="1", decider="regionen", decision=world.decide("Vedtas."))
    assert annulled(world, "C") == {"annul_cited"}


def test_a_closed_case_is_given_no_other_rules(world: World) -> None:
    case = world.propose()
    world.take("agreement", "withdraw", case, decider="politiet")
    world.register(lambda run: set_profile(run, as_document(example(), notice_days=20), world.entry()))
    with pytest.raises(UsageError, match="only an open case"):
        world.register(lambda run: apply_profile(run, case, world.entry(reason="Nye regler")))
