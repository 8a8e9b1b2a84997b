"""The bytes of an event, their leaf hash, and the chain of a case. Pure; fixed from the first commit.

    body = JSON in the restricted profile of RFC 8785 (audit.md §1): keys `[a-z0-9_]+`, integers below 2^53, no
           floats, no lone surrogates; keys sorted, no white space, UTF-8
    leaf = SHA-256(0x00 || body)
    prev = hex(leaf of event n-1 of the case), or 64 zeros

We store the bytes and hash the bytes; canonical form is only a check of well-formedness. `position` is not in
the bytes, so the log could be numbered by a sequencer later without changing the format.

An event carries everything that was computed when it was decided (states, changed facts, due dates): whoever
projects it consults no table, no profile and no calendar.

A million of them are verified by a typed parser: that what it read is written again as the very same bytes shows that
no key stood twice and that the form was canonical. Where something is wrong, a second, slower road says what.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import msgspec

from engine.errors import BytesChangedError

if TYPE_CHECKING:
    Json: TypeAlias = "bool | int | str | list[Json] | tuple[Json, ...] | Mapping[str, Json] | None"
    Facts: TypeAlias = Mapping[str, Json]
else:  # the parser knows no type that contains itself
    Json, Facts = Any, dict[str, Any]

FIRST = "0" * 64
"""`prev` of the first event of a case."""

TOO_DEEP = "it is nested too deeply to be an event"
"""Why bytes that no reader can follow are no event."""

FORMAT = 1
_KEY = re.compile(r"[a-z0-9_]+\Z")
_LARGEST = 2**53 - 1
_KNOWN: set[str] = set()
"""Keys found good before; bounded, because a log that is verified may hold any."""
_MOST_KNOWN = 4096
_ALWAYS_IN_PROFILE = frozenset({str, bool, type(None)})
"""The types of values that can neither be outside the profile nor hold anything."""


class Actor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who acted: a person (None for the clock), in which office, and how the identity was established.

    `via`: `declared` (a configured person), or `clock`, `auto`, `effect` where no person acted.
    """

    person: str | None
    office: str | None
    via: str


class Event(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="v", tag=FORMAT, rename={"decider": "for"}
):
    """One entry of the log. `at` is a UTC instant in whole seconds, `on` a local date or None (unknown).

    `decider` (in the bytes: `for`) is the office, body or party that decided; `actor` registered it.
    `decision` names a recorded decision and its point; `cause` is the leaf of the event that led to this one;
    `key` is `{id, command}`, the idempotency key and the hash of the command it answered; `profile` is the leaf of
    the rules in force for the case; `workflow` is `name/version`.
    """

    type: str
    case: str
    n: int
    prev: str
    at: str
    actor: Actor
    decider: str | None
    on: str | None
    ref: str | None
    decision: Facts | None
    cause: str | None
    key: Facts | None
    profile: str | None
    workflow: str
    data: Facts


def encode(event: Event) -> str:
    """The body of an event. Raises ValueError where a value is outside the restricted profile."""
    _check([event.n, event.decision, event.key, event.data])
    return _encode(event).decode()


def decode(body: str | bytes) -> Event:
    """The event in a body. Raises `BytesChangedError` where the bytes are not an event of ours."""
    try:
        event = _decode(body)
        if _encode(event) == _bytes_of(body):
            _check([event.n, event.decision, event.key, event.data])
            return event
    except (ValueError, RecursionError):
        pass  # the other road says why
    raise BytesChangedError(_what_is_wrong(body))


def read(body: str) -> Event:
    """The event in a body that this process has just read from its own log; trusts the form, as views do."""
    return _decode(body)


def canonical(document: Json) -> str:
    """JSON in the restricted profile. Raises ValueError outside it."""
    _check([document])
    return _encode_document(document).decode()


def leaf_of(body: str) -> bytes:
    """The RFC 6962 leaf hash of a body, 32 bytes."""
    return hashlib.sha256(b"\x00" + body.encode()).digest()


def commitment_of(salt: bytes, text: str | bytes) -> str:
    """What an event says of an erasable text (or its UTF-8): hex SHA-256 over a 16-byte salt and the text."""
    return hashlib.sha256(salt + (text if isinstance(text, bytes) else text.encode())).hexdigest()


def _refuse_float(text: str) -> NoReturn:
    raise ValueError(f"{text} is a float, outside the profile")


_decode = msgspec.json.Decoder(Event, float_hook=_refuse_float).decode
_encode = msgspec.json.Encoder(order="sorted").encode
_encode_document = msgspec.json.Encoder(order="deterministic").encode


def _what_is_wrong(body: str | bytes) -> str:
    """Why bytes are no event, by the slower road."""
    try:
        document = json.loads(body, object_pairs_hook=_without_duplicates)
        msgspec.convert(_as_written(document, body), Event)
    except RecursionError:
        return TOO_DEEP
    except UnicodeDecodeError as error:
        return f"it is not UTF-8 at byte {error.start}"
    except (ValueError, KeyError, TypeError) as error:
        return f"not a well-formed event: {error}"
    return "not a well-formed event"


def _bytes_of(body: str | bytes) -> bytes:
    return body if isinstance(body, bytes) else body.encode()


def _as_written(document: dict[str, Json], body: str | bytes) -> dict[str, Json]:
    if canonical(document).encode() != _bytes_of(body):
        raise ValueError("the bytes are not in canonical form")
    return document


def _check(pending: list[Json]) -> None:
    """Refuse what is outside the restricted profile, in values and all they hold, which are put behind them.

    A loop, not a recursion, because every step pays for it; so it asks for no abstract class, which costs ten times as
    much as a type, and for types by a tuple: a union would be made anew for each value.
    """
    for value in pending:
        if isinstance(value, dict):
            _check_keys(value)
            pending += [inner for inner in value.values() if type(inner) not in _ALWAYS_IN_PROFILE]
        elif isinstance(value, (list, tuple)):
            pending += [inner for inner in value if type(inner) not in _ALWAYS_IN_PROFILE]
        elif isinstance(value, int):
            _check_integer(value)
        elif value is not None and not isinstance(value, str):
            raise ValueError(f"{type(value).__name__} is outside the profile")


def _check_keys(document: Mapping[str, Json]) -> None:
    if not _KNOWN.issuperset(document):
        for key in document.keys() - _KNOWN:
            if not _KEY.match(key):
                raise ValueError(f"key {key!r} is outside [a-z0-9_]+")
            if len(_KNOWN) < _MOST_KNOWN:
                _KNOWN.add(key)


def _check_integer(value: int) -> None:
    if not -_LARGEST <= value <= _LARGEST:
        raise ValueError(f"integer {value} is beyond 2^53")


def _without_duplicates(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a key stands twice")
    return document
