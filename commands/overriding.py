"""The overrides on record in a case: which step, by which office, when and why. Every view of the case shows them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

import msgspec

from commands.register_names import name_of
from workflows.follow_up_rows import Override

if TYPE_CHECKING:
    from commands.acts import Names
    from engine.event import Facts
    from engine.ports import Recorded
    from engine.situation import Case
    from store.reader import SqlReader


def overrides_of(reader: SqlReader, case: Case, names: Names) -> tuple[Override, ...]:
    """A case's overrides, in order."""
    if not case.facts.get("overrides"):
        return ()
    return tuple(_override(reader, case, recorded, names) for recorded in reader.events(case.id) if _of(recorded))


def override_line(names: Names, one: Override) -> str:
    """An override in one line: the step, the date, the office, and the reason it gave."""
    words = names.setup.words
    on = one.on.isoformat() if one.on else words.phrase("date_unknown")
    why = words.phrase("erased") if one.reason is None else one.reason
    office = names.title(one.office, one.on.isoformat() if one.on else None)
    return words.phrase("override_line", step=one.step.replace("_", "-"), on=on, office=office, reason=why)


def override_json(one: Override) -> Mapping[str, bool | int | str | None]:
    """An override in JSON."""
    document: dict[str, bool | int | str | None] = msgspec.to_builtins(one)
    return document


def _of(recorded: Recorded) -> Facts | None:
    said = recorded.event.data.get("override")
    return said if isinstance(said, Mapping) else None


def _override(reader: SqlReader, case: Case, recorded: Recorded, names: Names) -> Override:
    from commands.history import commitments

    event, said = recorded.event, _of(recorded) or {}
    reasons, office = reader.remarks(commitments(recorded)), str(said["office"])
    on = date.fromisoformat(event.on) if event.on else None
    title = name_of(names.register, office, on or names.setup.today, names.setup.language)
    return Override(
        case.id, case.workflow, case.text("title"), str(said["step"]), office, title, on, event.n,
        next(iter(reasons.values()), None),
    )  # fmt: skip
