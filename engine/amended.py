"""What a correction may say of an event: a date that has come, a reference, and public texts of its form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from engine.definition import Workflow
from engine.errors import UsageError
from engine.event import Facts, Json
from engine.field import Kind, given, option, parse_day, parse_text
from engine.form import Form, questions
from engine.ports import Recorded
from engine.run import Run
from engine.situation import Case


def amended_by(run: Run, case: Case, wrong: Recorded, changes: Mapping[str, str]) -> dict[str, Json]:
    """The new values, each parsed like the field it amends. Dates a step exists to move are not amended."""
    form = _form_of(run.rules.of(case), wrong.event.data)
    public = {q.name: q for q in questions(form) if q.kind is Kind.TEXT and not q.many}
    amended: dict[str, Json] = {}
    for name, value in changes.items():
        if name == "on":
            amended["on"] = _past_day(run, value).isoformat()
        elif name == "ref" or name in public:
            amended[name] = given(f"--{option(name)}", parse_text, value)
        else:
            fields = ", ".join(("on", "ref", *public))
            raise UsageError(f"Event {wrong.event.n} has no text field {name!r} to correct. It has: {fields}.")
    if not amended:
        raise UsageError("Say what to correct: --on DATE, --ref TEXT or --text FIELD=VALUE.")
    return amended


def _past_day(run: Run, value: str) -> date:
    day, today = given("--on", parse_day, value), run.today
    if day > today:
        raise UsageError(f"{day} is in the future; a decision cannot be dated after today, {today}.")
    return day


def _form_of(workflow: Workflow, data: Facts) -> type[Form]:
    step = str(data["step"])
    return workflow.form(step) if step in workflow.by_step else Form
