"""Forms that make a version or act on one, and the guards that bind an act to a version. Pure.

A version is a number, its documents in order, its seats and its base; changing any part is a new version. An act
(approval, rejection, signature, ratification) names the leaf of the version's event. A person writes the number
or a prefix of that leaf; it is checked inside the transaction, so nobody approves what they have not seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import ClassVar

from engine.acts import Approval, Decision, Version
from engine.ballot import count
from engine.errors import Reason, because
from engine.event import Json
from engine.field import Document, Kind
from engine.finding import Finding, Status
from engine.form import Form, ask, to_json
from engine.register import Seat
from engine.rule import Assurance, Requires, leaves
from engine.situation import Authority, Situation

SHORTEST_PREFIX = 6
"""Hex digits of a leaf that may stand for it; fewer could be a version number."""


@dataclass(frozen=True, kw_only=True)
class VersionForm(Form):
    """A text, its annexes and its seats. Subclasses say where seats come from when none are given."""

    documents: tuple[Document, ...] = ask(
        Kind.DOCUMENT, "The text; further files are annexes, in this order.", many=True, role="text"
    )
    base: int | None = ask(Kind.NUMBER, "The version it was made from; the current one if left out.", required=False)

    def seats_on(self, s: Situation) -> tuple[Seat, ...]:
        """The seats of this version: those of its base."""
        return s.version.seats if s.version else ()

    def source(self) -> str | None:
        """The leaf of the version this one was taken from, whose approvals count for it."""
        return None

    def version(self, s: Situation) -> Version:
        """The version this form makes of a case; its leaf is not known before its event is hashed."""
        current = s.version
        number = current.number + 1 if current else 1
        return Version(
            number, "", s.on, self.documents, self.seats_on(s), base=self.base or (number - 1 or None),
            source=self.source(), proposer=s.authority.decider if s.authority else None,
            author=_author(s),
        )  # fmt: skip


def _author(s: Situation) -> str | None:
    """Who prepared it: whoever decided it; of an unknown date the office's holder now; nobody where a body did."""
    if s.authority is None or s.authority.person is not None:
        return s.authority.person if s.authority else None
    register, decider = s.council.register, s.authority.decider
    by = register.parties[decider].decides if decider in register.parties else decider
    held = s.council.holdings.of(by, s.today)
    return held.person if held else None


@dataclass(frozen=True, kw_only=True)
class ActForm(Form):
    """An act of one party on the version it names."""

    needs: ClassVar[tuple[str, ...]] = ("version",)
    kind: ClassVar[str] = "approval"
    fixed_outcome: ClassVar[str] = "approved"

    def outcome(self) -> str:
        """What the act says of the version."""
        return self.fixed_outcome

    def party(self, s: Situation) -> str:
        """The party the act counts for: the decider, unless an act says otherwise."""
        return s.authority.decider if s.authority else ""

    def act(self, s: Situation) -> Approval:
        """The act as the views keep it; its own leaf and position are not known before its event is hashed."""
        version, authority = named_version(s), s.authority
        if isinstance(version, Reason) or authority is None:
            raise ValueError("an act is made only after its version and authority were judged")
        held, decision, point = authority.decided_by, s.decision, s.command.point or 1
        cited = (decision.id, point, decision.ballot(point)) if decision else (None, None, None)
        return Approval(
            self.kind, self.party(s), version.number, version.leaf, self.outcome(), held.office if held else None,
            authority.person, s.on, "", authority.capacity, _mandate_of(authority), assurance_of(s), *cited,
        )  # fmt: skip

    def flags(self, situation: Situation) -> tuple[str, ...]:
        """An act on a version whose fate is settled already is on record, and changes nothing."""
        return ("after_the_threshold",) if self.settled(situation) else ()

    def settled(self, s: Situation) -> bool:  # noqa: ARG002  # subclasses look at it
        """Whether the acts before this one have settled the matter already."""
        return False


def named_version(s: Situation) -> Version | Reason:
    """The version a command names by number or leaf prefix, or why it names none."""
    current, given = s.version, s.command.version
    if current is None:
        return because("no_version_yet")
    if given is None:
        return because("version_needed", current=current.number, leaf=current.leaf[:12])
    matching = [v for v in s.versions if _names(given, v)]
    if len(matching) != 1:
        code = "version_ambiguous" if matching else "no_such_version"
        return because(code, given=given[:64], current=current.number, leaf=current.leaf[:12])
    return matching[0]


def version_is_current(s: Situation) -> bool | Reason:
    """An act counts only on the version that stands now, and not before it existed."""
    named, current = named_version(s), s.version
    if isinstance(named, Reason) or current is None:
        return named if isinstance(named, Reason) else False
    if named.leaf != current.leaf:
        since = ", ".join(changed_since(named, current))
        return because(
            "version_outdated", given=named.number, current=current.number, leaf=current.leaf[:12], changed=since,
            case=s.case.id,
        )  # fmt: skip
    if current.on is not None and s.on < current.on and not s.command.on_unknown:
        return because("before_the_version", on=s.on.isoformat(), version=current.number, since=current.on.isoformat())
    return True


def based_on_current(s: Situation) -> bool | Reason:
    """A new version is made from the one that stands now, so that nobody's change is lost unseen."""
    base = s.form.base if isinstance(s.form, VersionForm) else None
    current = s.version
    if base is not None and current is not None and base != current.number:
        return because("base_outdated", given=base, current=current.number)
    if current is not None and current.on is not None and s.on < current.on:
        return because("older_than_its_base", on=s.on.isoformat(), base=current.number, since=current.on.isoformat())
    return True


def changed_since(old: Version, new: Version) -> Iterator[str]:
    """What differs between two versions, in few words: documents by name, seats with + and -, else the proposal."""
    before, after = ({d.sha256: d.name for d in version.documents} for version in (old, new))
    gone = [name for sha256, name in before.items() if sha256 not in after]
    come = [name for sha256, name in after.items() if sha256 not in before]
    yield from (f"{a} → {b}" if a and b else f"- {a}" if a else f"+ {b}" for a, b in zip_longest(gone, come))
    was, now = ({seat.id: seat for seat in version.seats} for version in (old, new))
    yield from (f"- {seat}" for seat in was if seat not in now)
    yield from (f"+ {seat}" for seat in now if seat not in was)
    yield from (f"± {seat}" for seat in now if seat in was and was[seat] != now[seat])
    if before == after and was == now:
        yield "="


def rule_for(s: Situation) -> Requires | None:
    """What the version asks of the decider of this act, as fixed when it was proposed; None where it asks nothing."""
    decider = s.authority.decider if s.authority else None
    kind = s.form.kind if isinstance(s.form, ActForm) else ""
    rule = s.version.rules.get(kind) if s.version else None
    return next((leaf for leaf in leaves(rule) if leaf.who == decider), None) if rule is not None else None


def counted(s: Situation) -> Finding | None:
    """How the cited point came out: on a version by the rule it was proposed under, else as it was recorded.

    None where no decision is cited, or it has no such point.
    """
    ballot = s.decision.ballot(s.command.point or 1) if s.decision else None
    if ballot is None:
        return None
    fixed = rule_for(s)
    if fixed is not None and fixed.vote is not None:
        return count(fixed.vote, ballot)
    carried = ballot.outcome == "carried"
    said = because("recorded_as_carried" if carried else "recorded_as_fallen")
    return Finding(Status.MET if carried else Status.LOST, said)


def assurance_of(s: Situation) -> Assurance:
    """How the identity of whoever decided is established: by the signature that came with the act, else declared.

    A signature that does not carry the act is refused (`engine.signing`), so none is ever kept for more than it is.
    """
    return "declared" if s.command.signature is None else "sshsig"


def own_approval_counts(s: Situation) -> bool | Reason:
    """Only an approval of the current version that still stands can be withdrawn."""
    decider = s.authority.decider if s.authority else None
    for act in reversed(acts_on_current(s)):
        if (act.kind, act.party) == ("approval", decider):
            return act.outcome == "approved" or because("nothing_to_withdraw", who=decider)
    return because("nothing_to_withdraw", who=decider)


def acts_on_current(s: Situation) -> Sequence[Approval]:
    """Every act on the current version, in the order of the log."""
    version = s.version
    return tuple(a for a in s.approvals if version and a.version_leaf in {version.leaf, version.source})


def version_json(version: Version) -> dict[str, Json]:
    """A version as the event carries it."""
    return {
        "number": version.number, "documents": to_json(version.documents), "seats": to_json(version.seats),
        "base": version.base, "source": version.source, "proposer": version.proposer, "author": version.author,
        "rules": {kind: to_json(rule) for kind, rule in version.rules.items()},
    }  # fmt: skip


def act_json(act: Approval) -> dict[str, Json]:
    """An act as the event carries it."""
    return {
        "kind": act.kind, "party": act.party, "version": act.version, "leaf": act.version_leaf,
        "outcome": act.outcome, "office": act.office, "person": act.person, "capacity": act.capacity,
        "mandate": act.mandate, "assurance": act.assurance,
    }  # fmt: skip


def _mandate_of(authority: Authority) -> str | None:
    """The evidence of the authority: the delegation, else the holding, by which it was decided."""
    if authority.mandate is not None:
        return authority.mandate.leaf
    return authority.decided_by.leaf if authority.decided_by else None


def _names(given: str, version: Version) -> bool:
    text = given.strip().lower()
    if text.isdigit() and len(text) < SHORTEST_PREFIX:
        return int(text) == version.number
    return len(text) >= SHORTEST_PREFIX and version.leaf.startswith(text)


def how_it_fell(decision: Decision, point: int, came_out: Finding) -> Reason:
    """How a vote fell: it could not be, it fell as recorded, or it carried by the body's rule, not by the version's."""
    if came_out.what.code not in {"vote_of", "recorded_as_fallen", "votes_not_on_record"}:
        return came_out.what
    if decision.points[point - 1].outcome == "carried":
        return because("fell_by_its_rule", decision=decision.id, point=point)
    return because("point_fell", decision=decision.id, point=point)
