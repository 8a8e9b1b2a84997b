"""Many councils: what a turn, a step, a desk, a check and the disk cost, and how that grows with their number.

Planned for 2,000 councils with 1,000,000 open deadlines and 10,000,000 events; measured are a quarter, the half and
the whole of a smaller set of councils that are each as full as those. Without `--database` the set is built twice: in a
file, and on a PostgreSQL server. A database that is named is to be empty, and keeps what was built.
"""

from __future__ import annotations

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from bench.measuring import Figure, Measuring
from bench.nation import Nation
from bench.server import described, new_database
from bench.table import grid, machine
from engine.database_url import is_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

COUNCILS, DEADLINES, EVENTS = 2_000, 1_000_000, 10_000_000
"""What is planned for."""
SMALLER = 40
"""Built by default: one council of so many."""
SHARES = (4, 2, 1)
"""The sizes measured: the set divided by each of these."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Build, measure, and print a table for each database."""
    asked = _parser().parse_args(arguments)
    print(machine())
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for at, where in enumerate(asked.database or _own(folder, stack)):
            _scale(folder / str(at), where, asked)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    for name, planned in (("councils", COUNCILS), ("deadlines", DEADLINES), ("events", EVENTS)):
        parser.add_argument(
            f"--{name}", type=int, default=planned // SMALLER, help=f"in all; planned for are {planned:,}"
        )
    parser.add_argument("--samples", type=int, default=60, help="steps and desks measured at each size")
    parser.add_argument(
        "--database", action="append", metavar="URL|FILE", help="empty, or a file that is not there; may be repeated"
    )
    return parser


def _own(folder: Path, stack: ExitStack) -> Iterator[str]:
    """A file and a database of our own, gone afterwards, each made when the one before it was measured."""
    yield str(folder / "politirad.db")
    yield stack.enter_context(new_database())


def _scale(folder: Path, where: str, asked: argparse.Namespace) -> None:
    """Measure one database at each size, and print the table."""
    nation = Nation(folder, where, asked.events // asked.councils, asked.deadlines // asked.councils)
    copied, sizes = 0.0, list[list[Figure]]()
    for share in SHARES:
        begun = perf_counter()
        nation.grow_to(max(1, asked.councils // share))
        copied += perf_counter() - begun
        sizes.append(list(Measuring(nation, asked.samples).figures()))
    nation.box.world.store.close()
    each = copied / max(1, nation.councils - 1)
    print(f"\n{described(where) if is_server(where) else 'A SQLite file'}; a council copied in {each:.2g} s, so that")
    print(f"{COUNCILS:,} of them would take about {each * COUNCILS / 60:.0f} minutes to build (extrapolated).\n")
    print(grid(_table(sizes)))


def _table(sizes: Sequence[Sequence[Figure]]) -> list[tuple[str, ...]]:
    """A line for each figure, with its growth from the first size to the last; the head has that of the councils."""
    lines = [(line[0].what, *map(str, line), f"x{_growth(line):.2g}") for line in zip(*sizes, strict=True)]
    what, *counts, growth = lines[0]
    return [("measured", *(f"{count} {what}" for count in counts), f"grows {growth}"), *lines[1:]]


def _growth(line: Sequence[Figure]) -> float:
    return line[-1].value / line[0].value if line[0].value else 1.0


if __name__ == "__main__":
    main()
