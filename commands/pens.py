"""The keys that the persons of a demo sign with, so that its record holds an act that `ssh-keygen` can check.

For the demo alone: a real key is made by whoever signs with it, and never leaves them. These are the same in every
run, as everything in the demo is.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.disk import private_text
from engine.errors import ConfigurationError
from engine.key import openssh_of

TRIAL = "trial@politirad.example"
"""A namespace, and a person, that nobody signs anything real for."""

PROGRAM, SECONDS = "ssh-keygen", 20
"""What signs, and more than any signature takes."""


@dataclass(frozen=True, slots=True)
class Pens:
    """A key for each person who signs, in a folder that is there."""

    folder: Path

    def new(self, handle: str) -> Path:
        """Make a person's key; the file of its public half."""
        private, public = openssh_of(sha256(handle.encode()).digest())
        pen = self._pen(handle)
        private_text(pen, private)
        pen.with_suffix(".pub").write_text(f"{public}\n", encoding="utf-8")
        return pen.with_suffix(".pub")

    def sign(self, handle: str, file: Path, namespace: str) -> str:
        """Sign a file for a namespace with a person's key; the signature's file. Raises `ConfigurationError`."""
        signature = Path(f"{file}.sig")
        signature.unlink(missing_ok=True)  # ssh-keygen would ask whether to write over it
        if not _runs("-q", "-Y", "sign", "-f", str(self._pen(handle)), "-n", namespace, str(file)):
            raise ConfigurationError(f"ssh-keygen did not sign {file}.")
        return str(signature)

    def _pen(self, handle: str) -> Path:
        return self.folder / handle


def can_sign() -> bool:
    """Whether this machine has an `ssh-keygen` that signs and checks: 8.9 or newer, run by a user that it knows."""
    with TemporaryDirectory(prefix="politirad-") as folder:
        pens, text, signers = Pens(Path(folder)), Path(folder, "text"), Path(folder, "allowed_signers")
        signers.write_text(f"{TRIAL} {pens.new('trial').read_text(encoding='utf-8')}", encoding="utf-8")
        text.write_text("trial", encoding="utf-8")
        try:
            signature = pens.sign("trial", text, TRIAL)
        except ConfigurationError:
            return False
        asked = ("-f", str(signers), "-I", TRIAL, "-n", TRIAL, "-s", signature, "-O", "verify-time=201904111200")
        return _runs("-Y", "verify", *asked, text="trial")


def _runs(*arguments: str, text: str = "") -> bool:
    """Whether `ssh-keygen` is there and ends well."""
    try:
        ran = subprocess.run(  # noqa: S603  # our own arguments, no shell
            (PROGRAM, *arguments), input=text.encode(), capture_output=True, check=False, timeout=SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ran.returncode == 0
