"""The council as data: `council.toml` read, checked whole, and turned into the register, seats and rules.

    [council]                       origin, names, language, secretariat, leader, body, closed_days
    [organisations.melhus]          names, kind, language
    [offices.ordforer_melhus]       organisation, titles
    [bodies.regionrad]              names, leader, secretary, members, organisation, rule, quorum, tie,
                                    veto, counts
    [parties.regionen]              organisation, decides, signs, secretary
    [[seats]]                       id, names, filled_by, minimum, maximum, permanent
    [registers_for]                 office = the ids it may register decisions for, or "*" for everyone
    [profile]                       the rules: see `profile.py`

Organisations, offices, bodies and parties share one namespace of ids. A name (`names`, `titles`) is text,
which is then bokmål; or a table by language; or a list of such, each with `since`, because titles age.

The file names no persons: who holds which office is recorded by commands, as events. A body's leader need not
be among its members: he is one through another office of his (a mayor who also leads the regional council).
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from engine.errors import ConfigurationError
from engine.register import Body, Id, Language, Named, Office, Organisation, Party, Register, Seat
from workflows.council_check import relation_mistakes
from workflows.council_rules import NAMES
from workflows.profile import Profile
from workflows.toml_lines import Path, lines_of
from workflows.toml_places import places
from workflows.toml_shape import Mistake, shape_mistakes


class CouncilError(ConfigurationError):
    """A council's file has mistakes: one line each, `file:line: key: what is wrong, what to do`."""


class Council(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A council as its file describes it. `origin` names its log; `seats` are those of a first proposal."""

    origin: str
    names: tuple[Named, ...]
    language: Language
    register: Register
    seats: tuple[Seat, ...]
    profile: Profile


class _Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `[council]`."""

    origin: Annotated[
        str,
        Meta(
            pattern=r"^(?=.{3,200}\Z)[a-z0-9][a-z0-9.-]*(/[a-z0-9][a-z0-9._-]*)+\Z",
            description='the name of its log in quotes, such as "politirad.example/trondelag-sor"',
        ),
    ]
    names: tuple[Named, ...]
    secretariat: Id
    leader: Id
    body: Id
    language: Language = "nb"
    closed_days: tuple[date, ...] = ()


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file, once names are lists."""

    council: _Head
    organisations: Mapping[Id, Organisation]
    offices: Mapping[Id, Office]
    bodies: Mapping[Id, Body]
    parties: Mapping[Id, Party]
    seats: tuple[Seat, ...]
    registers_for: Mapping[Id, tuple[Id, ...]] = {}
    profile: Profile = Profile()


_SHAPE = msgspec.inspect.type_info(_Document)


def load_council(text: str, source: str, rules: Mapping[str, object] | None = None) -> Council:
    """The council in a TOML text. `source` is what to call the text in messages, a file name.

    `rules` go before those of the text's `[profile]`. Raises `CouncilError` with every mistake, in the order of the
    lines. List items are counted from 1 there.
    """
    text = text.removeprefix("\ufeff")  # some editors on Windows begin a file with it
    document = _normalised(_parsed(text, source))
    if rules and isinstance(profile := document.setdefault("profile", {}), dict):
        profile.update(rules)
    if mistakes := _mistakes(document):
        raise CouncilError(*_worded(mistakes, lines_of(text), source))
    return _assembled(msgspec.convert(document, _Document))


def _parsed(text: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CouncilError(_syntax(str(error), text, source)) from None
    except RecursionError:
        fault = "its lists are nested too deeply; write them flat"
    except ValueError:  # Python's own limit, which tomllib does not turn into an error of its own
        fault = "a number has thousands of digits; write one of a few"
    raise CouncilError(f"{source}:1: the file: {fault}")


def _syntax(message: str, text: str, source: str) -> str:
    """A parser's message with its place moved to the front."""
    place = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)\Z", message)
    line = (place and place[1]) or (text.count("\n") + 1 if place else 1)
    what = message[: place.start()] if place else message
    twice = "; the key stands twice, remove one" if "overwrite" in what or "twice" in what else ""
    return f"{source}:{line}: not TOML: {what}{twice}"


def _normalised(document: dict[str, Any]) -> dict[str, Any]:
    """The freshly parsed document with the shorthands for names and `registers_for` written out, in place."""
    for place in NAMES:
        owner, _, key = place.rpartition(".")
        for _, table in places(document, owner):
            if isinstance(table, dict) and key in table:
                table[key] = _names(table[key])
    registers = document.get("registers_for")
    if isinstance(registers, dict):
        registers.update({office: [one] for office, one in registers.items() if isinstance(one, str)})
    return document


def _names(value: object) -> object:
    """Names as a list of tables; what is neither text, table nor list stays, and is a mistake."""
    if not isinstance(value, str | dict | list):
        return value
    items = value if isinstance(value, list) else [value]
    return [{"nb": item} if isinstance(item, str) else item for item in items]


def _mistakes(document: Mapping[str, Any]) -> list[Mistake]:
    misshapen = list(shape_mistakes(document, _SHAPE))
    return misshapen + relation_mistakes(document, [mistake.path for mistake in misshapen])


def _worded(mistakes: list[Mistake], lines: Mapping[Path, int], source: str) -> list[str]:
    """One line per mistake, each at the deepest place that stands in the file, sorted by line."""
    placed = [(_nearest_place(mistake.path, lines), mistake.text) for mistake in mistakes]
    ordered = sorted(placed, key=lambda item: lines[item[0]])
    return [f"{source}:{lines[path]}: {_dotted(path) or 'the file'}: {text}" for path, text in ordered]


def _nearest_place(path: Path, lines: Mapping[Path, int]) -> Path:
    while path not in lines:
        path = path[:-1]
    return path


def _dotted(path: Path) -> str:
    """A path as a person writes it: `bodies.regionrad.members[2]` is the second member."""
    words = [f"[{key + 1}]" if isinstance(key, int) else f".{_key(key)}" for key in path]
    return "".join(words).removeprefix(".")


def _key(key: str) -> str:
    bare = re.fullmatch(r"[A-Za-z0-9_-]+", key)
    return key if bare else json.dumps(key, ensure_ascii=not key.isprintable())


def _assembled(document: _Document) -> Council:
    head = document.council
    register = Register(
        organisations=document.organisations,
        offices=document.offices,
        bodies=document.bodies,
        parties=document.parties,
        secretariat=head.secretariat,
        leader=head.leader,
        council=head.body,
        registers_for=document.registers_for,
        closed_days=head.closed_days,
    )
    return Council(head.origin, head.names, head.language, register, document.seats, document.profile)
