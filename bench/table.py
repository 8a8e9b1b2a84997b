"""The table every bench prints, and the machine it was measured on."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.driver import sqlite

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: what was measured, how much, and what it means."""

    what: str
    figure: str
    note: str


def show(rows: list[Row]) -> None:
    """Print rows as a Markdown table, aligned for people too."""
    show_lines([("measured", "figure", "note"), *((row.what, row.figure, row.note) for row in rows)])


def show_lines(lines: Sequence[tuple[str, ...]]) -> None:
    """Print lines of as many cells each as such a table; the first is its head."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    ruled = [lines[0], tuple("-" * width for width in widths), *lines[1:]]
    for line in ruled:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |")


def machine() -> str:
    """The machine in one line: processor, cores, memory, Python, SQLite."""
    cores = os.cpu_count() or 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{_processor()}, {cores} cores, {memory:.0f} GiB; Python {platform.python_version()}, "
        f"SQLite {sqlite.sqlite_version}; medians, rounds alternate"
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
