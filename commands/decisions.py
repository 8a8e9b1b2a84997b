"""`politirad decide` and `decisions`: what bodies decided, point by point, with the votes where they are known.

A decision is an event of its own that steps then cite, so one decision can drive two cases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import click
from msgspec import to_builtins

from commands.entries import answer, entry_of, entry_options
from commands.given import day_or_unknown, offices_of
from commands.naming import not_found
from commands.output import Printable, dump, pairs, say
from commands.register_names import titled
from commands.wiring import setup_of
from engine.errors import UsageError

if TYPE_CHECKING:
    from commands.wiring import Setup
    from engine.acts import Decision, Point
    from engine.event import Json
    from engine.register import Id
    from engine.sitting import PointVote


@entry_options(without=("ref",))
@click.command()
@click.argument("body")
@click.option("--point", "texts", metavar="TEXT", multiple=True, required=True, help="A point; once for each.")
@click.option("--votes", "votes", metavar="N-N-N", multiple=True, help="For, against, blank; once for each point.")
@click.option("--fell", "fallen", type=int, metavar="N", multiple=True, help="Point N fell, where no vote is known.")
@click.option("--present", metavar="all|OFFICE,…", help="The members present.")
@click.option("--recused", metavar="OFFICE,…", help="Members who were disqualified and took no part.")
@click.option("--deputy", "deputies", metavar="OFFICE,…", help="Recused or absent members whose deputies sat.")
@click.option("--reserved", metavar="[N:]OFFICE,…", multiple=True, help="Who opted out of point N, without a vote.")
@click.option("--veto", "vetoed", metavar="[N:]OFFICE,…", multiple=True, help="Who used a veto on point N.")
@click.option("--leader-for/--leader-against", "leader_for", default=None, help="How the leader voted in a tie.")
@click.option("--on", metavar="DATE|unknown", help="The date of the decision; today if left out.")
@click.option("--reason", metavar="TEXT", help="Why its date is unknown, where it is. Erasable.")
@click.option("--ref", metavar="TEXT", help="Its reference, as it was written (FO 39/19). Required.")
@click.pass_context
def decide(
    ctx: click.Context, /, *, body: str, texts: tuple[str, ...], votes: tuple[str, ...], fallen: tuple[int, ...],
    present: str | None, recused: str | None, deputies: str | None, reserved: tuple[str, ...],
    vetoed: tuple[str, ...], leader_for: bool | None, on: str | None, **given: object,
) -> None:  # fmt: skip
    """Record a decision of BODY, point by point; answers with its id (D-1).

    Where there are several points, --reserved and --veto say which one: --reserved 2:ordforer_oppdal.
    """
    from commands.requests import check_members, present_at
    from engine.sitting import Sitting
    from engine.sitting import decide as record

    setup = setup_of(ctx)
    when, unknown = day_or_unknown(on)
    points = _singled_out(_points(texts, votes, fallen, leader_for), reserved, vetoed)
    with setup.reading() as reader:
        bodies = reader.council().register.bodies
        if body not in bodies:
            raise not_found("body", body, bodies, f"There are: {', '.join(bodies)}.")
        named = (",".join((*point.reserved, *point.vetoed_by)) for point in points)
        check_members(reader, when, present, recused, deputies, *named)
    sat = offices_of(deputies)
    sitting = Sitting(body, present_at(present, sat), offices_of(recused), points, sat)
    entry = replace(entry_of(setup, given), on=None if unknown else when or setup.today)
    receipt = setup.service.register(
        setup.council, lambda run: record(run, sitting, entry), dry_run=bool(given["dry_run"])
    )
    answer(setup, receipt, given, _recorded(setup, receipt.step.event.data["decision"]))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.pass_context
def decisions(ctx: click.Context, *, as_json: bool) -> None:
    """List the recorded decisions, point by point."""
    setup = setup_of(ctx)
    with setup.reading() as reader:
        register, found = reader.council().register, list(reader.decisions())
    if as_json:
        dump([decision_json(decision) for decision in found])
        return
    for decision in found:
        when = decision.on.isoformat() if decision.on else setup.words.phrase("date_unknown")
        body = titled(register, decision.body, decision.on or setup.today, setup.language)
        say(f"{decision.id}  {when}  {body}, {decision.ref}")
        pairs([(f"{at}.", point_line(setup, point)) for at, point in enumerate(decision.points, 1)], indent=2)
    if not found:
        say(setup.words.phrase("no_decisions"))


def _recorded(setup: Setup, made: Json) -> str:
    """What was put on record, and how each point came out: nobody cites a point that fell by mistake."""
    if not isinstance(made, Mapping) or not isinstance(points := made["points"], list | tuple):
        return ""
    ends = (point["outcome"] for point in points if isinstance(point, Mapping))
    told = ", ".join(f"{at}. {setup.words.label('outcome', str(end))}" for at, end in enumerate(ends, 1))
    return setup.words.phrase("decision_recorded", id=str(made["id"]), body=str(made["body"]), points=told)


def decision_json(decision: Decision) -> Printable:
    """A decision in JSON."""
    return {
        "id": decision.id, "leaf": decision.leaf, "body": decision.body, "ref": decision.ref,
        "on": decision.on.isoformat() if decision.on else None, "roster": decision.roster,
        "present": decision.present, "recused": decision.recused, "deputies": dict(decision.deputies),
        "persons": dict(decision.persons) if decision.persons is not None else None,
        "rule": to_builtins(decision.rule), "points": [_point_json(point) for point in decision.points],
    }  # fmt: skip


def point_line(setup: Setup, point: Point) -> str:
    """A point as a line: its text, whether it carried, the votes where they are known, and what was special in them."""
    phrase = setup.words.phrase
    votes = phrase("votes", votes="-".join(map(str, point.votes))) if point.votes else ""
    tied = point.leader_for is not None and point.votes is not None and point.votes[0] == point.votes[1]
    casting = phrase("leader_for" if point.leader_for else "leader_against") if tied else ""
    reserved = phrase("opted_out", offices=", ".join(point.reserved)) if point.reserved else ""
    vetoed = phrase("vetoed_by", offices=", ".join(point.vetoed_by)) if point.vetoed_by else ""
    return f"{point.text}: {setup.words.label('outcome', point.outcome)}{votes}{casting}{reserved}{vetoed}"


def by_point(option: str, written: tuple[str, ...], points: int) -> dict[int, tuple[Id, ...]]:
    """Members by the point they are named for, 1-based: `2:ordforer_oppdal`, or without a number where there is one.

    Raises `UsageError` for a point that is not there, or not told.
    """
    named: dict[int, tuple[Id, ...]] = {}
    for one in written:
        number, _, offices = one.rpartition(":")
        if not number and points > 1:
            raise UsageError(f"{option} {one}: there are {points} points; say which, such as {option} 2:{offices}.")
        at = next((at for at in range(1, points + 1) if str(at) == (number or "1")), None)
        if at is None:
            raise UsageError(f"{option} {one}: there is no point {number}; they are numbered from 1 to {points}.")
        named[at] = (*named.get(at, ()), *offices_of(offices))
    return named


def _singled_out(
    points: tuple[PointVote, ...], reserved: tuple[str, ...], vetoed: tuple[str, ...]
) -> tuple[PointVote, ...]:  # fmt: skip
    """The points with the members who opted out of each, or stopped it."""
    if (reserved or vetoed) and points[0].votes is None:
        raise UsageError("--reserved and --veto describe a vote: add --votes N-N-N for each point.")
    opted_out, stopped = by_point("--reserved", reserved, len(points)), by_point("--veto", vetoed, len(points))
    return tuple(
        replace(point, reserved=opted_out.get(at, ()), vetoed_by=stopped.get(at, ()))
        for at, point in enumerate(points, 1)
    )


def _point_json(point: Point) -> Printable:
    return {
        "text": point.text, "outcome": point.outcome, "votes": point.votes, "reserved": point.reserved,
        "vetoed_by": point.vetoed_by, "leader_for": point.leader_for,
    }  # fmt: skip


def _points(
    texts: tuple[str, ...], votes: tuple[str, ...], fallen: tuple[int, ...], leader_for: bool | None  # noqa: FBT001  # three-valued
) -> tuple[PointVote, ...]:  # fmt: skip
    from commands.requests import tally
    from engine.sitting import PointVote

    if votes and len(votes) != len(texts):
        raise UsageError(
            f"{len(texts)} points and {len(votes)} votes: give --votes once for each --point, or not at all."
        )
    if votes and fallen:
        raise UsageError("--votes tells which points fell; leave --fell out.")
    if strange := [n for n in fallen if not 1 <= n <= len(texts)]:
        raise UsageError(f"--fell {strange[0]}: there are {len(texts)} points, numbered from 1.")
    if votes:
        return tuple(PointVote(text, tally(vote), leader_for) for text, vote in zip(texts, votes, strict=True))
    return tuple(PointVote(text, carried=at not in fallen) for at, text in enumerate(texts, 1))
