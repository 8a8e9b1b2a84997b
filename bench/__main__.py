"""`make bench`: measured, printed, never asserted. `--others 10000` makes the second part smaller."""

from __future__ import annotations

import argparse

from bench.ahead import ahead
from bench.clock import clock
from bench.desk import desk
from bench.desk_postgres import desk_postgres
from bench.proof import proof
from bench.startup import startup
from bench.steps import steps
from bench.steps_postgres import steps_postgres
from bench.table import machine, show


def main() -> None:
    """Run every part and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--others", type=int, default=100_000, help="measures that lie on other offices' tables")
    others = parser.parse_args().others
    stepping = [*steps("WAL"), *steps("DELETE"), *steps_postgres()]
    rows = [*stepping, *desk(others), *desk_postgres(others), *clock(), *ahead(), *proof(), *startup()]
    print(machine(), end="\n\n")
    show(rows)


main()
