"""`politirad log`: everything that happened in a case, in order: who did what, in which capacity, on what grounds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from commands.acts import (
    Names,
    act_json,
    based_on,
    corrections,
    decided_by,
    decided_for,
    effective,
    local_time,
    put_off,
    registered_by,
)
from commands.decisions import point_line
from commands.output import Printable, dump, pairs, safe, say, title
from commands.reading import as_of_option, asked_day, json_flag
from commands.receipts import LEAF, flags_of, on_what
from commands.signed import key_lines, signed_by

if TYPE_CHECKING:
    from engine.event import Facts, Json
    from engine.ports import Recorded

NOT_TEXTS = ("documents", "reason", "seats", "taken_from", "base")
"""Answers of a form that have a line of their own, or none."""

WRITERS = ("author",)
"""Answers that are a person's id: their name is told, as long as it is known."""

APART = ("registered_by_another", "override")
"""Flags that another line says already."""


@click.command()
@click.argument("case")
@as_of_option
@json_flag
@click.pass_context
def log(ctx: click.Context, *, case: str, as_of: str | None, as_json: bool) -> None:
    """Everything that happened in CASE: who did what, for whom, on which version, by which reference.

    CASE may be C, the council itself: its rules, persons, offices, decisions and refused attempts.
    """
    setup, past, _ = asked_day(ctx, as_of)
    with setup.reading(past) as reader:
        heading = reader.case(case).text("title")
        events = list(reader.events(case))
        names = Names.of(setup, reader)
        remarks = reader.remarks(said for recorded in events for said in commitments(recorded))
        causes = {recorded.leaf: reader.event(recorded.event.cause) for recorded in events if recorded.event.cause}
    corrected, annulled = corrections(events), annulments(events)
    if as_json:
        dump([_json(names, recorded, remarks, corrected, annulled) for recorded in events])
        return
    title(f"{case}  {heading}" if heading else case)
    for recorded in events:
        on = dated(recorded, corrected) or setup.words.phrase("date_unknown")
        say(f"{recorded.event.n:>3}  {on}  {setup.words.event(recorded.event.type)}{on_what(setup.words, recorded)}")
        because = _because(names, recorded, causes.get(recorded.leaf))
        pairs((*because, *_lines(names, recorded, remarks, corrected, annulled)), indent=5)


def dated(recorded: Recorded, corrected: Mapping[str, Facts]) -> str | None:
    """The date of an event; of an entry that needs none, the day it was registered. None where it is unknown."""
    event = recorded.event
    entry = event.type.startswith("council.") and event.type != "council.decided"
    return effective(recorded, corrected)[0] or (local_time(event.at)[:10] if entry else None)


def commitments(recorded: Recorded) -> Iterable[str]:
    """The commitments to erasable remarks in an event's form."""
    for answer in _form(recorded).values():
        if isinstance(answer, Mapping) and isinstance(said := answer.get("remark"), str):
            yield said


def annulments(events: Iterable[Recorded]) -> dict[str, int]:
    """The leaves of annulled events, each with the number of the event that took it back."""
    return {str(leaf): r.event.n for r in events if (leaf := r.event.data.get("annuls"))}


def _because(names: Names, recorded: Recorded, cause: Recorded | None) -> Iterable[tuple[str, str]]:
    """The event of another case that led to this one."""
    if cause is not None and cause.event.case != recorded.event.case:
        words, event = names.setup.words, cause.event
        what = words.phrase("cause", case=event.case, n=event.n, what=words.event(event.type))
        yield words.phrase("follows_from"), safe(what)


def _lines(
    names: Names, recorded: Recorded, remarks: Mapping[str, str], corrected: Mapping[str, Facts],
    annulled: Mapping[str, int],
) -> Sequence[tuple[str, str]]:  # fmt: skip
    words = names.setup.words
    lines = [
        (words.phrase("decided_by"), decided_by(names, recorded)),
        (words.phrase("signature"), signed_by(names, recorded)),
        (words.phrase("on_behalf_of"), decided_for(recorded)),
        (words.phrase("reference"), based_on(names, recorded, corrected)),
        *((words.label("fact", name), text) for name, text in _texts(names, recorded)),
        (words.phrase("documents"), ", ".join(_documents(recorded))),
        (words.phrase("reason"), _reason(names, recorded, remarks)),
        *((words.phrase("override"), text) for text in _overridden(names, recorded)),
        *((words.phrase("entry"), text) for text in _entry(names, recorded)),
        *((words.phrase("refused_because"), text) for text in _refusal(names, recorded)),
        (words.phrase("registered_by"), registered_by(names, recorded)),
        *((words.phrase("mind"), words.label("flag", flag)) for flag in flags_of(recorded, without=APART)),
        *((words.phrase("mind"), text) for text in _since(names, recorded, corrected, annulled)),
    ]
    return [(name, safe(value)) for name, value in lines if value]


def _form(recorded: Recorded) -> Facts:
    form = recorded.event.data.get("form")
    return form if isinstance(form, Mapping) else {}


def _texts(names: Names, recorded: Recorded) -> Iterable[tuple[str, str]]:
    """The public answers of the form."""
    for name, answer in _form(recorded).items():
        if name in WRITERS:
            yield name, names.person(str(answer)) or str(answer)
        elif name not in NOT_TEXTS and not isinstance(answer, Mapping):
            yield name, names.setup.words.answer(name, answer)


def _documents(recorded: Recorded) -> Iterable[str]:
    documents = _form(recorded).get("documents")
    for document in documents if isinstance(documents, list | tuple) else ():
        if isinstance(document, Mapping):
            yield f"{document['name']} ({str(document['sha256'])[:12]})"


def _reason(names: Names, recorded: Recorded, remarks: Mapping[str, str]) -> str:
    said = list(commitments(recorded))
    return "; ".join(remarks.get(one, names.setup.words.phrase("erased")) for one in said)


def _overridden(names: Names, recorded: Recorded) -> Iterable[str]:
    """Of an override: the step and the office that allowed it, and every requirement it set aside."""
    from engine.errors import Reason

    said, words = recorded.event.data.get("override"), names.setup.words
    if not isinstance(said, Mapping):
        return
    office = names.title(str(said["office"]), recorded.event.on)
    yield words.phrase("overridden_by", step=str(said["step"]).replace("_", "-"), office=office)
    for one in said["set_aside"] if isinstance(said["set_aside"], list | tuple) else ():
        if isinstance(one, Mapping) and isinstance(parameters := one["parameters"], Mapping):
            why = Reason(str(one["reason"]), dict(parameters))  # type: ignore[arg-type]  # as the override wrote them
            yield words.phrase("set_aside", what=f"{words.check(str(one['code']))}. {words.reason(why)}")


def _entry(names: Names, recorded: Recorded) -> Iterable[str]:
    """What an entry on the council's own case says: a person, an office and its holder, the points of a decision."""
    data = recorded.event.data
    if isinstance(person := data.get("person"), Mapping):
        yield names.person(str(person["id"])) or str(person["id"])
    if isinstance(holding := data.get("holding"), Mapping):
        who = names.person(str(holding["person"])) or names.setup.words.phrase("erased")
        until = holding.get("until") or names.setup.words.phrase("until_further_notice")
        period = names.setup.words.phrase("period", since=str(holding["since"]), until=str(until))
        yield f"{names.title(str(holding['office']), None)}: {who}, {period}"
    yield from key_lines(names, data)
    if isinstance(delegation := data.get("delegation"), Mapping):
        yield _delegation(names, delegation)
    if isinstance(revoked := data.get("revokes"), Mapping):
        of, to = names.title(str(revoked["of"]), None), names.title(str(revoked["to"]), None)
        yield names.setup.words.phrase("delegation_ended", of=of, to=to, on=str(revoked["until"]))
    if isinstance(snooze := data.get("snooze"), Mapping):
        yield put_off(names, snooze)
    if isinstance(ends := data.get("ends"), Mapping):
        yield names.setup.words.phrase("ended", holding=str(ends["holding"])[:LEAF], until=str(ends["until"]))
    if isinstance(decision := data.get("decision"), Mapping) and (known := names.decisions.get(str(decision["id"]))):
        yield from (f"{known.id} {at}. {point_line(names.setup, point)}" for at, point in enumerate(known.points, 1))


def _delegation(names: Names, given: Facts) -> str:
    """Which office may decide what for which other one, and from when to when."""
    words, scope = names.setup.words, given["scope"]
    until = given.get("until") or words.phrase("until_further_notice")
    return words.phrase(
        "delegated", to=names.title(str(given["to"]), None), of=names.title(str(given["of"]), None),
        scope=", ".join(map(str, scope)) if isinstance(scope, list | tuple) else "",
        period=words.phrase("period", since=str(given["since"]), until=str(until)),
    )  # fmt: skip


def _refusal(names: Names, recorded: Recorded) -> Iterable[str]:
    """The reasons in the record of a refused attempt."""
    from engine.errors import Reason

    attempt, reasons = recorded.event.data.get("attempt"), recorded.event.data.get("reasons")
    if not isinstance(attempt, Mapping) or not isinstance(reasons, list | tuple):
        return
    yield f"{attempt['workflow']} {attempt['step']} {attempt['case'] or ''}".strip()
    for reason in reasons:
        if isinstance(reason, Mapping) and isinstance(parameters := reason["parameters"], Mapping):
            known = Reason(str(reason["code"]), dict(parameters))  # type: ignore[arg-type]  # as `refuse` wrote them
            yield names.setup.words.reason(known, str(attempt["workflow"]), names.somebody)


def _since(
    names: Names, recorded: Recorded, corrected: Mapping[str, Facts], annulled: Mapping[str, int]
) -> Iterable[str]:  # fmt: skip
    """What later events did to this one."""
    if recorded.leaf in corrected:
        said = dict(corrected[recorded.leaf])
        by = str(said.pop("by"))
        yield names.setup.words.phrase("corrected_by", n=by)
        yield from _before_and_after(names, recorded, said)
    if recorded.leaf in annulled:
        yield names.setup.words.phrase("annulled_by", n=annulled[recorded.leaf])


def _before_and_after(names: Names, recorded: Recorded, said: Facts) -> Iterable[str]:
    """What was written first and what it was corrected to: both stay visible."""
    words, first = names.setup.words, {"on": recorded.event.on, "ref": recorded.event.ref, **_form(recorded)}
    for name, value in said.items():
        if name not in {"leaf", "n"}:
            old = words.answer(name, first[name]) if first.get(name) else words.phrase("none")
            yield f"{words.label('fact', name)}: {old} → {words.answer(name, value)}"


def _json(
    names: Names, recorded: Recorded, remarks: Mapping[str, str], corrected: Mapping[str, Facts],
    annulled: Mapping[str, int],
) -> Printable:  # fmt: skip
    event = recorded.event
    said: Json = [remarks.get(one) for one in commitments(recorded)]
    return {
        **act_json(names, recorded, corrected), "position": recorded.position, "from": event.data.get("from"),
        "to": event.data.get("to"), "form": event.data.get("form") or {}, "facts": event.data.get("facts") or {},
        "version": event.data.get("version"), "approval": event.data.get("approval"), "remarks": said,
        "corrects": event.data.get("corrects"), "override": event.data.get("override"),
        "cause": event.cause, "annulled_by": annulled.get(recorded.leaf), "attempt": event.data.get("attempt"),
        "reasons": event.data.get("reasons"),
    }  # fmt: skip
