"""Applies the tables of `council_rules.py` to a council's file and names every mistake.

They are checked on the document as it was read, not on what it converts to, so that one mistake never hides
another. A rule is left alone where a key it looks at is itself mistaken: its complaint could be false.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from workflows.council_rules import EVERYONE, KINDS, NAMES, REFERENCES, RULES, Rule
from workflows.rule_check import override_mistakes, part_mistakes, party_mistakes, vote_mistakes
from workflows.toml_lines import Path
from workflows.toml_places import places
from workflows.toml_shape import Mistake, nearest, shown

LONGEST_NAME = 300
"""Characters in a name or title: what fits in a heading."""

_LANGUAGES = {"nb": "bokmål", "nn": "nynorsk", "en": "English"}
_UNFIT = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
"""Unicode categories unfit for one line of text: control, direction, private, unassigned, line ends."""


def relation_mistakes(document: Mapping[str, object], misshapen: Iterable[Path]) -> list[Mistake]:
    """Every mistake between the parts of a document. `misshapen` are the places already known as mistaken."""
    mistaken = set(misshapen)
    found = [*_id_mistakes(document), *_name_mistakes(document)]
    for check in (_reference_mistakes, vote_mistakes, part_mistakes, party_mistakes, override_mistakes):
        found += [mistake for mistake in check(document) if mistake.path not in mistaken]
        mistaken |= {mistake.path for mistake in found}
    return [*found, *_rule_mistakes(document, mistaken)]


def _id_mistakes(document: Mapping[str, object]) -> Iterator[Mistake]:
    """Ids that are not `[a-z0-9_]+`, and ids used twice where they must be unique."""
    seats = [(path, word, "seat") for path, word in places(document, "seats.*.id") if isinstance(word, str)]
    for ids in (_shared_ids(document), seats):
        taken: dict[str, str] = {}
        for path, word, kind in ids:
            if fault := _id_fault(word, kind, taken.get(word)):
                yield Mistake(path, fault)
            taken.setdefault(word, kind)


def _shared_ids(document: Mapping[str, object]) -> Iterator[tuple[Path, str, str]]:
    """The ids of the one namespace: where each stands, the id, and its kind."""
    for table, kind in KINDS.items():
        for path, _ in places(document, f"{table}.*"):
            yield path, str(path[-1]), kind


def _id_fault(word: str, kind: str, taken_by: str | None) -> str | None:
    if not re.fullmatch(r"[a-z0-9_]+", word):
        return f"{shown(word)} is not an id; write small letters a-z, digits and _ only"
    if taken_by:
        return f'"{word}" is the id of {_a(taken_by)} already; choose another, such as "{word}_{kind}"'
    return None


def _name_mistakes(document: Mapping[str, object]) -> Iterator[Mistake]:
    """Names that are missing or not fit to be shown, and two of a thing that begin on the same day."""
    for path, names in (found for place in NAMES for found in places(document, place)):
        if names == []:
            yield Mistake(path, "there is no name; write one")
        days: list[object] = []
        for inner, name in places(names, "*"):
            if isinstance(name, dict):
                yield from (Mistake(path + inner, fault) for fault in _name_faults(name, days))
                days.append(name.get("since"))


def _name_faults(name: Mapping[str, object], earlier_days: list[object]) -> Iterator[str]:
    if name.get("since") in earlier_days:
        yield "another name begins on the same day; give this one its own since"
    for code, language in _LANGUAGES.items():
        if isinstance(text := name.get(code), str) and (fault := _text_fault(text)):
            yield f"the name in {language} {fault}"


def _text_fault(text: str) -> str | None:
    if not text.strip():
        return "is empty; write it"
    if len(text) > LONGEST_NAME:
        return f"has {len(text)} characters; at most {LONGEST_NAME}, shorten it"
    unfit = next((char for char in text if unicodedata.category(char) in _UNFIT), None)
    return f"holds the unprintable character U+{ord(unfit):04X}; leave it out" if unfit else None


def _reference_mistakes(document: Mapping[str, object]) -> Iterator[Mistake]:
    """Ids that name nothing, or something else than is needed there."""
    known = _known(document)
    for place, kinds, as_key in REFERENCES:
        for path, value in places(document, place):
            word = path[-1] if as_key else value
            if isinstance(word, str) and not known.get(word, set()) & set(kinds):
                yield Mistake(path, _reference_fault(word, kinds, known))


def _known(document: Mapping[str, object]) -> dict[str, set[str]]:
    """Every id and the kinds it is of; a municipality is an organisation too."""
    known = {EVERYONE: {EVERYONE}}
    for _, word, kind in _shared_ids(document):
        known.setdefault(word, set()).add(kind)
    for path, kind_of in places(document, "organisations.*.kind"):
        if kind_of == "municipality":
            known[str(path[-2])].add("municipality")
    return known


def _reference_fault(word: str, kinds: tuple[str, ...], known: Mapping[str, set[str]]) -> str:
    needed = [kind for kind in kinds if kind != EVERYONE]
    if other := known.get(word, set()) & set(KINDS.values()):
        is_, wanted = " and ".join(map(_a, sorted(other))), " or ".join(map(_a, needed))
        return f"{shown(word)} is {is_}; name {wanted} here"
    candidates = [name for name, own in known.items() if own & set(needed)]
    hint = nearest(word, candidates) or "; correct it or add it"
    return f"no {' or '.join(needed)} has the id {shown(word)}{hint}"


def _a(kind: str) -> str:
    return f"{'an' if kind[0] == 'o' else 'a'} {kind}"


def _rule_mistakes(document: Mapping[str, object], mistaken: set[Path]) -> Iterator[Mistake]:
    for rule in RULES:
        for path, table in places(document, rule.place):
            if isinstance(table, dict) and not _touches(mistaken, path, rule.keys):
                yield from _broken(rule, table, path)


def _touches(mistaken: set[Path], path: Path, keys: tuple[str, ...]) -> bool:
    """Whether a mistake stands in one of these keys of the table at a path, or below."""
    depth = len(path)
    return any(wrong[:depth] == path and set(wrong[depth : depth + 1]) & set(keys) for wrong in mistaken)


def _broken(rule: Rule, table: Mapping[str, object], path: Path) -> Iterator[Mistake]:
    values = [table.get(key, _default(rule.kind, key)) for key in rule.keys]
    if msgspec.NODEFAULT not in values and not rule.holds(*values):
        stated = next((key for key in rule.keys if key in table), rule.keys[0])
        yield Mistake((*path, stated), rule.otherwise.format(*values))


def _default(kind: type[msgspec.Struct] | None, key: str) -> object:
    """What a key means where it is left out; NODEFAULT where it may not be."""
    if kind is None:
        return msgspec.NODEFAULT
    field = next(field for field in msgspec.structs.fields(kind) if field.name == key)
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
