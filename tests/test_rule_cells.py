"""Every kind of rule by (met, open, can no longer be met) by (recusal, vacancy, acting, double capacity, late vote).

Each cell is a small scene at a real council: what is said and done, and what is refused on the way. The outcome is
then worked out from the acts in the log alone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from engine.finding import Status
from engine.rule import AllOf, AtLeast, BodyVote, Office
from tests.chamber import SEATS, Chamber

if TYPE_CHECKING:
    from pathlib import Path

    from engine.rule import Rule

Scene = Callable[[Chamber], Chamber]
MET, OPEN, LOST = Status.MET, Status.OPEN, Status.LOST

CHIEF, LEADER, MELHUS = "politimester", "leder_regionrad", "ordforer_melhus"
TOWNS = ("melhus", "roros", "oppdal")
RENNEBU, OPPDAL = "ordforer_rennebu", "ordforer_oppdal"

RULES: dict[str, Rule | None] = {
    "office": Office(CHIEF),
    "all of": AllOf((Office(CHIEF), Office(LEADER))),
    "2 of 3": AtLeast(2, (Office(CHIEF), Office(LEADER), Office(MELHUS))),
    "2 persons of 3": AtLeast(2, (Office(CHIEF), Office(LEADER), Office(MELHUS)), counts="persons"),
    "by organisation": None,
    "majority": BodyVote("regionrad", rule="majority", tie="falls"),
    "majority, leader's casting vote": BodyVote("regionrad", rule="majority", tie="leader"),
    "majority with veto": BodyVote("regionrad", rule="majority", veto=(MELHUS,)),
    "consensus": BodyVote("regionrad", rule="consensus"),
    "consensus with reservation": BodyVote("regionrad", rule="consensus_with_reservation"),
}

CONDITIONS = ("recusal", "vacancy", "acting", "double capacity", "late vote")


def deputised(chamber: Chamber) -> Chamber:
    """The chief is recused, and has a deputy."""
    return chamber.hold(CHIEF, "p_deputy", capacity="deputy").recuse(CHIEF)


def vacant(chamber: Chamber, office: str = CHIEF) -> Chamber:
    """Nobody holds the office any more."""
    return chamber.vacate(office)


def acting(chamber: Chamber, office: str = CHIEF, **rest: object) -> Chamber:
    """Somebody acts in the office."""
    return chamber.hold(office, "p_acting", capacity="acting", **rest)


def two_hats(chamber: Chamber, office: str = MELHUS, person: str = "p_chief") -> Chamber:
    """The chief of police acts as mayor of Melhus too."""
    return chamber.hold(office, person, capacity="acting")


def twice_seated(chamber: Chamber) -> Chamber:
    """The mayor of Rennebu acts as mayor of Oppdal too: one person on two seats."""
    return chamber.hold(OPPDAL, "p_rennebu", capacity="acting")


def acceded_late(chamber: Chamber) -> Chamber:
    """Oppdal reserves itself, and accedes after all."""
    return chamber.answer("reserved", "oppdal").answer("acceded", "oppdal")


OFFICE: dict[tuple[Status, str], Scene] = {
    (MET, "recusal"): lambda c: deputised(c).yes(CHIEF),
    (OPEN, "recusal"): lambda c: c.recuse(CHIEF).yes(CHIEF),
    (LOST, "recusal"): lambda c: deputised(c).no(CHIEF),
    (MET, "vacancy"): lambda c: vacant(c.yes(CHIEF)),
    (OPEN, "vacancy"): lambda c: vacant(c).yes(CHIEF),
    (LOST, "vacancy"): lambda c: vacant(c.no(CHIEF)),
    (MET, "acting"): lambda c: acting(c).yes(CHIEF),
    (OPEN, "acting"): lambda c: acting(c, scope=("measure",), until=date(2019, 1, 1)).yes(CHIEF, person="p_acting"),
    (LOST, "acting"): lambda c: acting(c).no(CHIEF),
    (MET, "double capacity"): lambda c: two_hats(c).yes(CHIEF),
    (OPEN, "double capacity"): lambda c: two_hats(c).yes(MELHUS),
    (LOST, "double capacity"): lambda c: two_hats(c).no(CHIEF),
    (MET, "late vote"): lambda c: c.yes(CHIEF).no(CHIEF),
    (OPEN, "late vote"): lambda c: c.tomorrow().revise().yes(CHIEF, on=date(2018, 10, 4)),
    (LOST, "late vote"): lambda c: c.no(CHIEF).no(CHIEF),
}

ALL_OF: dict[tuple[Status, str], Scene] = {
    (MET, "recusal"): lambda c: deputised(c).yes(CHIEF, LEADER),
    (OPEN, "recusal"): lambda c: c.recuse(CHIEF).yes(CHIEF, LEADER),
    (LOST, "recusal"): lambda c: deputised(c).yes(LEADER).no(CHIEF),
    (MET, "vacancy"): lambda c: vacant(c.yes(CHIEF)).yes(LEADER),
    (OPEN, "vacancy"): lambda c: vacant(c).yes(CHIEF, LEADER),
    (LOST, "vacancy"): lambda c: vacant(c.no(CHIEF)).yes(LEADER),
    (MET, "acting"): lambda c: acting(c).yes(CHIEF, LEADER),
    (OPEN, "acting"): lambda c: acting(c, until=date(2018, 10, 4)).tomorrow().yes(LEADER).yes(CHIEF, person="p_acting"),
    (LOST, "acting"): lambda c: acting(c).yes(LEADER).no(CHIEF),
    (MET, "double capacity"): lambda c: two_hats(c, LEADER).yes(CHIEF, LEADER),
    (OPEN, "double capacity"): lambda c: two_hats(c, LEADER).yes(LEADER),
    (LOST, "double capacity"): lambda c: two_hats(c, LEADER).yes(LEADER).no(CHIEF),
    (MET, "late vote"): lambda c: c.yes(CHIEF, LEADER).no(LEADER),
    (OPEN, "late vote"): lambda c: c.yes(CHIEF).tomorrow().revise().yes(LEADER),
    (LOST, "late vote"): lambda c: c.no(CHIEF).yes(LEADER),
}

TWO_OF_THREE: dict[tuple[Status, str], Scene] = {
    (MET, "recusal"): lambda c: deputised(c).yes(CHIEF, LEADER),
    (OPEN, "recusal"): lambda c: c.recuse(CHIEF).yes(CHIEF, LEADER),
    (LOST, "recusal"): lambda c: deputised(c).no(CHIEF, LEADER),
    (MET, "vacancy"): lambda c: vacant(c).yes(LEADER, MELHUS),
    (OPEN, "vacancy"): lambda c: vacant(c).yes(CHIEF, LEADER),
    (LOST, "vacancy"): lambda c: vacant(c.no(CHIEF)).no(LEADER),
    (MET, "acting"): lambda c: acting(c).yes(CHIEF, LEADER),
    (OPEN, "acting"): lambda c: acting(c, until=date(2018, 10, 4)).tomorrow().yes(LEADER).yes(CHIEF, person="p_acting"),
    (LOST, "acting"): lambda c: acting(c).no(CHIEF, LEADER),
    (MET, "double capacity"): lambda c: two_hats(c).yes(CHIEF, MELHUS),
    (OPEN, "double capacity"): lambda c: two_hats(c).yes(CHIEF),
    (LOST, "double capacity"): lambda c: two_hats(c).no(CHIEF, MELHUS),
    (MET, "late vote"): lambda c: c.yes(CHIEF, LEADER).no(MELHUS),
    (OPEN, "late vote"): lambda c: c.yes(CHIEF).tomorrow().revise().yes(LEADER),
    (LOST, "late vote"): lambda c: c.no(CHIEF, LEADER).yes(MELHUS),
}

TWO_PERSONS: dict[tuple[Status, str], Scene] = {
    **TWO_OF_THREE,
    (MET, "double capacity"): lambda c: two_hats(c).yes(CHIEF, MELHUS, LEADER),
    (OPEN, "double capacity"): lambda c: two_hats(c).yes(CHIEF, MELHUS),
    (LOST, "double capacity"): lambda c: two_hats(c).yes(CHIEF, MELHUS).no(LEADER),
}

BY_ORGANISATION: dict[tuple[Status, str], Scene] = {
    (MET, "recusal"): lambda c: c.adopt().recuse(MELHUS).answer("acceded", *TOWNS),
    (OPEN, "recusal"): lambda c: c.adopt().recuse(MELHUS).answer("acceded", *TOWNS[1:]),
    (LOST, "recusal"): lambda c: c.adopt().recuse(MELHUS).answer("reserved", *TOWNS[:2]),
    (MET, "vacancy"): lambda c: vacant(c.adopt(), MELHUS).answer("acceded", *TOWNS),
    (OPEN, "vacancy"): lambda c: vacant(c.adopt(), MELHUS).answer("acceded", *TOWNS[:2]),
    (LOST, "vacancy"): lambda c: vacant(c.adopt(), MELHUS).answer("reserved", *TOWNS[:2]),
    (MET, "acting"): lambda c: acting(c.adopt(), MELHUS).answer("acceded", *TOWNS),
    (OPEN, "acting"): lambda c: acting(c.adopt(), MELHUS).answer("acceded", *TOWNS[:1]),
    (LOST, "acting"): lambda c: acting(c.adopt(), MELHUS).answer("reserved", *TOWNS),
    (MET, "double capacity"): lambda c: two_hats(c.adopt(), MELHUS, "p_roros").answer("acceded", *TOWNS),
    (OPEN, "double capacity"): lambda c: two_hats(c.adopt(), MELHUS, "p_roros").answer("acceded", *TOWNS[:2]),
    (LOST, "double capacity"): lambda c: two_hats(c.adopt(), MELHUS, "p_roros").answer("reserved", *TOWNS[:2]),
    (MET, "late vote"): lambda c: acceded_late(c.adopt().answer("acceded", *TOWNS[:2])),
    (OPEN, "late vote"): lambda c: c.adopt().answer("acceded", *TOWNS).revise().adopt().answer("acceded", *TOWNS[:2]),
    (LOST, "late vote"): lambda c: c.adopt().answer("reserved", *TOWNS[:2]).answer("acceded", *TOWNS[2:]),
}  # fmt: skip


Votes = tuple[int, int, int]
OTHERS = tuple(seat for seat in SEATS if seat != RENNEBU)


def body(yes: Votes, fell: Votes, five: Votes, **how: object) -> dict[tuple[Status, str], Scene]:
    """The cells of a body: a vote of six that carries, one that falls, and one of five that carries; `how` they vote.

    A vote that fell leaves the rule open, because the body may meet again; its registered rejection loses it.
    """
    lost = {"vetoed_by": (), **{name: value for name, value in how.items() if name == "reserved"}}
    return {
        (MET, "recusal"): lambda c: c.vote(five, recused=(RENNEBU,), **how),
        (OPEN, "recusal"): lambda c: c.vote(yes, recused=(RENNEBU,), **how),
        (LOST, "recusal"): lambda c: c.vote_no((0, 5, 0), recused=(RENNEBU,)),
        (MET, "vacancy"): lambda c: vacant(c, RENNEBU).vote(five, present=OTHERS, **how),
        (OPEN, "vacancy"): lambda c: vacant(c, RENNEBU).vote(yes, **how),
        (LOST, "vacancy"): lambda c: vacant(c, RENNEBU).vote_no((0, 5, 0), present=OTHERS),
        (MET, "acting"): lambda c: acting(c, RENNEBU).vote(yes, **how),
        (OPEN, "acting"): lambda c: acting(c, RENNEBU).vote(fell, **lost),
        (LOST, "acting"): lambda c: acting(c, RENNEBU).vote_no((0, 6, 0)),
        (MET, "double capacity"): lambda c: twice_seated(c).vote(five, **how),
        (OPEN, "double capacity"): lambda c: twice_seated(c).vote(yes, **how),
        (LOST, "double capacity"): lambda c: twice_seated(c).vote_no((0, 5, 0)),
        (MET, "late vote"): lambda c: c.vote(yes, **how).vote_no((0, 6, 0)),
        (OPEN, "late vote"): lambda c: late(c, yes, **how),
        (LOST, "late vote"): lambda c: c.vote_no((0, 6, 0)).vote_no((0, 6, 0)),
    }  # fmt: skip


def late(chamber: Chamber, votes: Votes, **how: Any) -> Chamber:  # noqa: ANN401  # of a sitting
    """A vote on version 1, cited for version 2 that came on the same day."""
    decision = chamber.decide(votes, **how)
    chamber.yes("regionrad", decision=decision).revise()
    return chamber.yes("regionrad", decision=decision)


CELLS: dict[str, dict[tuple[Status, str], Scene]] = {
    "office": OFFICE,
    "all of": ALL_OF,
    "2 of 3": TWO_OF_THREE,
    "2 persons of 3": TWO_PERSONS,
    "by organisation": BY_ORGANISATION,
    "majority": body((4, 2, 0), (3, 3, 0), (3, 2, 0)),
    "majority, leader's casting vote": body((3, 3, 0), (2, 4, 0), (2, 2, 1), leader_for=True),
    "majority with veto": body((4, 2, 0), (3, 3, 0), (3, 2, 0)),
    "consensus": body((6, 0, 0), (5, 0, 1), (5, 0, 0)),
    "consensus with reservation": body((5, 0, 0), (4, 1, 0), (4, 0, 0), reserved=(MELHUS,)),
}

SOLO: dict[tuple[Status, str], list[str]] = {
    (OPEN, "recusal"): ["recused"],
    (OPEN, "vacancy"): ["office_vacant"],
    (OPEN, "acting"): ["outside_scope"],
    (OPEN, "double capacity"): ["outside_electorate"],
    (MET, "late vote"): ["said_before_the_threshold"],
    (OPEN, "late vote"): ["before_the_version"],
    (LOST, "late vote"): ["already_said"],
}
SEVERAL: dict[tuple[Status, str], list[str]] = {
    (OPEN, "recusal"): ["recused"],
    (OPEN, "vacancy"): ["office_vacant"],
    (OPEN, "acting"): ["outside_period"],
}
VOTED: dict[tuple[Status, str], list[str]] = {
    (OPEN, "recusal"): ["votes_do_not_add_up"],
    (OPEN, "vacancy"): ["seat_vacant"],
    (OPEN, "acting"): ["point_fell"],
    (OPEN, "double capacity"): ["votes_do_not_add_up"],
    (MET, "late vote"): ["said_before_the_threshold"],
    (OPEN, "late vote"): ["decision_used"],
    (LOST, "late vote"): ["already_said"],
}

BY_THE_VERSIONS_RULE: dict[tuple[Status, str], list[str]] = {**VOTED, (OPEN, "acting"): ["fell_by_its_rule"]}
"""Five of six carry by the body's own rule, a majority, and not by a rule of consensus."""

REFUSED = {
    "office": SOLO,
    "all of": {**SEVERAL, (MET, "late vote"): ["said_before_the_threshold"]},
    "2 of 3": SEVERAL,
    "2 persons of 3": SEVERAL,
    "by organisation": {},
    **dict.fromkeys((kind for kind in RULES if kind.startswith("majority")), VOTED),
    **dict.fromkeys((kind for kind in RULES if kind.startswith("consensus")), BY_THE_VERSIONS_RULE),
}
"""What is refused on the way, in the cells where something is."""

TABLE = [
    pytest.param(kind, status, condition, id=f"{kind} | {status} | {condition}")
    for kind in RULES
    for status in (MET, OPEN, LOST)
    for condition in CONDITIONS
]


@pytest.mark.parametrize(("kind", "status", "condition"), TABLE)
def test_each_cell_comes_out_as_the_table_says(kind: str, status: Status, condition: str, tmp_path: Path) -> None:
    ratifies = dict.fromkeys(TOWNS, True)
    if kind == "by organisation":
        chamber = Chamber(tmp_path, kind="ratification", rules={"ratifies": ratifies, "enough_acceded": 2})
    else:
        chamber = Chamber(tmp_path, RULES[kind])
    assert CELLS[kind][status, condition](chamber).found().status is status
    assert chamber.refusals == REFUSED[kind].get((status, condition), [])


def test_no_cell_is_missing() -> None:
    assert {kind: set(cells) for kind, cells in CELLS.items()} == {
        kind: {(status, condition) for status in Status for condition in CONDITIONS} for kind in RULES
    }
