"""`politirad graph WORKFLOW`: a workflow as a picture, and where a case stands in it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands import tables
from commands.naming import not_found
from commands.saving import OUTPUT, hand_over
from commands.wiring import Setup, setup_of
from engine.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.ports import Recorded


@click.command(short_help="Draw a workflow, as mermaid text or SVG.")
@click.argument("workflow", metavar="WORKFLOW", shell_complete=lambda *_: list(tables.NAMES))
@click.option("--case", metavar="CASE", help="Mark where this case stands, and where it has passed.")
@click.option("--svg", "as_svg", is_flag=True, help="Draw it as SVG; mermaid text if left out.")
@OUTPUT
@click.pass_context
def graph(ctx: click.Context, workflow: str, case: str | None, output: Path | None, *, as_svg: bool) -> None:
    """Draw a workflow: its states and steps, as mermaid text or as SVG.

    WORKFLOW is agreement, amendment, measure, meeting or year.
    """
    from engine.graph import mermaid
    from workflows.report_words import ReportWords

    if workflow not in tables.NAMES:
        raise not_found("workflow", workflow, tables.NAMES, f"There are: {', '.join(tables.NAMES)}.")
    setup = setup_of(ctx)
    current, visited = _way_of(setup, workflow, case) if case else (None, frozenset[str]())
    label = partial(ReportWords(setup.language).drawn, workflow)
    table = tables.workflow(workflow)
    if as_svg:
        from engine.svg import svg

        hand_over(svg(table, label, current, visited, setup.language), output)
    else:
        hand_over(mermaid(table, label, current, visited), output)


def _way_of(setup: Setup, workflow: str, case: str) -> tuple[str, frozenset[str]]:
    """Where a case stands and where it has been. Raises `NotFoundError`, `UsageError` for a case of another kind."""
    with setup.reading() as reader:
        found = reader.case(case)
        if found.workflow != workflow:
            raise UsageError(f"{case} is of another kind. Try: politirad graph {found.workflow} --case {case}")
        return found.state, states_of(reader.events(case))


def states_of(events: Iterable[Recorded]) -> frozenset[str]:
    """The states a case has been in by its log; what was taken back does not count."""
    data = {recorded.leaf: recorded.event.data for recorded in events}
    taken_back = {said.get("annuls") for said in data.values()}
    return frozenset(str(said["to"]) for leaf, said in data.items() if leaf not in taken_back)
