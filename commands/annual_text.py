"""The annual report for a terminal, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from commands.annual_cells import about, counted, heading_of, said, sections_of
from commands.output import dump, pairs, say, say_hanging, say_wrapped, title

if TYPE_CHECKING:
    from commands.annual_cells import Section
    from workflows.annual_rows import AnnualReport
    from workflows.report_words import ReportWords


def print_text(report: AnnualReport, words: ReportWords) -> None:
    """Print the report: its head, then each section with what there is to say."""
    title(heading_of(report, words))
    pairs(about(report, words))
    say()
    for line in counted(report, words):
        say_wrapped(line)
    for section in sections_of(report, words):
        _print_section(section, words)


def print_json(report: AnnualReport) -> None:
    """Print the report as JSON: the names of `workflows.annual_rows`, dates as YYYY-MM-DD."""
    dump(msgspec.to_builtins(report))


def _print_section(section: Section, words: ReportWords) -> None:
    say()
    title(said(words, section.name).upper())
    for line in section.lines:
        say_hanging(f"  {line}" if section.alarming else line)
    nothing, headings = words.heading("nothing"), [said(words, column) for column in section.columns[1:]]
    for first, *others in section.rows:
        say()
        title(", ".join(first))
        pairs(
            [(name, "\n".join(cell) or nothing) for name, cell in zip(headings, others, strict=True)], indent=2
        )  # fmt: skip
