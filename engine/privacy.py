"""No names in the log, which nobody can erase: public texts are held against the persons on record.

Names, addresses and free-text remarks live in erasable tables (audit.md §6). A public field that names somebody
from the person table is refused before it is written; who is meant can be said by the office, or in a remark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from engine.errors import UsageError
from engine.event import Event, Facts, Json

WORDY = frozenset({"reason", "leaf", "sha256", "person", "holding", "at"})
"""Members of an event's parts that are never words: commitments, hashes, random ids, instants."""


def public_words(event: Event) -> dict[str, list[str]]:
    """Every text of an event that a person wrote, under the option it most likely came with.

    What the form asks, file names, references, points of a decision, grounds of a holding, corrected texts.
    """
    data = event.data
    words = {f"--{name.replace('_', '-')}": value for name, value in _part(data, "form").items()}
    words |= {"--point": _part(data, "decision").get("points"), "--basis": _part(data, "holding").get("basis")}
    words |= {f"the corrected {name}": value for name, value in _part(data, "corrects").items()}
    told = ((option, _texts(value)) for option, value in (*words.items(), ("--ref", event.ref)))
    return {option: texts for option, texts in told if texts}


def _part(data: Facts, name: str) -> Facts:
    part = data.get(name)
    return {key: value for key, value in part.items() if key not in WORDY} if isinstance(part, dict) else {}


def _texts(value: Json) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for key, inner in value.items() if key not in WORDY for text in _texts(inner)]
    return [text for inner in value for text in _texts(inner)] if isinstance(value, (list, tuple)) else []


def refuse_names(texts: Mapping[str, Iterable[str]], names: frozenset[str]) -> None:
    """Refuse a text, given by the option it came with, that names a person. Raises `UsageError`."""
    for option, written in texts.items():
        for text in written:
            if (found := _search(names).search(text)) is not None:
                raise UsageError(
                    f"{option} names {found[0]}. The log cannot be erased, so names stay out of it: name the office "
                    "instead, or say it in --reason, which can be erased."
                )


def names_any(text: str, names: frozenset[str]) -> bool:
    """Whether a text names one of these persons by the full name."""
    return _search(names).search(text) is not None


@lru_cache(maxsize=64)
def _search(names: frozenset[str]) -> re.Pattern[str]:
    """Any of the names as whole words, in any case and joined as file names join them; without names, nothing."""
    ordered = sorted(names, key=len, reverse=True)
    words = "|".join(r"[\s_.-]+".join(re.escape(word) for word in name.split()) for name in ordered)
    return re.compile(rf"(?<![^\W_])(?:{words})(?![^\W_])" if words else r"(?!)", re.IGNORECASE)
