"""The steps of every workflow as commands, generated from the tables: `politirad measure implement M-3 --done "…"`.

Steps are written with hyphens and understood with underscores too, as the tables and the log write them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, partial
from importlib import import_module
from typing import TYPE_CHECKING

import click

from commands import tables
from commands.naming import not_found

if TYPE_CHECKING:
    from engine.definition import Workflow
    from engine.errors import NotFoundError


class WorkflowGroup(click.Group):
    """The steps of one workflow that persons can take, and what else belongs to it.

    `extra` names further commands as `module:attribute`.
    """

    def __init__(self, name: str, help_: str, extra: Mapping[str, str] | None = None) -> None:
        super().__init__(name, help=help_)
        self.extra = extra or {}

    @cached_property
    def workflow(self) -> Workflow:
        """The workflow, imported now."""
        return tables.workflow(str(self.name))

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """The steps in the order of the table, then the rest."""
        steps = (step for step in self.workflow.by_step if is_taken_by_persons(self.workflow, step))
        return [*map(written, steps), *self.extra]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a step."""
        if cmd_name in self.extra:
            module, _, attribute = self.extra[cmd_name].partition(":")
            command: click.Command = getattr(import_module(module), attribute)
            return command
        step = cmd_name.replace("-", "_")
        known = step in self.workflow.by_step and is_taken_by_persons(self.workflow, step)
        return step_command(ctx, self.workflow, step) if known else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:  # fmt: skip
        """The command the arguments name. Raises `NotFoundError` with the nearest steps."""
        unknown = not args[0].startswith("-") and self.get_command(ctx, args[0]) is None
        if unknown and not ctx.resilient_parsing:
            raise unknown_step(self.workflow, args[0])
        return super().resolve_command(ctx, args)


class OpeningGroup(click.Group):
    """`politirad new WORKFLOW`: the step that opens a case."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """The workflows whose cases persons open."""
        return [name for name in tables.NAMES if opening_step(tables.workflow(name))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of the opening step. Raises `NotFoundError` for cases that open by themselves."""
        if ctx.resilient_parsing and cmd_name not in self.list_commands(ctx):
            return None  # a shell is completing the line, and wants no errors
        if cmd_name not in tables.NAMES:
            raise not_found("workflow", cmd_name, tables.NAMES, f"There are: {', '.join(tables.NAMES)}.")
        workflow = tables.workflow(cmd_name)
        if (step := opening_step(workflow)) is None:
            raise not_found("step for persons to open", cmd_name, (), _OPENED_BY[cmd_name])
        return step_command(ctx, workflow, step)


_OPENED_BY = {
    "amendment": "It opens with `politirad agreement request-amendment`.",
    "year": "The clock opens it: `politirad tick`.",
}


def written(step: str) -> str:
    """A step as it is written on the command line."""
    return step.replace("_", "-")


def is_taken_by_persons(workflow: Workflow, step: str) -> bool:
    """Whether a person can take the step at all."""
    return step in _steps_of_persons(workflow)


def opening_step(workflow: Workflow) -> str | None:
    """The first step by which a person opens a case."""
    return next((step for step in workflow.opening if step in workflow.steps_from("new")), None)


def unknown_step(workflow: Workflow, given: str) -> NotFoundError:
    """The error for a step that a workflow does not have, or that persons do not take."""
    if given.replace("-", "_") in workflow.by_step:
        return not_found(f"{workflow.name} step for persons called", given, (), "It is taken by itself.")
    steps = map(written, workflow.by_step)
    return not_found(f"{workflow.name} step", given, steps, f"See `politirad {workflow.name} --help`.")


def step_command(ctx: click.Context, workflow: Workflow, step: str) -> click.Command:
    """The command that takes a step."""
    from commands.options import step_parameters
    from commands.wiring import Setup
    from workflows.words import Words

    setup = ctx.find_object(Setup)  # there is none while a shell completes a line
    words = setup.words if setup else Words("en")
    return click.Command(
        written(step), params=step_parameters(workflow, step), callback=partial(_take, workflow, step),
        help=words.step(workflow.name, step),
    )  # fmt: skip


def _take(workflow: Workflow, step: str, **given: object) -> None:
    from commands.asked import Asked, note_asked
    from commands.receipts import print_receipt
    from commands.requests import requested
    from commands.wiring import setup_of

    setup, case = setup_of(click.get_current_context()), given.get("case")
    note_asked(Asked(workflow.name, case if isinstance(case, str) else None, as_json=bool(given["as_json"])))
    request = requested(setup, workflow, step, given)
    receipt = setup.service.advance(
        setup.council, request.command, files=request.files, ballot=request.ballot, dry_run=bool(given["dry_run"])
    )  # fmt: skip
    print_receipt(setup, receipt, as_json=bool(given["as_json"]))


def _steps_of_persons(workflow: Workflow) -> tuple[str, ...]:
    states = ("new", *map(str, workflow.states))
    taken = {step for state in states for step in workflow.steps_from(state)}
    return tuple(step for step in workflow.by_step if step in taken)


agreement = WorkflowGroup(
    "agreement", "The agreement: from wish and proposal to in force.",
    {"versions": "commands.versions:versions", "diff": "commands.versions:diff"},
)  # fmt: skip
amendment = WorkflowGroup("amendment", "An amendment: a wished change to the agreement, and the version it leads to.")
measure = WorkflowGroup("measure", "A measure: proposed, recommended, anchored, carried out, evaluated.")
meeting = WorkflowGroup("meeting", "A meeting of the police council: planned, summoned, held, minuted, approved.")
year = WorkflowGroup("year", "The council's year: its meetings, its evaluation, its report.")
new = OpeningGroup("new", help="Open a case.")
