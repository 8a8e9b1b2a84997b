"""Attacks on an export and on the database file: one bit or one byte changed at random; each must be detected.

    python -m tests.attack 10000        how many changes; prints how many were detected, and fails on one that was not

The tests take 500 of them. Of an export every file is attacked, larger ones more often; of the database the whole rows
that hold the log, with their headers and all columns, past every trigger: in the file itself. Detected is what ends in
exit code 10 and says where: which event, or that it is the file.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from engine.errors import BytesChangedError, PolitiradError
from engine.exported import verify_export
from store import SqlStore
from tests.notary import whole
from tests.pages import rows_of
from tests.world import COUNCIL, World

HEAD = 40
"""Bytes at the beginning of a row: lengths, row number, kinds of the columns, council and position."""


@dataclass(frozen=True, slots=True)
class Change:
    """One byte of a file, and what it becomes."""

    path: Path
    at: int
    value: int

    def undetected(self, export: Path) -> bool:
        """Whether the export passes for whole with the change made; takes it back."""
        content = self.path.read_bytes()
        changed = bytearray(content)
        changed[self.at] = self.value
        self.path.write_bytes(changed)
        try:
            return verify_export(export).exit_code == 0
        finally:
            self.path.write_bytes(content)


def changes(export: Path, number: int, seed: int = 2018) -> Iterator[Change]:
    """So many changes: by turns a bit that flips, and a byte that becomes another."""
    random = Random(seed)  # noqa: S311  # repeatable on purpose
    files = sorted(path for path in export.rglob("*") if path.is_file() and path.stat().st_size)
    sizes = [path.stat().st_size for path in files]
    for turn in range(number):
        # Half of them anywhere in the bytes, half in a file of which each is as likely as another.
        (path,) = random.choices(files, sizes if turn % 4 < 2 else None)
        content = path.read_bytes()
        at = random.randrange(len(content))
        flip = 1 << random.randrange(8) if turn % 2 else random.randrange(1, 256)
        yield Change(path, at, content[at] ^ flip)


@dataclass(frozen=True, slots=True)
class RowChange:
    """One byte of the log's rows in a database file, and what it becomes."""

    path: Path
    at: int
    value: int

    def undetected(self) -> bool:
        """Whether the change, which is taken back, is not told of as one of an event or of the file."""
        content = self.path.read_bytes()
        self.path.write_bytes(content[: self.at] + bytes([self.value]) + content[self.at + 1 :])
        try:
            return not _is_told(*self._verified())
        finally:
            self.path.write_bytes(content)

    def _verified(self) -> tuple[int, str]:
        """The exit code of a look at the whole record, and what it says."""
        try:
            with SqlStore.open(self.path, journal="DELETE") as store:
                report = store.verify(COUNCIL)
        except PolitiradError as error:
            return error.exit_code, str(error)
        return report.exit_code, "\n".join(f"{fault.where}: {fault.what}" for fault in report.faults)


def _is_told(code: int, said: str) -> bool:
    """Whether changed bytes are told of, with their place."""
    place = re.search(r"\bevent \d+|database file|\.db is damaged", said)
    return code == BytesChangedError.exit_code and place is not None


def row_changes(database: Path, number: int, seed: int = 2018) -> Iterator[RowChange]:
    """So many changes of rows of the log: by turns a bit that flips, and a byte that becomes another.

    Half of them anywhere in the rows, half in their headers and their first columns.
    """
    random = Random(seed)  # noqa: S311  # repeatable on purpose
    content, rows = database.read_bytes(), rows_of(database, "event")
    everywhere, heads = [span for row in rows for span in row], [row[0][:HEAD] for row in rows]
    for turn in range(number):
        spans = everywhere if turn % 4 < 2 else heads
        (span,) = random.choices(spans, [len(span) for span in spans])
        at = random.choice(span)
        flip = 1 << random.randrange(8) if turn % 2 else random.randrange(1, 256)
        yield RowChange(database, at, content[at] ^ flip)


def undetected_in_rows(database: Path, number: int) -> list[RowChange]:
    """The changes of so many that were not detected."""
    return [change for change in row_changes(database, number) if change.undetected()]


def undetected(export: Path, number: int) -> list[Change]:
    """The changes of so many that were not detected."""
    return [change for change in changes(export, number) if change.undetected(export)]


def main(number: int) -> int:
    """Attack the export of a council with an agreement in force; 0 where every change was detected."""
    with TemporaryDirectory() as folder:
        missed = undetected(whole(Path(folder)).export(), number)
    with TemporaryDirectory() as folder:
        missed_rows = undetected_in_rows(database_of(Path(folder)), number)
    escaped: list[Change | RowChange] = [*missed, *missed_rows]
    for change in escaped:
        print(f"not detected: byte {change.at} of {change.path.name} became {change.value}")  # noqa: T201  # the result
    print(f"{number - len(missed):,} of {number:,} changes of an export were detected.")  # noqa: T201  # the result
    print(f"{number - len(missed_rows):,} of {number:,} changes of the database were detected.")  # noqa: T201  # the result
    return int(bool(escaped))


def database_of(folder: Path) -> Path:
    """The database of a council with an agreement in force, closed, in one file."""
    world = World(folder, journal="DELETE", amend_before_adoption=False)
    world.in_force()
    world.store.close()
    return folder / "politirad.db"


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
