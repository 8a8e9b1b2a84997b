"""`politirad approvals`: who approved which version, when, for whom and with what authority.

In which capacity, under which rule, by which decision with whom present, and who registered it: from the log, but for
the names of persons. Acts on earlier versions are shown and marked outdated; so are acts that a later one of the same
party replaced, and those that came when the matter was settled. A version taken from an amendment shows the acts given
there, which count for it. Overrides stand above all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click
from msgspec import to_builtins

from commands.acts import Names, act_json, based_on, corrections, decided_by, effective, registered_by
from commands.output import Printable, aligned, dump, safe, say, say_hanging, title, width, widths_of
from commands.overriding import override_json, override_line, overrides_of
from commands.reading import as_of_option, asked_day, json_flag
from commands.receipts import LEAF, flags_of
from commands.signed import signed_by
from commands.vote_lines import attendance, needs
from engine.approval import TAKEN_BACK, standing_on

if TYPE_CHECKING:
    from engine.acts import Approval, Version
    from engine.event import Facts
    from engine.ports import Recorded
    from store.reader import SqlReader
    from workflows.follow_up_rows import Override


TOLD = ("registered_by_another", "date_unknown")
"""Flags that another line says already."""


@dataclass(frozen=True, slots=True)
class Act:
    """An act on a version, the event that recorded it, and whether it stands (if its version does)."""

    approval: Approval
    recorded: Recorded
    stands: bool


@dataclass(frozen=True, slots=True)
class Acted:
    """A version with its acts, in the order of the log."""

    version: Version
    current: bool
    acts: Sequence[Act]


@click.command()
@click.argument("case")
@as_of_option
@json_flag
@click.pass_context
def approvals(ctx: click.Context, *, case: str, as_of: str | None, as_json: bool) -> None:
    """Who approved which version of CASE, when, for whom, in which capacity, under which rule, by which decision."""
    setup, past, _ = asked_day(ctx, as_of)
    with setup.reading(past) as reader:
        heading = reader.case(case).text("title")
        found = list(acted_versions(reader, case))
        names, cases = Names.of(setup, reader), sorted(cases_of(found, case))
        corrected = {leaf: said for id_ in cases for leaf, said in corrections(reader.events(id_)).items()}
        overrides = [one for id_ in cases for one in overrides_of(reader, reader.case(id_), names)]
    if as_json:
        dump([_json(names, one, corrected, overrides) for one in found])
        return
    title(f"{case}  {heading}")
    for override in overrides:
        said = f"{setup.words.phrase('override')}  {override_line(names, override)} [{override.case} {override.n}]"
        say_hanging(f"  {said}")
    for one in found:
        _print(names, one, corrected)
    if not found:
        say(setup.words.phrase("no_versions"))


def acted_versions(reader: SqlReader, case: str) -> Iterable[Acted]:
    """Every version of a case, the newest first, with the acts on it and on the amendment it was taken from."""
    versions = reader.versions(case)
    own = reader.approvals(case)
    for version in reversed(versions):
        acts = [*_at_source(reader, version), *(a for a in own if a.version_leaf == version.leaf)]
        standing = standing_on(version, acts)
        found = ((act, reader.event(act.leaf)) for act in acts)
        yield Acted(
            version, version is versions[-1],
            [Act(act, recorded, act in standing) for act, recorded in found if recorded is not None],
        )  # fmt: skip


def cases_of(found: Iterable[Acted], case: str) -> set[str]:
    """The case and the amendments whose acts are shown with it."""
    return {case} | {act.recorded.event.case for one in found for act in one.acts}


def _at_source(reader: SqlReader, version: Version) -> Iterable[Approval]:
    source = reader.event(version.source) if version.source else None
    if source is None:
        return ()
    return (act for act in reader.approvals(source.event.case) if act.version_leaf == version.source)


def _print(names: Names, one: Acted, corrected: Mapping[str, Facts]) -> None:
    words, version = names.setup.words, one.version
    on = version.on.isoformat() if version.on else words.phrase("date_unknown")
    standing = words.phrase("current" if one.current else "outdated")
    title(words.phrase("version_heading", number=version.number, leaf=version.leaf[:LEAF], on=on, standing=standing))
    for needed in needs(names, version.rules):
        say_hanging(f"  {needed}")
    rows = [_row(names, act, corrected) for act in one.acts]
    for line in aligned(rows, widths_of(rows), columns=width()) if rows else ["  " + words.phrase("no_acts")]:
        say(line)


def _row(names: Names, act: Act, corrected: Mapping[str, Facts]) -> tuple[str, ...]:
    words, recorded = names.setup.words, act.recorded
    on = effective(recorded, corrected)[0] or words.phrase("date_unknown")
    ballot = act.approval.ballot
    lines = (
        decided_by(names, recorded),
        signed_by(names, recorded),
        based_on(names, recorded, corrected),
        attendance(names, ballot) if ballot else "",
        words.phrase("registered", who=registered_by(names, recorded)),
        "" if act.stands or act.approval.outcome in TAKEN_BACK else words.phrase("replaced"),
        *(words.phrase("note", what=words.label("flag", flag)) for flag in flags_of(recorded, without=TOLD)),
    )
    outcome = words.label("outcome", act.approval.outcome)
    details = "\n".join(safe(line) for line in lines if line)
    return (f"  {on}", outcome, safe(act.approval.party), f"{details} [{recorded.event.case} {recorded.event.n}]")


def _json(names: Names, one: Acted, corrected: Mapping[str, Facts], overrides: Sequence[Override]) -> Printable:
    version = one.version
    return {
        "version": version.number, "leaf": version.leaf, "on": version.on.isoformat() if version.on else None,
        "current": one.current, "source": version.source,
        "needs": {kind: to_builtins(rule) for kind, rule in version.rules.items()},
        "overrides": [override_json(override) for override in overrides],
        "acts": [
            {**act_json(names, act.recorded, corrected), "kind": act.approval.kind, "party": act.approval.party,
             "outcome": act.approval.outcome, "assurance": act.approval.assurance, "stands": act.stands,
             "outdated": not one.current, "ballot": to_builtins(act.approval.ballot)}
            for act in one.acts
        ],
    }  # fmt: skip
