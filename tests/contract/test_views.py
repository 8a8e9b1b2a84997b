"""The views say what the log says: every part of an event."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from engine.acts import Point
from engine.errors import NotFoundError
from engine.field import Document
from tests.contract.raw import views_of
from tests.contract.scribe import COUNCIL, NAMES, Scribe, owed, rules

if TYPE_CHECKING:
    from engine.event import Json


def test_an_opened_case_stands_as_its_first_event_says(scribe: Scribe) -> None:
    made = scribe.open_measure("M-14", offices={"implementer": "slt"})
    with scribe.store.read(COUNCIL) as reader:
        case = reader.case("M-14")
        assert reader.next_number("M") == 15
    assert (case.workflow, case.version, case.state, case.n, case.head) == ("measure", 1, "proposed", 1, made.leaf)
    assert (case.profile, case.parent, case.opened) == ("a" * 64, None, date(2019, 1, 10))
    assert case.offices == {"implementer": "slt"}


def test_a_case_whose_date_is_unknown_was_opened_on_the_local_day_of_registration(scribe: Scribe) -> None:
    scribe.write("M-1", "proposed", {"to": "proposed"}, on=None, at="2019-01-10T23:30:00Z")
    with scribe.store.read(COUNCIL) as reader:
        assert reader.case("M-1").opened == date(2019, 1, 11)


def test_facts_are_patched_and_null_removes_one(scribe: Scribe) -> None:
    scribe.open_measure("M-1", plan="A", offices={"implementer": "slt", "follow_up": "chief"})
    scribe.move("M-1", "started", facts={"plan": None, "offices": {"implementer": "mayor"}, "goal": "Færre"})
    with scribe.store.read(COUNCIL) as reader:
        case = reader.case("M-1")
        assert [found.id for found in reader.listing(office="mayor")] == ["M-1"]
    assert (case.text("plan"), case.text("goal")) == ("", "Færre")
    assert case.offices == {"implementer": "mayor", "follow_up": "chief"}


def test_cases_are_read_by_workflow_state_and_parent_in_order_of_opening(scribe: Scribe) -> None:
    for case, parent in (("M-10", "A-1"), ("M-9", None), ("M-8", "A-1")):
        scribe.write(case, "proposed", {"to": "proposed", "opens": {"parent": parent}})
    scribe.move("M-9", "started")
    with scribe.store.read(COUNCIL) as reader:
        assert [case.id for case in reader.cases("measure")] == ["M-10", "M-9", "M-8"]
        assert [case.id for case in reader.cases("measure", ["started", "closed"])] == ["M-9"]
        assert [case.id for case in reader.cases(parent="A-1")] == ["M-10", "M-8"]
        assert reader.cases("agreement") == ()


def test_an_unknown_case_is_answered_with_near_ones(scribe: Scribe) -> None:
    scribe.open_measure("M-14")
    with scribe.store.read(COUNCIL) as reader, pytest.raises(NotFoundError, match=r"no case m-15\. Near: M-14\."):
        reader.case("m-15")


def test_a_profile_that_is_applied_to_a_case_stays_with_it(scribe: Scribe) -> None:
    scribe.open_measure("M-1")
    scribe.write("M-1", "profile_applied", {"to": "proposed"}, profile="b" * 64)
    with scribe.store.read(COUNCIL) as reader:
        assert reader.case("M-1").profile == "b" * 64


def test_a_version_is_read_as_it_was_proposed(scribe: Scribe) -> None:
    first = scribe.propose_text(author="p_1")
    second = scribe.propose_text(number=2, base=1, source="e" * 64, seats=[])
    with scribe.store.read(COUNCIL) as reader:
        one, two = reader.versions("A-1")
    assert (one.number, one.leaf, one.on, one.author) == (1, first.leaf, date(2019, 1, 10), "p_1")
    assert one.documents == (Document("d" * 64, "avtale.md", "text", 7),)
    assert [seat.id for seat in one.seats] == ["mayor"]
    assert (two.number, two.leaf, two.base, two.source, two.seats) == (2, second.leaf, 1, "e" * 64, ())


def test_an_approval_names_the_version_the_party_and_who_decided(scribe: Scribe) -> None:
    version = scribe.propose_text()
    made = scribe.approve(version)
    with scribe.store.read(COUNCIL) as reader:
        (act,) = reader.approvals("A-1")
    assert (act.kind, act.party, act.version, act.version_leaf) == ("approval", "police", 1, version.leaf)
    assert (act.outcome, act.office, act.person, act.on, act.leaf) == (
        "approved", "chief", "p_2", date(2019, 1, 8), made.leaf,
    )  # fmt: skip


def test_an_annulled_approval_is_kept_and_left_out(scribe: Scribe) -> None:
    version = scribe.propose_text()
    taken_back = scribe.approve(version, "rejected")
    kept = scribe.approve(version)
    annulment = scribe.write("A-1", "annulled", {"annuls": taken_back.leaf, "facts": {}})
    with scribe.store.read(COUNCIL) as reader:
        assert [act.leaf for act in reader.approvals("A-1")] == [kept.leaf]
    rows = views_of(scribe.store)["approval"]
    assert len(rows) == 2
    assert annulment.leaf in {row[-1] for row in rows}


def test_a_corrected_date_is_what_the_views_say(scribe: Scribe) -> None:
    version = scribe.propose_text()
    scribe.write("A-1", "corrected", {"corrects": {"leaf": version.leaf, "n": 1, "on": "2018-12-01"}, "facts": {}})
    with scribe.store.read(COUNCIL) as reader:
        assert reader.versions("A-1")[0].on == date(2018, 12, 1)
        assert reader.case("A-1").opened == date(2018, 12, 1)


def test_a_decision_is_read_with_its_roster_and_votes(scribe: Scribe) -> None:
    made = scribe.decide(present=["mayor"])
    with scribe.store.read(COUNCIL) as reader:
        decision = reader.decision("D-1")
        assert list(reader.decisions()) == [decision]
        assert reader.next_number("D") == 2
    assert (decision.leaf, decision.body, decision.on, decision.ref) == (
        made.leaf, "board", date(2019, 1, 9), "PS 4/2019",
    )  # fmt: skip
    assert (decision.roster, decision.present, decision.recused) == (("mayor", "chief"), ("mayor",), ())
    assert decision.points == (Point("Vedtas", "carried", (5, 1, 0)), Point("Oversendes", "fell", None))


def test_a_corrected_reference_is_what_the_decision_says(scribe: Scribe) -> None:
    made = scribe.decide()
    scribe.write("C", "corrected", {"corrects": {"leaf": made.leaf, "n": 3, "ref": "PS 40/2019"}})
    with scribe.store.read(COUNCIL) as reader:
        assert (reader.decision("D-1").ref, reader.decision("D-1").on) == ("PS 40/2019", date(2019, 1, 9))


def test_an_annulled_decision_is_left_out_and_its_id_not_used_again(scribe: Scribe) -> None:
    made = scribe.decide()
    scribe.write("C", "annulled", {"annuls": made.leaf})
    with scribe.store.read(COUNCIL) as reader:
        assert reader.next_number("D") == 2
        with pytest.raises(NotFoundError, match="no decision D-1"):
            reader.decision("D-1")


def test_a_holding_is_evidence_until_it_ends(scribe: Scribe) -> None:
    made = scribe.assign()
    with scribe.store.read(COUNCIL) as reader:
        assert reader.council().holdings.of("slt", date(2030, 1, 1)) is not None
    scribe.write("C", "office_ended", {"ends": {"holding": made.leaf, "until": "2019-06-30"}})
    with scribe.store.read(COUNCIL) as reader:
        holdings = reader.council().holdings
        assert [held.leaf for held in reader.holdings()] == [made.leaf]
    last_day = holdings.of("slt", date(2019, 6, 30))
    assert (last_day and last_day.leaf, holdings.of("slt", date(2019, 7, 1))) == (made.leaf, None)


def test_the_council_is_what_its_newest_profile_says(scribe: Scribe) -> None:
    first = scribe.heads["C"][1]
    made = scribe.write("C", "profile_set", {"profile": {**rules(notice_days=21), "language": "nn"}})
    with scribe.store.read(COUNCIL) as reader:
        council = reader.council()
        assert reader.profile(first) == {"notice_days": 14}
        assert reader.profile(made.leaf) == {"notice_days": 21}
        assert [adopted.leaf for adopted in reader.profiles()] == [first, made.leaf]
    assert (council.id, council.origin, council.language, council.profile) == (
        COUNCIL, "roros.example/log", "nn", made.leaf,
    )  # fmt: skip
    assert (council.n, council.head, council.register.leader) == (3, made.leaf, "mayor")


def test_a_profile_seats_the_council_only_until_an_agreement_does(scribe: Scribe) -> None:
    chief: list[Json] = [{"id": "chief", "names": NAMES}]
    scribe.write("A-1", "adopted", {"to": "in_force", "seats": chief})
    scribe.write("C", "profile_set", {"profile": rules()})
    with scribe.store.read(COUNCIL) as reader:
        assert [seat.id for seat in reader.council().seats] == ["chief"]


def test_a_step_replaces_what_the_case_owes_and_silence_leaves_it(scribe: Scribe) -> None:
    scribe.open_measure("M-1")
    scribe.move("M-1", "started", due=[owed("slt", "2019-03-01"), owed("mayor", "2019-02-15", fires="breach")])
    scribe.move("M-1", "reported")
    with scribe.store.read(COUNCIL) as reader:
        assert [(item.office, item.on, item.fires) for item in reader.owed("M-1")] == [
            ("mayor", date(2019, 2, 15), "breach"),
            ("slt", date(2019, 3, 1), None),
        ]
    scribe.move("M-1", "closed", due=[])
    with scribe.store.read(COUNCIL) as reader:
        assert reader.owed("M-1") == ()
