"""`politirad rules`: whose acts an agreement needs, how each body's votes are counted, and who may override what.

Without a case it tells what a version proposed today would be under. With one, what its current version is under: those
rules were fixed when it was proposed, so neither a newer profile nor a newer register has changed them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import click
from msgspec import to_builtins

from commands import tables
from commands.acts import Names
from commands.output import Printable, dump, say_hanging, title
from commands.reading import json_flag
from commands.receipts import LEAF
from commands.register_names import name_of
from commands.steps import written
from commands.vote_lines import vote_rule
from commands.wiring import setup_of
from engine.rule import AllOf, AtLeast, ByOrganisation, Requires

if TYPE_CHECKING:
    from engine.acts import Version
    from engine.holdings import CouncilState
    from engine.register import Body, Id
    from engine.rule import Rule
    from store.reader import SqlReader
    from workflows.profile import Profile

HEADINGS = {"approval": "rule_of_approval", "signature": "rule_of_signature", "ratification": "rule_of_ratification"}
"""The heading over the rule of each kind of act."""

FOUR_EYES = {"not_only": "four_eyes_not_only", "strict": "four_eyes_strict"}


@dataclass(frozen=True, slots=True)
class Ruled:
    """The rules of a council, or of a case: the profile, and by kind of act whose acts a version needs.

    `leaf` is the profile's, `since` the local date it was set; `version` the case's, once it has fixed the rules.
    """

    council: CouncilState
    case: str | None
    version: Version | None
    leaf: str
    since: date | None
    profile: Profile
    rules: Mapping[str, Rule]


@click.command()
@click.option("--case", metavar="CASE", help="The rules this case's current version was proposed under.")
@json_flag
@click.pass_context
def rules(ctx: click.Context, *, case: str | None, as_json: bool) -> None:
    """Show whose acts an agreement needs, how bodies vote, and who may set which requirement aside."""
    setup = setup_of(ctx)
    with setup.reading() as reader:
        found, names = ruled(reader, case), Names.of(setup, reader)
    if as_json:
        dump(_json(names, found))
        return
    title(_heading(names, found))
    for line in _lines(names, found):
        say_hanging(line)
    if found.leaf != found.council.profile:
        say_hanging(setup.words.phrase("older_rules", case=case))


def ruled(reader: SqlReader, case: str | None) -> Ruled:
    """The rules of a case, without one the council's newest. Raises `NotFoundError`."""
    from engine.calendar import local_date, parse_instant
    from workflows.profile import Profile
    from workflows.roles import RULES

    council, found = reader.council(), reader.case(case) if case else None
    leaf = (found and found.profile) or council.profile
    profile = Profile.from_json(reader.profile(leaf))
    version = next(reversed(reader.versions(found.id)), None) if found else None
    fixed = version.rules if version else {}
    kinds = RULES if found is None or _is_versioned(found.workflow) else {}
    rules_ = {kind: fixed.get(kind) or rule(profile, council.register) for kind, rule in kinds.items()}
    recorded = reader.event(leaf)
    since = local_date(parse_instant(recorded.event.at)) if recorded else None
    return Ruled(council, case, version if fixed else None, leaf, since, profile, rules_)


def tree(names: Names, rule: Rule, depth: int = 0) -> Iterator[str]:
    """A resolved rule, a line to each part, indented by its depth."""
    phrase, indent = names.setup.words.phrase, "  " * depth
    match rule:
        case AllOf(parts=parts):
            yield f"{indent}{phrase('all_of_these')}"
            yield from (line for part in parts for line in tree(names, part, depth + 1))
        case AtLeast(needed=needed, parts=parts, counts=counts):
            said = "at_least_persons" if counts == "persons" else "at_least_acts"
            yield f"{indent}{phrase(said, needed=needed, of=len(parts))}"
            yield from (line for part in parts for line in tree(names, part, depth + 1))
        case ByOrganisation():
            yield from (f"{indent}{line}" for line in _organisations(names, rule))
        case Requires():
            yield f"{indent}{_required(names, rule)}"


def _is_versioned(workflow: str) -> bool:
    return workflow in tables.NAMES and tables.workflow(workflow).versioned


def _heading(names: Names, found: Ruled) -> str:
    phrase, version = names.setup.words.phrase, found.version
    since = found.since.isoformat() if found.since else phrase("date_unknown")
    if version is not None:
        on = version.on.isoformat() if version.on else phrase("date_unknown")
        return phrase("rules_of_version", case=found.case, number=version.number, leaf=version.leaf[:LEAF], on=on)
    if found.case is not None:
        return phrase("rules_of_case", case=found.case, leaf=found.leaf[:LEAF], since=since)
    return phrase("rules_of_council", leaf=found.leaf[:LEAF], since=since)


def _lines(names: Names, found: Ruled) -> Iterator[str]:
    phrase = names.setup.words.phrase
    for kind, rule in found.rules.items():
        yield phrase(HEADINGS[kind])
        yield from tree(names, rule, 1)
    if found.rules and found.case and found.version is None:
        yield phrase("fixed_by_a_version")
    if found.rules:
        yield phrase(FOUR_EYES[found.profile.four_eyes])
    yield phrase("who_may_override")
    yield from (f"  {line}" for line in _override_lines(names, found))
    yield phrase("how_bodies_vote")
    for id_, body in found.council.register.bodies.items():
        yield f"  {names.somebody(id_)}"
        yield f"    {_body_line(names, body, found.council)}"


def _override_lines(names: Names, found: Ruled) -> Iterable[str]:
    said = [
        f"{workflow} {written(step)}: {names.somebody(office)}" for workflow, step, office in _overrides(found.profile)
    ]
    return said or [names.setup.words.phrase("nobody_overrides")]


def _overrides(profile: Profile) -> Iterator[tuple[str, str, Id]]:
    for workflow, steps in profile.overrides.items():
        yield from ((workflow, step, office) for step, office in steps.items())


def _body_line(names: Names, body: Body, council: CouncilState) -> str:
    members = names.setup.words.phrase("members_of", number=len(_members(body, council)))
    led = names.setup.words.phrase("led_by", office=names.somebody(body.leader))
    return f"{members}; {vote_rule(names, body.vote_rule)}; {led}"


def _members(body: Body, council: CouncilState) -> tuple[Id, ...]:
    from engine.sitting import roster_of

    return roster_of(council.seats, body)


def _required(names: Names, rule: Requires) -> str:
    """Whose act, by whom, how it is voted on, and how surely it must be known who acted."""
    words = names.setup.words
    who = names.somebody(rule.who)
    by = who if rule.by == rule.who else words.phrase("act_by", who=who, by=names.somebody(rule.by))
    voted = f": {vote_rule(names, rule.vote)}" if rule.vote else ""
    least = words.label("assurance", rule.assurance)
    assured = f"; {words.phrase('assured', assurance=least)}" if rule.assurance != "declared" else ""
    return f"{by}{voted}{assured}"


def _organisations(names: Names, rule: ByOrganisation) -> Iterator[str]:
    phrase = names.setup.words.phrase
    if not rule.asked:
        yield phrase("nobody_asked")
        return
    yield phrase("each_for_itself", needed=rule.at_least)
    yield from (f"  {names.somebody(organisation)}" for organisation in rule.asked)
    if rest := [names.somebody(who) for who, must in rule.organisations.items() if not must]:
        yield phrase("not_asked", organisations=", ".join(rest))


def _json(names: Names, found: Ruled) -> Printable:
    return {
        "case": found.case, "profile": found.leaf, "newest": found.leaf == found.council.profile,
        "since": found.since.isoformat() if found.since else None,
        "version": _version_json(found.version) if found.version else None,
        "rules": {kind: _rule_json(names, rule) for kind, rule in found.rules.items()},
        "four_eyes": found.profile.four_eyes,
        "overrides": [
            {"workflow": workflow, "step": step, "office": office, "name": _name(names, office)}
            for workflow, step, office in _overrides(found.profile)
        ],
        "bodies": [_body_json(names, id_, body, found.council) for id_, body in found.council.register.bodies.items()],
    }  # fmt: skip


def _version_json(version: Version) -> Printable:
    return {
        "number": version.number, "leaf": version.leaf, "on": version.on.isoformat() if version.on else None
    }  # fmt: skip


def _body_json(names: Names, id_: Id, body: Body, council: CouncilState) -> Printable:
    return {
        "body": id_, "name": _name(names, id_), "leader": body.leader, "members": _members(body, council),
        "vote": to_builtins(body.vote_rule),
    }  # fmt: skip


def _name(names: Names, id_: Id) -> str:
    return name_of(names.register, id_, names.setup.today, names.setup.language)


def _rule_json(names: Names, rule: Rule) -> Printable:
    """A resolved rule as the log holds it, with what ids are called."""
    match rule:
        case AllOf() | AtLeast():
            parts = [_rule_json(names, part) for part in rule.parts]
            return {**to_builtins(rule), "parts": parts}
        case ByOrganisation():
            return {"kind": "by_organisation", "at_least": rule.at_least, "organisations": [
                {"organisation": who, "name": _name(names, who), "asked": must}
                for who, must in rule.organisations.items()
            ]}  # fmt: skip
        case Requires():
            called = {"who_name": _name(names, rule.who), "by_name": _name(names, rule.by)}
            return {**to_builtins(rule), **called}
        case _:
            raise TypeError(f"{type(rule).__name__} was never resolved")
