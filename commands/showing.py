"""`politirad show`: where a case stands, what it owes, and which steps are possible. Decisions too (`show D-1`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, cast

import click
from msgspec import to_builtins

from commands import tables
from commands.acts import Names, act_json, registered_by
from commands.listing import owed_json
from commands.output import Printable, dump, pairs, safe, title
from commands.overriding import override_json, override_line, overrides_of
from commands.reading import as_of_option, asked_day, json_flag, quiet_until, when
from commands.receipts import LEAF
from commands.register_names import titled
from commands.steps import written
from commands.vote_lines import members, seated, vote_rule
from workflows.binding import bound_by, reserved_in

if TYPE_CHECKING:
    from commands.wiring import Setup
    from engine.acts import Decision, Version
    from engine.event import Facts
    from engine.ports import Owed, Recorded
    from engine.register import Register
    from engine.situation import Case
    from store.reader import SqlReader
    from workflows.follow_up_rows import Override

SHOWN_APART = (
    "title",
    "since",
    "version",
    "offices",
    "adds",
    "overrides",
    "reserved",
    "recused",
    "mandate_event",
    "adopted",
)
"""Facts that have a line of their own, or stand in one."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A case with everything that is shown of it."""

    case: Case
    names: Names
    owed: Sequence[Owed]
    quiet: Mapping[Owed, date]
    versions: Sequence[Version]
    children: Sequence[Case]
    possible: Sequence[str]
    overrides: tuple[Override, ...]

    @property
    def register(self) -> Register:
        """The council's register."""
        return self.names.register


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
            decision = reader.decision(case)
            _show_decision(Names.of(setup, reader), decision, reader.event(decision.leaf), as_json=as_json)
            return
        found = standing_of(setup, reader, case, today)
    if as_json:
        dump(_json(found, today))
    else:
        _print(setup, found, today)


def standing_of(setup: Setup, reader: SqlReader, id_: str, today: date) -> Standing:
    """Read a case with all that is shown of it. Raises `NotFoundError`."""
    from engine.reading import possible_steps

    case, names = reader.case(id_), Names.of(setup, reader)
    known, owed = case.workflow in tables.NAMES, reader.owed(id_)
    return Standing(
        case, names, owed, quiet_until(reader, owed, today), reader.versions(id_) if known else (),
        reader.cases(parent=id_),
        possible_steps(setup.service.rules, reader, id_, setup.now) if known else (), overrides_of(reader, case, names),
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
        *((words.phrase("override"), override_line(found.names, one)) for one in found.overrides),
        *_binding_lines(found),
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


def _binding_lines(found: Standing) -> Iterable[tuple[str, str]]:
    """For whom an agreement is in force, who reserved themselves, and who is disqualified in the case."""
    names, phrase = found.names, found.names.setup.words.phrase
    listed = (
        ("in_force_for", [names.somebody(one) for one in bound_by(found.case, found.register)]),
        ("has_reserved", [names.somebody(one) for one in reserved_in(found.case)]),
        ("recused", list(seated(names, {str(one["office"]): str(one["person"]) for one in recusals(found.case)}))),
    )
    return [(phrase(name), "; ".join(told)) for name, told in listed if told]


def recusals(case: Case) -> list[Facts]:
    """Those disqualified in a case: office, person and date of each."""
    listed = case.facts.get("recused")
    return [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list | tuple) else []


def _owed_lines(setup: Setup, found: Standing, today: date) -> Iterable[tuple[str, str]]:
    for item in found.owed:
        what = setup.words.deadline(found.case.workflow, item.name)
        who = titled(found.register, item.office, today, setup.language)
        line = f"{item.on} ({when(setup.words, item.on, today)}), {who}: {what}"
        yield setup.words.phrase("owed"), line
        if item in found.quiet:
            yield "", setup.words.phrase("put_off_until", until=found.quiet[item])


def _json(found: Standing, today: date) -> Printable:
    case = found.case
    return {
        "id": case.id, "workflow": case.workflow, "workflow_version": case.version, "state": case.state,
        "title": case.text("title"), "opened": case.opened.isoformat(), "parent": case.parent, "facts": case.facts,
        "offices": dict(case.offices), "owed": [owed_json(item, today) for item in found.owed],
        "put_off": [{"name": i.name, "office": i.office, "until": on.isoformat()} for i, on in found.quiet.items()],
        "versions": [version_json(version) for version in found.versions],
        "children": [child.id for child in found.children], "steps": list(found.possible), "n": case.n,
        "head": case.head, "profile": case.profile, "overrides": [override_json(one) for one in found.overrides],
        "in_force_for": bound_by(case, found.register), "reserved": reserved_in(case),
    }  # fmt: skip


def version_json(version: Version) -> Printable:
    """A version in JSON."""
    return {
        "number": version.number, "leaf": version.leaf, "on": version.on.isoformat() if version.on else None,
        "documents": [{"name": d.name, "role": d.role, "size": d.size, "sha256": d.sha256} for d in version.documents],
        "seats": [{"id": s.id, "filled_by": s.filled_by, "permanent": s.permanent} for s in version.seats],
        "base": version.base, "source": version.source, "proposer": version.proposer, "author": version.author,
        "rules": {kind: to_builtins(rule) for kind, rule in version.rules.items()},
    }  # fmt: skip


def _show_decision(names: Names, decision: Decision, recorded: Recorded | None, *, as_json: bool) -> None:
    from commands.decisions import decision_json, point_line

    if as_json:
        by = act_json(names, recorded, {})["registered_by"] if recorded else None
        dump({**cast("Mapping[str, Printable]", decision_json(decision)), "registered_by": by})
        return
    words, setup = names.setup.words, names.setup
    on = decision.on.isoformat() if decision.on else None
    title(f"{decision.id}  {names.title(decision.body, on)}")
    lines = [
        (words.phrase("on"), on or words.phrase("date_unknown")),
        (words.phrase("reference"), decision.ref or words.phrase("none")),
        *((words.phrase("rule"), vote_rule(names, rule)) for rule in (decision.rule,) if rule),
        *((f"{words.phrase('point')} {at}", point_line(setup, point)) for at, point in enumerate(decision.points, 1)),
        *((words.phrase(name), "; ".join(told) or words.phrase("none")) for name, told in _attending(names, decision)),
        *((words.phrase("registered_by"), registered_by(names, event)) for event in (recorded,) if event),
    ]
    pairs([(name, safe(value)) for name, value in lines], indent=2)


def _attending(names: Names, decision: Decision) -> Iterable[tuple[str, Sequence[str]]]:
    """Who took part, and who held each seat that day; nothing about those present where the minutes do not say."""
    if decision.present is not None:
        yield "present", [names.somebody(office) for office in decision.present]
    yield "recused", [names.somebody(office) for office in decision.recused]
    if decision.deputies:
        yield "deputies", list(seated(names, decision.deputies))
    yield "members", members(names, decision)
