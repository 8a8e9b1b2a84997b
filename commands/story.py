r"""A play file as data: the commands a person types after `politirad`, one to a line, with what is said between them.

    # a comment
    > said to the audience, as it stands; `>nb text` and `>en text` only to those who read that language
    at 2018-10-04 12:00                                 the clock, Norwegian time; only the demo may set it
    as kari                                             the person who acts from here on (a handle)
    agreement wish --for regionrad \
      --title "Avtale om regionalt politiråd"           a command; a backslash carries a line on
    ! agreement approve A-1 --version 1                 a command that is expected to be refused
    pen pia                                             a person's key to sign with, registered; only in the demo
    signed agreement approve A-1 --version 2            an act that whoever acts signs with theirs; only in the demo
    include persons.play                                the lines of another file, as if they stood here

Words are split as a shell splits them. Files are named from the folder the play file lies in, so a folder with a
play and its documents can be moved as a whole. Every malformed line is found before the first command is run.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

from engine.calendar import instant_of
from engine.disk import at_once
from engine.errors import ConfigurationError, NotFoundError, PolitiradError, UsageError
from engine.field import parse_day, shown
from engine.register import Language

_SPOKEN = re.compile(r">(?P<language>nb|nn|en)?(?:\s+(?P<text>.*))?")
_KEY_DIGITS = 16
_MEANT = {
    "as": "`as HANDLE`, one person; see `politirad person list`",
    "pen": "`pen HANDLE`, one person; see `politirad person list`",
    "include": "`include FILE`, one file",
}
"""How a line is written that begins with such a word."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line begins: its file and number, 1-based."""

    file: Path
    number: int

    def __str__(self) -> str:
        """How messages name it."""
        return f"{self.file.name}:{self.number}"


@dataclass(frozen=True, slots=True)
class Narration:
    """Something said to the audience; `language` None is for everybody."""

    text: str
    language: Language | None


@dataclass(frozen=True, slots=True)
class Moment:
    """The clock is set to an instant (UTC)."""

    place: Place
    instant: datetime


@dataclass(frozen=True, slots=True)
class Entrance:
    """A person, by handle, acts from here on."""

    handle: str


@dataclass(frozen=True, slots=True)
class Pen:
    """A person, by handle, gets a key to sign with, and whoever acts registers it."""

    place: Place
    handle: str


@dataclass(frozen=True, slots=True)
class Act:
    """A command: its words after `politirad`, whether it is expected to be refused, and whether it is to be signed.

    `key` makes it safe to play a file again. It is made of the file's name, the words, and how often the same words
    stood before: not of the line's number, so that a line can be put right without every later one being done anew.
    """

    place: Place
    words: tuple[str, ...]
    expects_refusal: bool
    key: str
    is_signed: bool = False


Line: TypeAlias = Narration | Moment | Entrance | Pen | Act


class PlayFileError(ConfigurationError):
    """A play file has malformed lines: one line each, `file:line: what is wrong, what to do`."""


class _Malformed(Exception):
    """What is wrong with one line. Never leaves this module."""


def read_play(path: Path) -> tuple[Line, ...]:
    """The lines of a play file and of those it includes, in order.

    Raises `PlayFileError` with every malformed line, `NotFoundError` where there is no such file, `UsageError` where
    it is not text.
    """
    reading = _Reading()
    lines = tuple(reading.lines_of(path, ()))
    if reading.faults:
        raise PlayFileError(*reading.faults)
    return lines


class _Reading:
    """One reading of a play: what was wrong so far, and how often the same words have stood in a file."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self._seen: Counter[tuple[str, ...]] = Counter()

    def lines_of(self, path: Path, within: tuple[Path, ...]) -> Iterator[Line]:
        """The lines of a file; `within` are the files that include it."""
        for number, text in _joined(_text_of(path)):
            place = Place(path, number)
            try:
                yield from self._read(place, text, (*within, path.resolve()))
            except (_Malformed, PolitiradError) as fault:
                self.faults.append(f"{place}: {fault}")

    def _read(self, place: Place, text: str, within: tuple[Path, ...]) -> Iterator[Line]:
        if spoken := _SPOKEN.fullmatch(text):
            yield Narration(spoken["text"] or "", spoken["language"])  # type: ignore[arg-type]  # one of the three
            return
        match _words(text):
            case []:
                return
            case ["at", *when]:
                yield Moment(place, _instant(when))
            case ["as", handle]:
                yield Entrance(handle)
            case ["pen", handle]:
                yield Pen(place, handle)
            case ["include", name]:
                yield from self._included(place, name, within)
            case ["as" | "pen" | "include" as word, *_]:
                raise _Malformed(f"write {_MEANT[word]}")
            case ["!" | "signed" as how, *words]:
                yield self._act(place, words, how)
            case words:
                yield self._act(place, words)

    def _included(self, place: Place, name: str, within: tuple[Path, ...]) -> Iterator[Line]:
        other = place.file.parent / name
        if other.resolve() in within:
            raise _Malformed(f"{name} includes itself, by way of this line; leave it out")
        yield from self.lines_of(other, within)

    def _act(self, place: Place, words: list[str], how: str = "") -> Act:
        if not words or words[0].startswith("-"):
            raise _Malformed("a command begins with its name; options of politirad itself go before `play`")
        said = (place.file.name, *words)
        self._seen[said] += 1
        return Act(place, tuple(words), how == "!", _key_of(said, self._seen[said]), how == "signed")


def acts_of(lines: Iterable[Line]) -> tuple[Act, ...]:
    """The commands among the lines."""
    return tuple(line for line in lines if isinstance(line, Act))


def _key_of(said: tuple[str, ...], time_said: int) -> str:
    digest = sha256("\0".join((*said, str(time_said))).encode("utf-8", "surrogatepass"))
    return f"play-{digest.hexdigest()[:_KEY_DIGITS]}"


def _text_of(path: Path) -> str:
    try:
        with open(path, encoding="utf-8-sig", opener=at_once) as file:
            return file.read()
    except FileNotFoundError:
        raise NotFoundError(f"There is no file {path}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not text in UTF-8. Save it as UTF-8.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None


def _joined(text: str) -> Iterator[tuple[int, str]]:
    """The lines with the number each begins at; one that ends in a backslash goes on with the next."""
    begun, parts = 0, list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        begun = begun if parts else number
        parts.append(line.strip().removesuffix("\\").rstrip())
        if not line.rstrip().endswith("\\"):
            yield begun, " ".join(parts).strip()
            parts.clear()
    if parts:
        yield begun, " ".join(parts).strip()


def _words(text: str) -> list[str]:
    if text.startswith("#"):
        return []
    try:
        return shlex.split(text)
    except ValueError as error:
        raise _Malformed(f"{str(error).lower()}; close the quotation mark, or put it within the other kind") from None


def _instant(when: list[str]) -> datetime:
    try:
        day, clock = when
        return instant_of(parse_day(day), time.fromisoformat(clock))
    except ValueError:
        raise _Malformed(f"{shown(' '.join(when))} is no time; write `at 2018-10-04 12:00`") from None
