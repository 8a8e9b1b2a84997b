"""The demo as the installed command plays it, and what can be asked of the record it leaves, in tests."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

Event: TypeAlias = "dict[str, Any]"

INSTALLED = Path(sys.executable).with_name("politirad")
FOLDER = "politirad-demo"


@dataclass(frozen=True, slots=True)
class Told:
    """A demo that was played: where it lies, and what it printed."""

    home: Path
    transcript: str

    @property
    def database(self) -> Path:
        """Its database."""
        return self.home / FOLDER / "politirad.db"

    def json(self, *words: str) -> Any:  # noqa: ANN401  # whatever the command answers
        """What a reading command answers there."""
        return json.loads(run(self.home / FOLDER, *words, "--json").stdout)

    def events(self) -> list[Event]:
        """The bodies of the log, and nothing else, in order; with each its leaf."""
        with closing(sqlite3.connect(self.database)) as link, link:
            rows = link.execute("SELECT body, leaf FROM event ORDER BY pos").fetchall()
        return [{**json.loads(body), "leaf": leaf.hex()} for body, leaf in rows]


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command in a folder."""
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"}
    return subprocess.run([INSTALLED, *words], cwd=folder, env=env, capture_output=True, text=True, check=False)


def tell(home: Path, *options: str) -> Told:
    """Play the demo into a new folder."""
    played = run(home, "demo", *options)
    assert (played.returncode, played.stderr) == (0, "")
    return Told(home, played.stdout)
