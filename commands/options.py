"""The options of a step, made from its form: what a new workflow asks for needs no code here.

Values reach the form as the strings they were written as, so the form's own checks name every fault at once; click
only splits the line, offers choices and refuses options nobody asks for.
"""

from __future__ import annotations

import click

from engine.definition import Workflow
from engine.field import Field, Kind, option
from engine.form import questions
from engine.role import PERSONS
from engine.situation import NEW

FIELD = "field_"
"""Before the names of a form's fields among a command's parameters, so that they cannot meet the common options."""

SINGLE = frozenset(
    {"secretariat", "initiator's secretariat", "leader", "member", "implementer", "follow_up", "mandate_holder",
     "signatory", "municipality", "overrider", "clock", "effect"}
)  # fmt: skip
"""The roles that are always offices. A step that only these decide is never put to a vote."""

NOT_ASKED = frozenset({Kind.PLAIN, Kind.SEAT})
"""What only other cases hand over."""


def step_parameters(workflow: Workflow, step: str) -> list[click.Parameter]:
    """Everything a step can be given on the command line."""
    form = workflow.form(step)
    asked = [_asked(question) for question in questions(form) if question.kind not in NOT_ASKED]
    judged = [_judged_version(), _signature()] if "version" in form.needs else []
    voted = ballot_options() if may_be_voted_on(workflow, step) else []
    overriding = [_override()] if may_be_overridden(workflow, step) else []
    case = case_argument(workflow, step)
    looked_at = [_seen()] if case else []
    return [*case, *asked, *judged, *common_options(), *voted, *overriding, *looked_at, *acting_options()]


def case_argument(workflow: Workflow, step: str) -> list[click.Parameter]:
    """The case a step is taken in: none where it only opens one, optional where it may."""
    sources = {source for row in workflow.by_step[step] for source in row.sources}
    if sources == {NEW}:
        return []
    return [click.Argument(["case"], metavar="CASE" if NEW not in sources else "[CASE]", required=NEW not in sources)]


def may_be_voted_on(workflow: Workflow, step: str) -> bool:
    """Whether a body can be the one that decides a step."""
    roles = {name for row in workflow.by_step[step] if PERSONS in row.by.drivers for name in row.by.name.split(" | ")}
    return not roles <= SINGLE


def may_be_overridden(workflow: Workflow, step: str) -> bool:
    """Whether a step has requirements that an override can set aside."""
    return any(row.overridable for row in workflow.by_step[step])


def common_options() -> list[click.Parameter]:
    """What every step can be given: who decides, when, by which decision or reference."""
    return [
        _text("--for", "decider", "OFFICE|BODY|PARTY", "Who decided; taken by itself if exactly one fits."),
        _text("--as", "office", "OFFICE", "The office you act in; taken by itself if exactly one fits."),
        _text("--on", "on", "DATE|unknown", "The date of the act, YYYY-MM-DD; today if left out."),
        _text("--ref", "ref", "TEXT", "The reference of the decision, as it was written (PS 80/19)."),
        _text("--decision", "decision", "ID", "A recorded decision it rests on (D-3; see `politirad decisions`)."),
        click.Option(["--point"], type=int, metavar="N", help="The point of that decision; the first if left out."),
    ]


def ballot_options() -> list[click.Parameter]:
    """A vote that is recorded together with the step."""
    return [
        _text("--votes", "votes", "N-N-N", "Record the body's vote with it: for, against and blank."),
        _text("--present", "present", "all|OFFICE,…", "The members present at the vote."),
        _text("--recused", "recused", "OFFICE,…", "Members who were disqualified and took no part."),
        _text("--deputy", "deputy", "OFFICE,…", "Recused or absent members whose deputies sat and voted."),
        _text("--reserved", "reserved", "OFFICE,…", "Members who opted out of what was decided; they cast no vote."),
        _text("--veto", "veto", "OFFICE,…", "Members who used a veto; they are among the votes against."),
        click.Option(
            ["--leader-for/--leader-against", "leader_for"], default=None, help="How the leader voted, if it was a tie."
        ),
        _text("--point-text", "point_text", "TEXT", "The point as it was worded; the step and case if left out."),
    ]


def acting_options() -> list[click.Parameter]:
    """What every changing command can be given: who acts, and how it is answered."""
    return [
        _text("--person", "person", "HANDLE", "Who you are, if not the person in the settings."),
        _text("--key", "key", "KEY", "Makes it safe to repeat: the same key and command answer as the first time."),
        click.Option(["--dry-run"], is_flag=True, help="Judge it and show what would be written; write nothing."),
        json_option(),
    ]


def json_option() -> click.Option:
    """`--json`."""
    return click.Option(["--json", "as_json"], is_flag=True, help="Answer in JSON.")


def answers(given: dict[str, object]) -> dict[str, object]:
    """The answers to a form among a command's parameters; what was not given is left out."""
    named = ((name.removeprefix(FIELD), value) for name, value in given.items() if name.startswith(FIELD))
    return {name: value for name, value in named if value not in (None, ())}


def _asked(question: Field) -> click.Option:
    name = "document" if question.kind is Kind.DOCUMENT else option(question.name)
    help_ = question.help.removesuffix(".")
    return click.Option(
        [f"--{name}", f"{FIELD}{question.name}"],
        type=click.Choice(question.choices) if question.choices else str,
        metavar=None if question.choices else _METAVARS[question.kind],
        multiple=question.many,
        help=f"{help_}. Required." if question.required else f"{help_}.",
    )


def _judged_version() -> click.Option:
    return _text("--version", "version", "N|HASH", "The version you have read: its number or the start of its hash.")


def _signature() -> click.Option:
    help_ = "The signature of whoever decides, over what `politirad statement` wrote; the two files lie side by side."
    return _text("--signature", "signature", "FILE.sig", help_)


def _override() -> click.Option:
    help_ = "Why a requirement is set aside. Erasable. Only the office that the profile's `overrides` names may."
    return _text("--override", "override", "TEXT", help_)


def _seen() -> click.Option:
    help_ = "The number of the newest event you saw (`log` shows it); if another came since, nothing is written."
    return click.Option(["--seen"], type=click.IntRange(min=1), metavar="N", help=help_)


def _text(name: str, parameter: str, metavar: str, help_: str) -> click.Option:
    return click.Option([name, parameter], metavar=metavar, help=help_)


_METAVARS = {
    Kind.TEXT: "TEXT", Kind.REMARK: "TEXT", Kind.DAY: "DATE", Kind.TIME: "HH:MM", Kind.NUMBER: "N",
    Kind.ID: "ID", Kind.PARTY: "OFFICE|BODY|PARTY", Kind.CHOICE: "CHOICE", Kind.DOCUMENT: "FILE",
}  # fmt: skip
