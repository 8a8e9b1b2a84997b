"""What cannot be told of an approval rule, a body's vote or an override by looking at one table of the file alone.

Quorums and vetoes are measured against the body's members, overrides against the tables of the workflows. Of the parts
of a rule none may be another's double, since one act must not stand for two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from workflows.toml_lines import Path
from workflows.toml_places import KIND, KINDS, PARTS, places
from workflows.toml_shape import Mistake, nearest, shown

if TYPE_CHECKING:
    from engine.definition import Workflow

RULES = "profile.rules.*.**"
"""Every approval rule of a file, and every part of one."""

LEAVES = ("office", "party", "body")
"""The keys by which a rule names whose single act it asks for. Their ids share one namespace."""

_DEFAULTS = {"counts": "acts", "at_least": 1}
"""What joined rules mean by keys left out."""

_WORKFLOWS = ("agreement", "amendment", "measure", "meeting", "year")


def vote_mistakes(document: Mapping[str, object]) -> Iterator[Mistake]:
    """Quorums larger than their body, which could never be met, and vetoes of somebody who has no vote there."""
    members = dict(_members(document))
    for path, body in places(document, "bodies.*"):
        yield from _vote_mistakes(body, members.get(str(path[-1])), path)
    for path, rule in places(document, RULES):
        named = rule.get("body") if isinstance(rule, dict) else None
        yield from _vote_mistakes(rule, members.get(named) if isinstance(named, str) else None, path)


def part_mistakes(document: Mapping[str, object]) -> Iterator[Mistake]:
    """Parts of a rule that ask for the same act as an earlier one beside it."""
    for path, rule in places(document, RULES):
        parts = rule.get(PARTS) if isinstance(rule, dict) else None
        if isinstance(parts, list):
            yield from _doubles([_act_of(part, document) for part in parts], (*path, PARTS))


def party_mistakes(document: Mapping[str, object]) -> Iterator[Mistake]:
    """Rules that ask a party twice, through who decides and through who signs for it: one act would be both."""
    for root, _ in places(document, "profile.rules.*"):
        asked: dict[str, str] = {}
        for path, rule in places(document, f"profile.rules.{root[-1]}.**"):
            party, by = _party_of(rule, document)
            if party and by and (first := asked.setdefault(party, by)) != by:
                kind = "body" if by in _table(document, "bodies") else "office"
                fault = f"the rule asks {shown(party)} through {shown(first)} too, and one act would be both"
                yield Mistake((*path, "party"), f'{fault}; write {{ kind = "{kind}", {kind} = {shown(by)} }} instead')


def override_mistakes(document: Mapping[str, object]) -> Iterator[Mistake]:
    """Overrides of what is no step, or of a step in which there is nothing to set aside."""
    known = {name: _overridable(name) for name in _WORKFLOWS}
    allowed = [name for name, steps in known.items() if steps]
    for path, steps in places(document, "profile.overrides.*"):
        if (name := str(path[-1])) not in allowed:
            hint = nearest(name, allowed) or f"; there are {', '.join(allowed)}"
            yield Mistake(path, f"no workflow {shown(name)} has a step that can be overridden{hint}")
        else:
            yield from _step_mistakes(steps, name, known[name], path)


def _step_mistakes(steps: object, workflow: str, known: tuple[str, ...], path: Path) -> Iterator[Mistake]:
    for step in steps if isinstance(steps, dict) else ():
        if step not in known:
            hint = nearest(step, known) or f"; there are {', '.join(known)}"
            yield Mistake((*path, step), f"{shown(step)} is no step of {workflow} that can be overridden{hint}")


def _overridable(name: str) -> tuple[str, ...]:
    """The steps of a workflow that have requirements an override can set aside."""
    workflow: Workflow = getattr(import_module(f"workflows.{name}"), name.upper())
    return tuple(dict.fromkeys(row.step for row in workflow.rows if row.overridable))


def _members(document: Mapping[str, object]) -> Iterator[tuple[str, list[object]]]:
    """The members of each body: its own, else the permanent seats; none that is told for a mistaken one."""
    permanent = [office for _, seat in places(document, "seats.*") for office in _seated(seat)]
    for path, body in places(document, "bodies.*"):
        own = body.get("members", permanent) if isinstance(body, dict) else None
        if isinstance(own, list) and own:
            yield str(path[-1]), own


def _seated(seat: object) -> list[object]:
    """The offices that fill a permanent seat."""
    offices = seat.get("filled_by") if isinstance(seat, dict) and seat.get("permanent", True) else None
    return offices if isinstance(offices, list) else []


def _vote_mistakes(voting: object, members: list[object] | None, path: Path) -> Iterator[Mistake]:
    if not isinstance(voting, dict) or members is None:
        return
    if isinstance(quorum := voting.get("quorum"), int) and quorum > len(members):
        fault = f"the quorum of {shown(quorum)} can never be met by {len(members)} members; lower it"
        yield Mistake((*path, "quorum"), fault)
    veto = voting.get("veto")
    for at, office in enumerate(veto if isinstance(veto, list) else ()):
        if isinstance(office, str) and office not in members:
            yield Mistake((*path, "veto", at), f"{shown(office)} is no member of the body; name one that votes there")


def _doubles(acts: list[object], path: Path) -> Iterator[Mistake]:
    for at, act in enumerate(acts):
        if act is not None and act in acts[:at]:
            fault = f"it asks for the same act as part {acts.index(act) + 1}; remove one, or name another"
            yield Mistake((*path, at), fault)


def _act_of(part: object, document: Mapping[str, object]) -> object:
    """What tells a part from those beside it: whose act it asks for, else the whole rule; None where it is mistaken."""
    if not isinstance(part, dict) or part.get(KIND) not in KINDS:
        return None
    if named := next((part[key] for key in LEAVES if isinstance(part.get(key), str)), None):
        return named, _party_of(part, document)[1]
    parts = part.get(PARTS)
    acts = tuple(_act_of(inner, document) for inner in parts) if isinstance(parts, list) else ()
    return None if None in acts else {**_DEFAULTS, **part, PARTS: acts}


def _party_of(part: object, document: Mapping[str, object]) -> tuple[str | None, str | None]:
    """The party a rule asks, and the office or body it asks it through; none where it is no such rule, or mistaken."""
    party = part.get("party") if isinstance(part, dict) else None
    if not isinstance(party, str) or not isinstance(part, dict):
        return None, None
    entry = _table(document, "parties").get(party)
    by = entry.get("signs" if part.get(KIND) == "signatory" else "decides") if isinstance(entry, dict) else None
    return party, by if isinstance(by, str) else None


def _table(document: Mapping[str, object], name: str) -> Mapping[str, object]:
    table = document.get(name)
    return table if isinstance(table, dict) else {}
