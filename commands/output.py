"""Everything that is printed passes here: cleaned of what a terminal would obey, then said, tabulated or dumped.

Texts in the record were written by many hands. An escape sequence or a change of writing direction in one of them
could repaint the screen that shows who approved what, so such characters never reach it.
"""

from __future__ import annotations

import json
import os
import re
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import TypeAlias

import click

Printable: TypeAlias = "bool | int | str | Sequence[Printable] | Mapping[str, Printable] | None"
Row: TypeAlias = "Sequence[str]"

WIDTH = 100
"""Columns when the output is no terminal, so that it is the same everywhere."""

_OBEYED = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)  # fmt: skip
GAP = 2
"""Columns between two cells."""
_NARROWEST = 12
_LAST = 30
"""Columns that the last column of a table has at least, where the others can give them up."""


def safe(text: str) -> str:
    """A text without control characters (line breaks and tabs stay), changes of direction and lone surrogates."""
    return _OBEYED.sub("", text)


def say(text: str = "", *, error: bool = False) -> None:
    """Print a line or several."""
    click.echo(safe(text), err=error)


def say_wrapped(text: str, *, indent: int = 0) -> None:
    """Print a paragraph, wrapped to the width, its further lines indented."""
    for line in wrapped(text, width() - indent):
        say(" " * indent + line)


def say_hanging(text: str) -> None:
    """Print a line wrapped to the width, its further lines two columns further in than its own indentation."""
    for line in hanging(text, width()):
        say(line)


def hanging(text: str, columns: int) -> list[str]:
    """A line wrapped to so many columns, its further lines two columns further in than its own indentation."""
    indent = len(text) - len(text.lstrip(" "))
    first, *more = wrapped(text.strip(), columns - indent - 2)
    return [" " * indent + first, *(" " * (indent + 2) + line for line in more)]


def say_error(text: str) -> None:
    """Print a line on stderr: whole, for whoever searches it; in a terminal, wrapped as `say_hanging` does."""
    columns = os.get_terminal_size(sys.stderr.fileno()).columns if sys.stderr.isatty() else None
    for line in hanging(text, columns) if columns else [text]:
        say(line, error=True)


def title(text: str) -> None:
    """Print a heading; bold where there is a terminal that shows it."""
    click.echo(click.style(safe(text), bold=True), color=None if _coloured() else False)


def dump(document: Printable) -> None:
    """Print a value as JSON. What `safe` would remove is escaped instead, so that nothing is lost."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    click.echo(_OBEYED.sub(lambda found: found[0] if found[0] == "\n" else f"\\u{ord(found[0]):04x}", text))


def width() -> int:
    """The columns there are to print in."""
    if not sys.stdout.isatty():
        return WIDTH
    return max(os.get_terminal_size(sys.stdout.fileno()).columns, WIDTH // 2)


def wrapped(text: str, columns: int) -> list[str]:
    """A text in lines of so many columns; its own line breaks stay, and `give-up` is one word."""
    size = max(columns, _NARROWEST)
    lines = (textwrap.wrap(line, size, break_on_hyphens=False) or [""] for line in text.splitlines() or [""])
    return [line for part in lines for line in part]


def table(headings: Row, rows: Iterable[Row], *, widths: Sequence[int] = ()) -> None:
    """Print rows under headings; cells wrap, the last column's first. In a terminal through rich, elsewhere as text.

    `widths` are the least columns of each, to line several tables up.
    """
    cells = [tuple(map(safe, row)) for row in rows]
    wanted = [max(*pair) for pair in zip(widths_of((headings, *cells)), widths or [0] * len(headings), strict=True)]
    least = capped(wanted, width())
    if sys.stdout.isatty():
        _rich_table(headings, cells, least)
    else:
        for line in aligned((headings, *cells) if any(headings) else cells, least):
            click.echo(line)


def pairs(rows: Iterable[tuple[str, str]], *, indent: int = 0) -> None:
    """Print names with their values, the values lined up and wrapped."""
    cells = [(" " * indent + name, value) for name, value in rows]
    for line in aligned([tuple(map(safe, cell)) for cell in cells], widths_of(cells), columns=width()):
        click.echo(line)


def aligned(rows: Iterable[Row], widths: Sequence[int], *, columns: int = WIDTH) -> list[str]:
    """Rows as lines of text: every column padded and wrapped to its width, the last one to what is left."""
    fixed = widths[:-1]
    left = columns - sum(fixed) - GAP * len(fixed)
    lines: list[str] = []
    for *cells, last in rows:
        parts = [[cell] if len(cell) <= size else wrapped(cell, size) for cell, size in zip(cells, fixed, strict=True)]
        for *heads, end in zip_longest(*parts, wrapped(last, left), fillvalue=""):
            head = "".join(f"{cell:<{size + GAP}}" for cell, size in zip(heads, fixed, strict=True))
            lines.append(f"{head}{end}".rstrip())
    return lines


def capped(widths: Sequence[int], columns: int) -> list[int]:
    """The widths of columns, the widest ones narrowed until the last one has room enough."""
    *fixed, last = widths
    room = columns - min(last, _LAST) - GAP * len(fixed)
    while sum(fixed) > room and max(fixed) > _NARROWEST:
        fixed[fixed.index(max(fixed))] -= 1
    return [*fixed, last]


def widths_of(rows: Iterable[Row]) -> list[int]:
    """The widest cell of each column."""
    return [max(map(len, column)) for column in zip(*rows, strict=True)]


def _rich_table(headings: Row, rows: Iterable[Row], widths: Sequence[int]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, show_header=any(headings), pad_edge=False, padding=(0, GAP, 0, 0))
    last = len(headings) - 1
    for at, (heading, size) in enumerate(zip(headings, widths, strict=True)):
        drawn.add_column(heading, width=size if at < last else None, overflow="fold")
    for row in rows:
        drawn.add_row(*map(Text, row))
    Console(highlight=False, color_system="auto" if _coloured() else None).print(drawn)


def _coloured() -> bool:
    return "NO_COLOR" not in os.environ
