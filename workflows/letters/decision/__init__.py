"""What was decided in a case: by whom, when, and what the reader now owes, if anything."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from engine.judge import due_of
from engine.ladder import SILENT
from workflows.agreement import AGREEMENT
from workflows.amendment import AMENDMENT
from workflows.letters.content import Asked, Content, Item, Section, capital, sentence
from workflows.letters.naming import called, own_offices
from workflows.measure import MEASURE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.letter import Occasion
    from workflows.letters.sentences import Sentences

TABLES = {workflow.name: workflow for workflow in (AGREEMENT, AMENDMENT, MEASURE)}
"""The workflows that tell of decisions."""

TOLD = ("challenge", "goal", "done", "deadline", "in_force_on", "ends_on", "term_ends", "result")
"""The facts of a case that are told with a decision, where they are known; in this order."""

DAYS = frozenset({"deadline", "in_force_on", "ends_on", "term_ends"})
"""Those of them that are local dates."""

OFFICES = ("implementer", "follow_up")
"""The offices of a case that are told with a decision."""


def content(letter: Occasion, say: Sentences) -> Content:
    """What it says."""
    event, case = letter.recorded.event, letter.situation.case
    title = case.text("title") or say.words.label("workflow", case.workflow)
    return Content(
        subject=say("subject", title=title, happened=say.words.event(event.type)),
        paragraphs=(say(f"happened.{event.type}", title=title),),
        asked=asked(letter, say),
        sections=(
            Section(say("decision"), tuple(_decided(letter, say))),
            Section(capital(say.words.label("workflow", case.workflow)), tuple(_about(letter, say))),
        ),
    )


def asked(letter: Occasion, say: Sentences) -> Asked:
    """What the reader owes in the case as it stands, and by when; or that it is for information."""
    owed, why = own_duties(letter, say), say(f"why.{standing(letter)}")
    if not owed:
        return Asked(say("asked_nothing"), say("due_never"), say("answer_nothing"), why)
    days = [say.weekday(day) for _, day in owed]
    due = days[0] if len(owed) == 1 else "; ".join(f"{what}: {day}" for (what, _), day in zip(owed, days, strict=True))
    return Asked(" ".join(sentence(what) for what, _ in owed), sentence(due), say("answer"), why)


def own_duties(letter: Occasion, say: Sentences) -> tuple[tuple[str, date], ...]:
    """What the reader owes in the case, each with its local date, earliest first.

    What the clock does by itself is nobody's to do.
    """
    workflow, offices = TABLES[letter.situation.case.workflow], own_offices(letter)
    entries = (entry for entry in due_of(workflow, letter.situation) if isinstance(entry, dict))
    own = {
        (say.words.deadline(workflow.name, str(entry["name"])), date.fromisoformat(str(entry["on"])))
        for entry in entries
        if entry["office"] in offices and entry["ladder"] != SILENT
    }
    return tuple(sorted(own, key=lambda duty: duty[1]))


def standing(letter: Occasion) -> str:
    """What the reader has to do with the case: the key of the sentence that says so."""
    case, own = letter.situation.case, own_offices(letter)
    roles = [role for role in OFFICES if case.offices.get(role) in own]
    if case.workflow == "measure":
        return "both" if len(roles) > 1 else next(iter(roles), "measure")
    return case.workflow


def _decided(letter: Occasion, say: Sentences) -> Iterator[Item]:
    """Who decided, when, and where it is written; what followed by itself nobody decided."""
    event, register = letter.recorded.event, letter.situation.council.register
    on = date.fromisoformat(event.on) if event.on else None
    if event.decider:
        day = on or letter.situation.today
        yield Item(say("decided_by"), value=called(register, event.decider, day, say.language))
    yield Item(say("date"), value=say.day(on) if on else say("date_unknown"))
    if event.ref:
        yield Item(say.fact("ref"), value=event.ref)


def _about(letter: Occasion, say: Sentences) -> Iterator[Item]:
    """What is known of the case that the reader needs."""
    s = letter.situation
    for name in TOLD:
        day = s.case.day(name) if name in DAYS else None
        if told := say.day(day) if day else say.words.answer(name, s.case.text(name)):
            yield Item(say.fact(name), value=told)
    for role in OFFICES:
        if office := s.case.offices.get(role):
            yield Item(say.fact(role), value=called(s.council.register, office, s.today, say.language))
