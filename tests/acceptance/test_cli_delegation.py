"""Delegations on the command line: scope and period, listed, passed on, taken back; and holders for some things."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.desk import Answer, Desk

GIVE = "office delegate politimester --to driftsenhetsleder_gauldal --scope agreement.approve --ref 'Instruks 3'"


def delegations(desk: Desk) -> list[dict[str, Any]]:
    """What is delegated, in JSON."""
    listed: list[dict[str, Any]] = desk.types("office delegations --json").json
    return listed


def holds(desk: Desk, name: str, office: str, options: str = "") -> None:
    """Let somebody new hold an office, whoever held it before."""
    desk.does(f"office end {office} --on 2018-09-30")
    desk.does(f"person add '{name}'")
    desk.does(f"office assign {office} {name.split(maxsplit=1)[0].lower()} --from 2018-10-01 {options}")


def approves(desk: Desk, handle: str) -> Answer:
    """Somebody approves the proposed agreement for the police in person, with nothing to go by but their office."""
    return desk.types(f"agreement approve A-1 --version 1 --for politiet --person {handle}")


def test_a_delegation_is_told_with_its_scope_and_period(desk: Desk) -> None:
    said = desk.does(f"{GIVE} --scope measure --from 2018-11-01 --until 2019-01-31")
    assert said == (
        "driftsenhetsleder_gauldal may decide agreement.approve, measure for politimester, 2018-11-01 to 2019-01-31.\n"
    )


def test_whoever_has_a_delegation_approves_in_person_as_a_delegate(desk: Desk) -> None:
    holds(desk, "Ola Hansen", "driftsenhetsleder_gauldal")
    desk.world.propose()
    before = approves(desk, "ola")
    desk.does(GIVE)
    after = approves(desk, "ola")
    assert (before.code, after.code) == (1, 0)
    (act,) = desk.types("approvals A-1 --json").json[0]["acts"]
    by = act["decided_by"]
    assert (act["party"], by["capacity"], by["mandate"]) == ("politiet", "delegate", delegations(desk)[0]["leaf"])


def test_a_delegation_helps_only_within_its_scope_and_period(desk: Desk) -> None:
    holds(desk, "Ola Hansen", "driftsenhetsleder_gauldal")
    desk.world.propose()
    desk.does(f"{GIVE} --from 2019-01-01")
    assert "2019-01-01" in approves(desk, "ola").err
    desk.does(GIVE.replace("agreement.approve", "agreement.sign"))
    assert approves(desk, "ola").code == 1
    desk.world.clock.move_to(date(2019, 1, 1))
    assert approves(desk, "ola").code == 0


def test_what_a_party_delegates_is_given_by_the_office_or_body_that_decides_for_it(desk: Desk) -> None:
    refused = desk.types("office delegate regionen --to leder_regionrad --scope agreement.sign --ref 'RR 4/18'")
    assert "delegates by vote" in refused.err
    vote = desk.world.decide("Lederen signerer.")
    desk.does(f"office delegate regionen --to leder_regionrad --scope agreement.sign --decision {vote}")
    desk.does("office delegate politiet --to driftsenhetsleder_orkdal --scope agreement.sign --ref brev")
    assert [one["of"] for one in delegations(desk)] == ["regionrad", "politimester"]


def test_a_scope_is_written_with_hyphens_or_underscores_once_or_as_a_list(desk: Desk) -> None:
    scopes = "--scope agreement.request-amendment,agreement.sign --scope agreement.request_amendment,measure"
    desk.does(f"office delegate politimester --to driftsenhetsleder_gauldal {scopes} --ref x")
    assert delegations(desk)[0]["scope"] == ["agreement.request_amendment", "agreement.sign", "measure"]
    assert "agreement.request-amendment, agreement.sign, measure" in desk.does("office delegations")


def test_a_delegation_is_passed_on_only_where_it_says_so_and_ends_with_the_first(desk: Desk) -> None:
    holds(desk, "Ola Hansen", "driftsenhetsleder_gauldal")
    onward = "office delegate politimester --to driftsenhetsleder_orkdal --scope agreement.approve --person ola"
    desk.does(GIVE)
    assert desk.types(onward).code == 1
    desk.does(f"{GIVE} --further")
    desk.does(onward)
    first, second = delegations(desk)[1:]
    assert second["under"] == first["leaf"]
    assert f"passed on under  {first['event']}" in desk.does("office delegations")
    desk.does("office revoke politimester --to driftsenhetsleder_gauldal --ref 'DR 3/19'")
    desk.world.clock.pass_days(1)
    assert [one["standing"] for one in delegations(desk)] == ["over", "over", "lapsed"]
    assert "ended with the one it rests on" in desk.does("office delegations")


def test_what_is_revoked_ends_on_its_last_day(desk: Desk) -> None:
    desk.does(GIVE)
    said = desk.does("office revoke politiet --to driftsenhetsleder_gauldal --on 2018-12-31 --ref 'DR 3/19'")
    assert said == "What politimester delegated to driftsenhetsleder_gauldal ends; its last day is 2018-12-31.\n"
    assert (delegations(desk)[0]["until"], delegations(desk)[0]["standing"]) == ("2018-12-31", "in_force")


def test_a_listed_delegation_says_how_it_stands_today(desk: Desk) -> None:
    desk.does("office end driftsenhetsleder_orkdal --on 2018-09-30")
    desk.does("office delegate politimester --to driftsenhetsleder_orkdal --scope measure --ref x --basis Instruks")
    desk.does(f"{GIVE} --from 2019-01-01")
    desk.does(f"{GIVE} --from 2018-01-01 --until 2018-02-01")
    assert desk.types("office delegations").lines[:12] == [
        "C 36  Chief of police of Trøndelag (politimester) → Head of the Orkdal operating unit",
        "  (driftsenhetsleder_orkdal)",
        "  scope   measure",
        "  period  2018-10-04 to further notice",
        "  basis   Instruks",
        "  state   in force, but nobody holds the office today",
        "C 37  Chief of police of Trøndelag (politimester) → Head of the Gauldal operating unit",
        "  (driftsenhetsleder_gauldal)",
        "  scope   agreement.approve",
        "  period  2019-01-01 to further notice",
        "  state   not begun",
        "C 38  Chief of police of Trøndelag (politimester) → Head of the Gauldal operating unit",
    ]
    assert [one["standing"] for one in delegations(desk)] == ["vacant", "not_begun", "over"]


def test_nothing_delegated_is_said_to_be_so(desk: Desk) -> None:
    assert desk.does("office delegations").startswith("Nothing is delegated.")
    assert delegations(desk) == []


def test_a_registrar_needs_a_reference_and_the_office_itself_needs_none(desk: Desk) -> None:
    holds(desk, "Siri Eks", "politimester")
    unsupported = GIVE.partition(" --ref")[0]
    answer = desk.types(unsupported)
    assert (answer.code, "--ref TEXT" in answer.err) == (1, True)
    desk.does(f"{unsupported} --person siri")
    assert len(delegations(desk)) == 1


def test_a_delegation_can_be_tried_first(desk: Desk) -> None:
    assert desk.types(f"{GIVE} --dry-run").lines[-1] == "Nothing was written (--dry-run)."
    assert delegations(desk) == []


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (GIVE.replace("politimester", "politmester"), 3, "no office, body or party 'politmester'. Near: politimester"),
        (GIVE.replace("leder_gauldal", "leder_gaudal"), 3, "Near: driftsenhetsleder_gauldal"),
        (GIVE.replace("agreement.approve", "agreement.aprove"), 3, "no agreement step 'aprove'. Near: approve"),
        (GIVE.replace("agreement.approve", "agrement.approve"), 3, "no workflow 'agrement'. Near: agreement"),
        (GIVE.replace("agreement.approve", "agreement.adopt"), 3, "taken by itself"),
        (GIVE.replace("agreement.approve", "agreement."), 3, "There is no agreement step ''"),
        (GIVE.replace("--scope agreement.approve", ""), 2, "--scope is missing"),
        (GIVE.replace("driftsenhetsleder_gauldal", "politimester"), 3, "is no other office to delegate to"),
        (f"{GIVE} --until 2018-01-01", 2, "--until 2018-01-01 is before --from 2018-10-04"),
        (f"{GIVE} --from tomorrow", 2, "--from: 'tomorrow' is not a date"),
        (f"{GIVE} --basis ''", 0, ""),
        ("office revoke politimester --to driftsenhetsleder_gauldal", 3, "has delegated nothing to"),
        ("office revoke politmester --to driftsenhetsleder_gauldal", 3, "Near: politimester"),
        ("office assign slt_roros kari --scope measure", 2, "Say --capacity acting or deputy"),
        ("office assign slt_roros kari --capacity acting --scope measures", 3, "Near: measure"),
    ],
)
def test_what_makes_no_sense_is_told_so(desk: Desk, typed: str, code: int, said: str) -> None:
    answer = desk.types(typed)
    assert (answer.code, said in answer.err) == (code, True), answer.err


def test_an_acting_holder_with_a_scope_acts_for_that_alone(desk: Desk) -> None:
    holds(desk, "Siri Eks", "politimester")
    desk.does("person add 'Ola Hansen'")
    desk.does("office assign politimester ola --from 2018-10-02 --capacity acting --scope agreement.approve")
    desk.world.propose()
    assert desk.types("agreement postpone A-1 --for politiet --until 2019-01-01 --reason x --person ola").code == 1
    assert approves(desk, "ola").code == 0


def test_the_history_of_an_office_tells_for_what_it_was_held(desk: Desk) -> None:
    desk.does("person add 'Ola Hansen'")
    desk.does("office assign politimester ola --capacity deputy --scope agreement.set-aside,measure")
    held = desk.types("office history politimester --json").json
    assert [one["scope"] for one in held] == [[], ["agreement.set_aside", "measure"]]
    assert "deputy for agreement.set-aside, measure" in desk.does("office history politimester")
