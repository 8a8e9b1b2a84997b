"""Checking SSH signatures with `ssh-keygen`: the one effect of signed approvals.

It is the program that a stranger would check with too, so what we accept, they can; none of its cryptography is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.errors import ConfigurationError
from engine.statement import Signature

_SECONDS = 20
"""More than any check takes; a program that hangs must not hold the log's lock for ever."""


@dataclass(frozen=True, slots=True)
class SshKeygen:
    """`ssh-keygen` of OpenSSH 8.9 or newer, found by its name on this machine. An `engine.ports.SignatureChecker`."""

    program: str = "ssh-keygen"

    def accepts(self, signature: Signature, signers: str, who: str, namespace: str, on: date) -> bool:
        """Whether the signature over its statement holds for `who` among the signers, in a namespace on a local date.

        Raises `ConfigurationError` where the program is missing or does not come to an end.
        """
        from tempfile import TemporaryDirectory

        with TemporaryDirectory(prefix="politirad-") as folder:
            allowed, signed = Path(folder, "allowed_signers"), Path(folder, "statement.sig")
            allowed.write_text(signers, encoding="utf-8")
            signed.write_text(str(signature.blob), encoding="utf-8")
            asked = ("-f", str(allowed), "-I", who, "-n", namespace, "-s", str(signed))
            return self._runs(("-Y", "verify", *asked, "-O", noon(on)), str(signature.statement))

    def _runs(self, arguments: Sequence[str], text: str) -> bool:
        """Whether the program, given a text to read, ends well."""
        import subprocess

        try:
            ran = subprocess.run(  # noqa: S603  # our own arguments, no shell
                (self.program, *arguments), input=text.encode(), capture_output=True, check=False, timeout=_SECONDS
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ConfigurationError(
                f"{self.program} cannot be used here, so no signature can be checked. Install OpenSSH, 8.9 or newer."
            ) from error
        return ran.returncode == 0


def noon(day: date) -> str:
    """The moment a signature is checked for: the middle of a local date, so that its first and last seconds count."""
    return f"verify-time={day:%Y%m%d}1200"
