"""How long a command takes from nothing, as a whole process, against the import it cannot do without."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from bench.table import Row

RUNS = 15
COMMAND = Path(sys.executable).with_name("politirad")


def startup() -> list[Row]:
    """The row for `politirad --help`."""
    return [_compare("politirad --help", [str(COMMAND), "--help"], "import click", Path.cwd(), 2.5)]


def against_sqlalchemy(folder: Path) -> list[Row]:
    """The row for `politirad todo` over the database in a folder."""
    command = [str(COMMAND), "--database", "politirad.db", "todo", "--office", "politiets_sekretar"]
    return [_compare("politirad todo --office …", command, "import sqlalchemy", folder, 2.0)]


def _compare(name: str, command: list[str], imported: str, folder: Path, bound: float) -> Row:
    """Run the command and a bare import in turn; medians, and the median of the pairs' ratios."""
    plain = [sys.executable, "-c", imported]
    pairs = [(_once(command, folder), _once(plain, folder)) for _ in range(RUNS)]
    ours = median(a for a, _ in pairs)
    ratio = median(a / b for a, b in pairs)
    return Row(name, f"{ours * 1e3:.0f} ms", f"{ratio:.2f} times `python -c '{imported}'` (at most {bound})")


def _once(command: list[str], folder: Path) -> float:
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, env={**os.environ, "NO_COLOR": "1"})
    spent = time.perf_counter() - begun
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr.decode()}")
    return spent
