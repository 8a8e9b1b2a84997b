"""`politirad agreement versions` and `diff`: the versions of text and seats, and how two of them differ.

Text and Markdown are compared line by line; other formats, and texts too large to read at a glance, by their hash,
and that is said.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import TYPE_CHECKING

import click

from commands.output import dump, say, table, title
from commands.reading import as_of_option, asked_day, json_flag
from commands.receipts import LEAF
from commands.showing import version_json
from commands.wiring import setup_of
from engine.errors import NotFoundError

if TYPE_CHECKING:
    from commands.wiring import Setup
    from engine.acts import Version
    from engine.field import Document
    from engine.register import Seat
    from store.reader import SqlReader

LONGEST = 1024 * 1024
"""Bytes of a document that is still compared line by line."""

FORMATS = (".md", ".markdown", ".txt", ".text")

Pair = tuple["Document | None", "Document | None"]


@click.command()
@click.argument("case")
@as_of_option
@json_flag
@click.pass_context
def versions(ctx: click.Context, *, case: str, as_of: str | None, as_json: bool) -> None:
    """List the versions of CASE: their dates, hashes, documents and seats."""
    setup, past, _ = asked_day(ctx, as_of)
    with setup.reading(past) as reader:
        reader.case(case)
        found = reader.versions(case)
    if as_json:
        dump([version_json(version) for version in found])
        return
    if not found:
        say(setup.words.phrase("no_versions"))
        return
    headings = tuple(map(setup.words.phrase, ("version", "hash", "on", "made_from", "proposer", "seats", "documents")))
    table(headings, [_row(setup, version) for version in found])


@click.command()
@click.argument("case")
@click.argument("old")
@click.argument("new")
@json_flag
@click.pass_context
def diff(ctx: click.Context, *, case: str, old: str, new: str, as_json: bool) -> None:
    """Show how version NEW of CASE differs from version OLD, in its documents and its seats."""
    setup = setup_of(ctx)
    with setup.reading() as reader:
        known = reader.versions(case) if reader.case(case) else ()
        before, after = chosen(case, known, old), chosen(case, known, new)
        documents = [_document_lines(setup, reader, pair) for pair in paired(before, after)]
    seats = list(seat_lines(setup, before.seats, after.seats))
    if as_json:
        dump({"old": version_json(before), "new": version_json(after), "documents": documents, "seats": seats})
        return
    words = setup.words
    title(words.phrase("diff_heading", case=case, old=before.number, new=after.number))
    for line in (line for lines in documents for line in lines):
        say(line)
    say()
    title(words.phrase("seats"))
    for line in seats or [words.phrase("no_difference")]:
        say(line)


def chosen(case: str, known: Iterable[Version], named: str) -> Version:
    """A version by its number or the start of its hash. Raises `NotFoundError`."""
    known = tuple(known)
    found = [v for v in known if str(v.number) == named or (len(named) > LEAF // 2 and v.leaf.startswith(named))]
    if len(found) != 1:
        numbers = ", ".join(str(version.number) for version in known) or "none yet"
        raise NotFoundError(f"{case} has no version {named!r}. Its versions: {numbers}.")
    return found[0]


def paired(old: Version, new: Version) -> Iterator[Pair]:
    """The documents of two versions side by side: text with text, annexes by their names, the rest in order."""
    texts = [[d for d in version.documents if d.role == "text"] for version in (old, new)]
    yield from zip_longest(*texts)
    before, after = ({d.name: d for d in version.documents if d.role != "text"} for version in (old, new))
    for name in dict.fromkeys((*before, *after)):
        yield before.get(name), after.get(name)


def seat_lines(setup: Setup, old: Iterable[Seat], new: Iterable[Seat]) -> Iterator[str]:
    """The seats that fell away, came, or changed."""
    before, after = {seat.id: seat for seat in old}, {seat.id: seat for seat in new}
    for id_ in dict.fromkeys((*before, *after)):
        if before.get(id_) != after.get(id_):
            sides = (("-", before.get(id_)), ("+", after.get(id_)))
            yield from (f"{mark} {_seat(setup, seat)}" for mark, seat in sides if seat)


def _seat(setup: Setup, seat: Seat) -> str:
    bounds = str(seat.minimum) if seat.minimum == seat.maximum else f"{seat.minimum}-{seat.maximum}"
    standing = setup.words.phrase("permanent_seat" if seat.permanent else "summoned_seat")
    return f"{seat.id}: {bounds}, {standing}; {', '.join(seat.filled_by) or '-'}"


def _row(setup: Setup, version: Version) -> tuple[str, ...]:
    base = str(version.base) if version.base else ""
    on = version.on.isoformat() if version.on else setup.words.phrase("date_unknown")
    names = ", ".join(document.name for document in version.documents)
    permanent = sum(seat.permanent for seat in version.seats)
    seats = setup.words.phrase("seat_count", permanent=permanent, all=len(version.seats))
    return (str(version.number), version.leaf[:LEAF], on, base, version.proposer or "", seats, names)


def _document_lines(setup: Setup, reader: SqlReader, pair: Pair) -> list[str]:
    """How a document differs from the one in its place."""
    old, new = pair
    if old is not None and new is not None and old.sha256 == new.sha256:
        return [setup.words.phrase("same_document", name=new.name, hash=new.sha256[:LEAF])]
    before, after = (_readable(reader, document) for document in pair)
    if before is None or after is None:
        shown = (
            f"{mark} {d.name} ({d.sha256[:LEAF]}, {d.size} bytes)" for mark, d in zip("-+", pair, strict=True) if d
        )
        return [setup.words.phrase("by_hash"), *shown]
    names = [document.name if document else "/dev/null" for document in pair]
    return list(difflib.unified_diff(before, after, names[0], names[1], lineterm=""))


def _readable(reader: SqlReader, document: Document | None) -> list[str] | None:
    """A document's lines; None where it is no text of a readable length."""
    if document is None:
        return []
    if document.size > LONGEST or not document.name.lower().endswith(FORMATS):
        return None
    try:
        return b"".join(reader.document(document.sha256)).decode().splitlines()
    except UnicodeDecodeError:
        return None
