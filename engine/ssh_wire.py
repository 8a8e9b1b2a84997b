"""Public keys and signatures as OpenSSH writes them (RFC 4253 §6.6, PROTOCOL.sshsig): read, never believed. Pure.

What is read here tells people which key a signature names. Whether it holds, only `ssh-keygen` says.

    public key  = kind SP base64(strings) [SP comment]          the first string is the kind again
    signature   = "SSHSIG" || uint32 1 || public key || namespace || reserved || hash || signature, in base64 lines
    string      = uint32 length || bytes
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from textwrap import wrap

from engine.key import base64_of, bytes_of

KINDS = {
    "ssh-ed25519": 2,
    "sk-ssh-ed25519@openssh.com": 3,
    "ecdsa-sha2-nistp256": 3,
    "sk-ecdsa-sha2-nistp256@openssh.com": 4,
}
"""The kinds of keys that are taken, and of how many strings each is made: one strength each, on file or in hardware."""

BEGIN, END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
MAGIC = b"SSHSIG\x00\x00\x00\x01"
_COLUMNS = 70
_LENGTH = 4


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key. `str()` is its line without the comment, which may name a person."""

    kind: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """What OpenSSH calls the key: `SHA256:` and the hash in base64 without padding."""
        return f"SHA256:{base64_of(sha256(self.blob).digest()).rstrip('=')}"

    def __str__(self) -> str:
        return f"{self.kind} {base64_of(self.blob)}"


@dataclass(frozen=True, slots=True)
class SignatureBlob:
    """A signature: the key and the namespace it names, and its bytes. `str()` is how ssh-keygen writes it."""

    key: PublicKey
    namespace: str
    blob: bytes

    def __str__(self) -> str:
        return "".join(f"{line}\n" for line in (BEGIN, *wrap(base64_of(self.blob), _COLUMNS), END))


def public_key_of(text: str) -> PublicKey:
    """The key in the one line of a `.pub` file. Raises ValueError, in words that follow the name of the file."""
    if "PRIVATE KEY" in text:
        raise ValueError("holds a private key, which nobody else may have; name the file that ends in .pub")
    lines = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if len(lines) != 1 or len(lines[0]) < 2:  # noqa: PLR2004  # the kind and the key
        raise ValueError("holds no public key of SSH; name the file that ends in .pub, as ssh-keygen wrote it")
    kind, material = lines[0][:2]
    try:
        key = _public_key(bytes_of(material))
    except ValueError as error:
        raise ValueError(f"holds no public key that is taken ({error}); taken are {', '.join(KINDS)}") from error
    if key.kind != kind:
        raise ValueError(f"says {kind}, and its key is {key.kind}; copy the file again")
    return key


def signature_blob_of(text: str) -> SignatureBlob:
    """The signature in a `.sig` file. Raises ValueError, in words that follow the name of the file."""
    lines = [line.strip() for line in text.strip().splitlines()]
    if len(lines) < 2 or (lines[0], lines[-1]) != (BEGIN, END):  # noqa: PLR2004  # the first and the last
        raise ValueError("holds no SSH signature; name the file that `ssh-keygen -Y sign` wrote")
    try:
        return _signature_blob(bytes_of("".join(lines[1:-1])))
    except ValueError as error:
        raise ValueError(f"holds no SSH signature that is taken ({error}); sign the statement again") from error


def _signature_blob(blob: bytes) -> SignatureBlob:
    if not blob.startswith(MAGIC):
        raise ValueError("it is of another format")
    strings = tuple(strings_of(blob[len(MAGIC) :]))
    if len(strings) != 5:  # noqa: PLR2004  # key, namespace, reserved, hash, signature
        raise ValueError("it was cut short")
    return SignatureBlob(_public_key(strings[0]), strings[1].decode(), blob)


def _public_key(blob: bytes) -> PublicKey:
    strings = tuple(strings_of(blob))
    kind = strings[0].decode() if strings else ""
    if len(strings) != KINDS.get(kind):
        raise ValueError(f"a key of the kind {kind[:40]!r}")
    return PublicKey(kind, blob)


def strings_of(blob: bytes) -> Iterator[bytes]:
    """The strings that follow each other in bytes. Raises ValueError where one is cut short."""
    while blob:
        end = _LENGTH + int.from_bytes(blob[:_LENGTH])
        if len(blob) < end:
            raise ValueError("it was cut short")
        yield blob[_LENGTH:end]
        blob = blob[end:]
