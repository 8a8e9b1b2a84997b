"""`make race`: the same six steps by ours and by its neighbours; measured and printed, judged against the targets.

`--records` is how many records go through the six steps in a lap, `--rounds` how many laps everybody races,
`--only NAME` leaves out all but ours and the modules named, for instance `--only django_fsm_log --only raw`.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys

import click

from bench.peers.field import FIELD, OURS, version_of
from bench.peers.heats import Entry, entries, turns
from bench.peers.mode import TITLES
from bench.peers.score import TARGETS, table
from bench.table import grid, machine


def main() -> None:
    """Race, with a bar on the terminal, and print the tables."""
    asked = _asked()
    field = entries(one for one in FIELD if one is OURS or not asked.only or one.module in asked.only)
    load = os.getloadavg()[0]
    laps = asked.rounds * sum(entry.out is None for entry in field)
    with click.progressbar(turns(field, asked.rounds), laps, "race", item_show_func=_shown, file=sys.stderr) as bar:
        for entry in bar:
            entry.race(asked.records)
    print(machine())
    print(f"{asked.rounds} rounds of {asked.records} records; {_packages(field)}")
    print(f"Load of the machine when the race began: {load:.1f}. Above 0.5, what else ran decides the figures.")
    for mode, title in TITLES.items():
        print(f"\n{title}\n")
        print(grid(table(field, mode)))
    print("\nWhat each does, beside ours\n")
    print(grid([("contestant", "does"), *_beside(field)]))
    print("\nOurs is to be at least\n")
    print(grid([("times", "as fast as", "in this race"), *_judged(field)]))


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.peers", description=__doc__)
    parser.add_argument("--records", type=_positive, default=200, help="records a lap, each through six steps")
    parser.add_argument("--rounds", type=_positive, default=5, help="laps of each contestant in each mode")
    modules = [one.module for one in FIELD if one is not OURS]
    parser.add_argument("--only", action="append", choices=modules, help="race ours and this one; may be repeated")
    return parser.parse_args()


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text} is not a number of at least 1")
    return int(text)


def _shown(entry: Entry | None) -> str | None:
    return str(entry) if entry is not None else None


def _beside(field: list[Entry]) -> dict[tuple[str, ...], None]:
    return dict.fromkeys((entry.contestant.name, entry.contestant.beside_ours) for entry in field)


def _judged(field: list[Entry]) -> list[tuple[str, ...]]:
    return [(f"{t.times:g}", f"{t.contestant.name}: {TITLES[t.mode]}", t.verdict(field)) for t in TARGETS]


def _packages(field: list[Entry]) -> str:
    """The versions of what raced; the SQLite of `machine` is ours, this one is the others'."""
    names = dict.fromkeys(package for entry in field for package in entry.contestant.packages)
    found = [f"{name} {number}" for name in names if (number := version_of(name)) is not None]
    return ", ".join([*found, f"their SQLite {sqlite3.sqlite_version}"])


main()
