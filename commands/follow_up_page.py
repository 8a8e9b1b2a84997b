"""The follow-up report as one self-contained page, for reading, sending and printing (WCAG 2.1 AA).

Language, caption, headers with scope and a column of row headers for a screen reader; states and delays in words,
colour and weight only repeat them; contrast of at least 7:1; wide tables scroll within themselves and by keyboard.
Every word passes through `_shown`, whoever wrote it.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

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
from commands.output import safe
from commands.page_head import page_head

if TYPE_CHECKING:
    from workflows.follow_up_rows import Report, Row
    from workflows.report_words import ReportWords

STYLE = """
:root { color-scheme: light; }
body { margin: 2rem auto; max-width: 96rem; padding: 0 1.5rem; background: #fff; color: #15191e;
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 1rem; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 .5rem; }
dl { display: grid; grid-template-columns: max-content auto; gap: .15rem 1.25rem; margin: 0 0 1rem; }
dt { font-weight: 600; }
dd { margin: 0; }
.counts { font-size: 1.1rem; margin: 1rem 0; }
.breaches, .overrides { border: 2px solid #8a1c1c; border-radius: .4rem; padding: .75rem 1rem; margin: 1rem 0; }
.breaches h2, .overrides h2 { margin: 0 0 .25rem; font-size: 1.1rem; }
.breaches ul, .overrides ul { margin: 0; padding-left: 1.2rem; }
.scroll { overflow-x: auto; }
.scroll:focus-visible { outline: 3px solid #1a4f8b; outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; min-width: 70rem; font-size: .92rem; line-height: 1.4; }
caption { text-align: left; font-size: 1.3rem; font-weight: 700; padding: 1.5rem 0 .6rem; }
th, td { text-align: left; vertical-align: top; padding: .6rem .7rem; border: 1px solid #7b8794;
  overflow-wrap: break-word; hyphens: auto; }
thead th { background: #e8edf2; border-bottom: 2px solid #3d4854; }
thead th:nth-child(2) { width: 19%; }
tbody th { font-weight: 400; background: #f5f7f9; }
tbody th p:first-child { font-weight: 700; }
tr.late td.when { border-left: 5px solid #8a1c1c; font-weight: 600; }
p { margin: 0; }
p + p { margin-top: .35rem; }
@page { size: A4 landscape; margin: 12mm; }
@media print {
  html { font-size: 75%; }
  body { margin: 0; padding: 0; max-width: none; }
  .scroll { overflow: visible; }
  .scroll + .scroll { break-inside: avoid; }
  table { min-width: 0; font-size: 8pt; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
  th, td { padding: 1.2mm 1.5mm; }
}
"""


def page(report: Report, words: ReportWords) -> str:
    """The report as HTML."""
    heading = _shown(heading_of(report, words))
    parts = [
        page_head(_shown(words.language), f"{heading}, {_shown(report.name)}", STYLE),
        f"<main>\n<h1>{heading}</h1>",
        _definitions(about(report, words)),
        f'<p class="counts">{_shown(counted(report, words))}</p>',
        _section("breaches", [breach_line(breach, words) for breach in report.breaches], words),
        _section("overrides", [override_line(override, words) for override in report.overrides], words),
        _table("measures", report.measures, MEASURE_COLUMNS, words),
        _table("duties", report.duties, DUTY_COLUMNS, words),
        "</main>\n</body>\n</html>\n",
    ]
    return "\n".join(part for part in parts if part)


def _definitions(pairs: Iterable[tuple[str, str]]) -> str:
    lines = (f"<dt>{_shown(name)}</dt><dd>{_shown(value)}</dd>" for name, value in pairs)
    return "\n".join(["<dl>", *lines, "</dl>"])


def _section(name: str, lines: Iterable[str], words: ReportWords) -> str:
    """What nobody may overlook, as a list under a heading; nothing where there is none of it."""
    listed = "".join(f"<li>{_shown(line)}</li>" for line in lines)
    return (
        f'<section class="{name}"><h2>{_shown(words.heading(name))}</h2><ul>{listed}</ul></section>' if listed else ""
    )


def _table(name: str, rows: Iterable[Row], columns: tuple[str, ...], words: ReportWords) -> str:
    """One table with its caption; a sentence where it would have no rows."""
    rows, caption = tuple(rows), _shown(words.heading(name))
    if not rows:
        return f"<h2>{caption}</h2>\n<p>{_shown(words.heading(f'no_{name}'))}</p>"
    heads = "".join(f'<th scope="col">{_shown(words.heading(column))}</th>' for column in ("case", *columns))
    return "\n".join(
        [
            f'<div class="scroll" role="region" aria-label="{caption}" tabindex="0">\n<table>',
            f"<caption>{caption}</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>",
            *(_row(row, columns, words) for row in rows),
            "</tbody>\n</table>\n</div>",
        ]
    )


def _row(row: Row, columns: tuple[str, ...], words: ReportWords) -> str:
    cells = cells_of(row, words)
    late = ' class="late"' if row.overdue_since else ""
    told = "".join(_cell(column, cells[column]) for column in columns)
    return f'<tr{late}><th scope="row">{_lines(cells["case"])}</th>{told}</tr>'


def _cell(column: str, lines: tuple[str, ...]) -> str:
    when = ' class="when"' if column in {"implemented", "standing"} else ""
    return f"<td{when}>{_lines(lines)}</td>"


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"<p>{_shown(line)}</p>" for line in lines)


def _shown(text: str) -> str:
    """A text as it is to be seen: nothing in it is markup, and nothing turns the direction of what follows."""
    return escape(safe(text))
