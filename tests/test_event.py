"""The bytes of an event: canonical, hashed as they are, and refused where they are ambiguous."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import BytesChangedError
from engine.event import FIRST, Actor, Event, canonical, commitment_of, decode, encode, leaf_of, read

VECTORS = Path(__file__).parents[2] / "shared" / "vectors" / "rfc8785"

EVENT = Event(
    type="agreement.approved", case="A-1", n=2, prev=FIRST, at="2019-02-14T09:30:00Z",
    actor=Actor("p_1", "politimester", "declared"), decider="politiet", on="2019-02-14", ref="2018/42 æøå",
    decision={"id": "D-1", "leaf": "ab", "point": 1}, cause=None, key={"id": "k", "command": "c"}, profile="ff",
    workflow="agreement/1", data={"step": "approve", "facts": {"title": "Avtale"}, "due": [], "n": 0},
)  # fmt: skip

KEYS = st.from_regex(r"[a-z0-9_]+\Z", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
    max_leaves=30,
)


@given(st.dictionaries(KEYS, VALUES))
def test_canonical_form_is_that_of_rfc_8785(document: dict[str, object]) -> None:
    assert canonical(document).encode() == rfc8785.dumps(document)  # type: ignore[arg-type]  # JSON by construction


@pytest.mark.skipif(not VECTORS.exists(), reason="the conformance vectors stand beside the project, in ../shared")
@pytest.mark.parametrize("name", ["french", "structures", "unicode", "weird", "arrays", "values"])
def test_the_official_vectors_come_out_the_same_or_are_outside_our_profile(name: str) -> None:
    document = json.loads((VECTORS / "input" / f"{name}.json").read_text())
    expected = (VECTORS / "output" / f"{name}.json").read_text()
    try:
        written = canonical(document)
    except ValueError as error:
        assert "outside" in str(error)  # noqa: PT017  # both outcomes are right; only a wrong text is not
    else:
        assert written == expected.rstrip("\n")


def test_an_event_comes_back_from_its_bytes() -> None:
    assert decode(encode(EVENT)) == EVENT == read(encode(EVENT))


def test_the_leaf_is_the_rfc_6962_hash_of_the_bytes() -> None:
    body = encode(EVENT)
    assert leaf_of(body) == hashlib.sha256(b"\x00" + body.encode()).digest()


def test_a_commitment_hides_the_text_behind_its_salt() -> None:
    assert commitment_of(b"0" * 16, "inhabil") != commitment_of(b"1" * 16, "inhabil")


@pytest.mark.parametrize(
    "value", [1.5, float("nan"), 2**53, {"Upper": 1}, {"a-b": 1}, {"": 1}, b"bytes"], ids=lambda v: repr(v)[:20]
)
def test_a_value_outside_the_profile_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"outside|beyond"):
        canonical({"data": value})  # type: ignore[dict-item]  # what a careless caller could pass


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogate"):
        canonical({"text": "\ud800"})


BODY = encode(EVENT)
CHANGED = {
    "white space": BODY.replace('":"', '": "', 1),
    "another order of keys": json.dumps(dict(reversed(json.loads(BODY).items())), separators=(",", ":")),
    "a key twice": BODY.replace('"n":2', '"n":2,"n":2'),
    "an escaped letter": BODY.replace("æ", "\\u00e6"),
    "a float": BODY.replace('"n":2', '"n":2.0'),
    "an unknown field": BODY.replace('"n":2', '"n":2,"nb":1'),
    "a missing field": BODY.replace('"n":2,', ""),
    "another format": BODY.replace('"v":1', '"v":2'),
    "no JSON at all": BODY[:-1],
}


@pytest.mark.parametrize("change", CHANGED)
def test_ambiguous_bytes_are_not_an_event(change: str) -> None:
    with pytest.raises(BytesChangedError):
        decode(CHANGED[change])


PUT = ['"', "a", "A", "1", "1.0", "1e5", "9" * 16, ",", ":", " ", "}", "\\u0061", "-", "null", "true", "[]", '"n":2,']


@settings(max_examples=1000, deadline=None)
@given(st.integers(0, len(BODY) - 1), st.sampled_from(PUT), st.booleans())
def test_bytes_are_an_event_exactly_where_another_reader_finds_nothing_wrong(at: int, put: str, over: bool) -> None:  # noqa: FBT001  # drawn, not called
    changed = BODY[:at] + put + BODY[at + over :]
    try:
        decode(changed)
    except BytesChangedError:
        assert another_reader_objects(changed)
    else:
        assert not another_reader_objects(changed)


def another_reader_objects(body: str) -> bool:
    """Whether bytes are no event, by the standard library and by rfc8785 alone."""
    try:
        found = json.loads(body, object_pairs_hook=without_duplicates)
        same = rfc8785.dumps(found).decode() == body
    except ValueError:
        return True
    return not (same and in_profile(found) and fits(found))


def without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object whose keys all differ and are of the profile."""
    if len(dict(pairs)) != len(pairs) or not all(re.fullmatch("[a-z0-9_]+", key) for key, _ in pairs):
        raise ValueError("keys")
    return dict(pairs)


def in_profile(value: object) -> bool:
    """Whether no float, and no integer beyond 2^53, is anywhere in a value."""
    if isinstance(value, dict | list):
        return all(map(in_profile, value.values() if isinstance(value, dict) else value))
    return not isinstance(value, float) and (not isinstance(value, int) or abs(value) < 2**53)


def fits(found: object) -> bool:
    """Whether an object has the fields of an event, each of its type."""
    text, maybe, facts = (str,), (str, type(None)), (dict, type(None))
    types: dict[str, tuple[type, ...]] = {
        "v": (int,), "type": text, "case": text, "n": (int,), "prev": text, "at": text, "actor": (dict,), "for": maybe,
        "on": maybe, "ref": maybe, "decision": facts, "cause": maybe, "key": facts, "profile": maybe, "workflow": text,
        "data": (dict,),
    }  # fmt: skip
    if not isinstance(found, dict) or found.keys() != types.keys() or found["v"] != 1:
        return False
    actor = found["actor"]
    known = isinstance(actor, dict) and actor.keys() == {"person", "office", "via"} and isinstance(actor["via"], str)
    return (
        known
        and all(isinstance(actor[name], maybe) for name in ("person", "office"))
        and all(isinstance(found[name], wanted) and type(found[name]) is not bool for name, wanted in types.items())
    )


def test_bytes_nested_deeper_than_anybody_reads_are_not_an_event() -> None:
    with pytest.raises(BytesChangedError, match="nested too deeply"):
        decode("[" * 100_000 + "]" * 100_000)
