"""Versions of texts, and the approvals that name them: kept for ever, left out of reads once annulled."""

from __future__ import annotations

from datetime import date
from typing import TypeAlias

import msgspec
from sqlalchemy import Index, select

from engine.field import Document
from engine.ports import Recorded
from engine.register import Seat
from engine.situation import Approval, Version
from store.link import Link, Reading, by, dump, insert_into, part
from store.schema import key, number, of_case, table, text

VersionRow: TypeAlias = "tuple[int, str, str | None, str, str, int | None, str | None, str | None, str | None]"
ApprovalRow: TypeAlias = "tuple[str, str, int, str, str, str | None, str | None, str, str | None]"

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
    text("annulled", optional=True),
    of_case(),
)
Index(None, approval.c.council, approval.c.case_id, approval.c.pos)

_VERSION = tuple(
    version.c[name] for name in ("number", "leaf", "day", "documents", "seats", "base", "source", "proposer", "author")
)
_VERSIONS = select(*_VERSION).where(*by(version, "case_id"), version.c.annulled.is_(None)).order_by(version.c.pos)
_PROPOSE = insert_into(version)

_APPROVAL = tuple(
    approval.c[name]
    for name in ("kind", "party", "version", "version_leaf", "outcome", "office", "person", "leaf", "day")
)
_APPROVALS = select(*_APPROVAL).where(*by(approval, "case_id"), approval.c.annulled.is_(None)).order_by(approval.c.pos)
_APPROVE = insert_into(approval)

_documents = msgspec.json.Decoder(tuple[Document, ...])
seats = msgspec.json.Decoder(tuple[Seat, ...])
"""Decodes seats, here and in the council's view."""


class TextReads(Reading):
    """Reading versions and approvals."""

    def versions(self, case: str) -> tuple[Version, ...]:
        """The versions of a case, oldest first, annulled ones left out."""
        return tuple(map(_version, self._rows(_VERSIONS, case_id=case)))

    def approvals(self, case: str) -> tuple[Approval, ...]:
        """Every act on versions of a case in the order of the log, annulled ones left out."""
        return tuple(map(_approval, self._rows(_APPROVALS, case_id=case)))


def project_version(link: Link, council: str, made: Recorded) -> None:
    """A new version of the case's text and seats."""
    event = made.event
    said = part(made, "version")
    link.run(
        _PROPOSE, council=council, leaf=made.leaf, pos=made.position, case_id=event.case, number=said["number"],
        day=event.on, documents=dump(said["documents"]), seats=dump(said["seats"]), base=said.get("base"),
        source=said.get("source"), proposer=said.get("proposer"), author=said.get("author"), annulled=None,
    )  # fmt: skip


def project_approval(link: Link, council: str, made: Recorded) -> None:
    """An act on a version: approved, rejected, signed."""
    event = made.event
    said = part(made, "approval")
    link.run(
        _APPROVE, council=council, leaf=made.leaf, pos=made.position, case_id=event.case, kind=said["kind"],
        party=said["party"], version=said["version"], version_leaf=said["leaf"], outcome=said["outcome"],
        office=said.get("office"), person=said.get("person"), day=event.on, annulled=None,
    )  # fmt: skip


def day_or_none(day: str | None) -> date | None:
    """A local date as a row holds it; None is unknown."""
    return None if day is None else date.fromisoformat(day)


def _version(row: VersionRow) -> Version:
    number_, leaf, day, documents, seated, base, source, proposer, author = row
    texts = _documents.decode(documents)
    return Version(number_, leaf, day_or_none(day), texts, seats.decode(seated), base, source, proposer, author)


def _approval(row: ApprovalRow) -> Approval:
    kind, party, number_, version_leaf, outcome, office, person, leaf, day = row
    return Approval(kind, party, number_, version_leaf, outcome, office, person, day_or_none(day), leaf)
