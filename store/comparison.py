"""Comparing the views of a council with those that its log makes in an empty database, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import TypeAlias

from sqlalchemy import Table, select

from engine.field import shown
from store.link import Link, Value, by
from store.tables import VIEWS

Row: TypeAlias = "tuple[Value, ...]"

_STATEMENTS = {view.name: select(view).where(*by(view)).order_by(*view.primary_key.columns) for view in VIEWS}


def compared(view: Table, council: str, link: Link, replay: Link) -> Iterator[tuple[str, str]]:
    """Where a view differs from what the log says, and how."""
    stored, replayed = (database.stream(_STATEMENTS[view.name], council=council) for database in (link, replay))
    return differences(view, stored, replayed)


def differences(view: Table, stored: Iterator[Row], replayed: Iterator[Row]) -> Iterator[tuple[str, str]]:
    """Where a view differs from what the log says, and how. Both come ordered by the view's key."""
    size = len(view.primary_key.columns)
    have = ((row[:size], "view", row) for row in stored)
    want = ((row[:size], "log", row) for row in replayed)
    for key, found in groupby(merge(have, want), key=itemgetter(0)):
        rows = {source: row for _, source, row in found}
        if rows.get("view") != rows.get("log"):
            yield " ".join((view.name, *(str(part)[:12] for part in key[1:]))), _told_apart(view, rows)


def _told_apart(view: Table, rows: Mapping[str, Row]) -> str:
    if len(rows) == 1:
        return "stands in the view and not in the log" if "view" in rows else "is missing in the view"
    values = zip(view.columns.keys(), rows["view"], rows["log"], strict=True)
    differing = ((name, have, want) for name, have, want in values if have != want)
    return "; ".join(f"{name} is {shown(have)}, the log says {shown(want)}" for name, have, want in differing)
