"""Asking the stranger (stranger.py) about an export, in tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

STRANGER = Path(__file__).with_name("stranger.py")


def stranger(folder: Path) -> tuple[int, str]:
    """What the stranger says, started apart from us (-I: no path of ours, no environment)."""
    command = [sys.executable, "-I", str(STRANGER), str(folder)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout + ran.stderr
