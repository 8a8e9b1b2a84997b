"""Whether an approval rule is met: a pure function of the acts up to a position in the log. Read it in one sitting.

A rule is met, still open, or can no longer be met; only *met* advances, and an error counts as not met. The answer is
a tree of findings, which `explain` and every refusal print: each requirement, by whom and when, and who is missing.

- An act binds to the leaf of the version's event, not to the text: text A → B → A revives nothing.
- The newest act of a party stands; the same said again adds nothing, so more approvals never undo an outcome.
- Who must act, and how a body's votes are counted, was fixed when the version was proposed (`Version.rules`); a
  vote's roster is that of its day. So what somebody's office becomes later changes nothing.
- Four eyes compare persons: whoever wrote the text is not its only approver, or (strict) none at all.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.acts import Approval, Version
from engine.ballot import count
from engine.errors import because
from engine.finding import Finding, Status
from engine.register import Id
from engine.rule import ASSURANCES, AllOf, AtLeast, ByOrganisation, Requires, Rule

YES = frozenset({"approved", "signed", "acceded"})
NO = frozenset({"rejected", "reserved"})
TAKEN_BACK = frozenset({"withdrawn", "lifted"})
"""Outcomes that leave nothing standing: an approval withdrawn, a rejection lifted by an override."""

ALONE = "author_alone"
"""The code of a finding that four eyes are still missing."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What an approval must not rest on alone: the persons who contributed to the text. `strict`: not at all."""

    contributors: frozenset[str] = frozenset()
    strict: bool = False


NO_TERMS = Terms()


def outcome(
    rule: Rule, version: Version, acts: Iterable[Approval], *, kind: str = "approval", terms: Terms = NO_TERMS
) -> Finding:  # fmt: skip
    """Where a resolved rule stands on a version, by the acts of a kind.

    Acts are those of a log, or of its beginning: the answer for the log up to a position never changes afterwards.

    Whatever goes wrong in working it out counts as not met.
    """
    try:
        known = (act for act in acts if act.kind == kind)
        standing = {act.party: act for act in standing_on(version, known, terms)}
        found = evaluate(rule, standing, kind)
        return _with_other_eyes(found, terms) if kind == "approval" else found
    except Exception:
        logging.getLogger(__name__).exception("a rule could not be worked out; it counts as not met")
        return Finding(Status.OPEN, because("rule_failed"))


def standing_on(version: Version, acts: Iterable[Approval], terms: Terms = NO_TERMS) -> tuple[Approval, ...]:
    """The act of each (kind, party) that stands on exactly this version; what was taken back drops out."""
    stands: dict[tuple[str, Id], Approval] = {}
    for act in acts:
        before = stands.get((act.kind, act.party))
        repeated = before is not None and before.outcome == act.outcome
        if act.version_leaf in {version.leaf, version.source} and not repeated and not _excluded(act, terms):
            stands[act.kind, act.party] = act
    return tuple(act for act in stands.values() if act.outcome not in TAKEN_BACK)


def evaluate(rule: Rule, standing: Mapping[Id, Approval], kind: str = "approval") -> Finding:
    """Where a resolved rule stands, given the standing act of each party."""
    match rule:
        case Requires():
            return _required(rule, standing.get(rule.who), kind)
        case AllOf() | AtLeast():
            parts = tuple(evaluate(part, standing, kind) for part in rule.parts)
            needed = rule.needed if isinstance(rule, AtLeast) else len(parts)
            persons = isinstance(rule, AtLeast) and rule.counts == "persons"
            said = because("n_of_m_persons" if persons else "n_of_m", needed=needed, of=len(parts))
            return Finding(_threshold(parts, needed, persons=persons), said, parts=parts)
        case ByOrganisation():
            return _by_organisation(rule, standing, kind)
        case _:
            raise TypeError(f"{type(rule).__name__} was never resolved")


def lacks_other_eyes(found: Finding) -> bool:
    """Whether a rule is met but for four eyes: all its approvers wrote the text."""
    return bool(found.parts) and found.parts[0].met and any(part.what.code == ALONE for part in found.parts)


def _excluded(act: Approval, terms: Terms) -> bool:
    """Strict four eyes: the text's own author does not approve it, in whatever office."""
    return terms.strict and act.outcome in YES and act.person in terms.contributors


def _required(rule: Requires, act: Approval | None, kind: str) -> Finding:
    if act is None:
        return Finding(Status.OPEN, because(f"{kind}_missing", who=rule.who), rule.who, rule.by)
    said = because(f"{kind}_{act.outcome}", who=rule.who)
    if act.outcome in NO:
        return Finding(Status.LOST, said, rule.who, rule.by, act)
    if ASSURANCES.index(act.assurance) < ASSURANCES.index(rule.assurance):
        low = because("assurance_too_low", who=rule.who, given=act.assurance, needed=rule.assurance)
        return Finding(Status.OPEN, low, rule.who, rule.by, act)
    if rule.vote is None or act.capacity == "delegate":
        return Finding(Status.MET, said, rule.who, rule.by, act)
    if act.ballot is None:
        return Finding(Status.OPEN, because("vote_missing", who=rule.who), rule.who, rule.by, act)
    counted = count(rule.vote, act.ballot)
    status = Status.MET if counted.met else Status.OPEN
    return Finding(status, said if counted.met else because("vote_not_carried", who=rule.who),
                   rule.who, rule.by, act, (counted,))  # fmt: skip


def _threshold(parts: tuple[Finding, ...], needed: int, *, persons: bool) -> Status:
    met = tuple(part for part in parts if part.met)
    reached = len({_person(part) for part in met} - {None}) if persons else len(met)
    if reached >= needed:
        return Status.MET
    still_open = sum(part.status is Status.OPEN for part in parts)
    return Status.OPEN if reached + still_open >= needed else Status.LOST


def _person(part: Finding) -> str | None:
    """Who stands behind a met part: a person; a body as itself; None where the date, and so the person, is unknown."""
    if part.act is None or part.act.person is not None:
        return part.act.person if part.act else None
    return part.by if part.act.ballot is not None else None


def _by_organisation(rule: ByOrganisation, standing: Mapping[Id, Approval], kind: str) -> Finding:
    parts = tuple(_organisation(who, must, standing, kind) for who, must in rule.organisations.items())
    asked = tuple(part for part, must in zip(parts, rule.organisations.values(), strict=True) if must)
    acceded, still_open = (sum(part.status is status for part in asked) for status in (Status.MET, Status.OPEN))
    if not asked or (acceded >= rule.at_least and not still_open):
        status = Status.MET
    else:
        status = Status.OPEN if acceded + still_open >= rule.at_least else Status.LOST
    return Finding(status, because("organisations", acceded=acceded, needed=rule.at_least, of=len(asked)), parts=parts)


def _organisation(organisation: Id, must: bool, standing: Mapping[Id, Approval], kind: str) -> Finding:  # noqa: FBT001  # as the rule has it
    if must or organisation in standing:
        return _required(Requires(organisation, organisation), standing.get(organisation), kind)
    return Finding(Status.MET, because(f"{kind}_not_required", who=organisation))


def _with_other_eyes(found: Finding, terms: Terms) -> Finding:
    """The finding joined with four eyes: at least one approver that counts wrote nothing of the text."""
    if not terms.contributors or terms.strict:
        return found
    approvers = {_person(leaf) for leaf in found.leaves() if leaf.met} - {None}
    other = bool(approvers - terms.contributors)
    eyes = Finding(Status.MET if other else Status.OPEN, because("other_eyes" if other else ALONE))
    status = Status.OPEN if found.met and not other else found.status
    return Finding(status, because("four_eyes"), parts=(found, eyes))
