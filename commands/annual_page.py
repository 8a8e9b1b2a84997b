"""The annual report as one self-contained page, for reading, sending and printing (WCAG 2.1 AA).

It looks like the follow-up report and keeps its promises: language, headings, tables with headers in both directions
that scroll within themselves and by keyboard, delays and breaches in words. Every word passes through `_shown`,
whoever wrote it.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from commands.annual_cells import about, counted, heading_of, said, sections_of
from commands.follow_up_page import STYLE
from commands.output import safe
from commands.page_head import page_head

if TYPE_CHECKING:
    from commands.annual_cells import Cell, Section
    from workflows.annual_rows import AnnualReport
    from workflows.report_words import ReportWords


def page(report: AnnualReport, words: ReportWords) -> str:
    """The report as HTML."""
    heading = _shown(heading_of(report, words))
    head = "".join(f"<dt>{_shown(name)}</dt><dd>{_shown(value)}</dd>\n" for name, value in about(report, words))
    numbers = "".join(f'<p class="counts">{_shown(line)}</p>\n' for line in counted(report, words))
    body = "\n".join(_section(section, words) for section in sections_of(report, words))
    return (
        f"{page_head(_shown(words.language), f'{heading}, {_shown(report.name)}', STYLE)}\n<main>\n"
        f"<h1>{heading}</h1>\n<dl>\n{head}</dl>\n{numbers}{body}\n</main>\n</body>\n</html>\n"
    )


def _section(section: Section, words: ReportWords) -> str:
    """A section under its heading; what nobody may overlook in a frame, as a list."""
    heading = f'<h2 id="{section.name}">{_shown(said(words, section.name))}</h2>'
    if section.alarming:
        listed = "".join(f"<li>{_shown(line)}</li>" for line in section.lines)
        return f'<section class="{section.name}">{heading}<ul>{listed}</ul></section>'
    table = [_table(section, words)] if section.rows else []
    return "\n".join([f"<section>{heading}", *([_lines(section.lines)] if section.lines else []), *table, "</section>"])


def _table(section: Section, words: ReportWords) -> str:
    """The rows as a table, named by the section's heading."""
    heads = "".join(f'<th scope="col">{_shown(said(words, column))}</th>' for column in section.columns)
    return "\n".join(
        [
            f'<div class="scroll" role="region" aria-labelledby="{section.name}" tabindex="0">',
            f'<table aria-labelledby="{section.name}">\n<thead><tr>{heads}</tr></thead>\n<tbody>',
            *(_row(first, others, words) for first, *others in section.rows),
            "</tbody>\n</table>\n</div>",
        ]
    )


def _row(first: Cell, others: Iterable[Cell], words: ReportWords) -> str:
    nothing = (words.heading("nothing"),)
    told = "".join(f"<td>{_lines(cell or nothing)}</td>" for cell in others)
    return f'<tr><th scope="row">{_lines(first)}</th>{told}</tr>'


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"<p>{_shown(line)}</p>" for line in lines)


def _shown(text: str) -> str:
    """A text as it is to be seen: nothing in it is markup, and nothing turns the direction of what follows."""
    return escape(safe(text))
