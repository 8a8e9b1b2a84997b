"""A loss of power: which files a machine may come up with, given what was done to them before.

What was synced is there. Of what was not, each sector may be as it was, as it was written, or torn to garbage, in any
order; so may a file be longer or shorter, and there or not, as long as its folder was not synced. As SQLite takes it
to be of today's disks (`SQLITE_IOCAP_POWERSAFE_OVERWRITE`), bytes that nobody was writing stay what they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from random import Random

SECTOR = 512
"""Bytes that a disk writes at once."""


@dataclass(frozen=True, slots=True)
class Created:
    """A file was made; its folder is synced along with it, the first time it is synced itself."""

    name: str


@dataclass(frozen=True, slots=True)
class Written:
    """Bytes were written at an offset."""

    name: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncated:
    """A file was cut to a size in bytes."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Synced:
    """A file was synced."""

    name: str


@dataclass(frozen=True, slots=True)
class Deleted:
    """A file was deleted, and its folder synced or not."""

    name: str
    synced: bool


@dataclass(frozen=True, slots=True)
class Committed:
    """COMMIT returned: whoever asked for it was told so. `content` stands for all rows from then on."""

    content: bytes


Change: TypeAlias = Written | Truncated
Deed: TypeAlias = Created | Change | Synced | Deleted | Committed


class Odds(NamedTuple):
    """How likely a change that was not synced is there all the same, and a sector is torn if it is not."""

    made: float
    torn: float = 0.0


NOTHING, HALF, ALL = Odds(0.0), Odds(0.5), Odds(1.0)
FATES = (NOTHING, HALF, ALL, Odds(0.7, torn=0.5))


@dataclass(slots=True)
class File:
    """What is certain to be in a file, and what was done to it since it was last synced."""

    certain: bytes = b""
    changes: list[Change] = field(default_factory=list)
    is_new: bool = False


class Disk:
    """A folder of files. Each name stands for what it has meant since the folder was last synced, the newest last."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._names: dict[str, list[File | None]] = {name: [File(data)] for name, data in files.items()}

    def undergo(self, deed: Deed, random: Random) -> None:
        """Take in what was done next."""
        match deed:
            case Created(name):
                self._names.setdefault(name, [None]).append(File(is_new=True))
            case Written(name) | Truncated(name):
                self._file(name).changes.append(deed)
            case Synced(name):
                self._sync(self._file(name), random)
            case Deleted(name, synced):
                self._names[name].append(None)
                if synced:
                    self._sync_folder()
            case Committed():
                pass

    def without_power(self, odds: Odds, random: Random) -> dict[str, bytes]:
        """The files that the machine comes up with."""
        left = {name: meanings[_steps(len(meanings) - 1, odds, random)] for name, meanings in self._names.items()}
        return {name: _outcome(file, odds, random) for name, file in left.items() if file is not None}

    def _file(self, name: str) -> File:
        file = self._names[name][-1]
        assert file is not None, f"{name} is used although it is deleted"
        return file

    def _sync(self, file: File, random: Random) -> None:
        file.certain = _outcome(file, ALL, random)
        file.changes.clear()
        if file.is_new:
            file.is_new = False
            self._sync_folder()

    def _sync_folder(self) -> None:
        self._names = {name: meanings[-1:] for name, meanings in self._names.items()}


class Image(NamedTuple):
    """The files after a loss of power before the deed with a number, and how many commits had returned by then."""

    number: int
    acknowledged: int
    odds: Odds
    files: dict[str, bytes]


def images(
    files: Mapping[str, bytes], deeds: Sequence[Deed], random: Random, between: int, fates: Sequence[Odds]
) -> Iterator[Image]:
    """What the machine may come up with before every sync, deletion and commit, at some points between, and at the end.

    What is certain after a sync is what is certain before the next one, so there is no need to look twice.
    """
    disk, acknowledged = Disk(files), 0
    turns = {number for number, deed in enumerate(deeds) if isinstance(deed, Synced | Deleted | Committed)}
    points = {*turns, *random.sample(range(len(deeds)), min(between, len(deeds))), len(deeds)}
    for number, deed in enumerate((*deeds, None)):
        if number in points:
            for odds in fates:
                yield Image(number, acknowledged, odds, disk.without_power(odds, random))
        if deed is not None:
            disk.undergo(deed, random)
            acknowledged += isinstance(deed, Committed)


def _steps(most: int, odds: Odds, random: Random) -> int:
    """How many of some changes to a name were made when the power went."""
    return sum(random.random() < odds.made for _ in range(most))


def _outcome(file: File, odds: Odds, random: Random) -> bytes:
    """What is in a file after a loss of power."""
    found = bytearray(file.certain)
    for change in file.changes:
        if isinstance(change, Truncated):
            if random.random() < odds.made:
                del found[change.size :]
            continue
        for offset, data in _sectors(change):
            if random.random() < odds.made:
                _put(found, offset, data)
            elif random.random() < odds.torn:
                _put(found, offset, random.randbytes(len(data)))
    return bytes(found)


def _sectors(written: Written) -> Iterator[tuple[int, bytes]]:
    """What was written, sector by sector."""
    first, end = written.offset, written.offset + len(written.data)
    for sector in range(first - first % SECTOR, end, SECTOR):
        start = max(first, sector)
        yield start, written.data[start - first : sector + SECTOR - first]


def _put(found: bytearray, offset: int, data: bytes) -> None:
    """Write into a file, which reads as zeros wherever nothing was written before."""
    found.extend(bytes(max(0, offset - len(found))))
    found[offset : offset + len(data)] = data
