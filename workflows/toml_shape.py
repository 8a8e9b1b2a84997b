"""Whether a TOML document has the shape of a type: every place where it has not, with what to write instead.

msgspec stops at the first mistake and cannot name the key of a mapping; who writes a council's file wants to
see all mistakes at once, each at its key. So this walks the document beside `msgspec.inspect`'s description
of the very type it will be converted to. What passes here converts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from typing import NamedTuple

from msgspec import inspect

from engine.register import Named
from workflows.toml_lines import Path
from workflows.toml_places import DEEPEST, KIND, KINDS

_LONGEST_SHOWN = 60
_LARGEST = 2**53 - 1
"""The largest number the log's JSON holds."""

_RULE = f'a rule: a table with its {KIND}, such as {{ {KIND} = "office", office = … }}'
_NAME = "a name: text, { nb = …, nn = …, en = … }, or a list of such tables with since = a date"
_PLAIN: Mapping[type[inspect.Type], tuple[type, str]] = {
    inspect.BoolType: (bool, "true or false"),
    inspect.DateType: (date, "a date without quotes, such as 2019-01-31"),
    inspect.DictType: (dict, "a table"),
    inspect.IntType: (int, "a whole number"),
    inspect.StrType: (str, "text in quotes"),
    inspect.StructType: (dict, "a table"),
    inspect.VarTupleType: (list, "a list in [ ]"),
}
"""What tomllib makes of each type, and what to call it."""


class Mistake(NamedTuple):
    """A place in a document, and what is wrong there and what to do."""

    path: Path
    text: str


def shape_mistakes(value: object, kind: inspect.Type, path: Path = ()) -> Iterator[Mistake]:
    """Every place at or below a path where a value is not of a type."""
    match kind:
        case inspect.UnionType() if variants := _variants(kind):
            yield from _variant_mistakes(value, variants, path)
        case inspect.UnionType():
            yield from shape_mistakes(value, _stated(kind), path)
        case inspect.StructType() if isinstance(value, dict):
            yield from _table_mistakes(value, kind, path)
        case inspect.DictType() if isinstance(value, dict):
            for key, item in value.items():
                yield from shape_mistakes(key, kind.key_type, (*path, key))
                yield from shape_mistakes(item, kind.value_type, (*path, key))
        case inspect.VarTupleType() if isinstance(value, list):
            yield from _list_mistakes(value, kind, path)
        case _ if not _fits(value, kind):
            yield Mistake(path, f"write {described(kind)}, not {shown(value)}")


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean "x"?` for a word close to a known one, else nothing."""
    close = get_close_matches(word, list(known), n=1)
    return f'; did you mean "{close[0]}"?' if close else ""


def described(kind: inspect.Type) -> str:
    """What a person is to write where this type stands."""
    match kind:
        case inspect.Metadata(extra_json_schema={"description": str(description)}):
            return description
        case inspect.StructType() | inspect.VarTupleType(item_type=inspect.StructType()) if _is_name(kind):
            return _NAME
        case inspect.IntType(ge=int(least), le=int(most)):
            return f"a whole number from {least} to {most}"
        case inspect.LiteralType(values=values):
            return f"one of {', '.join(map(shown, values))}"
        case inspect.UnionType():
            return _RULE if _variants(kind) else described(_stated(kind))
        case _:
            return _PLAIN[type(kind)][1]


def shown(value: object) -> str:
    """A value as TOML writes it: cut short, unprintable characters escaped."""
    match value:
        case dict() | list():
            return "a table" if isinstance(value, dict) else "a list"
        case str():
            text = json.dumps(value, ensure_ascii=not value.isprintable())
        case int() if abs(value) > _LARGEST:
            return "a number beyond 2^53"
        case _:
            text = str(value).lower()
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _is_name(kind: inspect.StructType | inspect.VarTupleType) -> bool:
    struct = kind.item_type if isinstance(kind, inspect.VarTupleType) else kind
    return isinstance(struct, inspect.StructType) and struct.cls is Named


def _stated(kind: inspect.UnionType) -> inspect.Type:
    """The type of `T | None` as a file can state it: TOML has no null, so None is the key left out."""
    return next(inner for inner in kind.types if not isinstance(inner, inspect.NoneType))


def _variants(kind: inspect.UnionType) -> dict[str, inspect.StructType]:
    """The tables a type may be, by the word under `kind` that tells which; none where it is not such a type."""
    structs = [inner for inner in kind.types if isinstance(inner, inspect.StructType) and inner.tag_field == KIND]
    return {struct.tag: struct for struct in structs if isinstance(struct.tag, str) and struct.tag in KINDS}


def _variant_mistakes(value: object, variants: Mapping[str, inspect.StructType], path: Path) -> Iterator[Mistake]:
    """What is wrong with a rule: first its kind, and by that its keys."""
    if not isinstance(value, dict):
        yield Mistake(path, f"write {_RULE}, not {shown(value)}")
    elif len(path) > DEEPEST:
        yield Mistake(path, "rules are nested too deeply here; write them flatter")
    elif KIND not in value:
        yield Mistake(path, f'"{KIND}" is missing; add it (one of {", ".join(variants)})')
    elif not isinstance(tag := value[KIND], str) or tag not in variants:
        hint = (nearest(tag, variants) if isinstance(tag, str) else "") or f"; the kinds are {', '.join(variants)}"
        yield Mistake((*path, KIND), f"{shown(tag)} is no kind of rule{hint}")
    else:
        own = {name: item for name, item in value.items() if name != KIND}
        yield from _table_mistakes(own, variants[tag], path, f" in a rule of the kind {shown(tag)}")


def _table_mistakes(
    table: Mapping[str, object], kind: inspect.StructType, path: Path, where: str = ""
) -> Iterator[Mistake]:
    fields = {field.encode_name: field for field in kind.fields}
    for name, field in fields.items():
        if name in table:
            yield from shape_mistakes(table[name], field.type, (*path, name))
        elif field.required:
            yield Mistake(path, f'"{name}" is missing; add it ({described(field.type)})')
    for name in table.keys() - fields.keys():
        hint = nearest(name, fields) or f"; the keys here are {', '.join(fields)}"
        yield Mistake((*path, name), f"nothing reads this key{where}{hint}")


def _list_mistakes(items: list[object], kind: inspect.VarTupleType, path: Path) -> Iterator[Mistake]:
    for index, item in enumerate(items):
        yield from shape_mistakes(item, kind.item_type, (*path, index))
        if not isinstance(item, dict) and item in items[:index]:
            yield Mistake((*path, index), f"{shown(item)} stands twice in this list; remove one")


def _fits(value: object, kind: inspect.Type) -> bool:
    """Whether a plain value is of a type."""
    match kind:
        case inspect.Metadata():
            return _fits(value, kind.type)
        case inspect.LiteralType(values=values):
            return value in values
    if type(value) is not _PLAIN[type(kind)][0]:  # exactly: true is no number, a time no date
        return False
    match kind, value:
        case inspect.StrType(pattern=str(pattern)), str():
            return re.search(pattern, value) is not None
        case inspect.IntType(ge=least, le=most), int():
            return (-_LARGEST if least is None else least) <= value <= (_LARGEST if most is None else most)
    return True
