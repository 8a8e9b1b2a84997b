"""`politirad report`: reports for leaders and councils: the follow-up of decisions, and the annual report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import date
from functools import partial
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.acts import Names, corrections, effective, local_time
from commands.given import known_office
from commands.overriding import overrides_of
from commands.reading import as_of_option, asked_day
from commands.receipts import flags_of
from commands.register_names import name_of
from commands.saving import OUTPUT, hand_over
from commands.signed import registered_how
from workflows.follow_up import WORKFLOWS, belongs, breaches_of, concerns, in_force_of, lacks, row_of
from workflows.follow_up_rows import Act, Directory, Registered, Report

if TYPE_CHECKING:
    from commands.wiring import Setup
    from engine.acts import Decision
    from engine.holdings import CouncilState
    from engine.ports import Owed, Recorded
    from engine.register import Id
    from store.reader import SqlReader
    from workflows.follow_up_rows import Override, Row


@dataclass(frozen=True, slots=True)
class Asked:
    """What the report is to show: of one year, of one office, only what has not been implemented."""

    year: int | None
    office: Id | None
    plan_only: bool

    def shows(self, row: Row) -> bool:
        """Whether a case belongs in the report."""
        return (
            (self.year is None or belongs(row, self.year))
            and (self.office is None or concerns(row, self.office))
            and (not self.plan_only or lacks(row))
        )

    def tells(self, override: Override) -> bool:
        """Whether an override belongs in the report; one without a date belongs to every year."""
        return (self.year is None or override.on is None or override.on.year == self.year) and (
            self.office in {None, override.office}
        )


@click.group(no_args_is_help=True)
def report() -> None:
    """Write a report, on the terminal or to a file."""


YEAR = click.IntRange(1, 9998)
FORMAT = click.option("--format", "as_", type=click.Choice(["text", "html", "json"]), default="text",
                      show_default=True, help="How it is written.")  # fmt: skip


@report.command(name="follow-up")
@click.option("--year", type=YEAR, metavar="YEAR", help="Only what belongs to this year.")
@click.option("--plan", "plan_only", is_flag=True, help="Only what has not been implemented, with its plan.")
@click.option("--office", metavar="OFFICE", help="Only what this office answers for.")
@FORMAT
@OUTPUT
@as_of_option
@click.pass_context
def follow_up(
    ctx: click.Context, *, year: int | None, plan_only: bool, office: str | None, as_: str, output: Path | None,
    as_of: str | None,
) -> None:  # fmt: skip
    """Follow up what was decided: who answers for it, what was done, its effect, and what is still owed.

    A measure belongs to a year if it was decided, due, implemented or evaluated in it, or open at some time in it.
    """
    from commands.follow_up_page import page
    from commands.follow_up_text import print_json, print_text
    from workflows.report_words import ReportWords

    setup, past, today = asked_day(ctx, as_of)
    with setup.reading(past) as reader:
        made = made_of(setup, reader, Asked(year, office, plan_only), today)
    words = ReportWords(setup.language)
    _write(as_, output, text=partial(print_text, made, words), html=partial(page, made, words),
           json=partial(print_json, made))  # fmt: skip


@report.command(name="year")
@click.argument("number", type=YEAR, metavar="[YEAR]", required=False)
@FORMAT
@OUTPUT
@as_of_option
@click.pass_context
def year(ctx: click.Context, *, number: int | None, as_: str, output: Path | None, as_of: str | None) -> None:
    """Write the annual report: meetings, measures and their effect, what was not done, decisions, breaches.

    Without YEAR, of the newest year that is over or whose report is due; else of the current one.
    """
    from commands.annual import annual_record, asked_year
    from commands.annual_page import page
    from commands.annual_text import print_json, print_text
    from workflows.annual import annual_of
    from workflows.report_words import ReportWords

    setup, past, today = asked_day(ctx, as_of)
    with setup.reading(past) as reader:
        told = asked_year(reader.cases("year"), number, today)
        read = read_of(setup, reader, today)
        rows = tuple(row for name in WORKFLOWS for row in rows_of(read, name))
        made = annual_of(annual_record(told, read, rows))
    words = ReportWords(setup.language)
    _write(as_, output, text=partial(print_text, made, words), html=partial(page, made, words),
           json=partial(print_json, made))  # fmt: skip


def made_of(setup: Setup, reader: SqlReader, asked: Asked, today: date) -> Report:
    """The report over a council as a reader sees it. Raises `NotFoundError` for an office nobody knows."""
    council, read = reader.council(), read_of(setup, reader, today)
    if asked.office is not None:
        known_office(council.register, asked.office)
    directory = read.directory
    rows = {name: tuple(filter(asked.shows, rows_of(read, name))) for name in WORKFLOWS}
    breaches = breaches_of(reader.cases("year"))
    return Report(
        council=council.id, name=directory.name(council.register.council, today), on=today, events=reader.size(),
        year=asked.year, office=asked.office, plan_only=asked.plan_only,
        office_title=directory.name(asked.office, today) if asked.office else None,
        agreements=in_force_of(reader.cases("agreement"), council.register, directory, today),
        breaches=tuple(breach for breach in breaches if asked.year in {None, breach.year}),
        overrides=tuple(filter(asked.tells, read.overrides)),
        measures=rows["measure"], duties=tuple(r for r in (*rows["agreement"], *rows["amendment"]) if r.owed),
    )  # fmt: skip


def acts_of(
    events: Iterable[Recorded], decisions: Mapping[str, Decision], directory: Directory
) -> tuple[Act, ...]:  # fmt: skip
    """The steps of a case as they count now: corrected, those taken back left out."""
    events = tuple(events)
    corrected, taken_back = corrections(events), {recorded.event.data.get("annuls") for recorded in events}
    standing = (recorded for recorded in events if recorded.leaf not in taken_back)
    return tuple(_act(r, effective(r, corrected), decisions, directory) for r in standing if _is_step(r))


def _is_step(recorded: Recorded) -> bool:
    workflow = WORKFLOWS[recorded.event.workflow.partition("/")[0]]
    return str(recorded.event.data["step"]) in workflow.by_step


def _act(
    recorded: Recorded, told: tuple[str | None, str | None], decisions: Mapping[str, Decision], directory: Directory
) -> Act:  # fmt: skip
    event, (on, ref) = recorded.event, told
    cited, point = event.decision or {}, int(str((event.decision or {}).get("point") or 0))
    decision, acted = decisions.get(str(cited.get("id"))), event.data.get("approval")
    said = acted if isinstance(acted, Mapping) else None
    text = decision.points[point - 1].text if decision and 0 < point <= len(decision.points) else None
    return Act(
        str(event.data["step"]), event.type, date.fromisoformat(on) if on else None, event.decider, ref,
        decision.id if decision else None, point or None, text, str(said["outcome"]) if said else None,
        flags_of(recorded, without=["date_unknown"] if on else []), _registered(recorded, directory),
    )  # fmt: skip


def _registered(recorded: Recorded, directory: Directory) -> Registered | None:
    """Who put it on record, in an office as it was called that day."""
    actor, at = recorded.event.actor, date.fromisoformat(local_time(recorded.event.at)[:10])
    if actor.person is None:
        return None
    title = directory.name(actor.office, at) if actor.office else None
    return Registered(actor.office, title, directory.person(actor.person), registered_how(recorded.event))


@dataclass(frozen=True, slots=True)
class Read:
    """What the rows of the report are made from."""

    reader: SqlReader
    decisions: Mapping[str, Decision]
    directory: Directory
    overrides: tuple[Override, ...]
    today: date


def read_of(setup: Setup, reader: SqlReader, today: date) -> Read:
    """What the rows are made from, as a reader sees it."""
    names = Names.of(setup, reader)
    overrides = tuple(one for case in reader.cases() for one in overrides_of(reader, case, names))
    return Read(reader, names.decisions, _directory(names, reader.council(), today), overrides, today)


def rows_of(read: Read, workflow: str) -> Iterator[Row]:
    """The rows of a workflow's cases; what they owe and cite is read at once, not case by case."""
    owed: dict[str, list[Owed]] = {}
    for item in read.reader.todo():
        owed.setdefault(item.case, []).append(item)
    for case in read.reader.cases(workflow):
        acts = acts_of(read.reader.events(case.id), read.decisions, read.directory)
        own = tuple(override for override in read.overrides if override.case == case.id)
        yield row_of(case, acts, owed.get(case.id, ()), own, read.directory, read.today)


def _directory(names: Names, council: CouncilState, today: date) -> Directory:
    def name(id_: Id, day: date) -> str:
        return name_of(council.register, id_, day, names.setup.language)

    def holder(office: Id) -> str | None:
        holding = council.holdings.of(office, today)
        return None if holding is None else names.person(holding.person) or ""

    return Directory(name, names.person, holder)


def _write(
    as_: str, output: Path | None, *, text: Callable[[], None], html: Callable[[], str], json: Callable[[], None]
) -> None:  # fmt: skip
    """Write a report in a format, on the terminal or to a file."""
    if as_ == "html":
        hand_over(html(), output)
        return
    printing = json if as_ == "json" else text
    if output is None:
        printing()
        return
    with redirect_stdout(StringIO()) as written:
        printing()
    hand_over(written.getvalue(), output)
