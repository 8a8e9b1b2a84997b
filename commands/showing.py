"""`politirad show`: where a case stands, what it owes, and which steps are possible. Decisions too (`show D-1`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import click

from commands import tables
from commands.listing import owed_json
from commands.output import Printable, dump, pairs, safe, title
from commands.reading import as_of_option, asked_day, json_flag, when
from commands.receipts import LEAF
from commands.register_names import titled
from commands.steps import written

if TYPE_CHECKING:
    from commands.wiring import Setup
    from engine.ports import Owed
    from engine.register import Register
    from engine.situation import Case, Decision, Version
    from store.reader import SqlReader

SHOWN_APART = ("title", "since", "version", "offices", "adds")
"""Facts that have a line of their own, or stand in one."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A case with everything that is shown of it."""

    case: Case
    register: Register
    owed: Sequence[Owed]
    versions: Sequence[Version]
    children: Sequence[Case]
    possible: Sequence[str]


@click.command()
@click.argument("case")
@as_of_option
@json_flag
@click.pass_context
def show(ctx: click.Context, *, case: str, as_of: str | None, as_json: bool) -> None:
    """Show where CASE stands, what it owes and which steps are possible; a decision too (D-1)."""
    setup, past, today = asked_day(ctx, as_of)
    with setup.reading(past) as reader:
        if case.startswith("D-"):
            _show_decision(setup, reader.decision(case), reader.council().register, as_json=as_json)
            return
        found = standing_of(reader, case)
    if as_json:
        dump(_json(found, today))
    else:
        _print(setup, found, today)


def standing_of(reader: SqlReader, id_: str) -> Standing:
    """Read a case with all that is shown of it. Raises `NotFoundError`."""
    case = reader.case(id_)
    known = case.workflow in tables.NAMES
    return Standing(
        case, reader.council().register, reader.owed(id_), reader.versions(id_) if known else (),
        reader.cases(parent=id_), tables.workflow(case.workflow).steps_from(case.state) if known else (),
    )  # fmt: skip


def version_line(setup: Setup, version: Version) -> str:
    """A version in one line: its number, hash, date and documents."""
    on = version.on.isoformat() if version.on else setup.words.phrase("date_unknown")
    return f"{version.number} ({version.leaf[:LEAF]}), {on}: {', '.join(d.name for d in version.documents)}"


def _print(setup: Setup, found: Standing, today: date) -> None:
    case, words = found.case, setup.words
    since = f" {words.phrase('since', on=case.text('since'))}" if case.text("since") else ""
    title(f"{case.id}  {case.text('title')}")
    state = f"{words.label('workflow', case.workflow)}, {words.state(case.workflow, case.state)}{since}"
    lines = [
        (words.phrase("state"), state),
        (words.phrase("opened"), case.opened.isoformat()),
        *((words.phrase("part_of"), parent) for parent in (case.parent,) if parent),
        *((words.phrase("version"), version_line(setup, version)) for version in found.versions[-1:]),
        *_office_lines(setup, found, today),
        *_fact_lines(setup, case),
        *(
            (words.phrase("led_to"), f"{c.id} {words.state(c.workflow, c.state)}: {c.text('title')}")
            for c in found.children
        ),
        *_owed_lines(setup, found, today),
        (words.phrase("steps"), ", ".join(map(written, found.possible)) or words.phrase("none")),
    ]
    pairs(lines, indent=2)


def _office_lines(setup: Setup, found: Standing, today: date) -> Iterable[tuple[str, str]]:
    for role, office in found.case.offices.items():
        yield setup.words.role(role), titled(found.register, office, today, setup.language)


def _fact_lines(setup: Setup, case: Case) -> Iterable[tuple[str, str]]:
    for name, value in case.facts.items():
        if name not in SHOWN_APART and value not in (None, "", []):
            yield setup.words.label("fact", name), setup.words.answer(name, value)


def _owed_lines(setup: Setup, found: Standing, today: date) -> Iterable[tuple[str, str]]:
    for item in found.owed:
        what = setup.words.deadline(found.case.workflow, item.name)
        who = titled(found.register, item.office, today, setup.language)
        yield setup.words.phrase("owed"), f"{item.on} ({when(setup.words, item.on, today)}), {who}: {what}"


def _json(found: Standing, today: date) -> Printable:
    case = found.case
    return {
        "id": case.id, "workflow": case.workflow, "workflow_version": case.version, "state": case.state,
        "title": case.text("title"), "opened": case.opened.isoformat(), "parent": case.parent, "facts": case.facts,
        "offices": dict(case.offices), "owed": [owed_json(item, today) for item in found.owed],
        "versions": [version_json(version) for version in found.versions],
        "children": [child.id for child in found.children], "steps": list(found.possible), "n": case.n,
        "head": case.head, "profile": case.profile,
    }  # fmt: skip


def version_json(version: Version) -> Printable:
    """A version in JSON."""
    return {
        "number": version.number, "leaf": version.leaf, "on": version.on.isoformat() if version.on else None,
        "documents": [{"name": d.name, "role": d.role, "size": d.size, "sha256": d.sha256} for d in version.documents],
        "seats": [{"id": s.id, "filled_by": s.filled_by, "permanent": s.permanent} for s in version.seats],
        "base": version.base, "source": version.source, "proposer": version.proposer, "author": version.author,
    }  # fmt: skip


def _show_decision(setup: Setup, decision: Decision, register: Register, *, as_json: bool) -> None:
    from commands.decisions import decision_json, point_line

    if as_json:
        dump(decision_json(decision))
        return
    words, on = setup.words, decision.on or setup.today
    title(f"{decision.id}  {titled(register, decision.body, on, setup.language)}")
    when_ = decision.on.isoformat() if decision.on else words.phrase("date_unknown")
    lines = [
        (words.phrase("on"), when_),
        (words.phrase("reference"), decision.ref or words.phrase("none")),
        *((f"{words.phrase('point')} {at}", point_line(setup, point)) for at, point in enumerate(decision.points, 1)),
        *((words.phrase(name), _offices(setup, register, offices, on)) for name, offices in _attending(decision)),
    ]
    pairs([(name, safe(value)) for name, value in lines], indent=2)


def _attending(decision: Decision) -> tuple[tuple[str, Sequence[str]], ...]:
    """Who took part; nothing about those present where the minutes do not say."""
    present = () if decision.present is None else (("present", decision.present),)
    return (*present, ("recused", decision.recused), ("members", decision.roster))


def _offices(setup: Setup, register: Register, offices: Sequence[str], on: date) -> str:
    return ", ".join(titled(register, office, on, setup.language) for office in offices) or setup.words.phrase("none")
