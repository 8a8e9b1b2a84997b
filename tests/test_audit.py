"""Signs of trouble: each is found where it is, with its events, and a well-kept council shows none that alarms."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from commands.auditing import binding_types
from engine.audit import ALARMING, NOTEWORTHY, signs_in
from engine.errors import Refused
from engine.signs import Asked, Sign
from tests.desk import Desk
from tests.test_words import LANGUAGES, catalogue, placeholders
from tests.world import CHIEF, COUNCIL, LEADER, SECRETARY, World
from workflows.profile import AGENDA

if TYPE_CHECKING:
    from pathlib import Path

    from engine.register import Language

OVERRIDES = {"meeting": {"summon": "leder_regionrad"}}


def signs(world: World, kind: str, since: date | None = None, late_days: int = 30) -> list[Sign]:
    """The signs of a kind."""
    with world.store.read(COUNCIL) as reader:
        asked = Asked(world.clock.now(), None, late_days, binding_types())
        return [sign for sign in signs_in(reader.events(), asked, since) if sign.kind == kind]


def places(sign: Sign) -> list[str]:
    """The events of a sign, as `log` numbers them."""
    return [f"{one.case} {one.n}" for one in sign.events]


def adopted(world: World) -> str:
    """An agreement that both parties approved."""
    case = world.propose()
    world.agree(case, "1")
    return case


def test_a_well_kept_council_shows_nothing_that_alarms(world: World) -> None:
    world.in_force()
    for _ in range(3):
        world.clock.pass_days(20)
        case = world.measure()
        decision = world.decide("Tiltaket anbefales.", body="politiradet")
        world.take("measure", "recommend", case, decider="politiradet", decision=decision)
    world.tick()
    assert [sign for kind in ALARMING for sign in signs(world, kind)] == []


def test_what_was_registered_long_after_its_date_is_found(world: World) -> None:
    case, signed = adopted(world), world.today
    world.clock.pass_days(31)
    world.take("agreement", "sign", case, version="1", decider="politimester", on=signed)
    (late,) = signs(world, "registered_late")
    assert (places(late), late.about["days"]) == ([f"{case} 5"], 31)
    assert signs(world, "registered_late", late_days=31) == []
    assert signs(world, "registered_late", late_days=30) == [late]


def test_a_decision_registered_long_after_its_date_is_found(world: World) -> None:
    world.decide("Avtalen vedtas.", on=world.today - timedelta(days=40))
    (late,) = signs(world, "registered_late")
    assert late.events[0].type == "council.decided"


def test_a_date_that_was_put_right_counts_as_corrected(world: World) -> None:
    case, signed = adopted(world), world.today
    world.clock.pass_days(31)
    world.take("agreement", "sign", case, version="1", decider="politimester", on=signed)
    changes = {"on": world.today.isoformat()}
    world.service.correct(COUNCIL, case, 5, changes, entry=world.entry(reason="Feil dato"))
    assert signs(world, "registered_late") == []


def test_a_signature_before_the_approvals_it_follows_from_is_found(world: World) -> None:
    case = world.propose()
    world.clock.pass_days(10)
    world.agree(case, "1")
    world.take("agreement", "sign", case, version="1", decider="politimester", on=world.today - timedelta(days=5))
    (early,) = signs(world, "dated_before")
    assert places(early)[0] == f"{case} 5"
    assert (early.about["on"], early.about["base_on"]) == ("2018-10-09", "2018-10-14")


def test_an_authority_recorded_after_its_use_is_found(world: World) -> None:
    case, then = adopted(world), world.today
    world.clock.pass_days(3)
    world.fill("politimester", "p_acting", then, capacity="acting")
    world.take("agreement", "sign", case, version="1", decider="politimester", on=then)
    (later,) = signs(world, "authority_later")
    assert (places(later), later.about) == ([f"{case} 5"], {"office": "politimester"})


def test_a_clock_that_ran_backwards_is_found_with_both_events(world: World) -> None:
    world.in_force()
    world.clock.pass_days(-1)
    case = world.measure()
    (back,) = signs(world, "clock_back")
    assert places(back)[1] == f"{case} 1"
    assert (back.about["before"], back.about["at"]) == ("2018-10-04T10:00:00Z", "2018-10-03T10:00:00Z")


def test_a_clock_behind_the_newest_event_or_the_last_heartbeat_is_found(world: World) -> None:
    now = world.clock.now()
    with world.store.read(COUNCIL) as reader:
        ahead = list(signs_in(reader.events(), Asked(now - timedelta(seconds=1), now)))
        in_time = list(signs_in(reader.events(), Asked(now, now)))
    kinds = [(sign.kind, len(sign.events)) for sign in ahead if sign.kind == "clock_ahead"]
    assert kinds == [("clock_ahead", 1), ("clock_ahead", 0)]
    assert not [sign for sign in in_time if sign.kind == "clock_ahead"]


def test_refused_binding_steps_are_counted_by_who_tried_what(world: World) -> None:
    case = adopted(world)
    for person in (CHIEF, CHIEF, SECRETARY):
        with pytest.raises(Refused):
            world.take("agreement", "sign", case, version="9", decider="politimester", person=person)
    tried = [(sign.about["person"], len(sign.events)) for sign in signs(world, "refused")]
    assert tried == [(CHIEF, 2), (SECRETARY, 1)]
    assert {(sign.about["attempted"], sign.about["step"]) for sign in signs(world, "refused")} == {(case, "sign")}


def test_an_override_is_found(tmp_path: Path) -> None:
    world = World(tmp_path, overrides=OVERRIDES)
    world.in_force()
    case = world.take("meeting", "plan", title="Årsmøte", date="2018-10-09").step.event.case
    world.take("meeting", "add_item", case, item=AGENDA)
    world.fill("politiradssekretar", LEADER, world.today, capacity="acting")
    world.take("meeting", "summon", case, person=LEADER, decider="politiradssekretar", override="Flom i Gaula")
    (found,) = signs(world, "override")
    assert (places(found), found.about) == ([f"{case} 3"], {"step": "summon", "office": "leder_regionrad"})


def test_one_person_who_registers_for_both_parties_is_found_by_act_and_version(world: World) -> None:
    case = world.in_force()
    approvals, signatures = signs(world, "both_parties")
    assert (places(approvals), places(signatures)) == ([f"{case} 2", f"{case} 3"], [f"{case} 5", f"{case} 6"])
    assert approvals.about == {"person": SECRETARY, "on_case": case, "version": "1", "parties": "politiet, regionen"}


def test_each_party_that_acts_for_itself_is_no_sign(world: World) -> None:
    case = adopted(world)
    for person, office in ((LEADER, "leder_regionrad"), (CHIEF, "politimester")):
        world.take("agreement", "sign", case, version="1", decider=office, person=person)
    assert [places(sign) for sign in signs(world, "both_parties")] == [[f"{case} 2", f"{case} 3"]]


def test_one_person_who_decides_in_several_capacities_is_found(world: World) -> None:
    case = adopted(world)
    world.sign(case, "1")
    assert signs(world, "several_capacities") == []
    world.fill("politimester", LEADER, world.today, capacity="acting")
    other = world.propose()
    world.agree(other, "1")
    world.sign(other, "1")
    (found,) = signs(world, "several_capacities")
    assert (found.about["person"], found.about["on_case"]) == (LEADER, other)
    assert found.about["offices"] == "leder_regionrad, politimester"


def test_declared_identities_are_summed_up_by_person_and_office(world: World) -> None:
    case = world.in_force()
    world.measure()
    (found,) = signs(world, "declared")
    assert found.about == {"person": SECRETARY, "office": "politiradssekretar"}
    assert [place for place in places(found) if place.startswith("A-")] == [f"{case} {n}" for n in (2, 3, 5, 6)]
    assert [one.type for one in found.events if one.case == "C"] == ["council.decided"]


def test_dates_that_nobody_knows_are_counted_by_case(world: World) -> None:
    case = adopted(world)
    for office in ("leder_regionrad", "politimester"):
        world.take("agreement", "sign", case, version="1", decider=office, on_unknown=True, reason="Udatert kopi")
    (found,) = signs(world, "date_unknown")
    assert (places(found), found.about) == ([f"{case} {n}" for n in (5, 6)], {"on_case": case})


def test_corrections_and_annulments_are_found_with_what_they_change(world: World) -> None:
    world.in_force()
    case = world.measure()
    world.service.correct(COUNCIL, case, 1, {"ref": "sak 2/19"}, entry=world.entry(reason="Feil"))
    world.take("measure", "edit", case, decider="politiradssekretar", goal="Færre")
    world.service.annul(COUNCIL, case, entry=world.entry(reason="Feil"))
    (corrected,), (annulled,) = signs(world, "corrected"), signs(world, "annulled")
    assert places(corrected) == [f"{case} 1", f"{case} 2"]
    assert places(annulled) == [f"{case} 3", f"{case} 4"]
    assert annulled.about == {"event": f"{case} 3", "by": f"{case} 4"}


def test_since_a_day_only_what_is_news_is_told(world: World) -> None:
    world.in_force()
    world.clock.pass_days(10)
    world.decide("Noe annet")
    assert [one.case for sign in signs(world, "declared", world.today) for one in sign.events] == ["C"]
    assert signs(world, "both_parties", world.today) == []


def test_the_command_tells_each_sign_with_its_events_and_why_and_never_fails(world: World) -> None:
    desk = Desk(world)
    case = adopted(world)
    world.clock.pass_days(31)
    world.take("agreement", "sign", case, version="1", decider="politimester", on=date(2018, 10, 4))
    told = " ".join(desk.does("audit").split())
    assert "✗ Registered long after its date (1) What is registered late could have been made up afterwards." in told
    assert f"{case} 5: dated 2018-10-04, registered 2018-11-04, 31 days later" in told
    assert "Kari Nordli, Secretary to the police council (politiradssekretar) (4)" in told
    assert "Registered" not in desk.does("audit --late-days 40").split("!")[0]


def test_json_names_kinds_and_events_in_no_language(world: World) -> None:
    case, desk = world.in_force(), Desk(world)
    answers = [desk.types("audit --json", language=language).json for language in LANGUAGES]
    assert answers[0] == answers[1] == answers[2]
    both = next(sign for sign in answers[0] if sign["kind"] == "both_parties")
    assert (both["alarming"], both["about"]["parties"]) == (False, "politiet, regionen")
    assert both["events"][0].keys() == {"case", "n", "type", "at", "on", "leaf"}
    assert (both["events"][0]["case"], both["events"][0]["n"]) == (case, 2)


def test_an_empty_record_shows_no_sign(tmp_path: Path) -> None:
    assert "No sign of trouble" in Desk(World(tmp_path)).does("audit")


def test_who_is_erased_or_blocked_is_not_named_by_an_audit(world: World) -> None:
    desk = Desk(world)
    world.in_force()
    desk.does("person block kari")
    assert "(blocked), Secretary" in " ".join(desk.does("audit").split())
    assert "Nordli" not in desk.does("audit")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [*ALARMING, *NOTEWORTHY])
def test_every_sign_has_its_heading_its_reason_and_its_line(kind: str, language: Language) -> None:
    words = catalogue(language)
    assert {f"{section}.{kind}" for section in ("sign", "sign_why", "sign_line")} <= words.keys()
    assert placeholders(words[f"sign_why.{kind}"]) == set()


def test_no_words_are_kept_for_a_sign_that_nobody_finds() -> None:
    known = {key.partition(".")[2] for key in catalogue("en") if key.partition(".")[0].startswith("sign")}
    assert known == {*ALARMING, *NOTEWORTHY}
