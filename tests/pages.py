"""Where the rows of a table lie in the bytes of a SQLite file (https://www.sqlite.org/fileformat2.html, §1.5, §1.6)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.contract.raw import raw

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LEAF, INTERIOR = 13, 5
"""The kinds of pages of a table, by their first byte."""


@dataclass(frozen=True, slots=True)
class Pages:
    """A database file by its pages, whose size it states itself."""

    content: bytes

    @property
    def size(self) -> int:
        """Bytes in a page."""
        stated = int.from_bytes(self.content[16:18], "big")
        return 65536 if stated == 1 else stated

    def rows(self, page: int) -> Iterator[list[range]]:
        """Each row of a table with this root page: its cell, header included, and what it has on overflow pages."""
        start = (page - 1) * self.size
        head = start + (100 if page == 1 else 0)
        if self.content[head] == INTERIOR:
            for cell in self._cells(head + 12, head, start):
                yield from self.rows(self._number(cell, 4))
            yield from self.rows(self._number(head + 8, 4))
        else:
            assert self.content[head] == LEAF
            for cell in self._cells(head + 8, head, start):
                yield list(self._row(cell))

    def _cells(self, pointers: int, head: int, start: int) -> Iterator[int]:
        for at in range(self._number(head + 3, 2)):
            yield start + self._number(pointers + 2 * at, 2)

    def _row(self, cell: int) -> Iterator[range]:
        length, at = self._varint(cell)
        _, at = self._varint(at)
        usable = self.size - self.content[20]
        here = length if length <= usable - 35 else self._kept(length, usable)
        yield range(cell, at + here + (4 if here < length else 0))
        left, page = length - here, self._number(at + here, 4) if here < length else 0
        while left > 0:
            start, part = (page - 1) * self.size, min(left, usable - 4)
            yield range(start, start + 4 + part)
            left, page = left - part, self._number(start, 4)

    @staticmethod
    def _kept(length: int, usable: int) -> int:
        """How much of a long row stays on the page of its cell."""
        least = (usable - 12) * 32 // 255 - 23
        most = least + (length - least) % (usable - 4)
        return most if most <= usable - 35 else least

    def _varint(self, at: int) -> tuple[int, int]:
        value = 0
        for end in range(at, at + 9):
            value = value << 7 | self.content[end] & 0x7F
            if self.content[end] < 0x80:
                return value, end + 1
        raise ValueError(f"a number of nine bytes at {at}, which no row of ours has")

    def _number(self, at: int, size: int) -> int:
        return int.from_bytes(self.content[at : at + size], "big")


def rows_of(database: Path, table: str) -> list[list[range]]:
    """Where each row of a table lies in a closed database file."""
    with raw(database) as connection:
        ((root,),) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchall()
        ((number,),) = connection.execute(f"SELECT count(*) FROM {table}").fetchall()  # noqa: S608  # a name of ours
    found = list(Pages(database.read_bytes()).rows(root))
    assert len(found) == number
    spans = sorted((span for row in found for span in row), key=lambda span: span.start)
    assert all(one.stop <= other.start for one, other in pairwise(spans))
    return found
