"""What no view hides: overrides with office and reason, capacities, votes as they were, reservations, identities."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from commands.wiring import system_login
from engine.rule import AtLeast, Party
from tests.desk import Desk
from tests.world import MAYORS, World
from workflows.profile import AGENDA, Approvals

if TYPE_CHECKING:
    from pathlib import Path

    from engine.register import Language

LEADER = "Leader of the Regional Council of Trøndelag Sør (leder_regionrad)"
OVERRIDES = {"meeting": {"summon": "leder_regionrad"}, "agreement": {"set_aside": "leder_regionrad"}}
REPORT = "report follow-up"
OUT = "oppdal"


def joined(told: str) -> str:
    """A text as one line."""
    return " ".join(told.split())


def held_by(desk: Desk, office: str, name: str) -> str:
    """Somebody with a name holds an office; their handle."""
    handle = name.split(maxsplit=1)[0].lower()
    desk.does("person", "add", name, "--handle", handle)
    desk.does(f"office end {office} --on 2018-09-30")
    desk.does(f"office assign {office} {handle} --from 2018-10-01")
    return handle


def erase(desk: Desk, table: str, said: str) -> None:
    """Erase a text from an erasable table."""
    with closing(sqlite3.connect(desk.world.folder / "politirad.db")) as connection, connection:
        done = connection.execute(f"UPDATE {table} SET text = NULL WHERE text = ?", (said,))  # noqa: S608  # our own name
        assert done.rowcount >= 1


@pytest.fixture
def overridden(tmp_path: Path) -> Desk:
    """A desk at which a summons went out too late, and a rejection was lifted, both by an override."""
    desk = Desk(World(tmp_path, overrides=OVERRIDES))
    handle = held_by(desk, "leder_regionrad", "Lise Leder")
    desk.does("meeting plan --title 'Årsmøte' --date 2018-10-09")
    desk.does("meeting", "add-item", "MT-1", *(word for item in AGENDA for word in ("--item", item)))
    desk.does(f"office assign politiradssekretar {handle} --from 2018-10-04 --capacity acting")
    desk.does(f"meeting summon MT-1 --override 'Flom i Gaula' --person {handle} --ref 'sak 2/18'")
    desk.world.propose()
    fell = desk.world.decide("Nei", votes=(1, 5, 0))
    desk.world.take("agreement", "reject", "A-1", version="1", decider="regionen", decision=fell)
    lift = "agreement set-aside A-1 --version 1 --rejected-by regionen --ref 'sak 3/18'"
    desk.does(f"{lift} --override 'Ny behandling' --person {handle}")
    return desk


@pytest.fixture
def reserved(tmp_path: Path) -> Desk:
    """A desk with an agreement in force for five of six municipalities."""
    desk = Desk(World(tmp_path, ratifies=dict.fromkeys(MAYORS, True), enough_acceded=5))
    desk.world.in_force()
    for town in MAYORS:
        answer = "reserved" if town == OUT else "acceded"
        desk.does(f"agreement ratify A-1 --version 1 --for {town} --answer {answer} --ref 'PS 1/19'")
    assert desk.case("A-1").state == "in_force"
    return desk


def test_show_flags_an_override_with_step_date_office_and_reason(overridden: Desk) -> None:
    assert f"OVERRIDE summon, 2018-10-04, by {LEADER}: Flom i Gaula" in joined(overridden.does("show MT-1"))
    (one,) = overridden.types("show A-1 --json").json["overrides"]
    assert (one["step"], one["office"], one["on"], one["reason"]) == (
        "set_aside", "leder_regionrad", "2018-10-04", "Ny behandling",
    )  # fmt: skip


def test_the_reason_of_an_override_can_be_erased_and_the_override_stays(overridden: Desk) -> None:
    erase(overridden, "remark", "Flom i Gaula")
    assert f"OVERRIDE summon, 2018-10-04, by {LEADER}: (erased)" in joined(overridden.does("show MT-1"))
    assert overridden.types("show MT-1 --json").json["overrides"][0]["reason"] is None
    assert "reason erased" in overridden.does(REPORT)


def test_the_certificate_warns_of_an_override_with_its_office_and_reason(overridden: Desk) -> None:
    assert (
        f'<p class="warning">Set aside by an override: set-aside, 2018-10-04, by {LEADER}: Ny behandling</p>'
    ) in overridden.does("certificate A-1")


def test_the_log_tells_what_an_override_set_aside(overridden: Desk) -> None:
    told = joined(overridden.does("log MT-1"))
    assert "3 2018-10-04 rules overridden" in told
    assert f"OVERRIDE summon, allowed by {LEADER}" in told
    assert "OVERRIDE set aside: the notice is long enough. The notice would be 5 days; 7 are needed" in told
    assert "note taken by an override" in told
    event = overridden.types("log MT-1 --json").json[2]
    assert event["type"] == "meeting.overridden"
    assert event["override"] == {
        "step": "summon", "office": "leder_regionrad",
        "set_aside": [
            {"code": "notice_long_enough", "reason": "notice_too_short", "parameters": {"days": 5, "needed": 7}}
        ],
    }  # fmt: skip


def test_the_answer_to_a_step_says_that_an_override_let_it_pass(overridden: Desk) -> None:
    overridden.world.take("agreement", "reject", "A-1", version="1", decider="politiet")
    told = overridden.does(
        "agreement set-aside A-1 --version 1 --rejected-by politiet --override x --person lise --ref x"
    ).splitlines()
    assert told[:3] == ["A-1 rules overridden", told[1], "  Note: taken by an override."]
    assert told[1].startswith("A-1 rejection lifted (politiet, version 1")


def test_approvals_show_overrides_above_all_and_at_the_act_they_allowed(overridden: Desk) -> None:
    lines = overridden.types("approvals A-1").lines
    assert lines[1].startswith("  OVERRIDE  set-aside, 2018-10-04, by Leader of the Regional Council")
    told = joined(overridden.does("approvals A-1"))
    assert "rejection lifted regionen" in told
    assert "Note: taken by an override." in told
    (version,) = overridden.types("approvals A-1 --json").json
    assert [one["reason"] for one in version["overrides"]] == ["Ny behandling"]
    assert [(act["outcome"], act["stands"], act["flags"]) for act in version["acts"]] == [
        ("rejected", False, ["registered_by_another"]), ("lifted", False, ["overridden"]),
    ]  # fmt: skip


def test_the_report_flags_every_override_in_every_format(overridden: Desk) -> None:
    summon = "OVERRIDE 04.10.2018, Leader of the Regional Council of Trøndelag Sør: MT-1 Årsmøte, summon: Flom i Gaula"
    assert summon in joined(overridden.does(REPORT))
    assert f"<li>{summon}</li>" in overridden.does(f"{REPORT} --format html")
    told = overridden.types(f"{REPORT} --format json").json
    assert [(one["case"], one["step"], one["office"], one["on"]) for one in told["overrides"]] == [
        ("MT-1", "summon", "leder_regionrad", "2018-10-04"), ("A-1", "set_aside", "leder_regionrad", "2018-10-04"),
    ]  # fmt: skip


def test_the_report_flags_an_override_at_its_case_too(overridden: Desk) -> None:
    remarks = joined(overridden.does(REPORT)).partition("OPEN DUTIES")[2]
    assert "OVERRIDE 04.10.2018, Leader of the Regional Council of Trøndelag Sør: A-1" in remarks
    (row,) = overridden.types(f"{REPORT} --format json").json["duties"]
    assert [one["step"] for one in row["overrides"]] == ["set_aside"]


def test_an_override_belongs_to_the_year_of_its_date(overridden: Desk) -> None:
    years = {year: overridden.types(f"{REPORT} --format json --year {year}").json for year in (2018, 2019)}
    assert [len(told["overrides"]) for told in years.values()] == [2, 0]


@pytest.mark.parametrize(("language", "said"), [("nb", "OVERSTYRING"), ("nn", "OVERSTYRING"), ("en", "OVERRIDE")])
def test_overrides_are_flagged_in_the_readers_language(overridden: Desk, language: Language, said: str) -> None:
    assert said in overridden.types("show MT-1", language=language).out


def test_every_event_a_person_entered_tells_the_user_it_was_typed_as(desk: Desk) -> None:
    desk.does("measure propose --title Natteravner")
    assert f"registered by Kari Nordli (declared, operating system user {system_login()})," in joined(
        desk.does("log M-1")
    )
    by = desk.types("log M-1 --json").json[0]["registered_by"]
    assert (by["via"], by["assurance"], by["login"]) == ("declared", "declared", system_login())


def test_an_erased_user_is_said_to_be_erased(desk: Desk) -> None:
    desk.does("measure propose --title Natteravner")
    erase(desk, "login", system_login())
    assert "Kari Nordli (declared, operating system user (erased))," in joined(desk.does("log M-1"))
    assert desk.types("log M-1 --json").json[0]["registered_by"]["login"] is None


def test_what_no_person_entered_has_no_identity_to_vouch_for(desk: Desk) -> None:
    desk.world.in_force()
    event = next(one for one in desk.types("log A-1 --json").json if one["type"] == "agreement.adopted")
    assert (event["registered_by"]["via"], event["registered_by"]["assurance"]) == ("auto", None)


def test_approvals_tell_how_the_identity_was_established(desk: Desk) -> None:
    desk.world.propose()
    desk.does("agreement approve A-1 --version 1 --for politiet --ref brev")
    (act,) = desk.types("approvals A-1 --json").json[0]["acts"]
    assert (act["registered_by"]["assurance"], act["registered_by"]["login"]) == ("declared", system_login())
    assert f"(declared, operating system user {system_login()})" in joined(desk.does("approvals A-1"))


def test_whose_approval_a_version_needs_is_told_as_it_was_when_it_was_proposed(desk: Desk) -> None:
    desk.world.propose()
    told = joined(desk.does("approvals A-1"))
    assert (
        "needs the approval of all of (Regional Council of Trøndelag Sør (regionen), by Regional Council of Trøndelag"
        " Sør (regionrad); Trøndelag Police District (politiet), by Chief of police of Trøndelag (politimester))"
    ) in told
    needs = desk.types("approvals A-1 --json").json[0]["needs"]
    assert [part["by"] for part in needs["approval"]["parts"]] == ["regionrad", "politimester"]


def test_an_act_that_came_when_the_matter_was_settled_is_marked(tmp_path: Path) -> None:
    rule = AtLeast(1, (Party("regionen"), Party("politiet")))
    desk = Desk(World(tmp_path, rules=Approvals(adoption=rule)))
    desk.world.propose()
    desk.world.agree("A-1", "1")
    told = joined(desk.does("approvals A-1"))
    assert told.count("came after the matter was settled, and changes nothing") == 1
    assert "needs the approval of at least 1 of (" in told
    flags = [act["flags"] for act in desk.types("approvals A-1 --json").json[0]["acts"]]
    assert ["after_the_threshold" in each for each in flags] == [False, True]


def voted(desk: Desk, **point: Any) -> dict[str, Any]:  # noqa: ANN401  # options of any kind
    """The regional council adopts the agreement, with the options of `decide`; the act as `approvals` has it."""
    options = " ".join(f"--{name.replace('_', '-')} {value}" for name, value in point.items())
    desk.world.propose()
    desk.does(f"decide regionrad --point Vedtas --ref 'sak 9/18' {options}")
    desk.does("agreement approve A-1 --version 1 --for regionen --decision D-1")
    act: dict[str, Any] = desk.types("approvals A-1 --json").json[0]["acts"][0]
    return act


def test_a_bodys_approval_tells_who_was_there_who_was_not_and_who_sat_in_their_place(desk: Desk) -> None:
    desk.does("person add 'Vara Roros' --handle vara")
    desk.does("office assign ordforer_roros vara --from 2018-01-01 --capacity deputy")
    act = voted(desk, votes="5-0", present="all", recused="ordforer_roros,ordforer_oppdal", deputy="ordforer_roros")
    told = joined(desk.does("approvals A-1"))
    assert (
        "5 of 6 members present, disqualified: Mayor of Røros (ordforer_roros), Mayor of Oppdal (ordforer_oppdal),"
        " deputies: Mayor of Røros (ordforer_roros): Vara Roros"
    ) in told
    assert act["ballot"]["recused"] == ["ordforer_roros", "ordforer_oppdal"]
    assert list(act["ballot"]["deputies"]) == ["ordforer_roros"]


def test_show_tells_a_vote_in_full(desk: Desk) -> None:
    desk.does("person add 'Vara Roros' --handle vara")
    desk.does("office assign ordforer_roros vara --from 2018-01-01 --capacity deputy")
    held_by(desk, "ordforer_melhus", "Mona Melhus")
    voted(desk, votes="5-0", present="all", recused="ordforer_roros,ordforer_oppdal", deputy="ordforer_roros")
    told = joined(desk.does("show D-1"))
    assert "rule simple majority, a quorum of half, the leader decides a tie, one vote a person" in told
    assert "deputies Mayor of Røros (ordforer_roros): Vara Roros" in told
    assert "recused Mayor of Røros (ordforer_roros); Mayor of Oppdal (ordforer_oppdal)" in told
    assert "members Mayor of Melhus (ordforer_melhus): Mona Melhus;" in told
    assert f"registered by Kari Nordli (declared, operating system user {system_login()})" in told
    assert desk.types("show D-1 --json").json["registered_by"]["assurance"] == "declared"


def test_a_decision_of_an_unknown_day_names_its_members_and_nobody_on_their_seats(desk: Desk) -> None:
    desk.does("decide regionrad --point x --ref y --on unknown --reason 'Boken er brent'")
    assert "members Mayor of Melhus (ordforer_melhus); Mayor of Midtre Gauldal" in joined(desk.does("show D-1"))


def test_a_seat_nobody_held_that_day_is_said_to_be_vacant(desk: Desk) -> None:
    desk.does("office end ordforer_oppdal --on 2018-10-03")
    desk.does("decide regionrad --point x --ref y --votes 5-0 --present all")
    assert "Mayor of Oppdal (ordforer_oppdal): nobody" in joined(desk.does("show D-1"))


def test_show_tells_for_whom_the_agreement_is_in_force_and_who_reserved_themselves(reserved: Desk) -> None:
    told = joined(reserved.does("show A-1"))
    in_force = told.partition("in force for ")[2].partition(" reserved ")[0]
    assert "Melhus Municipality (melhus)" in in_force
    assert "(trondelag_politidistrikt)" in in_force
    assert "Oppdal" not in in_force
    assert "reserved Oppdal Municipality (oppdal)" in told
    shown = reserved.types("show A-1 --json").json
    assert shown["reserved"] == [OUT]
    assert {*MAYORS} - {*shown["in_force_for"]} == {OUT}


def test_the_report_tells_it_at_its_head_in_every_format(reserved: Desk) -> None:
    told = joined(reserved.does(REPORT)).partition("Measures:")[0]
    assert "A-1 in force for" in told
    assert "Reserved Oppdal Municipality, not bound by it" in told
    assert "<dd>Oppdal Municipality, not bound by it</dd>" in reserved.does(f"{REPORT} --format html")
    assert "Oppdal Municipality: reserved itself (PS 1/19)" in joined(reserved.does(REPORT))
    (agreement,) = reserved.types(f"{REPORT} --format json").json["agreements"]
    assert agreement["reserved"] == [{"id": OUT, "name": "Oppdal Municipality"}]
    assert OUT not in {one["id"] for one in agreement["bound"]}


def test_whoever_accedes_later_is_bound_and_no_longer_reserved(reserved: Desk) -> None:
    reserved.world.clock.move_to(date(2019, 3, 1))
    reserved.does("agreement ratify A-1 --version 1 --for oppdal --answer acceded --ref 'PS 9/19'")
    shown = reserved.types("show A-1 --json").json
    assert (shown["reserved"], OUT in shown["in_force_for"]) == ([], True)
    assert "Reserved" not in reserved.does(REPORT)


def test_show_names_who_is_disqualified_in_a_case(desk: Desk) -> None:
    held_by(desk, "politimester", "Per Politi")
    desk.world.propose()
    desk.does("agreement recuse A-1 --disqualified politimester --reason Slekt --for politiet --ref x")
    assert "recused Chief of police of Trøndelag (politimester): Per Politi" in joined(desk.does("show A-1"))
