"""Versions of texts, and the approvals that name them: kept for ever, left out of reads once annulled."""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec
from sqlalchemy import Index, and_, bindparam, or_, select

from engine.acts import Approval, Spent, Version
from engine.field import Document
from engine.ports import Recorded
from engine.rule import Rule
from store.decisions import DECISION, decision, to_decision
from store.link import Link, Reading, by, dump, insert_into, part, value
from store.schema import key, number, of_case, table, text
from store.values import day_or_none, seats

VersionRow: TypeAlias = "tuple[Any, ...]"
ApprovalRow: TypeAlias = "tuple[Any, ...]"
"""An act with the decision it cites, or with nothing in its place."""

version = table(
    "version",
    key("leaf"),
    number("pos"),
    text("case_id"),
    number("number"),
    text("day", optional=True),
    text("documents"),
    text("seats"),
    number("base", optional=True),
    text("source", optional=True),
    text("proposer", optional=True),
    text("author", optional=True),
    text("rules"),
    text("annulled", optional=True),
    of_case(),
)
Index(None, version.c.council, version.c.case_id, version.c.pos)

approval = table(
    "approval",
    key("leaf"),
    number("pos"),
    text("case_id"),
    text("kind"),
    text("party"),
    number("version"),
    text("version_leaf"),
    text("outcome"),
    text("office", optional=True),
    text("person", optional=True),
    text("day", optional=True),
    text("capacity", optional=True),
    text("mandate", optional=True),
    text("assurance"),
    text("decision", optional=True),
    number("point", optional=True),
    text("annulled", optional=True),
    of_case(),
)
Index(None, approval.c.council, approval.c.case_id, approval.c.pos)
Index(None, approval.c.council, approval.c.decision)
Index(None, approval.c.council, approval.c.version_leaf)

_VERSION = tuple(
    version.c[name]
    for name in ("number", "leaf", "day", "documents", "seats", "base", "source", "proposer", "author", "rules", "pos")
)
_VERSIONS = select(*_VERSION).where(*by(version, "case_id"), version.c.annulled.is_(None)).order_by(version.c.pos)
_PROPOSE = insert_into(version)

_APPROVAL = tuple(
    approval.c[name]
    for name in (
        "kind", "party", "version", "version_leaf", "outcome", "office", "person", "day", "leaf", "capacity", "mandate",
        "assurance", "point", "pos",
    )
)  # fmt: skip
_CITED = and_(decision.c.council == approval.c.council, decision.c.leaf == approval.c.decision)
_TAKEN = select(version.c.source).where(*by(version, "case_id"), version.c.source.is_not(None))
_APPROVALS = (
    select(*_APPROVAL, *DECISION)
    .join_from(approval, decision, _CITED, isouter=True)
    .where(
        *by(approval),
        or_(approval.c.case_id == bindparam("case_id"), approval.c.version_leaf.in_(_TAKEN)),
        approval.c.annulled.is_(None),
    )
)
_SPENT = (
    select(approval.c.case_id, approval.c.version, approval.c.version_leaf, approval.c.party, approval.c.annulled)
    .where(*by(approval, "decision", "point"))
    .order_by(approval.c.pos)
)
_APPROVE = insert_into(approval)

_documents = msgspec.json.Decoder(tuple[Document, ...])
_rules = msgspec.json.Decoder(dict[str, Rule])


class TextReads(Reading):
    """Reading versions and approvals."""

    def versions(self, case: str) -> tuple[Version, ...]:
        """The versions of a case, oldest first, annulled ones left out."""
        return tuple(map(_version, self._rows(_VERSIONS, case_id=case)))

    def approvals(self, case: str) -> tuple[Approval, ...]:
        """Every act on versions of a case in the order of the log, annulled ones left out.

        For a version that was taken from an amendment these are the acts on it there too.
        """
        acts = map(_approval, self._rows(_APPROVALS, case_id=case))
        return tuple(sorted(acts, key=lambda act: act.at))

    def spent(self, decision: str, point: int) -> tuple[Spent, ...]:
        """Every act that rests on a point of a decision (its leaf), in whatever case, annulled ones included."""
        rows = self._rows(_SPENT, decision=decision, point=point)
        return tuple(Spent(case, number_, leaf, party, gone is not None) for case, number_, leaf, party, gone in rows)


def project_version(link: Link, council: str, made: Recorded) -> None:
    """A new version of the case's text and seats."""
    event = made.event
    said = part(made, "version")
    link.run(
        _PROPOSE, council=council, leaf=made.leaf, pos=made.position, case_id=event.case, number=said["number"],
        day=event.on, documents=dump(said["documents"]), seats=dump(said["seats"]), base=said.get("base"),
        source=said.get("source"), proposer=said.get("proposer"), author=said.get("author"),
        rules=dump(said.get("rules") or {}), annulled=None,
    )  # fmt: skip


def project_approval(link: Link, council: str, made: Recorded) -> None:
    """An act on a version: approved, rejected, signed."""
    event = made.event
    said, cited = part(made, "approval"), event.decision or {}
    authority = part(made, "authority") if event.data.get("authority") else {}
    link.run(
        _APPROVE, council=council, leaf=made.leaf, pos=made.position, case_id=event.case, kind=said["kind"],
        party=said["party"], version=said["version"], version_leaf=said["leaf"], outcome=said["outcome"],
        office=said.get("office"), person=said.get("person"), day=event.on,
        capacity=said.get("capacity", authority.get("capacity")), mandate=said.get("mandate"),
        assurance=said.get("assurance", "declared"), decision=value(cited.get("leaf")),
        point=value(cited.get("point")), annulled=None,
    )  # fmt: skip


def _version(row: VersionRow) -> Version:
    number_, leaf, day, documents, seated, base, source, proposer, author, rules, at = row
    texts, fixed, sat = _documents.decode(documents), _rules.decode(rules), seats.decode(seated)
    return Version(number_, leaf, day_or_none(day), texts, sat, base, source, proposer, author, fixed, at)


def _approval(row: ApprovalRow) -> Approval:
    act, rest = row[: len(_APPROVAL)], row[len(_APPROVAL) :]
    kind, party, number_, version_leaf, outcome, office, person, day, leaf, *grounds = act
    capacity, mandate, assurance, point, at = grounds
    cited = to_decision(rest) if rest[0] is not None else None
    return Approval(
        kind, party, number_, version_leaf, outcome, office, person, day_or_none(day), leaf, capacity, mandate,
        assurance, cited.id if cited else None, point, cited.ballot(point) if cited else None, at,
    )  # fmt: skip
