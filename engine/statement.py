"""What is signed of an act on a version: one line of canonical JSON, the same for whoever works it out. Pure.

    {"case":"A-1","decision":"approved","head":"…","kind":"approval", … ,"v":1,"version":"…"}

It says everything an approval rests on (audit.md §7), so that a signature over it is worth nothing for another
version, case, log, office or answer. `version`, `mandate`, `rule`, `vote` and `head` are leaf hashes: the text with its
annexes and its electorate, the holding or delegation, the rules the case is pinned to, a body's decision, and the
newest event of the case that the signer saw. `head` is not held against where the case stands when the act is taken:
others may have acted on the same version meanwhile. `on` is the date of the act: without it, whoever hands the
signature in could choose one. Never the event's own `n` and `prev`, which nobody knows when signing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from engine.errors import Reason
from engine.event import Json, canonical
from engine.evidence import ActForm, named_version
from engine.register import Id
from engine.ssh_wire import SignatureBlob

if TYPE_CHECKING:
    from datetime import date

    from engine.situation import Situation

FORMAT = 1


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What whoever signs an act says. `str()` is the exact text that is signed: no line break, no blank.

    `sha256` are the version's documents, in order; `decision` is the answer (`approved`, `signed` …) and `kind` what it
    answers; `party` is for whom, `office` through which; `vote` and `point` cite a body's decision.
    """

    origin: str
    case: str
    version: str
    sha256: tuple[str, ...]
    kind: str
    decision: str
    party: Id
    office: Id | None
    capacity: str | None
    mandate: str | None
    rule: str | None
    vote: str | None
    point: int | None
    on: str | None
    head: str
    v: int = FORMAT

    def __str__(self) -> str:
        return canonical(self.to_json())

    def to_json(self) -> dict[str, Json]:
        """The statement as an event carries it: anybody can write the signed text from it."""
        document: dict[str, Json] = msgspec.to_builtins(self)
        return document


@dataclass(frozen=True, slots=True)
class Signature:
    """A statement and the signature over it, as they were handed in: nothing of it is checked yet."""

    statement: Statement
    blob: SignatureBlob


@dataclass(frozen=True, slots=True)
class Signatory:
    """Whose signature an act needs: who decided it; where a body or an organisation did, who puts that on record.

    `on` is the local date on which key and office must hold: of the act; for whoever puts it on record, today.
    """

    person: str | None
    office: Id | None
    on: date


def statement_of(s: Situation) -> Statement:
    """The statement of an act that was judged: its version named and its authority known. Raises ValueError."""
    version = named_version(s)
    if not isinstance(s.form, ActForm) or isinstance(version, Reason):
        raise ValueError("only an act on a version that is named can be signed")  # noqa: TRY004  # a fault of ours
    act, cited = s.form.act(s), s.decision
    return Statement(
        origin=s.council.origin, case=s.case.id, version=version.leaf, kind=act.kind, decision=act.outcome,
        sha256=tuple(document.sha256 for document in version.documents), party=act.party,
        office=signatory(s).office, capacity=act.capacity, mandate=act.mandate, rule=s.case.profile,
        vote=cited.leaf if cited else None, point=act.point, on=s.dated, head=s.case.head,
    )  # fmt: skip


def statement_in(text: str) -> Statement:
    """The statement in a file. Raises ValueError, in words that follow the name of the file."""
    try:
        statement = msgspec.json.decode(text, type=Statement)
        same = str(statement) == text and statement.v == FORMAT
    except (msgspec.MsgspecError, ValueError) as error:
        raise ValueError("holds no statement; write it anew with `politirad statement`, and sign that") from error
    if not same:
        raise ValueError("was changed after `politirad statement` wrote it; write it anew, and sign that")
    return statement


def signatory(s: Situation) -> Signatory:
    """Whose signature the act of a situation needs."""
    authority = s.authority
    if authority is not None and authority.decided_by is not None:
        return Signatory(authority.decided_by.person, authority.decided_by.office, s.on)
    return Signatory(s.command.person, authority.office if authority else None, s.today)


def difference(signed: Statement, needed: Statement) -> str | None:
    """The first part in which two statements differ, `head` left out; None where there is none."""
    fields = (name for name in Statement.__struct_fields__ if name != "head")
    return next((name for name in fields if getattr(signed, name) != getattr(needed, name)), None)
