"""Where in a document a pattern such as `bodies.*.members.*` meets something.

A pattern is written with dots. `*` is any key or list item; `**` is an approval rule and each of its parts, at any
depth, but only where its kind is known: what is under a mistaken kind could be anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import get_args

from engine.rule import Requires, Rule
from workflows.toml_lines import Path

KIND, PARTS = "kind", "parts"
"""The keys under which a rule says what it is, and has its parts, rules themselves."""

DEEPEST = 40
"""How long the path of a rule may be: parts in parts in parts, more than anybody needs and Python's stack bears."""

KINDS = tuple(kind.__struct_config__.tag for kind in get_args(Rule) if kind is not Requires)
"""The kinds of rules a file may hold. `requires` is what a rule becomes when it is resolved."""


def places(value: object, pattern: str) -> Iterator[tuple[Path, object]]:
    """Every path in a document that a pattern meets, with what stands there."""
    return _places(value, pattern.split(".") if pattern else [], ())


def _places(value: object, steps: list[str], path: Path) -> Iterator[tuple[Path, object]]:
    if not steps:
        yield path, value
    elif steps[0] != "**":
        for key, child in _children(value):
            if steps[0] in ("*", key):
                yield from _places(child, steps[1:], (*path, key))
    elif isinstance(value, dict) and value.get(KIND) in KINDS and len(path) <= DEEPEST:
        yield from _places(value, steps[1:], path)
        yield from _places(value, [PARTS, "*", *steps], path)


def _children(value: object) -> Iterable[tuple[str | int, object]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()
