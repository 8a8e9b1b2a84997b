"""`politirad decide` and `decisions`: what bodies decided, point by point, with the votes where they are known.

A decision is an event of its own that steps then cite, so one decision can drive two cases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from commands.entries import answer, entry_of, entry_options
from commands.given import day_or_unknown, offices_of
from commands.naming import not_found
from commands.output import Printable, dump, pairs, say
from commands.register_names import titled
from commands.wiring import setup_of
from engine.errors import UsageError

if TYPE_CHECKING:
    from commands.wiring import Setup
    from engine.registration import PointVote
    from engine.situation import Decision, Point


@entry_options(without=("ref",))
@click.command()
@click.argument("body")
@click.option("--point", "texts", metavar="TEXT", multiple=True, required=True, help="A point; once for each.")
@click.option("--votes", "votes", metavar="N-N-N", multiple=True, help="For, against, blank; once for each point.")
@click.option("--fell", "fallen", type=int, metavar="N", multiple=True, help="Point N fell, where no vote is known.")
@click.option("--present", metavar="all|OFFICE,…", help="The members present.")
@click.option("--recused", metavar="OFFICE,…", help="Members who were disqualified and took no part.")
@click.option("--leader-for/--leader-against", "leader_for", default=None, help="How the leader voted in a tie.")
@click.option("--on", metavar="DATE|unknown", help="The date of the decision; today if left out.")
@click.option("--reason", metavar="TEXT", help="Why its date is unknown, where it is. Erasable.")
@click.option("--ref", metavar="TEXT", help="Its reference, as it was written (FO 39/19). Required.")
@click.pass_context
def decide(
    ctx: click.Context, /, *, body: str, texts: tuple[str, ...], votes: tuple[str, ...], fallen: tuple[int, ...],
    present: str | None, recused: str | None, leader_for: bool | None, on: str | None, **given: object,
) -> None:  # fmt: skip
    """Record a decision of BODY, point by point; answers with its id (D-1)."""
    from dataclasses import replace

    from commands.requests import present_at
    from engine.registration import Sitting
    from engine.registration import decide as record

    setup = setup_of(ctx)
    with setup.reading() as reader:
        council = reader.council()
    if body not in council.register.bodies:
        raise not_found("body", body, council.register.bodies, f"There are: {', '.join(council.register.bodies)}.")
    points = _points(texts, votes, fallen, leader_for)
    sitting = Sitting(body, present_at(council, body, present), offices_of(recused), points)
    when, unknown = day_or_unknown(on)
    entry = replace(entry_of(setup, given), on=None if unknown else when or setup.today)
    receipt = setup.service.register(
        setup.council, lambda run: record(run, sitting, entry), dry_run=bool(given["dry_run"])
    )
    made = receipt.step.event.data["decision"]
    id_ = str(made["id"]) if isinstance(made, dict) else ""
    answer(setup, receipt, given, setup.words.phrase("decision_recorded", id=id_, body=body, points=len(points)))


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


def decision_json(decision: Decision) -> Printable:
    """A decision in JSON."""
    return {
        "id": decision.id, "leaf": decision.leaf, "body": decision.body, "ref": decision.ref,
        "on": decision.on.isoformat() if decision.on else None, "roster": decision.roster,
        "present": decision.present, "recused": decision.recused,
        "points": [{"text": p.text, "outcome": p.outcome, "votes": p.votes} for p in decision.points],
    }  # fmt: skip


def point_line(setup: Setup, point: Point) -> str:
    """A point as a line: its text, whether it carried, and the votes where they are known."""
    votes = setup.words.phrase("votes", votes="-".join(map(str, point.votes))) if point.votes else ""
    return f"{point.text}: {setup.words.label('outcome', point.outcome)}{votes}"


def _points(
    texts: tuple[str, ...], votes: tuple[str, ...], fallen: tuple[int, ...], leader_for: bool | None  # noqa: FBT001  # three-valued
) -> tuple[PointVote, ...]:  # fmt: skip
    from commands.requests import tally
    from engine.registration import PointVote

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
