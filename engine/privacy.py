"""No names in the log, which nobody can erase: public texts are held against the persons on record.

Names, addresses and free-text remarks live in erasable tables (audit.md §6). A public field that names somebody
from the person table is refused before it is written; who is meant can be said by the office, or in a remark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from engine.errors import UsageError


def refuse_names(texts: Mapping[str, Iterable[str]], names: frozenset[str]) -> None:
    """Refuse a text, given by the option it came with, that names a person. Raises `UsageError`."""
    for option, written in texts.items():
        for text in written:
            if (found := _search(names).search(text)) is not None:
                raise UsageError(
                    f"{option} names {found[0]}. The log cannot be erased, so names stay out of it: name the office "
                    "instead, or say it in --reason, which can be erased."
                )


@lru_cache(maxsize=64)
def _search(names: frozenset[str]) -> re.Pattern[str]:
    """Any of the names as whole words, whatever the case; without names nothing is found."""
    words = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.compile(rf"\b(?:{words})\b" if words else r"(?!)", re.IGNORECASE)
