"""An attack on an export: one bit or one byte changed at random, and again; every change must be detected.

    python -m tests.attack 10000        how many changes; prints how many were detected, and fails on one that was not

The tests take 500 of them. What is attacked is every file of the export, larger ones more often.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from engine.exported import verify_export
from tests.notary import whole


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


def undetected(export: Path, number: int) -> list[Change]:
    """The changes of so many that were not detected."""
    return [change for change in changes(export, number) if change.undetected(export)]


def main(number: int) -> int:
    """Attack the export of a council with an agreement in force; 0 where every change was detected."""
    with TemporaryDirectory() as folder:
        missed = undetected(whole(Path(folder)).export(), number)
    for change in missed:
        print(f"not detected: byte {change.at} of {change.path.name} became {change.value}")  # noqa: T201  # the result
    print(f"{number - len(missed):,} of {number:,} changes of an export were detected.")  # noqa: T201  # the result
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
