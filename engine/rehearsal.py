"""Trying something in a transaction that leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from engine.ports import Store, Transaction


class _RehearsedError(Exception):
    """Leaves a transaction so that nothing of it stays: rolling back is the store's way of forgetting."""


@contextmanager
def writing(store: Store, council: str, *, dry_run: bool = False) -> Iterator[Transaction]:
    """The one writing transaction over a council's log; rehearsed, nothing of it stays."""
    try:
        with store.write(council) as tx:
            yield tx
            if dry_run:
                raise _RehearsedError  # noqa: TRY301  # whoever is in it cannot raise it
    except _RehearsedError:
        return
