"""Public keys on the command line: a vkey as it is, or the file that holds one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.key import Verifier

PUBLIC = ".vkey"
"""Where a public key lies: beside the private one, in FILE.vkey."""
_LARGEST = 2_000


def verifier(vkey: str) -> Verifier:
    """The key in a vkey, or in the file of that name. Raises `ConfigurationError`, `UsageError`."""
    from engine.disk import at_once
    from engine.key import verifier_of

    file = Path(vkey)
    if not vkey.endswith(PUBLIC):
        return verifier_of(vkey)
    try:
        with open(file, encoding="utf-8", opener=at_once) as lines:
            return verifier_of(lines.read(_LARGEST).strip())
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{vkey} cannot be read as a public key. Name the {PUBLIC} file beside the key.") from error


def beside(file: Path) -> Path:
    """Where the public half of a private key's file lies."""
    return file.with_name(file.name + PUBLIC)
