"""What a changing command answers: one line per event, what followed by itself, and who owes what next by when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, cast

from commands.output import Printable, aligned, dump, safe, say, width, widths_of
from commands.register_names import titled

if TYPE_CHECKING:
    from commands.wiring import Setup
    from engine.event import Json
    from engine.ports import Recorded
    from engine.register import Register
    from engine.service import Receipt
    from workflows.words import Words

TOLD = ("registered_by_another", "override")
"""Flags that are no news to whoever typed the command, or that the line itself says."""

LEAF = 12
"""Hex digits of a hash that are shown: enough to name it."""


def print_receipt(setup: Setup, receipt: Receipt, *, as_json: bool) -> None:
    """Print what a command wrote, or would have written."""
    events = in_order(receipt)
    if as_json:
        dump(receipt_json(receipt))
        return
    words = setup.words
    if receipt.repeated:
        say(words.phrase("already_done"))
    for recorded in events:
        say(event_line(words, recorded))
        for flag in flags_of(recorded, without=TOLD):
            say("  " + words.phrase("note", what=words.label("flag", flag)))
    with setup.reading() as reader:
        register = reader.council().register
    _print_owed(setup, register, owed_after(events))
    if receipt.rehearsed:
        say(words.phrase("nothing_written"))


def event_line(words: Words, recorded: Recorded) -> str:
    """`A-1 proposed (version 1, 4f3a2b1c9d0e)`, and how it came about where no person did it."""
    event = recorded.event
    subject = _decision(recorded) or event.case
    by = {"auto": "by_itself", "effect": "as_a_consequence", "clock": "by_the_clock"}.get(event.actor.via)
    return f"{subject} {words.event(event.type)}{on_what(words, recorded)}{words.phrase(by) if by else ''}"


def on_what(words: Words, recorded: Recorded) -> str:
    """The version an event made or acted on, and for whom; empty for other events."""
    data = recorded.event.data
    if isinstance(version := data.get("version"), Mapping):
        return words.phrase("version_made", number=str(version["number"]), leaf=recorded.leaf[:LEAF])
    if isinstance(act := data.get("approval"), Mapping):
        return words.phrase(
            "act_made", party=str(act["party"]), number=str(act["version"]), leaf=str(act["leaf"])[:LEAF]
        )
    return ""


def owed_after(events: Iterable[Recorded]) -> list[tuple[str, str, Mapping[str, Json]]]:
    """What the touched cases owe after their last event: case, workflow, and the deadline as the event has it."""
    last = {recorded.event.case: recorded.event for recorded in events}
    return [
        (event.case, event.workflow.partition("/")[0], due)
        for event in last.values()
        for due in cast("list[Mapping[str, Json]]", event.data.get("due") or [])
    ]


def _print_owed(setup: Setup, register: Register, owed: list[tuple[str, str, Mapping[str, Json]]]) -> None:
    if not owed:
        return
    say(setup.words.phrase("owed_next"))
    ordered = sorted(owed, key=lambda item: (str(item[2]["on"]), item[0]))
    rows = [
        (
            f"  {due['on']}",
            case,
            safe(setup.words.deadline(workflow, str(due["name"]))),
            safe(titled(register, str(due["office"]), setup.today, setup.language)),
        )
        for case, workflow, due in ordered
    ]
    for line in aligned(rows, widths_of(rows), columns=width()):
        say(line)


def in_order(receipt: Receipt) -> list[Recorded]:
    """The events of a receipt in the order of the log."""
    return sorted(receipt.events, key=lambda recorded: recorded.position)


def receipt_json(receipt: Receipt) -> Printable:
    """A receipt in JSON."""
    events = in_order(receipt)
    return {
        "events": [_event_json(recorded) for recorded in events],
        "owed": [{"case": case, **due} for case, _, due in owed_after(events)],
        "repeated": receipt.repeated,
        "dry_run": receipt.rehearsed,
    }


def _event_json(recorded: Recorded) -> Printable:
    event = recorded.event
    version = event.data.get("version")
    return {
        "position": recorded.position, "case": event.case, "n": event.n, "type": event.type, "leaf": recorded.leaf,
        "on": event.on, "via": event.actor.via, "state": event.data.get("to"), "flags": list(flags_of(recorded)),
        "version": _number(version) if version else None, "decision": _decision(recorded),
    }  # fmt: skip


def flags_of(recorded: Recorded, *, without: Iterable[str] = ()) -> tuple[str, ...]:
    """What a reader must not miss about an event."""
    flags = cast("list[Json]", recorded.event.data.get("flags") or [])
    return tuple(str(flag) for flag in flags if flag not in tuple(without))


def _number(version: Json) -> int:
    return cast("int", version["number"]) if isinstance(version, Mapping) else 0


def _decision(recorded: Recorded) -> str | None:
    """The id a recorded decision was given."""
    decision = recorded.event.data.get("decision")
    return str(decision["id"]) if isinstance(decision, Mapping) else None
