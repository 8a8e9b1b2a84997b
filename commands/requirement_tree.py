"""The tree of a step's requirements: where each stands, by whom and when, who is missing, through whom and by when.

`explain` and every refusal print it, as text and as JSON, from the same nodes: neither says what the other leaves out.
A line begins with a mark and a word for it, so no colour, and no mark alone, carries the meaning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from commands import tables
from commands.acts import DELEGATE
from commands.awaited import NOBODY_AWAITED, Ground, waiting
from commands.output import Printable
from engine.finding import Status

if TYPE_CHECKING:
    from commands.wiring import Setup
    from engine.acts import Approval
    from engine.finding import Finding
    from engine.judge import Check, Verdict

MARKS = {"met": "✓", "open": "○", "lost": "✗", "lost_unless": "✗", "said_no": "✗", "not_met": "✗", "set_aside": "~"}
"""The mark of each way a requirement can stand; the word beside it is the phrase `tree_…`."""

EYES = frozenset({"other_eyes", "author_alone"})
"""The codes of the requirement that joins a rule with four eyes; the joint has nothing to say of its own."""


@dataclass(frozen=True, slots=True)
class Node:
    """A requirement: where it stands, what is said of it, what JSON has of it besides, and its parts.

    One that only joins others has no text; its parts are told in its place.
    """

    status: str
    text: str
    known: Mapping[str, Printable]
    parts: tuple[Node, ...] = ()


def requirements(ground: Ground, checks: Iterable[Check], *, entry: bool = False) -> tuple[Node, ...]:
    """Every requirement with its parts. Of an `entry`, which no table states requirements for, the reason alone."""
    return tuple(_check(ground, check, entry=entry) for check in checks)


def lines(ground: Ground, nodes: Iterable[Node], depth: int = 1) -> Iterator[str]:
    """The tree as lines of text, each indented by its depth."""
    for node in nodes:
        if node.text:
            yield f"{'  ' * depth}{marked(ground.names.setup, _word(node, depth), node.text)}"
        yield from lines(ground, node.parts, depth + bool(node.text))


def sequel_lines(ground: Ground, verdict: Verdict) -> Iterator[str]:
    """What the case does by itself from where it stands, and what that requires, besides that nobody takes it."""
    for follow in verdict.follows:
        type_ = tables.workflow(ground.workflow).event_types[follow.step]
        yield ground.names.setup.words.phrase("follows_by_itself", step=ground.names.setup.words.event(type_))
        yield from lines(ground, requirements(ground, (c for c in follow.checks if c.name != "authority")))


def marked(setup: Setup, standing: str, text: str) -> str:
    """A requirement as a line: its mark, how it stands in words, and what it is."""
    return f"{MARKS[standing]} {setup.words.phrase(f'tree_{standing}')}: {text}"


def _word(node: Node, depth: int) -> str:
    """How a requirement stands. Of one that is lost: the top says what would change it, the end whose no it is."""
    if node.status != "lost":
        return node.status
    if node.known.get("act") is not None:
        return "said_no"
    return "lost_unless" if depth == 1 else "lost"


def document(
    ground: Ground, verdict: Verdict, case: str | None, *, missing: Sequence[str] = (), entry: bool = False
) -> dict[str, Printable]:
    """A verdict in JSON, with the same tree as its text has."""
    return {
        "case": case, "workflow": ground.workflow, "step": verdict.step, "state": verdict.state,
        "allowed": verdict.allowed and not missing, "to": verdict.to, "missing": list(missing),
        "possible": list(verdict.possible),
        "checks": [_check_json(node) for node in requirements(ground, verdict.checks, entry=entry)],
        "follows": [
            {"step": one.step, "allowed": one.allowed,
             "checks": [_check_json(node) for node in requirements(ground, one.checks)]}
            for one in verdict.follows
        ],
    }  # fmt: skip


def _check_json(node: Node) -> Printable:
    return {"status": node.status, **node.known, "finding": next(map(_finding_json, node.parts), None)}


def _finding_json(node: Node) -> Printable:
    parts = [_finding_json(part) for part in node.parts]
    return {"status": node.status, "text": node.text, **node.known, "parts": parts}


def _check(ground: Ground, check: Check, *, entry: bool) -> Node:
    reason = ground.reason(check.reason) if check.reason else None
    statement = ground.names.setup.words.check(check.name)
    said = f"{statement}. {reason}" if reason and check.finding is None else statement
    known: dict[str, Printable] = {
        "name": check.name, "requirement": statement, "passed": check.passed, "set_aside": check.set_aside,
        "reason": check.reason.code if check.reason else None,
        "parameters": dict(check.reason.parameters) if check.reason else {}, "text": reason,
    }  # fmt: skip
    return Node(
        _standing(check),
        reason if entry and reason else said,
        known,
        (_finding(ground, check.finding),) if check.finding else (),
    )


def _standing(check: Check) -> str:
    if check.set_aside:
        return "set_aside"
    if check.passed:
        return "met"
    return str(check.finding.status) if check.finding else "not_met"


def _finding(ground: Ground, finding: Finding, *, voted: bool = False) -> Node:
    """A requirement of a rule. What a vote came to is met or not: no more votes can change it."""
    status = "not_met" if voted and finding.status is Status.LOST else str(finding.status)
    within = voted or finding.who is not None
    told = {"code": finding.what.code, "parameters": dict(finding.what.parameters), "who": finding.who,
            "by": finding.by}  # fmt: skip
    sentences = [ground.reason(finding.what)]
    if finding.act is not None:
        sentences.append(_act_line(ground, finding, finding.act))
    awaited = waiting(ground, finding) if finding.status is Status.OPEN and finding.who is not None else None
    if awaited is not None:
        sentences += awaited.sentences
    known = {**told, **_act_json(ground, finding.act), **(awaited.known if awaited else NOBODY_AWAITED)}
    parts = tuple(_finding(ground, part, voted=within) for part in finding.parts)
    joint = any(part.what.code in EYES for part in finding.parts)
    return Node(status, "" if joint else " ".join(sentences), known, parts)


def _act_line(ground: Ground, finding: Finding, act: Approval) -> str:
    """Whose act it was, in which capacity, when, and by which decision with which votes."""
    names, phrase = ground.names, ground.names.setup.words.phrase
    on, votes = act.on.isoformat() if act.on else None, act.ballot.votes if act.ballot else None
    decider = act.office or (finding.by if finding.by != finding.who else None)
    parts = (
        on or phrase("date_unknown"),
        names.title(decider, on) if decider else None,
        names.person(act.person),
        names.capacity(act.capacity, act.mandate),
        names.setup.words.label("assurance", act.assurance) if act.assurance != "declared" else None,
        phrase("decision_point", id=act.decision, point=act.point) if act.decision else None,
        phrase("votes", votes="-".join(map(str, votes))).removeprefix(", ") if votes else None,
    )
    return f"{', '.join(part for part in parts if part)}."


def _act_json(ground: Ground, act: Approval | None) -> dict[str, Printable]:
    if act is None:
        return {"act": None}
    names = ground.names
    return {
        "act": {
            "outcome": act.outcome, "on": act.on.isoformat() if act.on else None, "office": act.office,
            "person": act.person, "name": names.person(act.person), "capacity": act.capacity, "mandate": act.mandate,
            "delegation": names.delegations.get(act.mandate or "", act.mandate) if act.capacity == DELEGATE else None,
            "assurance": act.assurance, "decision": act.decision, "point": act.point,
            "votes": act.ballot.votes if act.ballot else None,
        }
    }  # fmt: skip
