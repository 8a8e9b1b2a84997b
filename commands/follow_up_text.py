"""The follow-up report for a terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from commands.follow_up_cells import (
    DUTY_COLUMNS,
    MEASURE_COLUMNS,
    about,
    breach_line,
    cells_of,
    counted,
    heading_of,
    override_line,
)
from commands.output import dump, pairs, say, say_hanging, say_wrapped, title

if TYPE_CHECKING:
    from workflows.follow_up_rows import Report, Row
    from workflows.report_words import ReportWords


def print_text(report: Report, words: ReportWords) -> None:
    """Print the report: its head, then each case with what there is to say of it."""
    title(heading_of(report, words))
    pairs(about(report, words))
    say()
    say(counted(report, words))
    for breach in report.breaches:
        say_wrapped(breach_line(breach, words))
    if report.overrides:
        title(words.heading("overrides").upper())
    for override in report.overrides:
        say_hanging(f"  {override_line(override, words)}")
    _print_rows("measures", report.measures, MEASURE_COLUMNS, words)
    _print_rows("duties", report.duties, DUTY_COLUMNS, words)


def print_json(report: Report) -> None:
    """Print the report as JSON: the names of `workflows.follow_up_rows`, dates as YYYY-MM-DD."""
    dump(msgspec.to_builtins(report))


def _print_rows(name: str, rows: Iterable[Row], columns: tuple[str, ...], words: ReportWords) -> None:
    rows = tuple(rows)
    say()
    title(words.heading(name).upper())
    if not rows:
        say(words.heading(f"no_{name}"))
    for row in rows:
        cells = cells_of(row, words)
        say()
        title(", ".join(cells["case"]))
        pairs([(words.heading(column), "\n".join(cells[column])) for column in columns], indent=2)
