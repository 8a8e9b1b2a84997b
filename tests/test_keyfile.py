"""The file of a private key: made once, for one pair of eyes, and refused when others could have looked."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from engine import keyfile
from engine.errors import ConfigurationError
from engine.key import Kind, Signer

SEED = bytes(range(32))
on_posix = pytest.mark.skipif(os.name != "posix", reason="only POSIX has modes of files")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.key"


def pem(
    key: ed25519.Ed25519PrivateKey | x25519.X25519PrivateKey, encryption: KeySerializationEncryption | None = None
) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())


def test_a_key_comes_back_from_its_file(path: Path) -> None:
    keyfile.create(path, SEED)
    assert keyfile.read(path) == SEED
    assert path.read_text().startswith("-----BEGIN PRIVATE KEY-----")


@on_posix
@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_only_its_owner_can_read_it_whatever_the_umask(path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        keyfile.create(path, SEED)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_is_never_overwritten(path: Path) -> None:
    keyfile.create(path, SEED)
    with pytest.raises(ConfigurationError, match="exists already"):
        keyfile.create(path, bytes(32))
    assert keyfile.read(path) == SEED


@on_posix
def test_a_key_is_not_written_through_a_link(path: Path, tmp_path: Path) -> None:
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigurationError, match="exists already"):
        keyfile.create(path, SEED)
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_is_not_there_is_named(path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"cannot be created: No such file or directory\."):
        keyfile.create(path / "below", SEED)


def test_half_a_key_is_not_left_behind(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigurationError, match="No space left on device"):
        keyfile.create(path, SEED)
    assert not path.exists()


@on_posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o601, 0o666])
def test_a_key_that_others_may_have_read_is_refused(path: Path, mode: int) -> None:
    keyfile.create(path, SEED)
    path.chmod(mode)
    with pytest.raises(ConfigurationError, match=rf"open to others \(mode 0{mode:o}\).*chmod 600"):
        keyfile.read(path)


@on_posix
def test_a_key_may_be_read_only_to_its_owner(path: Path) -> None:
    keyfile.create(path, SEED)
    path.chmod(0o400)
    assert keyfile.read(path) == SEED


WRONG = {
    "nothing": (b"", "holds no private key in PEM"),
    "a piece of a key": (pem(ed25519.Ed25519PrivateKey.from_private_bytes(SEED))[:-40], "holds no private key in PEM"),
    "a public key": (Signer("a", Kind.LOG, SEED).verifier().pem().encode(), "holds no private key in PEM"),
    "a key of another kind": (pem(x25519.X25519PrivateKey.from_private_bytes(SEED)), "is not Ed25519"),
    "a key with a passphrase": (
        pem(ed25519.Ed25519PrivateKey.from_private_bytes(SEED), BestAvailableEncryption(b"x")),
        "with a passphrase",
    ),
    "bytes": (b"\xff\xfe", "holds no text"),
    "a huge file": (b"a" * 1_000_000, "holds no private key in PEM"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_file_that_holds_no_key_of_ours_is_refused_in_one_line(path: Path, what: str) -> None:
    content, why = WRONG[what]
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(ConfigurationError, match=why) as refusal:
        keyfile.read(path)
    assert "\n" not in str(refusal.value)
    assert "keys new" in str(refusal.value)


def test_a_file_that_is_not_there_is_named(path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"log\.key cannot be read: No such file"):
        keyfile.read(path)


def test_a_folder_is_no_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        keyfile.read(tmp_path)
