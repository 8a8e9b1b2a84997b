"""Keys and signatures of OpenSSH as bytes: what `ssh-keygen` writes is read back, and anything else is refused."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from engine.key import base64_of
from engine.ssh_wire import BEGIN, END, KINDS, MAGIC, public_key_of, signature_blob_of
from tests.signing import Pen, needs_ssh_keygen, ssh_keygen


def string(content: bytes) -> bytes:
    """Bytes with their length before them."""
    return struct.pack(">I", len(content)) + content


def armored(blob: bytes) -> str:
    """A signature's bytes as a file holds them."""
    return f"{BEGIN}\n{base64_of(blob)}\n{END}\n"


ED25519 = string(b"ssh-ed25519") + string(bytes(32))


@needs_ssh_keygen
@pytest.mark.parametrize("kind", ["ed25519", "ecdsa"])
def test_a_key_is_called_what_ssh_keygen_calls_it(tmp_path: Path, kind: str) -> None:
    pen = Pen.new(tmp_path, "pen", kind)
    assert pen.fingerprint == ssh_keygen("-l", "-f", pen.public).stdout.split()[1]
    assert str(public_key_of(pen.public.read_text())) == " ".join(pen.public.read_text().split()[:2])


@needs_ssh_keygen
def test_a_signature_names_its_key_and_namespace_and_is_written_back_byte_for_byte(tmp_path: Path) -> None:
    pen, file = Pen.new(tmp_path, "pen"), tmp_path / "statement"
    file.write_text("{}")
    written = Path(pen.signs(str(file), "politirad@x/y")).read_text()
    blob = signature_blob_of(written)
    assert (blob.key.fingerprint, blob.namespace, str(blob)) == (pen.fingerprint, "politirad@x/y", written)


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_is_made_of_just_so_many_strings(kind: str) -> None:
    blob = string(kind.encode()) + string(b"x") * (KINDS[kind] - 1)
    assert public_key_of(f"{kind} {base64_of(blob)} somebody@laptop\n").kind == kind
    with pytest.raises(ValueError, match="no public key that is taken"):
        public_key_of(f"{kind} {base64_of(blob + string(b'x'))}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no public key of SSH"),
        ("ssh-ed25519", "holds no public key of SSH"),
        (f"ssh-ed25519 {base64_of(ED25519)}\nssh-ed25519 {base64_of(ED25519)}\n", "holds no public key of SSH"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n", "holds a private key"),
        ("ssh-ed25519 AAA=A", "not base64"),
        (f"ssh-ed25519 {base64_of(ED25519[:-1])}", "cut short"),
        (f"ssh-rsa {base64_of(string(b'ssh-rsa') + string(b'x') * 2)}", "kind 'ssh-rsa'"),
        (f"ecdsa-sha2-nistp256 {base64_of(ED25519)}", "says ecdsa-sha2-nistp256, and its key is ssh-ed25519"),
    ],
)
def test_what_is_no_public_key_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        public_key_of(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no SSH signature"),
        (f"{BEGIN}\n", "holds no SSH signature"),
        (f"{BEGIN}\n{BEGIN}\n", "holds no SSH signature"),
        (f"{BEGIN}\nAAAA\n{END}\n", "another format"),
        (f"{BEGIN}\n%%%%\n{END}\n", "not base64"),
        (armored(MAGIC), "cut short"),
        (armored(MAGIC + string(ED25519) + string(b"politirad@x")), "cut short"),
        (armored(MAGIC + string(ED25519) + string(b"\xff") + string(b"") * 3), "utf-8"),
        (armored(MAGIC + string(b"") + string(b"x") + string(b"") * 3), "kind ''"),
    ],
)
def test_what_is_no_signature_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        signature_blob_of(text)
