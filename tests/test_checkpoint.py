"""Checkpoints: a text of three lines, believed only when the log it names has signed it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.checkpoint import Checkpoint, attested, checkpoint_of
from engine.key import Kind, Signer, base64_of
from engine.merkle import EMPTY
from engine.note import Note, NoteError, Signature, cosign, sign

ORIGIN = "politirad.example/sor"
LOG = Signer(ORIGIN, Kind.LOG, bytes(range(32)))
NEXT = Signer(ORIGIN, Kind.LOG, bytes(range(3, 35)))
"""The key after a rotation."""
WITNESS = Signer("politiet.example/vitne", Kind.WITNESS, bytes(range(1, 33)))
NAMESAKE = Signer(ORIGIN, Kind.WITNESS, bytes(range(4, 36)))
OTHER = Signer("annet.example/rad", Kind.LOG, bytes(range(2, 34)))
ROOT = bytes(range(32))
TEXT = str(Checkpoint(ORIGIN, 1000, ROOT))
B64 = base64_of(ROOT)
AT = 1_700_000_000


def test_a_checkpoint_is_three_lines() -> None:
    assert f"politirad.example/sor\n1000\n{B64}\n" == TEXT


def test_the_example_of_tlog_checkpoint_is_read() -> None:
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    checkpoint = checkpoint_of(text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert str(checkpoint) == text


def test_an_empty_log_has_a_checkpoint_too() -> None:
    assert checkpoint_of(f"a\n0\n{base64_of(EMPTY)}\n") == Checkpoint("a", 0, EMPTY)


@given(st.integers(0, 10**19 - 1), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_comes_back_from_its_text(size: int, root: bytes) -> None:
    checkpoint = Checkpoint("politiråd.example/sør", size, root)
    assert checkpoint_of(str(checkpoint)) == checkpoint


WRONG = {
    "nothing": ("", "exactly three lines"),
    "two lines": ("a\n1\n", "exactly three lines"),
    "no last newline": (f"a\n1\n{B64}", "exactly three lines"),
    "an extension": (f"a\n1\n{B64}\nmore\n", "exactly three lines"),
    "an extension without its end": (f"a\n1\n{B64}\nmore", "exactly three lines"),
    "a blank line more": (f"a\n1\n{B64}\n\n", "exactly three lines"),
    "no origin": (f"\n1\n{B64}\n", "cannot name a log"),
    "an origin with a space": (f"a b\n1\n{B64}\n", "cannot name a log"),
    "a leading zero": (f"a\n01\n{B64}\n", "no whole number"),
    "a sign": (f"a\n+1\n{B64}\n", "no whole number"),
    "a negative size": (f"a\n-1\n{B64}\n", "no whole number"),
    "underscores": (f"a\n1_000\n{B64}\n", "no whole number"),
    "space around": (f"a\n 1\n{B64}\n", "no whole number"),
    "digits of another script": (f"a\n\u0661\n{B64}\n", "no whole number"),
    "an endless number": (f"a\n{'1' * 5000}\n{B64}\n", "no whole number"),
    "no base64": ("a\n1\n?\n", "is not base64"),
    "a short root": (f"a\n1\n{base64_of(ROOT[:-1])}\n", "31 bytes and not 32"),
    "a long root": (f"a\n1\n{base64_of(ROOT + ROOT)}\n", "64 bytes and not 32"),
    "another ending of base64": (f"a\n1\n{B64[:-2]}9=\n", "not canonical base64"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_text_that_is_no_checkpoint_is_refused_in_one_line(what: str) -> None:
    text, why = WRONG[what]
    with pytest.raises(NoteError, match=why) as refusal:
        checkpoint_of(text)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 250


def test_the_log_vouches_for_it_and_the_witnesses_do() -> None:
    note = Note(TEXT, (sign(TEXT, LOG), cosign(TEXT, WITNESS, AT)))
    found = attested(note, [WITNESS.verifier(), LOG.verifier()])
    assert found.checkpoint == Checkpoint(ORIGIN, 1000, ROOT)
    assert [one.key for one in found.log] == [LOG.verifier()]
    assert [(one.key, one.at) for one in found.witnesses] == [(WITNESS.verifier(), AT)]


def test_at_a_rotation_both_keys_sign_and_either_is_enough() -> None:
    note = Note(TEXT, (sign(TEXT, LOG), sign(TEXT, NEXT)))
    assert len(attested(note, [LOG.verifier(), NEXT.verifier()]).log) == 2
    assert attested(note, [LOG.verifier()]).log + attested(note, [NEXT.verifier()]).log == (
        attested(note, [LOG.verifier(), NEXT.verifier()]).log
    )


@pytest.mark.parametrize(
    "signature",
    [cosign(TEXT, WITNESS, AT), cosign(TEXT, NAMESAKE, AT), sign(TEXT, OTHER)],
    ids=["a witness", "a witness of its name", "another log"],
)
def test_nobody_but_its_own_log_can_issue_a_checkpoint(signature: Signature) -> None:
    note = Note(TEXT, (signature,))
    with pytest.raises(NoteError, match=r"No known key of politirad\.example/sor itself"):
        attested(note, [LOG.verifier(), OTHER.verifier(), WITNESS.verifier(), NAMESAKE.verifier()])


def test_a_signed_text_that_is_no_checkpoint_is_refused() -> None:
    text = "hello\n"
    with pytest.raises(NoteError, match="exactly three lines"):
        attested(Note(text, (sign(text, LOG),)), [LOG.verifier()])
