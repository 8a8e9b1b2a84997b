"""Signed notes: those that others wrote, those that others check, and every one that was changed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from engine.errors import ConfigurationError, PolitiradError
from engine.key import Kind, Signer, Verifier, base64_of, verifier_of
from engine.note import DASH, LARGEST, Note, NoteError, Signature, Signed, cosign, note_of, sign, signature_of, signers

PETER = Signer(
    "PeterNeumann", Kind.LOG, bytes.fromhex("810a1402d5146c8d84f2443330f54080ebf98ee17d9c74f6252fc5d5c7283173")
)
PETERS_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETERS_NOTE = (
    f"{PETERS_TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotp"
    "RZb6KE6RyyBwJnAM=\n"
)
"""The example of Go's package golang.org/x/mod/sumdb/note."""

LOG = Signer("politirad.example/sor", Kind.LOG, bytes(range(32)))
WITNESS = Signer("politiet.example/vitne", Kind.WITNESS, bytes(range(1, 33)))
STRANGER = Signer("fremmed.example", Kind.LOG, bytes(range(2, 34)))
TEXT = "politirad.example/sor\n1000\n4IF1CidEfHjMt5IqEfGZr4p5nQHXNsc7KX1sujD8pzM=\n"
AT = 1_679_315_147
NOTE = Note(TEXT, (sign(TEXT, LOG), cosign(TEXT, WITNESS, AT)))
OPENSSL = shutil.which("openssl")
with_openssl = pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")


def changed(data: bytes, bit: int) -> bytes:
    return (int.from_bytes(data, "big") ^ 1 << bit).to_bytes(len(data), "big")


def openssl_accepts(folder: Path, key: Verifier, message: bytes, signature: bytes) -> bool:
    """What `openssl` alone says, which shares no code with us."""
    for name, content in (("pem", key.pem().encode()), ("text", message), ("sig", signature)):
        (folder / name).write_bytes(content)
    command = ["pkeyutl", "-verify", "-pubin", "-inkey", "pem", "-rawin", "-in", "text", "-sigfile", "sig"]
    return subprocess.run([str(OPENSSL), *command], cwd=folder, capture_output=True, check=False).returncode == 0


def test_the_note_of_go_verifies() -> None:
    key = verifier_of("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    note = note_of(PETERS_NOTE)
    assert note.text == PETERS_TEXT
    assert signers(note, [key]) == (Signed(key, None),)


def test_the_note_of_go_is_written_the_same_to_the_byte() -> None:
    assert str(Note(PETERS_TEXT, (sign(PETERS_TEXT, PETER),))) == PETERS_NOTE


def test_the_time_stands_where_the_example_of_tlog_cosignature_has_it() -> None:
    line = (
        "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nN"
        "o0xUe+mbIUBkBIfZ+qnA=="
    )
    example, ours = signature_of(line), cosign(TEXT, WITNESS, AT)
    assert example.value[:8] == ours.value[:8] == AT.to_bytes(8, "big")
    assert len(example.value) == len(ours.value) == 72
    assert str(example) == line


@with_openssl
def test_openssl_accepts_the_signature_of_the_log(tmp_path: Path) -> None:
    value = note_of(str(NOTE)).signatures[0].value
    assert openssl_accepts(tmp_path, LOG.verifier(), TEXT.encode(), value)
    assert not openssl_accepts(tmp_path, LOG.verifier(), TEXT.replace("1000", "1001").encode(), value)


@with_openssl
def test_openssl_accepts_the_cosignature_with_its_time(tmp_path: Path) -> None:
    value = note_of(str(NOTE)).signatures[1].value
    message = f"cosignature/v1\ntime {AT}\n{TEXT}".encode()
    assert openssl_accepts(tmp_path, WITNESS.verifier(), message, value[8:])
    assert not openssl_accepts(tmp_path, WITNESS.verifier(), TEXT.encode(), value[8:])


def test_a_note_comes_back_from_its_text() -> None:
    assert note_of(str(NOTE)) == note_of(str(NOTE).encode()) == NOTE


def test_a_text_may_have_blank_lines_of_its_own() -> None:
    text = "Ognuno sta solo sul cuor della terra\n\ned è subito sera.\n"
    assert note_of(str(Note(text, (sign(text, LOG),)))).text == text


def test_who_signed_is_told_and_of_a_witness_when() -> None:
    keys = [WITNESS.verifier(), LOG.verifier()]
    assert signers(NOTE, keys) == (Signed(LOG.verifier(), None), Signed(WITNESS.verifier(), AT))


def test_an_unknown_signature_is_kept_and_proves_nothing() -> None:
    note = note_of(str(NOTE.add(sign(TEXT, STRANGER), Signature("siden.example", b"ffff", b"of a kind to come"))))
    assert [line.name for line in note.signatures[2:]] == ["fremmed.example", "siden.example"]
    assert signers(note, [LOG.verifier()]) == (Signed(LOG.verifier(), None),)


def test_a_signature_that_is_there_already_is_not_added_again() -> None:
    assert NOTE.add(cosign(TEXT, WITNESS, AT)) == NOTE


def test_a_witness_may_cosign_twice_at_different_times() -> None:
    times = [signed.at for signed in signers(NOTE.add(cosign(TEXT, WITNESS, AT + 1)), [WITNESS.verifier()])]
    assert times == [AT, AT + 1]


def test_a_note_without_a_known_signature_proves_nothing_and_says_whose_it_is() -> None:
    with pytest.raises(NoteError, match=r"signed by politirad\.example/sor, .*known keys are of fremmed\.example"):
        signers(NOTE, [STRANGER.verifier()])
    with pytest.raises(NoteError, match="known keys are of nobody"):
        signers(NOTE, [])


def test_a_key_of_the_same_name_is_not_the_same_key() -> None:
    with pytest.raises(NoteError, match="None of the known keys"):
        signers(NOTE, [Signer(LOG.name, Kind.LOG, STRANGER.seed).verifier()])


def test_a_forged_signature_of_a_known_key_spoils_the_whole_note() -> None:
    forged = Signature(WITNESS.name, WITNESS.verifier().key_id, bytes(72))
    with pytest.raises(NoteError, match=r"signature of politiet\.example/vitne does not fit"):
        signers(NOTE.add(forged), [LOG.verifier(), WITNESS.verifier()])


@pytest.mark.parametrize("value", [b"x", bytes(7), bytes(63), bytes(65), bytes(71), bytes(73), b"\xff" * 72])
@pytest.mark.parametrize("signer", [LOG, WITNESS], ids=["log", "witness"])
def test_a_signature_of_another_length_or_time_is_refused(signer: Signer, value: bytes) -> None:
    with pytest.raises(NoteError, match="does not fit"):
        signers(Note(TEXT, (Signature(signer.name, signer.verifier().key_id, value),)), [signer.verifier()])


def test_a_time_beyond_63_bits_is_refused_even_where_it_was_signed() -> None:
    late = 2**63
    value = late.to_bytes(8, "big") + WITNESS.sign(f"cosignature/v1\ntime {late}\n{TEXT}".encode())
    line = Signature(WITNESS.name, WITNESS.verifier().key_id, value)
    with pytest.raises(NoteError, match="does not fit"):
        signers(Note(TEXT, (line,)), [WITNESS.verifier()])


def test_a_signature_of_the_log_does_not_pass_for_a_cosignature() -> None:
    both = Signer(LOG.name, Kind.WITNESS, LOG.seed).verifier()
    line = Signature(both.name, both.key_id, AT.to_bytes(8, "big") + sign(TEXT, LOG).value)
    with pytest.raises(NoteError, match="does not fit"):
        signers(Note(TEXT, (line,)), [both])


def test_two_keys_that_cannot_be_told_apart_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Verifier, "key_id", b"same")
    with pytest.raises(ConfigurationError, match="the same key id"):
        signers(NOTE, [Verifier("a", Kind.LOG, bytes(32)), Verifier("a", Kind.LOG, bytes(range(32)))])


def test_a_log_signs_and_a_witness_cosigns() -> None:
    with pytest.raises(ValueError, match="a witness cosigns"):
        sign(TEXT, WITNESS)
    with pytest.raises(ValueError, match="only a witness cosigns"):
        cosign(TEXT, LOG, AT)
    with pytest.raises(ValueError, match="63 bits"):
        cosign(TEXT, WITNESS, 2**63)


LINE = str(sign(TEXT, LOG))
WRONG: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", "no blank line"),
    "only the text": (TEXT, "no blank line"),
    "no signatures": (f"{TEXT}\n", "cut short"),
    "half a line": (f"{TEXT}\n{LINE[:-9]}", "cut short"),
    "no last newline": (f"{TEXT}\n{LINE}", "cut short"),
    "no text": (f"\n\n{LINE}\n", "text of the note is empty"),
    "a hyphen for the dash": (f"{TEXT}\n-{LINE[1:]}\n", "not '— name base64'"),
    "no name": (f"{TEXT}\n{DASH} {base64_of(bytes(68))}\n", "name is empty"),
    "a plus in the name": (f"{TEXT}\n{DASH}a+b {base64_of(bytes(68))}\n", "a character that no name has"),
    "a name with a space": (f"{TEXT}\n{DASH}a b {base64_of(bytes(68))}\n", "not base64"),
    "no signature after the name": (f"{TEXT}\n{DASH}a\n", "not '— name base64'"),
    "bad base64": (f"{TEXT}\n{DASH}a AAAA*AAA\n", "not base64"),
    "base64 without padding": (f"{TEXT}\n{LINE.rstrip('=')}\n", "not base64"),
    "base64 with another ending": (f"{TEXT}\n{DASH}a AAAAAAB=\n", "not canonical base64"),
    "a key id alone": (f"{TEXT}\n{DASH}a AAAAAA==\n", "ends after the key id"),
    "a line twice": (f"{TEXT}\n{LINE}\n{LINE}\n", "stands there twice"),
    "a remark among the signatures": (f"{TEXT}\n{LINE}\nhello\n", "not '— name base64'"),
    "the ends of lines of Windows": (str(NOTE).replace("\n", "\r\n"), "no blank line"),
    "a carriage return in the text": (f"a\r\n\n{LINE}\n", "control characters"),
    "an escape in the text": (f"a\x1b[2J\n\n{LINE}\n", "control characters"),
    "another encoding": (str(NOTE).encode("utf-16"), "not UTF-8 at byte 0"),
    "too many signatures": (f"{TEXT}\n" + "".join(f"{DASH}a{n} AAAAAAA=\n" for n in range(101)), "101 signatures"),
    "a huge file": (b"\n" * (LARGEST + 1), "some other file"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_malformed_note_is_refused_in_one_line(what: str) -> None:
    raw, why = WRONG[what]
    with pytest.raises(NoteError, match=why) as refusal:
        note_of(raw)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 250


def test_a_hundred_signatures_are_read() -> None:
    assert len(note_of(f"{TEXT}\n" + "".join(f"{DASH}a{n} AAAAAAA=\n" for n in range(100))).signatures) == 100


@pytest.mark.parametrize("line", [sign(TEXT, LOG), cosign(TEXT, WITNESS, AT)], ids=["log", "witness"])
def test_no_bit_of_a_note_can_be_changed(line: Signature) -> None:
    keys, raw = [LOG.verifier(), WITNESS.verifier()], str(Note(TEXT, (line,))).encode()
    for bit in range(8 * len(raw)):
        with pytest.raises(PolitiradError):
            signers(note_of(changed(raw, bit)), keys)
