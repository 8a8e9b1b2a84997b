"""Ed25519 keys as C2SP signed notes name them, and the only importer of `cryptography`. Pure: no files, no clock.

    key id = SHA-256(name || 0x0A || type || public key)[:4]       type: 0x01 a log's, 0x04 a witness's (signed-note)
    vkey   = name+hex(key id)+base64(type || public key)           what the other party is given, one line

A private key is its seed, 32 random bytes (RFC 8032 §5.1.5); PEM (PKCS #8, RFC 8410) is only how a file holds it, so
that `openssl` can read it too. The library is imported where a key is used, because it takes 30 ms to load and most
commands use none.
"""

from __future__ import annotations

import base64
from binascii import Error as Base64Error
from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256
from typing import TYPE_CHECKING

from engine.errors import ConfigurationError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ID_SIZE = 4
"""Bytes in a key id: enough to find a key, never to trust one."""
KEY_SIZE = 32
"""Bytes in a public key, and in a seed."""


class Kind(IntEnum):
    """What a key signs: the type byte of signed-note."""

    LOG = 0x01
    """The text of a note, as the log that issues it."""
    WITNESS = 0x04
    """The time and the text, as the other party that saw it (tlog-cosignature)."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key with its name: `str()` is its vkey. Raises `ConfigurationError` for a name that no note can hold."""

    name: str
    kind: Kind
    public: bytes

    def __post_init__(self) -> None:
        if not is_name(self.name):
            raise ConfigurationError(
                f"{self.name[:60]!r} cannot name a key: write it like example.org/council, without spaces and '+'."
            )

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that stand before each signature by this key."""
        return sha256(self.name.encode() + b"\n" + self._typed()).digest()[:ID_SIZE]

    def accepts(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature over the message is by this key (RFC 8032 §5.1.7): never, of other than 64 bytes."""
        from cryptography.exceptions import InvalidSignature

        try:
            _public(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def pem(self) -> str:
        """The public key as `openssl` reads it."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        return _public(self.public).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64_of(self._typed())}"

    def _typed(self) -> bytes:
        return bytes((self.kind,)) + self.public


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with its name. The seed is never printed."""

    name: str
    kind: Kind
    seed: bytes = field(repr=False)

    def verifier(self) -> Verifier:
        """Its public half. Raises `ConfigurationError` for a name that no note can hold."""
        return Verifier(self.name, self.kind, _private(self.seed).public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """The signature over a message, 64 bytes (RFC 8032 §5.1.6): the same each time."""
        return _private(self.seed).sign(message)


def verifier_of(vkey: str) -> Verifier:
    """The public key in a vkey. Raises `ConfigurationError`, saying what is wrong with the line."""
    line = vkey.removesuffix("\n")
    name, _, rest = line.partition("+")
    key_id, _, material = rest.partition("+")  # base64 may hold a '+' too
    try:
        typed = bytes_of(material)
    except ValueError as error:
        raise _bad_vkey(line, f"its last part is {error}") from error
    if typed[:1] not in {bytes((kind,)) for kind in Kind}:
        raise _bad_vkey(line, f"key type 0x{typed[:1].hex() or '??'} is unknown; known are 0x01 (log), 0x04 (witness)")
    if len(typed) != 1 + KEY_SIZE:
        raise _bad_vkey(line, f"its key has {len(typed) - 1} bytes and not {KEY_SIZE}")
    found = Verifier(name, Kind(typed[0]), typed[1:])
    if key_id != found.key_id.hex():
        raise _bad_vkey(line, "its name and key do not give its key id")
    return found


def pem_of(seed: bytes) -> str:
    """The private key as a file holds it: PKCS #8, not encrypted."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return _private(seed).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def seed_of(pem: str) -> bytes:
    """The seed in a PEM text. Raises `ValueError`, in words that follow the name of a file."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except TypeError as error:
        raise ValueError("holds a key with a passphrase, which nobody can type at night") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError("holds no private key in PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("holds a key that is not Ed25519")  # noqa: TRY004  # the text is wrong, not its type
    return key.private_bytes_raw()


def openssh_of(seed: bytes) -> tuple[str, str]:
    """A private key as a file of `ssh-keygen` holds it, and the line of its public half. The seed has 32 bytes."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    key = _private(seed)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    return private.decode(), key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def is_name(name: str) -> bool:
    """Whether a note can hold this name of a key: not empty, no spaces of Unicode, no '+' (signed-note, "Format").

    Stricter than the format in one thing: what a terminal does not print, or obeys, is refused too.
    """
    return bool(name) and "+" not in name and name.isprintable() and not any(map(str.isspace, name))


def base64_of(data: bytes) -> str:
    """Base64 of RFC 4648 §4."""
    return base64.b64encode(data).decode()


def bytes_of(text: str) -> bytes:
    """The bytes in base64 of RFC 4648 §4; of the texts that decode alike only the canonical one is taken.

    Raises ValueError, in words that follow "is".
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (Base64Error, ValueError) as error:
        raise ValueError("not base64") from error
    if base64_of(data) != text:
        raise ValueError("not canonical base64")
    return data


def _bad_vkey(line: str, why: str) -> ConfigurationError:
    return ConfigurationError(f"{line[:60]!r} is no public key (name+key id+base64): {why}. Copy the whole line again.")


def _private(seed: bytes) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(seed)


def _public(public: bytes) -> Ed25519PublicKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    return Ed25519PublicKey.from_public_bytes(public)
