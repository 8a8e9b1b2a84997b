"""Entries that a restored log begins with: under which name it goes on, and what was erased since the copy was made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.checkpoint import Checkpoint
from engine.entry import Entry, append
from engine.erasure import BLOCKED, ERASED, Erased, erase_again, erased_in
from engine.errors import NotFoundError
from engine.event import Json
from engine.key import base64_of
from engine.merkle import root_of
from engine.ports import Recorded
from engine.run import Run


@dataclass(frozen=True, slots=True)
class Lost:
    """What another log says was erased (each event by itself), and who is blocked at its end."""

    erased: tuple[Erased, ...] = ()
    blocked: tuple[str, ...] = ()


def lost_in(events: Iterable[Recorded]) -> Lost:
    """What a log says was erased and blocked, as far as somebody who lost it must know."""
    told = tuple(recorded for recorded in events if recorded.event.type.startswith("council.person_"))
    erased = (erased_in((recorded,)) for recorded in told if recorded.event.type == ERASED)
    return Lost(tuple(erased), tuple(erased_in(told).blocked))


def continue_log(run: Run, origin: str, known: Checkpoint, entry: Entry) -> Recorded:
    """Record that the log goes on under another name: what it was, what had been known of it, and the entry's reason.

    Nobody's office is asked for: whoever can put the file in place has the power, and the log says that it was used.
    """
    said: dict[str, Json] = {
        "origin": origin, "was": run.tx.council().origin, "size": run.tx.size(),
        "root": base64_of(root_of(run.tx.leaves())),
        "known": {"origin": known.origin, "size": known.size, "root": base64_of(known.root)},
    }  # fmt: skip
    form: Json = {"reason": {"remark": run.keep_remark(entry.reason or "")}}
    return append(run, run.tx.council(), "continued", {"continues": said, "form": form}, entry)


def erase_lost(run: Run, lost: Lost, entry: Entry) -> tuple[str, ...]:
    """Erase and block again what another log says, on record here too; the ids of those it concerned.

    What this log itself says of the kind is done again without a further event.
    """
    own = erased_in(run.tx.events())
    erase_again(run.tx, own, run.now)
    erased = [one for one in lost.erased if _is_new(run, one, own)]
    for one in erased:
        data: dict[str, Json] = {"person": {"id": one.persons[0]}, "remarks": one.remarks}
        append(run, run.tx.council(), ERASED.partition(".")[2], data, entry)
        erase_again(run.tx, one, run.now)
    gone = {person for one in (own, *erased) for person in one.persons}
    blocked = [person for person in lost.blocked if person not in {*own.blocked, *gone} and _is_known(run, person)]
    for person in blocked:
        _block(run, person, entry)
    return (*(one.persons[0] for one in erased), *blocked)


def _block(run: Run, person: str, entry: Entry) -> None:
    made = append(run, run.tx.council(), BLOCKED.partition(".")[2], {"person": {"id": person}}, entry)
    run.tx.block_person(person, made.leaf)


def _is_new(run: Run, erased: Erased, own: Erased) -> bool:
    """Whether an erasure finds anything here that this log has not erased itself."""
    person = erased.persons[0]
    return (person not in own.persons and _is_known(run, person)) or bool(run.tx.remarks(erased.remarks))


def _is_known(run: Run, person: str) -> bool:
    try:
        return run.tx.person(person).id == person
    except NotFoundError:
        return False
