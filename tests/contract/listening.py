"""What a store asks of its database: which statements, how it finds the answers, how often it is waited for."""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from psycopg import RawCursor

from store.sqlite import SQLITE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from store.link import Link

LABORIOUS = re.compile(r"\bSCAN\b|TEMP B-TREE|Seq Scan|(?<!Incremental )Sort\b(?! Key)")
"""What a plan says where a table is read from end to end, or its rows are put in order. What is but an incremental
sort puts in order the rows of one day."""
_ANSWERED = "ReadyForQuery"
"""With this a server ends each answer, and whoever asked goes on."""
_INDEXES_ONLY = "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off"
"""Tables of a few rows are read faster without an index; a server is told that it must not, so that it shows which."""


def listen(link: Link) -> list[str]:
    """The statements that a connection is given from now on, for as long as it lives."""
    asked: list[str] = []
    if link.product is SQLITE:
        link.connection.set_trace_callback(asked.append)
    else:
        link.connection.cursor_factory = _cursor_for(lambda text, _: asked.append(text))
    return asked


def plan_of(link: Link, ask: Callable[[], object]) -> list[str]:
    """How the database finds what is asked for, in its own words; asking must take a single statement."""
    return _plan_of_file(link, ask) if link.product is SQLITE else _plan_of_server(link, ask)


def _plan_of_file(link: Link, ask: Callable[[], object]) -> list[str]:
    asked = listen(link)
    ask()
    link.connection.set_trace_callback(None)
    (statement,) = asked
    return [step for *_, step in link.connection.execute(f"EXPLAIN QUERY PLAN {statement}")]


def _plan_of_server(link: Link, ask: Callable[[], object]) -> list[str]:
    asked: list[tuple[str, Any]] = []
    link.connection.cursor_factory = _cursor_for(lambda text, values: asked.append((text, values)))
    ask()
    link.connection.cursor_factory = RawCursor
    ((statement, values),) = asked
    link.connection.execute(_INDEXES_ONLY)
    return [step for (step,) in link.connection.execute(f"EXPLAIN (COSTS OFF) {statement}", values)]


def _cursor_for(hear: Callable[[str, Any], None]) -> type[RawCursor[Any]]:
    """A kind of cursor that is overheard."""

    class Overheard(RawCursor[Any]):
        def execute(self, query: Any, params: Any = None, **rest: Any) -> Any:  # noqa: ANN401  # the driver's own
            hear(query, params)
            return super().execute(query, params, **rest)

        def executemany(self, query: Any, params_seq: Any, **rest: Any) -> None:  # noqa: ANN401  # the driver's own
            hear(query, None)
            super().executemany(query, params_seq, **rest)

    return Overheard


@contextmanager
def round_trips(link: Link) -> Iterator[list[str]]:
    """Every answer a connection to a server has waited for, as the protocol itself says; filled in as it ends."""
    answers: list[str] = []
    with tempfile.NamedTemporaryFile("r") as trace:
        link.connection.pgconn.trace(os.open(trace.name, os.O_WRONLY | os.O_APPEND))
        try:
            yield answers
        finally:
            link.connection.pgconn.untrace()
            answers.extend(line for line in trace if _ANSWERED in line)
