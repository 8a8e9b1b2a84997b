"""Where things stand in a TOML text: the line of every key, table and array item.

tomllib forgets positions, and a mistake without its line sends a person searching. This reads texts that
tomllib has accepted already, so it only finds its way and never judges: one expression splits the text into
tokens, and a small reader walks them.
"""

from __future__ import annotations

import re
import tomllib
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""A place in a document: keys, and indices of array items counted from 0."""

_TOKEN = re.compile(
    r"""
      (?P<blank> [ \t\r]+ | \#[^\n]* )
    | (?P<string> \"{3} (?: \\. | [^\\] )*? \"{3,5} | '{3} .*? '{3,5} | " (?: \\. | [^"\\] )* " | '[^']*' )
    | (?P<mark> [\n\[\]{}=,.] )
    | (?P<bare> [^\s\[\]{}=,.\#"']+ )
    """,
    re.VERBOSE | re.DOTALL,
)


class _Token(NamedTuple):
    kind: str | None
    text: str
    line: int


def lines_of(text: str) -> dict[Path, int]:
    """The line, counted from 1, of every key, table and array item of a TOML text that tomllib accepts."""
    return _Reader(text).read()


class _Reader:
    """Walks the tokens of one text. `_items` counts the tables in each array of tables so far."""

    def __init__(self, text: str) -> None:
        self._tokens = deque(_tokens(text))
        self._lines: dict[Path, int] = {(): 1}
        self._items: dict[Path, int] = {}

    def read(self) -> dict[Path, int]:
        table: Path = ()
        while self._tokens:
            if self._skipped("\n"):
                continue
            if self._next_is("["):
                table = self._header()
            else:
                self._pair(table)
        return self._lines

    def _header(self) -> Path:
        line = self._tokens[0].line
        brackets = self._skipped("[")
        path: Path = ()
        for key in self._key():
            path = (*self._newest(path), key)
            self._lines.setdefault(path, line)
        self._skipped("]")
        if brackets == len("[["):
            self._items[path] = self._items.get(path, 0) + 1
            path = self._newest(path)
            self._lines[path] = line
        return path

    def _pair(self, path: Path) -> None:
        line = self._tokens[0].line
        for key in self._key():
            path = (*path, key)
            self._lines.setdefault(path, line)
        self._skipped("=")
        self._value(path)

    def _value(self, path: Path) -> None:
        opening = self._tokens.popleft().text
        if opening == "[":
            self._array(path)
        elif opening == "{":
            while not self._closed("}"):
                self._pair(path)
        else:  # 1.5 and a date with a space are several tokens
            while self._tokens and not self._next_is(",", "]", "}", "\n"):
                self._tokens.popleft()

    def _array(self, path: Path) -> None:
        index = 0
        while not self._closed("]"):
            self._lines[*path, index] = self._tokens[0].line
            self._value((*path, index))
            index += 1

    def _closed(self, bracket: str) -> bool:
        """Whether an array or inline table ends here, after commas and line ends."""
        self._skipped(",", "\n")
        if self._next_is(bracket):
            self._tokens.popleft()
            return True
        return False

    def _key(self) -> Iterator[str]:
        yield self._name()
        while self._next_is("."):
            self._tokens.popleft()
            yield self._name()

    def _name(self) -> str:
        token = self._tokens.popleft()
        return str(tomllib.loads(f"key = {token.text}")["key"]) if token.kind == "string" else token.text

    def _newest(self, path: Path) -> Path:
        """A path that goes on in the newest table of an array of tables, where it names one."""
        return (*path, self._items[path] - 1) if path in self._items else path

    def _next_is(self, *marks: str) -> bool:
        return bool(self._tokens) and self._tokens[0].kind == "mark" and self._tokens[0].text in marks

    def _skipped(self, *marks: str) -> int:
        """How many of these marks stood here; they are behind us now."""
        count = 0
        while self._next_is(*marks):
            self._tokens.popleft()
            count += 1
        return count


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "blank":
            yield _Token(match.lastgroup, match[0], line)
        line += match[0].count("\n")
