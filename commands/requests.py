"""From what was written on the command line to what the service is asked: names resolved, documents described."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from commands.given import Given, day_or_unknown, kept, known_office, number, offices_of, text
from commands.naming import not_found
from commands.options import FIELD, answers
from commands.signed import signature_in
from engine.authority import decides_for
from engine.entry import Entry
from engine.errors import UsageError
from engine.field import Field, Kind, parse_text
from engine.form import questions
from engine.sitting import ALL, PointVote, Sitting
from engine.situation import Command

if TYPE_CHECKING:
    from commands.wiring import Setup
    from engine.definition import Workflow
    from engine.register import Id, Register
    from store.reader import SqlReader

OF_A_VOTE = ("present", "recused", "deputy", "reserved", "veto", "leader_for", "point_text")
"""What says more about a vote written beside a step."""


@dataclass(frozen=True, slots=True)
class Request:
    """A step as the service is asked for it: the command, its files by SHA-256, and a vote recorded with it."""

    command: Command
    files: Mapping[str, Path]
    ballot: tuple[Sitting, Entry] | None


def requested(setup: Setup, workflow: Workflow, step: str, given: Given) -> Request:
    """What a command line asks for. Raises `UsageError`, and `NotFoundError` for names nobody knows."""
    signature = signature_in(path) if (path := text(given, "signature")) else None
    on, unknown = day_or_unknown(text(given, "on") or (signature.statement.on if signature else None))
    answered = answers(given)
    with setup.reading() as reader:
        person = setup.actor(reader, text(given, "person"))
        check_names(reader.council().register, workflow, step, given, answered)
        check_members(reader, on, *(text(given, name) for name in ("present", "recused", "deputy", "reserved", "veto")))
    form, files = with_documents(workflow, step, answered)
    command = Command(
        workflow=workflow.name, step=step, case=text(given, "case"), person=person, office=text(given, "office"),
        decider=text(given, "decider"), on=on, on_unknown=unknown, ref=kept(given, "ref"),
        decision=text(given, "decision"), point=number(given, "point"), version=text(given, "version"), form=form,
        override=kept(given, "override"), signature=signature, key=kept(given, "key"), seen=number(given, "seen"),
    )  # fmt: skip
    sitting = _sitting(setup, command, given)
    if sitting is None:
        return Request(command, files, None)
    if signature is not None:
        raise UsageError("--votes: record the vote first (`politirad decide`): what is signed cites it by --decision.")
    held = None if unknown else on or setup.today
    return Request(
        command,
        files,
        (
            sitting,
            Entry(person=person, office=command.office, on=held, ref=command.ref, reason=text(given, f"{FIELD}reason")),
        ),
    )


def check_names(
    register: Register, workflow: Workflow, step: str, given: Given, form: Mapping[str, object]
) -> None:  # fmt: skip
    """Refuse offices, bodies, parties and organisations nobody knows. Raises `NotFoundError` with the nearest ones."""
    if office := text(given, "office"):
        known_office(register, office)
    named = [(q.kind, name) for q in questions(workflow.form(step)) for name in _listed(form.get(q.name))]
    for office in (name for kind, name in named if kind is Kind.ID):
        known_office(register, office)
    decider = text(given, "decider")
    for name in (*([decider] if decider else []), *(name for kind, name in named if kind is Kind.PARTY)):
        _known_decider(register, name)


def check_members(reader: SqlReader, on: date | None, *written: str | None) -> None:
    """Refuse members of a body whom neither the register knows nor knew on the local date of the vote.

    Each list is as it was written on the command line; `all` names nobody. Raises `NotFoundError`.
    """
    named = [office for listed in written if listed != "all" for office in offices_of(listed)]
    if not named:
        return
    register = reader.council().register
    then = reader.register_on(on) if on else register
    for office in named:
        if office not in then.offices:
            known_office(register, office)


def _known_decider(register: Register, name: str) -> None:
    deciders = (*register.offices, *register.bodies, *register.parties, *register.organisations)
    if name not in deciders:
        raise not_found("office, body or party", name, deciders, "See `politirad office list`.")


def with_documents(
    workflow: Workflow, step: str, form: Mapping[str, object]
) -> tuple[Mapping[str, object], Mapping[str, Path]]:  # fmt: skip
    """The form with its files described by their content, and the files by SHA-256 (hex).

    Raises `NotFoundError` where there is no such file, `UsageError` where it cannot be a document.
    """
    question = next(q for q in questions(workflow.form(step)) if q.name == "documents")
    paths = [Path(path) for path in _listed(form.get("documents"))]
    described = [_described(path, _role(question, at)) for at, path in enumerate(paths)]
    files = {str(document["sha256"]): path for document, path in zip(described, paths, strict=True)}
    return ({**form, "documents": described} if described else form), files


def _role(question: Field, at: int) -> str:
    """A version's first document is its text, the others are annexes; elsewhere all are evidence."""
    return "annex" if question.role == "text" and at else question.role


def _described(path: Path, role: str) -> dict[str, object]:
    from store.documents import pieces_of

    digest, size = hashlib.sha256(), 0
    for piece in pieces_of(path):
        digest.update(piece)
        size += len(piece)
    try:
        name = parse_text(path.name)
    except ValueError as error:
        raise UsageError(f"--document: the file's name {error}.") from None
    return {"sha256": digest.hexdigest(), "name": name, "role": role, "size": size}


def _listed(value: object) -> Iterable[str]:
    if isinstance(value, str):
        return (value,)
    return (str(item) for item in value) if isinstance(value, list | tuple) else ()


def _sitting(setup: Setup, command: Command, given: Given) -> Sitting | None:
    """The vote written beside the step, if there is one. Raises `UsageError` where it is not clear whose it is."""
    votes = text(given, "votes")
    if votes is None:
        if stated := next((name for name in OF_A_VOTE if given.get(name) is not None), None):
            raise UsageError(f"--{stated.replace('_', '-')} describes a vote: add --votes N-N-N.")
        return None
    if command.decision is not None:
        raise UsageError("Give either --decision, for a vote that is recorded already, or --votes, to record it now.")
    body = _voting_body(setup, command)
    leader = given.get("leader_for")
    worded = text(given, "point_text") or point_text(command)
    recused, deputies, reserved, vetoed_by = (
        offices_of(text(given, name)) for name in ("recused", "deputy", "reserved", "veto")
    )
    vote = PointVote(
        worded, tally(votes), leader if isinstance(leader, bool) else None, reserved=reserved, vetoed_by=vetoed_by
    )
    return Sitting(body, present_at(text(given, "present"), deputies), recused, (vote,), deputies)


def _voting_body(setup: Setup, command: Command) -> Id:
    """The body that votes: that of whoever decides, for a version as it was when the version was proposed."""
    explained = setup.service.explain(setup.council, replace(command, ref=command.ref or "-"))
    authority, s = explained.verdict.authority, explained.situation
    decider = command.decider or (authority.decider if authority else None)
    if decider is None:
        raise UsageError("--votes: say with --for which body voted.")
    if (body := decides_for(decider, s)) not in s.council.register.bodies:
        raise UsageError(f"--votes: {decider} decides alone, not by vote. Leave --votes out.")
    return body


def present_at(written: str | None, deputies: tuple[Id, ...] = ()) -> tuple[Id, ...] | None:
    """Those present at a body's sitting, members whose deputies sat among them.

    Everybody who could vote for `all`, None where nobody said.
    """
    if written == "all":
        return ALL
    return None if written is None else tuple(dict.fromkeys((*offices_of(written), *deputies)))


def tally(votes: str) -> tuple[int, int, int]:
    """Votes for, against and blank, written `12-0-1` or `12-0`. Raises `UsageError`."""
    parts = votes.split("-")
    if len(parts) not in (2, 3) or not all(part.isascii() and part.isdigit() and len(part) < 5 for part in parts):  # noqa: PLR2004  # for, against and perhaps blank
        raise UsageError(f"--votes: write for-against-blank, for instance 12-0-1, not {votes!r}.")
    for_, against, blank = (*map(int, parts), 0)[:3]
    return for_, against, blank


def point_text(command: Command) -> str:
    """How a point is worded when nobody says: the step, the case and the version."""
    version = f", version {command.version}" if command.version else ""
    return f"{command.step.replace('_', ' ')} {command.case or command.workflow}{version}"
