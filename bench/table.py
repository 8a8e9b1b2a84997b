"""The table every bench prints, and the machine it was measured on."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path

from bench.driver import sqlite


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: what was measured, how much, and what it means."""

    what: str
    figure: str
    note: str


def show(rows: list[Row]) -> None:
    """Print rows as a Markdown table, aligned for people too."""
    print(grid([("measured", "figure", "note"), *((row.what, row.figure, row.note) for row in rows)]))


def grid(lines: list[tuple[str, ...]]) -> str:
    """Lines, their head first, as a Markdown table, aligned for people too."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    ruled = [lines[0], tuple("-" * width for width in widths), *lines[1:]]
    cells = ((cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in ruled)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


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
