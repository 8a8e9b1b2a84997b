"""The keys of the log and of the other party: how they are named, handed over, and refused."""

from __future__ import annotations

import base64
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ConfigurationError
from engine.key import Kind, Signer, Verifier, bytes_of, is_name, pem_of, seed_of, verifier_of

PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
"""The example of Go's package golang.org/x/mod/sumdb/note, with the seed of its private key."""
PETER_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]

LOG = Signer("politirad.example/sor", Kind.LOG, bytes(range(32)))
WITNESS = Signer("politiet.example/vitne", Kind.WITNESS, bytes(32))
OPENSSL = shutil.which("openssl")


def vkey(name: str, typed: bytes) -> str:
    key_id = sha256(name.encode() + b"\n" + typed).digest()[:4]
    return f"{name}+{key_id.hex()}+{base64.b64encode(typed).decode()}"


def test_the_example_of_go_comes_out_the_same_from_its_seed() -> None:
    assert str(Signer("PeterNeumann", Kind.LOG, PETER_SEED).verifier()) == PETER
    assert str(verifier_of(PETER)) == PETER


@pytest.mark.parametrize("signer", [LOG, WITNESS], ids=["log", "witness"])
def test_a_public_key_comes_back_from_its_line(signer: Signer) -> None:
    assert verifier_of(f"{signer.verifier()}\n") == signer.verifier()


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=100))
def test_what_a_key_signs_its_public_half_accepts_and_no_other_does(seed: bytes, message: bytes) -> None:
    signer = Signer("a", Kind.LOG, seed)
    assert signer.verifier().accepts(message, signer.sign(message))
    assert not signer.verifier().accepts(message + b"x", signer.sign(message))
    assert not LOG.verifier().accepts(message, signer.sign(message))


def test_the_same_key_has_another_id_as_a_witness_and_under_another_name() -> None:
    others = [Signer(LOG.name, Kind.WITNESS, LOG.seed), Signer("other", Kind.LOG, LOG.seed)]
    assert LOG.verifier().key_id not in [other.verifier().key_id for other in others]


def test_a_private_key_is_not_printed() -> None:
    assert "seed" not in repr(LOG)


GOOD = bytes((1, *LOG.verifier().public))
WRONG = {
    "nothing": ("", "not base64|key type"),
    "a piece of it": (PETER[:-1], "base64"),
    "another letter in the name": (PETER.replace("Peter", "Petra"), "do not give its key id"),
    "another key id": (PETER.replace("c74f20a3", "c74f20a4"), "do not give its key id"),
    "capitals in the key id": (PETER.replace("c74f20a3", "C74F20A3"), "do not give its key id"),
    "no base64": (PETER.replace("ARpc", "AR*c"), "not base64"),
    "ECDSA": (vkey("a", b"\x02" + GOOD[1:]), "key type 0x02 is unknown"),
    "a type to come": (vkey("a", b"\x06" + GOOD[1:]), "key type 0x06 is unknown"),
    "a key that is too long": (vkey("a", GOOD + b"x"), "33 bytes and not 32"),
    "a key that is too short": (vkey("a", GOOD[:-1]), "31 bytes and not 32"),
    "no name": (vkey("", GOOD), "cannot name a key"),
    "a name with a space": (vkey("a b", GOOD), "cannot name a key"),
    "two lines": (f"{PETER}\n{PETER}", "base64"),
    "a huge file": ("a" * 1_000_000, "Copy the whole line"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_line_that_is_no_public_key_is_refused_in_one_line(what: str) -> None:
    line, why = WRONG[what]
    with pytest.raises(ConfigurationError, match=why) as refusal:
        verifier_of(line)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 250


def test_no_bit_of_a_public_key_can_be_changed() -> None:
    line = PETER.encode()
    for bit in range(8 * len(line)):
        changed = (int.from_bytes(line, "big") ^ 1 << bit).to_bytes(len(line), "big")
        with pytest.raises(ConfigurationError):
            verifier_of(changed.decode("latin-1"))


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\u2003b", "a\nb", "a\u202eb", "a\x1b[31m"])
def test_a_name_that_no_note_can_hold_names_no_key(name: str) -> None:
    assert not is_name(name)
    with pytest.raises(ConfigurationError, match="cannot name a key"):
        Verifier(name, Kind.LOG, GOOD[1:])


def test_a_name_may_have_norwegian_letters() -> None:
    assert is_name("politiråd.example/trøndelag-sør")


@pytest.mark.parametrize("text", ["QQ", "QQ=", "QR==", "QQ==\n", " QQ==", "Q_==", "QQ===", "æøå="])
def test_base64_has_one_way_of_being_written(text: str) -> None:
    assert bytes_of("QQ==") == b"A"
    with pytest.raises(ValueError, match="base64"):
        bytes_of(text)


def test_a_private_key_comes_back_from_its_text() -> None:
    assert seed_of(pem_of(LOG.seed)) == LOG.seed


@pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
def test_openssl_reads_both_halves(tmp_path: Path) -> None:
    private = tmp_path / "log.key"
    private.write_text(pem_of(LOG.seed))
    command = [str(OPENSSL), "pkey", "-in", str(private), "-pubout"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == LOG.verifier().pem()
