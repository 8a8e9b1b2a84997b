"""A body's vote on one point, and how it is counted. Pure.

A ballot is fixed when the vote closes: that day's roster, who sat on which seat, who was recused, the votes. So no
later change of members changes an outcome, which is what goes wrong where a quorum is counted with today's members.

- Recused members leave quorum and vote; where a deputy steps in, the seat counts again, through the deputy.
- What the minutes say of opting out and of vetoes is on record as they say it; what it means, the rule decides.
- Whoever is recused is so as a person: not on another seat either (exclusion beats inclusion).
- Where the rule counts persons, somebody on three seats counts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from engine.errors import Parameter, Reason, because
from engine.finding import Finding, Status
from engine.register import Id, VoteRule


class Ballot(msgspec.Struct, frozen=True):
    """A body's vote on one point, as it was that day.

    `persons` tells who held which seat, None where the date and so the holders are unknown; `deputies` who sat for a
    recused or absent member. `reserved` are members who opted out of what was decided and cast no other vote,
    `vetoed_by` those who used a veto, however they voted. `leader_for` is the leader's casting vote, None where
    none was given. `outcome` is what was recorded (carried, fell), by `rule`, as the body decided that day.
    """

    roster: tuple[Id, ...]
    present: tuple[Id, ...] | None
    recused: tuple[Id, ...] = ()
    deputies: Mapping[Id, str] = {}
    persons: Mapping[Id, str] | None = None
    votes: tuple[int, int, int] | None = None
    reserved: tuple[Id, ...] = ()
    vetoed_by: tuple[Id, ...] = ()
    leader_for: bool | None = None
    outcome: str = ""
    rule: VoteRule | None = None

    @property
    def entitled(self) -> tuple[Id, ...]:
        """Seats not recused, or taken by a deputy: they make up quorum and vote alike."""
        return tuple(seat for seat in self.roster if seat not in self.recused or seat in self.deputies)

    @property
    def voting(self) -> tuple[Id, ...]:
        """Entitled seats that somebody sat on."""
        return tuple(seat for seat in self.entitled if seat in (self.present or ()))

    def sitter(self, seat: Id) -> str | None:
        """The person on a seat: the deputy, else its holder; None where nobody, or nobody known."""
        return self.deputies.get(seat) or (self.persons or {}).get(seat)


def heads(rule: VoteRule, ballot: Ballot, seats: Iterable[Id]) -> int:
    """How many a group of seats counts for: seats, or persons where the rule says so (a vacant seat counts one)."""
    if rule.counts == "seats":
        return len(tuple(seats))
    return len({ballot.sitter(seat) or f"seat {seat}" for seat in seats})


def quorum_of(rule: VoteRule, entitled: int) -> int:
    """How many must be present: the rule's own number, else at least half of those entitled; never nobody."""
    return rule.quorum if rule.quorum is not None else max(1, (entitled + 1) // 2)


def count(rule: VoteRule, ballot: Ballot) -> Finding:
    """Whether a vote carries under a rule: met, or lost with the reason.

    A ballot that cannot be (a stranger, too few present, votes that do not add up) is lost with a reason of its own;
    `cannot_be` tells the two apart. A point whose votes are not on record stands as it was recorded.
    """
    if fault := cannot_be(rule, ballot):
        return Finding(Status.LOST, fault)
    if ballot.votes is None:
        return _as_recorded(rule, ballot)
    carries = _carries(rule, ballot, ballot.votes)
    attendance = because("quorate", present=_voting(rule, ballot), needed=_quorum(rule, ballot))
    parts = (
        Finding(Status.MET, attendance), Finding(_status(carries), _tally(ballot.votes, carried=carries)),
        *(Finding(Status.MET, because("opted_out", who=seat)) for seat in ballot.reserved),
        *(_veto(rule, seat) for seat in ballot.vetoed_by),
    )  # fmt: skip
    carried = all(part.met for part in parts)
    return Finding(_status(carried), because("vote_of", rule=rule.rule), parts=parts)


def cannot_be(rule: VoteRule, ballot: Ballot) -> Reason | None:
    """Why a ballot cannot be right, if it cannot: in who took part, as far as that is told, and in its votes."""
    if ballot.present is None:
        return None if ballot.votes is None else because("present_needed")
    checks = _ATTENDANCE if ballot.votes is None else (*_ATTENDANCE, *_TALLY)
    return next((fault for check in checks if (fault := check(rule, ballot))), None)


def _veto(rule: VoteRule, seat: Id) -> Finding:
    """A veto stops a decision where the rule gives one; from anybody else it is on record and stops nothing."""
    if seat in rule.veto:
        return Finding(Status.LOST, because("vetoed", who=seat))
    return Finding(Status.MET, because("veto_without_right", who=seat))


def _as_recorded(rule: VoteRule, ballot: Ballot) -> Finding:
    if ballot.rule is not None and ballot.rule != rule:
        return Finding(Status.LOST, because("votes_not_on_record"))
    carried = ballot.outcome == "carried"
    return Finding(_status(carried), because("recorded_as_carried" if carried else "recorded_as_fallen"))


def _carries(rule: VoteRule, ballot: Ballot, votes: tuple[int, int, int]) -> bool:
    for_, against, blank = votes
    if rule.rule == "consensus":
        return for_ > 0 and against == blank == len(ballot.reserved) == 0
    if rule.rule == "consensus_with_reservation":
        return for_ > 0 and against == blank == 0
    if for_ == against and rule.tie == "leader":
        return for_ > 0 and ballot.leader_for is True
    return for_ > against


def _strangers(rule: VoteRule, ballot: Ballot) -> Reason | None:  # noqa: ARG001  # one signature for all checks
    named = (*(ballot.present or ()), *ballot.recused, *ballot.deputies, *ballot.reserved)
    stranger = next((seat for seat in named if seat not in ballot.roster), None)
    return because("not_a_member", who=stranger) if stranger else None


def _named_twice(rule: VoteRule, ballot: Ballot) -> Reason | None:  # noqa: ARG001  # one signature for all checks
    for named in (ballot.present or (), ballot.recused, ballot.reserved, ballot.vetoed_by):
        twice = next((seat for at, seat in enumerate(named) if seat in named[:at]), None)
        if twice:
            return because("named_twice", who=twice)
    return None


def _vacancies(rule: VoteRule, ballot: Ballot) -> Reason | None:  # noqa: ARG001  # one signature for all checks
    if ballot.persons is None:
        return None
    vacant = next((seat for seat in ballot.voting if ballot.sitter(seat) is None), None)
    return because("seat_vacant", who=vacant) if vacant else None


def _recused_elsewhere(rule: VoteRule, ballot: Ballot) -> Reason | None:  # noqa: ARG001  # one signature for all checks
    out = {(ballot.persons or {}).get(seat) for seat in ballot.recused} - {None}
    seat = next((seat for seat in ballot.voting if ballot.sitter(seat) in out), None)
    return because("recused_elsewhere", who=seat) if seat else None


def _quorate(rule: VoteRule, ballot: Ballot) -> Reason | None:
    present, needed = _voting(rule, ballot), _quorum(rule, ballot)
    return because("no_quorum", present=present, needed=needed) if present < needed else None


def _opted_out_there(rule: VoteRule, ballot: Ballot) -> Reason | None:  # noqa: ARG001  # one signature for all checks
    """Whoever opted out or used a veto was there and could vote."""
    named = (*ballot.reserved, *ballot.vetoed_by)
    absent = next((seat for seat in named if seat not in ballot.voting), None)
    return because("did_not_vote", who=absent) if absent else None


def _adds_up(rule: VoteRule, ballot: Ballot) -> Reason | None:
    voting = _voting(rule, ballot)
    cast = ballot.votes or (0, 0, 0)
    votes = sum(cast) + heads(rule, ballot, ballot.reserved)
    return None if votes == voting and min(cast) >= 0 else because("votes_do_not_add_up", votes=votes, voting=voting)


_ATTENDANCE = (_strangers, _named_twice, _vacancies, _recused_elsewhere, _quorate)
_TALLY = (_opted_out_there, _adds_up)


def _voting(rule: VoteRule, ballot: Ballot) -> int:
    return heads(rule, ballot, ballot.voting)


def _quorum(rule: VoteRule, ballot: Ballot) -> int:
    return quorum_of(rule, heads(rule, ballot, ballot.entitled))


def _tally(votes: tuple[int, int, int], *, carried: bool) -> Reason:
    tally: dict[str, Parameter] = dict(zip(("votes_for", "against", "blank"), votes, strict=True))
    return Reason("vote_carried" if carried else "vote_fell", tally)


def _status(carried: bool) -> Status:  # noqa: FBT001  # a value turned into another
    return Status.MET if carried else Status.LOST
